//! How is a session token protected? Sealed, signed or encrypted, as configured (RFC 7519 section 3).

use super::jws::KeyPairs;
use super::keys::Keys;
use super::{Refused, jwe, jws};
use crate::entropy::{Draw, Entropy};
use ring::aead::NONCE_LEN;
use ring::hmac;
use std::sync::Arc;

/// What a session token is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A JWE of a JWS of the claims.
    #[default]
    Sealed,
    /// A JWS of the claims: whoever holds the cookie can read them.
    Signed,
    /// A JWE of the claims.
    Encrypted,
}

/// What was configured about session tokens, and checked.
#[derive(Debug, Default)]
pub(crate) struct TokenConfig {
    pub(crate) mode: Mode,
    pub(crate) signature: SignatureConfig,
}

/// How session tokens are signed.
#[derive(Debug)]
pub(crate) enum SignatureConfig {
    /// By a key derived from the secret, with this hash.
    Secret(hmac::Algorithm),
    /// By a key pair.
    KeyPairs(Arc<KeyPairs>),
}

impl Default for SignatureConfig {
    fn default() -> Self {
        Self::Secret(hmac::HMAC_SHA256)
    }
}

impl SignatureConfig {
    /// The hash of keys that are derived from the secret.
    pub(crate) fn hash(&self) -> hmac::Algorithm {
        match self {
            Self::Secret(hash) => *hash,
            Self::KeyPairs(_) => hmac::HMAC_SHA256,
        }
    }

    /// Puts the key of one secret in, where the secret has a part in it.
    pub(crate) fn keyed(&self, key: impl FnOnce(hmac::Algorithm) -> hmac::Key) -> Signature {
        match self {
            Self::Secret(hash) => Signature::Secret(key(*hash)),
            Self::KeyPairs(pairs) => Signature::KeyPairs(Arc::clone(pairs)),
        }
    }
}

/// What signs session tokens.
#[derive(Clone)]
pub(crate) enum Signature {
    Secret(hmac::Key),
    KeyPairs(Arc<KeyPairs>),
}

impl Signature {
    fn sign(&self, claims: &[u8]) -> Result<String, Refused> {
        match self {
            Self::Secret(key) => Ok(jws::sign(key, claims)),
            Self::KeyPairs(pairs) => pairs.sign(claims),
        }
    }

    fn verify(&self, token: &str) -> Result<Vec<u8>, Refused> {
        match self {
            Self::Secret(key) => jws::verify(key, token),
            Self::KeyPairs(pairs) => pairs.verify(token),
        }
    }
}

impl Keys {
    /// Writes a session token of claims, given as JSON.
    pub(crate) fn write_session(&self, claims: &[u8], entropy: &mut Entropy) -> Result<String, Refused> {
        self.protect(claims, || entropy.draw(Draw::Iv))
    }

    /// Reads the claims of a session token, as JSON. Tokens of another mode are refused.
    pub(crate) fn read_session(&self, token: &str) -> Result<Vec<u8>, Refused> {
        match self.mode {
            Mode::Signed => self.signing.verify(token),
            Mode::Encrypted => jwe::open(&self.encryption, token),
            Mode::Sealed => {
                let token = jwe::open(&self.encryption, token)?;
                self.signing.verify(str::from_utf8(&token).map_err(|_| Refused)?)
            }
        }
    }

    /// Protects claims with an IV that is drawn where one is needed.
    pub(super) fn protect(
        &self,
        claims: &[u8],
        iv: impl FnOnce() -> [u8; NONCE_LEN],
    ) -> Result<String, Refused> {
        match self.mode {
            Mode::Signed => self.signing.sign(claims),
            Mode::Encrypted => jwe::seal(&self.encryption, iv(), claims),
            Mode::Sealed => jwe::seal(&self.encryption, iv(), self.signing.sign(claims)?.as_bytes()),
        }
    }
}
