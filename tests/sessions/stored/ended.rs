//! Ended sessions: what ends one, and that nothing brings it back, whatever was under way.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other action fails the test")]

use super::{HOUR, pair, policy, session_of, signed_in};
use aura_host::store::{BlockingSessionStore, answer_blocking};
use aura_proto::{Action, Entropy, Event, Expiration, StoreQuestion, UnixTime};
use aura_tests::{Fault, Pair};
use bytes::Bytes;
use http::{Method, Request};

#[test]
fn after_a_sign_out_the_ticket_opens_nothing_under_any_policy() {
    for expiration in [
        Expiration::Fixed,
        Expiration::Absolute,
        Expiration::Rolling,
        Expiration::Sliding { threshold_percent: 100 },
    ] {
        for at_most in [None, Some(3)] {
            let mut pair = pair(|policy| {
                let policy = policy.expiration(expiration).max_duration(HOUR * 4);
                at_most.map_or(policy.clone(), |most| policy.stored_at_most(most))
            });
            pair.sign_in("dev", "ada");
            let (cookies, csrf) = (pair.cookie_header(), pair.csrf_token());
            pair.browser.advance(400);
            assert_eq!(session_of(&mut pair, &cookies).status, 200);
            assert_eq!(pair.sign_out(&csrf).status, 202);
            assert_eq!(session_of(&mut pair, &cookies).status, 401, "{expiration:?} {at_most:?}");
            assert_eq!(super::rows::rows(&pair), []);
        }
    }
}

#[test]
fn an_administrator_ends_every_session_of_a_user_at_once() {
    let mut pair = signed_in();
    let question = pair.app.auth.end_sessions("dev", "ada", UnixTime::from_secs(pair.browser.now));
    assert_eq!(BlockingSessionStore::end(pair.app.store.as_ref().unwrap(), question).unwrap(), 1);
    let answer = pair.session();
    assert_eq!((answer.status.as_u16(), super::reason(&answer)), (401, "session_ended"));
    pair.browser.advance(1);
    pair.sign_in("dev", "ada");
    assert_eq!(pair.session().status, 200, "a later sign-in begins a session that lives");
}

/// Begins a request, and answers its questions up to the first one that changes a session.
fn up_to_the_change(pair: &mut Pair, request: Request<Bytes>, now: UnixTime) -> StoreQuestion {
    let entropy = Entropy::from_os_bytes(pair.app.entropy());
    let mut action = pair.app.auth.handle(request, now, entropy);
    loop {
        action = match action {
            Action::AskStore(question @ StoreQuestion::Load(_)) => {
                let store: Option<&dyn BlockingSessionStore> = Some(pair.app.store.as_ref().unwrap());
                answer_blocking(store, question, || now)
            }
            Action::AskStore(question) => return question,
            other => panic!("{other:?}"),
        };
    }
}

fn finish(pair: &mut Pair, question: StoreQuestion, now: UnixTime) -> http::Response<Bytes> {
    let mut action = Action::AskStore(question);
    loop {
        action = match action {
            Action::AskStore(question) => {
                let store: Option<&dyn BlockingSessionStore> = Some(pair.app.store.as_ref().unwrap());
                answer_blocking(store, question, || now)
            }
            Action::Respond(respond) => return respond.into_response(),
            other => panic!("{other:?}"),
        };
    }
}

fn patch(pair: &mut Pair, csrf: &str, name: &str) -> Request<Bytes> {
    let body = format!(r#"{{"user":{{"{name}":"x"}}}}"#);
    let request = Request::patch("/auth/session").header("cookie", pair.cookie_header());
    request.header("x-csrf-token", csrf).body(body.into()).unwrap()
}

#[test]
fn a_change_that_was_under_way_at_the_sign_out_does_not_bring_the_session_back() {
    let mut pair = pair(|policy| policy.editable(["name"]));
    pair.sign_in("dev", "ada");
    let (cookies, csrf) = (pair.cookie_header(), pair.csrf_token());
    let now = UnixTime::from_secs(pair.browser.now);
    let request = patch(&mut pair, &csrf, "name");
    let change = up_to_the_change(&mut pair, request, now);
    assert_eq!(pair.sign_out(&csrf).status, 202);
    assert_eq!(finish(&mut pair, change, now).status(), 401);
    assert_eq!(session_of(&mut pair, &cookies).status, 401);
    assert_eq!(super::rows::rows(&pair), []);
}

#[test]
fn a_renewal_that_was_under_way_at_the_sign_out_does_not_bring_the_session_back() {
    let mut pair = pair(|policy| policy.expiration(Expiration::Rolling));
    pair.sign_in("dev", "ada");
    let (cookies, csrf) = (pair.cookie_header(), pair.csrf_token());
    pair.browser.advance(100);
    let now = UnixTime::from_secs(pair.browser.now);
    let request = Request::get("/auth/session").header("cookie", &cookies).body(Bytes::new()).unwrap();
    let renewal = up_to_the_change(&mut pair, request, now);
    assert_eq!(pair.sign_out(&csrf).status, 202);
    let answer = finish(&mut pair, renewal, now);
    assert_eq!(answer.status(), 401);
    assert_eq!(session_of(&mut pair, &cookies).status, 401);
}

#[test]
fn of_two_changes_at_once_neither_is_lost() {
    let mut pair = pair(|policy| policy.editable(["name", "theme"]));
    pair.sign_in("dev", "ada");
    let csrf = pair.csrf_token();
    let now = UnixTime::from_secs(pair.browser.now);
    let (one, other) = (patch(&mut pair, &csrf, "name"), patch(&mut pair, &csrf, "theme"));
    let one = up_to_the_change(&mut pair, one, now);
    let other = up_to_the_change(&mut pair, other, now);
    for change in [one, other] {
        assert_eq!(finish(&mut pair, change, now).status(), 200);
    }
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let store: Option<&dyn BlockingSessionStore> = Some(pair.app.store.as_ref().unwrap());
    let mut reading = pair.app.auth.begin_session(&request, now);
    let session = loop {
        reading = match reading {
            aura_proto::Reading::Done(session) => break session.unwrap(),
            aura_proto::Reading::Store(question) => answer_blocking(store, question, || now),
            other => panic!("{other:?}"),
        };
    };
    assert_eq!((session.user().name(), &session.claims()["theme"]), (Some("x"), &"x".into()));
}

#[test]
fn a_sign_in_ends_the_session_that_the_browser_had() {
    let mut pair = signed_in();
    let before = pair.cookie_header();
    pair.sign_in("dev", "grace");
    assert_eq!(session_of(&mut pair, &before).status, 401);
    assert_eq!(pair.session().json["user"]["sub"], "grace");
}

#[test]
fn what_the_application_ends_is_gone_from_the_store() {
    let mut pair = Pair::at("https://app.test", |builder| builder.session(policy()).check_sessions());
    pair.sign_in("dev", "ada");
    let cookies = pair.cookie_header();
    pair.app.check = |_| aura_proto::SessionDecision::End;
    assert_eq!(pair.session().status, 401);
    pair.app.check = |_| aura_proto::SessionDecision::Continue;
    assert_eq!(session_of(&mut pair, &cookies).status, 401);
    assert_eq!(super::rows::rows(&pair), []);
}

#[test]
fn a_sign_out_ends_a_session_that_the_application_cannot_check() {
    let mut pair = Pair::at("https://app.test", |builder| builder.session(policy()).check_sessions());
    pair.sign_in("dev", "ada");
    let csrf = pair.csrf_token();
    pair.app.check = |_| aura_proto::SessionDecision::Unavailable;
    assert_eq!(pair.sign_out(&csrf).status, 202);
    assert_eq!(super::rows::rows(&pair), []);
}

#[test]
fn a_stored_session_says_how_many_rows_were_ended() {
    let mut pair = signed_in();
    let csrf = pair.csrf_token();
    pair.app.events.clear();
    pair.fetch(Method::DELETE, "/auth/sessions?current=true", &[("x-csrf-token", &csrf)], "");
    let ended = Event::SessionsEnded { sub: Some("ada".to_owned()), ended: 1 };
    assert_eq!(pair.app.events, [ended]);
}

#[test]
fn a_request_under_way_that_ends_all_other_sessions_outlives_no_revocation() {
    // The clock of the instance that answers it may be ahead of the administrator's, and the browser hangs up before its end.
    for ahead in [0, 5, 59] {
        let mut pair = signed_in();
        let csrf = pair.csrf_token();
        let now = UnixTime::from_secs(pair.browser.now + ahead);
        let request = Request::delete("/auth/sessions").header("cookie", pair.cookie_header());
        let request = request.header("x-csrf-token", csrf).body(Bytes::new()).unwrap();
        let lift = up_to_the_change(&mut pair, request, now);
        let store: Option<&dyn BlockingSessionStore> = Some(pair.app.store.as_ref().unwrap());
        let after = answer_blocking(store, lift, || now);
        assert!(matches!(after, Action::AskStore(StoreQuestion::End(_))), "{after:?}");
        drop(after);
        let question = pair.app.auth.end_sessions("dev", "ada", UnixTime::from_secs(pair.browser.now));
        BlockingSessionStore::end(pair.app.store.as_ref().unwrap(), question).unwrap();
        assert_eq!(pair.session().status, 401, "{ahead}");
    }
}

#[test]
fn a_sign_out_ends_every_session_of_a_browser_that_sends_two() {
    let mut pair = signed_in();
    let (one, csrf) = (pair.cookie_header(), pair.csrf_token());
    let all = pair.cookie_header();
    let mine = format!("__Host-aura-auth.session_token={}", pair.session_token());
    pair.browser.jar = Default::default();
    pair.sign_in("dev", "ada");
    let planted = format!("__Host-aura-auth.session_token={}", pair.session_token());
    let path = "/auth/signOut?token_type_hint=session_token";
    let request = Request::post(path).header("cookie", format!("{all}; {planted}")).header("accept", "*/*");
    let answer = pair.send(request.header("x-csrf-token", csrf));
    assert_eq!(answer.status, 202, "{}", answer.json);
    for cookies in [one, mine, planted] {
        assert_eq!(session_of(&mut pair, &cookies).status, 401);
    }
}

#[test]
fn tokens_that_the_user_dropped_do_not_come_back_by_a_refresh_under_way() {
    let mut pair = pair(|policy| policy);
    let granted = |token: &str| {
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","refresh_token":"r","expires_in":60}}"#)
    };
    pair.app.token_fault = Some(Fault::json(200, &granted("first")));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    pair.sign_in("dev", "ada");
    pair.browser.advance(100);
    let (csrf, now) = (pair.csrf_token(), UnixTime::from_secs(pair.browser.now));
    let request = Request::get("/auth/providers/dev/tokens").header("cookie", pair.cookie_header());
    let entropy = Entropy::from_os_bytes(pair.app.entropy());
    let mut action = pair.app.auth.handle(request.body(Bytes::new()).unwrap(), now, entropy);
    let fetch = loop {
        action = match action {
            Action::AskStore(question) => {
                let store: Option<&dyn BlockingSessionStore> = Some(pair.app.store.as_ref().unwrap());
                answer_blocking(store, question, || now)
            }
            Action::RunToEnd(rest) => rest.resume(now),
            Action::FetchToken(fetch) => break fetch,
            other => panic!("{other:?}"),
        };
    };
    let path = "/auth/providers/dev";
    let dropped = pair.fetch(Method::DELETE, path, &[("x-csrf-token", &csrf)], "");
    assert_eq!(dropped.status, 200, "{}", dropped.json);
    let answer = http::Response::builder().header("content-type", "application/json");
    let answer = answer.body(Bytes::from(granted("second"))).unwrap();
    let Action::AskStore(keep) = fetch.pending.resume(Ok(answer), now) else { panic!("the tokens are kept") };
    finish(&mut pair, keep, now);
    let answer = pair.fetch(Method::GET, path, &[], "");
    assert_eq!(answer.json["connected"], false, "{}", answer.json);
}

#[test]
fn a_repeated_callback_is_answered_by_503_while_the_store_fails() {
    let mut pair = signed_in();
    let store = pair.app.store.take();
    let answer = pair.fetch(Method::GET, "/auth/callback/dev?code=c&state=unknown", &[], "");
    assert_eq!((answer.status.as_u16(), super::set(&answer)), (503, 0), "{}", answer.json);
    pair.app.store = store;
    let answer = pair.fetch(Method::GET, "/auth/callback/dev?code=c&state=unknown", &[], "");
    assert_eq!(answer.status, 200);
}
