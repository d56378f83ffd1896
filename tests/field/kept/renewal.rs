//! Renewals of sessions beside refreshes of tokens: what a late answer may write.

use super::{read, signed_in_with};
use aura_proto::{Expiration, SessionPolicy};
use aura_tests::{Fault, Pair};
use http::{Method, Request, header};
use std::time::Duration;

fn policy(expiration: Expiration) -> SessionPolicy {
    SessionPolicy::default().max_age(Duration::from_secs(3600)).expiration(expiration).editable(["name"])
}

/// Sends a request with the cookies of an earlier moment, and returns the names of the cookies that the answer sets.
fn late(pair: &mut Pair, request: http::request::Builder, cookies: &str) -> Vec<String> {
    let answer = pair.send(request.header(header::COOKIE, cookies));
    assert_eq!(answer.status, 200);
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    set.map(|field| field.to_str().unwrap().split('=').next().unwrap().to_owned()).collect()
}

#[test]
fn au_03_a_renewal_that_comes_late_leaves_tokens_alone_that_were_refreshed_meanwhile() {
    for expiration in [Expiration::Rolling, Expiration::Sliding { threshold_percent: 100 }] {
        for after in [200, 2000, 3500] {
            let granted = |number: u32| {
                format!(r#"{{"access_token":"at-{number}","expires_in":300,"refresh_token":"rt-{number}"}}"#)
            };
            let mut pair = signed_in_with(&granted(1), |builder| builder.session(policy(expiration)));
            pair.browser.advance(after);
            let before = pair.cookie_header();
            pair.app.token_fault = Some(Fault::json(200, &granted(2)));
            assert_eq!(read(&mut pair).json["tokens"]["accessToken"], "at-2");

            let set = late(&mut pair, Request::get("/auth/session"), &before);
            assert!(set.iter().any(|name| name.contains("session_token")), "{set:?}: it is renewed");
            assert!(!set.iter().any(|name| name.contains("access_token")), "{set:?}");
        }
    }
}

#[test]
fn au_03_a_change_of_the_session_leaves_the_tokens_alone() {
    let granted = r#"{"access_token":"at-1","expires_in":3600,"refresh_token":"rt-1"}"#;
    let mut pair = signed_in_with(granted, |builder| builder.session(policy(Expiration::Rolling)));
    pair.browser.advance(10);
    let token = pair.csrf_token();
    let answer =
        pair.fetch(Method::PATCH, "/auth/session", &[("x-csrf-token", &token)], r#"{"user":{"name":"Eve"}}"#);
    let set: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
    assert!(answer.status == 200 && !format!("{set:?}").contains("access_token"), "{set:?}");
}

#[test]
fn au_03_tokens_live_as_long_as_the_longest_session() {
    let granted = r#"{"access_token":"at-1","expires_in":360000,"refresh_token":"rt-1"}"#;
    let mut pair = signed_in_with(granted, |builder| builder.session(policy(Expiration::Rolling)));
    for _ in 0..30 {
        pair.browser.advance(3000);
        assert_eq!(pair.session().status, 200);
    }
    assert_eq!(read(&mut pair).json["tokens"]["accessToken"], "at-1");
}
