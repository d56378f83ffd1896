//! Protection of session tokens: sealed, signed or encrypted, as configured (RFC 7519 section 3).

use crate::entropy::{Draw, Entropy};
use crate::keyring::{Age, Keyring, Keys};
use aura_jose::{KeyIds, MacAlgorithm, MacKey, Refused, SigningKey, VerificationKey};
use ring::aead::NONCE_LEN;
use std::sync::Arc;

/// The format of a session token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum Mode {
    /// A JWE of a JWS of the claims.
    #[default]
    Sealed,
    /// A JWS of the claims, which every holder of the cookie can read.
    Signed,
    /// A JWE of the claims.
    Encrypted,
}

/// The configuration of session tokens, checked.
#[derive(Debug, Default)]
pub struct TokenConfig {
    /// Whether tokens are sealed, signed or encrypted.
    pub mode: Mode,
    /// What signs them.
    pub signature: SignatureConfig,
    /// Whether their headers name the key.
    pub key_ids: KeyIds,
}

/// How session tokens are signed.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum SignatureConfig {
    /// By a key derived from the secret, with this hash.
    Secret(MacAlgorithm),
    /// By a key pair.
    KeyPairs(Arc<KeyPairs>),
}

impl Default for SignatureConfig {
    fn default() -> Self {
        Self::Secret(MacAlgorithm::Hs256)
    }
}

impl SignatureConfig {
    /// The algorithm of keys that are derived from the secret.
    pub fn algorithm(&self) -> MacAlgorithm {
        match self {
            Self::Secret(algorithm) => *algorithm,
            Self::KeyPairs(_) => MacAlgorithm::Hs256,
        }
    }

    /// Makes the signature of one secret; key pairs are independent of it.
    pub fn keyed(&self, key: impl FnOnce(MacAlgorithm) -> MacKey) -> Signature {
        match self {
            Self::Secret(algorithm) => Signature::Secret(Box::new(key(*algorithm))),
            Self::KeyPairs(pairs) => Signature::KeyPairs(Arc::clone(pairs)),
        }
    }
}

/// A key pair that signs, and the keys whose tokens are accepted: its own and earlier ones.
#[derive(Debug)]
pub struct KeyPairs {
    signing: SigningKey,
    earlier: Vec<VerificationKey>,
}

impl KeyPairs {
    /// Takes the key pair that signs, and the public keys of earlier ones.
    pub fn new(signing: SigningKey, earlier: Vec<VerificationKey>) -> Self {
        Self { signing, earlier }
    }

    fn sign(&self, claims: &[u8]) -> Result<String, Refused> {
        self.signing.sign_jwt(claims)
    }

    fn verify(&self, token: &[u8]) -> Result<(Vec<u8>, Age), Refused> {
        let token = str::from_utf8(token).map_err(|_| Refused)?;
        if let Ok(claims) = self.signing.verification_key().verify_jwt(token) {
            return Ok((claims, Age::Newest));
        }
        let mut earlier = self.earlier.iter().filter_map(|key| key.verify_jwt(token).ok());
        earlier.next().map(|claims| (claims, Age::Earlier)).ok_or(Refused)
    }

    /// Tells whether a key verifies session tokens, under whatever id.
    pub fn includes(&self, key: &VerificationKey) -> bool {
        std::iter::once(self.signing.verification_key()).chain(&self.earlier).any(|own| own.is_same_key(key))
    }
}

/// The key that signs session tokens.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds what no log may show")]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum Signature {
    /// A key of the secret.
    Secret(Box<MacKey>),
    /// A key pair.
    KeyPairs(Arc<KeyPairs>),
}

impl Signature {
    fn sign(&self, claims: &[u8]) -> Result<String, Refused> {
        match self {
            Self::Secret(key) => Ok(key.sign_jwt(claims)),
            Self::KeyPairs(pairs) => pairs.sign(claims),
        }
    }

    fn verify(&self, token: &[u8]) -> Result<(Vec<u8>, Age), Refused> {
        match self {
            Self::Secret(key) => Ok((key.verify_jwt(token)?, Age::Newest)),
            Self::KeyPairs(pairs) => pairs.verify(token),
        }
    }
}

impl Keys {
    /// Writes a session token of claims, given as JSON.
    pub fn write_session(&self, claims: &[u8], entropy: &mut Entropy) -> Result<String, Refused> {
        self.protect(claims, || entropy.draw(Draw::Iv))
    }

    /// Reads the claims of a session token, as JSON, and whether these keys would write it with the same key pair.
    /// Tokens of another mode are refused.
    pub fn read_session(&self, token: &[u8]) -> Result<(Vec<u8>, Age), Refused> {
        match self.mode {
            Mode::Signed => self.signing.verify(token),
            Mode::Encrypted => Ok((self.encryption.decrypt(token)?, Age::Newest)),
            Mode::Sealed => self.signing.verify(&self.encryption.decrypt(token)?),
        }
    }

    /// Protects claims with an IV that is drawn where one is needed.
    pub fn protect(&self, claims: &[u8], iv: impl FnOnce() -> [u8; NONCE_LEN]) -> Result<String, Refused> {
        match self.mode {
            Mode::Signed => self.signing.sign(claims),
            Mode::Encrypted => self.encryption.encrypt(iv(), claims),
            Mode::Sealed => self.encryption.encrypt(iv(), self.signing.sign(claims)?),
        }
    }
}

impl Keyring {
    /// Reads the claims of a session token, as JSON, with whichever key protects it.
    pub fn read_session(&self, token: &[u8]) -> Result<(Vec<u8>, Age), Refused> {
        let newest = self.newest();
        if let (Mode::Signed, Signature::KeyPairs(pairs)) = (newest.mode, &newest.signing) {
            // The token is independent of every secret, and its id is a key pair's.
            return pairs.verify(token);
        }
        let ((claims, pair), secret) = self.open_token(token, |keys| keys.read_session(token))?;
        let age = if pair == Age::Newest { secret } else { Age::Earlier };
        Ok((claims, age))
    }
}
