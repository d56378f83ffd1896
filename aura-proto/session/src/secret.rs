//! Secret values: redacted in `Debug`, compared in constant time, zeroized on drop.

use crate::tables::problems;
use aura_types::secret_text;
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// Least length of a secret or salt, in bytes.
const MIN_BYTES: usize = 32;
/// Least Shannon entropy of the distribution of characters, in bits per character.
const MIN_BITS_PER_CHARACTER: f64 = 4.0;
/// Least Shannon entropy of the whole, in bits.
const MIN_BITS: f64 = 128.0;

/// The deployment's secret, from which every key is derived.
///
/// ```
/// use aura_session::{Secret, WeakSecret};
/// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert_eq!(Secret::new("short").unwrap_err(), WeakSecret::TooShort);
/// # Ok::<(), WeakSecret>(())
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// The deployment's salt, which separates keys of deployments that share a secret.
///
/// ```
/// use aura_session::{Salt, WeakSecret};
/// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// assert_eq!(format!("{salt:?}"), "Salt(..)");
/// # Ok::<(), WeakSecret>(())
/// ```
#[derive(Clone)]
pub struct Salt(Zeroizing<Vec<u8>>);

problems! {
    /// Why a secret or salt is refused.
    #[derive(Copy)]
    #[non_exhaustive]
    pub enum WeakSecret {
        /// It has fewer than 32 bytes.
        TooShort =
            ["a secret or salt needs 32 bytes, and this one is shorter; make one with: openssl rand -base64 32"],
        /// Its characters repeat too much: under 4 bits a character, or under 128 bits in all.
        TooPredictable =
            ["a secret or salt needs 128 bits, and the characters of this one repeat too much; make one with: openssl rand -base64 32"],
    }
}

impl Secret {
    /// Takes a secret of at least 32 bytes and 128 bits, as text.
    ///
    /// # Errors
    /// [`WeakSecret`] if it is too short or too predictable.
    ///
    /// ```
    /// assert!(aura_session::Secret::new("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").is_err());
    /// ```
    pub fn new(text: &str) -> Result<Self, WeakSecret> {
        check_strength(text)?;
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }

    /// Takes at least 32 random bytes.
    ///
    /// # Errors
    /// [`WeakSecret::TooShort`] if there are fewer, [`WeakSecret::TooPredictable`] if all are equal: the buffer was not filled.
    ///
    /// ```
    /// assert!(aura_session::Secret::from_bytes(&[0; 32]).is_err());
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeakSecret> {
        if bytes.len() < MIN_BYTES {
            return Err(WeakSecret::TooShort);
        }
        if bytes.windows(2).all(|pair| pair.first() == pair.last()) {
            return Err(WeakSecret::TooPredictable);
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Returns the bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Salt {
    /// Takes a salt of at least 32 bytes and 128 bits, as text.
    ///
    /// # Errors
    /// [`WeakSecret`] if it is too short or too predictable.
    ///
    /// ```
    /// assert!(aura_session::Salt::new("mysecretmysecretmysecretmysecret").is_err());
    /// ```
    pub fn new(text: &str) -> Result<Self, WeakSecret> {
        check_strength(text)?;
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }

    /// Returns the bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// Counts UTF-16 units, as the wire contract does, so that both implementations accept the same secrets.
#[expect(clippy::cast_precision_loss, reason = "a secret has fewer than 2^52 characters")]
fn check_strength(text: &str) -> Result<(), WeakSecret> {
    if text.len() < MIN_BYTES {
        return Err(WeakSecret::TooShort);
    }
    let mut counts = BTreeMap::<u16, u32>::new();
    let mut length = 0_usize;
    for unit in text.encode_utf16() {
        let count = counts.entry(unit).or_default();
        *count = count.saturating_add(1);
        length = length.saturating_add(1);
    }
    let length = length as f64;
    let per_character: f64 =
        counts.values().map(|&count| f64::from(count) / length).map(|share| -share * share.log2()).sum();
    if per_character < MIN_BITS_PER_CHARACTER || per_character * length < MIN_BITS {
        return Err(WeakSecret::TooPredictable);
    }
    Ok(())
}

secret_text! {
    /// The random value of a CSRF token.
    pub(crate) CsrfValue
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `secret_validation` of the recorded data: the text and whether the reference accepts it.
    const RECORDED: [(&str, bool); 9] = [
        ("", false),
        ("short", false),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true),
        ("0123456789abcdeF0123456789abcdef", true),
        ("abcdefghijklmnopqrstuvwxyzABCDE", false),
        ("correct horse battery staple correct horse", false),
        ("k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee5RtKi1OoPqX", true),
        ("Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE", true),
    ];

    #[test]
    fn strength_is_judged_as_the_reference_judges_it() {
        for (text, accepted) in RECORDED {
            assert_eq!(Secret::new(text).is_ok(), accepted, "{text}");
            assert_eq!(Salt::new(text).is_ok(), accepted, "{text}");
        }
    }

    aura_types::has_none_of!(
        Secret, Salt, CsrfValue;
        (fmt::Display, Copy, serde::Serialize, std::ops::Deref, AsRef<str>, AsRef<[u8]>, std::hash::Hash, Ord)
    );

    /// Takes the field out of each type, and compiles only if dropping it overwrites it.
    #[test]
    fn se_11_what_a_secret_holds_is_overwritten_when_it_is_dropped() {
        fn overwritten<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let (Secret(bytes), Salt(salt)) = (
            Secret::from_bytes(b"0123456789abcdefghijklmnopqrstuv").unwrap(),
            Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap(),
        );
        overwritten(&bytes);
        overwritten(&salt);
        let CsrfValue(text) = CsrfValue::new("text");
        overwritten(&text);
        assert_eq!(text.as_str(), "text");
    }

    #[test]
    fn secrets_compare_by_value_and_never_print() {
        let value = CsrfValue::new("c0de");
        assert_eq!(value, CsrfValue::new("c0de"));
        assert_ne!(value, CsrfValue::new("c0de2"));
        assert_eq!(format!("{value:?}"), "CsrfValue(..)");
    }

    #[test]
    fn bytes_are_32_at_least_and_text_is_no_pattern() {
        let bytes: Vec<u8> = (0..64).map(|n| n * 4 + 1).collect();
        assert!(matches!(Secret::from_bytes(&bytes[..31]), Err(WeakSecret::TooShort)));
        for equal in [[0; 32], [255; 32]] {
            assert!(matches!(Secret::from_bytes(&equal), Err(WeakSecret::TooPredictable)));
        }
        assert!(Secret::from_bytes(&bytes[..32]).is_ok() && Secret::from_bytes(&bytes).is_ok());
        // 32 bytes that are sixteen characters, each another: four bits a character, and too few in all.
        let letters: String = ('\u{e0}'..='\u{ef}').collect();
        assert!(matches!(Secret::new(letters.as_str()), Err(WeakSecret::TooPredictable)));
        // 1,000 bits in all, and one a character.
        assert!(matches!(Secret::new("ab".repeat(500).as_str()), Err(WeakSecret::TooPredictable)));
    }
}
