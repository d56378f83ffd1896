//! Tokens whose refresh token is spent or revoked, where something fails or gets in between.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other action fails the test")]

use super::refresh::{
    answered, ask, begin, end, fetch, go, go_at, granted, now, paused, refreshed, signed_in, store, token,
    under_way, up_to_replace,
};
use super::{policy, reason};
use aura_host::store::answer_blocking;
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Action, Entropy, Event, Fetch};
use aura_tests::{Answer, Fault, Pair, json_answer};
use bytes::Bytes;
use http::{Method, Request};

const TOKENS: &str = "/auth/providers/dev/tokens";

/// A user at a provider that revokes tokens, whose access token lives for a minute.
fn revocable() -> Pair {
    let shape = |provider: Provider| {
        provider.tokens(TokenRetention::Readable).revocation_endpoint("https://idp.test/revoke")
    };
    let mut pair = Pair::with("https://app.test", shape, |builder| builder.session(policy()));
    pair.app.token_fault = Some(Fault::json(200, &granted(1, 60)));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    pair.sign_in("dev", "ada");
    pair
}

/// Begins to revoke the tokens.
fn revoke(pair: &mut Pair) -> Action {
    let csrf = pair.csrf_token();
    let request = Request::post("/auth/providers/dev/tokens/revoke")
        .header("cookie", pair.cookie_header())
        .header("x-csrf-token", csrf)
        .body(Bytes::new())
        .unwrap();
    let entropy = Entropy::from_os_bytes(pair.app.entropy());
    pair.app.auth.handle(request, now(pair), entropy)
}

fn revocation(action: Action) -> (Fetch, String) {
    let Action::FetchRevocation(fetch) = action else { panic!("{action:?}") };
    let body = String::from_utf8_lossy(fetch.request.body()).into_owned();
    (*fetch, body)
}

fn go_on(pair: &Pair, fetch: Fetch, status: u16) -> Action {
    go(pair, fetch.pending.resume(Ok(json_answer(status, "{}")), now(pair)))
}

#[test]
fn a_revocation_waits_for_the_refresh_under_way_and_revokes_what_it_was_granted() {
    let mut pair = revocable();
    pair.browser.advance(60);
    let refresh = fetch(ask(&mut pair));
    let revoke = revoke(&mut pair);
    let (_, waiting) = paused(go(&pair, revoke));
    assert_eq!(token(&end(&pair, refresh, 200, &granted(2, 60))), "at-2");
    let (access, body) = revocation(go(&pair, waiting.resume(now(&pair))));
    assert!(body.contains("token=at-2&"), "{body}");
    let (refresh, body) = revocation(go_on(&pair, access, 200));
    assert!(body.contains("token=rt-2&"), "{body}");
    assert_eq!(answered(go_on(&pair, refresh, 200)).0.status, 200);
    assert_eq!(reason(&pair.fetch(Method::GET, TOKENS, &[], "")), "tokens_missing");
}

#[test]
fn nobody_refreshes_tokens_while_they_are_revoked() {
    let mut pair = revocable();
    pair.browser.advance(60);
    let begun = revoke(&mut pair);
    let (access, _) = revocation(go(&pair, begun));
    let other = begin(&mut pair);
    let (_, waiting) = paused(go(&pair, other));
    let (refresh, body) = revocation(go_on(&pair, access, 200));
    assert!(body.contains("token=rt-1&"), "{body}");
    assert_eq!(answered(go_on(&pair, refresh, 200)).0.status, 200);
    let (answer, _) = answered(go(&pair, waiting.resume(now(&pair))));
    assert_eq!(reason(&answer), "tokens_missing", "{}", answer.json);
}

#[test]
fn a_revocation_that_fails_keeps_the_tokens_and_holds_up_no_refresh() {
    let mut pair = revocable();
    pair.browser.advance(60);
    let begun = revoke(&mut pair);
    let (access, _) = revocation(go(&pair, begun));
    assert_eq!(answered(go_on(&pair, access, 503)).0.status, 502);
    assert_eq!(token(&refreshed(&mut pair, 200, &granted(2, 60))), "at-2");
}

#[test]
fn a_revocation_does_not_wait_for_a_provider_that_fails_to_refresh() {
    let mut pair = revocable();
    // The token serves for longer than a lease, which is left to lapse.
    pair.browser.advance(29);
    pair.app.token_fault = Some(Fault::json(200, &granted(2, 3600)));
    pair.browser.advance(31);
    assert_eq!(token(&pair.fetch(Method::GET, TOKENS, &[], "")), "at-2");
    pair.browser.advance(3400);
    assert_eq!(token(&refreshed(&mut pair, 503, "{}")), "at-2");
    let mut action = revoke(&mut pair);
    let mut time = now(&pair);
    let (_, body) = loop {
        match go_at(&pair, action, time) {
            Action::Pause(length, rest) => {
                time = time.saturating_add(length);
                action = rest.resume(time);
            }
            other => break revocation(other),
        }
    };
    assert!(body.contains("token=at-2&"), "{body}");
    assert!(time <= now(&pair).saturating_add(std::time::Duration::from_secs(6)));
}

#[test]
fn a_row_that_cannot_be_written_leaves_the_token_that_serves() {
    for (advance, expected) in [(40, (200, "at-1")), (60, (503, ""))] {
        let mut pair = signed_in(60);
        pair.browser.advance(advance);
        let begun = begin(&mut pair);
        let lease = up_to_replace(&pair, begun);
        let rest = answer_blocking(None, lease, || now(&pair));
        let (answer, events) = answered(go(&pair, rest));
        assert_eq!((answer.status.as_u16(), token(&answer)), expected, "{}", answer.json);
        let failed = events.iter().any(|event| matches!(event, Event::RefreshFailed { .. }));
        assert_eq!(failed, advance == 40, "{events:?}");
    }
}

/// Answers a refresh with tokens of this many bytes beside one another.
fn large(pair: &mut Pair, access: usize, id: usize) -> (Answer, Vec<Event>) {
    let body = format!(
        r#"{{"access_token":"at-2{}","refresh_token":"rt-2","expires_in":60,"id_token":"{}"}}"#,
        "a".repeat(access),
        "i".repeat(id)
    );
    let refresh = fetch(ask(pair));
    answered(go(pair, refresh.pending.resume(Ok(json_answer(200, body)), now(pair))))
}

#[test]
fn refreshed_tokens_that_do_not_fit_are_kept_without_the_id_token() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    let (answer, events) = large(&mut pair, 0, 70_000);
    assert_eq!(token(&answer), "at-2", "{}", answer.json);
    assert!(events.contains(&Event::IdTokenDropped { provider: "dev".to_owned() }), "{events:?}");
    pair.browser.advance(60);
    let refresh = fetch(ask(&mut pair));
    assert!(String::from_utf8_lossy(refresh.request.body()).contains("refresh_token=rt-2"));
}

#[test]
fn refreshed_tokens_that_never_fit_are_dropped_with_those_that_were_spent() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    let (answer, _) = large(&mut pair, 70_000, 70_000);
    assert_eq!((answer.status.as_u16(), reason(&answer)), (502, "tokens_too_large"));
    assert_eq!(reason(&pair.fetch(Method::GET, TOKENS, &[], "")), "tokens_missing");
    assert_eq!(pair.session().status, 200);
}

#[test]
fn new_tokens_wait_for_a_store_that_fails_even_if_the_id_token_has_to_go() {
    let (pair, refresh) = under_way();
    let body = format!(
        r#"{{"access_token":"at-2","refresh_token":"rt-2","expires_in":60,"id_token":"{}"}}"#,
        "i".repeat(70_000)
    );
    let mut action = refresh.pending.resume(Ok(json_answer(200, body)), now(&pair));
    let question = up_to_replace(&pair, action);
    let (_, rest) = paused(go(&pair, answer_blocking(None, question, || now(&pair))));
    action = rest.resume(now(&pair));
    assert_eq!(token(&answered(go(&pair, action)).0), "at-2");
    assert!(store(&pair).is_some());
}

#[test]
fn a_lease_ends_with_its_refresh_and_the_next_one_is_made_at_once() {
    let mut pair = signed_in(60);
    pair.browser.advance(60);
    assert_eq!(token(&refreshed(&mut pair, 200, &granted(2, 10))), "at-2");
    pair.browser.advance(10);
    assert_eq!(token(&refreshed(&mut pair, 200, &granted(3, 60))), "at-3");
}
