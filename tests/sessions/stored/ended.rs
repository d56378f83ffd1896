//! Ended sessions: what ends one, and that nothing brings it back, whatever was under way.

use super::{HOUR, pair, policy, session_of, signed_in};
use aura_host::store::{BlockingSessionStore, answer_blocking};
use aura_proto::{Action, Entropy, Event, Expiration, StoreQuestion, UnixTime};
use aura_tests::Pair;
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
            aura_proto::Reading::Check(_) => panic!("nobody is asked"),
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
