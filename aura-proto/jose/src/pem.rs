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
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A public key on P-256 of the recorded data.
    fn recorded() -> String {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/golden/jose.json")).unwrap();
        golden["asymmetric"][4]["keys_pem"]["publicKey"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_recorded_key_reads_and_every_blemish_is_refused() {
        let pem = recorded();
        let der = block(&pem, "PUBLIC KEY").unwrap();
        assert!(matches!(public_key(&der), Ok(PublicKey::P256(_))));
        assert!(block(&pem.replace('\n', "\r\n"), "PUBLIC KEY").is_ok());
        for blemished in [
            format!(" {pem}"),
            format!("{pem}x"),
            format!("{pem}{pem}"),
            pem.replace("-----END", "----END"),
            pem.replace("PUBLIC KEY", "RSA PUBLIC KEY"),
            pem.replace("\n-----END", "=\n-----END"),
            pem.replacen("MF", "MF ", 1),
            "x".repeat(MAX_PEM + 1),
            String::new(),
        ] {
            assert_eq!(block(&blemished, "PUBLIC KEY"), Err(Refused), "{blemished}");
        }
        assert_eq!(block(&pem, "PRIVATE KEY"), Err(Refused));
        for at in 0..der.len() {
            assert_eq!(public_key(&der[..at]), Err(Refused), "{at}");
        }
        assert_eq!(public_key(&[der.as_slice(), &[0]].concat()), Err(Refused));
        // A length that could be shorter, and one without end.
        assert_eq!(public_key(&[&[0x30, 0x81, 0x59], &der[2..]].concat()), Err(Refused));
        assert_eq!(public_key(&[&[0x30, 0x80], &der[2..], &[0, 0]].concat()), Err(Refused));
    }

    #[test]
    fn integers_are_positive_and_as_short_as_can_be() {
        assert_eq!(positive(&[0, 0x80]), Ok(vec![0x80]));
        assert_eq!(positive(&[3]), Ok(vec![3]));
        for integer in [&[][..], &[0], &[0, 3], &[0x80], &[0, 0, 0x80]] {
            assert_eq!(positive(integer), Err(Refused), "{integer:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(bytes: Vec<u8>, text: String) {
            let _ = public_key(&bytes);
            prop_assert_eq!(block(&text, "PUBLIC KEY"), Err(Refused));
        }
    }

    #[test]
    fn a_pem_of_16_kib_is_read_and_one_byte_more_is_not() {
        let pem = recorded();
        let padded = |length: usize| format!("{pem}{}", "\n".repeat(length - pem.len()));
        assert!(block(&padded(MAX_PEM), "PUBLIC KEY").is_ok());
        assert_eq!(block(&padded(MAX_PEM + 1), "PUBLIC KEY"), Err(Refused));
    }

    #[test]
    fn a_point_has_the_length_of_its_curve() {
        let of = |algorithm: &[u8], length: u8| {
            let point = vec![4; length.into()];
            let key = [&[3, length + 1, 0], point.as_slice()].concat();
            let info = [algorithm, &key].concat();
            public_key(&[&[0x30, u8::try_from(info.len()).unwrap()], info.as_slice()].concat())
        };
        assert!(matches!(of(P384, 97), Ok(PublicKey::P384(point)) if point.len() == 97));
        for (algorithm, length) in [(P384, 96), (P384, 65), (P256, 97)] {
            assert_eq!(of(algorithm, length), Err(Refused), "{length}");
        }
    }
}
