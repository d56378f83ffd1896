//! Answers of providers: keys, tokens, claims, documents.

mod bodies;
mod claims;
mod keys;
mod times;
mod tokens;

use aura_proto::Event;
use aura_proto::provider::{Provider, PushedRequests};
use aura_test_idp::browser::Page;
use aura_test_idp::{Behaviour, SigningAlgorithm};
use aura_tests::forge::{jwk, sign};
use aura_tests::{Fault, OpenId, Pair};
use serde_json::{Value, json};

/// The header of an honest ID token.
const HEADER: &str = r#"{"alg":"EdDSA","kid":"a"}"#;

/// A site and an OpenID Provider that signs by EdDSA, whose requests a test can see in URLs.
fn pair(shape: impl Fn(Provider) -> Provider + 'static) -> Pair {
    let behaviour = Behaviour::default().signing_algorithm(SigningAlgorithm::EdDsa);
    let shape = move |row: Provider| shape(row.pushed_requests(PushedRequests::Never));
    OpenId::new().behaviour(behaviour).provider(shape).pair()
}

/// A sign-in under way: the path of its callback, and the claims of an honest ID token.
struct Begun {
    callback: String,
    claims: Value,
}

fn begin(pair: &mut Pair) -> Begun {
    let authorize = pair.begin("dev", "/");
    let nonce = authorize.query_pairs().find(|(name, _)| name == "nonce").expect("a nonce").1.into_owned();
    let now = pair.browser.now;
    let claims = json!({
        "iss": "https://idp.test", "aud": "dev-client", "sub": "ada", "iat": now, "exp": now.saturating_add(600), "nonce": nonce,
    });
    Begun { callback: pair.approve("dev", &authorize, "ada"), claims }
}

/// Makes what the token endpoint grants beside an ID token.
fn granted(id_token: &str) -> Value {
    json!({ "access_token": "at", "token_type": "Bearer", "id_token": id_token })
}

/// Ends a sign-in with a token answer, keys and userinfo that a test gives.
fn arrive(pair: &mut Pair, callback: &str, granted: &Value, keys: &Value, userinfo: &Value) -> Page {
    pair.app.token_fault = Some(Fault::json(200, &granted.to_string()));
    pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": keys }).to_string()));
    pair.app.userinfo_fault = Some(Fault::json(200, &userinfo.to_string()));
    pair.app.events.clear();
    pair.app.fetches.clear();
    pair.visit(callback)
}

/// Signs in with a header, claims and keys that a test gives.
fn sign_in(pair: &mut Pair, header: &str, alter: impl FnOnce(&mut Value), keys: &Value) -> (u16, String) {
    let Begun { callback, mut claims } = begin(pair);
    alter(&mut claims);
    let granted = granted(&sign(header, &claims.to_string()));
    ended(&arrive(pair, &callback, &granted, keys, &json!({ "sub": "ada", "name": "Ada" })))
}

/// The usual set of keys.
fn keys() -> Value {
    json!([jwk("a")])
}

/// The status of a page, and the reason that it gives.
fn ended(page: &Page) -> (u16, String) {
    let json: Value = serde_json::from_slice(&page.body).unwrap_or_default();
    (page.status.as_u16(), json["reason"].as_str().unwrap_or_default().to_owned())
}

/// How a sign-in ends that succeeds, and that fails for a reason.
fn success() -> (u16, String) {
    (200, String::new())
}

fn failure(status: u16, reason: &str) -> (u16, String) {
    (status, reason.to_owned())
}

/// The claims that were left out.
fn ignored(pair: &Pair) -> Vec<String> {
    let claim = |event: &Event| {
        if let Event::ClaimIgnored { claim, .. } = event { Some(claim.to_string()) } else { None }
    };
    pair.app.events.iter().filter_map(claim).collect()
}
