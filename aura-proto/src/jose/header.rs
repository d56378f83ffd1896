//! Which headers are read? One JSON object that says `JWT`, brings no key and asks for nothing (RFC 8725 section 3).

use super::claims::StrictObject;
use super::{Refused, base64url};
use serde_json::Value;

/// What no token may carry: extensions to understand, compression, unencoded payloads, and keys or where to get them.
/// Refused, not ignored, because whoever writes them hopes that some reader obeys.
const REFUSED: [&str; 7] = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"];

/// The protected header of a token.
#[derive(Debug)]
pub(crate) struct Header(StrictObject);

impl Header {
    /// Reads one part of a token as the header of a JWT.
    pub(crate) fn parse(part: &str) -> Result<Self, Refused> {
        let header = Self::parse_of_any_type(part)?;
        if header.is_jwt("typ") { Ok(header) } else { Err(Refused) }
    }

    /// Reads one part of a token as a header, whatever its type.
    pub(super) fn parse_of_any_type(part: &str) -> Result<Self, Refused> {
        let header = StrictObject::parse(&base64url::decode(part)?)?;
        if REFUSED.iter().any(|name| header.contains(name)) {
            return Err(Refused);
        }
        Ok(Self(header))
    }

    /// Tells whether a member is exactly this text.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.0.get(name).and_then(Value::as_str) == Some(value)
    }

    /// Tells whether a member names the media type of a JWT, in any case, whole or short (RFC 7515 section 4.1.9).
    pub(crate) fn is_jwt(&self, name: &str) -> bool {
        let text = self.0.get(name).and_then(Value::as_str);
        text.is_some_and(|text| {
            text.eq_ignore_ascii_case("JWT") || text.eq_ignore_ascii_case("application/jwt")
        })
    }

    /// Tells whether a member is there, of whatever type.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Returns the id of the key, where the token names one. An id of another type is no missing id.
    pub(crate) fn kid(&self) -> Result<Option<&str>, Refused> {
        match self.0.get("kid") {
            None => Ok(None),
            Some(kid) => kid.as_str().map(Some).ok_or(Refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(header: &str) -> Result<Header, Refused> {
        Header::parse(&base64url::encode(header))
    }

    #[test]
    fn jo_09_10_25_headers_that_bring_keys_or_ask_for_more_are_refused() {
        for member in [
            r#""jwk":{"kty":"oct","k":"AAAA"}"#,
            r#""jku":"https://evil.test/jwks""#,
            r#""x5u":"https://evil.test/x""#,
            r#""x5c":["AAAA"]"#,
            r#""crit":["exp"]"#,
            r#""crit":[]"#,
            r#""crit":"b64""#,
            r#""crit":null"#,
            r#""b64":false"#,
            r#""b64":true"#,
            r#""zip":"DEF""#,
            r#""zip":null"#,
            r#""alg":"HS256""#,
        ] {
            let header = format!(r#"{{"alg":"HS256","typ":"JWT",{member}}}"#);
            assert!(parse(&header).is_err(), "{header}");
        }
        assert!(parse(r#"{"alg":"HS256","typ":"JWT","x":"unknown members are ignored"}"#).is_ok());
    }

    #[test]
    fn the_type_is_jwt_in_every_spelling_of_the_media_type_and_nothing_else() {
        for typ in [r#""JWT""#, r#""jwt""#, r#""application/jwt""#, r#""Application/JWT""#] {
            assert!(parse(&format!(r#"{{"alg":"HS256","typ":{typ}}}"#)).is_ok(), "{typ}");
        }
        for typ in [r#""at+jwt""#, r#""JOSE""#, r#"" JWT""#, r#""text/jwt""#, "null", "[]", "1"] {
            assert!(parse(&format!(r#"{{"alg":"HS256","typ":{typ}}}"#)).is_err(), "{typ}");
        }
        assert!(parse(r#"{"alg":"HS256"}"#).is_err());
    }

    #[test]
    fn jo_28_a_key_id_is_text_or_absent() {
        let kid = |header: &str| parse(header).unwrap().kid().map(|kid| kid.map(str::to_owned));
        assert_eq!(kid(r#"{"typ":"JWT"}"#), Ok(None));
        assert_eq!(kid(r#"{"typ":"JWT","kid":"a"}"#), Ok(Some("a".to_owned())));
        assert_eq!(kid(r#"{"typ":"JWT","kid":null}"#), Err(Refused));
        assert_eq!(kid(r#"{"typ":"JWT","kid":["a"]}"#), Err(Refused));
    }
}
