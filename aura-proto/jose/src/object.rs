//! What does a token or header say? One JSON object without duplicate names (RFC 7519 section 4, RFC 7515 section 4).

use crate::error::Refused;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// What no date of a provider reaches: the year 10000.
const LAST_DATE: f64 = 253_402_300_800.0;

/// A JSON object in which no name occurs twice.
#[derive(Clone, Debug, PartialEq)]
pub struct StrictObject(Map<String, Value>);

impl StrictObject {
    /// Reads exactly one JSON object in UTF-8, with nothing before or after it but white space.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        serde_json::from_slice(bytes).map_err(|_| Refused)
    }

    /// Reads the same, and tells what is no JSON at all from JSON that is no such object.
    pub fn parse_or<E>(bytes: &[u8], not_json: E, malformed: E) -> Result<Self, E> {
        Self::parse(bytes).map_err(|Refused| match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(IgnoredAny) => malformed,
            Err(_) => not_json,
        })
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns every member that nobody has taken.
    pub fn into_members(self) -> Map<String, Value> {
        self.0
    }

    /// Takes an optional text claim out. A claim of another type is an error, not a missing claim.
    pub fn take_text(&mut self, name: &str) -> Result<Option<String>, Refused> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(Refused),
        }
    }

    /// Takes an optional claim out that is one text or a list of texts, such as `aud` (RFC 7519 section 4.1.3).
    pub fn take_texts(&mut self, name: &str) -> Result<Vec<String>, Refused> {
        match self.0.remove(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(list @ Value::Array(_)) => serde_json::from_value(list).map_err(|_| Refused),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Err(Refused),
        }
    }

    /// Takes an optional `NumericDate` of a provider out, which may have a fraction (RFC 7519 section 2). It is cut off.
    pub fn take_numeric_date(&mut self, name: &str) -> Result<Option<u64>, Refused> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        let text = match value {
            Value::Number(number) => number,
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                return Err(Refused);
            }
        };
        if let Some(whole) = text.as_u64() {
            return Ok(Some(whole));
        }
        let cut = text.as_f64().filter(|date| (0.0..LAST_DATE).contains(date)).ok_or(Refused)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range above")]
        Ok(Some(cut as u64))
    }

    /// Takes an optional `NumericDate` out: whole seconds, not negative.
    pub fn take_seconds(&mut self, name: &str) -> Result<Option<u64>, Refused> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or(Refused),
        }
    }
}

impl From<Map<String, Value>> for StrictObject {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl<'de> Deserialize<'de> for StrictObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = StrictObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object without duplicate names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<StrictObject, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(de::Error::custom("duplicate name"));
                    }
                }
                Ok(StrictObject(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jo_16_17_duplicates_and_anything_but_one_object_are_refused() {
        for text in [
            r#"{"a":1,"a":1}"#,
            "[]",
            "null",
            "1",
            r#""a""#,
            "",
            "{",
            "{} {}",
            "{}x",
            "/* */{}",
            "\u{feff}{}",
        ] {
            assert_eq!(StrictObject::parse(text.as_bytes()), Err(Refused), "{text}");
        }
        assert_eq!(StrictObject::parse(b"{\"a\":\"\xff\"}"), Err(Refused));
        assert!(StrictObject::parse(br#" {"a":1} "#).is_ok());
    }

    #[test]
    fn jo_18_deep_nesting_is_refused_without_a_stack_overflow() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(StrictObject::parse(deep.as_bytes()), Err(Refused));
    }

    #[test]
    fn a_claim_of_the_wrong_type_is_not_a_missing_claim() {
        let parse = || {
            StrictObject::parse(br#"{"text":1,"date":"1","float":1.5,"negative":-1,"null":null}"#).unwrap()
        };
        assert_eq!(parse().take_text("text"), Err(Refused));
        assert_eq!(parse().take_text("none"), Ok(None));
        assert_eq!(parse().take_text("null"), Ok(None));
        for name in ["date", "float", "negative", "null"] {
            assert_eq!(parse().take_seconds(name), Err(Refused), "{name}");
        }
    }
}
