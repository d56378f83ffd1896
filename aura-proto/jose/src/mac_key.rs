//! Secret keys that sign tokens and verify them: HMAC (RFC 7518 section 3.2).

use crate::algorithm::{MacAlgorithm, SigningAlgorithm};
use crate::base64url::{self, Codec};
use crate::header::{self, Header, KeyIds};
use crate::jws::{self, MAX_TOKEN};
use aura_types::Refused;
use ring::hmac;
use std::fmt;

/// Longest tag, that of SHA-512.
const MAX_TAG: usize = 64;

/// A secret key that signs tokens and verifies them (RFC 7515, RFC 7518 section 3.2).
///
/// ```
/// use aura_jose::{MacAlgorithm, MacKey, Refused};
/// let key = MacKey::new(MacAlgorithm::Hs256, &[7; 32]);
/// let token = key.sign_jwt(br#"{"sub":"ada"}"#);
/// assert_eq!(key.verify_jwt(&token)?, br#"{"sub":"ada"}"#);
/// assert_eq!(MacKey::new(MacAlgorithm::Hs512, &[7; 32]).verify_jwt(&token), Err(Refused));
/// # Ok::<(), Refused>(())
/// ```
#[derive(Clone)]
pub struct MacKey {
    key: hmac::Key,
    algorithm: SigningAlgorithm,
    kid: Option<String>,
    /// The header of what it signs.
    header: String,
    codec: Codec,
}

impl MacKey {
    /// Makes a key of secret bytes, which tokens do not name.
    ///
    /// The bytes are random, and at least as many as the hash has: 32, 48 or 64 (RFC 7518 section 3.2). Their number is not
    /// checked, because a secret may be the choice of another party.
    ///
    /// ```
    /// use aura_jose::{MacAlgorithm, MacKey, key_id};
    /// let token = MacKey::new(MacAlgorithm::Hs256, &[7; 32]).sign_jwt(b"{}");
    /// assert_eq!(key_id(&token), Ok(None));
    /// ```
    pub fn new(algorithm: MacAlgorithm, secret: &[u8]) -> Self {
        let (key, algorithm) = (algorithm.key(secret), SigningAlgorithm::from(algorithm));
        let header = header::write(&members(algorithm), None);
        Self { key, algorithm, kid: None, header, codec: Codec::default() }
    }

    /// Sets the key's id, the `kid` of its tokens (RFC 7515 section 4.1.4). A token that names another key is refused.
    ///
    /// ```
    /// use aura_jose::{KeyIds, MacAlgorithm, MacKey};
    /// let key = || MacKey::new(MacAlgorithm::Hs256, &[7; 32]);
    /// let token = key().with_kid("a", KeyIds::Written).sign_jwt(b"{}");
    /// assert!(key().with_kid("a", KeyIds::Omitted).verify_jwt(&token).is_ok());
    /// assert!(key().with_kid("b", KeyIds::Omitted).verify_jwt(&token).is_err());
    /// assert!(key().verify_jwt(&token).is_err());
    /// ```
    #[must_use = "the key is returned with its id"]
    pub fn with_kid(self, kid: impl Into<String>, ids: KeyIds) -> Self {
        let kid = kid.into();
        let header = header::write(&members(self.algorithm), ids.written(&kid));
        Self { kid: Some(kid), header, ..self }
    }

    /// Signs claims, given as JSON: a compact JWS of the header `alg`, `typ` JWT and, where it is written, `kid` (RFC 7515
    /// section 7.1, RFC 7519 section 7.1).
    ///
    /// ```
    /// use aura_jose::{MacAlgorithm, MacKey, base64url};
    /// let token = MacKey::new(MacAlgorithm::Hs256, &[7; 32]).sign_jwt(b"{}");
    /// assert!(token.starts_with(&base64url::encode(r#"{"alg":"HS256","typ":"JWT"}"#)));
    /// assert_eq!(token.split('.').nth(1), Some("e30"));
    /// ```
    pub fn sign_jwt(&self, claims: &[u8]) -> String {
        let token = jws::signing_input(&self.header, claims, &self.codec);
        let signature = hmac::sign(&self.key, &token);
        jws::add_signature(token, signature)
    }

    /// Verifies a compact JWS, and returns its payload (RFC 7515 section 5.2).
    ///
    /// The signature is checked before anything is read. The header has this key's algorithm, `typ` JWT, no `cty`, and this
    /// key's id or none. The claims are not checked.
    ///
    /// # Errors
    /// [`Refused`] for every other token.
    ///
    /// ```
    /// use aura_jose::{MacAlgorithm, MacKey, Refused};
    /// let key = MacKey::new(MacAlgorithm::Hs256, &[7; 32]);
    /// let token = key.sign_jwt(b"{}");
    /// assert_eq!(key.verify_jwt(&token), Ok(b"{}".to_vec()));
    /// assert_eq!(key.verify_jwt(&token.replace("e30", "W10")), Err(Refused));
    /// ```
    pub fn verify_jwt(&self, token: impl AsRef<[u8]>) -> Result<Vec<u8>, Refused> {
        let token = token.as_ref();
        if token.len() > MAX_TOKEN {
            return Err(Refused);
        }
        // A signature has one length, so that its dot need not be searched: a dot elsewhere is no base64url.
        let tag_length = self.key.algorithm().digest_algorithm().output_len();
        let characters = tag_length.saturating_mul(4).div_ceil(3);
        let signed = token.len().checked_sub(characters).ok_or(Refused)?;
        let (signed, signature) = token.split_at_checked(signed).ok_or(Refused)?;
        let signed = signed.strip_suffix(b".").ok_or(Refused)?;
        let mut tag = [0; MAX_TAG];
        let tag = tag.get_mut(..tag_length).ok_or(Refused)?;
        base64url::decode_exactly(signature, tag)?;
        hmac::verify(&self.key, signed, tag).map_err(|_| Refused)?;
        let (header, payload) = header::split(signed, &self.header)?;
        if header != self.header.as_bytes() {
            self.check_header(str::from_utf8(header).map_err(|_| Refused)?)?;
        }
        let mut claims = Vec::new();
        self.codec.decode_into(&mut claims, payload)?;
        Ok(claims)
    }

    /// Accepts any spelling of the one header.
    fn check_header(&self, header: &str) -> Result<(), Refused> {
        let header = Header::parse(header)?;
        if header.is("alg", self.algorithm.name())
            && !header.contains("cty")
            && header.may_mean(self.kid.as_deref())?
        {
            return Ok(());
        }
        Err(Refused)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The members of a header, but for the key's id.
fn members(algorithm: SigningAlgorithm) -> String {
    format!(r#""alg":"{algorithm}","typ":"JWT""#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64url;
    use crate::jws::MAX_TOKEN;

    fn key_of(algorithm: MacAlgorithm, ids: KeyIds) -> MacKey {
        MacKey::new(algorithm, &[9; 32]).with_kid("own-id", ids)
    }

    fn key() -> MacKey {
        key_of(MacAlgorithm::Hs256, KeyIds::Omitted)
    }

    fn with_header(header: &str) -> String {
        let signed = format!("{}.{}", base64url::encode(header), base64url::encode("{}"));
        let signature = base64url::encode(hmac::sign(&key().key, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    #[test]
    fn what_is_signed_verifies() {
        let token = key().sign_jwt(br#"{"sub":"1"}"#);
        assert_eq!(key().verify_jwt(&token), Ok(br#"{"sub":"1"}"#.to_vec()));
        assert!(token.starts_with(&base64url::encode(r#"{"alg":"HS256","typ":"JWT"}"#)));
    }

    #[test]
    fn the_header_may_have_another_order_and_unknown_members() {
        assert!(key().verify_jwt(with_header(r#"{"typ":"JWT","alg":"HS256","x":"a"}"#)).is_ok());
    }

    #[test]
    fn each_hash_has_the_header_of_its_name() {
        for (algorithm, name) in
            [(MacAlgorithm::Hs256, "HS256"), (MacAlgorithm::Hs384, "HS384"), (MacAlgorithm::Hs512, "HS512")]
        {
            let key = key_of(algorithm, KeyIds::Omitted);
            let token = key.sign_jwt(b"{}");
            let header = base64url::decode(token.split('.').next().unwrap()).unwrap();
            assert_eq!(header, format!(r#"{{"alg":"{name}","typ":"JWT"}}"#).as_bytes());
            assert_eq!(key.verify_jwt(&token), Ok(b"{}".to_vec()));
        }
    }

    #[test]
    fn jo_28_a_key_with_an_id_says_it_and_reads_it_and_no_other() {
        let named = key_of(MacAlgorithm::Hs256, KeyIds::Written);
        let token = named.sign_jwt(b"{}");
        let header = base64url::decode(token.split('.').next().unwrap()).unwrap();
        assert_eq!(header, br#"{"alg":"HS256","typ":"JWT","kid":"own-id"}"#);
        for key in [named, key()] {
            assert_eq!(key.verify_jwt(&token), Ok(b"{}".to_vec()));
            assert_eq!(key.verify_jwt(key.sign_jwt(b"{}")), Ok(b"{}".to_vec()));
            for kid in ["other", "OWN-ID", "own-id ", ""] {
                let token = with_header(&format!(r#"{{"alg":"HS256","typ":"JWT","kid":"{kid}"}}"#));
                assert_eq!(key.verify_jwt(&token), Err(Refused), "{kid}");
            }
        }
    }

    #[test]
    fn jo_05_one_key_under_another_hash_verifies_nothing() {
        let token = key_of(MacAlgorithm::Hs512, KeyIds::Omitted).sign_jwt(b"{}");
        assert_eq!(key().verify_jwt(&token), Err(Refused));
        // Even where the signature is made for the expected hash, the header must name it.
        assert_eq!(key().verify_jwt(with_header(r#"{"alg":"HS512","typ":"JWT"}"#)), Err(Refused));
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
            assert_eq!(key().verify_jwt(with_header(header)), Err(Refused), "{header}");
        }
    }

    #[test]
    fn jo_06_11_13_altered_shortened_and_padded_tokens_are_refused() {
        let token = key().sign_jwt(b"{}");
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
            assert_eq!(key().verify_jwt(&altered), Err(Refused), "{altered}");
        }
    }

    #[test]
    fn jo_18_a_token_is_as_long_as_a_set_of_cookies_at_most() {
        let of = |length: usize| key().sign_jwt(&vec![b' '; length]);
        let longest = (0..MAX_TOKEN).rev().find(|length| of(*length).len() <= MAX_TOKEN).unwrap();
        assert_eq!(of(longest).len(), MAX_TOKEN);
        assert!(key().verify_jwt(of(longest)).is_ok());
        assert_eq!(key().verify_jwt(of(longest + 1)), Err(Refused));
    }
}
