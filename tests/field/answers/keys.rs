//! Published keys, headers of tokens, and algorithms.

use super::{HEADER, ended, failure, keys, pair, sign_in, success};
use aura_proto::Event;
use aura_proto::provider::{ClaimsSource, IdTokenKey, Provider};
use aura_tests::forge::{encode, jwk, key, sign};
use aura_tests::{Fault, Pair};
use ring::signature::KeyPair;
use serde_json::{Value, json};

/// An RS256 key of the test provider as it is published, with another modulus and exponent.
fn rsa(alter: impl Fn(&mut Value)) -> (u16, String) {
    let mut pair = Pair::openid();
    let url = url::Url::parse("https://idp.test/jwks").unwrap();
    let mut set: Value = serde_json::from_slice(pair.at_provider("dev", &url).body()).unwrap();
    let keys = set["keys"].as_array_mut().unwrap();
    keys.retain(|key| key["kty"] == "RSA");
    keys.iter_mut().for_each(alter);
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.jwks_fault = Some(Fault::json(200, &set.to_string()));
    ended(&pair.visit(&callback))
}

fn bytes(text: &Value) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

#[test]
fn fr_02_zeros_before_a_modulus_and_an_exponent_count_for_nothing() {
    for zeros in 1..4 {
        let longer = |key: &mut Value| {
            for name in ["n", "e"] {
                key[name] = encode([vec![0; zeros], bytes(&key[name])].concat()).into();
            }
        };
        assert_eq!(rsa(longer), success(), "{zeros}");
    }
}

#[test]
fn fr_02_a_weak_modulus_is_weak_however_many_zeros_stand_before_it() {
    let weak = |key: &mut Value| {
        let modulus = bytes(&key["n"]);
        let half = modulus.len() / 2;
        key["n"] = encode([vec![0; half + 1], modulus[half..].to_vec()].concat()).into();
    };
    assert_eq!(rsa(weak), failure(401, "id_token_unknown_key"));
    assert_eq!(rsa(|key| key["e"] = encode([0, 0, 1]).into()), failure(401, "id_token_unknown_key"));
    assert_eq!(rsa(|key| key["n"] = encode([0; 257]).into()), failure(401, "id_token_unknown_key"));
}

#[test]
fn fr_03_members_of_a_key_may_be_padded() {
    let pad = |text: &mut Value| {
        let bare = text.as_str().unwrap().to_owned();
        *text = format!("{bare}{}", "=".repeat((4 - bare.len() % 4) % 4)).into();
    };
    assert_eq!(rsa(|key| ["n", "e"].iter().for_each(|name| pad(&mut key[*name]))), success());
    let mut padded = jwk("a");
    pad(&mut padded["x"]);
    assert_eq!(sign_in(&mut pair(|row| row), HEADER, |_| (), &json!([padded])), success());
}

#[test]
fn fr_03_a_token_is_not_padded_and_odd_padding_is_none() {
    let unknown = failure(401, "id_token_unknown_key");
    for padding in ["=", "===", ",,", "=="] {
        let odd = |key: &mut Value| key["e"] = format!("AQAB{padding}").into();
        assert_eq!(rsa(odd), unknown, "{padding}");
    }
    let mut pair = pair(|row| row);
    let begun = super::begin(&mut pair);
    let token = sign(HEADER, &begun.claims.to_string());
    for padded in [format!("{token}=="), token.replacen('.', "=.", 1)] {
        let begun = super::begin(&mut pair);
        let granted = super::granted(&padded);
        let page = super::arrive(&mut pair, &begun.callback, &granted, &keys(), &Value::Null);
        assert_eq!(ended(&page), failure(401, "id_token_malformed"));
    }
}

#[test]
fn fr_04_keys_in_the_header_of_a_token_are_ignored() {
    let own = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(key().public_key()) });
    for member in [
        json!({ "jku": "https://uaa.example/token_keys" }),
        json!({ "x5u": "https://uaa.example/x5u" }),
        json!({ "x5c": ["AAAA"] }),
        json!({ "jwk": own }),
        json!({ "jku": 7, "x5u": null, "x5c": {}, "jwk": "text" }),
    ] {
        let mut header = json!({ "alg": "EdDSA", "kid": "a", "typ": "JWT" });
        header.as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        let mut pair = pair(|row| row);
        assert_eq!(sign_in(&mut pair, &header.to_string(), |_| (), &keys()), success(), "{header}");
        assert!(
            pair.app.fetches.iter().all(|fetch| !fetch.contains("uaa.example")),
            "{:?}",
            pair.app.fetches
        );
    }
}

#[test]
fn fr_04_the_published_key_counts_and_no_other_and_extensions_are_refused() {
    let own = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(key().public_key()) });
    let header = json!({ "alg": "EdDSA", "jwk": own, "jku": "https://evil.test/keys" }).to_string();
    let mut other = jwk("b");
    other["x"] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into();
    let forged = sign_in(&mut pair(|row| row), &header, |_| (), &json!([other]));
    assert_eq!(forged, failure(401, "id_token_unknown_key"));
    for more in [r#""crit":["jku"]"#, r#""b64":true"#, r#""zip":"DEF""#] {
        let header = format!(r#"{{"alg":"EdDSA","kid":"a","jku":"https://idp.test/jwks",{more}}}"#);
        let refused = sign_in(&mut pair(|row| row), &header, |_| (), &keys());
        assert_eq!(refused, failure(401, "id_token_malformed"), "{more}");
    }
}

/// The configuration of `dev` with another member.
fn announcing(pair: &mut Pair, name: &str, value: &Value) {
    let url = url::Url::parse("https://idp.test/.well-known/openid-configuration").unwrap();
    let mut document: Value = serde_json::from_slice(pair.at_provider("dev", &url).body()).unwrap();
    document[name] = value.clone();
    pair.app.discovery_fault = Some(Fault::json(200, &document.to_string()));
}

const ALGORITHMS: &str = "id_token_signing_alg_values_supported";

#[test]
fn fr_13_ed25519_is_a_name_of_the_algorithm_in_document_key_and_header() {
    for listed in ["Ed25519", "EdDSA"] {
        for header in ["Ed25519", "EdDSA"] {
            for of_key in [None, Some("Ed25519"), Some("EdDSA")] {
                let mut pair = pair(|row| row);
                announcing(&mut pair, ALGORITHMS, &json!([listed, "RS256"]));
                let mut key = jwk("a");
                if let Some(name) = of_key {
                    key["alg"] = name.into();
                }
                let header = json!({ "alg": header, "kid": "a" }).to_string();
                assert_eq!(
                    sign_in(&mut pair, &header, |_| (), &json!([key])),
                    success(),
                    "{listed} {header}"
                );
            }
        }
    }
}

#[test]
fn fr_13_no_other_spelling_is_one_and_what_is_not_announced_is_refused() {
    for name in ["ed25519", "ED25519", "Ed448", "ESP256", ""] {
        let header = json!({ "alg": name, "kid": "a" }).to_string();
        let refused = sign_in(&mut pair(|row| row), &header, |_| (), &keys());
        assert_eq!(refused, failure(401, "id_token_algorithm"), "{name}");
    }
    let mut pair = pair(|row| row);
    announcing(&mut pair, ALGORITHMS, &json!(["RS256"]));
    let refused = sign_in(&mut pair, r#"{"alg":"Ed25519","kid":"a"}"#, |_| (), &keys());
    assert_eq!(refused, failure(401, "id_token_algorithm"));
}

#[test]
fn p_06_a_provider_that_signs_by_no_algorithm_of_ours_is_refused_before_the_user_leaves() {
    for listed in [json!(["ES512"]), json!(["PS999", "ES256K"]), json!(["HS256", "none"]), json!([])] {
        let mut pair = pair(|row| row);
        announcing(&mut pair, ALGORITHMS, &listed);
        let page = pair.visit("/auth/signIn/dev");
        assert_eq!(ended(&page), failure(502, "discovery_algorithms"), "{listed}");
        let json: Value = serde_json::from_slice(&page.body).unwrap();
        assert!(json["message"].as_str().unwrap().contains("RS256"), "{json}");
        assert!(pair.app.events.iter().any(|event| matches!(event, Event::SignInFailed { .. })));
    }
}

#[test]
fn p_06_one_algorithm_of_ours_is_enough_and_a_secret_needs_none() {
    let mut mixed = pair(|row| row);
    announcing(&mut mixed, ALGORITHMS, &json!(["ES512", "EdDSA"]));
    assert_eq!(sign_in(&mut mixed, HEADER, |_| (), &keys()), success());
    let mut by_secret = pair(|row| row.id_token_key(IdTokenKey::ClientSecret));
    announcing(&mut by_secret, ALGORITHMS, &json!(["HS256"]));
    assert!(by_secret.visit("/auth/signIn/dev").left_for.is_some());
}

/// Signs in at a provider with an issuer for each tenant, by a key that names an issuer of its own.
fn at_entra(tenant: &str, issuer_of_key: &Value) -> (u16, String) {
    let shape = |row: Provider| row.claims_source(ClaimsSource::IdToken);
    let mut pair = Pair::with_tenants(shape);
    let authorize = pair.begin("entra", "/");
    let of = |name: &str| authorize.query_pairs().find(|(own, _)| own == name).unwrap().1.into_owned();
    let now = pair.browser.now;
    let claims = json!({
        "iss": format!("https://login.test/{tenant}/v2.0"), "tid": tenant, "aud": "client", "sub": "ada",
        "iat": now, "exp": now.saturating_add(600), "nonce": of("nonce"),
    });
    let mut key = jwk("a");
    if !issuer_of_key.is_null() {
        key["issuer"] = issuer_of_key.clone();
    }
    let callback = format!("/auth/callback/entra?code=c&state={}", of("state"));
    let granted = super::granted(&sign(HEADER, &claims.to_string()));
    ended(&super::arrive(&mut pair, &callback, &granted, &json!([key]), &json!({})))
}

#[test]
fn au_05_a_key_that_names_its_issuer_signs_for_that_one() {
    for issuer in
        [Value::Null, json!("https://login.test/{tenantid}/v2.0"), json!("https://login.test/t-1/v2.0")]
    {
        assert_eq!(at_entra("t-1", &issuer), success(), "{issuer}");
    }
}

#[test]
fn au_05_a_key_of_another_issuer_is_unknown() {
    for issuer in [
        json!("https://login.test/t-2/v2.0"),
        json!("https://login.test/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"),
        json!("https://login.test/{tenantid}/v1.0"),
        json!("https://evil.test/{tenantid}/v2.0"),
        json!("https://login.test/{tenantId}/v2.0"),
        json!(""),
        json!(7),
        json!(["https://login.test/t-1/v2.0"]),
    ] {
        assert_eq!(at_entra("t-1", &issuer), failure(401, "id_token_unknown_key"), "{issuer}");
    }
    // Where there is one issuer, the member has no meaning.
    let mut key = jwk("a");
    key["issuer"] = "https://elsewhere.test".into();
    assert_eq!(sign_in(&mut pair(|row| row), HEADER, |_| (), &json!([key])), success());
}
