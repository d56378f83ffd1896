//! When a session began: no renewal and no update moves it.

use aura_proto::{Expiration, Session, SessionPolicy, UnixTime};
use aura_tests::Pair;
use http::header::{COOKIE, HeaderValue};
use http::{HeaderMap, Method};
use serde_json::json;
use std::time::Duration;

fn signed_in(expiration: Expiration) -> Pair {
    let policy =
        SessionPolicy::default().max_age(Duration::from_secs(3600)).expiration(expiration).editable(["name"]);
    let mut pair = Pair::at("https://app.test", |builder| builder.session(policy));
    pair.sign_in("dev", "ada");
    pair
}

fn session(pair: &Pair) -> Session {
    let cookie = HeaderValue::try_from(pair.cookie_header()).unwrap();
    let headers = HeaderMap::from_iter([(COOKIE, cookie)]);
    pair.app.auth.session(&headers, UnixTime::from_secs(pair.browser.now)).unwrap()
}

#[test]
fn a_renewal_moves_the_issue_and_not_the_beginning() {
    let mut pair = signed_in(Expiration::Rolling);
    let began = UnixTime::from_secs(pair.browser.now);
    for _ in 0..3 {
        pair.browser.advance(1000);
        assert_eq!(pair.session().status, 200);
    }
    let session = session(&pair);
    assert_eq!((session.began_at(), session.issued_at().as_secs()), (Some(began), pair.browser.now));
    assert!(session.began_before(began));
}

#[test]
fn an_update_by_a_page_moves_it_under_no_strategy() {
    for expiration in [Expiration::Fixed, Expiration::Absolute, Expiration::Rolling] {
        let mut pair = signed_in(expiration);
        let began = UnixTime::from_secs(pair.browser.now);
        pair.browser.advance(1000);
        let token = pair.csrf_token();
        let body = json!({ "user": { "name": "Countess" } }).to_string();
        let updated = pair.fetch(Method::PATCH, "/auth/session", &[("x-csrf-token", &token)], &body);
        assert_eq!(updated.status, 200);
        assert_eq!(session(&pair).user().name(), Some("Countess"));
        assert_eq!(session(&pair).began_at(), Some(began), "{expiration:?}");
    }
}

#[test]
fn a_session_is_ended_by_its_beginning_however_often_it_is_renewed() {
    let mut pair = signed_in(Expiration::Rolling);
    pair.browser.advance(500);
    let banned_at = UnixTime::from_secs(pair.browser.now);
    pair.browser.advance(500);
    assert_eq!(pair.session().status, 200, "renewed after the ban");
    assert!(session(&pair).issued_at() > banned_at && session(&pair).began_before(banned_at));
    pair.sign_in("dev", "ada");
    assert!(!session(&pair).began_before(banned_at), "a later sign-in is another session");
}
