//! Bounds of a transcript: its size, and the number of keys.

use super::{CODE, Visit, first, openid, record, second, sign_in};
use aura_replay::Difference;
use aura_tests::{forge, json_answer};
use bytes::Bytes;
use http::Request;
use serde_json::json;

#[test]
fn an_answer_that_is_too_long_is_recorded_by_what_became_of_it() {
    let mut visit = Visit::new();
    visit.answers = vec![Ok((200, "a".repeat(1 << 18)))];
    let state = visit.begin();
    let target = format!("/auth/callback/dev?code={CODE}&state={state}");
    let (_, transcript) = visit.send(http::Method::GET, &target, &[], "");
    assert!(transcript.actions()[1].contains("(token_not_json)"), "{transcript}");
    assert!(transcript.to_string().len() < 1000, "{transcript}");
}

/// Each of them would have room.
#[test]
fn answers_count_together() {
    let long = |member: &str| Ok((200, format!(r#"{{{member},"more":"{}"}}"#, "a".repeat(70_000))));
    let recorded = |answers: Vec<super::Answer>| {
        let mut visit = Visit::new();
        visit.answers = answers;
        let state = visit.begin();
        let target = format!("/auth/callback/dev?code={CODE}&state={state}");
        visit.send(http::Method::GET, &target, &[], "").1.replay(&second())
    };
    let (token, user) = (r#""access_token":"t""#, r#""id":1"#);
    assert_eq!(recorded(vec![long(token), Ok((200, format!("{{{user}}}")))]), Ok(()));
    assert_eq!(recorded(vec![long(token), long(user)]), Err(Difference::TooLong));
}

/// Beyond the bound, only what was done is kept.
#[test]
fn what_is_too_long_is_recorded_by_its_actions_alone() {
    let long = "Lovelace ".repeat(20_000);
    let request = Request::get("/auth/signIn/nobody").header("referer", long).body(Bytes::new()).unwrap();
    let (_, transcript) = record(&first(), request, [7; 32], &[], true);
    assert_eq!(transcript.actions().len(), 1);
    assert!(transcript.to_string().len() < 1000, "{transcript}");
    assert_eq!(transcript.to_string().parse().as_ref(), Ok(&transcript));
    assert_eq!(transcript.replay(&second()), Err(Difference::TooLong));
}

/// Longer requests are for those who have begun a sign-in.
#[test]
fn au_10_a_long_request_is_recorded_where_an_attempt_opens() {
    let verdict = |length: usize, change: fn(&mut String)| {
        let mut visit = Visit::new();
        let state = visit.begin();
        visit.cookies.values_mut().for_each(change);
        let long = "Lovelace ".repeat(length / 9);
        let target = format!("/auth/callback/dev?code=c&state={state}");
        visit.send(http::Method::GET, &target, &[("referer", &long)], "").1.replay(&second())
    };
    let spoil = |cookie: &mut String| cookie.insert(9, 'A');
    assert_eq!(verdict(31_000, |_| ()), Ok(()));
    assert_eq!(verdict(33_000, |_| ()), Err(Difference::TooLong));
    assert_eq!(verdict(15_000, spoil), Ok(()));
    assert_eq!(verdict(17_000, spoil), Err(Difference::TooLong));
}

/// A browser may hold many values that open, and a header many cookies that do not.
#[test]
fn many_cookies_run_again() {
    let mut visit = Visit::new();
    let (response, _) = visit.send(http::Method::GET, "/auth/csrfToken", &[], "");
    let token: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    let token = token["csrfToken"].as_str().unwrap().to_owned();
    for pair in
        [format!("__Host-aura-auth.csrf_token={token}; "), "__Host-aura-auth.session_token.1=a; ".to_owned()]
    {
        let cookies = pair.repeat(16_000 / pair.len());
        let request =
            Request::get("/auth/signIn/nobody").header("cookie", cookies).body(Bytes::new()).unwrap();
        let (_, transcript) = record(&first(), request, [7; 32], &[], true);
        assert!(!transcript.to_string().contains(&token));
        assert_eq!(transcript.replay(&second()), Ok(()));
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
    let published = Ok(json_answer(200, published.to_string()));
    let id_token = forge::sign(r#"{"alg":"EdDSA"}"#, r#"{"sub":"ada","exp":1}"#);
    let token = format!(r#"{{"access_token":"t","token_type":"Bearer","id_token":"{id_token}"}}"#);
    let other = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let keys = json!({ "keys": vec![other; 2_900] }).to_string();
    assert!(keys.len() > 200_000);
    // A key that is not found is looked for once more.
    let keys = Ok(json_answer(200, keys));
    let answers = [published.clone(), Ok(json_answer(200, token)), keys.clone(), keys];
    let transcript = sign_in(&openid(), &[published], &answers, true);
    assert!(transcript.actions().last().unwrap().contains("(id_token_"), "{transcript}");
    assert_eq!(transcript.to_string().matches("Ed25519").count(), 2 * 10, "{transcript}");
}
