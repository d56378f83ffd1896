//! Protection of session tokens: sealed, signed or encrypted, as configured (RFC 7519 section 3).

use crate::entropy::{Draw, Entropy};
use crate::jose::jws::{self, MacKey};
use crate::jose::{Refused, SigningKey, VerificationKey};
use crate::keyring::{Age, KeyIds, Keyring, Keys};
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
    pub(crate) key_ids: KeyIds,
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
    pub(crate) fn keyed(&self, key: impl FnOnce(hmac::Algorithm) -> MacKey) -> Signature {
        match self {
            Self::Secret(hash) => Signature::Secret(Box::new(key(*hash))),
            Self::KeyPairs(pairs) => Signature::KeyPairs(Arc::clone(pairs)),
        }
    }
}

/// A key pair that signs, and the keys whose tokens are accepted: its own and earlier ones.
#[derive(Debug)]
pub(crate) struct KeyPairs {
    signing: SigningKey,
    earlier: Vec<VerificationKey>,
}

impl KeyPairs {
    pub(crate) fn new(signing: SigningKey, earlier: Vec<VerificationKey>) -> Self {
        Self { signing, earlier }
    }

    fn sign(&self, claims: &[u8]) -> Result<String, Refused> {
        jws::sign_with(&self.signing, claims)
    }

    fn verify(&self, token: &str) -> Result<(Vec<u8>, Age), Refused> {
        let own = jws::verify_with([self.signing.verification_key()], token);
        let earlier = |_| jws::verify_with(&self.earlier, token).map(|claims| (claims, Age::Earlier));
        own.map(|claims| (claims, Age::Newest)).or_else(earlier)
    }

    /// Tells whether a key verifies session tokens, under whatever id.
    pub(crate) fn includes(&self, key: &VerificationKey) -> bool {
        std::iter::once(self.signing.verification_key()).chain(&self.earlier).any(|own| own.is_same_key(key))
    }
}

/// What signs session tokens.
#[derive(Clone)]
pub(crate) enum Signature {
    Secret(Box<MacKey>),
    KeyPairs(Arc<KeyPairs>),
}

impl Signature {
    fn sign(&self, claims: &[u8]) -> Result<String, Refused> {
        match self {
            Self::Secret(key) => Ok(key.sign(claims)),
            Self::KeyPairs(pairs) => pairs.sign(claims),
        }
    }

    fn verify(&self, token: &str) -> Result<(Vec<u8>, Age), Refused> {
        match self {
            Self::Secret(key) => Ok((key.verify(token)?, Age::Newest)),
            Self::KeyPairs(pairs) => pairs.verify(token),
        }
    }
}

impl Keys {
    /// Writes a session token of claims, given as JSON.
    pub(crate) fn write_session(&self, claims: &[u8], entropy: &mut Entropy) -> Result<String, Refused> {
        self.protect(claims, || entropy.draw(Draw::Iv))
    }

    /// Reads the claims of a session token, as JSON, and whether these keys would write it with the same key pair.
    /// Tokens of another mode are refused.
    pub(crate) fn read_session(&self, token: &str) -> Result<(Vec<u8>, Age), Refused> {
        match self.mode {
            Mode::Signed => self.signing.verify(token),
            Mode::Encrypted => Ok((self.encryption.open(token)?, Age::Newest)),
            Mode::Sealed => {
                let token = self.encryption.open(token)?;
                self.signing.verify(str::from_utf8(&token).map_err(|_| Refused)?)
            }
        }
    }

    /// Protects claims with an IV that is drawn where one is needed.
    pub(crate) fn protect(
        &self,
        claims: &[u8],
        iv: impl FnOnce() -> [u8; NONCE_LEN],
    ) -> Result<String, Refused> {
        match self.mode {
            Mode::Signed => self.signing.sign(claims),
            Mode::Encrypted => self.encryption.seal(iv(), claims),
            Mode::Sealed => self.encryption.seal(iv(), self.signing.sign(claims)?.as_bytes()),
        }
    }
}

impl Keyring {
    /// Reads the claims of a session token, as JSON, with whichever key protects it.
    pub(crate) fn read_session(&self, token: &str) -> Result<(Vec<u8>, Age), Refused> {
        let newest = self.newest();
        if let (Mode::Signed, Signature::KeyPairs(pairs)) = (newest.mode, &newest.signing) {
            // No secret has a part in it, and the id is a key pair's.
            return pairs.verify(token);
        }
        let ((claims, pair), secret) = self.open_token(token, |keys| keys.read_session(token))?;
        let age = if pair == Age::Newest { secret } else { Age::Earlier };
        Ok((claims, age))
    }
}
