//! Protected headers: one JSON object of `typ` JWT without a key and without `crit` (RFC 8725 section 3).

use crate::algorithm::SigningAlgorithm;
use crate::base64url;
use crate::jws::MAX_TOKEN;
use aura_types::Refused;
use aura_types::StrictObject;
use serde_json::{Value, json};

/// Members that no token may have: extensions to understand, unencoded payloads, compression. They are refused, not ignored,
/// because a token that has them is made for a reader that obeys.
const REFUSED: [&str; 3] = ["crit", "b64", "zip"];
/// Members that contain a key or a URL of one. They are not used. A token of one's own has none, so that one with
/// them is refused; other parties write them beside a key that they publish (RFC 8725 section 3.10).
const KEYS: [&str; 4] = ["jwk", "jku", "x5u", "x5c"];

/// `{"alg":"HS256","typ":"JWT"}`, and `{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}`: the headers of most tokens, which
/// name no key.
const USUAL: [&str; 2] = [
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoiSldUIiwidHlwIjoiSldUIn0",
];

/// Whether tokens name the key that protects them (RFC 7515 section 4.1.4).
///
/// ```
/// use aura_jose::{KeyIds, MacAlgorithm, MacKey, key_id};
/// let key = MacKey::new(MacAlgorithm::Hs256, &[7; 32]);
/// let named = key.clone().with_kid("a", KeyIds::Written).sign_jwt(b"{}");
/// let unnamed = key.with_kid("a", KeyIds::Omitted).sign_jwt(b"{}");
/// assert_eq!(key_id(&named), Ok(Some("a".to_owned())));
/// assert_eq!(key_id(&unnamed), Ok(None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyIds {
    /// Tokens name no key. One that names this key is accepted.
    #[default]
    Omitted,
    /// Tokens name the key.
    Written,
}

impl KeyIds {
    /// Returns the id that is written.
    pub(crate) fn written(self, kid: &str) -> Option<&str> {
        match self {
            Self::Omitted => None,
            Self::Written => Some(kid),
        }
    }
}

/// Writes a header of members, given as JSON, and the id of the key, if there is one.
pub(crate) fn write(members: &str, kid: Option<&str>) -> String {
    base64url::encode(match kid {
        None => format!("{{{members}}}"),
        Some(kid) => format!(r#"{{{members},"kid":{}}}"#, json!(kid)),
    })
}

/// Splits a token after its header. The end of the usual one need not be searched.
pub(crate) fn split<'a>(token: &'a [u8], usual: &str) -> Result<(&'a [u8], &'a [u8]), Refused> {
    let is_usual = token.strip_prefix(usual.as_bytes()).is_some_and(|rest| rest.starts_with(b"."));
    let end = if is_usual { Some(usual.len()) } else { token.iter().position(|byte| *byte == b'.') };
    let (header, rest) = end.and_then(|end| token.split_at_checked(end)).ok_or(Refused)?;
    Ok((header, rest.strip_prefix(b".").ok_or(Refused)?))
}

/// The protected header of a token.
#[derive(Debug)]
pub(crate) struct Header(StrictObject);

impl Header {
    /// Reads one part of a token as a header, whose type is JWT.
    pub(crate) fn parse(part: &str) -> Result<Self, Refused> {
        let header = Self::parse_of_any_type(part)?;
        if header.is_jwt("typ") { Ok(header) } else { Err(Refused) }
    }

    /// Reads one part of another party's token as a header, whose type is one of these, whole or short, or is missing. Keys that
    /// it brings are ignored.
    pub(crate) fn parse_foreign(part: &str, types: &[&str]) -> Result<Self, Refused> {
        let header = Self::parse_without(part, &REFUSED)?;
        let Some(own) = header.0.get("typ") else { return Ok(header) };
        let own = own.as_str().ok_or(Refused)?.to_ascii_lowercase();
        let own = own.strip_prefix("application/").unwrap_or(&own);
        if types.contains(&own) { Ok(header) } else { Err(Refused) }
    }

    /// Reads one part of a token as a header, whatever its type.
    pub(crate) fn parse_of_any_type(part: &str) -> Result<Self, Refused> {
        Self::parse_without(part, &[REFUSED.as_slice(), KEYS.as_slice()].concat())
    }

    fn parse_without(part: &str, refused: &[&str]) -> Result<Self, Refused> {
        let header = StrictObject::parse(&base64url::decode(part)?)?;
        if refused.iter().any(|name| header.contains(name)) { Err(Refused) } else { Ok(Self(header)) }
    }

    /// Returns the algorithm by any name that another party may use; `none` is none.
    pub(crate) fn algorithm(&self) -> Option<SigningAlgorithm> {
        self.0.get("alg").and_then(Value::as_str).and_then(SigningAlgorithm::announced)
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

    /// Tells whether the token may be of a key with this id: it names that one, or none.
    pub(crate) fn may_mean(&self, own: Option<&str>) -> Result<bool, Refused> {
        Ok(self.kid()?.is_none_or(|kid| own == Some(kid)))
    }
}

/// Reads the id of the key that a compact JWS or JWE names (RFC 7515 section 4.1.4). Nothing of the token is authentic yet: the
/// id tells which key to try.
///
/// # Errors
/// [`Refused`] if the token is too long, or its header is one that [`MacKey::verify_jwt`](crate::MacKey::verify_jwt) and
/// [`ContentKey::decrypt`](crate::ContentKey::decrypt) refuse in any case.
///
/// ```
/// use aura_jose::{KeyError, Refused, SigningKey, key_id};
/// let token = SigningKey::from_seed(&[7; 32])?.with_kid("2026-11").sign_jwt(b"{}")?;
/// assert_eq!(key_id(&token)?.as_deref(), Some("2026-11"));
/// assert_eq!(key_id("no token"), Err(Refused));
/// # Ok::<(), KeyError>(())
/// ```
pub fn key_id(token: impl AsRef<[u8]>) -> Result<Option<String>, Refused> {
    let token = token.as_ref();
    if token.len() > MAX_TOKEN {
        return Err(Refused);
    }
    // A header that is known need not be parsed.
    let begins_with =
        |header: &&str| token.strip_prefix(header.as_bytes()).is_some_and(|rest| rest.starts_with(b"."));
    if USUAL.iter().any(begins_with) {
        return Ok(None);
    }
    let (header, _) = split(token, "")?;
    let header = str::from_utf8(header).map_err(|_| Refused)?;
    Ok(Header::parse(header)?.kid()?.map(str::to_owned))
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

    #[test]
    fn a_token_names_its_key_and_is_not_too_long() {
        let header = base64url::encode(r#"{"alg":"HS256","typ":"JWT","kid":"a"}"#);
        assert_eq!(key_id(format!("{header}.x")), Ok(Some("a".to_owned())));
        assert_eq!(key_id(format!("{}.x", base64url::encode(r#"{"typ":"JWT"}"#))), Ok(None));
        assert_eq!(key_id(&header), Err(Refused));
        let members =
            [r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#];
        assert_eq!(members.map(base64url::encode), USUAL);
        for own in USUAL {
            assert_eq!(key_id(format!("{own}.x")), Ok(None));
        }
        let long = format!("{header}.{}", "x".repeat(MAX_TOKEN - header.len() - 1));
        assert_eq!(key_id(&long), Ok(Some("a".to_owned())));
        assert_eq!(key_id(format!("{long}x")), Err(Refused));
    }
}
