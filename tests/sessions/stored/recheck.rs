//! Sessions that the store is asked about once an interval: what asks it, and when one that was ended is refused.

use super::{HOUR, policy, reason, session_of, set};
use aura_host::Host;
use aura_host::store::BlockingSessionStore;
use aura_proto::provider::TokenRetention;
use aura_proto::{Auth, ConfigError, Expiration, Reading, Secret, SessionError, SessionPolicy, UnixTime};
use aura_tests::{Fault, Pair, SECRET, builder};
use http::{Method, Request};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const NAME: &str = "__Host-aura-auth.session_token";

fn pair(configure: impl FnOnce(SessionPolicy) -> SessionPolicy) -> Pair {
    super::pair(|policy| configure(policy.recheck(MINUTE)))
}

fn signed_in() -> Pair {
    let mut pair = pair(|policy| policy);
    pair.sign_in("dev", "ada");
    pair
}

/// Returns the value of the cookie of the snapshot.
fn snapshot(pair: &Pair) -> Option<String> {
    pair.cookies().into_iter().find(|(name, _)| *name == format!("{NAME}.snapshot")).map(|(_, value)| value)
}

/// Writes the header of a ticket and a snapshot.
fn header(ticket: &str, snapshot: &str) -> String {
    format!("{NAME}={ticket}; {NAME}.snapshot={snapshot}")
}

/// Requests the session where no store answers.
fn without_store(pair: &mut Pair, cookies: &str) -> (u16, String) {
    let store = pair.app.store.take();
    let answer = session_of(pair, cookies);
    pair.app.store = store;
    (answer.status.as_u16(), reason(&answer).to_owned())
}

fn end_all(pair: &mut Pair) {
    let question = pair.app.auth.end_sessions("dev", "ada", UnixTime::from_secs(pair.browser.now));
    assert_eq!(BlockingSessionStore::end(pair.app.store.as_ref().unwrap(), question).unwrap(), 1);
}

#[test]
fn the_store_is_asked_once_an_interval_and_no_more_often() {
    let mut pair = signed_in();
    for _ in 0..3 {
        for (advance, status, asked) in [(0, 200, false), (59, 200, false), (1, 503, true)] {
            pair.browser.advance(advance);
            let cookies = pair.cookie_header();
            let (found, because) = without_store(&mut pair, &cookies);
            assert_eq!((found, because.is_empty()), (status, !asked));
            let answer = pair.session();
            assert_eq!((answer.status.as_u16(), set(&answer)), (200, usize::from(asked)));
            assert_eq!(answer.json["user"]["sub"], "ada");
        }
    }
}

#[test]
fn a_session_that_was_ended_is_refused_after_one_interval_and_its_cookie_is_cleared() {
    let mut pair = signed_in();
    pair.browser.advance(30);
    end_all(&mut pair);
    assert_eq!(pair.session().status, 200, "the store is not asked yet");
    pair.browser.advance(30);
    let cookies = pair.cookie_header();
    let answer = pair.session();
    assert_eq!((answer.status.as_u16(), reason(&answer)), (401, "session_ended"));
    assert!(pair.cookies().iter().all(|(name, _)| !name.starts_with(NAME)), "{:?}", pair.cookies());
    assert_eq!(session_of(&mut pair, &cookies).status, 401, "for good");
}

#[test]
fn a_sign_out_ends_the_session_of_a_copied_cookie_after_one_interval() {
    let mut pair = signed_in();
    let (cookies, csrf) = (pair.cookie_header(), pair.csrf_token());
    assert_eq!(pair.sign_out(&csrf).status, 202);
    assert_eq!(pair.session().status, 401, "the browser has no cookie");
    pair.browser.advance(60);
    let answer = session_of(&mut pair, &cookies);
    assert_eq!((answer.status.as_u16(), reason(&answer)), (401, "session_ended"));
}

#[test]
fn a_guard_that_has_to_be_certain_asks_the_store_about_each_request() {
    let mut pair = signed_in();
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let now = UnixTime::from_secs(pair.browser.now);
    let host = Host::new(pair.app.auth.clone()).session_store(pair.app.store.clone().unwrap());
    let host = host.clock(move || now);
    let (usual, certain) = (host.guard(), host.guard().certain());
    assert!(usual.check(&request).is_ok() && certain.check(&request).is_ok());
    end_all(&mut pair);
    assert!(usual.check(&request).is_ok());
    assert_eq!(certain.check(&request).unwrap_err().status(), 401);
}

#[test]
fn a_reading_that_can_ask_no_store_is_refused_from_the_beginning() {
    let pair = signed_in();
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let (auth, now) = (&pair.app.auth, UnixTime::from_secs(pair.browser.now));
    assert_eq!(auth.session(&request, now), Err(SessionError::NeedsStore));
    let entropy = aura_proto::Entropy::from_os_bytes([9; 32]);
    assert_eq!(auth.visit(&request, now, entropy).unwrap_err().status, 500);
    // One that can ask does not have to.
    assert!(matches!(auth.begin_session(&request, now), Reading::Done(Ok(_))));
    let later = UnixTime::from_secs(pair.browser.now + 60);
    assert!(matches!(auth.begin_session(&request, later), Reading::Store(_)));
}

#[test]
fn a_change_shows_at_once_in_its_browser_and_asks_the_store() {
    let mut pair = pair(|policy| policy.editable(["name"]));
    pair.sign_in("dev", "ada");
    let (csrf, patch) = (pair.csrf_token(), r#"{"user":{"name":"Countess"}}"#);
    let header = [("x-csrf-token", csrf.as_str())];
    let store = pair.app.store.take();
    assert_eq!(pair.fetch(Method::PATCH, "/auth/session", &header, patch).status, 503);
    pair.app.store = store;
    assert_eq!(pair.fetch(Method::PATCH, "/auth/session", &header, patch).status, 200);
    let cookies = pair.cookie_header();
    assert_eq!(without_store(&mut pair, &cookies).0, 200);
    assert_eq!(pair.session().json["user"]["name"], "Countess");
    end_all(&mut pair);
    assert_eq!(pair.fetch(Method::PATCH, "/auth/session", &header, patch).status, 401, "it asks the store");
}

#[test]
fn claims_that_a_handler_changes_are_changed_in_the_store() {
    let pair = signed_in();
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let now = UnixTime::from_secs(pair.browser.now);
    let host = Host::new(pair.app.auth.clone()).session_store(pair.app.store.clone().unwrap());
    let host = host.clock(move || now);
    let mut visit = host.visit(&request).unwrap();
    let claims = std::collections::BTreeMap::from([("role", "editor")]);
    host.update_claims(&mut visit, &request, &claims).unwrap();
    let answer = visit.finish(http::Response::new(()));
    let fields = answer.headers().get_all("set-cookie").iter();
    let pairs: Vec<_> = fields.map(|field| field.to_str().unwrap().split(';').next().unwrap()).collect();
    let cookie = pairs.join("; ");
    assert_eq!(super::rows::rows(&pair).remove(0).version, 1);
    let request = Request::get("/").header("cookie", &cookie).body(()).unwrap();
    let Reading::Done(Ok(session)) = pair.app.auth.begin_session(&request, now) else {
        panic!("it is young")
    };
    assert!(session.claim_is("role", "editor"));
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let visit = host.guard().certain().check(&request).unwrap();
    assert!(visit.session().claim_is("role", "editor"), "the earlier cookie, too, where the store is asked");
}

#[test]
fn no_change_of_a_character_is_believed_and_the_ticket_still_opens() {
    let mut pair = signed_in();
    let (ticket, snapshot) = (pair.session_token(), snapshot(&pair).unwrap());
    assert_eq!(ticket.len(), 86);
    for at in (0..snapshot.len()).step_by(7).chain([1, 9, snapshot.len() - 1]) {
        let mut forged = snapshot.as_bytes().to_vec();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = header(&ticket, &String::from_utf8(forged).unwrap());
        // What does not open counts for nothing: the store is asked.
        assert_eq!(without_store(&mut pair, &forged).0, 503, "{at}");
    }
    assert_eq!(without_store(&mut pair, &header(&ticket, &snapshot)).0, 200);
    for cookies in [format!("{NAME}={ticket}"), header(&ticket, ""), header(&ticket, &ticket)] {
        assert_eq!(without_store(&mut pair, &cookies).0, 503);
        assert_eq!(session_of(&mut pair, &cookies).status, 200);
    }
    assert_eq!(session_of(&mut pair, &format!("{NAME}.snapshot={snapshot}")).status, 401, "it is no session");
    assert_eq!(session_of(&mut pair, &format!("{NAME}={snapshot}")).status, 401, "it is no ticket");
}

#[test]
fn a_snapshot_is_no_session_of_another_ticket_or_time() {
    let mut pair = signed_in();
    let ada = pair.session_token();
    pair.browser.jar = Default::default();
    pair.sign_in("dev", "grace");
    let (grace, snapshot) = (pair.session_token(), snapshot(&pair).unwrap());
    let mixed = header(&ada, &snapshot);
    assert_eq!(without_store(&mut pair, &mixed).0, 503, "it is not believed");
    assert_eq!(session_of(&mut pair, &mixed).json["user"]["sub"], "ada", "the ticket counts");
    let planted = format!("{NAME}={ada}; {}", header(&grace, &snapshot));
    let answer = session_of(&mut pair, &planted);
    assert_eq!(reason(&answer), "session_invalid", "of two sessions none counts: {}", answer.json);

    // An instance whose clock is far behind asks the store.
    let own = header(&grace, &snapshot);
    pair.browser.now -= 6;
    assert_eq!(without_store(&mut pair, &own).0, 503);
    pair.browser.now += 1;
    assert_eq!(without_store(&mut pair, &own).0, 200);
}

#[test]
fn a_session_of_many_claims_is_one_session_in_every_route() {
    let mut pair = pair(|policy| policy.editable(["name"]));
    pair.app.admit = |candidate| {
        let groups: Vec<String> = (0..300).map(|number| format!("group-{number}")).collect();
        candidate.admit_with(&std::collections::BTreeMap::from([("groups", groups)]))
    };
    pair.sign_in("dev", "ada");
    let chunks = pair.cookies().iter().filter(|(name, _)| name.contains(".snapshot")).count();
    assert!(chunks > 1, "{:?}", pair.cookies());
    let csrf = pair.csrf_token();
    let header = [("x-csrf-token", csrf.as_str())];
    for _ in 0..2 {
        let patch = r#"{"user":{"name":"Countess"}}"#;
        assert_eq!(pair.fetch(Method::PATCH, "/auth/session", &header, patch).status, 200);
        assert_eq!(pair.fetch(Method::GET, "/auth/sessions", &[], "").status, 200);
        let cookies = pair.cookie_header();
        assert_eq!(without_store(&mut pair, &cookies).0, 200);
        pair.browser.advance(60);
        assert_eq!(pair.session().status, 200);
    }
    assert_eq!(pair.sign_out(&csrf).status, 202);
    assert_eq!(pair.cookies(), [], "every chunk is cleared");
}

/// The answer to a request that was under way arrives when the browser has another session, or none.
#[test]
fn a_late_answer_brings_no_session_back() {
    let mut pair = signed_in();
    pair.browser.advance(60);
    let before = pair.cookie_header();
    let late = session_of(&mut pair, &before);
    let fields: Vec<_> =
        late.headers.get_all("set-cookie").iter().map(|field| field.to_str().unwrap()).collect();
    assert!(fields.iter().all(|field| field.starts_with(&format!("{NAME}.snapshot="))), "{fields:?}");
    let snapshot = fields[0].split(['=', ';']).nth(1).unwrap().to_owned();

    pair.sign_in("dev", "grace");
    let grace = pair.session_token();
    let answer = session_of(&mut pair, &header(&grace, &snapshot));
    assert_eq!(answer.json["user"]["sub"], "grace");
    let csrf = pair.csrf_token();
    assert_eq!(pair.sign_out(&csrf).status, 202);
    assert_eq!(session_of(&mut pair, &format!("{NAME}.snapshot={snapshot}")).status, 401);
}

#[test]
fn a_guard_that_is_certain_writes_no_snapshot_that_the_browser_has() {
    let mut pair = signed_in();
    let host = Host::new(pair.app.auth.clone()).session_store(pair.app.store.clone().unwrap());
    for (advance, written) in [(0, 0), (59, 0), (1, 1)] {
        pair.browser.advance(advance);
        let now = UnixTime::from_secs(pair.browser.now);
        let host = host.clone().clock(move || now);
        let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
        let visit = host.guard().certain().check(&request).unwrap();
        let answer = visit.finish(http::Response::new(()));
        assert_eq!(answer.headers().get_all("set-cookie").iter().count(), written, "{advance}");
    }
}

#[test]
fn a_session_ends_at_its_time_though_the_snapshot_is_young() {
    let mut pair = super::pair(|policy| policy.max_age(MINUTE * 3 / 2).recheck(MINUTE));
    pair.sign_in("dev", "ada");
    for (advance, status) in [(60, 200), (29, 200), (1, 401)] {
        pair.browser.advance(advance);
        assert_eq!(pair.session().status, status);
    }
}

#[test]
fn a_rolling_session_is_renewed_when_the_store_is_asked() {
    let mut pair = pair(|policy| policy.expiration(Expiration::Rolling));
    pair.sign_in("dev", "ada");
    for _ in 0..5 {
        pair.browser.advance(3000);
        assert_eq!(pair.session().status, 200);
    }
    let cookies = pair.cookie_header();
    assert_eq!(without_store(&mut pair, &cookies).0, 200, "the renewed session is in the cookie, too");
    pair.browser.advance(3600);
    assert_eq!(pair.session().status, 401);
}

#[test]
fn a_secret_that_is_replaced_signs_nobody_out() {
    const NEWER: &str = "New8pQ2vX7mLr4TnB9wYc1HsD6eGjU3a";
    let site = |earlier: bool| -> Auth {
        let builder =
            builder(NEWER, "https://app.test", |provider| provider.tokens(TokenRetention::Readable));
        let builder = if earlier { builder.previous_secret(Secret::new(SECRET).unwrap()) } else { builder };
        builder.session(policy().recheck(MINUTE)).build().unwrap()
    };
    let mut pair = signed_in();
    pair.app.auth = site(true);
    let cookies = pair.cookie_header();
    assert_eq!(without_store(&mut pair, &cookies).0, 200, "the snapshot of the earlier secret is believed");
    pair.browser.advance(60);
    assert_eq!(set(&pair.session()), 2, "the ticket and the snapshot are written anew");
    pair.app.auth = site(false);
    assert_eq!(pair.session().status, 200);
    assert_eq!(without_store(&mut pair, &cookies).0, 401, "and not without the secret");
}

#[test]
fn what_has_no_room_for_a_snapshot_is_looked_up_each_time() {
    let mut pair = pair(|policy| policy.max_size(1024));
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let name = "n".repeat(1000);
    pair.app.userinfo_fault = Some(Fault::json(200, &format!(r#"{{"id":"ada","name":"{name}"}}"#)));
    assert_eq!(pair.visit(&callback).status, 200);
    let cookies = pair.cookie_header();
    assert_eq!((snapshot(&pair), without_store(&mut pair, &cookies).0), (None, 503));
    assert_eq!(pair.session().status, 200);
}

#[test]
fn an_application_that_checks_sessions_is_asked_each_time_and_so_is_the_store() {
    let mut pair = signed_in();
    let cookies = pair.cookie_header();
    pair.app.auth = builder(SECRET, "https://app.test", |provider| provider)
        .session(policy().recheck(MINUTE))
        .check_sessions()
        .build()
        .unwrap();
    assert_eq!(without_store(&mut pair, &cookies).0, 503);
    assert_eq!(set(&session_of(&mut pair, &cookies)), 0, "no copy is written that nobody reads");
    pair.app.check = |_| aura_proto::SessionDecision::End;
    let answer = session_of(&mut pair, &cookies);
    assert_eq!((answer.status.as_u16(), reason(&answer)), (401, "session_ended"));
}

#[test]
fn the_order_of_settings_does_not_matter_and_a_site_may_turn_the_interval_off() {
    let default = SessionPolicy::default;
    assert_eq!(default().stored().recheck(MINUTE), default().recheck(MINUTE).stored());
    assert_eq!(default().stored_at_most(3).recheck(MINUTE), default().recheck(MINUTE).stored_at_most(3));
    let mut pair = signed_in();
    pair.app.auth = builder(SECRET, "https://app.test", |provider| provider.tokens(TokenRetention::Readable))
        .session(policy())
        .build()
        .unwrap();
    let cookies = pair.cookie_header();
    assert_eq!(without_store(&mut pair, &cookies).0, 503);
    assert_eq!(pair.session().status, 200);
    let csrf = pair.csrf_token();
    assert_eq!(pair.sign_out(&csrf).status, 202);
    assert_eq!(pair.cookies(), [], "the copy that was left is cleared");
}

#[test]
fn an_interval_is_at_least_a_second_and_shorter_than_a_session_lives() {
    for (interval, is_sound) in
        [(Duration::ZERO, false), (Duration::from_secs(1), true), (HOUR - MINUTE, true), (HOUR, false)]
    {
        let builder = builder(SECRET, "https://app.test", |provider| provider);
        let built = builder.session(policy().recheck(interval)).build();
        assert_eq!(built.err(), (!is_sound).then_some(ConfigError::SessionLength), "{interval:?}");
    }
}
