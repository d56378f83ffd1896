//! The keys derived from a secret, one for each purpose (RFC 5869), and the keys of earlier secrets.

#[cfg(test)]
mod golden_tests;
pub(crate) mod sealed;

use crate::entropy::derive;
use crate::secret::{Salt, Secret};
use crate::session::protection::{Mode, Signature, TokenConfig};
use aura_jose::base64url::Codec;
use aura_jose::{ContentKey, KeyIds, MacAlgorithm, MacKey, Refused, SigningKey, base64url, key_id};
use ring::{aead, hkdf, hmac};
use std::fmt;
use zeroize::Zeroizing;

/// Length of the id of a secret's keys, in bytes. Two secrets of one keyring that share an id are both tried.
const KID_LEN: usize = 6;

/// The keys derived from one secret. A token of one kind never opens in another's slot.
#[derive(Clone)]
pub struct Keys {
    /// Names these keys in what they protect. It is derived, too, and does not reveal the secret.
    pub kid: String,
    /// Signs session tokens; the label is the wire contract's.
    pub signing: Signature,
    /// Encrypts session tokens; the label is the wire contract's.
    pub encryption: ContentKey,
    /// How session tokens are protected with these two.
    pub mode: Mode,
    /// Spells sealed values.
    pub codec: Codec,
    /// Signs CSRF tokens.
    pub csrf: MacKey,
    /// Encrypts sign-in attempts.
    pub attempt: aead::LessSafeKey,
    /// Encrypts provider tokens.
    pub provider_tokens: aead::LessSafeKey,
    /// Signs the proofs that access tokens are bound to (RFC 9449).
    pub dpop: SigningKey,
    /// Signs the application's own tokens.
    pub app_signing: MacKey,
    /// Encrypts the application's own tokens.
    pub app_encryption: ContentKey,
    /// Authenticates the tickets of stored sessions.
    pub ticket: hmac::Key,
    /// Names users to a store.
    pub owner: hmac::Key,
    /// Names sessions at providers to a store.
    pub elsewhere: hmac::Key,
    /// Encrypts what a list shows of a stored session.
    pub face: aead::LessSafeKey,
    /// Seals snapshots of stored sessions.
    pub snapshot: aead::LessSafeKey,
    /// Makes keys of stored sessions, together with their tickets.
    pub body: hmac::Key,
    /// Names what limits count to a store.
    pub count: hmac::Key,
}

impl Keys {
    /// Derives the keys of the default configuration.
    #[cfg(test)]
    pub fn derive(secret: &Secret, salt: &Salt) -> Result<Self, Refused> {
        Self::derive_for(&TokenConfig::default(), secret, salt)
    }

    /// Derives the keys, each of 32 bytes, whatever its hash. Fails only if the cryptography library refuses one.
    pub fn derive_for(tokens: &TokenConfig, secret: &Secret, salt: &Salt) -> Result<Self, Refused> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt.as_bytes()).extract(secret.as_bytes());
        // Ring keeps keys in forms of its own, which it does not overwrite. The bytes that they are made of are overwritten.
        let derived = |label: &[u8]| Zeroizing::new(derive::<32>(&prk, &[label]));
        let kid = base64url::encode(derive::<KID_LEN>(&prk, &[b"aura:kid"]));
        let mac = |algorithm, label: &[u8], ids| {
            MacKey::new(algorithm, derived(label).as_slice()).with_kid(&*kid, ids)
        };
        let content = |label: &[u8], ids| Ok(ContentKey::new(&derived(label))?.with_kid(&*kid, ids));
        let code = |label: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, derived(label).as_slice());
        Ok(Self {
            signing: tokens.signature.keyed(|algorithm| mac(algorithm, b"aura:signing", tokens.key_ids)),
            encryption: content(b"aura:encryption", tokens.key_ids)?,
            mode: tokens.mode,
            codec: Codec::default(),
            csrf: mac(MacAlgorithm::Hs256, b"aura:csrf", KeyIds::Written),
            attempt: aes_256_gcm(&derived(b"aura:attempt"))?,
            provider_tokens: aes_256_gcm(&derived(b"aura:provider-tokens"))?,
            dpop: SigningKey::from_seed(&derived(b"aura:dpop")).map_err(|_| Refused)?,
            app_signing: mac(tokens.signature.algorithm(), b"aura:app-signing", KeyIds::Written),
            app_encryption: content(b"aura:app-encryption", KeyIds::Written)?,
            ticket: code(b"aura:ticket"),
            owner: code(b"aura:session-owner"),
            elsewhere: code(b"aura:provider-session"),
            face: aes_256_gcm(&derived(b"aura:session-face"))?,
            snapshot: aes_256_gcm(&derived(b"aura:session-snapshot"))?,
            body: code(b"aura:session-body"),
            count: code(b"aura:count"),
            kid,
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

fn aes_256_gcm(key: &[u8; 32]) -> Result<aead::LessSafeKey, Refused> {
    aead::UnboundKey::new(&aead::AES_256_GCM, key).map(aead::LessSafeKey::new).map_err(|_| Refused)
}

/// Which keys opened a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum Age {
    /// Those that protect new values.
    Newest,
    /// Those of an earlier secret or key pair. The value must be re-protected under the newest.
    Earlier,
}

/// The newest keys, which protect new values, and the keys of earlier secrets, which open earlier ones.
///
/// A value that only this library reads (CSRF token, attempt, provider tokens, the application's own tokens) names its key. A
/// session token carries no `kid` unless `SessionTokenFormat::key_ids()` is set, so that it is the wire contract's byte for
/// byte; to try one key more costs a microsecond. A value that names a key is opened with that key alone, or with none if it is
/// unknown. A value that names none is tried with each key, newest first.
#[derive(Clone, Debug)]
pub struct Keyring {
    newest: Keys,
    previous: Vec<Keys>,
}

impl Keyring {
    /// Makes a ring of the newest keys and the earlier ones.
    pub fn new(newest: Keys, previous: Vec<Keys>) -> Self {
        Self { newest, previous }
    }

    /// Returns the keys of the newest secret.
    pub fn newest(&self) -> &Keys {
        &self.newest
    }

    /// Returns the keys with this id, or the newest.
    pub fn keys(&self, kid: Option<&str>) -> Option<&Keys> {
        let Some(kid) = kid else { return Some(&self.newest) };
        self.all().find(|keys| keys.kid == kid)
    }

    /// Returns the keys of every secret, newest first.
    pub fn all(&self) -> impl Iterator<Item = &Keys> {
        std::iter::once(&self.newest).chain(&self.previous)
    }

    /// Tells whether there are keys of earlier secrets, so that a value may have to be protected under the newest.
    pub fn has_earlier_keys(&self) -> bool {
        !self.previous.is_empty()
    }

    /// Opens a value with the first key that can: of those with this id, or of all.
    pub fn open<T>(
        &self,
        kid: Option<&str>,
        open: impl Fn(&Keys) -> Result<T, Refused>,
    ) -> Result<(T, Age), Refused> {
        let earlier = self.previous.iter().map(|keys| (keys, Age::Earlier));
        let all = std::iter::once((&self.newest, Age::Newest)).chain(earlier);
        let mut meant = all.filter(|(keys, _)| kid.is_none_or(|kid| keys.kid == kid));
        meant.find_map(|(keys, age)| Some((open(keys).ok()?, age))).ok_or(Refused)
    }

    /// Opens a compact token, whose header may name the key.
    pub fn open_token<T>(
        &self,
        token: impl AsRef<[u8]>,
        open: impl Fn(&Keys) -> Result<T, Refused>,
    ) -> Result<(T, Age), Refused> {
        if self.previous.is_empty() {
            // A key opens no token that names another one, so that the id need not be read first.
            return Ok((open(&self.newest)?, Age::Newest));
        }
        self.open(key_id(token)?.as_deref(), open)
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
        assert_eq!(Keys::derive(&secret, &salt).unwrap().kid, "U7HSqqu1", "the same in every release");
    }
}
