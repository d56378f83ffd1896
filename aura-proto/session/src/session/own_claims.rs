//! The application's own claims of a session, which are parsed when they are first read.

use super::claims::is_own;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// Claims of the application's own. Most requests ask for none, and to leave them unread saves 60 instructions a byte.
#[derive(Clone, Default)]
pub(crate) struct OwnClaims {
    read: Map<String, Value>,
    /// The payload of a token of which the names and values have been checked, where they have not been read.
    unread: Option<String>,
}

impl OwnClaims {
    /// Takes those of a checked payload.
    pub(super) fn unread(payload: String) -> Self {
        Self { read: Map::new(), unread: Some(payload) }
    }

    pub(crate) fn get(&self) -> Cow<'_, Map<String, Value>> {
        self.unread.as_ref().map_or(Cow::Borrowed(&self.read), |payload| Cow::Owned(read(payload)))
    }

    pub(crate) fn to_mut(&mut self) -> &mut Map<String, Value> {
        if let Some(payload) = self.unread.take() {
            self.read = read(&payload);
        }
        &mut self.read
    }
}

fn read(payload: &str) -> Map<String, Value> {
    // Cannot fail: the payload has been read by the same parser.
    let mut claims: Map<_, _> = serde_json::from_str(payload).unwrap_or_default();
    claims.retain(|name, _| is_own(name));
    claims
}

impl From<Map<String, Value>> for OwnClaims {
    fn from(read: Map<String, Value>) -> Self {
        Self { read, unread: None }
    }
}

impl PartialEq for OwnClaims {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for OwnClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::claims::SessionClaims;
    use super::*;
    use aura_jose::StrictObject;
    use proptest::prelude::*;

    proptest! {
        /// The general reader of objects is the oracle, on objects of any claims and on such with a character too many.
        #[test]
        fn claims_that_were_left_unread_are_those_that_the_general_reader_finds(
            members in proptest::collection::vec((0..7_usize, 0..9_usize), 0..8),
            space in "[ \\n]?",
            at: proptest::sample::Index,
            other in "[\"\\\\{}:,0 ]?",
        ) {
            let names = ["own", "other", "", "o\\u0077n", "exp", "name", "aud"];
            let values = ["\"a\"", "\"\\n\u{e9}\"", "7", "1.5", "null", "true", "[1,{}]", r#"{"a":1,"a":[2]}"#, "1e999"];
            let members = members.iter().map(|(name, value)| format!(r#"{space}"{}":{}"#, names[*name], values[*value]));
            let mut object = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            let at = at.index(object.len());
            if object.is_char_boundary(at) {
                object.insert_str(at, &other);
            }
            match (SessionClaims::parse(&object), StrictObject::parse(object.as_bytes())) {
                (Ok(claims), Ok(plain)) => {
                    let mut plain = plain.into_members();
                    plain.retain(|name, _| is_own(name));
                    prop_assert!(claims.own.iter().eq(plain.keys()));
                    prop_assert_eq!(OwnClaims::unread(object).get().into_owned(), plain);
                }
                // A claim with a meaning has its type, too.
                (Err(_), _) => {}
                (Ok(_), Err(_)) => prop_assert!(false, "{object}"),
            }
        }
    }
}
