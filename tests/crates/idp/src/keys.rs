//! Published test keys, whose roles change with every rotation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use serde_json::{Map, Value, json};

use crate::algorithm::{Method, SigningAlgorithm};

/// The public half of the key that signs at first, as PEM (RFC 7468 section 13), for tests that pin a key.
///
/// ```
/// assert!(aura_test_idp::RS256_PUBLIC_KEY_PEM.starts_with("-----BEGIN PUBLIC KEY-----"));
/// ```
pub const RS256_PUBLIC_KEY_PEM: &str = include_str!("../keys/rsa-0.pub.pem");

/// One key pair: PKCS#8 in DER, and the public half in PEM.
type KeyFile = (&'static [u8], &'static str);

macro_rules! key_files {
    ($($name:literal),+) => {
        [$((
            include_bytes!(concat!("../keys/", $name, ".pk8")).as_slice(),
            include_str!(concat!("../keys/", $name, ".pub.pem")),
        )),+]
    };
}

const RSA: [KeyFile; 3] = key_files!("rsa-0", "rsa-1", "rsa-2");
const P256: [KeyFile; 3] = key_files!("p256-0", "p256-1", "p256-2");
const P384: [KeyFile; 3] = key_files!("p384-0", "p384-1", "p384-2");
const ED25519: [KeyFile; 3] = key_files!("ed25519-0", "ed25519-1", "ed25519-2");

/// Role of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It signs and is published.
    Signing,
    /// It is published next to the one that signs.
    Second,
    /// It is the attacker's: it signs and is never published.
    Foreign,
}

/// A key of this provider, by what distinguishes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SigningKey {
    algorithm: SigningAlgorithm,
    role: Role,
    generation: u64,
}

enum KeyPair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    pub(crate) const fn new(algorithm: SigningAlgorithm, role: Role, generation: u64) -> Self {
        Self { algorithm, role, generation }
    }

    pub(crate) const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    pub(crate) fn kid(&self) -> String {
        let role = match self.role {
            Role::Signing => "signing",
            Role::Second => "second",
            Role::Foreign => "foreign",
        };
        format!("{}-{role}-{}", self.algorithm.name().to_ascii_lowercase(), self.generation)
    }

    /// Signs; the test keys load and sign always, which a test shows, so no signature is ever empty.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key_pair().and_then(|pair| pair.sign(self.algorithm, message)).unwrap_or_default()
    }

    /// The public half as a JWK (RFC 7517 section 4).
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = self.key_pair().map(|pair| pair.public_members(self.algorithm)).unwrap_or_default();
        jwk.insert("alg".to_owned(), json!(self.algorithm.name()));
        jwk.insert("kid".to_owned(), json!(self.kid()));
        jwk.insert("use".to_owned(), json!("sig"));
        Value::Object(jwk)
    }

    /// The public half as PEM text (RFC 7468 section 13).
    pub(crate) fn public_key_pem(&self) -> &'static str {
        self.file().1
    }

    fn key_pair(&self) -> Option<KeyPair> {
        let (pkcs8, _) = self.file();
        match self.algorithm.method() {
            Method::Rsa(_) => RsaKeyPair::from_pkcs8(pkcs8).ok().map(KeyPair::Rsa),
            Method::Ecdsa { algorithm, .. } => {
                EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &SystemRandom::new()).ok().map(KeyPair::Ecdsa)
            }
            // OpenSSL writes the private key alone, and ring would like to compare it with the public one.
            Method::Ed25519 => Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).ok().map(KeyPair::Ed25519),
        }
    }

    /// Takes turns, so that the keys of all roles differ, and each differs from its predecessor.
    const fn file(&self) -> KeyFile {
        let [first, second, third] = match self.algorithm {
            SigningAlgorithm::Rs256
            | SigningAlgorithm::Rs384
            | SigningAlgorithm::Rs512
            | SigningAlgorithm::Ps256 => RSA,
            SigningAlgorithm::Es256 => P256,
            SigningAlgorithm::Es384 => P384,
            SigningAlgorithm::EdDsa => ED25519,
        };
        match (self.role, self.generation % 3) {
            (Role::Signing, 0) | (Role::Second, 2) | (Role::Foreign, 1) => first,
            (Role::Signing, 1) | (Role::Second, 0) | (Role::Foreign, 2) => second,
            (Role::Signing | Role::Second | Role::Foreign, _) => third,
        }
    }
}

impl KeyPair {
    fn sign(&self, algorithm: SigningAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match (self, algorithm.method()) {
            (Self::Rsa(pair), Method::Rsa(encoding)) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(encoding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            (Self::Ecdsa(pair), Method::Ecdsa { .. }) => {
                Some(pair.sign(&random, message).ok()?.as_ref().to_vec())
            }
            (Self::Ed25519(pair), Method::Ed25519) => Some(pair.sign(message).as_ref().to_vec()),
            (Self::Rsa(_) | Self::Ecdsa(_) | Self::Ed25519(_), _) => None,
        }
    }

    fn public_members(&self, algorithm: SigningAlgorithm) -> Map<String, Value> {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let members = match self {
            Self::Rsa(pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                vec![("kty", "RSA".to_owned()), ("n", encode(&parts.n)), ("e", encode(&parts.e))]
            }
            Self::Ecdsa(pair) => {
                // 4, then both coordinates, equally long (SEC 1 section 2.3.3).
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at_checked(point.len() / 2).unwrap_or_default();
                let crv = match algorithm.method() {
                    Method::Ecdsa { crv, .. } => crv,
                    Method::Rsa(_) | Method::Ed25519 => "",
                };
                vec![("kty", "EC".to_owned()), ("crv", crv.to_owned()), ("x", encode(x)), ("y", encode(y))]
            }
            Self::Ed25519(pair) => {
                let x = encode(pair.public_key().as_ref());
                vec![("kty", "OKP".to_owned()), ("crv", "Ed25519".to_owned()), ("x", x)]
            }
        };
        members.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::jwk::VerificationKey;

    #[test]
    fn every_key_signs_and_its_jwk_verifies() {
        for algorithm in SigningAlgorithm::ALL {
            for role in [Role::Signing, Role::Second, Role::Foreign] {
                let key = SigningKey::new(*algorithm, role, 0);
                let signature = key.sign(b"message");
                let public = VerificationKey::parse(&key.jwk()).unwrap();
                assert!(public.verifies(algorithm.name(), b"message", &signature), "{key:?}");
                assert!(!public.verifies(algorithm.name(), b"another", &signature), "{key:?}");
            }
        }
    }

    #[test]
    fn no_two_roles_and_no_two_successive_generations_share_a_key() {
        let pem =
            |role, generation| SigningKey::new(SigningAlgorithm::Rs256, role, generation).public_key_pem();
        for generation in 0..4 {
            assert_ne!(pem(Role::Signing, generation), pem(Role::Second, generation));
            assert_ne!(pem(Role::Signing, generation), pem(Role::Foreign, generation));
            assert_ne!(pem(Role::Second, generation), pem(Role::Foreign, generation));
            assert_ne!(pem(Role::Signing, generation), pem(Role::Signing, generation + 1));
        }
    }
}
