//! ID tokens signed by ECDSA: two numbers of fixed length, concatenated, and no other encoding.

use crate::forge::{arrive, claims};
use crate::{asked, assert_ended};
use aura_proto::provider::PushedRequests;
use aura_test_idp::{Behaviour, SigningAlgorithm};
use aura_tests::forge::encode;
use aura_tests::{OpenId, Pair};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    KeyPair,
};
use serde_json::{Value, json};

/// A published test key.
const KEY: &[u8] = include_bytes!("../crates/idp/keys/p256-0.pk8");
/// The order of P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

fn key(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(algorithm, KEY, &SystemRandom::new()).unwrap()
}

/// The public half, of whose members a test may alter one.
fn jwk() -> Value {
    let key = key(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let point = key.public_key().as_ref();
    json!({ "kty": "EC", "crv": "P-256", "kid": "a", "x": encode(&point[1..33]), "y": encode(&point[33..]) })
}

fn with(name: &str, value: Value) -> Value {
    let mut key = jwk();
    key[name] = value;
    key
}

/// Signs an honest ID token in the way of an algorithm, and arrives with what a test makes of the signature.
fn arrive_with(
    algorithm: &'static EcdsaSigningAlgorithm,
    alter: impl FnOnce(Vec<u8>) -> Vec<u8>,
    keys: &Value,
) -> (Pair, aura_test_idp::browser::Page) {
    let behaviour = Behaviour::default().signing_algorithm(SigningAlgorithm::Es256);
    let shape = |row: aura_proto::provider::Provider| row.pushed_requests(PushedRequests::Never);
    let mut pair = OpenId::new().behaviour(behaviour).provider(shape).pair();
    let (claims, callback) = claims(&mut pair, "/auth/signIn/dev");
    let text = format!("{}.{}", encode(r#"{"alg":"ES256","kid":"a"}"#), encode(claims.to_string()));
    let signature = key(algorithm).sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    let token = format!("{text}.{}", encode(alter(signature.as_ref().to_vec())));
    let page = arrive(&mut pair, &callback, &token, keys);
    (pair, page)
}

#[test]
fn jo_07_two_numbers_of_32_bytes_sign_in() {
    let (mut pair, page) = arrive_with(&ECDSA_P256_SHA256_FIXED_SIGNING, |own| own, &json!([jwk()]));
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(asked(&pair), ["token", "jwks", "userinfo"]);
    assert_eq!(pair.session().json["user"]["sub"], "ada");
}

#[test]
fn jo_07_every_other_form_of_an_ecdsa_signature_is_refused() {
    let (pair, page) = arrive_with(&ECDSA_P256_SHA256_ASN1_SIGNING, |own| own, &json!([jwk()]));
    let mut ended = vec![(pair, page)];
    let one = [&[0; 31][..], &[1]].concat();
    let altered: [&dyn Fn(Vec<u8>) -> Vec<u8>; 9] = [
        &|own| [&[0; 32], &own[32..]].concat(),
        &|own| [&own[..32], &[0; 32]].concat(),
        &|own| [&ORDER, &own[32..]].concat(),
        &|own| [&own[..32], &ORDER].concat(),
        &|own| [&one, &own[32..]].concat(),
        &|_| [one.clone(), one.clone()].concat(),
        &|own| [&[0], &own[..32], &[0], &own[32..]].concat(),
        &|own| [&own[32..], &own[..32]].concat(),
        &|_| vec![0; 64],
    ];
    for alter in altered {
        ended.push(arrive_with(&ECDSA_P256_SHA256_FIXED_SIGNING, alter, &json!([jwk()])));
    }
    for (mut pair, page) in ended {
        assert_ended(&mut pair, &page, 401, "id_token_signature");
    }
}

#[test]
fn jo_07_jo_27_keys_off_the_curve_of_another_curve_or_length_verify_nothing() {
    let short = encode([7; 31]);
    for (key, reason) in [
        (with("crv", json!("P-384")), "id_token_unknown_key"),
        (with("crv", json!("secp256k1")), "id_token_unknown_key"),
        (with("x", json!(short)), "id_token_unknown_key"),
        (with("use", json!("enc")), "id_token_unknown_key"),
        (with("alg", json!("ES384")), "id_token_unknown_key"),
        // A point off the curve is found out by the verification.
        (with("y", json!(encode([7; 32]))), "id_token_signature"),
    ] {
        let (mut pair, page) = arrive_with(&ECDSA_P256_SHA256_FIXED_SIGNING, |own| own, &json!([key]));
        assert_ended(&mut pair, &page, 401, reason);
    }
}
