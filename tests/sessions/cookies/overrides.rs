//! Every combination of attributes that can be configured, in a browser that checks them.

use aura_proto::{
    BoundCookieOverride, CookieOverride, Cookies, Expiration, Priority, SameSite, SecureStrategy,
    SessionPolicy,
};
use aura_test_idp::browser::Refused;
use aura_tests::Pair;
use std::time::Duration;
use url::Url;

const ORIGINS: [&str; 2] = ["https://app.example.test", "http://app.example.test"];

/// Every combination of the session cookie's attributes.
fn combinations() -> impl Iterator<Item = CookieOverride> {
    let strategies =
        [SecureStrategy::Host, SecureStrategy::HostPrefix, SecureStrategy::Secure, SecureStrategy::Standard];
    let same_sites = [None, Some(SameSite::Lax), Some(SameSite::Strict), Some(SameSite::None)];
    let begun = CookieOverride::default;
    let session = strategies.into_iter().map(move |strategy| begun().secure(strategy));
    let session = session.flat_map(move |one| {
        same_sites.map(|same_site| match same_site {
            Some(same_site) => one.clone().same_site(same_site),
            None => one.clone(),
        })
    });
    let session = session.flat_map(|one| [one.clone().domain(".Example.test"), one]);
    let session = session.flat_map(|one| [one.clone().path("/app"), one]);
    let session = session.flat_map(|one| [one.clone().partitioned(), one]);
    let session = session.flat_map(|one| [one.clone().priority(Priority::High), one]);
    session.flat_map(|one| [one.clone().name("sid").max_age(Duration::from_secs(90)), one])
}

#[test]
fn ck_19_so_12_whatever_is_configured_is_kept_comes_back_and_is_cleared() {
    let mut tried = 0;
    for origin in ORIGINS {
        for session in combinations() {
            let mut pair = Pair::at(origin, |builder| {
                builder.base_path("/app/auth").cookies(Cookies::default().session(session.clone()))
            });
            let url = |path: &str| format!("/app/auth{path}");
            let authorize = pair.visit(&url("/signIn/dev")).left_for.unwrap();
            let callback = pair.approve("dev", &authorize, "ada");
            pair.visit(&callback);
            let get = |pair: &mut Pair, path: &str| pair.fetch(http::Method::GET, &url(path), &[], "");
            let kept = pair.cookies().len();
            assert_eq!((get(&mut pair, "/session").status.as_u16(), kept), (200, 2), "{origin} {session:?}");

            let token = get(&mut pair, "/csrfToken").json["csrfToken"].as_str().unwrap().to_owned();
            let path = url("/signOut?token_type_hint=session_token");
            let answer = pair.fetch(http::Method::POST, &path, &[("x-csrf-token", &token)], "");
            assert_eq!(answer.status, 202, "{session:?}");
            assert_eq!(pair.cookies(), [], "{origin} {session:?}");
            assert!(pair.browser.history.iter().all(|exchange| exchange.refused.is_empty()), "{session:?}");
            for cookie in pair.set_cookies() {
                assert!(cookie.contains("; HttpOnly"), "{cookie}");
                assert_eq!(cookie.contains("; Secure"), origin.starts_with("https"), "{cookie}");
                assert!(!cookie.contains("; Partitioned") || cookie.contains("; Secure"), "{cookie}");
            }
            tried += 1;
        }
    }
    assert_eq!(tried, 2 * 4 * 4 * 2_usize.pow(5));
}

#[test]
fn ck_09_ck_14_a_sibling_plants_no_cookie_that_is_bound_to_this_host() {
    let cookies = Cookies::default()
        .csrf_token(BoundCookieOverride::default().name("csrf"))
        .state(BoundCookieOverride::default().name("try").max_age(Duration::from_secs(60)));
    let mut pair = Pair::at(ORIGINS[0], |builder| builder.cookies(cookies));
    pair.sign_in("dev", "ada");
    pair.begin("dev", "/");
    let sibling = Url::parse("https://evil.example.test/").unwrap();
    let mut bound = 0;
    for cookie in pair.set_cookies().iter().filter(|cookie| cookie.starts_with("__Host-")) {
        let planted = format!("{cookie}; Domain=example.test");
        let outcome = pair.browser.jar.plant(&sibling, planted.as_bytes(), pair.browser.now);
        assert_eq!(outcome, Err(Refused::HostPrefix), "{cookie}");
        bound += 1;
    }
    assert!(bound >= 3, "two attempts and a CSRF token: {bound}");
    assert!(pair.set_cookies().iter().any(|cookie| cookie.starts_with("__Host-aura-auth.try.")));
    assert!(pair.set_cookies().iter().any(|cookie| cookie.starts_with("__Host-aura-auth.csrf=")));
}

#[test]
fn an_attempt_may_be_shorter_and_its_cookie_is_then_gone_in_time() {
    let cookies = Cookies::default().state(BoundCookieOverride::default().max_age(Duration::from_secs(60)));
    let mut pair = Pair::at(ORIGINS[0], |builder| builder.cookies(cookies));
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.browser.advance(60);
    assert_eq!(pair.visit(&callback).status, 401);
}

#[test]
fn subdomains_share_a_session_whose_cookie_has_their_domain() {
    let cookies = Cookies::default().session(CookieOverride::default().domain("example.test"));
    let mut pair = Pair::at(ORIGINS[0], |builder| builder.cookies(cookies));
    pair.sign_in("dev", "ada");
    let names = |host: &str| {
        let url = Url::parse(host).unwrap();
        ["__Secure-aura-auth.session_token", "__Host-aura-auth.csrf_token"]
            .map(|name| pair.browser.cookie(&url, name).is_some())
    };
    assert_eq!(names("https://shop.example.test/"), [true, false]);
    assert_eq!(names("https://app.example.test/"), [true, true]);
    assert_eq!(names("https://example.other/"), [false, false]);
}

#[test]
fn a_prefix_stays_where_the_cookies_that_follow_give_none() {
    let mut pair = Pair::at(ORIGINS[0], |builder| {
        let cookies = Cookies::default().session(CookieOverride::default().name("sid"));
        builder.cookies(cookies.prefix("mine"))
    });
    pair.sign_in("dev", "ada");
    let mut names: Vec<_> = pair.cookies().into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["__Host-mine.csrf_token", "__Host-mine.sid"]);
}

#[test]
fn so_12_a_domain_that_is_configured_later_locks_nobody_out_and_leaves_nobody_signed_in() {
    let rolling = || SessionPolicy::default().expiration(Expiration::Rolling);
    let shared = || Cookies::default().session(CookieOverride::default().domain("app.test"));
    let named = Cookies::default().reference_names();
    let mut before = Pair::at("https://www.app.test", |builder| builder.session(rolling()).cookies(named));
    before.sign_in("dev", "ada");
    let mut pair = Pair::at("https://www.app.test", |builder| builder.session(rolling()).cookies(shared()));
    pair.browser = before.browser;
    for _ in 0..4 {
        pair.browser.advance(60);
        assert_eq!(pair.session().status, 200);
        assert_eq!(pair.cookies().iter().filter(|(name, _)| name.ends_with("session_token")).count(), 1);
    }
    let token = pair.csrf_token();
    assert_eq!(pair.sign_out(&token).status, 202);
    assert_eq!(pair.session().status, 401);
    assert_eq!(pair.cookies(), []);
}
