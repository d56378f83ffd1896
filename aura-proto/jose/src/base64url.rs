//! Base64url without padding, in which bytes have one spelling (RFC 7515 section 2, RFC 4648 section 5).

use aura_types::Refused;
use base64::Engine;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use base64::engine::{Simd, general_purpose::NO_PAD};
use std::fmt;

/// Writes bytes as base64url without padding (RFC 7515 section 2).
///
/// ```
/// use aura_jose::base64url;
/// assert_eq!(base64url::encode([0xfb, 0xff]), "-_8");
/// assert_eq!(base64url::encode(""), "");
/// ```
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends bytes to a text, as base64url without padding (RFC 7515 section 2).
///
/// ```
/// let mut token = b"e30.".to_vec();
/// aura_jose::base64url::encode_into(&mut token, b"{}");
/// assert_eq!(token, b"e30.e30");
/// ```
pub fn encode_into(text: &mut Vec<u8>, bytes: impl AsRef<[u8]>) {
    append(&URL_SAFE_NO_PAD, text, bytes.as_ref());
}

/// Appends bytes without the buffer that [`Engine::encode_string`] clears and copies for each of them.
fn append(engine: &impl Engine, text: &mut Vec<u8>, bytes: &[u8]) {
    let start = text.len();
    text.resize(start.saturating_add(bytes.len().saturating_mul(4).div_ceil(3)), 0);
    // Cannot fail: there is room for them.
    let written = engine.encode_slice(bytes, text.get_mut(start..).unwrap_or_default());
    debug_assert!(written.is_ok());
}

/// Makes a text of characters of base64url and dots.
pub(crate) fn to_text(characters: Vec<u8>) -> String {
    // Cannot fail: they are ASCII.
    String::from_utf8(characters).unwrap_or_default()
}

/// Reads exactly `N` bytes, as strictly as [`decode`], without allocating.
///
/// # Errors
/// [`Refused`] if the text is not base64url, or of another number of bytes.
///
/// ```
/// use aura_jose::{Refused, base64url};
/// assert_eq!(base64url::decode_array("AQID"), Ok([1, 2, 3]));
/// assert_eq!(base64url::decode_array::<4>("AQID"), Err(Refused));
/// ```
pub fn decode_array<const N: usize>(text: impl AsRef<[u8]>) -> Result<[u8; N], Refused> {
    let mut bytes = [0; N];
    decode_exactly(text.as_ref(), &mut bytes)?;
    Ok(bytes)
}

/// The bits of each character at each of the four places, [`OTHER`] outside the alphabet.
const BITS: [[u32; 256]; 4] = [bits(18), bits(12), bits(6), bits(0)];
const OTHER: u32 = 1 << 31;

const fn bits(shift: u32) -> [u32; 256] {
    let (mut bits, mut value) = ([OTHER; 256], 0_u32);
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a constant")]
    while value < 64 {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        bits[alphabet[value as usize] as usize] = value << shift;
        value += 1;
    }
    bits
}

/// Fills a buffer from a short text, as strictly as [`decode`]. The IV, the tag and the signature of a session are read by 500
/// instructions, and by 1,700 as parts of longer texts are.
pub(crate) fn decode_exactly(text: &[u8], bytes: &mut [u8]) -> Result<(), Refused> {
    let bits = |quad: &[u8; 4]| {
        let bits =
            BITS.iter().zip(quad).map(|(place, at)| place.get(usize::from(*at)).copied().unwrap_or(OTHER));
        bits.fold(0, |all, bits| all | bits)
    };
    let ((quads, rest), (triples, last)) = (text.as_chunks::<4>(), bytes.as_chunks_mut::<3>());
    if quads.len() != triples.len() || rest.len() != last.len().saturating_add(usize::from(!last.is_empty()))
    {
        return Err(Refused);
    }
    let mut seen = 0;
    for (quad, triple) in quads.iter().zip(triples) {
        let bits = bits(quad);
        seen |= bits;
        [_, triple[0], triple[1], triple[2]] = bits.to_be_bytes();
    }
    // What is missing of the last four characters is zero, which is A.
    let mut quad = *b"AAAA";
    quad.iter_mut().zip(rest).for_each(|(place, character)| *place = *character);
    let [other, mut unused @ ..] = bits(&quad).to_be_bytes();
    last.iter_mut().zip(&mut unused).for_each(|(byte, bits)| *byte = std::mem::take(bits));
    // What is left over of the last character's bits is zero, too (RFC 4648 section 3.5).
    if seen < OTHER && other == 0 && unused == [0; 3] { Ok(()) } else { Err(Refused) }
}

/// Reads base64url strictly: no padding, no white space, no other alphabet, unused bits zero (RFC 4648 section 3.5).
///
/// # Errors
/// [`Refused`] for every other text.
///
/// ```
/// use aura_jose::{Refused, base64url};
/// assert_eq!(base64url::decode("Zg"), Ok(b"f".to_vec()));
/// for other_spelling in ["Zg==", "Zh", "Zg\n"] {
///     assert_eq!(base64url::decode(other_spelling), Err(Refused));
/// }
/// ```
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused)
}

/// The alphabet of a key's tokens, as strict as [`decode`], by vector instructions where the processor has them: 600
/// characters are read by 700 instructions instead of 4,400. It is made with the key, because making it takes 2,000.
///
/// ```
/// use aura_jose::{Refused, base64url::Codec};
/// let (codec, mut bytes, mut text) = (Codec::default(), Vec::new(), Vec::new());
/// codec.encode_into(&mut text, b"ada");
/// codec.decode_into(&mut bytes, &text)?;
/// assert_eq!((text.as_slice(), bytes.as_slice()), (b"YWRh".as_slice(), b"ada".as_slice()));
/// # Ok::<(), Refused>(())
/// ```
#[derive(Clone)]
pub struct Codec(
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))] Simd,
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))] GeneralPurpose,
);

impl Default for Codec {
    fn default() -> Self {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        return Self(Simd::url_safe(NO_PAD));
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        return Self(URL_SAFE_NO_PAD);
    }
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codec(..)")
    }
}

impl Codec {
    /// Appends the bytes of a text.
    ///
    /// # Errors
    /// [`Refused`] for every text that [`decode`] refuses.
    ///
    /// ```
    /// use aura_jose::{Refused, base64url::Codec};
    /// let mut bytes = b"the ".to_vec();
    /// assert_eq!(Codec::default().decode_into(&mut bytes, b"Zg"), Ok(()));
    /// assert_eq!(bytes, b"the f");
    /// assert_eq!(Codec::default().decode_into(&mut bytes, b"Zh"), Err(Refused));
    /// ```
    pub fn decode_into(&self, bytes: &mut Vec<u8>, text: &[u8]) -> Result<(), Refused> {
        self.0.decode_vec(text, bytes).map_err(|_| Refused)
    }

    /// Appends bytes to a text. The example of the type shows it.
    pub fn encode_into(&self, text: &mut Vec<u8>, bytes: &[u8]) {
        append(&self.0, text, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn padding_other_alphabets_white_space_and_unused_bits_are_refused() {
        for text in ["Zg==", "Zg=", "Zh", "-_+/", "Z g", "Zg\n", "Z"] {
            assert_eq!(decode(text), Err(Refused), "{text:?}");
        }
        assert_eq!(decode("Zg"), Ok(b"f".to_vec()));
        assert_eq!(decode(""), Ok(Vec::new()));
    }

    #[test]
    fn an_array_reads_only_from_its_own_length() {
        assert_eq!(decode_array(encode([7; 12])), Ok([7; 12]));
        assert_eq!(decode_array(encode([7; 16])), Ok([7; 16]));
        for length in [0, 1, 8, 11, 13, 15, 16, 32] {
            assert_eq!(decode_array::<12>(&encode(vec![7; length])), Err(Refused), "{length}");
        }
        assert_eq!(decode_array::<1>("Zh"), Err(Refused));
        assert_eq!(decode_array::<1>("Zg=="), Err(Refused));
        for text in ["*AAAAAAA", "AAA*AAAA", "AAAA*AAA", "AAAAAAA*", "AAAAAAA\u{80}"] {
            assert_eq!(decode_array::<6>(text), Err(Refused), "{text}");
        }
    }

    proptest! {
        /// The plain reader is the oracle, on whole texts and on texts in which one character is another.
        #[test]
        fn a_short_text_is_read_as_the_plain_one_does(
            bytes in proptest::collection::vec(any::<u8>(), 0..70),
            at: proptest::sample::Index,
            other: u8,
            length in 0..70_usize,
        ) {
            let read = |text: &[u8], length: usize| {
                let mut read = vec![0; length];
                decode_exactly(text, &mut read).map(|()| read)
            };
            let mut text = encode(&bytes).into_bytes();
            prop_assert_eq!(read(&text, length).is_ok(), length == bytes.len());
            prop_assert_eq!(read(&text, bytes.len()), Ok(bytes.clone()));
            if !text.is_empty() {
                let at = at.index(text.len());
                text[at] = other;
                prop_assert_eq!(read(&text, bytes.len()), decode(&text));
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(encode(&bytes)), Ok(bytes));
        }

        /// The plain reader is the oracle, on whole texts and on texts in which one character is another.
        #[test]
        fn a_key_s_codec_reads_and_writes_as_the_plain_one_does(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            at: proptest::sample::Index,
            other: u8,
        ) {
            let codec = Codec::default();
            let read = |text: &[u8]| {
                let mut read = Vec::new();
                codec.decode_into(&mut read, text).map(|()| read)
            };
            let mut text = b"behind this".to_vec();
            codec.encode_into(&mut text, &bytes);
            let mut text = text.split_off("behind this".len());
            prop_assert_eq!(&text, &encode(&bytes).into_bytes());
            prop_assert_eq!(read(&text), Ok(bytes));
            if !text.is_empty() {
                let at = at.index(text.len());
                text[at] = other;
                prop_assert_eq!(read(&text), decode(&text));
                prop_assert_eq!(read(&text[at..]), decode(&text[at..]));
            }
        }

        #[test]
        fn no_two_texts_read_as_the_same_bytes(text in "[A-Za-z0-9_-]{0,12}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(bytes), text);
            }
        }
    }
}
