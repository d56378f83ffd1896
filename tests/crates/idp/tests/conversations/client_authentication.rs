//! Client authentication at the token endpoint and for pushed requests.

use aura_test_idp::{Client, ClientAuthenticationMethod, ClientSecret};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::common::{BASE, CALLBACK, Conversation, REDEMPTION, VERIFIER, encode, json};
use crate::relying_party::{OPENID, url};
use crate::signer::Signer;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[test]
fn a_client_may_sign_an_assertion_with_its_secret() {
    let mut conversation = Conversation::new();
    let signer = Signer::hs256("app-secret");
    assert_eq!(redeem(&mut conversation, &signer, &assertion(conversation_now())), 200);
    assert_eq!(redeem(&mut conversation, &Signer::hs256("guess"), &assertion(conversation_now())), 401);
}

#[test]
fn a_client_may_sign_an_assertion_with_its_private_key() {
    for signer in [Signer::ed_dsa(), Signer::es256(), Signer::rs256()] {
        let mut conversation = with_key(&signer);
        assert_eq!(redeem(&mut conversation, &signer, &assertion(conversation_now())), 200);
        assert_eq!(redeem(&mut conversation, &Signer::hs256(""), &assertion(conversation_now())), 401);
    }
    let mut conversation = with_key(&Signer::ed_dsa());
    assert_eq!(redeem(&mut conversation, &Signer::es256(), &assertion(conversation_now())), 401);
}

#[test]
fn the_audience_is_the_issuer_or_an_endpoint() {
    let signer = Signer::es256();
    for (aud, status) in [
        (json!(BASE), 200),
        (json!(format!("{BASE}/token")), 200),
        (json!([format!("{BASE}/par"), "https://other.example"]), 200),
        (json!("https://other.example/token"), 401),
        (json!([]), 401),
        (Value::Null, 401),
    ] {
        let claims = with(assertion(conversation_now()), "aud", aud.clone());
        assert_eq!(redeem(&mut with_key(&signer), &signer, &claims), status, "{aud}");
    }
}

#[test]
fn every_claim_of_an_assertion_counts() {
    let signer = Signer::ed_dsa();
    let now = conversation_now();
    for (name, value) in [
        ("iss", json!("other")),
        ("iss", Value::Null),
        ("sub", json!("other")),
        ("sub", Value::Null),
        ("exp", json!(now)),
        ("exp", json!(now + 3601)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("nbf", json!(now + 1)),
        ("jti", json!("")),
        ("jti", Value::Null),
    ] {
        let claims = with(assertion(now), name, value.clone());
        assert_eq!(redeem(&mut with_key(&signer), &signer, &claims), 401, "{name} {value}");
    }
}

#[test]
fn an_assertion_is_good_for_one_request() {
    let signer = Signer::ed_dsa();
    let mut conversation = with_key(&signer);
    let claims = assertion(conversation_now());
    assert_eq!(redeem(&mut conversation, &signer, &claims), 200);
    assert_eq!(redeem(&mut conversation, &signer, &claims), 401);
    assert_eq!(redeem(&mut conversation, &signer, &with(claims, "jti", json!("another"))), 200);
}

#[test]
fn an_assertion_beside_a_secret_is_too_much() {
    let mut conversation = Conversation::new();
    let jwt = Signer::hs256("app-secret").jwt(&json!({}), &assertion(conversation_now()));
    let code = conversation.code();
    let both =
        [&REDEMPTION[..], &[("client_assertion", &jwt), ("client_assertion_type", JWT_BEARER)]].concat();
    let response = conversation.redeem_with(&code, &both);
    assert_eq!((response.status().as_u16(), &json(&response)["error"]), (400, &json!("invalid_request")));
}

#[test]
fn the_type_of_an_assertion_is_named_and_its_client_the_same() {
    let jwt = Signer::hs256("app-secret").jwt(&json!({}), &assertion(conversation_now()));
    for (name, value) in [("client_assertion_type", "saml"), ("client_id", "other")] {
        let mut conversation = Conversation::new();
        let code = conversation.code();
        let mut form = redemption(&jwt);
        form.retain(|(key, _)| *key != name);
        form.push((name, value));
        assert_eq!(conversation.redeem_with(&code, &form).status(), 401, "{name}");
    }
}

#[test]
fn a_public_client_has_pkce_alone() {
    let mut conversation = Conversation::new();
    let client = Client::public("app").with_redirect_uri(CALLBACK).unwrap();
    conversation.idp = conversation.idp.client(client);
    let public = [
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let code = conversation.code();
    assert_eq!(conversation.redeem_with(&code, &public).status(), 200);
    let code = conversation.code();
    assert_eq!(conversation.redeem(&code).status(), 401, "it has no secret to be right");
}

#[test]
fn a_client_may_be_held_to_one_way() {
    for (method, by_body, by_header) in [
        (ClientAuthenticationMethod::ClientSecretBasic, 401, 200),
        (ClientAuthenticationMethod::ClientSecretPost, 200, 401),
        (ClientAuthenticationMethod::ClientSecretJwt, 401, 401),
    ] {
        let mut conversation = Conversation::new();
        let client = Client::new("app", ClientSecret::new("app-secret")).only_by(method);
        conversation.idp = conversation.idp.client(client.with_redirect_uri(CALLBACK).unwrap());
        let code = conversation.code();
        assert_eq!(conversation.redeem(&code).status(), by_body, "{method:?}");
        let code = conversation.code();
        let form = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("code", &code),
        ];
        let request = Request::post(format!("{BASE}/token"))
            .header("authorization", "Basic YXBwOmFwcC1zZWNyZXQ=")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(encode(&form)))
            .unwrap();
        assert_eq!(conversation.send(request).status(), by_header, "{method:?}");
    }
}

fn conversation_now() -> u64 {
    Conversation::new().now
}

fn assertion(now: u64) -> Value {
    let exp = now.saturating_add(60);
    json!({ "iss": "app", "sub": "app", "aud": format!("{BASE}/token"), "exp": exp, "jti": "once" })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn redemption(jwt: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_assertion", jwt),
        ("client_assertion_type", JWT_BEARER),
    ]
}

fn redeem(conversation: &mut Conversation, signer: &Signer, claims: &Value) -> u16 {
    let jwt = signer.jwt(&json!({}), claims);
    let code = conversation.code_for(&url(&OPENID));
    conversation.redeem_with(&code, &redemption(&jwt)).status().as_u16()
}

fn with_key(signer: &Signer) -> Conversation {
    let mut conversation = Conversation::new();
    let client = Client::with_public_key("app", &signer.jwk().to_string()).unwrap();
    conversation.idp = conversation.idp.client(client.with_redirect_uri(CALLBACK).unwrap());
    conversation
}
