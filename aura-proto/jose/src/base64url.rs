//! How are bytes written in tokens? In base64url without padding (RFC 7515 section 2).

use crate::error::Refused;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Writes bytes as base64url without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Writes bytes as base64url without padding after what a token already says.
pub fn encode_into(token: &mut String, bytes: impl AsRef<[u8]>) {
    URL_SAFE_NO_PAD.encode_string(bytes, token);
}

/// Reads exactly `N` bytes, as strictly as [`decode`], without allocating.
pub fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], Refused> {
    let mut bytes = [0; N];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(length) if length == N => Ok(bytes),
        Ok(_) | Err(_) => Err(Refused),
    }
}

/// Reads base64url strictly: no padding, no white space, no other alphabet, unused bits zero.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused)
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
        assert_eq!(decode_array(&encode([7; 12])), Ok([7; 12]));
        assert_eq!(decode_array(&encode([7; 16])), Ok([7; 16]));
        for length in [0, 1, 8, 11, 13, 15, 16, 32] {
            assert_eq!(decode_array::<12>(&encode(vec![7; length])), Err(Refused), "{length}");
        }
        assert_eq!(decode_array::<1>("Zh"), Err(Refused));
        assert_eq!(decode_array::<1>("Zg=="), Err(Refused));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn no_two_texts_read_as_the_same_bytes(text in "[A-Za-z0-9_-]{0,12}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(bytes), text);
            }
        }
    }
}
