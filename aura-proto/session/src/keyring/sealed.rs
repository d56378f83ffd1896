//! Sealed values, which no other party reads: key id, a dot, and base64url of IV, ciphertext and tag (AES-256-GCM).

use super::{Age, Keyring, Keys};
use crate::json;
use aura_jose::{MAX_TOKEN, Refused};
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The purpose of a sealed value: one key of each secret, and a label that is authenticated with it, so that another version or
/// use of the key never opens it.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// Chooses the key.
    pub key: fn(&Keys) -> &LessSafeKey,
    /// The label.
    pub label: &'static str,
}

impl Purpose {
    /// The id is authenticated, too: a sealed value has one spelling.
    fn aad(self, kid: &str) -> Aad<String> {
        Aad::from([self.label, ":", kid].concat())
    }
}

/// Seals a value. The IV is fresh: one key is never used twice with the same IV.
pub fn seal(
    keys: &Keys,
    purpose: Purpose,
    iv: [u8; NONCE_LEN],
    value: &impl Serialize,
) -> Result<String, Refused> {
    seal_written(keys, purpose, iv, |json| json::write(json, value))
}

/// Seals a value that is written as JSON.
pub fn seal_written(
    keys: &Keys,
    purpose: Purpose,
    iv: [u8; NONCE_LEN],
    write: impl FnOnce(&mut Vec<u8>),
) -> Result<String, Refused> {
    // One buffer for IV, ciphertext and tag, with room for most values.
    let mut sealed = Vec::with_capacity(640);
    sealed.extend_from_slice(&iv);
    write(&mut sealed);
    let plaintext = sealed.get_mut(NONCE_LEN..).ok_or(Refused)?;
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = (purpose.key)(keys).seal_in_place_separate_tag(nonce, purpose.aad(&keys.kid), plaintext);
    sealed.extend_from_slice(tag.map_err(|_| Refused)?.as_ref());
    let mut text = Vec::with_capacity(sealed.len().saturating_mul(4).div_ceil(3).saturating_add(16));
    text.extend_from_slice(keys.kid.as_bytes());
    text.push(b'.');
    keys.codec.encode_into(&mut text, &sealed);
    String::from_utf8(text).map_err(|_| Refused)
}

/// Opens a sealed value with the key that it names.
pub fn open<T: DeserializeOwned>(
    keyring: &Keyring,
    purpose: Purpose,
    text: &str,
) -> Result<(T, Age), Refused> {
    open_written(keyring, purpose, text, |json| serde_json::from_slice(json).map_err(|_| Refused))
}

/// Opens a sealed value, and reads it from JSON.
pub fn open_written<T>(
    keyring: &Keyring,
    purpose: Purpose,
    text: &str,
    read: impl Fn(&[u8]) -> Result<T, Refused>,
) -> Result<(T, Age), Refused> {
    if text.len() > MAX_TOKEN {
        return Err(Refused);
    }
    let (kid, text) = text.split_once('.').ok_or(Refused)?;
    let mut bytes = Vec::new();
    keyring.newest().codec.decode_into(&mut bytes, text.as_bytes())?;
    let (iv, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(Refused)?;
    keyring.open(Some(kid), |keys| {
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*iv);
        let plaintext = (purpose.key)(keys).open_in_place(nonce, purpose.aad(kid), &mut sealed);
        read(plaintext.map_err(|_| Refused)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Salt, Secret};
    use serde_json::{Value, json};

    fn keyring() -> Keyring {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        Keyring::new(Keys::derive(&secret, &salt).unwrap(), Vec::new())
    }

    const FIRST: Purpose = Purpose { key: |keys| &keys.attempt, label: "first" };
    const SECOND: Purpose = Purpose { label: "second", ..FIRST };

    fn opens(purpose: Purpose, text: &str) -> bool {
        open::<Value>(&keyring(), purpose, text).is_ok()
    }

    #[test]
    fn what_is_sealed_for_one_purpose_opens_for_no_other_even_under_its_key() {
        let keyring = keyring();
        let keys = keyring.newest();
        let text = seal(keys, FIRST, [7; NONCE_LEN], &json!({"a": 1})).unwrap();
        assert!(opens(FIRST, &text) && !opens(SECOND, &text));
    }

    #[test]
    fn what_is_longer_than_five_cookies_is_not_looked_at() {
        let keyring = keyring();
        let keys = keyring.newest();
        let with = |length: usize| seal(keys, FIRST, [7; NONCE_LEN], &"x".repeat(length)).unwrap();
        let lengths = || (15_000..16_000).map(with);
        let longest = lengths().filter(|text| text.len() <= MAX_TOKEN).max_by_key(String::len).unwrap();
        let shortest = lengths().filter(|text| text.len() > MAX_TOKEN).min_by_key(String::len).unwrap();
        assert!(opens(FIRST, &longest) && longest.len() + 2 > MAX_TOKEN);
        assert!(!opens(FIRST, &shortest));
    }
}
