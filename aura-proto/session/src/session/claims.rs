//! Parser of a session token's claims, each of one JSON type and at most once (RFC 7519 section 4).

use crate::json::PlainMembers;
use aura_jose::{Refused, StrictObject};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
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
    pub(super) auth_time: Option<u64>,
    pub(super) acr: Option<Cow<'a, str>>,
    pub(super) amr: Vec<String>,
    /// Whether `jti` is a string. Its value is not checked.
    pub(super) has_jti: bool,
    /// The names of the application's own, of which none occurs twice. Their values have been checked, and are not kept.
    pub(super) own: Vec<Cow<'a, str>>,
}

impl<'a> SessionClaims<'a> {
    /// Reads exactly one JSON object, in which no name occurs twice.
    pub(super) fn parse(text: &'a str) -> Result<Self, Refused> {
        let mut claims = Self::default();
        if claims.read_plain(text).is_none() {
            claims = Self::strict(text)?;
        }
        claims.own.sort_unstable();
        if claims.own.windows(2).any(|pair| pair.first() == pair.last()) { Err(Refused) } else { Ok(claims) }
    }

    /// Reads claims in the order in which this library writes them, if no text has an escape: by 1,700 instructions instead of
    /// 9,000. What has another form, and what is malformed, is `None`. The application's own names may repeat.
    fn read_plain(&mut self, text: &'a str) -> Option<()> {
        let mut members = PlainMembers::begin(text)?;
        self.aud = members.text("aud")?.map(str::to_owned).into_iter().collect();
        self.iss = members.text("iss")?.map(Cow::Borrowed);
        self.sub = members.text("sub")?.map(Cow::Borrowed);
        self.name = members.text("name")?.map(Cow::Borrowed);
        self.image = members.text("image")?.map(Cow::Borrowed);
        self.email = members.text("email")?.map(Cow::Borrowed);
        // A name that is not the application's own ends this, and is read below where it is the next.
        while let Some(name) = members.any::<Checked>(is_own)? {
            self.own.push(Cow::Borrowed(name));
        }
        self.provider = members.text("provider")?.map(Cow::Borrowed);
        self.mexp = members.seconds("mexp")?;
        self.began = members.seconds("began")?;
        self.auth_time = members.seconds("auth_time")?;
        self.acr = members.text("acr")?.map(Cow::Borrowed);
        self.amr = members.value("amr")?.unwrap_or_default();
        self.iat = members.seconds("iat")?;
        self.nbf = members.seconds("nbf")?;
        self.exp = members.seconds("exp")?;
        self.has_jti = members.text("jti")?.is_some();
        members.end().then_some(())
    }

    /// Reads any spelling of the object. A string may be null, which counts as absent. A NumericDate may not, and its fraction is
    /// truncated: other implementations write one (RFC 7519 section 2).
    fn strict(text: &str) -> Result<Self, Refused> {
        let mut claims = StrictObject::parse(text.as_bytes())?;
        Ok(Self {
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
            auth_time: claims.take_numeric_date("auth_time")?,
            acr: claims.take_text("acr")?.map(Cow::Owned),
            amr: claims.take_texts("amr")?,
            has_jti: claims.take_text("jti")?.is_some(),
            own: claims.into_members().into_iter().map(|(name, _)| Cow::Owned(name)).collect(),
        })
    }
}

/// Tells whether a claim of this name is the application's own.
#[rustfmt::skip]
pub(super) fn is_own(name: &str) -> bool {
    !matches!(
        name,
        "sub" | "name" | "image" | "email" | "provider" | "iss" | "aud" | "iat" | "nbf" | "exp" | "mexp" | "began" | "jti"
            | "auth_time" | "acr" | "amr"
    )
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

#[cfg(test)]
mod tests {
    use super::super::token::RESERVED;
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str) -> Option<SessionClaims<'_>> {
        let mut claims = SessionClaims::default();
        claims.read_plain(text).map(|()| claims)
    }

    const NAMES: [&str; 16] = [
        "sub",
        "name",
        "image",
        "email",
        "provider",
        "iss",
        "aud",
        "iat",
        "nbf",
        "exp",
        "mexp",
        "began",
        "jti",
        "auth_time",
        "acr",
        "amr",
    ];

    #[test]
    fn jo_16_17_every_claim_once_and_of_its_own_type_alone() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let [deep, just_too_deep, too_deep] = [126, 127, 128].map(deep);
        for name in NAMES.into_iter().chain(["own"]) {
            for value in [
                deep.as_str(),
                &just_too_deep,
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
                assert_eq!(SessionClaims::parse(&one), SessionClaims::strict(&one), "{one}");
                let two = format!(r#"{{"{name}":{value},"x":1,"{name}":{value}}}"#);
                assert_eq!(SessionClaims::parse(&two), Err(Refused), "{two}");
            }
            let escaped = format!(r#"{{"\\u{:04x}{}":null}}"#, name.as_bytes()[0], &name[1..]);
            assert_eq!(SessionClaims::parse(&escaped), SessionClaims::strict(&escaped), "{escaped}");
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

    #[test]
    fn what_has_another_form_is_left_to_the_strict_reader() {
        for own in ["\"é\"", "7", "-1.5e3", "null", "[1,{\"a\":true}]"] {
            let object = format!(r#"{{"aud":"a","sub":"a","own":{own},"exp":1790000000,"jti":"j"}}"#);
            assert!(plain(&object).is_some(), "{object}");
        }
        for other in [
            "{}",
            "{",
            "",
            r#"{"sub":"a""#,
            r#"{"sub":"a"}}"#,
            r#"{"exp":1790000000,"sub":"a"}"#,
            r#"{"sub":"a","jti":"j","own":"a"}"#,
            r#"{"own":"a","sub":"a"}"#,
            r#"{"sub":"a"}x"#,
            r#"{"sub":"a",}"#,
            r#"{"sub":"a","sub":"a"}"#,
            r#"{"sub":"\u0061"}"#,
            "{\"sub\":\"\u{1}\"}",
            r#"{ "sub":"a"}"#,
            r#"{"sub":1}"#,
            r#"{"exp":"1"}"#,
            r#"{"exp":0790000000}"#,
            r#"{"exp":1790000000.5}"#,
            r#"{"exp":17900000000}"#,
            r#"{"exp":179000000}"#,
            r#"{"exp":18446744073709551616}"#,
            r#"{"own":01}"#,
            r#"{"own":1e999}"#,
            r#"{"own":}"#,
            r#"{"aud":["a"]}"#,
            r#"{"exp":}"#,
            r#"{"exp":-1}"#,
        ] {
            assert_eq!(plain(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_here_is_what_the_strict_reader_reads(
            mut members in proptest::collection::vec((0..19_usize, prop_oneof![6 => 0..4_usize, 1 => 4..13_usize]), 0..9),
            in_order: bool,
            at: proptest::sample::Index,
            other in "[\"\\\\{}:,0-9a \\x01]?",
        ) {
            let names = [
                "iss", "sub", "name", "image", "email", "own", "other", "", "provider", "mexp", "began", "auth_time", "acr", "amr",
                "iat", "nbf", "exp", "jti", "aud",
            ];
            if in_order {
                members.sort_unstable();
            }
            let values =
                ["\"a\"", "\"\u{e9}\"", "1790000000", "1790000001", "\"\"", "7", "00", "null", "[1]", "1.5", "{}", "\"\\n\"", "[\"a\"]"];
            let members = members.iter().map(|(at, value)| format!(r#""{}":{}"#, names[*at], values[*value]));
            let mut object = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            let at = at.index(object.len());
            if object.is_char_boundary(at) {
                object.insert_str(at, &other);
            }
            prop_assert_eq!(SessionClaims::parse(&object), SessionClaims::strict(&object));
        }

        #[test]
        fn both_readers_agree(members in proptest::collection::vec((0..18_usize, 0..8_usize), 0..6)) {
            let values = ["\"a\"", "7", "null", "[\"a\"]", "1.5", "{}", "-1", "true"];
            let name = |at: usize| NAMES.get(at).copied().unwrap_or("own");
            let members = members.iter().map(|(at, value)| format!(r#""{}":{}"#, name(*at), values[*value]));
            let object = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            prop_assert_eq!(SessionClaims::parse(&object), SessionClaims::strict(&object));
        }
    }
}
