//! How is a token signed? As a compact JWS (RFC 7515 section 7.1).

use super::header::{Header, KeyIds};
use super::key::{SigningKey, VerificationKey};
use super::{MAX_TOKEN, Refused, base64url};
use ring::hmac;
use serde_json::json;

/// A key of a secret that signs, and the header of what it signs.
#[derive(Clone)]
pub(crate) struct MacKey {
    key: hmac::Key,
    kid: String,
    header: String,
}

impl MacKey {
    /// The key by itself.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn raw(&self) -> &hmac::Key {
        &self.key
    }

    pub(crate) fn new(key: hmac::Key, kid: &str, ids: KeyIds) -> Self {
        let header = ids.header(&format!(r#""alg":"{}","typ":"JWT""#, algorithm(&key)), kid);
        Self { key, kid: kid.to_owned(), header }
    }

    /// Signs claims, given as JSON. The key's algorithm goes into the header.
    pub(crate) fn sign(&self, payload: &[u8]) -> String {
        let token = signing_input(&self.header, payload);
        let signature = hmac::sign(&self.key, token.as_bytes());
        add_signature(token, signature)
    }

    /// Verifies a compact JWS, and returns its payload. The signature is checked before anything is read from it. A
    /// token that names another key is of another maker.
    pub(crate) fn verify(&self, token: &str) -> Result<Vec<u8>, Refused> {
        let parts = Parts::split(token)?;
        hmac::verify(&self.key, parts.signed.as_bytes(), &parts.signature).map_err(|_| Refused)?;
        if parts.header != self.header {
            let header = Header::parse(parts.header)?;
            let is_meant = header.kid()?.is_none_or(|kid| kid == self.kid);
            if !header.is("alg", algorithm(&self.key)) || header.contains("cty") || !is_meant {
                return Err(Refused);
            }
        }
        base64url::decode(parts.payload)
    }
}

/// The registered name of a key's algorithm.
fn algorithm(key: &hmac::Key) -> &'static str {
    let algorithm = key.algorithm();
    if algorithm == hmac::HMAC_SHA384 {
        "HS384"
    } else if algorithm == hmac::HMAC_SHA512 {
        "HS512"
    } else {
        "HS256"
    }
}

/// Signs claims, given as JSON, with a key pair, and names it where it has an id.
pub(crate) fn sign_with(key: &SigningKey, payload: &[u8]) -> Result<String, Refused> {
    let public = key.verification_key();
    let kid = public.kid().map(|kid| format!(r#","kid":{}"#, json!(kid))).unwrap_or_default();
    let header = format!(r#"{{"alg":"{}","typ":"JWT"{kid}}}"#, public.algorithm());
    let token = signing_input(&base64url::encode(header), payload);
    let signature = key.sign(token.as_bytes())?;
    Ok(add_signature(token, signature))
}

/// Verifies a compact JWS with those keys that its header can mean, and returns its payload. The algorithm is each
/// key's own; a token that names a key is tried with keys of that id alone (RFC 8725 section 3.1).
pub(crate) fn verify_with<'a>(
    keys: impl IntoIterator<Item = &'a VerificationKey>,
    token: &str,
) -> Result<Vec<u8>, Refused> {
    let parts = Parts::split(token)?;
    let header = Header::parse(parts.header)?;
    verify_parts(keys, &parts, &header)
}

/// Verifies what was split and read.
pub(super) fn verify_parts<'a>(
    keys: impl IntoIterator<Item = &'a VerificationKey>,
    parts: &Parts<'_>,
    header: &Header,
) -> Result<Vec<u8>, Refused> {
    if header.contains("cty") {
        return Err(Refused);
    }
    let kid = header.kid()?;
    let meant = |key: &VerificationKey| {
        header.is("alg", key.algorithm().name()) && kid.is_none_or(|kid| key.kid() == Some(kid))
    };
    let mut meant = keys.into_iter().filter(|key| meant(key));
    if meant.any(|key| key.verify(parts.signed.as_bytes(), &parts.signature).is_ok()) {
        return base64url::decode(parts.payload);
    }
    Err(Refused)
}

/// Writes header and payload of a compact JWS, which are what is signed.
fn signing_input(header: &str, payload: &[u8]) -> String {
    // Four characters for three bytes, and room for two dots and the signature.
    let room = payload.len().saturating_mul(4).div_ceil(3).saturating_add(header.len()).saturating_add(96);
    let mut token = String::with_capacity(room);
    token.push_str(header);
    token.push('.');
    base64url::encode_into(&mut token, payload);
    token
}

/// Completes a compact JWS.
fn add_signature(mut token: String, signature: impl AsRef<[u8]>) -> String {
    token.push('.');
    base64url::encode_into(&mut token, signature);
    token
}

/// The three parts of a compact JWS.
pub(crate) struct Parts<'a> {
    /// Header and payload as they were signed.
    pub(crate) signed: &'a str,
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    /// Splits a token of bounded length. A dot too many is left in the payload, where it is no base64url.
    pub(crate) fn split(token: &'a str) -> Result<Self, Refused> {
        if token.len() > MAX_TOKEN {
            return Err(Refused);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refused)?;
        let (header, payload) = signed.split_once('.').ok_or(Refused)?;
        Ok(Self { signed, header, payload, signature: base64url::decode(signature)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(algorithm: hmac::Algorithm, ids: KeyIds) -> MacKey {
        MacKey::new(hmac::Key::new(algorithm, &[9; 32]), "own-id", ids)
    }

    fn key() -> MacKey {
        key_of(hmac::HMAC_SHA256, KeyIds::Omitted)
    }

    fn with_header(header: &str) -> String {
        let signed = format!("{}.{}", base64url::encode(header), base64url::encode("{}"));
        let signature = base64url::encode(hmac::sign(&key().key, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    #[test]
    fn what_is_signed_verifies() {
        let token = key().sign(br#"{"sub":"1"}"#);
        assert_eq!(key().verify(&token), Ok(br#"{"sub":"1"}"#.to_vec()));
        assert!(token.starts_with(&base64url::encode(r#"{"alg":"HS256","typ":"JWT"}"#)));
    }

    #[test]
    fn the_header_may_have_another_order_and_unknown_members() {
        assert!(key().verify(&with_header(r#"{"typ":"JWT","alg":"HS256","x":"a"}"#)).is_ok());
    }

    #[test]
    fn each_hash_has_the_header_of_its_name() {
        for (algorithm, name) in
            [(hmac::HMAC_SHA256, "HS256"), (hmac::HMAC_SHA384, "HS384"), (hmac::HMAC_SHA512, "HS512")]
        {
            let key = key_of(algorithm, KeyIds::Omitted);
            let token = key.sign(b"{}");
            let header = base64url::decode(token.split('.').next().unwrap()).unwrap();
            assert_eq!(header, format!(r#"{{"alg":"{name}","typ":"JWT"}}"#).as_bytes());
            assert_eq!(key.verify(&token), Ok(b"{}".to_vec()));
        }
    }

    #[test]
    fn jo_28_a_key_with_an_id_says_it_and_reads_it_and_no_other() {
        let named = key_of(hmac::HMAC_SHA256, KeyIds::Written);
        let token = named.sign(b"{}");
        let header = base64url::decode(token.split('.').next().unwrap()).unwrap();
        assert_eq!(header, br#"{"alg":"HS256","typ":"JWT","kid":"own-id"}"#);
        for key in [named, key()] {
            assert_eq!(key.verify(&token), Ok(b"{}".to_vec()));
            assert_eq!(key.verify(&key.sign(b"{}")), Ok(b"{}".to_vec()));
            for kid in ["other", "OWN-ID", "own-id ", ""] {
                let token = with_header(&format!(r#"{{"alg":"HS256","typ":"JWT","kid":"{kid}"}}"#));
                assert_eq!(key.verify(&token), Err(Refused), "{kid}");
            }
        }
    }

    #[test]
    fn jo_05_one_key_under_another_hash_verifies_nothing() {
        let token = key_of(hmac::HMAC_SHA512, KeyIds::Omitted).sign(b"{}");
        assert_eq!(key().verify(&token), Err(Refused));
        // Even where the signature is made for the expected hash, the header must name it.
        assert_eq!(key().verify(&with_header(r#"{"alg":"HS512","typ":"JWT"}"#)), Err(Refused));
    }

    #[test]
    fn jo_01_02_10_16_28_other_headers_are_refused_even_when_signed() {
        for header in [
            r#"{"alg":"none","typ":"JWT"}"#,
            r#"{"alg":"HS512","typ":"JWT"}"#,
            r#"{"alg":"hs256","typ":"JWT"}"#,
            r#"{"alg":["HS256"],"typ":"JWT"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            r#"{"alg":"HS256","typ":"JWT","crit":["exp"]}"#,
            r#"{"alg":"HS256","typ":"JWT","b64":false}"#,
            r#"{"alg":"HS256","typ":"JWT","cty":"JWT"}"#,
            r#"{"alg":"HS256","typ":"JWT","kid":"a"}"#,
            r#"{"alg":null,"typ":"JWT"}"#,
            r#"{"alg":"HS256 ","typ":"JWT"}"#,
            r#"{"typ":"JWT"}"#,
            r#"{"alg":"none","typ":"JWT","alg":"HS256"}"#,
            "[]",
            "",
        ] {
            assert_eq!(key().verify(&with_header(header)), Err(Refused), "{header}");
        }
    }

    #[test]
    fn jo_06_11_13_altered_shortened_and_padded_tokens_are_refused() {
        let token = key().sign(b"{}");
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
            assert_eq!(key().verify(&altered), Err(Refused), "{altered}");
        }
    }

    #[test]
    fn jo_18_a_token_is_as_long_as_a_set_of_cookies_at_most() {
        let of = |length: usize| key().sign(&vec![b' '; length]);
        let longest = (0..MAX_TOKEN).rev().find(|length| of(*length).len() <= MAX_TOKEN).unwrap();
        assert_eq!(of(longest).len(), MAX_TOKEN);
        assert!(key().verify(&of(longest)).is_ok());
        assert_eq!(key().verify(&of(longest + 1)), Err(Refused));
    }
}
