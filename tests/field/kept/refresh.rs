//! Refreshes of kept access tokens: when they are due, and what happens where they fail.

use super::{read, signed_in};
use aura_proto::FetchError;
use aura_proto::provider::{Provider, TokenRetention};
use aura_tests::{Fault, OpenId};
use serde_json::json;

/// A grant with a refresh token, whose access token lives this many seconds.
fn granted(number: u32, expires_in: u64) -> String {
    format!(r#"{{"access_token":"at-{number}","expires_in":{expires_in},"refresh_token":"rt-{number}"}}"#)
}

#[test]
fn au_07_p_01_a_token_is_refreshed_in_the_second_half_of_its_life_at_the_earliest() {
    for (life, first_due) in [(3600, 3300), (601, 301), (600, 300), (300, 150), (60, 30), (2, 1)] {
        let mut pair = signed_in(&granted(1, life));
        let fetches = pair.app.fetches.len();
        for _ in 0..3 {
            assert_eq!(read(&mut pair).json["tokens"]["accessToken"], "at-1");
        }
        pair.browser.advance(first_due - 1);
        assert_eq!(read(&mut pair).json["tokens"]["accessToken"], "at-1", "{life}");
        assert_eq!(pair.app.fetches.len(), fetches, "{life}: nobody was asked");
        pair.browser.advance(1);
        pair.app.token_fault = Some(Fault::json(200, &granted(2, life)));
        assert_eq!(read(&mut pair).json["tokens"]["accessToken"], "at-2", "{life}");
        assert_eq!(pair.app.fetches.len(), fetches + 1, "{life}");
    }
}

#[test]
fn p_01_a_refresh_that_fails_while_the_token_is_valid_is_answered_with_it() {
    for fault in [
        Fault::json(400, r#"{"error":"invalid_grant"}"#),
        Fault::json(401, r#"{"error":"invalid_client"}"#),
        Fault::json(503, "{}"),
        Fault::Lost(FetchError::TimedOut),
    ] {
        let mut pair = signed_in(&granted(1, 300));
        pair.browser.advance(200);
        pair.app.token_fault = Some(fault);
        let answer = read(&mut pair);
        assert_eq!((answer.status.as_u16(), &answer.json["tokens"]["accessToken"]), (200, &json!("at-1")));
    }
}

#[test]
fn p_01_only_invalid_grant_asks_the_user_to_sign_in_again() {
    for (fault, status, reason) in [
        (Fault::json(400, r#"{"error":"invalid_grant"}"#), 401, "refresh_refused"),
        (Fault::json(401, r#"{"error":"invalid_grant"}"#), 401, "refresh_refused"),
        (Fault::json(401, r#"{"error":"invalid_client"}"#), 502, ""),
        (Fault::json(400, r#"{"error":"invalid_request"}"#), 502, ""),
        (Fault::json(400, "{}"), 502, ""),
        (Fault::json(503, "{}"), 502, ""),
    ] {
        let mut pair = signed_in(&granted(1, 300));
        pair.browser.advance(300);
        pair.app.token_fault = Some(fault);
        let answer = read(&mut pair);
        assert_eq!(answer.status.as_u16(), status, "{:?}", answer.json);
        assert_eq!(answer.json["reason"] == "refresh_refused", reason == "refresh_refused");
    }
}

#[test]
fn p_05_a_grant_without_a_scope_grants_what_was_asked_for() {
    let mut pair = signed_in(&granted(1, 300));
    assert_eq!(read(&mut pair).json["tokens"]["scopes"], json!(["profile", "email"]));

    let mut pair = signed_in(r#"{"access_token":"a","expires_in":300,"scope":"profile"}"#);
    assert_eq!(read(&mut pair).json["tokens"]["scopes"], json!(["profile"]));
}

#[test]
fn p_01_what_a_refresh_brings_is_kept_where_the_keys_of_its_id_token_cannot_be_read() {
    for fault in [Fault::json(503, "{}"), Fault::json(200, "{}"), Fault::Lost(FetchError::TimedOut)] {
        let offline = |provider: Provider| {
            provider.tokens(TokenRetention::Readable).scope("openid profile email offline_access")
        };
        let mut pair = OpenId::new().provider(offline).pair();
        assert_eq!(pair.sign_in("dev", "ada").status, 200);
        let before = read(&mut pair).json["tokens"].clone();
        pair.browser.advance(3590);
        pair.app.jwks_fault = Some(fault);
        let refreshed = read(&mut pair);
        assert_eq!(refreshed.status, 200, "{}", refreshed.json);
        let after = read(&mut pair).json["tokens"].clone();
        assert_eq!(refreshed.json["tokens"], after);
        assert!(
            after["refreshToken"] != before["refreshToken"] && after["accessToken"] != before["accessToken"]
        );
        assert_eq!(after["idToken"], before["idToken"], "an ID token that nobody verified is not kept");
    }
}
