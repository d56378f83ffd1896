//! Tests of the reader of PEM, with a recorded key.

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
