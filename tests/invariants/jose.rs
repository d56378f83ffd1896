//! JOSE compared with other implementations: `jsonwebtoken` on RustCrypto, and `aes-gcm`.
//!
//! Each reads what the other signs or encrypts, and each refuses what the other refuses.

use crate::site::{AUTH, NOW};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use aura_proto::{Entropy, SigningAlgorithm, UnixTime, VerificationKey};
use aura_tests::{SALT, SECRET};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use proptest::prelude::*;
use ring::hkdf;
use serde_json::{Value, json};

fn derive(label: &str) -> [u8; 32] {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT.as_bytes()).extract(SECRET.as_bytes());
    let mut key = [0; 32];
    prk.expand(&[label.as_bytes()], hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
    key
}

/// A private and a public key of the recorded data.
fn recorded(id: &str) -> [String; 2] {
    let golden: Value = serde_json::from_str(include_str!("../golden/jose.json")).unwrap();
    let cases = golden["asymmetric"].as_array().unwrap();
    let case = cases.iter().find(|case| case["id"] == id).unwrap();
    ["privateKey", "publicKey"].map(|half| case["keys_pem"][half].as_str().unwrap().to_owned())
}

/// Reads as `jsonwebtoken` does, but for the time, which is the test's.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn now() -> UnixTime {
    UnixTime::from_secs(NOW)
}

/// Changes one character of a token to another that tokens have.
fn altered(token: &str, at: prop::sample::Index) -> String {
    let mut bytes = token.as_bytes().to_vec();
    let at = at.index(bytes.len());
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn both_read_what_either_signs_with_a_secret(name: String, number: u64, at: prop::sample::Index) {
        let key = derive("aura:app-signing");
        let claims = json!({ "name": name, "number": number, "exp": NOW + 60, "iat": NOW, "nbf": NOW, "jti": "j" });
        let ours = AUTH.jose().sign(&claims, now(), Entropy::from_os_bytes([1; 32])).unwrap();
        let theirs = encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&key)).unwrap();
        for token in [&ours, &theirs] {
            let read = decode::<Value>(token, &DecodingKey::from_secret(&key), &validation(Algorithm::HS256)).unwrap();
            prop_assert_eq!(&read.claims, &claims);
            prop_assert_eq!(&AUTH.jose().verify::<Value>(token, now()).unwrap(), &claims);
            let altered = altered(token, at);
            prop_assert!(decode::<Value>(&altered, &DecodingKey::from_secret(&key), &validation(Algorithm::HS256)).is_err());
            prop_assert!(AUTH.jose().verify::<Value>(&altered, now()).is_err());
        }
    }

    #[test]
    fn we_read_what_the_other_signs_with_a_key_pair(name: String, at: prop::sample::Index) {
        for (id, algorithm, theirs, read) in [
            ("signed EdDSA", SigningAlgorithm::EdDsa, Algorithm::EdDSA, EncodingKey::from_ed_pem as fn(&[u8]) -> _),
            ("signed ES256", SigningAlgorithm::Es256, Algorithm::ES256, EncodingKey::from_ec_pem),
        ] {
            let [private, public] = recorded(id);
            let claims = json!({ "name": name, "exp": NOW + 60 });
            let token = encode(&Header::new(theirs), &claims, &read(private.as_bytes()).unwrap()).unwrap();
            let key = VerificationKey::from_pem(algorithm, &public).unwrap();
            prop_assert_eq!(&AUTH.jose().verify_with::<Value>(&key, &token, now()).unwrap(), &claims);
            prop_assert!(AUTH.jose().verify_with::<Value>(&key, &altered(&token, at), now()).is_err());
        }
    }

    #[test]
    fn both_decrypt_what_either_encrypts(name: String, iv: [u8; 12], at: prop::sample::Index) {
        let cipher = Aes256Gcm::new(&derive("aura:app-encryption").into());
        let claims = json!({ "name": name, "exp": NOW + 60, "iat": NOW, "nbf": NOW, "jti": "j" });
        let ours = AUTH.jose().encrypt(&claims, now(), Entropy::from_os_bytes([1; 32])).unwrap();
        let parts: Vec<_> = ours.split('.').collect();
        let [iv_part, ciphertext, tag] = [2, 3, 4].map(|at| URL_SAFE_NO_PAD.decode(parts[at]).unwrap());
        let sealed = [ciphertext, tag].concat();
        let payload = Payload { msg: &sealed, aad: parts[0].as_bytes() };
        let opened = cipher.decrypt(&Nonce::try_from(iv_part.as_slice()).unwrap(), payload).unwrap();
        let opened: Value = serde_json::from_slice(&opened).unwrap();
        prop_assert_eq!(&opened["name"], &claims["name"]);

        let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","cty":"JWT","alg":"dir","enc":"A256GCM"}"#);
        let plaintext = claims.to_string();
        let payload = Payload { msg: plaintext.as_bytes(), aad: header.as_bytes() };
        let sealed = cipher.encrypt(&Nonce::from(iv), payload).unwrap();
        let (ciphertext, tag) = sealed.split_at(plaintext.len());
        let [iv, ciphertext, tag] = [&iv, ciphertext, tag].map(|part| URL_SAFE_NO_PAD.encode(part));
        let theirs = format!("{header}..{iv}.{ciphertext}.{tag}");
        prop_assert_eq!(&AUTH.jose().decrypt::<Value>(&theirs, now()).unwrap(), &claims);
        prop_assert!(AUTH.jose().decrypt::<Value>(&altered(&theirs, at), now()).is_err());
    }
}

#[test]
fn we_read_what_the_other_signs_with_rsa() {
    let [private, public] = recorded("signed RS256");
    let key = EncodingKey::from_rsa_pem(private.as_bytes()).unwrap();
    for (algorithm, theirs) in [
        (SigningAlgorithm::Rs256, Algorithm::RS256),
        (SigningAlgorithm::Rs384, Algorithm::RS384),
        (SigningAlgorithm::Rs512, Algorithm::RS512),
        (SigningAlgorithm::Ps256, Algorithm::PS256),
        (SigningAlgorithm::Ps384, Algorithm::PS384),
        (SigningAlgorithm::Ps512, Algorithm::PS512),
    ] {
        let claims = json!({ "sub": "ada", "exp": NOW + 60 });
        let token = encode(&Header::new(theirs), &claims, &key).unwrap();
        for read in SIBLINGS {
            let public = VerificationKey::from_pem(read, &public).unwrap();
            let verified = AUTH.jose().verify_with::<Value>(&public, &token, now());
            assert_eq!(verified.is_ok(), read == algorithm, "{algorithm} read as {read}");
        }
    }
}

const SIBLINGS: [SigningAlgorithm; 6] = [
    SigningAlgorithm::Rs256,
    SigningAlgorithm::Rs384,
    SigningAlgorithm::Rs512,
    SigningAlgorithm::Ps256,
    SigningAlgorithm::Ps384,
    SigningAlgorithm::Ps512,
];
