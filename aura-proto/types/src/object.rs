//! JSON objects without duplicate names, which claims and headers are (RFC 7519 section 4, RFC 7515 section 4).

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// The year 10000, in seconds since 1970: no date of a token reaches it.
const LAST_DATE: f64 = 253_402_300_800.0;

/// An input that is refused. It gives no cause, so that an attacker learns none.
///
/// ```
/// use aura_types::{Refused, StrictObject};
/// assert_eq!(StrictObject::parse(b"[]"), Err(Refused));
/// assert_eq!(Refused.to_string(), "the input is refused");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the input is refused")]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to say beyond its type")]
pub struct Refused;

/// A JSON object in which no name occurs twice (RFC 7519 section 4, RFC 8259 section 4). Nested objects are not checked.
///
/// Claims are taken out one by one, each with its type: a claim of another type is an error, never a missing claim.
///
/// ```
/// use aura_types::{Refused, StrictObject};
/// let mut claims = StrictObject::parse(br#"{"sub":"ada","exp":1790000000,"admin":false}"#)?;
/// assert_eq!(claims.take_text("sub")?.as_deref(), Some("ada"));
/// assert_eq!(claims.take_seconds("exp")?, Some(1_790_000_000));
/// assert_eq!(claims.take_text("admin"), Err(Refused));
///
/// assert_eq!(StrictObject::parse(br#"{"admin":false,"admin":true}"#), Err(Refused));
/// # Ok::<(), Refused>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct StrictObject(Map<String, Value>);

impl fmt::Debug for StrictObject {
    /// Shows the names alone: the values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl StrictObject {
    /// Reads exactly one JSON object in UTF-8, with nothing before or after it but white space (RFC 8259).
    ///
    /// # Errors
    /// [`Refused`] for everything else, for 128 levels of nesting or more, and for more than [`MAX_VALUES`](Self::MAX_VALUES)
    /// values.
    ///
    /// ```
    /// use aura_types::{Refused, StrictObject};
    /// assert!(StrictObject::parse(br#" {"a":1} "#).is_ok());
    /// for text in ["[]", "{} {}", r#"{"a":1,"a":1}"#] {
    ///     assert_eq!(StrictObject::parse(text.as_bytes()), Err(Refused));
    /// }
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        if Self::has_few_values(bytes) {
            serde_json::from_slice(bytes).map_err(|_| Refused)
        } else {
            Err(Refused)
        }
    }

    /// Most values that a text may have in all, at every level: a small object takes a hundred times the memory of its text.
    pub const MAX_VALUES: usize = 10_000;

    /// Tells whether a JSON text has at most [`MAX_VALUES`](Self::MAX_VALUES) values, by its commas and brackets outside of
    /// texts.
    ///
    /// ```
    /// use aura_types::StrictObject;
    /// assert!(StrictObject::has_few_values(format!(r#"{{"a":"{}"}}"#, ",".repeat(20_000)).as_bytes()));
    /// assert!(!StrictObject::has_few_values(format!(r#"{{"a":[{}1]}}"#, "1,".repeat(20_000)).as_bytes()));
    /// ```
    pub fn has_few_values(json: &[u8]) -> bool {
        let (mut values, mut in_text, mut escaped) = (0_usize, false, false);
        for &byte in json {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = in_text,
                b'"' => in_text = !in_text,
                b',' | b'{' | b'[' if !in_text => values = values.saturating_add(1),
                _ => {}
            }
        }
        values <= Self::MAX_VALUES
    }

    /// Reads as [`parse`](Self::parse) does, and tells text that is no JSON from JSON that is no such object.
    ///
    /// # Errors
    /// One of the two that are given.
    ///
    /// ```
    /// use aura_types::StrictObject;
    /// let parse = |text: &str| StrictObject::parse_or(text.as_bytes(), "no JSON", "malformed").map(drop);
    /// assert_eq!(parse("<html>"), Err("no JSON"));
    /// assert_eq!(parse("[]"), Err("malformed"));
    /// assert_eq!(parse("{}"), Ok(()));
    /// ```
    pub fn parse_or<E>(bytes: &[u8], not_json: E, malformed: E) -> Result<Self, E> {
        Self::parse(bytes).map_err(|Refused| match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(IgnoredAny) => malformed,
            Err(_) => not_json,
        })
    }

    /// Returns a member.
    ///
    /// ```
    /// # use aura_types::{Refused, StrictObject};
    /// let claims = StrictObject::parse(br#"{"iss":null}"#)?;
    /// assert_eq!(claims.get("iss"), Some(&serde_json::Value::Null));
    /// assert_eq!(claims.get("sub"), None);
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Tells whether there is a member of this name, of whatever type.
    ///
    /// ```
    /// # use aura_types::{Refused, StrictObject};
    /// let claims = StrictObject::parse(br#"{"iss":null}"#)?;
    /// assert!(claims.contains("iss") && !claims.contains("ISS"));
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns every member that was not taken out.
    ///
    /// ```
    /// # use aura_types::{Refused, StrictObject};
    /// let mut claims = StrictObject::parse(br#"{"sub":"ada","team":7}"#)?;
    /// claims.take_text("sub")?;
    /// assert_eq!(claims.into_members().keys().collect::<Vec<_>>(), ["team"]);
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn into_members(self) -> Map<String, Value> {
        self.0
    }

    /// Takes an optional text out. `null` counts as missing.
    ///
    /// # Errors
    /// [`Refused`] for a member of another type.
    ///
    /// ```
    /// # use aura_types::{Refused, StrictObject};
    /// let mut claims = StrictObject::parse(br#"{"sub":"ada","name":null,"email":7}"#)?;
    /// assert_eq!(claims.take_text("sub")?.as_deref(), Some("ada"));
    /// assert_eq!(claims.take_text("name")?, None);
    /// assert_eq!(claims.take_text("email"), Err(Refused));
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn take_text(&mut self, name: &str) -> Result<Option<String>, Refused> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(Refused),
        }
    }

    /// Takes an optional member out that is one text or a list of texts, such as `aud` (RFC 7519 section 4.1.3).
    ///
    /// # Errors
    /// [`Refused`] for a member of another type, `null` included.
    ///
    /// ```
    /// # use aura_types::{Refused, StrictObject};
    /// let mut claims = StrictObject::parse(br#"{"aud":"app","azp":["app","api"]}"#)?;
    /// assert_eq!(claims.take_texts("aud")?, ["app"]);
    /// assert_eq!(claims.take_texts("azp")?, ["app", "api"]);
    /// assert!(claims.take_texts("amr")?.is_empty());
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn take_texts(&mut self, name: &str) -> Result<Vec<String>, Refused> {
        match self.0.remove(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(list @ Value::Array(_)) => serde_json::from_value(list).map_err(|_| Refused),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Err(Refused),
        }
    }

    /// Takes an optional `NumericDate` out, in seconds since 1970; a fraction is cut off (RFC 7519 section 2).
    ///
    /// # Errors
    /// [`Refused`] for a member of another type, a negative number, or a fraction beyond the year 9999.
    ///
    /// ```
    /// # use aura_types::{Refused, StrictObject};
    /// let mut claims = StrictObject::parse(br#"{"exp":1790000000.9,"iat":-1}"#)?;
    /// assert_eq!(claims.take_numeric_date("exp")?, Some(1_790_000_000));
    /// assert_eq!(claims.take_numeric_date("iat"), Err(Refused));
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn take_numeric_date(&mut self, name: &str) -> Result<Option<u64>, Refused> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        NumericDate::deserialize(value).map(|NumericDate(date)| Some(date)).map_err(|_| Refused)
    }

    /// Takes an optional `NumericDate` out that is a whole number of seconds since 1970, as tokens of one's own have it.
    ///
    /// # Errors
    /// [`Refused`] for every other member.
    ///
    /// ```
    /// # use aura_types::{Refused, StrictObject};
    /// let mut claims = StrictObject::parse(br#"{"exp":1790000000,"iat":1790000000.5}"#)?;
    /// assert_eq!(claims.take_seconds("exp")?, Some(1_790_000_000));
    /// assert_eq!(claims.take_seconds("iat"), Err(Refused));
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn take_seconds(&mut self, name: &str) -> Result<Option<u64>, Refused> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or(Refused),
        }
    }
}

/// A `NumericDate` in whole seconds since 1970; a fraction is cut off (RFC 7519 section 2).
///
/// ```
/// use aura_types::NumericDate;
/// let read = |json: &str| serde_json::from_str::<NumericDate>(json).map(|date| date.0).ok();
/// assert_eq!((read("1790000000"), read("1790000000.9")), (Some(1_790_000_000), Some(1_790_000_000)));
/// assert_eq!((read("-1"), read("1e12"), read("null")), (None, None, None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a date is a number of seconds")]
pub struct NumericDate(pub u64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Date;
        impl Visitor<'_> for Date {
            type Value = NumericDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970")
            }

            fn visit_u64<E>(self, whole: u64) -> Result<NumericDate, E> {
                Ok(NumericDate(whole))
            }

            fn visit_f64<E: de::Error>(self, date: f64) -> Result<NumericDate, E> {
                if !(0.0..LAST_DATE).contains(&date) {
                    return Err(E::custom("no date"));
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "within the range above"
                )]
                Ok(NumericDate(date as u64))
            }
        }
        deserializer.deserialize_any(Date)
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
    fn au_02_an_object_has_ten_thousand_values_at_most() {
        let of = |count: usize| format!(r#"{{"a":"\\\",{{[\"","b":[{}0]}}"#, "0,".repeat(count));
        // Both brackets and the comma between the members count.
        let most = StrictObject::MAX_VALUES - 3;
        assert!(StrictObject::parse(of(most).as_bytes()).is_ok());
        assert_eq!(StrictObject::parse(of(most + 1).as_bytes()), Err(Refused));
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
