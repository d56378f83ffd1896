//! A sign-in with an ID token and keys that a test provides.

use aura_test_idp::browser::Page;
use aura_test_idp::{Behaviour, SigningAlgorithm};
use aura_tests::forge::sign;
use aura_tests::parameter;
use aura_tests::{Fault, OpenId, Pair};
use serde_json::{Value, json};

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
        "iss": "https://idp.test", "aud": "dev-client", "sub": "ada", "iat": now, "exp": now.saturating_add(600), "auth_time": now,
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
