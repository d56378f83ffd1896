//! Which key serves which purpose? One derived key a purpose (RFC 5869), and older ones during a rotation.

use super::session_tokens::{Mode, Signature, TokenConfig};
use crate::entropy::derive;
use crate::secret::{Salt, Secret};
use ring::error::Unspecified;
use ring::{aead, hkdf, hmac};
use std::fmt;
use zeroize::Zeroizing;

/// The keys derived from one secret. A token of one kind never opens in another's slot.
#[derive(Clone)]
pub(crate) struct Keys {
    /// Signs session tokens; the label is the wire contract's.
    pub(crate) signing: Signature,
    /// Encrypts session tokens; the label is the wire contract's.
    pub(crate) encryption: aead::LessSafeKey,
    /// How session tokens are protected with these two.
    pub(crate) mode: Mode,
    /// Signs CSRF tokens.
    pub(crate) csrf: hmac::Key,
    /// Encrypts sign-in attempts.
    pub(crate) attempt: aead::LessSafeKey,
    /// Encrypts provider tokens.
    pub(crate) provider_tokens: aead::LessSafeKey,
    /// Signs the application's own tokens.
    pub(crate) app_signing: hmac::Key,
    /// Encrypts the application's own tokens.
    pub(crate) app_encryption: aead::LessSafeKey,
}

impl Keys {
    /// Derives the keys of the default configuration.
    #[cfg(test)]
    pub(crate) fn derive(secret: &Secret, salt: &Salt) -> Result<Self, Unspecified> {
        Self::derive_for(&TokenConfig::default(), secret, salt)
    }

    /// Derives the keys, each of 32 bytes, whatever its hash. Fails only where the cryptography library refuses one.
    pub(crate) fn derive_for(
        tokens: &TokenConfig,
        secret: &Secret,
        salt: &Salt,
    ) -> Result<Self, Unspecified> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt.as_bytes()).extract(secret.as_bytes());
        // Ring keeps keys in forms of its own, which it does not overwrite; what they are made of is.
        let derived = |label: &[u8]| Zeroizing::new(derive::<32>(&prk, &[label]));
        let keyed = |hash, label: &[u8]| hmac::Key::new(hash, derived(label).as_slice());
        Ok(Self {
            signing: tokens.signature.keyed(|hash| keyed(hash, b"aura:signing")),
            encryption: aes_256_gcm(&derived(b"aura:encryption"))?,
            mode: tokens.mode,
            csrf: keyed(hmac::HMAC_SHA256, b"aura:csrf"),
            attempt: aes_256_gcm(&derived(b"aura:attempt"))?,
            provider_tokens: aes_256_gcm(&derived(b"aura:provider-tokens"))?,
            app_signing: keyed(tokens.signature.hash(), b"aura:app-signing"),
            app_encryption: aes_256_gcm(&derived(b"aura:app-encryption"))?,
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

fn aes_256_gcm(key: &[u8; 32]) -> Result<aead::LessSafeKey, Unspecified> {
    aead::UnboundKey::new(&aead::AES_256_GCM, key).map(aead::LessSafeKey::new)
}

/// The newest keys, which protect what is written, and those of earlier secrets, which still open what is read.
#[derive(Clone, Debug)]
pub(crate) struct Keyring {
    newest: Keys,
    previous: Vec<Keys>,
}

impl Keyring {
    pub(crate) fn new(newest: Keys, previous: Vec<Keys>) -> Self {
        Self { newest, previous }
    }

    pub(crate) fn newest(&self) -> &Keys {
        &self.newest
    }

    /// Tries each key, newest first, and returns what the first one opens.
    pub(crate) fn open<T, E>(&self, mut open: impl FnMut(&Keys) -> Result<T, E>) -> Result<T, E> {
        let newest = open(&self.newest);
        self.previous.iter().fold(newest, |opened, keys| opened.or_else(|_| open(keys)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_keys_are_the_recorded_ones() {
        // contract: vectors of the session keys, secret and salt as given there.
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt.as_bytes()).extract(secret.as_bytes());
        let hex = |label: &[u8]| derive::<32>(&prk, &[label]).map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(hex(b"aura:signing"), "330fb705672fdde4fd961762d6bd72524b4e60d7ea29fa4b8b39860c01d4c6ed");
        assert_eq!(
            hex(b"aura:encryption"),
            "60b8626807f04457dc3270cf005075c783079a27c17b282bd603a605d12789b1"
        );
    }
}
