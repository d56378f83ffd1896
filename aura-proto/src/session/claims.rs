//! Parser of a session token's claims, each of one JSON type and at most once (RFC 7519 section 4).

use super::plain_claims;
use aura_jose::Refused;
use aura_types::NumericDate;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// The parsed claims of a session token, not yet validated. A claim of another type is an error, not a missing claim. Texts are
/// borrowed from the token, unless it spells them with escapes.
#[derive(Debug, Default, PartialEq)]
pub(super) struct SessionClaims<'a> {
    pub(super) sub: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) image: Option<Cow<'a, str>>,
    pub(super) email: Option<Cow<'a, str>>,
    pub(super) provider: Option<Cow<'a, str>>,
    pub(super) iss: Option<Cow<'a, str>>,
    pub(super) aud: Vec<String>,
    pub(super) iat: Option<u64>,
    pub(super) nbf: Option<u64>,
    pub(super) exp: Option<u64>,
    pub(super) mexp: Option<u64>,
    pub(super) began: Option<u64>,
    /// Whether `jti` is a string. Its value is not checked.
    pub(super) has_jti: bool,
    /// The names of the application's own, of which none occurs twice. Their values have been checked, and are not kept.
    pub(super) own: Vec<Cow<'a, str>>,
}

impl<'a> SessionClaims<'a> {
    /// Reads exactly one JSON object, in which no name occurs twice.
    pub(super) fn parse(text: &'a str) -> Result<Self, Refused> {
        let mut claims = plain_claims::read(text).map_or_else(|| Self::strict(text), Ok)?;
        claims.own.sort_unstable();
        if claims.own.windows(2).any(|pair| pair.first() == pair.last()) { Err(Refused) } else { Ok(claims) }
    }

    /// Reads any spelling of the object. Of the application's own names some may occur twice.
    pub(super) fn strict(text: &'a str) -> Result<Self, Refused> {
        serde_json::from_str(text).map_err(|_| Refused)
    }
}

/// The claims that this library reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
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
    Began,
    Jti,
}

/// Which claims an object has had.
#[derive(Default)]
pub(super) struct Seen(u32);

impl Seen {
    /// Notes a claim, and tells whether it is there for the first time.
    pub(super) fn is_new(&mut self, claim: Claim) -> bool {
        let (bit, before) = (1 << (claim as u32), self.0);
        self.0 |= bit;
        before & bit == 0
    }
}

impl Claim {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "sub" => Self::Sub,
            "name" => Self::Name,
            "image" => Self::Image,
            "email" => Self::Email,
            "provider" => Self::Provider,
            "iss" => Self::Iss,
            "aud" => Self::Aud,
            "iat" => Self::Iat,
            "nbf" => Self::Nbf,
            "exp" => Self::Exp,
            "mexp" => Self::Mexp,
            "began" => Self::Began,
            "jti" => Self::Jti,
            _ => return None,
        })
    }
}

/// Tells whether a claim of this name is the application's own.
pub(super) fn is_own(name: &str) -> bool {
    Claim::of(name).is_none()
}

/// A text or null, borrowed where it can be.
#[derive(Default)]
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

/// A value that is read as strictly as one that is kept: what is no [`Value`] is no such value. To keep none costs nothing
/// for each claim, where a value takes two allocations.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self, A::Error> {
        while access.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self, A::Error> {
        while access.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

/// A string or an array of strings (RFC 7519 section 4.1.3).
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

impl<'de> Deserialize<'de> for SessionClaims<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = SessionClaims<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object without duplicate names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<SessionClaims<'de>, A::Error> {
                let mut claims = SessionClaims::default();
                let mut seen = Seen::default();
                while let Some(Text(name)) = access.next_key()? {
                    let name = name.unwrap_or_default();
                    let Some(claim) = Claim::of(&name) else {
                        claims.own.push(name);
                        access.next_value::<Checked>()?;
                        continue;
                    };
                    if !seen.is_new(claim) {
                        return Err(de::Error::custom("duplicate name"));
                    }
                    claims.take(claim, &mut access)?;
                }
                Ok(claims)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> SessionClaims<'de> {
    /// Reads the value of a claim. A string may be null, which counts as absent. A NumericDate may not, and its fraction is
    /// truncated: other implementations write one (RFC 7519 section 2).
    fn take<A: MapAccess<'de>>(&mut self, claim: Claim, access: &mut A) -> Result<(), A::Error> {
        match claim {
            Claim::Sub => self.sub = access.next_value::<Text<'_>>()?.0,
            Claim::Name => self.name = access.next_value::<Text<'_>>()?.0,
            Claim::Image => self.image = access.next_value::<Text<'_>>()?.0,
            Claim::Email => self.email = access.next_value::<Text<'_>>()?.0,
            Claim::Provider => self.provider = access.next_value::<Text<'_>>()?.0,
            Claim::Iss => self.iss = access.next_value::<Text<'_>>()?.0,
            Claim::Aud => self.aud = access.next_value::<Audience>()?.0,
            Claim::Iat => self.iat = Some(access.next_value::<NumericDate>()?.0),
            Claim::Nbf => self.nbf = Some(access.next_value::<NumericDate>()?.0),
            Claim::Exp => self.exp = Some(access.next_value::<NumericDate>()?.0),
            Claim::Mexp => self.mexp = Some(access.next_value::<NumericDate>()?.0),
            Claim::Began => self.began = Some(access.next_value::<NumericDate>()?.0),
            Claim::Jti => self.has_jti = access.next_value::<Text<'_>>()?.0.is_some(),
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

    const NAMES: [&str; 13] = [
        "sub", "name", "image", "email", "provider", "iss", "aud", "iat", "nbf", "exp", "mexp", "began",
        "jti",
    ];

    /// Reads the same by the general reader of objects, claim by claim.
    fn by_hand(text: &str) -> Result<SessionClaims<'static>, Refused> {
        let mut claims = StrictObject::parse(text.as_bytes())?;
        Ok(SessionClaims {
            sub: claims.take_text("sub")?.map(Cow::Owned),
            name: claims.take_text("name")?.map(Cow::Owned),
            image: claims.take_text("image")?.map(Cow::Owned),
            email: claims.take_text("email")?.map(Cow::Owned),
            provider: claims.take_text("provider")?.map(Cow::Owned),
            iss: claims.take_text("iss")?.map(Cow::Owned),
            aud: claims.take_texts("aud")?,
            iat: claims.take_numeric_date("iat")?,
            nbf: claims.take_numeric_date("nbf")?,
            exp: claims.take_numeric_date("exp")?,
            mexp: claims.take_numeric_date("mexp")?,
            began: claims.take_numeric_date("began")?,
            has_jti: claims.take_text("jti")?.is_some(),
            own: claims.into_members().into_iter().map(|(name, _)| Cow::Owned(name)).collect(),
        })
    }

    #[test]
    fn jo_16_17_every_claim_once_and_of_its_own_type_alone() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let (deep, too_deep) = (deep(126), deep(128));
        for name in NAMES.into_iter().chain(["own"]) {
            for value in [
                deep.as_str(),
                &too_deep,
                "1e999",
                r#"{"a":"\ud800"}"#,
                r#"{"a":1,"a":2}"#,
                r#"{"a":01}"#,
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
                assert_eq!(SessionClaims::parse(&one), by_hand(&one), "{one}");
                let two = format!(r#"{{"{name}":{value},"x":1,"{name}":{value}}}"#);
                assert_eq!(SessionClaims::parse(&two), Err(Refused), "{two}");
            }
            let escaped = format!(r#"{{"\\u{:04x}{}":null}}"#, name.as_bytes()[0], &name[1..]);
            assert_eq!(SessionClaims::parse(&escaped), by_hand(&escaped), "{escaped}");
        }
        for text in [r#"{"x":1,"x":1}"#, "[]", "null", "{} {}", "", "{", "\u{feff}{}"] {
            assert_eq!(SessionClaims::parse(text), Err(Refused), "{text}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(SessionClaims::parse(&deep), Err(Refused));
    }

    #[test]
    fn what_is_reserved_is_read_here_and_nothing_else_is() {
        let user = ["name", "image", "email"];
        assert!(NAMES.iter().all(|name| RESERVED.contains(name) || user.contains(name)));
        assert_eq!(NAMES.len(), RESERVED.len() + user.len());
    }

    proptest! {
        #[test]
        fn both_readers_agree(members in proptest::collection::vec((0..15_usize, 0..8_usize), 0..6)) {
            let values = ["\"a\"", "7", "null", "[\"a\"]", "1.5", "{}", "-1", "true"];
            let name = |at: usize| NAMES.get(at).copied().unwrap_or("own");
            let members = members.iter().map(|(at, value)| format!(r#""{}":{}"#, name(*at), values[*value]));
            let object = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            prop_assert_eq!(SessionClaims::parse(&object), by_hand(&object));
        }
    }
}
