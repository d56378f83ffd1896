//! Sessions that the store is asked about once an interval: what asks it, and when one that was ended is refused.

use super::{HOUR, policy, reason, session_of, set};
use aura_host::Host;
use aura_host::store::BlockingSessionStore;
use aura_proto::provider::TokenRetention;
use aura_proto::{Auth, Expiration, Secret, SessionError, SessionPolicy, UnixTime};
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
    assert!(pair.cookies().iter().all(|(name, _)| name != NAME), "{:?}", pair.cookies());
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
fn a_handler_that_asks_no_store_reads_what_is_young_and_says_what_is_not() {
    let pair = signed_in();
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let read = |after| pair.app.auth.session(&request, UnixTime::from_secs(pair.browser.now + after));
    assert_eq!(read(59).unwrap().user().sub(), "ada");
    assert_eq!(read(60), Err(SessionError::NeedsStore));
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
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(super::rows::rows(&pair).remove(0).version, 1);
    let request = Request::get("/").header("cookie", &cookie).body(()).unwrap();
    assert!(pair.app.auth.session(&request, now).unwrap().claim_is("role", "editor"));
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let visit = host.guard().certain().check(&request).unwrap();
    assert!(visit.session().claim_is("role", "editor"), "the earlier cookie, too, where the store is asked");
}

#[test]
fn no_change_of_a_character_is_believed_and_the_ticket_still_opens() {
    let mut pair = signed_in();
    let token = pair.session_token();
    let (ticket, snapshot) = token.split_at(86);
    assert!(snapshot.starts_with('.') && snapshot.len() > 200, "{snapshot}");
    for at in (0..snapshot.len()).step_by(7).chain([1, 23, 24, snapshot.len() - 1]) {
        let mut forged = snapshot.as_bytes().to_vec();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = format!("{NAME}={ticket}{}", String::from_utf8(forged).unwrap());
        // What does not open beside a ticket counts for nothing: the store is asked.
        let expected = if at == 0 { 401 } else { 503 };
        assert_eq!(without_store(&mut pair, &forged).0, expected, "{at}");
    }
    assert_eq!(without_store(&mut pair, &format!("{NAME}={ticket}")).0, 503);
    assert_eq!(session_of(&mut pair, &format!("{NAME}={ticket}")).status, 200);
    assert_eq!(session_of(&mut pair, &format!("{NAME}={ticket}.")).status, 200);
}

#[test]
fn a_snapshot_is_no_session_of_another_ticket_cookie_or_time() {
    let mut pair = signed_in();
    let ada = pair.session_token();
    pair.browser.jar = Default::default();
    pair.sign_in("dev", "grace");
    let grace = pair.session_token();
    let mixed = format!("{NAME}={}{}", &ada[..86], &grace[86..]);
    assert_eq!(without_store(&mut pair, &mixed).0, 503, "it is not believed");
    assert_eq!(session_of(&mut pair, &mixed).json["user"]["sub"], "ada", "the ticket counts");
    assert_eq!(session_of(&mut pair, &format!("{NAME}={}", &grace[87..])).status, 401, "it is no ticket");

    // An instance whose clock is far behind asks the store.
    pair.browser.now -= 6;
    assert_eq!(without_store(&mut pair, &format!("{NAME}={grace}")).0, 503);
    pair.browser.now += 1;
    assert_eq!(without_store(&mut pair, &format!("{NAME}={grace}")).0, 200);
}

#[test]
fn a_session_ends_at_its_time_though_the_snapshot_is_young() {
    let mut pair = super::pair(|policy| policy.max_age(MINUTE / 2).recheck(HOUR));
    pair.sign_in("dev", "ada");
    pair.browser.advance(29);
    assert_eq!(pair.session().status, 200);
    pair.browser.advance(1);
    assert_eq!(pair.session().status, 401);
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
    assert_eq!(set(&pair.session()), 1);
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
    assert_eq!((pair.session_token().len(), without_store(&mut pair, &cookies).0), (86, 503));
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
}
