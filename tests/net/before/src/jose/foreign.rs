//! How is a token read that a provider signed? Its header first, then its signature, and its claims last (RFC 7515
//! section 5.2).

use super::algorithm::SigningAlgorithm;
use super::claims::StrictObject;
use super::header::Header;
use super::jwk_set::JwkSet;
use super::jws::Parts;
use super::{Refused, base64url};
use ring::hmac;

/// Why a provider's token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// It is no compact JWS with a sound header, or its claims are no JSON object.
    Malformed,
    /// It is encrypted (RFC 7516), for which no key was registered.
    Encrypted,
    /// Its algorithm is none that is permitted.
    Algorithm,
    /// No published key fits.
    UnknownKey,
    /// The key that it names did not make its signature.
    Signature,
}

/// A token that somebody else signed: taken apart, and not believed yet.
pub(crate) struct ForeignToken<'a> {
    parts: Parts<'a>,
    header: Header,
    algorithm: SigningAlgorithm,
}

impl<'a> ForeignToken<'a> {
    /// Takes a token apart whose type is one of these, or is not said, and whose algorithm is permitted.
    pub(crate) fn parse(
        token: &'a str,
        types: &[&str],
        permitted: &[SigningAlgorithm],
    ) -> Result<Self, Distrust> {
        // RFC 7516 section 9: five parts are an encrypted token.
        if token.split('.').take(6).count() == 5 {
            return Err(Distrust::Encrypted);
        }
        let parts = Parts::split(token).map_err(|_| Distrust::Malformed)?;
        let header = Header::parse_of(parts.header, types).map_err(|_| Distrust::Malformed)?;
        header.kid().map_err(|_| Distrust::Malformed)?;
        let algorithm = header.algorithm().filter(|algorithm| permitted.contains(algorithm));
        let algorithm = algorithm.ok_or(Distrust::Algorithm)?;
        Ok(Self { parts, header, algorithm })
    }

    pub(crate) fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Verifies the signature by a published key, and returns the claims.
    pub(crate) fn verify(&self, keys: &JwkSet) -> Result<StrictObject, Distrust> {
        let kid = self.header.kid().map_err(|_| Distrust::Malformed)?;
        let mut candidates = keys.candidates(self.algorithm, kid).peekable();
        if candidates.peek().is_none() {
            return Err(Distrust::UnknownKey);
        }
        let signed = self.parts.signed.as_bytes();
        if candidates.any(|key| key.verify(signed, &self.parts.signature).is_ok()) {
            return self.claims();
        }
        // Where the token names no key, the one that is meant may not be published yet.
        Err(if kid.is_none() { Distrust::UnknownKey } else { Distrust::Signature })
    }

    /// Verifies the signature by the client's secret (RFC 7518 section 3.2), and returns the claims.
    pub(crate) fn verify_with_secret(&self, secret: &[u8]) -> Result<StrictObject, Distrust> {
        let hash = match self.algorithm {
            SigningAlgorithm::Hs256 => hmac::HMAC_SHA256,
            SigningAlgorithm::Hs384 => hmac::HMAC_SHA384,
            SigningAlgorithm::Hs512 => hmac::HMAC_SHA512,
            SigningAlgorithm::Rs256
            | SigningAlgorithm::Rs384
            | SigningAlgorithm::Rs512
            | SigningAlgorithm::Ps256
            | SigningAlgorithm::Ps384
            | SigningAlgorithm::Ps512
            | SigningAlgorithm::Es256
            | SigningAlgorithm::Es384
            | SigningAlgorithm::Es512
            | SigningAlgorithm::EdDsa => return Err(Distrust::Algorithm),
        };
        let key = hmac::Key::new(hash, secret);
        hmac::verify(&key, self.parts.signed.as_bytes(), &self.parts.signature)
            .map_err(|_| Distrust::Signature)?;
        self.claims()
    }

    fn claims(&self) -> Result<StrictObject, Distrust> {
        let read = |part| StrictObject::parse(&base64url::decode(part)?);
        read(self.parts.payload).map_err(|Refused| Distrust::Malformed)
    }
}

/// Reads the claims of a token that was verified before it was kept, without its keys.
pub(crate) fn claims_of_kept(token: &str) -> Result<StrictObject, Refused> {
    StrictObject::parse(&base64url::decode(Parts::split(token)?.payload)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::SigningKey;
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

    fn read(token: &str, keys: &JwkSet) -> Result<StrictObject, Distrust> {
        ForeignToken::parse(token, &["jwt"], ED_DSA)?.verify(keys)
    }

    #[test]
    fn a_token_of_a_published_key_gives_its_claims() {
        for header in [
            r#"{"alg":"EdDSA"}"#,
            r#"{"alg":"EdDSA","kid":"a"}"#,
            r#"{"alg":"EdDSA","typ":"JWT","kid":"a","x5t":"ignored"}"#,
            r#"{"alg":"EdDSA","typ":"application/jwt"}"#,
        ] {
            let claims = read(&signed(header, r#"{"sub":"1"}"#), &keys("a")).unwrap();
            assert_eq!(claims.get("sub"), Some(&json!("1")), "{header}");
        }
    }

    #[test]
    fn jo_01_02_09_10_28_every_other_header_has_its_cause() {
        for (header, cause) in [
            (r#"{"alg":"none"}"#, Distrust::Algorithm),
            (r#"{"alg":"None"}"#, Distrust::Algorithm),
            (r#"{"alg":""}"#, Distrust::Algorithm),
            (r#"{"alg":null}"#, Distrust::Algorithm),
            (r#"{"alg":["EdDSA"]}"#, Distrust::Algorithm),
            (r#"{"alg":"eddsa"}"#, Distrust::Algorithm),
            (r#"{"alg":"HS256"}"#, Distrust::Algorithm),
            (r#"{"alg":"RS256"}"#, Distrust::Algorithm),
            ("{}", Distrust::Algorithm),
            (r#"{"alg":"EdDSA","kid":"b"}"#, Distrust::UnknownKey),
            (r#"{"alg":"EdDSA","kid":7}"#, Distrust::Malformed),
            (r#"{"alg":"EdDSA","typ":"logout+jwt"}"#, Distrust::Malformed),
            (r#"{"alg":"EdDSA","typ":"at+jwt"}"#, Distrust::Malformed),
            (r#"{"alg":"EdDSA","typ":1}"#, Distrust::Malformed),
            (r#"{"alg":"EdDSA","crit":["exp"]}"#, Distrust::Malformed),
            (r#"{"alg":"EdDSA","jwk":{"kty":"OKP"}}"#, Distrust::Malformed),
            (r#"{"alg":"EdDSA","jku":"https://evil.test"}"#, Distrust::Malformed),
            (r#"{"alg":"EdDSA","alg":"EdDSA"}"#, Distrust::Malformed),
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
            (format!("{signed_part}.{other}"), Distrust::Signature),
            (format!("{signed_part}."), Distrust::Signature),
            (format!("{signed_part}.{}", &signature[..43]), Distrust::Malformed),
            (format!("{token}.a.b"), Distrust::Encrypted),
            (format!("{token}.a"), Distrust::Malformed),
            (signed_part.to_owned(), Distrust::Malformed),
            (String::new(), Distrust::Malformed),
            (signed(r#"{"alg":"EdDSA"}"#, r#"{"sub":"1","sub":"2"}"#), Distrust::Malformed),
            (signed(r#"{"alg":"EdDSA"}"#, "[]"), Distrust::Malformed),
        ] {
            assert_eq!(read(&altered, &keys("a")), Err(cause), "{altered}");
        }
        let unnamed = signed(r#"{"alg":"EdDSA"}"#, "{}");
        let (unnamed, _) = unnamed.rsplit_once('.').unwrap();
        assert_eq!(read(&format!("{unnamed}.{other}"), &keys("a")), Err(Distrust::UnknownKey));
    }

    #[test]
    fn jo_03_a_published_key_is_no_secret() {
        let permitted = &[SigningAlgorithm::Hs256];
        let text = format!("{}.{}", base64url::encode(r#"{"alg":"HS256"}"#), base64url::encode("{}"));
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"the secret");
        let token = format!("{text}.{}", base64url::encode(hmac::sign(&key, text.as_bytes())));
        assert!(read(&token, &keys("a")).is_err());
        let foreign = ForeignToken::parse(&token, &["jwt"], permitted).unwrap();
        assert!(foreign.verify_with_secret(b"the secret").is_ok());
        assert_eq!(foreign.verify_with_secret(b"another").unwrap_err(), Distrust::Signature);
        assert_eq!(foreign.verify(&keys("a")).unwrap_err(), Distrust::UnknownKey);
    }
}
