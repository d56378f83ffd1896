//! Forged ID tokens: their headers, signatures, keys and claims.

use crate::forge::{arrive, claims, pair, sign_in};
use crate::{asked, assert_ended, callback, said};
use aura_test_idp::RS256_PUBLIC_KEY_PEM;
use aura_tests::forge::{encode, jwk, key, sign};
use aura_tests::{Fault, OpenId, Pair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};

const HEADER: &str = r#"{"alg":"EdDSA","kid":"a"}"#;

/// Asserts that a token with a header that a test gives ends the sign-in.
fn assert_header_ends(header: &str, reason: &str) {
    let (mut pair, page) = sign_in(header, |_| (), &json!([jwk("a")]));
    assert_ended(&mut pair, &page, 401, reason);
}

#[test]
fn jo_01_02_09_10_28_an_id_token_with_any_other_header_is_refused() {
    for alg in ["none", "None", "NONE", "nOnE", "none ", "", "eddsa", "EdDSA ", "RS256", "HS256", "ES256"] {
        assert_header_ends(&json!({ "alg": alg, "kid": "a" }).to_string(), "id_token_algorithm");
    }
    for header in [
        r#"{"kid":"a"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["EdDSA"]}"#,
        r#"{"alg":7}"#,
        r#"{"alg":{"EdDSA":1}}"#,
    ] {
        assert_header_ends(header, "id_token_algorithm");
    }
    for header in [
        r#"{"alg":"EdDSA","crit":["x"],"x":1}"#,
        r#"{"alg":"EdDSA","crit":[]}"#,
        r#"{"alg":"EdDSA","crit":"exp"}"#,
        r#"{"alg":"EdDSA","crit":null}"#,
        r#"{"alg":"EdDSA","crit":["b64"],"b64":false}"#,
        r#"{"alg":"EdDSA","alg":"EdDSA"}"#,
        r#"{"alg":"EdDSA","kid":["a"]}"#,
        r#"{"alg":"EdDSA","typ":"logout+jwt"}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt"}"#,
        "[]",
    ] {
        assert_header_ends(header, "id_token_malformed");
    }
    for kid in ["b", "A", "../a", "a' OR 1=1 --", ""] {
        assert_header_ends(&json!({ "alg": "EdDSA", "kid": kid }).to_string(), "id_token_unknown_key");
    }
}

#[test]
fn jo_01_03_04_no_header_makes_a_secret_of_a_public_key_whatever_is_announced() {
    let der = STANDARD
        .decode(RS256_PUBLIC_KEY_PEM.lines().filter(|line| !line.starts_with('-')).collect::<String>());
    let trimmed = RS256_PUBLIC_KEY_PEM.trim_end();
    let secrets: [Vec<u8>; 6] = [
        RS256_PUBLIC_KEY_PEM.into(),
        trimmed.into(),
        RS256_PUBLIC_KEY_PEM.replace('\n', "\r\n").into(),
        trimmed.replace('\n', "\\n").into(),
        der.unwrap(),
        Vec::new(),
    ];
    let mut none_of_ours = announcing("id_token_signing_alg_values_supported", &json!(["HS256", "none"]));
    assert_eq!(said(&none_of_ours.visit("/auth/signIn/dev")).2, "discovery_algorithms");
    for algorithms in [json!(["RS256"]), json!(["RS256", "HS256", "none"])] {
        for secret in &secrets {
            let mut pair = announcing("id_token_signing_alg_values_supported", &algorithms);
            let callback = callback(&mut pair);
            let text = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(r#"{"sub":"ada"}"#));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
            pair.app.events.clear();
            let page = arrive(&mut pair, &callback, &format!("{text}.{}", encode(tag)), &json!([]));
            assert_ended(&mut pair, &page, 401, "id_token_algorithm");
            assert_eq!(asked(&pair), ["token"], "it costs no further exchange");
        }
    }
}

/// Makes another signature of one.
type Alter = fn(&[u8]) -> Vec<u8>;

#[test]
fn jo_06_08_any_other_signature_over_an_id_token_is_refused() {
    let altered: [Alter; 8] = [
        |own| own[..32].to_vec(),
        |own| [own, &[0]].concat(),
        |_| Vec::new(),
        |_| vec![0; 64],
        |_| vec![0xff; 64],
        |own| [&own[32..], &own[..32]].concat(),
        // S + L, the same number for a verifier that does not check the range.
        |own| [&own[..32], &plus_order(&own[32..])].concat(),
        // The point of order one, under which S = 0 fits every text for whoever does not check the key.
        |_| [&[1][..], &[0; 63]].concat(),
    ];
    for alter in altered {
        let mut pair = pair();
        let (claims, callback) = claims(&mut pair, "/auth/signIn/dev");
        let text = format!("{}.{}", encode(HEADER), encode(claims.to_string()));
        let signature = alter(key().sign(text.as_bytes()).as_ref());
        let token = format!("{text}.{}", encode(signature));
        let page = arrive(&mut pair, &callback, &token, &json!([jwk("a")]));
        assert_ended(&mut pair, &page, 401, "id_token_signature");
    }
}

/// Adds the order of the group of Ed25519 to a number, little-endian (RFC 8032 section 5.1).
fn plus_order(number: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 16] =
        [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14];
    let order = ORDER.into_iter().chain([0; 15]).chain([0x10]);
    let mut carry = 0;
    let add = |(own, order): (&u8, u8)| {
        let sum = u16::from(*own).wrapping_add(u16::from(order)).wrapping_add(carry);
        carry = sum >> 8;
        sum.to_le_bytes()[0]
    };
    number.iter().zip(order).map(add).collect()
}

#[test]
fn jo_04_27_keys_that_are_weak_or_for_something_else_verify_no_id_token() {
    let with = |name: &str, value: Value| {
        let mut key = jwk("a");
        key[name] = value;
        key
    };
    for key in [
        with("use", json!("enc")),
        with("key_ops", json!(["sign"])),
        with("alg", json!("RS256")),
        with("d", json!("AAAA")),
        with("crv", json!("X25519")),
        with("kty", json!("EC")),
        with("x", json!("")),
        with("x", json!(encode([1; 31]))),
        with("x", json!(encode([0; 32]))),
        json!({ "kty": "oct", "kid": "a", "k": encode([7; 32]) }),
    ] {
        let (mut pair, page) = sign_in(HEADER, |_| (), &json!([key]));
        assert_ended(&mut pair, &page, 401, "id_token_unknown_key");
    }
}

#[test]
fn jo_28_29_keys_that_cannot_be_used_are_skipped_beside_a_good_one() {
    let others = [
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "a", "pub": "AAAA" }),
        json!({ "kty": "nobody knows", "kid": "a" }),
        json!({ "kty": "OKP", "crv": "Ed448", "kid": "a", "x": "AAAA" }),
        json!({ "kty": "RSA", "kid": "a", "n": 7, "e": null }),
        json!({ "kty": "oct", "kid": "a", "k": "AAAA" }),
        json!({}),
        json!(7),
        Value::Null,
    ];
    let keys: Vec<_> = others.into_iter().chain([jwk("a")]).collect();
    for header in [HEADER, r#"{"alg":"EdDSA","typ":"JWT"}"#] {
        let (mut pair, page) = sign_in(header, |_| (), &json!(keys));
        assert_eq!(page.status, 200, "{}", page.text());
        assert_eq!(pair.session().json["user"]["sub"], "ada");
    }
}

#[test]
fn a_claim_may_be_off_by_the_skew_of_a_minute_and_no_more() {
    let now = pair().browser.now;
    for (name, fits, ends, reason) in [
        ("exp", json!(now - 59), json!(now - 60), "id_token_expired"),
        ("iat", json!(now + 60), json!(now + 61), "id_token_issued_at"),
        ("nbf", json!(now + 60), json!(now + 61), "id_token_not_yet_valid"),
    ] {
        let keys = json!([jwk("a")]);
        let (_, page) = sign_in(HEADER, |claims| claims[name] = fits, &keys);
        assert_eq!(page.status, 200, "{name}: {}", page.text());
        let (mut pair, page) = sign_in(HEADER, |claims| claims[name] = ends, &keys);
        assert_ended(&mut pair, &page, 401, reason);
    }
    for (name, value, reason) in [
        ("exp", json!(-1), "id_token_claim_type"),
        ("sub", json!("a".repeat(256)), "id_token_subject"),
        ("aud", json!(["dev-client", 7]), "id_token_claim_type"),
        ("azp", json!(["dev-client"]), "id_token_claim_type"),
        ("at_hash", json!(7), "id_token_claim_type"),
        ("auth_time", json!("now"), "id_token_claim_type"),
        ("iss", json!("https://idp.test/"), "id_token_issuer"),
        ("iss", json!("HTTPS://idp.test"), "id_token_issuer"),
    ] {
        let (mut pair, page) = sign_in(HEADER, |claims| claims[name] = value, &json!([jwk("a")]));
        assert_ended(&mut pair, &page, 401, reason);
    }
}

#[test]
fn the_age_of_an_authentication_is_checked_where_it_was_asked_for() {
    let asking = || {
        let never = aura_proto::provider::PushedRequests::Never;
        let shape = move |row: aura_proto::provider::Provider| {
            row.pushed_requests(never).request_parameters(["max_age"])
        };
        let behaviour = aura_test_idp::Behaviour::default();
        let behaviour = behaviour.signing_algorithm(aura_test_idp::SigningAlgorithm::EdDsa);
        OpenId::new().behaviour(behaviour).provider(shape).pair()
    };
    for (path, age, ends) in [
        ("/auth/signIn/dev?max_age=100", Some(160), false),
        ("/auth/signIn/dev?max_age=100", Some(161), true),
        ("/auth/signIn/dev?max_age=0", Some(61), true),
        ("/auth/signIn/dev?max_age=100", None, true),
        ("/auth/signIn/dev", Some(100_000), false),
        ("/auth/signIn/dev", None, false),
    ] {
        let mut pair = asking();
        let (mut claims, callback) = claims(&mut pair, path);
        claims["auth_time"] = json!(age.map(|age: u64| pair.browser.now - age));
        if age.is_none() {
            claims.as_object_mut().unwrap().remove("auth_time");
        }
        let page = arrive(&mut pair, &callback, &sign(HEADER, &claims.to_string()), &json!([jwk("a")]));
        if ends {
            assert_ended(&mut pair, &page, 401, "id_token_authentication_time");
        } else {
            assert_eq!(page.status, 200, "{path} {age:?}: {}", page.text());
        }
    }
}

#[test]
fn ds_09_deep_json_of_a_provider_is_refused_everywhere() {
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    let mut pair = Pair::openid();
    pair.app.discovery_fault = Some(Fault::json(200, &deep));
    assert_eq!(said(&pair.visit("/auth/signIn/dev")).2, "discovery_not_json");
    pair.app.pushed_request_fault = Some(Fault::json(201, &deep));
    assert_eq!(said(&pair.visit("/auth/signIn/dev")).2, "pushed_request_malformed");
    let path = callback(&mut pair);
    pair.app.jwks_fault = Some(Fault::json(200, &deep));
    assert_eq!(said(&pair.visit(&path)).2, "jwks_malformed");
    let path = callback(&mut pair);
    pair.app.userinfo_fault = Some(Fault::json(200, &deep));
    assert_eq!(said(&pair.visit(&path)).2, "userinfo_not_json");
    let (_, page) = sign_in(HEADER, |claims| claims["a"] = nested(100), &json!([jwk("a")]));
    assert_eq!(page.status, 200, "{}", page.text());
    let mut pair = self::pair();
    let (_, path) = claims(&mut pair, "/auth/signIn/dev");
    let page = arrive(&mut pair, &path, &sign(HEADER, &deep), &json!([jwk("a")]));
    assert_ended(&mut pair, &page, 401, "id_token_malformed");
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!([inner]))
}

/// A pair whose provider publishes another value of one member.
pub(crate) fn announcing(name: &str, value: &Value) -> Pair {
    let mut pair = Pair::openid();
    let url = url::Url::parse("https://idp.test/.well-known/openid-configuration").unwrap();
    let mut document: Value = serde_json::from_slice(pair.at_provider("dev", &url).body()).unwrap();
    document[name] = value.clone();
    pair.app.discovery_fault = Some(Fault::json(200, &document.to_string()));
    pair
}
