//! A recorded sign-in at an OpenID Provider: the same requests in the same order, and the same session.
//!
//! Named differences:
//!
//! * The `state` is opaque in both, and random like nonce, challenge and verifier.
//! * The discovery metadata is requested in each flow, because caching is the host's task.
//! * Every request has a `User-Agent`.
//! * Where the application does not set the method of client authentication, the discovery metadata decides. Here
//!   that is HTTP Basic.
//!
//! The recorded nonce was random, and the recorded signing key is not available. So a test key signs the recorded
//! claims, with the nonce of this run. The original token passes every check except that of the nonce.

use super::{Recorded, cookies, pairs, recorded_header, text, without_draws};
use aura_proto::provider::{Provider, SecretPlacement};
use aura_proto::{Action, ClientSecret, Entropy, Event, Fetch};
use aura_tests::json_answer;
use http::{HeaderMap, header};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::Url;

const FLOW: &str = include_str!("../../golden/flow-oidc-plain.json");
/// A published test key.
const KEY: &[u8] = include_bytes!("../../crates/idp/keys/rsa-0.pk8");

fn recorded(authentication: Option<SecretPlacement>) -> Recorded {
    Recorded::with(FLOW, |config| {
        let provider = Provider::openid("oidc", text(&config["idp_origin"]), text(&config["client_id"]))
            .with_name("OIDC")
            .client_secret(ClientSecret::new(text(&config["client_secret"])))
            .scope("openid profile email");
        match authentication {
            None => provider,
            Some(SecretPlacement::Post) => provider.client_secret_post(),
            Some(SecretPlacement::Basic) => provider.client_secret_basic(),
            Some(other) => unreachable!("{other:?}"),
        }
    })
}

/// Compares a request with the recorded one, but for the proof of the client.
fn compare(fetch: &Fetch, call: &Value) {
    let (request, recorded) = (&fetch.request, &call["request"]);
    assert_eq!(request.method().as_str(), text(&recorded["method"]));
    assert_eq!(request.uri().path_and_query().unwrap(), text(&recorded["target"]));
    for pair in recorded["raw_headers"].as_array().unwrap() {
        let name = text(&pair[0]).to_ascii_lowercase();
        if ["accept", "content-type", "authorization"].contains(&name.as_str()) {
            assert_eq!(request.headers()[&name], text(&pair[1]), "{name}");
        }
    }
    assert!(request.headers()[header::USER_AGENT].to_str().unwrap().starts_with("Aura"));
}

fn answer(fetch: Fetch, call: &Value, body: &str, recorded: &Recorded) -> Action {
    let status = u16::try_from(call["response"]["status"].as_u64().unwrap()).unwrap();
    fetch.pending.resume(Ok(json_answer(status, body.to_owned())), recorded.now)
}

fn recorded_body(call: &Value) -> &str {
    text(&call["response"]["body"])
}

/// Begins the recorded sign-in; returns the URL's parameters and the attempt's cookie.
fn begin(recorded: &Recorded) -> (BTreeMap<String, String>, String) {
    let sign_in = recorded.exchange("signIn oidc");
    let request = recorded.request(sign_in, text(&sign_in["request"]["target"]), "a=b");
    let Action::FetchDiscovery(fetch) =
        recorded.auth.handle(request, recorded.now, Entropy::from_os_bytes([1; 32]))
    else {
        panic!("nothing asked for")
    };
    let call = &sign_in["idp_calls"][0];
    compare(&fetch, call);
    let Action::Redirect(redirect) = answer(*fetch, call, recorded_body(call), recorded) else {
        panic!("not sent to the provider")
    };
    let ours = Url::parse(redirect.location.as_str()).unwrap();
    let theirs = Url::parse(recorded_header(sign_in, "location")).unwrap();
    assert_eq!(ours[..url::Position::AfterPath], theirs[..url::Position::AfterPath]);
    assert_eq!(without_draws(pairs(ours.query().unwrap())), without_draws(pairs(theirs.query().unwrap())));
    (ours.query_pairs().into_owned().collect(), cookies(&redirect.into_response()))
}

/// Comes back from the provider, and asks for the token.
fn come_back(recorded: &Recorded, state: &str, attempt: &str) -> Fetch {
    let callback = recorded.exchange("callback oidc");
    let target = format!("/auth/callback/oidc?code=code-0001&state={state}");
    let request = recorded.request(callback, &target, attempt);
    let action = recorded.auth.handle(request, recorded.now, Entropy::from_os_bytes([2; 32]));
    let Action::FetchDiscovery(fetch) = action else { panic!("{action:?}") };
    let call = &recorded.exchange("signIn oidc")["idp_calls"][0];
    let action = answer(*fetch, call, recorded_body(call), recorded);
    let Action::FetchToken(fetch) = action else { panic!("{action:?}") };
    *fetch
}

/// The recorded token answer, its ID token's claims signed anew with another nonce; and the key set to go with it.
fn signed_anew(call: &Value, nonce: &str) -> (String, String) {
    let mut granted: Value = serde_json::from_str(recorded_body(call)).unwrap();
    let token = text(&granted["id_token"]).to_owned();
    let payload = token.split('.').nth(1).unwrap();
    let payload = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap();
    let mut claims: Value = serde_json::from_slice(&payload).unwrap();
    claims["nonce"] = nonce.into();
    let header = token.split('.').next().unwrap();
    let encode = |bytes: &[u8]| aura_tests::forge::encode(bytes);
    let input = format!("{header}.{}", encode(claims.to_string().as_bytes()));
    let pair = KeyPair::from_pkcs8(KEY).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature).unwrap();
    granted["id_token"] = format!("{input}.{}", encode(&signature)).into();
    let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let kid = "mock-idp-rs256-1";
    let key =
        json!({ "kty": "RSA", "kid": kid, "n": encode(&public.n), "e": encode(&public.e), "alg": "RS256" });
    (granted.to_string(), json!({ "keys": [key] }).to_string())
}

#[test]
fn the_recorded_openid_sign_in_gives_the_recorded_requests_and_session() {
    let recorded = recorded(Some(SecretPlacement::Post));
    let (url, attempt) = begin(&recorded);
    let calls = recorded.exchange("callback oidc")["idp_calls"].as_array().unwrap();
    let (granted, keys) = signed_anew(&calls[0], &url["nonce"]);

    let fetch = come_back(&recorded, &url["state"], &attempt);
    compare(&fetch, &calls[0]);
    let body = str::from_utf8(fetch.request.body()).unwrap();
    let theirs = text(&calls[0]["request"]["body"]);
    assert_eq!(without_draws(pairs(body)), without_draws(pairs(theirs)));
    let Action::FetchJwks(fetch) = answer(fetch, &calls[0], &granted, &recorded) else { panic!("no keys") };
    compare(&fetch, &calls[1]);
    let action = answer(*fetch, &calls[1], &keys, &recorded);
    let Action::FetchUserInfo(fetch) = action else { panic!("{action:?}") };
    compare(&fetch, &calls[2]);
    let action = answer(*fetch, &calls[2], recorded_body(&calls[2]), &recorded);
    let Action::AdmitUser(question) = action else { panic!("{action:?}") };
    let Action::Redirect(redirect) = question.admit(recorded.now) else { panic!("no session") };

    let callback = recorded.exchange("callback oidc");
    assert_eq!(redirect.location.as_str(), recorded_header(callback, "location"));
    let response = redirect.into_response();
    assert_eq!(text(&callback["response"]["body"]).as_bytes(), &response.body()[..]);
    let session = recorded.exchange("session");
    let request = recorded.request(session, "/auth/session", &cookies(&response));
    let action = recorded.auth.handle(request, recorded.now, Entropy::from_os_bytes([3; 32]));
    let Action::Respond(respond) = action else { panic!("{action:?}") };
    let ours: Value = serde_json::from_slice(respond.into_response().body()).unwrap();
    let theirs: Value = serde_json::from_str(text(&session["response"]["body"])).unwrap();
    assert_eq!(
        (&ours["session"]["user"], &ours["success"]),
        (&theirs["session"]["user"], &theirs["success"])
    );
}

#[test]
fn where_nothing_is_said_the_client_proves_itself_as_the_provider_publishes() {
    let recorded = recorded(None);
    let (url, attempt) = begin(&recorded);
    let fetch = come_back(&recorded, &url["state"], &attempt);
    let credentials = ["client_id", "client_secret"];
    let theirs = pairs(text(&recorded.exchange("callback oidc")["idp_calls"][0]["request"]["body"]));
    let theirs = theirs.into_iter().filter(|(name, _)| !credentials.contains(&name.as_str())).collect();
    let ours = pairs(str::from_utf8(fetch.request.body()).unwrap());
    assert_eq!(without_draws(ours), without_draws(theirs));
    let basic = fetch.request.headers()[header::AUTHORIZATION].to_str().unwrap();
    assert!(basic.starts_with("Basic "), "{basic}");
}

#[test]
fn the_recorded_id_token_is_the_recorded_keys_and_belongs_to_the_recorded_nonce_alone() {
    for (altered, reason) in [(false, "id_token_nonce"), (true, "id_token_signature")] {
        let recorded = recorded(None);
        let (url, attempt) = begin(&recorded);
        let calls = recorded.exchange("callback oidc")["idp_calls"].as_array().unwrap();
        let fetch = come_back(&recorded, &url["state"], &attempt);
        let granted = recorded_body(&calls[0]);
        // The first character of the signature.
        let other = granted.replace(".fbt86ET6", ".gbt86ET6");
        assert_ne!(other, granted);
        let granted = if altered { &other } else { granted };
        let Action::FetchJwks(fetch) = answer(fetch, &calls[0], granted, &recorded) else {
            panic!("no keys")
        };
        let action = answer(*fetch, &calls[1], recorded_body(&calls[1]), &recorded);
        let Action::Respond(respond) = action else { panic!("{action:?}") };
        let Some(Event::SignInFailed { error, .. }) = respond.events.last() else { panic!("{respond:?}") };
        assert_eq!(error.reason(), reason);
    }
}

#[test]
fn the_session_that_the_reference_set_after_an_openid_sign_in_is_read_here() {
    let recorded = recorded(None);
    let session = recorded.exchange("session");
    let headers = session["request"]["headers"].as_array().unwrap();
    let cookies = text(&headers.iter().find(|pair| text(&pair[0]) == "Cookie").unwrap()[1]);
    let headers =
        [(header::COOKIE, cookies.parse().unwrap()), (header::HOST, "127.0.0.1:4800".parse().unwrap())];
    let opened = recorded.auth.session(&HeaderMap::from_iter(headers), recorded.now).unwrap();
    assert_eq!((opened.user().sub(), opened.user().name()), ("oidc-user-7", Some("Ada Lovelace")));
}
