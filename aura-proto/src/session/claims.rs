//! Claims of a session token, each of its own type and there once, read in one go (RFC 7519 section 4).

use aura_jose::Refused;
use aura_types::NumericDate;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// The claims of a session token, read and not yet judged. A claim of another type is an error, not a missing claim.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SessionClaims {
    pub(super) sub: Option<String>,
    pub(super) name: Option<String>,
    pub(super) image: Option<String>,
    pub(super) email: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) iss: Option<String>,
    pub(super) aud: Vec<String>,
    pub(super) iat: Option<u64>,
    pub(super) nbf: Option<u64>,
    pub(super) exp: Option<u64>,
    pub(super) mexp: Option<u64>,
    /// Whether there is an id, and it is a text. Nothing else is asked of it.
    pub(super) has_jti: bool,
    /// The application's own.
    pub(super) own: Map<String, Value>,
}

impl SessionClaims {
    /// Reads exactly one JSON object in UTF-8, in which no name occurs twice.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        serde_json::from_slice(bytes).map_err(|_| Refused)
    }
}

/// The claims with a meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    Sub,
    Name,
    Image,
    Email,
    Provider,
    Iss,
    Aud,
    Iat,
    Nbf,
    Exp,
    Mexp,
    Jti,
}

/// A name of the object: borrowed for as long as it takes to compare it, and owned only where it is the application's.
enum Name {
    Claim(Claim),
    Own(String),
}

struct Names;

impl<'de> DeserializeSeed<'de> for Names {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Names {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
        Ok(match name {
            "sub" => Name::Claim(Claim::Sub),
            "name" => Name::Claim(Claim::Name),
            "image" => Name::Claim(Claim::Image),
            "email" => Name::Claim(Claim::Email),
            "provider" => Name::Claim(Claim::Provider),
            "iss" => Name::Claim(Claim::Iss),
            "aud" => Name::Claim(Claim::Aud),
            "iat" => Name::Claim(Claim::Iat),
            "nbf" => Name::Claim(Claim::Nbf),
            "exp" => Name::Claim(Claim::Exp),
            "mexp" => Name::Claim(Claim::Mexp),
            "jti" => Name::Claim(Claim::Jti),
            own => Name::Own(own.to_owned()),
        })
    }
}

/// A text or a list of texts (RFC 7519 section 4.1.3).
struct Audience(Vec<String>);

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(vec![text])),
            list @ Value::Array(_) => serde_json::from_value(list).map(Self).map_err(de::Error::custom),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                Err(de::Error::custom("no audience"))
            }
        }
    }
}

/// A text or null that is not kept: whether it is a text.
struct IsText(bool);

impl<'de> Deserialize<'de> for IsText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Kind;
        impl Visitor<'_> for Kind {
            type Value = IsText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<IsText, E> {
                Ok(IsText(true))
            }

            fn visit_unit<E: de::Error>(self) -> Result<IsText, E> {
                Ok(IsText(false))
            }
        }
        deserializer.deserialize_any(Kind)
    }
}

impl<'de> Deserialize<'de> for SessionClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = SessionClaims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object without duplicate names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<SessionClaims, A::Error> {
                let mut claims = SessionClaims::default();
                let mut seen = 0_u32;
                while let Some(name) = access.next_key_seed(Names)? {
                    let is_new = match name {
                        Name::Claim(claim) => {
                            let bit = 1_u32 << (claim as u32);
                            let is_new = seen & bit == 0;
                            seen |= bit;
                            claims.take(claim, &mut access)?;
                            is_new
                        }
                        Name::Own(name) => claims.own.insert(name, access.next_value()?).is_none(),
                    };
                    if !is_new {
                        return Err(de::Error::custom("duplicate name"));
                    }
                }
                Ok(claims)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl SessionClaims {
    /// Reads the value of a claim. Texts may be null, which says nothing; times may not, and their fractions
    /// are cut off: other implementations write them (RFC 7519 section 2).
    fn take<'de, A: MapAccess<'de>>(&mut self, claim: Claim, access: &mut A) -> Result<(), A::Error> {
        match claim {
            Claim::Sub => self.sub = access.next_value()?,
            Claim::Name => self.name = access.next_value()?,
            Claim::Image => self.image = access.next_value()?,
            Claim::Email => self.email = access.next_value()?,
            Claim::Provider => self.provider = access.next_value()?,
            Claim::Iss => self.iss = access.next_value()?,
            Claim::Aud => self.aud = access.next_value::<Audience>()?.0,
            Claim::Iat => self.iat = Some(access.next_value::<NumericDate>()?.0),
            Claim::Nbf => self.nbf = Some(access.next_value::<NumericDate>()?.0),
            Claim::Exp => self.exp = Some(access.next_value::<NumericDate>()?.0),
            Claim::Mexp => self.mexp = Some(access.next_value::<NumericDate>()?.0),
            Claim::Jti => self.has_jti = access.next_value::<IsText>()?.0,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::RESERVED;
    use super::*;
    use aura_jose::StrictObject;
    use proptest::prelude::*;

    const NAMES: [&str; 12] =
        ["sub", "name", "image", "email", "provider", "iss", "aud", "iat", "nbf", "exp", "mexp", "jti"];

    /// Reads the same by the general reader of objects, claim by claim.
    fn by_hand(bytes: &[u8]) -> Result<SessionClaims, Refused> {
        let mut claims = StrictObject::parse(bytes)?;
        Ok(SessionClaims {
            sub: claims.take_text("sub")?,
            name: claims.take_text("name")?,
            image: claims.take_text("image")?,
            email: claims.take_text("email")?,
            provider: claims.take_text("provider")?,
            iss: claims.take_text("iss")?,
            aud: claims.take_texts("aud")?,
            iat: claims.take_numeric_date("iat")?,
            nbf: claims.take_numeric_date("nbf")?,
            exp: claims.take_numeric_date("exp")?,
            mexp: claims.take_numeric_date("mexp")?,
            has_jti: claims.take_text("jti")?.is_some(),
            own: claims.into_members(),
        })
    }

    #[test]
    fn jo_16_17_every_claim_once_and_of_its_own_type_alone() {
        for name in NAMES {
            for value in [
                r#""a""#,
                "\"\\u0061\"",
                "1",
                "0",
                "-1",
                "-0",
                "1.0",
                "1e3",
                "18446744073709551615",
                "18446744073709551616",
                "null",
                "true",
                "[]",
                r#"["a"]"#,
                r#"["a",1]"#,
                "[null]",
                "{}",
                "\"\\ud800\"",
                "01",
                "",
            ] {
                let one = format!(r#"{{"{name}":{value}}}"#);
                assert_eq!(SessionClaims::parse(one.as_bytes()), by_hand(one.as_bytes()), "{one}");
                let two = format!(r#"{{"{name}":{value},"x":1,"{name}":{value}}}"#);
                assert_eq!(SessionClaims::parse(two.as_bytes()), Err(Refused), "{two}");
            }
            let escaped = format!(r#"{{"\\u{:04x}{}":null}}"#, name.as_bytes()[0], &name[1..]);
            assert_eq!(SessionClaims::parse(escaped.as_bytes()), by_hand(escaped.as_bytes()), "{escaped}");
        }
        for text in [r#"{"x":1,"x":1}"#, "[]", "null", "{} {}", "", "{", "\u{feff}{}"] {
            assert_eq!(SessionClaims::parse(text.as_bytes()), Err(Refused), "{text}");
        }
        assert_eq!(SessionClaims::parse(b"{\"sub\":\"\xff\"}"), Err(Refused));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(SessionClaims::parse(deep.as_bytes()), Err(Refused));
    }

    #[test]
    fn what_is_reserved_is_read_here_and_nothing_else_is() {
        let user = ["name", "image", "email"];
        assert!(NAMES.iter().all(|name| RESERVED.contains(name) || user.contains(name)));
        assert_eq!(NAMES.len(), RESERVED.len() + user.len());
    }

    proptest! {
        #[test]
        fn both_readers_agree(members in proptest::collection::vec((0..14_usize, 0..8_usize), 0..6)) {
            let values = ["\"a\"", "7", "null", "[\"a\"]", "1.5", "{}", "-1", "true"];
            let name = |at: usize| NAMES.get(at).copied().unwrap_or("own");
            let members = members.iter().map(|(at, value)| format!(r#""{}":{}"#, name(*at), values[*value]));
            let object = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            prop_assert_eq!(SessionClaims::parse(object.as_bytes()), by_hand(object.as_bytes()));
        }
    }
}
