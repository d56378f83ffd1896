//! How does a test make what no provider of ours says? It signs by itself, with a key that it publishes.

use crate::parameter;
use aura_test_idp::{Behaviour, SigningAlgorithm};
use aura_tests::browser::Page;
use aura_tests::{Fault, OpenId, Pair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

/// A key of Ed25519 that is the same in every run.
pub(crate) fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

/// Its public half.
pub(crate) fn jwk(kid: &str) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": encode(key().public_key()) })
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A compact JWS over whatever header and payload there are.
pub(crate) fn sign(header: &str, payload: &str) -> String {
    let text = format!("{}.{}", encode(header), encode(payload));
    let signature = key().sign(text.as_bytes());
    format!("{text}.{}", encode(signature))
}

/// A provider that signs by EdDSA, and a site that asks it for everything in the URL, where a test can see it.
pub(crate) fn pair() -> Pair {
    let behaviour = Behaviour::default().signing_algorithm(SigningAlgorithm::EdDsa);
    let never = aura_proto::provider::PushedRequests::Never;
    OpenId::new().behaviour(behaviour).provider(move |row| row.pushed_requests(never)).pair()
}

/// The claims of an honest ID token for the sign-in that a pair begins.
pub(crate) fn claims(pair: &mut Pair, path: &str) -> (Value, String) {
    let authorize = pair.visit(path).left_for.unwrap();
    let now = pair.browser.now;
    let claims = json!({
        "iss": "https://idp.test", "aud": "dev-client", "sub": "ada", "iat": now, "exp": now + 600, "auth_time": now,
        "nonce": parameter(&authorize, "nonce").unwrap(),
    });
    (claims, pair.approve("dev", &authorize, "ada"))
}

/// Ends a sign-in with an ID token and keys that a test gives.
pub(crate) fn arrive(pair: &mut Pair, callback: &str, id_token: &str, keys: &Value) -> Page {
    let granted = json!({ "access_token": "at", "token_type": "Bearer", "id_token": id_token });
    pair.app.token_fault = Some(Fault::json(200, &granted.to_string()));
    pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": keys }).to_string()));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"sub":"ada","name":"Ada"}"#));
    pair.app.events.clear();
    pair.app.fetches.clear();
    pair.visit(callback)
}

/// Signs in with claims and a header that a test alters.
pub(crate) fn sign_in(header: &str, alter: impl FnOnce(&mut Value), keys: &Value) -> (Pair, Page) {
    let mut pair = pair();
    let (mut claims, callback) = claims(&mut pair, "/auth/signIn/dev");
    alter(&mut claims);
    let page = arrive(&mut pair, &callback, &sign(header, &claims.to_string()), keys);
    (pair, page)
}
