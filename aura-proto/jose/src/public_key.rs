//! Public keys by their numbers, and the checks for weak ones.

use crate::base64url;
use aura_types::Refused;
use serde_json::{Value, json};

/// A public key by the kind of its mathematics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// An uncompressed point (SEC 1 section 2.3.3).
    P256(Vec<u8>),
    /// An uncompressed point (SEC 1 section 2.3.3).
    P384(Vec<u8>),
    /// A compressed point (RFC 8032 section 5.1.2).
    Ed25519(Vec<u8>),
}

/// Ed25519's points of small order, sign aside, little-endian, and those that are no numbers below the field's prime.
/// Under them one signature fits many texts.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    low(1),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    high(0xec),
    high(0xed),
    high(0xee),
];

const fn low(first: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    let [lowest, ..] = &mut bytes;
    *lowest = first;
    bytes
}

const fn high(first: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    let [lowest, .., highest] = &mut bytes;
    *lowest = first;
    *highest = 0x7f;
    bytes
}

impl PublicKey {
    /// Makes an RSA key of big-endian numbers in their shortest form (RFC 7518 section 6.3.1).
    pub(crate) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, Refused> {
        let shortest = |number: &[u8]| number.first().is_some_and(|&byte| byte != 0);
        if shortest(&n) && shortest(&e) { Ok(Self::Rsa { n, e }) } else { Err(Refused) }
    }

    /// Writes the key as a JWK, with the members that its thumbprint has (RFC 7638 section 3.2, RFC 8037 section 2).
    pub(crate) fn to_jwk(&self) -> Value {
        let half = |point: &[u8], at: usize| {
            let coordinates = point.get(1..).unwrap_or_default();
            let length = coordinates.len().div_euclid(2);
            base64url::encode(coordinates.chunks(length.max(1)).nth(at).unwrap_or_default())
        };
        match self {
            Self::Rsa { n, e } => {
                json!({ "kty": "RSA", "n": base64url::encode(n), "e": base64url::encode(e) })
            }
            Self::P256(point) => {
                json!({ "kty": "EC", "crv": "P-256", "x": half(point, 0), "y": half(point, 1) })
            }
            Self::P384(point) => {
                json!({ "kty": "EC", "crv": "P-384", "x": half(point, 0), "y": half(point, 1) })
            }
            Self::Ed25519(point) => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(point) }),
        }
    }

    /// Returns the point of a key that is one.
    pub(crate) fn point(&self) -> &[u8] {
        match self {
            Self::Rsa { .. } => &[],
            Self::P256(point) | Self::P384(point) | Self::Ed25519(point) => point,
        }
    }

    /// Tells whether signatures under the key prove nothing. Points off a curve are left to the verification, which
    /// refuses every signature under them.
    pub(crate) fn is_weak(&self) -> bool {
        match self {
            Self::Rsa { n, e } => {
                let bits = n.first().map_or(0, |first| {
                    n.len()
                        .saturating_mul(8)
                        .saturating_sub(usize::try_from(first.leading_zeros()).unwrap_or(8))
                });
                let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
                !(2048..=8192).contains(&bits) || !odd(n) || !odd(e) || e.as_slice() == [1] || e.len() > 4
            }
            Self::P256(_) | Self::P384(_) => false,
            Self::Ed25519(point) => SMALL_ORDER.iter().any(|small| {
                let unsigned = point.iter().zip(small).enumerate();
                point.len() != 32
                    || unsigned.fold(true, |same, (at, (byte, expected))| {
                        same && (if at == 31 { byte & 0x7f } else { *byte }) == *expected
                    })
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jo_27_rsa_keys_have_2048_to_8192_bits_and_an_odd_exponent_above_one() {
        let weak = |first: u8, length: usize, e: &[u8]| {
            let mut n = vec![0xff; length];
            n[0] = first;
            PublicKey::rsa(n, e.to_vec()).unwrap().is_weak()
        };
        let f4: &[u8] = &[1, 0, 1];
        assert!(!weak(0x80, 256, f4));
        assert!(!weak(0x80, 256, &[3]));
        assert!(!weak(0x80, 256, &[0x7f, 0xff, 0xff, 0xff]));
        assert!(!weak(0xff, 1024, f4));
        assert!(weak(0x7f, 256, f4), "2047 bits");
        assert!(weak(0xff, 128, f4), "1024 bits");
        assert!(weak(0x01, 1025, f4), "8193 bits");
        assert!(weak(0xff, 2048, f4), "16384 bits");
        for e in [&[1][..], &[2], &[1, 0, 0], &[1, 0, 0, 0, 1]] {
            assert!(weak(0x80, 256, e), "{e:?}");
        }
        let mut even = vec![0xff; 256];
        even[255] = 0xfe;
        assert!(PublicKey::rsa(even, f4.to_vec()).unwrap().is_weak());
        assert_eq!(PublicKey::rsa(vec![0, 0xff], f4.to_vec()), Err(Refused));
        assert_eq!(PublicKey::rsa(Vec::new(), f4.to_vec()), Err(Refused));
    }

    #[test]
    fn jo_27_ed25519_keys_of_small_order_are_weak_whatever_their_sign() {
        for small in SMALL_ORDER {
            let mut negative = small;
            negative[31] |= 0x80;
            assert!(PublicKey::Ed25519(small.to_vec()).is_weak());
            assert!(PublicKey::Ed25519(negative.to_vec()).is_weak());
            let mut other = small;
            other[1] ^= 2;
            assert!(!PublicKey::Ed25519(other.to_vec()).is_weak());
        }
    }
}
