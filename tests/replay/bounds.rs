//! What a record costs is in proportion to what is recorded, and bounded.

use crate::{CODE, Visit, drive, first, openid, second, sign_in};
use aura_proto::replay::Difference;
use aura_tests::forge;
use bytes::Bytes;
use http::Request;
use serde_json::json;
use std::time::{Duration, Instant};

/// Far more than it takes, and far less than it would if a word cost the square of its length.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn a_request_that_is_one_long_word_is_recorded_soon() {
    let took = |length: usize| {
        let cookie = format!("x={}", "a".repeat(length));
        let runs = (0..5).map(|_| {
            let request = Request::get("/auth/signIn/nobody").header("cookie", &cookie);
            let began = Instant::now();
            drive(&first(), request.body(Bytes::new()).unwrap(), [7; 32], &[], true);
            began.elapsed()
        });
        runs.min().unwrap()
    };
    assert!(took(400_000) < SOON);
    // Ten times the length takes ten times as long, and not a hundred times.
    let (short, long) = (took(12_000), took(120_000));
    assert!(long < short * 40, "{short:?}, {long:?}");
}

#[test]
fn an_answer_that_is_one_long_word_is_recorded_soon() {
    let mut visit = Visit::new();
    visit.answers = vec![Ok((200, "a".repeat(1 << 20)))];
    let state = visit.begin();
    let began = Instant::now();
    let target = format!("/auth/callback/dev?code={CODE}&state={state}");
    let (_, transcript) = visit.send(http::Method::GET, &target, &[], "");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(transcript.actions()[1].contains("(token_not_json)"), "{transcript}");
    assert!(transcript.to_string().len() < 1000, "{transcript}");
}

/// Beyond the bound, only what was done is kept.
#[test]
fn what_is_too_long_is_recorded_by_its_actions_alone() {
    let long = "Lovelace ".repeat(20_000);
    let request = Request::get("/auth/signIn/nobody").header("referer", long).body(Bytes::new()).unwrap();
    let (_, transcript) = drive(&first(), request, [7; 32], &[], true);
    assert_eq!(transcript.actions().len(), 1);
    assert!(transcript.to_string().len() < 1000, "{transcript}");
    assert_eq!(transcript.to_string().parse().as_ref(), Ok(&transcript));
    assert_eq!(transcript.replay(&second()), Err(Difference::TooLong));
}

/// A browser may hold many values that open, and a header many cookies that do not.
#[test]
fn many_cookies_are_recorded_soon() {
    let mut visit = Visit::new();
    let (response, _) = visit.send(http::Method::GET, "/auth/csrfToken", &[], "");
    let token: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    let token = token["csrfToken"].as_str().unwrap().to_owned();
    for pair in [
        format!("__Host-aura-auth.csrf_token={token}; "),
        "__Secure-aura-auth.session_token.1=a; ".to_owned(),
    ] {
        let cookies = pair.repeat(120_000 / pair.len());
        let request =
            Request::get("/auth/signIn/nobody").header("cookie", cookies).body(Bytes::new()).unwrap();
        let began = Instant::now();
        let (_, transcript) = drive(&first(), request, [7; 32], &[], true);
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
        assert!(!transcript.to_string().contains(&token));
    }
}

/// Of many keys without a name, few are tried, and no more are shown.
#[test]
fn of_many_published_keys_few_are_shown() {
    let published = json!({
        "issuer": "https://id.corp.test",
        "authorization_endpoint": "https://id.corp.test/authorize",
        "token_endpoint": "https://id.corp.test/token",
        "jwks_uri": "https://id.corp.test/keys",
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    let published = Ok(crate::json(200, published.to_string()));
    let id_token = forge::sign(r#"{"alg":"EdDSA"}"#, r#"{"sub":"ada","exp":1}"#);
    let token = format!(r#"{{"access_token":"t","token_type":"Bearer","id_token":"{id_token}"}}"#);
    let other = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let keys = json!({ "keys": vec![other; 9_000] }).to_string();
    assert!(keys.len() > 500_000);
    // A key that is not found is looked for once more.
    let keys = Ok(crate::json(200, keys));
    let answers = [published.clone(), Ok(crate::json(200, token)), keys.clone(), keys];
    let began = Instant::now();
    let transcript = sign_in(&openid(), &[published], &answers, true);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(transcript.actions().last().unwrap().contains("(id_token_"), "{transcript}");
    assert_eq!(transcript.to_string().matches("Ed25519").count(), 2 * 10, "{transcript}");
}
