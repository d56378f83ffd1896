//! Tokens that another party signed: header first, then signature, claims last (RFC 7515 section 5.2).

use crate::algorithm::{MacAlgorithm, SigningAlgorithm};
use crate::header::Header;
use crate::jwk::Jwk;
use crate::jwk_set::JwkSet;
use crate::jws::CompactJws;
use aura_types::StrictObject;
use ring::hmac;
use std::fmt;

/// Why a token of another party is refused.
///
/// ```
/// use aura_jose::{JwsError, SigningAlgorithm, UnverifiedJws};
/// let parse = |token| UnverifiedJws::parse(token, &["jwt"], &[SigningAlgorithm::EdDsa]).map(drop);
/// assert_eq!(parse("eyJhbGciOiJub25lIn0.e30."), Err(JwsError::Algorithm));
/// assert_eq!(parse("a.b.c.d.e"), Err(JwsError::Encrypted));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "whoever reports causes must not miss a new one")]
pub enum JwsError {
    /// It is no compact JWS with a sound header, or its claims are no JSON object.
    #[error("the token is malformed")]
    Malformed,
    /// It has the five parts of a JWE (RFC 7516 section 9), for which there is no key.
    #[error("the token is encrypted")]
    Encrypted,
    /// Its algorithm is none that is permitted.
    #[error("the token is signed by an algorithm that is not permitted")]
    Algorithm,
    /// No published key fits. A newer set may have one.
    #[error("the token is signed by an unknown key")]
    UnknownKey,
    /// The key that it names did not make its signature.
    #[error("the token's signature does not verify")]
    Signature,
}

/// A compact JWS of another party: taken apart, and not verified yet (RFC 7515 section 5.2).
///
/// ```
/// use aura_jose::{JwkSet, SigningAlgorithm, SigningKey, UnverifiedJws};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = SigningKey::from_seed(&[7; 32])?;
/// let published = format!(r#"{{"keys":[{}]}}"#, issuer.verification_key().to_jwk());
/// let token = issuer.sign_jwt(br#"{"iss":"https://idp.example","sub":"ada"}"#)?;
///
/// let unverified = UnverifiedJws::parse(&token, &["jwt"], &[SigningAlgorithm::Es256, SigningAlgorithm::EdDsa])?;
/// let mut claims = unverified.verify(&JwkSet::parse(published.as_bytes())?)?;
/// assert_eq!(claims.take_text("sub")?.as_deref(), Some("ada"));
/// # Ok(()) }
/// ```
pub struct UnverifiedJws<'a> {
    jws: CompactJws<'a>,
    header: Header,
    algorithm: SigningAlgorithm,
}

impl<'a> UnverifiedJws<'a> {
    /// Takes a token apart whose `typ` is one of these, or is missing, and whose algorithm is permitted.
    ///
    /// Types are in lower case, and without `application/` (RFC 7515 section 4.1.9).
    ///
    /// # Errors
    /// [`JwsError::Malformed`], [`JwsError::Encrypted`] or [`JwsError::Algorithm`].
    ///
    /// ```
    /// use aura_jose::{JwsError, SigningAlgorithm, UnverifiedJws};
    /// # fn main() -> Result<(), aura_jose::KeyError> {
    /// let token = aura_jose::SigningKey::from_seed(&[7; 32])?.sign_jwt(b"{}")?;
    /// let parse = |types: &[&str]| UnverifiedJws::parse(&token, types, &[SigningAlgorithm::EdDsa]).map(drop);
    /// assert_eq!(parse(&["jwt"]), Ok(()));
    /// assert_eq!(parse(&["logout+jwt"]), Err(JwsError::Malformed));
    /// # Ok(()) }
    /// ```
    pub fn parse(token: &'a str, types: &[&str], permitted: &[SigningAlgorithm]) -> Result<Self, JwsError> {
        // RFC 7516 section 9: five parts are an encrypted token.
        if token.split('.').take(6).count() == 5 {
            return Err(JwsError::Encrypted);
        }
        let jws = CompactJws::split_foreign(token).map_err(|_| JwsError::Malformed)?;
        let header = Header::parse_foreign(jws.header, types).map_err(|_| JwsError::Malformed)?;
        header.kid().map_err(|_| JwsError::Malformed)?;
        let algorithm = header.algorithm().filter(|algorithm| permitted.contains(algorithm));
        let algorithm = algorithm.ok_or(JwsError::Algorithm)?;
        Ok(Self { jws, header, algorithm })
    }

    /// Returns the algorithm that the token names, which is one of those that are permitted.
    ///
    /// ```
    /// use aura_jose::{JwsError, SigningAlgorithm, UnverifiedJws};
    /// let permitted = [SigningAlgorithm::Hs256, SigningAlgorithm::Hs512];
    /// let unverified = UnverifiedJws::parse("eyJhbGciOiJIUzI1NiJ9.e30.AAAA", &["jwt"], &permitted)?;
    /// assert_eq!(unverified.algorithm(), SigningAlgorithm::Hs256);
    /// # Ok::<(), JwsError>(())
    /// ```
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Verifies the signature by a published key, and returns the claims, which are not checked.
    ///
    /// # Errors
    /// [`JwsError::UnknownKey`], [`JwsError::Signature`], or [`JwsError::Malformed`] for claims that are no JSON object. A
    /// token that names no key and that no key of the set verifies is one of an unknown key.
    ///
    /// ```
    /// use aura_jose::{JwkSet, JwsError, SigningAlgorithm, UnverifiedJws};
    /// # fn main() -> Result<(), aura_jose::KeyError> {
    /// let token = aura_jose::SigningKey::from_seed(&[7; 32])?.sign_jwt(b"{}")?;
    /// let none = JwkSet::parse(br#"{"keys":[]}"#)?;
    /// let verified = UnverifiedJws::parse(&token, &["jwt"], &[SigningAlgorithm::EdDsa]).and_then(|jws| jws.verify(&none));
    /// assert_eq!(verified, Err(JwsError::UnknownKey));
    /// # Ok(()) }
    /// ```
    pub fn verify(&self, keys: &JwkSet) -> Result<StrictObject, JwsError> {
        self.verify_where(keys, |_| true)
    }

    /// Verifies the signature by a published key whose own member `issuer` a function takes. The member is no part of RFC 7517;
    /// Microsoft Entra ID marks keys of several issuers by it.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify). A key that is not taken is unknown, and so is one whose `issuer` is no text.
    ///
    /// ```
    /// use aura_jose::{JwkSet, JwsError, SigningAlgorithm, UnverifiedJws};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = aura_jose::SigningKey::from_seed(&[7; 32])?;
    /// let mut jwk = key.verification_key().to_jwk();
    /// jwk["issuer"] = "https://a.example".into();
    /// let keys = JwkSet::parse(format!(r#"{{"keys":[{jwk}]}}"#).as_bytes())?;
    /// let token = key.sign_jwt(b"{}")?;
    /// let token = UnverifiedJws::parse(&token, &["jwt"], &[SigningAlgorithm::EdDsa])?;
    /// assert!(token.verify_where(&keys, |issuer| issuer == Some("https://a.example")).is_ok());
    /// assert_eq!(token.verify_where(&keys, |issuer| issuer.is_none()), Err(JwsError::UnknownKey));
    /// # Ok(()) }
    /// ```
    pub fn verify_where(
        &self,
        keys: &JwkSet,
        takes_issuer: impl Fn(Option<&str>) -> bool,
    ) -> Result<StrictObject, JwsError> {
        let kid = self.header.kid().map_err(|_| JwsError::Malformed)?;
        let takes = |jwk: &Jwk| jwk.issuer().is_ok_and(&takes_issuer);
        let mut candidates = keys.candidates_where(self.algorithm, kid, takes).peekable();
        if candidates.peek().is_none() {
            return Err(JwsError::UnknownKey);
        }
        let signed = self.jws.signed.as_bytes();
        if candidates.any(|key| key.verify(signed, &self.jws.signature).is_ok()) {
            return self.claims();
        }
        // If the token has no `kid`, its key may not be published yet.
        Err(if kid.is_none() { JwsError::UnknownKey } else { JwsError::Signature })
    }

    /// Verifies the signature by a secret that both parties have (RFC 7518 section 3.2), and returns the claims, which are not
    /// judged.
    ///
    /// # Errors
    /// [`JwsError::Algorithm`] for an algorithm of a key pair, [`JwsError::Signature`] or [`JwsError::Malformed`].
    ///
    /// ```
    /// use aura_jose::{JwsError, MacAlgorithm, MacKey, SigningAlgorithm, UnverifiedJws};
    /// let token = MacKey::new(MacAlgorithm::Hs256, b"the secret of both").sign_jwt(b"{}");
    /// let unverified = UnverifiedJws::parse(&token, &["jwt"], &[SigningAlgorithm::Hs256])?;
    /// assert!(unverified.verify_with_secret(b"the secret of both").is_ok());
    /// assert_eq!(unverified.verify_with_secret(b"another"), Err(JwsError::Signature));
    /// assert_eq!(unverified.verify_with_secret(b""), Err(JwsError::Signature));
    /// # Ok::<(), JwsError>(())
    /// ```
    pub fn verify_with_secret(&self, secret: &[u8]) -> Result<StrictObject, JwsError> {
        let algorithm = MacAlgorithm::try_from(self.algorithm).map_err(|_| JwsError::Algorithm)?;
        // An empty secret was not set.
        let is_signed = !secret.is_empty()
            && hmac::verify(&algorithm.key(secret), self.jws.signed.as_bytes(), &self.jws.signature).is_ok();
        if is_signed { self.claims() } else { Err(JwsError::Signature) }
    }

    /// Returns the claims without verifying anything: to choose keys by, and for nothing else.
    ///
    /// # Errors
    /// [`JwsError::Malformed`] for claims that are no JSON object.
    ///
    /// ```
    /// use aura_jose::{JwsError, SigningAlgorithm, UnverifiedJws};
    /// let forged = UnverifiedJws::parse("eyJhbGciOiJIUzI1NiJ9.e30.AAAA", &["jwt"], &[SigningAlgorithm::Hs256])?;
    /// assert!(forged.claims()?.into_members().is_empty());
    /// # Ok::<(), JwsError>(())
    /// ```
    pub fn claims(&self) -> Result<StrictObject, JwsError> {
        self.jws.unverified_claims().map_err(|_| JwsError::Malformed)
    }
}

impl fmt::Debug for UnverifiedJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJws").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64url;
    use crate::signing_key::SigningKey;
    use serde_json::json;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    const ED_DSA: &[SigningAlgorithm] = &[SigningAlgorithm::EdDsa];

    fn keys(kid: &str) -> JwkSet {
        let set = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": X }] });
        JwkSet::parse(set.to_string().as_bytes()).unwrap()
    }

    fn signed(header: &str, payload: &str) -> String {
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "d": D, "x": X }).to_string();
        let key = SigningKey::from_jwk(SigningAlgorithm::EdDsa, &jwk).unwrap();
        let text = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
        let signature = key.sign(text.as_bytes()).unwrap();
        format!("{text}.{}", base64url::encode(signature))
    }

    fn read(token: &str, keys: &JwkSet) -> Result<StrictObject, JwsError> {
        UnverifiedJws::parse(token, &["jwt"], ED_DSA)?.verify(keys)
    }

    #[test]
    fn a_token_of_a_published_key_gives_its_claims() {
        for header in [
            r#"{"alg":"EdDSA"}"#,
            r#"{"alg":"EdDSA","kid":"a"}"#,
            r#"{"alg":"EdDSA","typ":"JWT","kid":"a","x5t":"ignored"}"#,
            r#"{"alg":"EdDSA","typ":"application/jwt"}"#,
            r#"{"alg":"Ed25519"}"#,
            r#"{"alg":"EdDSA","kid":"a","jku":"https://evil.test","x5u":"https://evil.test","x5c":[],"jwk":{"kty":"oct"}}"#,
        ] {
            let claims = read(&signed(header, r#"{"sub":"1"}"#), &keys("a")).unwrap();
            assert_eq!(claims.get("sub"), Some(&json!("1")), "{header}");
        }
    }

    #[test]
    fn jo_01_02_09_10_28_every_other_header_has_its_cause() {
        for (header, cause) in [
            (r#"{"alg":"none"}"#, JwsError::Algorithm),
            (r#"{"alg":"None"}"#, JwsError::Algorithm),
            (r#"{"alg":""}"#, JwsError::Algorithm),
            (r#"{"alg":null}"#, JwsError::Algorithm),
            (r#"{"alg":["EdDSA"]}"#, JwsError::Algorithm),
            (r#"{"alg":"eddsa"}"#, JwsError::Algorithm),
            (r#"{"alg":"HS256"}"#, JwsError::Algorithm),
            (r#"{"alg":"RS256"}"#, JwsError::Algorithm),
            ("{}", JwsError::Algorithm),
            (r#"{"alg":"EdDSA","kid":"b"}"#, JwsError::UnknownKey),
            (r#"{"alg":"EdDSA","kid":7}"#, JwsError::Malformed),
            (r#"{"alg":"EdDSA","typ":"logout+jwt"}"#, JwsError::Malformed),
            (r#"{"alg":"EdDSA","typ":"at+jwt"}"#, JwsError::Malformed),
            (r#"{"alg":"EdDSA","typ":1}"#, JwsError::Malformed),
            (r#"{"alg":"EdDSA","crit":["exp"]}"#, JwsError::Malformed),
            (r#"{"alg":"EdDSA","zip":"DEF","jku":"https://evil.test"}"#, JwsError::Malformed),
            (r#"{"alg":"EdDSA","b64":true,"jwk":{"kty":"OKP"}}"#, JwsError::Malformed),
            (r#"{"alg":"EdDSA","alg":"EdDSA"}"#, JwsError::Malformed),
        ] {
            assert_eq!(read(&signed(header, "{}"), &keys("a")), Err(cause), "{header}");
        }
    }

    #[test]
    fn jo_06_11_16_altered_tokens_are_refused() {
        let token = signed(r#"{"alg":"EdDSA","kid":"a"}"#, r#"{"sub":"1"}"#);
        let (signed_part, signature) = token.rsplit_once('.').unwrap();
        let other = base64url::encode([7; 64]);
        for (altered, cause) in [
            (format!("{signed_part}.{other}"), JwsError::Signature),
            (format!("{signed_part}."), JwsError::Signature),
            (format!("{signed_part}.{}", &signature[..43]), JwsError::Malformed),
            (format!("{token}.a.b"), JwsError::Encrypted),
            (format!("{token}.a"), JwsError::Malformed),
            (signed_part.to_owned(), JwsError::Malformed),
            (String::new(), JwsError::Malformed),
            (signed(r#"{"alg":"EdDSA"}"#, r#"{"sub":"1","sub":"2"}"#), JwsError::Malformed),
            (signed(r#"{"alg":"EdDSA"}"#, "[]"), JwsError::Malformed),
        ] {
            assert_eq!(read(&altered, &keys("a")), Err(cause), "{altered}");
        }
        let unnamed = signed(r#"{"alg":"EdDSA"}"#, "{}");
        let (unnamed, _) = unnamed.rsplit_once('.').unwrap();
        assert_eq!(read(&format!("{unnamed}.{other}"), &keys("a")), Err(JwsError::UnknownKey));
    }

    #[test]
    fn jo_03_a_published_key_is_no_secret() {
        let permitted = &[SigningAlgorithm::Hs256];
        let text = format!("{}.{}", base64url::encode(r#"{"alg":"HS256"}"#), base64url::encode("{}"));
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"the secret");
        let token = format!("{text}.{}", base64url::encode(hmac::sign(&key, text.as_bytes())));
        assert!(read(&token, &keys("a")).is_err());
        let foreign = UnverifiedJws::parse(&token, &["jwt"], permitted).unwrap();
        assert!(foreign.verify_with_secret(b"the secret").is_ok());
        assert_eq!(foreign.verify_with_secret(b"another").unwrap_err(), JwsError::Signature);
        assert_eq!(foreign.verify(&keys("a")).unwrap_err(), JwsError::UnknownKey);
    }
}
