//! Readings of sessions by a service beside the site, which signs nobody in.

use aura_proto::SessionPolicy;
use aura_session::{
    BoundCookieOverride, Builder, ConfigError, Cookies, Salt, Secret, SessionError, SessionTokenFormat,
    Sessions, UnixTime,
};
use aura_tests::{Pair, SALT, SECRET};
use http::{HeaderMap, Request, header};
use std::time::Duration;

const ORIGIN: &str = "https://app.test";
const MODES: [fn() -> SessionTokenFormat; 3] =
    [SessionTokenFormat::sealed, SessionTokenFormat::signed, SessionTokenFormat::encrypted];

fn service(secret: &str) -> Builder {
    let salt = Salt::new(SALT).unwrap();
    Sessions::builder(Secret::new(secret).unwrap(), salt)
}

fn signed_in(policy: &SessionPolicy, tokens: SessionTokenFormat) -> Pair {
    let mut pair = Pair::at(ORIGIN, |builder| builder.session(policy.clone()).session_token_format(tokens));
    pair.sign_in("dev", "ada");
    pair
}

fn sent(pair: &Pair) -> (HeaderMap, UnixTime) {
    let cookies = pair.cookie_header().parse().unwrap();
    (HeaderMap::from_iter([(header::COOKIE, cookies)]), UnixTime::from_secs(pair.browser.now))
}

#[test]
fn the_service_reads_the_session_that_the_site_reads() {
    for mode in MODES {
        let policy = SessionPolicy::default().issuer(ORIGIN).audience("shop");
        let pair = signed_in(&policy, mode());
        let (headers, now) = sent(&pair);
        let configured = || service(SECRET).session_token_format(mode()).session(policy.clone());
        let sessions = configured().base_url(ORIGIN).build().unwrap();
        let session = sessions.session(&headers, now).unwrap();
        assert_eq!(session.identity(), (Some("dev"), "ada"));
        assert_eq!(Ok(session), pair.app.auth.session(&headers, now));

        let other = sessions.session(&headers, now.saturating_add(Duration::from_secs(366 * 86_400)));
        assert_eq!(other, Err(SessionError::Expired));
        let elsewhere =
            service(SECRET).session_token_format(mode()).session(policy.clone().audience("other"));
        let sessions = elsewhere.base_url(ORIGIN).build().unwrap();
        assert_eq!(sessions.session(&headers, now), Err(SessionError::Invalid));
        let sessions = configured().base_url("http://app.test").build().unwrap();
        assert_eq!(sessions.session(&headers, now), Err(SessionError::Missing), "http has other names");
    }
}

#[test]
fn a_secret_that_was_rotated_opens_what_it_protected_and_another_opens_nothing() {
    let pair = signed_in(&SessionPolicy::default(), SessionTokenFormat::sealed());
    let (headers, now) = sent(&pair);
    let other = format!("1{}", &SECRET[1..]);
    let sessions = |builder: Builder| builder.base_url(ORIGIN).build().unwrap();
    assert_eq!(sessions(service(&other)).session(&headers, now), Err(SessionError::Invalid));
    let rotated = service(&other).previous_secret(Secret::new(SECRET).unwrap());
    assert_eq!(sessions(rotated).session(&headers, now), pair.app.auth.session(&headers, now));
}

#[test]
fn cookies_that_are_sound_at_the_site_are_sound_at_the_service() {
    for seconds in [601, 3600] {
        let state = BoundCookieOverride::default().max_age(Duration::from_secs(seconds));
        let built = service(SECRET).base_url(ORIGIN).cookies(Cookies::default().state(state)).build();
        assert!(built.is_ok(), "a site may give an attempt an hour");
    }
    let state = BoundCookieOverride::default().max_age(Duration::from_secs(3601));
    let built = service(SECRET).base_url(ORIGIN).cookies(Cookies::default().state(state)).build();
    assert_eq!(built.err(), Some(ConfigError::CookieMaxAge { cookie: "state" }));
}

#[test]
fn a_service_that_expects_a_store_before_the_site_has_one_reads_no_sealed_session() {
    let pair = signed_in(&SessionPolicy::default(), SessionTokenFormat::sealed());
    let (headers, now) = sent(&pair);
    let sessions = service(SECRET).base_url(ORIGIN).session(SessionPolicy::default().stored());
    assert_eq!(sessions.build().unwrap().session(&headers, now), Err(SessionError::Invalid));
}

#[test]
fn without_a_base_url_the_host_is_trusted_or_the_session_is_not_read() {
    let pair = signed_in(&SessionPolicy::default(), SessionTokenFormat::sealed());
    let (headers, now) = sent(&pair);
    let at = |host: &str| {
        let request = Request::get("/orders").header(header::HOST, host);
        request
            .header("x-forwarded-proto", "https")
            .header(header::COOKIE, &headers[header::COOKIE])
            .body(())
            .unwrap()
    };
    let sessions = service(SECRET).trusted_origins([ORIGIN]).trusted_proxy_headers().build().unwrap();
    assert!(sessions.session(&at("app.test"), now).is_ok());
    assert_eq!(sessions.session(&at("evil.test"), now), Err(SessionError::UnknownHost));
}

#[test]
fn a_policy_with_a_store_needs_it_whatever_was_sent() {
    let stored = SessionPolicy::default().stored();
    let pair = signed_in(&stored, SessionTokenFormat::sealed());
    let (headers, now) = sent(&pair);
    let sessions = service(SECRET).base_url(ORIGIN).session(stored).build().unwrap();
    assert_eq!(sessions.session(&headers, now), Err(SessionError::NeedsStore));
    let sessions = service(SECRET).base_url(ORIGIN).build().unwrap();
    assert_eq!(sessions.session(&headers, now), Err(SessionError::Invalid), "a ticket is no session");
}

#[test]
fn where_the_site_checks_each_session_the_service_reads_none() {
    let pair = signed_in(&SessionPolicy::default(), SessionTokenFormat::sealed());
    let (headers, now) = sent(&pair);
    let sessions = service(SECRET).base_url(ORIGIN).check_sessions().build().unwrap();
    assert_eq!(sessions.session(&headers, now), Err(SessionError::NeedsCheck));
    assert_eq!(sessions.session(&HeaderMap::new(), now), Err(SessionError::Missing));
}
