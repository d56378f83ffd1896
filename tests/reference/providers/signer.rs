//! Signing of a recorded provider's ID tokens, by published test keys or by the client secret.

use super::sign_in::CLIENT_SECRET;
use aura_proto::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RsaKeyPair};
use ring::{digest, hmac};
use serde_json::{Value, json};

const RSA: &[u8] = include_bytes!("../../crates/idp/keys/rsa-0.pk8");
const P256: &[u8] = include_bytes!("../../crates/idp/keys/p256-0.pk8");

/// By which key a provider signs.
pub(crate) enum Signer {
    Rs256(RsaKeyPair),
    Es256(EcdsaKeyPair),
    /// The client's secret.
    Hs256,
}

impl Signer {
    /// Takes the key of an algorithm (RFC 7518 section 3.1).
    pub(crate) fn of(algorithm: &str) -> Self {
        match algorithm {
            "RS256" => Self::Rs256(RsaKeyPair::from_pkcs8(RSA).unwrap()),
            "ES256" => Self::Es256(p256()),
            "HS256" => Self::Hs256,
            other => panic!("no key of {other}"),
        }
    }

    /// Returns what the provider publishes at its `jwks_uri`; nothing where the secret signs.
    pub(crate) fn jwks(&self) -> Option<Value> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = match self {
            Self::Rs256(pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "kid": "1", "use": "sig", "n": text(&parts.n), "e": text(&parts.e) })
            }
            Self::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": text(x), "y": text(y) })
            }
            Self::Hs256 => return None,
        };
        Some(json!({ "keys": [key] }))
    }

    /// Signs recorded claims, with what belongs to this sign-in in place of `{nonce}` and the like.
    pub(crate) fn id_token(&self, claims: &Value, nonce: &str, access_token: &str, now: UnixTime) -> String {
        let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
        let claims = claims
            .to_string()
            .replace("{nonce}", nonce)
            .replace("{at_hash}", &URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]))
            .replace("\"{now}\"", &now.as_secs().to_string())
            .replace("\"{in_an_hour}\"", &now.as_secs().saturating_add(3600).to_string());
        let header = match self {
            Self::Rs256(_) => json!({ "alg": "RS256", "kid": "1" }),
            Self::Es256(_) => json!({ "alg": "ES256", "kid": "1" }),
            Self::Hs256 => json!({ "alg": "HS256", "typ": "JWT" }),
        };
        let input =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    fn sign(&self, input: &[u8]) -> Vec<u8> {
        match self {
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature).unwrap();
                signature
            }
            Self::Es256(pair) => pair.sign(&SystemRandom::new(), input).unwrap().as_ref().to_vec(),
            Self::Hs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
                hmac::sign(&key, input).as_ref().to_vec()
            }
        }
    }
}

/// Reads the test key of P-256.
pub(crate) fn p256() -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, P256, &SystemRandom::new()).unwrap()
}
