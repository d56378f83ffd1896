//! Judgement of the primitives by Wycheproof's vectors (see `tests/vectors/README.md`).

use crate::{SigningAlgorithm, VerificationKey, base64url};
use ring::{aead, hmac};
use serde_json::{Value, json};

fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap().as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Judges every test of a file, prints and returns how many there were. What is acceptable may go either way.
fn judge(name: &str, file: &str, mut accepts: impl FnMut(&Value, &Value) -> bool) -> usize {
    let file: Value = serde_json::from_str(file).unwrap();
    let groups = file["groups"].as_array().unwrap().iter();
    let tests =
        groups.flat_map(|group| group["tests"].as_array().unwrap().iter().map(|test| (&group["key"], test)));
    let tests: Vec<_> = tests.collect();
    for (key, test) in tests.iter().filter(|(_, test)| test["r"] != "acceptable") {
        assert_eq!(accepts(key, test), test["r"] == "valid", "{test}");
    }
    assert_eq!(tests.len(), file["count"]);
    let count = |result: &str| tests.iter().filter(|(_, test)| test["r"] == result).count();
    let [valid, invalid, either] = ["valid", "invalid", "acceptable"].map(count);
    println!("{name}: {valid} Passed, {invalid} Refused, {either} acceptable to pass or refuse");
    tests.len()
}

fn verify(algorithm: SigningAlgorithm, file: &str) -> usize {
    judge(algorithm.name(), file, |key, test| {
        let jwk = if key["modulus"].is_string() {
            let [n, e] = ["modulus", "publicExponent"].map(|name| hex(&key[name]));
            let shortest = |number: Vec<u8>| base64url::encode(number.strip_prefix(&[0]).unwrap_or(&number));
            json!({ "kty": "RSA", "n": shortest(n), "e": shortest(e) })
        } else {
            key.clone()
        };
        let key = VerificationKey::from_jwk(algorithm, &jwk.to_string()).unwrap();
        key.verify(&hex(&test["msg"]), &hex(&test["sig"])).is_ok()
    })
}

#[test]
fn jo_07_08_31_signatures_verify_where_they_are_valid_alone() {
    for (algorithm, file, count) in [
        (SigningAlgorithm::EdDsa, include_str!("../../../tests/vectors/raw_ed25519.json"), 151),
        (SigningAlgorithm::Es256, include_str!("../../../tests/vectors/raw_es256_p1363.json"), 262),
        (SigningAlgorithm::Es384, include_str!("../../../tests/vectors/raw_es384_p1363.json"), 280),
        (SigningAlgorithm::Rs256, include_str!("../../../tests/vectors/raw_rs256_2048.json"), 259),
        (SigningAlgorithm::Ps256, include_str!("../../../tests/vectors/raw_ps256_2048_salt32.json"), 108),
    ] {
        assert_eq!(verify(algorithm, file), count, "{algorithm}");
    }
}

#[test]
fn jo_31_aes_gcm_opens_what_is_authentic_alone() {
    let judged = judge("A256GCM", include_str!("../../../tests/vectors/raw_a256gcm.json"), |_, test| {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, &hex(&test["key"])).unwrap();
        let nonce = aead::Nonce::try_assume_unique_for_key(&hex(&test["iv"])).unwrap();
        let mut sealed = [hex(&test["ct"]), hex(&test["tag"])].concat();
        let opened =
            aead::LessSafeKey::new(key).open_in_place(nonce, aead::Aad::from(hex(&test["aad"])), &mut sealed);
        opened.is_ok_and(|plaintext| *plaintext == hex(&test["msg"]))
    });
    assert_eq!(judged, 66);
}

#[test]
fn jo_31_hmac_accepts_what_is_valid_alone() {
    let judged = judge("HS256", include_str!("../../../tests/vectors/raw_hs256.json"), |_, test| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &hex(&test["key"]));
        hmac::verify(&key, &hex(&test["msg"]), &hex(&test["tag"])).is_ok()
    });
    assert_eq!(judged, 87);
}
