//! How is something of our own sealed that only we read? As base64url of IV, ciphertext and tag (AES-256-GCM).

use super::keys::{Keyring, Keys};
use super::{MAX_TOKEN, Refused, base64url};
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Seals a value. The IV must be fresh: one key never meets the same IV twice.
pub(crate) fn seal(
    key: &LessSafeKey,
    iv: [u8; NONCE_LEN],
    aad: &[u8],
    value: &impl Serialize,
) -> Result<String, Refused> {
    let mut sealed = serde_json::to_vec(value).map_err(|_| Refused)?;
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(iv), Aad::from(aad), &mut sealed)
        .map_err(|_| Refused)?;
    Ok(base64url::encode([&iv, sealed.as_slice()].concat()))
}

/// Opens a sealed value with any key of the ring.
pub(crate) fn open<T: DeserializeOwned>(
    keyring: &Keyring,
    key: fn(&Keys) -> &LessSafeKey,
    aad: &[u8],
    text: &str,
) -> Result<T, Refused> {
    if text.len() > MAX_TOKEN {
        return Err(Refused);
    }
    let bytes = base64url::decode(text)?;
    let (iv, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(Refused)?;
    keyring.open(|keys| {
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*iv);
        let plaintext = key(keys).open_in_place(nonce, Aad::from(aad), &mut sealed).map_err(|_| Refused)?;
        serde_json::from_slice(plaintext).map_err(|_| Refused)
    })
}
