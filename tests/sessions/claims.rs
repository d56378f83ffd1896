//! Claims that the application changes in a session.

use aura_proto::{
    Entropy, Error, Event, Expiration, HostError, RequestError, Session, SessionPolicy, UnixTime, Visit,
};
use aura_tests::Pair;
use http::{Request, Response};
use serde_json::{Value, json};
use std::time::Duration;

fn signed_in(expiration: Expiration) -> Pair {
    let policy = SessionPolicy::default().max_age(Duration::from_secs(3600)).expiration(expiration);
    let mut pair = Pair::at("https://app.test", |builder| builder.session(policy.max_size(2048)));
    pair.app.admit = |candidate| candidate.admit().claims(&json!({ "role": "reader", "kept": 1 }));
    pair.sign_in("dev", "ada");
    pair.browser.advance(1000);
    pair
}

fn request(cookies: &str) -> Request<()> {
    Request::get("/").header("cookie", cookies).body(()).unwrap()
}

fn visit(pair: &mut Pair) -> Visit {
    let (request, now) = (request(&pair.cookie_header()), UnixTime::from_secs(pair.browser.now));
    let entropy = Entropy::from_os_bytes(pair.app.entropy());
    pair.app.auth.visit(&request, now, entropy).unwrap()
}

fn update(pair: &mut Pair, visit: &mut Visit, claims: &Value) -> Result<(), Error> {
    let (request, now) = (request(&pair.cookie_header()), UnixTime::from_secs(pair.browser.now));
    let entropy = Entropy::from_os_bytes(pair.app.entropy());
    pair.app.auth.update_claims(visit, &request, claims, now, entropy)
}

/// Reads the session that an answer sets, and counts its cookies.
fn answered(pair: &Pair, visit: Visit) -> (Session, usize) {
    let answer = visit.finish(Response::new(()));
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
    let pairs = cookies.iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let header = pairs.collect::<Vec<_>>().join("; ");
    let now = UnixTime::from_secs(pair.browser.now);
    (pair.app.auth.session(&request(&header), now).unwrap(), cookies.len())
}

#[test]
fn members_replace_claims_null_takes_one_away_and_others_stay() {
    let mut pair = signed_in(Expiration::Rolling);
    let mut visit = visit(&mut pair);
    let renewed = vec![Event::SessionRenewed { sub: "ada".to_owned() }];
    assert_eq!(visit.take_events(), renewed);
    update(&mut pair, &mut visit, &json!({ "role": "editor", "new": [1] })).unwrap();
    update(&mut pair, &mut visit, &json!({ "new": null, "newer": 2 })).unwrap();
    assert_eq!(visit.take_events(), vec![Event::SessionUpdated { sub: "ada".to_owned() }; 2]);
    let claims = json!({ "role": "editor", "kept": 1, "newer": 2 });
    assert_eq!(Value::Object(visit.session().claims().into_owned()), claims);
    let (session, cookies) = answered(&pair, visit);
    assert_eq!((Value::Object(session.claims().into_owned()), cookies), (claims, 1));
}

#[test]
fn an_update_by_the_application_moves_the_end_as_one_by_a_page_and_never_the_beginning() {
    for (expiration, end) in [
        (Expiration::Absolute, 2600),
        (Expiration::Fixed, 2600),
        (Expiration::Rolling, 3600),
        (Expiration::Sliding { threshold_percent: 1 }, 3600),
    ] {
        let mut pair = signed_in(expiration);
        let mut visit = visit(&mut pair);
        update(&mut pair, &mut visit, &json!({ "role": "editor" })).unwrap();
        let (session, _) = answered(&pair, visit);
        let after = |moment: UnixTime| i128::from(moment.as_secs()) - i128::from(pair.browser.now);
        assert_eq!(after(session.expires_at()), end, "{expiration:?}");
        assert_eq!(session.began_at().map(after), Some(-1000), "{expiration:?}");
    }
}

#[test]
fn what_a_session_cannot_hold_is_refused_and_the_visit_stays_as_it_was() {
    let mut pair = signed_in(Expiration::Rolling);
    let unwritable = Error::from(HostError::ClaimsUnwritable);
    for (claims, error) in [
        (json!(["role"]), unwritable.clone()),
        (json!("role"), unwritable.clone()),
        (json!({ "role": "editor", "sub": "root" }), unwritable.clone()),
        (json!({ "began": 0 }), unwritable.clone()),
        (json!({ "auth_time": 0 }), unwritable.clone()),
        (json!({ "email": null }), unwritable),
        (json!({ "note": "n".repeat(2048) }), RequestError::SessionTooLarge.into()),
    ] {
        let mut visit = visit(&mut pair);
        assert_eq!(update(&mut pair, &mut visit, &claims), Err(error), "{claims}");
        assert!(visit.session().claim_is("role", "reader"));
        let (session, cookies) = answered(&pair, visit);
        assert!(session.claim_is("role", "reader") && cookies == 1, "it is renewed all the same");
    }
}

#[test]
fn a_session_that_ended_while_its_handler_ran_is_not_revived_by_other_claims() {
    for expiration in [Expiration::Absolute, Expiration::Rolling] {
        let mut pair = signed_in(expiration);
        let mut visit = visit(&mut pair);
        pair.browser.advance(2599);
        update(&mut pair, &mut visit, &json!({ "role": "editor" })).unwrap();
        let mut late = Visit::of(visit.session().clone());
        pair.browser.advance(3600);
        let ended = Error::from(RequestError::SessionInvalid);
        assert_eq!(update(&mut pair, &mut late, &json!({ "role": "owner" })), Err(ended), "{expiration:?}");
        assert!(late.session().claim_is("role", "editor"));
        assert!(late.finish(Response::new(())).headers().is_empty());
    }
}
