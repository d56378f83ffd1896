//! Members of a published key that are used, and no others, so that a key takes no more memory than its text.

use crate::jwk::PRIVATE;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// The members that are kept. Of private and symmetric parts it is kept that they are there.
const USED: [&str; 11] = ["kty", "crv", "alg", "use", "key_ops", "kid", "issuer", "n", "e", "x", "y"];
/// How many operations of a key are kept.
const MAX_OPERATIONS: usize = 16;

/// The used members of a JSON object; `None` for a value of another type.
pub(crate) struct UsedMembers(pub(crate) Option<Map<String, Value>>);

impl<'de> Deserialize<'de> for UsedMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Level::Key.deserialize(deserializer)? {
            Value::Object(members) => Some(members),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        }))
    }
}

/// The type of a value. A value of another type is `null`, which no member of a key may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// A key: an object.
    Key,
    /// A member of a key: a text, or a list.
    Member,
    /// An element of a list: a text.
    Operation,
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(if self == Self::Key { Value::Null } else { text.into() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut kept = Vec::new();
        while self == Self::Member && kept.len() < MAX_OPERATIONS {
            match access.next_element_seed(Self::Operation)? {
                Some(element) => kept.push(element),
                None => return Ok(kept.into()),
            }
        }
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(if self == Self::Member { kept.into() } else { Value::Null })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let name = name.as_str();
            if self == Self::Key && USED.contains(&name) {
                kept.insert(name.to_owned(), access.next_value_seed(Self::Member)?);
                continue;
            }
            access.next_value::<IgnoredAny>()?;
            if self == Self::Key && PRIVATE.contains(&name) {
                kept.insert(name.to_owned(), Value::Null);
            }
        }
        Ok(if self == Self::Key { kept.into() } else { Value::Null })
    }
}
