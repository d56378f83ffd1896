//! Refreshes of stored tokens: one request spends the refresh token, whatever the others do, and however its refresh ends.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other action fails the test")]

use super::{pair, reason, rows};
use aura_host::store::{BlockingSessionStore, answer_blocking};
use aura_proto::{Action, Entropy, Event, Fetch, FetchError, StoreQuestion, UnixTime};
use aura_tests::{Answer, Fault, Pair, json_answer};
use bytes::Bytes;
use http::{Method, Request};
use std::time::Duration;

const TOKENS: &str = "/auth/providers/dev/tokens";

pub(super) fn granted(number: u32, life: u64) -> String {
    format!(r#"{{"access_token":"at-{number}","refresh_token":"rt-{number}","expires_in":{life}}}"#)
}

/// A user whose access token lives this many seconds.
pub(super) fn signed_in(life: u64) -> Pair {
    let mut pair = pair(|policy| policy);
    pair.app.token_fault = Some(Fault::json(200, &granted(1, life)));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    pair.sign_in("dev", "ada");
    pair
}

pub(super) fn now(pair: &Pair) -> UnixTime {
    UnixTime::from_secs(pair.browser.now)
}

pub(super) fn store(pair: &Pair) -> Option<&dyn BlockingSessionStore> {
    pair.app.store.as_ref().map(|store| store as &dyn BlockingSessionStore)
}

/// Begins to read the tokens.
pub(super) fn begin(pair: &mut Pair) -> Action {
    let request = Request::get(TOKENS).header("cookie", pair.cookie_header()).body(Bytes::new()).unwrap();
    let entropy = Entropy::from_os_bytes(pair.app.entropy());
    pair.app.auth.handle(request, now(pair), entropy)
}

/// Carries a flow out up to its next fetch, its next pause or its end.
pub(super) fn go(pair: &Pair, action: Action) -> Action {
    go_at(pair, action, now(pair))
}

/// Begins to read the tokens, and carries that out in the same way.
pub(super) fn ask(pair: &mut Pair) -> Action {
    let action = begin(pair);
    go(pair, action)
}

pub(super) fn go_at(pair: &Pair, mut action: Action, at: UnixTime) -> Action {
    loop {
        action = match action {
            Action::AskStore(question) => answer_blocking(store(pair), question, || at),
            Action::RunToEnd(rest) => rest.resume(at),
            other => return other,
        };
    }
}

/// Carries a flow out up to its first change of the row.
pub(super) fn up_to_replace(pair: &Pair, mut action: Action) -> StoreQuestion {
    loop {
        action = match action {
            Action::AskStore(question @ StoreQuestion::Replace(_)) => return question,
            Action::AskStore(question) => answer_blocking(store(pair), question, || now(pair)),
            Action::RunToEnd(rest) => rest.resume(now(pair)),
            other => panic!("{other:?}"),
        };
    }
}

pub(super) fn fetch(action: Action) -> Fetch {
    let Action::FetchToken(fetch) = action else { panic!("{action:?}") };
    *fetch
}

/// A user whose access token has ended, and the request that refreshes it.
pub(super) fn under_way() -> (Pair, Fetch) {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    let refresh = fetch(ask(&mut pair));
    (pair, refresh)
}

pub(super) fn paused(action: Action) -> (Duration, aura_proto::GoOn) {
    let Action::Pause(length, rest) = action else { panic!("{action:?}") };
    (length, rest)
}

pub(super) fn answered(action: Action) -> (Answer, Vec<Event>) {
    let Action::Respond(respond) = action else { panic!("{action:?}") };
    let events = respond.events.clone();
    (respond.into_response().into(), events)
}

pub(super) fn token(answer: &Answer) -> &str {
    answer.json["tokens"]["accessToken"].as_str().unwrap_or_default()
}

/// Ends a refresh with an answer of the provider.
pub(super) fn end(pair: &Pair, fetch: Fetch, status: u16, body: &str) -> Answer {
    let answer = Ok(json_answer(status, body.to_owned()));
    answered(go(pair, fetch.pending.resume(answer, now(pair)))).0
}

/// Refreshes the tokens, with an answer of the provider.
pub(super) fn refreshed(pair: &mut Pair, status: u16, body: &str) -> Answer {
    let refresh = fetch(ask(pair));
    end(pair, refresh, status, body)
}

#[test]
fn while_one_request_refreshes_the_others_go_on_with_the_token_that_serves() {
    let mut pair = signed_in(60);
    pair.browser.advance(40);
    let first = fetch(ask(&mut pair));
    assert!(String::from_utf8_lossy(first.request.body()).contains("refresh_token=rt-1"));
    for _ in 0..10 {
        assert_eq!(token(&answered(ask(&mut pair)).0), "at-1");
    }
    assert_eq!(token(&end(&pair, first, 200, &granted(2, 60))), "at-2");
    assert_eq!(token(&answered(ask(&mut pair)).0), "at-2");
}

#[test]
fn of_two_requests_that_find_no_lease_one_gets_it() {
    let mut pair = signed_in(60);
    pair.browser.advance(40);
    let (one, other) = (begin(&mut pair), begin(&mut pair));
    let (one, other) = (up_to_replace(&pair, one), up_to_replace(&pair, other));
    let other = fetch(go(&pair, Action::AskStore(other)));
    assert_eq!(token(&answered(go(&pair, Action::AskStore(one))).0), "at-1");
    assert_eq!(token(&end(&pair, other, 200, &granted(2, 60))), "at-2");
}

#[test]
fn where_the_token_has_ended_the_others_wait_for_the_refresh() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    let (first, other) = (begin(&mut pair), begin(&mut pair));
    let first = fetch(go(&pair, first));
    let (length, rest) = paused(go(&pair, other));
    assert!((50..=100).contains(&length.as_millis()), "{length:?}");
    let (_, rest) = paused(go(&pair, rest.resume(now(&pair))));
    end(&pair, first, 200, &granted(2, 60));
    assert_eq!(token(&answered(go(&pair, rest.resume(now(&pair)))).0), "at-2");
}

#[test]
fn pauses_are_drawn_from_the_entropy_of_the_request() {
    let pauses = || {
        let mut pair = signed_in(60);
        pair.browser.advance(60);
        drop(fetch(ask(&mut pair)));
        let mut action = begin(&mut pair);
        let mut lengths = Vec::new();
        for _ in 0..20 {
            let (length, rest) = paused(go(&pair, action));
            lengths.push(length);
            action = rest.resume(now(&pair));
        }
        lengths
    };
    let lengths = pauses();
    assert_eq!(lengths, pauses(), "equal inputs give equal outputs");
    assert!(lengths.iter().any(|length| *length != lengths[0]));
}

#[test]
fn a_request_waits_five_seconds_at_most_and_asks_to_be_sent_again() {
    // By the clock, and where the clock stands still, by the pauses.
    for ticks in [true, false] {
        let mut pair = signed_in(60);
        pair.browser.advance(60);
        drop(fetch(ask(&mut pair)));
        let mut action = begin(&mut pair);
        let (mut at, mut waited) = (now(&pair), Duration::ZERO);
        let (answer, events) = loop {
            match go_at(&pair, action, at) {
                Action::Pause(length, rest) => {
                    waited += length;
                    at = if ticks { at.saturating_add(length) } else { at };
                    action = rest.resume(at);
                }
                other => break answered(other),
            }
        };
        assert_eq!((answer.status.as_u16(), reason(&answer)), (503, "tokens_busy"));
        assert!(matches!(events.last(), Some(Event::ProviderRequestFailed { .. })), "{events:?}");
        let longest = Duration::from_millis(if ticks { 5_100 } else { 10_000 });
        assert!(waited <= longest && waited >= Duration::from_secs(4), "{waited:?}");
        assert_eq!(super::set(&answer), 0);
    }
}

#[test]
fn a_lease_that_was_left_behind_lapses() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    // The process is killed in the middle: nobody ever resumes it.
    drop(fetch(ask(&mut pair)));
    pair.browser.advance(29);
    let (_, rest) = paused(ask(&mut pair));
    pair.browser.advance(1);
    let taken_over = fetch(go(&pair, rest.resume(now(&pair))));
    assert_eq!(token(&end(&pair, taken_over, 200, &granted(2, 60))), "at-2");
}

#[test]
fn a_lease_outlasts_every_exchange_that_is_made_under_it() {
    let (mut pair, first) = under_way();
    // A token request and one more with the server's nonce, keys and rotated keys.
    let exchanges = 4;
    let longest = first.timeout.as_secs() * exchanges;
    pair.browser.advance(longest);
    drop(paused(ask(&mut pair)));
    assert_eq!(token(&end(&pair, first, 200, &granted(2, 60))), "at-2");
}

#[test]
fn a_lease_that_the_store_was_slow_to_write_is_not_used() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    let action = begin(&mut pair);
    let lease = up_to_replace(&pair, action);
    pair.browser.advance(11);
    let rest = answer_blocking(store(&pair), lease, || now(&pair));
    let (answer, _) = answered(go(&pair, rest));
    assert_eq!((answer.status.as_u16(), reason(&answer)), (503, "tokens_busy"));
}

#[test]
fn invalid_grant_ends_the_tokens_and_leaves_the_session() {
    for advance in [40, 60] {
        let mut pair = signed_in(60);
        pair.browser.advance(advance);
        let answer = refreshed(&mut pair, 400, r#"{"error":"invalid_grant"}"#);
        assert_eq!((answer.status.as_u16(), reason(&answer)), (401, "refresh_refused"));
        let answer = pair.fetch(Method::GET, TOKENS, &[], "");
        assert_eq!(reason(&answer), "tokens_missing", "{}", answer.json);
        let connected = pair.fetch(Method::GET, "/auth/providers/dev", &[], "");
        assert_eq!(connected.json["connected"], false);
        assert_eq!(pair.session().status, 200);
    }
}

#[test]
fn a_refresh_that_fails_otherwise_keeps_the_tokens_and_is_tried_later() {
    for (status, body) in [(503, "{}"), (401, r#"{"error":"invalid_client"}"#), (200, "{}")] {
        // The token has ended: the next request tries again at once.
        let mut pair = signed_in(60);
        pair.browser.advance(60);
        assert_eq!(refreshed(&mut pair, status, body).status, 502);
        assert_eq!(token(&refreshed(&mut pair, 200, &granted(2, 60))), "at-2");

        // The token serves for long: no other request asks the provider within the lease.
        let mut pair = signed_in(3600);
        pair.browser.advance(3400);
        assert_eq!(token(&refreshed(&mut pair, status, body)), "at-1");
        assert_eq!(token(&answered(ask(&mut pair)).0), "at-1");
        pair.browser.advance(30);
        assert_eq!(token(&refreshed(&mut pair, 200, &granted(2, 60))), "at-2");

        // It ends before the lease would.
        let mut pair = signed_in(60);
        pair.browser.advance(40);
        assert_eq!(token(&refreshed(&mut pair, status, body)), "at-1");
        drop(fetch(ask(&mut pair)));
    }
}

#[test]
fn a_refresh_without_an_answer_keeps_the_tokens() {
    let mut pair = signed_in(60);
    pair.browser.advance(40);
    let lost = fetch(ask(&mut pair)).pending.resume(Err(FetchError::TimedOut), now(&pair));
    let (answer, events) = answered(go(&pair, lost));
    assert_eq!(token(&answer), "at-1");
    assert!(events.iter().any(|event| matches!(event, Event::RefreshFailed { .. })), "{events:?}");
}

#[test]
fn a_sign_out_in_the_middle_of_a_refresh_stays_and_drops_the_tokens() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    let (cookies, csrf) = (pair.cookie_header(), pair.csrf_token());
    let refresh = fetch(ask(&mut pair));
    assert_eq!(pair.sign_out(&csrf).status, 202);
    let answer = end(&pair, refresh, 200, &granted(2, 60));
    assert_eq!((answer.status.as_u16(), token(&answer)), (401, ""), "{}", answer.json);
    assert_eq!(rows::rows(&pair), []);
    assert_eq!(super::session_of(&mut pair, &cookies).status, 401);
}

#[test]
fn a_sign_out_ends_the_wait_for_a_refresh() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    let csrf = pair.csrf_token();
    let (first, other) = (begin(&mut pair), begin(&mut pair));
    drop(fetch(go(&pair, first)));
    let (_, rest) = paused(go(&pair, other));
    assert_eq!(pair.sign_out(&csrf).status, 202);
    let (answer, _) = answered(go(&pair, rest.resume(now(&pair))));
    assert_eq!((answer.status.as_u16(), reason(&answer)), (401, "session_ended"));
}

#[test]
fn a_refresh_that_comes_late_replaces_no_newer_tokens() {
    for (status, body) in [(200, granted(2, 60)), (400, r#"{"error":"invalid_grant"}"#.to_owned())] {
        let (mut pair, late) = under_way();
        pair.browser.advance(30);
        let other = fetch(ask(&mut pair));
        assert_eq!(token(&end(&pair, other, 200, &granted(3, 60))), "at-3");
        end(&pair, late, status, &body);
        assert_eq!(token(&answered(ask(&mut pair)).0), "at-3");
    }
}

#[test]
fn a_refresh_that_comes_late_is_kept_where_the_other_one_is_under_way() {
    let (mut pair, late) = under_way();
    pair.browser.advance(30);
    let other = fetch(ask(&mut pair));
    assert_eq!(token(&end(&pair, late, 200, &granted(2, 60))), "at-2");
    // The provider refuses to spend the token again. What the first request got stays.
    end(&pair, other, 400, r#"{"error":"invalid_grant"}"#);
    assert_eq!(token(&answered(ask(&mut pair)).0), "at-2");
}

#[test]
fn a_change_of_the_session_in_the_middle_of_a_refresh_is_not_lost_and_neither_are_the_tokens() {
    let mut pair = super::pair(|policy| policy.editable(["name"]));
    pair.app.token_fault = Some(Fault::json(200, &granted(1, 60)));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    pair.sign_in("dev", "ada");
    pair.browser.advance(60);
    let csrf = pair.csrf_token();
    let refresh = fetch(ask(&mut pair));
    let patch = r#"{"user":{"name":"Countess"}}"#;
    assert_eq!(pair.fetch(Method::PATCH, "/auth/session", &[("x-csrf-token", &csrf)], patch).status, 200);
    assert_eq!(token(&end(&pair, refresh, 200, &granted(2, 60))), "at-2");
    assert_eq!(pair.session().json["user"]["name"], "Countess");
    assert_eq!(token(&answered(ask(&mut pair)).0), "at-2");
}

#[test]
fn new_tokens_are_kept_by_a_store_that_fails_for_a_moment() {
    let (mut pair, refresh) = under_way();
    let kept = pair.app.store.take();
    let answer = Ok(json_answer(200, granted(2, 60)));
    let (_, rest) = paused(go(&pair, refresh.pending.resume(answer, now(&pair))));
    let (_, rest) = paused(go(&pair, rest.resume(now(&pair))));
    pair.app.store = kept;
    assert_eq!(token(&answered(go(&pair, rest.resume(now(&pair)))).0), "at-2");
}

#[test]
fn a_store_that_fails_until_the_lease_has_ended_ends_the_refresh_by_503() {
    let (mut pair, refresh) = under_way();
    pair.app.store = None;
    let mut action = refresh.pending.resume(Ok(json_answer(200, granted(2, 60))), now(&pair));
    let (begun, mut time) = (now(&pair), now(&pair));
    let (answer, _) = loop {
        match go_at(&pair, action, time) {
            Action::Pause(length, rest) => {
                time = time.saturating_add(length);
                assert!(time < begun.saturating_add(Duration::from_secs(32)), "the flow ends");
                action = rest.resume(time);
            }
            other => break answered(other),
        }
    };
    // Until then no other request spends the token that is spent.
    assert!(time >= begun.saturating_add(Duration::from_secs(30)));
    assert_eq!((answer.status.as_u16(), reason(&answer)), (503, "session_store_unavailable"));
}

#[test]
fn a_leased_row_shows_no_more_than_another() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    let before = rows::rows(&pair).remove(0);
    drop(fetch(ask(&mut pair)));
    let leased = rows::rows(&pair).remove(0);
    assert_eq!(
        (leased.version, leased.owner, &leased.face),
        (before.version + 1, before.owner, &before.face)
    );
    let until = (now(&pair).as_millis() + 30_000).to_be_bytes();
    assert!(!leased.body.windows(until.len()).any(|window| window == until));
}
