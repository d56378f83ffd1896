//! Keys in files: PEM around DER of PKCS#8 and SubjectPublicKeyInfo (RFC 7468, RFC 5208, RFC 5280).

use crate::public_key::PublicKey;
use aura_types::Refused;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Longest key that is read, in bytes: RSA with 8,192 bits takes about 6,600.
const MAX_PEM: usize = 16 * 1024;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// The algorithms of public keys, each as the whole DER of its `AlgorithmIdentifier`.
const RSA: &[u8] = &[0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
const P256: &[u8] =
    &[0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x22];
const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

/// Takes the DER out of exactly one PEM block with this label, and nothing around it but line ends.
pub(crate) fn block(pem: &str, label: &str) -> Result<Zeroizing<Vec<u8>>, Refused> {
    if pem.len() > MAX_PEM {
        return Err(Refused);
    }
    let body = pem
        .trim_matches(['\r', '\n'])
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.strip_prefix(label))
        .and_then(|rest| rest.strip_prefix("-----"))
        .and_then(|rest| rest.strip_suffix("-----"))
        .and_then(|rest| rest.strip_suffix(label))
        .and_then(|rest| rest.strip_suffix("-----END "))
        .ok_or(Refused)?;
    let text = Zeroizing::new(body.replace(['\r', '\n'], ""));
    STANDARD.decode(text.as_bytes()).map(Zeroizing::new).map_err(|_| Refused)
}

/// Reads a `SubjectPublicKeyInfo`.
pub(crate) fn public_key(der: &[u8]) -> Result<PublicKey, Refused> {
    let info = only(der, SEQUENCE)?;
    let known = [RSA, P256, P384, ED25519].into_iter().find(|algorithm| info.starts_with(algorithm));
    let algorithm = known.ok_or(Refused)?;
    let key = only(info.strip_prefix(algorithm).ok_or(Refused)?, BIT_STRING)?;
    // The first byte counts unused bits, of which keys have none.
    let key = key.strip_prefix(&[0]).ok_or(Refused)?;
    match (algorithm, key.len()) {
        (RSA, _) => rsa(key),
        (P256, 65) => Ok(PublicKey::P256(key.to_vec())),
        (P384, 97) => Ok(PublicKey::P384(key.to_vec())),
        (ED25519, 32) => Ok(PublicKey::Ed25519(key.to_vec())),
        _ => Err(Refused),
    }
}

fn rsa(der: &[u8]) -> Result<PublicKey, Refused> {
    let (n, rest) = element(only(der, SEQUENCE)?, INTEGER)?;
    let [n, e] = [n, only(rest, INTEGER)?].map(positive);
    PublicKey::rsa(n?, e?)
}

/// Reads a positive integer in its shortest form (X.690 section 8.3).
fn positive(integer: &[u8]) -> Result<Vec<u8>, Refused> {
    match integer {
        [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Ok(rest.to_vec()),
        [0x01..=0x7f, ..] => Ok(integer.to_vec()),
        _ => Err(Refused),
    }
}

/// Reads the one element that the input consists of.
fn only(der: &[u8], tag: u8) -> Result<&[u8], Refused> {
    match element(der, tag)? {
        (value, []) => Ok(value),
        (_, [..]) => Err(Refused),
    }
}

/// Splits off one element with a length of up to two bytes in its shortest form (X.690 section 10.1).
fn element(der: &[u8], tag: u8) -> Result<(&[u8], &[u8]), Refused> {
    let (length, rest) = match *der.strip_prefix(&[tag]).ok_or(Refused)? {
        [length @ 0..=0x7f, ref rest @ ..] => (usize::from(length), rest),
        [0x81, length @ 0x80..=0xff, ref rest @ ..] => (usize::from(length), rest),
        [0x82, high @ 1..=0xff, low, ref rest @ ..] => (usize::from(u16::from_be_bytes([high, low])), rest),
        [..] => return Err(Refused),
    };
    rest.split_at_checked(length).ok_or(Refused)
}

#[cfg(test)]
#[path = "pem_tests.rs"]
mod tests;
