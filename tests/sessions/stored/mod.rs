//! Sessions that a store keeps: what a ticket opens, what ends a session, and what a store that fails does not end.

mod devices;
mod ended;
mod interleavings;
mod logout;
mod recheck;
mod refresh;
mod rotated;
mod rows;
mod spent;

use aura_host::store::BlockingSessionStore;
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Builder, Expiration, SessionError, SessionPolicy, UnixTime};
use aura_tests::{Answer, Pair, SECRET, builder};
use http::{Method, Request};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Sessions in a store that live for an hour.
fn policy() -> SessionPolicy {
    SessionPolicy::default().max_age(HOUR).stored()
}

/// A site that keeps sessions in a store, and a provider whose tokens are readable.
fn pair(configure: impl FnOnce(SessionPolicy) -> SessionPolicy) -> Pair {
    let readable = |provider: Provider| provider.tokens(TokenRetention::Readable);
    Pair::with("https://app.test", readable, |builder| builder.session(configure(policy())))
}

fn signed_in() -> Pair {
    let mut pair = pair(|policy| policy);
    pair.sign_in("dev", "ada");
    pair
}

fn reason(answer: &Answer) -> &str {
    answer.json["reason"].as_str().unwrap_or_default()
}

/// Counts the cookies that an answer sets or clears.
fn set(answer: &Answer) -> usize {
    answer.headers.get_all("set-cookie").iter().count()
}

/// Requests `GET /session` with cookies that were kept.
fn session_of(pair: &mut Pair, cookies: &str) -> Answer {
    pair.send(Request::get("/auth/session").header("cookie", cookies).header("accept", "*/*"))
}

#[test]
fn the_cookie_of_a_stored_session_is_a_ticket_and_no_token_leaves_the_server() {
    let mut pair = signed_in();
    assert_eq!(pair.session_token().len(), 86);
    assert!(pair.cookies().iter().all(|(name, _)| !name.contains("access_token")), "{:?}", pair.cookies());
    let answer = pair.session();
    assert_eq!((answer.status.as_u16(), &answer.json["user"]["sub"]), (200, &"ada".into()));
    let answer = pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert!(answer.json["tokens"]["accessToken"].is_string());
}

#[test]
fn a_site_keeps_its_stored_sessions_and_refuses_what_it_did_not_make() {
    let mut pair = signed_in();
    let token = pair.session_token();
    let name = "__Host-aura-auth.session_token";
    for forged in
        [&token[1..], &format!("{token}A"), &token.replace(&token[..4], "AAAA"), "x", &"A".repeat(86)]
    {
        // Without a store the answer would be 503, so that 401 says that none was asked.
        let store = pair.app.store.take();
        let answer = session_of(&mut pair, &format!("{name}={forged}"));
        assert_eq!((answer.status.as_u16(), reason(&answer)), (401, "session_invalid"), "{forged}");
        pair.app.store = store;
    }
    let sealed = {
        let mut pair = Pair::at("https://app.test", |builder| builder);
        pair.sign_in("dev", "ada");
        pair.cookie_header()
    };
    assert_eq!(session_of(&mut pair, &sealed).status, 401, "a sealed session is none of a store");
    let ticket = pair.cookie_header();
    let mut stateless = Pair::at("https://app.test", |builder| builder);
    assert_eq!(session_of(&mut stateless, &ticket).status, 401, "a ticket is no sealed session");
}

#[test]
fn a_store_that_fails_ends_no_session_and_clears_no_cookie() {
    let mut pair = signed_in();
    let csrf = pair.csrf_token();
    let store = pair.app.store.take();
    let (header, patch) = ([("x-csrf-token", csrf.as_str())], r#"{"user":{"name":"Ada"}}"#);
    for (method, path, body) in [
        (Method::GET, "/auth/session", ""),
        (Method::PATCH, "/auth/session", patch),
        (Method::POST, "/auth/signOut?token_type_hint=session_token", ""),
        (Method::GET, "/auth/providers/dev/tokens", ""),
        (Method::GET, "/auth/sessions", ""),
        (Method::DELETE, "/auth/sessions", ""),
    ] {
        let answer = pair.fetch(method.clone(), path, &header, body);
        let said = (answer.status.as_u16(), reason(&answer));
        assert_eq!(said, (503, "session_store_unavailable"), "{method} {path}: {}", answer.json);
        assert!(set(&answer) == 0, "{method} {path}: {:?}", answer.headers);
    }
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let page = pair.visit(&callback);
    assert_eq!(page.status, 503);
    pair.app.store = store;
    assert_eq!(pair.session().status, 200);
}

#[test]
fn a_reading_that_asks_no_store_says_so_and_lets_nobody_in() {
    let pair = signed_in();
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let (auth, now) = (&pair.app.auth, UnixTime::from_secs(pair.browser.now));
    assert_eq!(auth.session(&request, now), Err(SessionError::NeedsStore));
    let refusal = auth.visit(&request, now, aura_proto::Entropy::from_os_bytes([9; 32])).unwrap_err();
    assert_eq!((refusal.status.as_u16(), refusal.cookies.len()), (500, 0));
    let tokens = auth.provider_tokens("dev", &request, now);
    assert_eq!(tokens, Err(aura_proto::ProviderTokensError::NeedsStore));
}

#[test]
fn a_session_ends_at_its_time_and_is_renewed_before() {
    for (expiration, lives) in [(Expiration::Absolute, false), (Expiration::Rolling, true)] {
        let mut pair = pair(|policy| policy.expiration(expiration));
        pair.sign_in("dev", "ada");
        pair.browser.advance(3000);
        let answer = pair.session();
        assert_eq!((answer.status.as_u16(), set(&answer)), (200, usize::from(lives)));
        pair.browser.advance(3000);
        assert_eq!(pair.session().status.is_success(), lives, "{expiration:?}");
        pair.browser.advance(3601);
        assert_eq!(pair.session().status, 401);
    }
}

#[test]
fn a_ticket_of_an_earlier_secret_opens_and_is_written_anew() {
    const NEWER: &str = "New8pQ2vX7mLr4TnB9wYc1HsD6eGjU3a";
    let mut pair = signed_in();
    let before = pair.session_token();
    let rotated = |configure: fn(Builder) -> Builder| {
        let builder =
            builder(NEWER, "https://app.test", |provider| provider.tokens(TokenRetention::Readable));
        configure(builder).session(policy()).build().unwrap()
    };
    pair.app.auth = rotated(|builder| builder.previous_secret(aura_proto::Secret::new(SECRET).unwrap()));
    let answer = pair.session();
    assert_eq!((answer.status.as_u16(), set(&answer)), (200, 1));
    assert_ne!(pair.session_token(), before);
    // The earlier secret is gone. Row and ticket are protected under the newer one alone.
    pair.app.auth = rotated(|builder| builder);
    assert_eq!(pair.session().status, 200);
    let tokens = pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "");
    assert_eq!(tokens.status, 200, "{}", tokens.json);
    // And the user is named under the newer secret, so that an administrator still ends the session.
    let question = pair.app.auth.end_sessions("dev", "ada", UnixTime::from_secs(pair.browser.now));
    assert_eq!(BlockingSessionStore::end(pair.app.store.as_ref().unwrap(), question).unwrap(), 1);
    assert_eq!(pair.session().status, 401);
}

#[test]
fn a_session_is_seen_every_five_minutes_and_written_no_more_often() {
    let mut pair = signed_in();
    let version = |pair: &Pair| rows::rows(pair).first().map(|row| (row.version, row.seen)).unwrap();
    let begun = version(&pair).1;
    for _ in 0..3 {
        pair.session();
    }
    assert_eq!(version(&pair), (0, begun));
    pair.browser.advance(300);
    for _ in 0..3 {
        assert_eq!(set(&pair.session()), 0);
    }
    assert_eq!(version(&pair), (1, UnixTime::from_secs(pair.browser.now)));
}
