//! Tokens that a handler asks for, where the refresh fails: what the browser keeps, and what a late answer does not clear.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other action fails the test")]

use aura_host::store::{BlockingSessionStore, answer_blocking};
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{
    Event, Fetch, NoTokens, PendingReading, ProviderTokensError, Reading, ReadyTokens, Respond,
    SessionPolicy, UnixTime,
};
use aura_tests::{Fault, Pair, json_answer, set_cookies};
use http::{HeaderMap, Response, header};
use std::time::Duration;

type Ready = Result<ReadyTokens, NoTokens>;

/// How long an access token lives, in seconds.
const LIFE: u64 = 60;

fn signed_in(policy: SessionPolicy) -> Pair {
    let readable = |provider: Provider| provider.tokens(TokenRetention::Readable);
    let mut pair = Pair::with("https://app.test", readable, |builder| builder.session(policy));
    let granted = format!(r#"{{"access_token":"at-1","refresh_token":"rt-1","expires_in":{LIFE}}}"#);
    pair.app.token_fault = Some(Fault::json(200, &granted));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    pair.sign_in("dev", "ada");
    pair.browser.advance(LIFE);
    pair
}

fn now(pair: &Pair) -> UnixTime {
    UnixTime::from_secs(pair.browser.now)
}

/// Carries a reading out up to its next exchange or its end.
fn go(pair: &Pair, mut reading: Reading<Ready>) -> Result<Ready, Box<Fetch<PendingReading<Ready>>>> {
    let store = pair.app.store.as_ref().map(|store| store as &dyn BlockingSessionStore);
    loop {
        reading = match reading {
            Reading::Done(ready) => return Ok(ready),
            Reading::Fetch(_, fetch) => return Err(fetch),
            Reading::Store(question) => answer_blocking(store, question, || now(pair)),
            Reading::RunToEnd(rest) => rest.resume(now(pair)),
            other => panic!("{other:?}"),
        };
    }
}

fn begin(pair: &mut Pair) -> Result<Ready, Box<Fetch<PendingReading<Ready>>>> {
    let cookies = pair.cookie_header().parse().unwrap();
    let headers = HeaderMap::from_iter([(header::COOKIE, cookies)]);
    let entropy = aura_proto::Entropy::from_os_bytes(pair.app.entropy());
    let reading = pair.app.auth.begin_provider_tokens("dev", &headers, now(pair), entropy);
    go(pair, reading)
}

/// Ends a refresh with tokens that the provider grants.
fn granted(pair: &Pair, fetch: Fetch<PendingReading<Ready>>, body: String) -> NoTokens {
    let reading = fetch.pending.resume(Ok(json_answer(200, body)), now(pair));
    go(pair, reading).expect("no other exchange").expect_err("no tokens")
}

#[test]
fn the_late_answer_of_a_session_that_ended_meanwhile_clears_no_newer_one() {
    let policy = SessionPolicy::default().max_age(Duration::from_secs(3600)).stored();
    let mut pair = signed_in(policy);
    let refresh = begin(&mut pair).expect_err("the tokens are due");
    let shown = format!("{refresh:?}");
    assert!(
        shown.starts_with("Fetch { method: POST") && shown.contains("PendingReading(ExpectToken)"),
        "{shown}"
    );
    let question = pair.app.auth.end_sessions("dev", "ada", now(&pair));
    assert_eq!(BlockingSessionStore::end(pair.app.store.as_ref().unwrap(), question).unwrap(), 1);
    let rotated = r#"{"access_token":"at-2","refresh_token":"rt-2","expires_in":60}"#;
    let none = granted(&pair, *refresh, rotated.to_owned());
    assert_eq!(none.error, ProviderTokensError::SignedOut);
    let page = none.finish(Response::new("a page"));
    assert_eq!(set_cookies(page.headers()), [], "another tab may have signed in again");
}

#[test]
fn rf_01_tokens_that_are_too_large_leave_no_spent_refresh_token_in_the_browser() {
    let answers: [fn(NoTokens) -> HeaderMap; 3] = [
        |none| none.finish(Response::new("a page")).headers().clone(),
        |none| Respond::refusal(none).into_response().headers().clone(),
        |none| {
            let page = Respond::refusal_page(none);
            assert!(matches!(page.events[..], [Event::RequestRefused { .. }]), "{:?}", page.events);
            page.into_response().headers().clone()
        },
    ];
    for answer in answers {
        let mut pair = signed_in(SessionPolicy::default().max_age(Duration::from_secs(3600)));
        let refresh = begin(&mut pair).expect_err("the tokens are due");
        let large = "a".repeat(60_000);
        let rotated = format!(r#"{{"access_token":"{large}","refresh_token":"rt-2","expires_in":60}}"#);
        let set = set_cookies(&answer(granted(&pair, *refresh, rotated)));
        assert!(
            set.iter().any(|(name, value)| name.ends_with("access_token.dev") && !value.is_empty()),
            "{set:?}"
        );
        for (name, value) in set {
            pair.plant(&name, &value);
        }
        let none =
            begin(&mut pair).expect("the provider is not asked again").expect_err("the tokens have ended");
        assert_eq!(none.error, ProviderTokensError::Refused);
    }
}
