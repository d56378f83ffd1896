//! How is a token signed? As a compact JWS with HS256 (RFC 7515 section 7.1).

use super::claims::StrictObject;
use super::{MAX_TOKEN, Refused, base64url};
use ring::hmac;
use serde_json::Value;

/// `{"alg":"HS256","typ":"JWT"}`, the header that every token of ours has.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// Signs claims, given as JSON.
pub(crate) fn sign(key: &hmac::Key, payload: &[u8]) -> String {
    let mut token = format!("{HEADER}.{}", base64url::encode(payload));
    let signature = base64url::encode(hmac::sign(key, token.as_bytes()));
    token.push('.');
    token.push_str(&signature);
    token
}

/// Verifies a compact JWS and returns its payload. The signature is checked before anything is read from it.
pub(crate) fn verify(key: &hmac::Key, token: &str) -> Result<Vec<u8>, Refused> {
    if token.len() > MAX_TOKEN {
        return Err(Refused);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refused)?;
    let (header, payload) = signed.split_once('.').ok_or(Refused)?;
    let signature = base64url::decode(signature)?;
    hmac::verify(key, signed.as_bytes(), &signature).map_err(|_| Refused)?;
    if header != HEADER {
        check_header(header)?;
    }
    base64url::decode(payload)
}

/// Accepts any spelling of the one header: `alg` HS256, `typ` JWT, no `crit` (RFC 8725 section 3.1 and 3.11).
fn check_header(header: &str) -> Result<(), Refused> {
    let header = StrictObject::parse(&base64url::decode(header)?)?;
    let is = |name: &str, value: &str| header.get(name).and_then(Value::as_str) == Some(value);
    if is("alg", "HS256") && is("typ", "JWT") && !header.contains("crit") && !header.contains("b64") {
        return Ok(());
    }
    Err(Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[9; 32])
    }

    fn with_header(header: &str) -> String {
        let signed = format!("{}.{}", base64url::encode(header), base64url::encode("{}"));
        let signature = base64url::encode(hmac::sign(&key(), signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    #[test]
    fn what_is_signed_verifies() {
        let token = sign(&key(), br#"{"sub":"1"}"#);
        assert_eq!(verify(&key(), &token), Ok(br#"{"sub":"1"}"#.to_vec()));
        assert!(token.starts_with(&base64url::encode(r#"{"alg":"HS256","typ":"JWT"}"#)));
    }

    #[test]
    fn the_header_may_have_another_order_and_unknown_members() {
        assert!(verify(&key(), &with_header(r#"{"typ":"JWT","alg":"HS256","kid":"a"}"#)).is_ok());
    }

    #[test]
    fn jo_01_02_10_16_other_headers_are_refused_even_when_signed() {
        for header in [
            r#"{"alg":"none","typ":"JWT"}"#,
            r#"{"alg":"HS512","typ":"JWT"}"#,
            r#"{"alg":"hs256","typ":"JWT"}"#,
            r#"{"alg":["HS256"],"typ":"JWT"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            r#"{"alg":"HS256","typ":"JWT","crit":["exp"]}"#,
            r#"{"alg":"HS256","typ":"JWT","b64":false}"#,
            r#"{"alg":"none","typ":"JWT","alg":"HS256"}"#,
            "[]",
            "",
        ] {
            assert_eq!(verify(&key(), &with_header(header)), Err(Refused), "{header}");
        }
    }

    #[test]
    fn jo_06_11_13_altered_shortened_and_padded_tokens_are_refused() {
        let token = sign(&key(), b"{}");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        for altered in [
            format!("{signed}."),
            format!("{signed}.{}", &signature[..42]),
            format!("{token}="),
            format!("{token}A"),
            format!("{token}.x"),
            format!(" {token}"),
            signed.to_owned(),
            String::new(),
            "..".to_owned(),
            "a".repeat(MAX_TOKEN + 1),
        ] {
            assert_eq!(verify(&key(), &altered), Err(Refused), "{altered}");
        }
    }
}
