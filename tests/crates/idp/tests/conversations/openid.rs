//! An honest sign-in, as OpenID Connect describes it.

use aura_test_idp::{
    Account, Audience, Behaviour, IssuerParameter, PublishedKeys, SigningAlgorithm, UserinfoFormat,
};
use serde_json::{Value, json};

use crate::common::{BASE, Conversation, json, parameter, text, with};
use crate::relying_party::{OPENID, claims, header, is_signed, is_signed_by_pem, url};

#[test]
fn discovery_names_every_endpoint_and_each_answers() {
    let mut conversation = Conversation::new();
    let endpoint = conversation.idp.discovery_endpoint();
    assert_eq!(endpoint, format!("{BASE}/.well-known/openid-configuration"));
    let response = conversation.get(&endpoint);
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let document = json(&response);
    assert_eq!(document["issuer"], BASE);
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256"]));
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            assert_ne!(conversation.get(value.as_str().unwrap()).status(), 404, "{name}");
        }
    }
}

#[test]
fn a_sign_in_gives_an_id_token_that_the_published_key_verifies() {
    for algorithm in SigningAlgorithm::ALL {
        let mut conversation = Conversation::new();
        conversation.idp.set_behaviour(Behaviour::default().signing_algorithm(*algorithm));
        let token = conversation.sign_in(&OPENID);
        let id_token = token["id_token"].as_str().unwrap();

        assert!(is_signed(&mut conversation, id_token), "{algorithm:?}");
        assert_eq!(header(id_token)["alg"], algorithm.name());
        let claims = claims(id_token);
        assert_eq!(claims["iss"], BASE);
        assert_eq!((&claims["sub"], &claims["aud"]), (&json!("ada"), &json!("app")));
        assert_eq!((&claims["nonce"], &claims["azp"]), (&json!("n-0S6_WzA2Mj"), &Value::Null));
        assert_eq!(claims["iat"], conversation.now);
        assert_eq!(claims["exp"], conversation.now + 600);
        assert_eq!(claims["auth_time"], conversation.now);
        assert!(claims["at_hash"].is_string() && claims["sid"].is_string());
    }
}

#[test]
fn the_scope_decides_what_the_client_learns() {
    let told = |scope| {
        let mut conversation = Conversation::new();
        conversation.idp =
            conversation.idp.account(Account::new("ada", "Ada", "ada@example.test").with_unverified_email());
        let token = conversation.sign_in(&with(&OPENID, "scope", scope));
        let userinfo = json(&conversation.userinfo(token["access_token"].as_str().unwrap()));
        let id_token = claims(token["id_token"].as_str().unwrap());
        for name in ["sub", "name", "email", "email_verified", "picture"] {
            assert_eq!(userinfo[name], id_token[name], "{name}");
        }
        userinfo
    };
    assert_eq!(told("openid"), json!({ "sub": "ada" }));
    let email = json!({ "sub": "ada", "email": "ada@example.test", "email_verified": false });
    assert_eq!(told("openid email"), email);
    let profile = told("openid profile");
    assert_eq!((&profile["name"], profile["picture"].is_string()), (&json!("Ada"), true));
    assert_eq!(profile["email"], Value::Null);
}

#[test]
fn without_the_scope_openid_there_is_no_id_token() {
    let mut conversation = Conversation::new();
    let token = conversation.sign_in(&with(&OPENID, "scope", "profile offline_access"));
    let members: Vec<_> = token.as_object().unwrap().keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "scope", "token_type"]);
}

#[test]
fn several_audiences_come_with_an_azp() {
    let mut conversation = Conversation::new();
    conversation.idp.set_behaviour(Behaviour::default().audience(Audience::Several));
    let token = conversation.sign_in(&OPENID);
    let claims = claims(token["id_token"].as_str().unwrap());
    assert_eq!((&claims["aud"], &claims["azp"]), (&json!(["app", "another-client"]), &json!("app")));
}

#[test]
fn the_good_key_is_published_among_unusable_ones() {
    for (published, count) in [(PublishedKeys::One, 6), (PublishedKeys::Two, 7)] {
        let mut conversation = Conversation::new();
        conversation.idp.set_behaviour(Behaviour::default().published_keys(published));
        let endpoint = conversation.idp.jwks_uri();
        let keys = json(&conversation.get(&endpoint));
        let kty: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| &key["kty"]).collect();
        assert_eq!(kty.len(), count);
        assert_eq!(kty[..5], ["AKP", "UNKNOWN", "RSA", "EC", "EC"]);
        assert!(kty[5..].iter().all(|kty| *kty == "RSA"));
    }
}

#[test]
fn a_rotated_key_verifies_what_comes_after_it_and_nothing_before() {
    let mut conversation = Conversation::new();
    let before = conversation.sign_in(&OPENID);
    conversation.state.rotate_key();
    let after = conversation.sign_in(&OPENID);

    let (before, after) = (before["id_token"].as_str().unwrap(), after["id_token"].as_str().unwrap());
    assert_ne!(header(before)["kid"], header(after)["kid"]);
    assert!(!is_signed(&mut conversation, before));
    assert!(is_signed(&mut conversation, after));
}

#[test]
fn the_first_key_is_the_pinned_one() {
    let mut conversation = Conversation::new();
    let token = conversation.sign_in(&OPENID);
    assert!(is_signed_by_pem(aura_test_idp::RS256_PUBLIC_KEY_PEM, token["id_token"].as_str().unwrap()));
}

#[test]
fn userinfo_is_signed_on_request() {
    let mut conversation = Conversation::new();
    conversation.idp.set_behaviour(Behaviour::default().userinfo_format(UserinfoFormat::SignedJwt));
    let token = conversation.sign_in(&OPENID);
    let response = conversation.userinfo(token["access_token"].as_str().unwrap());
    assert_eq!(response.headers()["content-type"], "application/jwt");
    assert!(is_signed(&mut conversation, text(&response)));
    let claims = claims(text(&response));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(BASE), &json!("app")));
    assert_eq!((&claims["sub"], &claims["name"]), (&json!("ada"), &json!("Ada Lovelace")));
}

#[test]
fn userinfo_takes_the_token_in_a_form_too_but_not_twice() {
    let mut conversation = Conversation::new();
    let token = conversation.sign_in(&OPENID);
    let token = token["access_token"].as_str().unwrap();
    let endpoint = conversation.idp.userinfo_endpoint();
    let response = conversation.post(&endpoint, &[("access_token", token)]);
    assert_eq!(json(&response)["sub"], "ada");
    assert_eq!(conversation.post(&endpoint, &[("access_token", token), ("access_token", "b")]).status(), 400);
}

#[test]
fn nobody_is_signed_in_without_a_page() {
    let mut conversation = Conversation::new();
    let response = conversation.get(&url(&[&OPENID[..], &[("prompt", "none")]].concat()));
    let location = crate::common::location(&response);
    assert_eq!(parameter(location, "error").as_deref(), Some("login_required"));
    assert_eq!(parameter(location, "state").as_deref(), Some("af0ifjsldkj"));
}

#[test]
fn the_first_acr_value_is_the_one_reached() {
    let mut conversation = Conversation::new();
    let more = [("acr_values", "silver bronze"), ("ui_locales", "de en"), ("max_age", "0")];
    let token = conversation.sign_in(&[&OPENID[..], &more].concat());
    assert_eq!(claims(token["id_token"].as_str().unwrap())["acr"], "silver");
}

#[test]
fn the_login_page_carries_what_the_answers_will_need() {
    let mut conversation = Conversation::new();
    let more = [("acr_values", "gold"), ("response_mode", "form_post")];
    let page = conversation.get(&url(&[&OPENID[..], &more].concat()));
    for (name, value) in [("nonce", "n-0S6_WzA2Mj")].iter().chain(&more) {
        assert!(text(&page).contains(&format!("name=\"{name}\" value=\"{value}\"")), "{name}");
    }
}

#[test]
fn discovery_promises_the_issuer_parameter_where_it_is_sent() {
    for (parameter, promised) in [(IssuerParameter::Omitted, false), (IssuerParameter::Sent, true)] {
        let mut conversation = Conversation::new();
        conversation.idp.set_behaviour(Behaviour::default().issuer_parameter(parameter));
        let endpoint = conversation.idp.discovery_endpoint();
        let document = json(&conversation.get(&endpoint));
        assert_eq!(document["authorization_response_iss_parameter_supported"], promised);
    }
}
