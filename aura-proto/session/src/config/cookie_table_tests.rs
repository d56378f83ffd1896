//! Tests of the table of cookies.

use super::*;
use crate::cookie::set::Priority;

const SITE: CookieSite<'static> = CookieSite {
    base_url: None,
    base_path: "/app/auth",
    session_max_age: Duration::from_secs(60),
    longest_session: Duration::from_secs(60),
    attempt_lifetime: Duration::from_secs(600),
};

fn table(scheme: Scheme, session: CookieOverride) -> CookieTable {
    let [plain, secure] = check_cookies(Cookies::default().session(session), &SITE).unwrap();
    match scheme {
        Scheme::Http => plain,
        Scheme::Https => secure,
    }
}

fn refusal(cookies: Cookies) -> ConfigError {
    check_cookies(cookies, &SITE).unwrap_err()
}

fn session(overrides: CookieOverride) -> Cookies {
    Cookies::default().session(overrides)
}

#[test]
fn the_marker_follows_the_kind_of_cookie() {
    for strategy in [SecureStrategy::Host, SecureStrategy::Secure, SecureStrategy::Standard] {
        let overrides = CookieOverride::default().secure(strategy);
        let secure = table(Scheme::Https, overrides.clone());
        assert_eq!(secure.session.name, "__Secure-aura-auth.session_token");
        assert_eq!(secure.csrf.name, "__Host-aura-auth.csrf_token");
        assert_eq!(secure.attempts.name, "__Host-aura-auth.state");
        assert_eq!(secure.access_token("github").name, "__Host-aura-auth.access_token.github");
        assert_eq!(table(Scheme::Http, overrides).session.name, "aura-auth.session_token");
    }
}

#[test]
fn a_session_is_named_for_this_host_unless_something_else_is_said() {
    let name = |overrides| table(Scheme::Https, overrides).session.name;
    let begun = CookieOverride::default;
    for overrides in [begun(), begun().path("/"), begun().same_site(SameSite::None).partitioned()] {
        assert_eq!(name(overrides), "__Host-aura-auth.session_token");
    }
    for overrides in [begun().path("/app"), begun().domain("a.test")] {
        assert_eq!(name(overrides), "__Secure-aura-auth.session_token");
    }
    let [plain, secure] = check_cookies(Cookies::default().reference_names(), &SITE).unwrap();
    assert_eq!(secure.session.name, "__Secure-aura-auth.session_token");
    assert_eq!(secure.access_token("github").name, "__Secure-aura-auth.access_token.github");
    assert_eq!(plain.session.name, "aura-auth.session_token");
}

#[test]
fn attempts_and_csrf_tokens_follow_a_session_in_frames() {
    let attributes = |session: CookieOverride, scheme| {
        let table = table(scheme, session);
        let of = |cookie: &OurCookie| (cookie.attributes.same_site, cookie.attributes.partitioned);
        [of(&table.csrf), of(&table.attempts)]
    };
    let none = || CookieOverride::default().same_site(SameSite::None);
    assert_eq!(attributes(none(), Scheme::Https), [(SameSite::None, false); 2]);
    assert_eq!(attributes(none().partitioned(), Scheme::Https), [(SameSite::None, true); 2]);
    let usual = [(SameSite::Strict, false), (SameSite::Lax, false)];
    assert_eq!(attributes(none().partitioned(), Scheme::Http), usual);
    assert_eq!(attributes(CookieOverride::default().partitioned(), Scheme::Https), usual);
}

#[test]
fn ck_09_host_keeps_path_and_domain_to_this_host_on_https() {
    let bound = CookieOverride::default().path("/app").domain("a.test").secure(SecureStrategy::Host);
    let secure = table(Scheme::Https, bound.clone()).session.attributes;
    assert_eq!((secure.path.as_str(), secure.domain.as_deref()), ("/", None));
    let plain = table(Scheme::Http, bound).session.attributes;
    assert_eq!((plain.path.as_str(), plain.domain.as_deref()), ("/app", Some("a.test")));
}

#[test]
fn ck_09_every_cookie_can_be_named_for_this_host() {
    let bound = || CookieOverride::default().path("/app").domain("a.test").secure(SecureStrategy::HostPrefix);
    let cookies = || Cookies::default().session(bound()).access_token(bound());
    let [plain, secure] = check_cookies(cookies(), &SITE).unwrap();
    let kinds = |table: CookieTable| {
        [table.session.clone(), table.csrf.clone(), table.attempts.clone(), table.access_token("github")]
    };
    for cookie in kinds(secure) {
        assert!(cookie.name.starts_with("__Host-aura-auth."), "{}", cookie.name);
        assert_eq!((cookie.attributes.path.as_str(), cookie.attributes.domain.as_deref()), ("/", None));
    }
    assert!(kinds(plain).iter().all(|cookie| cookie.name.starts_with("aura-auth.")));
}

#[test]
fn plain_http_has_neither_same_site_none_nor_partitions() {
    let framed = CookieOverride::default().same_site(SameSite::None).partitioned().priority(Priority::Low);
    let plain = table(Scheme::Http, framed.clone()).session.attributes;
    assert_eq!((plain.same_site, plain.partitioned), (SameSite::Lax, false));
    let secure = table(Scheme::Https, framed).session.attributes;
    assert_eq!((secure.same_site, secure.partitioned), (SameSite::None, true));
    assert_eq!(secure.priority, Some(Priority::Low));
}

#[test]
fn lifetimes_are_whole_seconds_within_bounds() {
    let second = Duration::from_secs(1);
    let bound = |age| BoundCookieOverride::default().max_age(age);
    for (cookies, cookie) in [
        (session(CookieOverride::default().max_age(Duration::ZERO)), "session_token"),
        (session(CookieOverride::default().max_age(second * 3 / 2)), "session_token"),
        (session(CookieOverride::default().max_age(Duration::MAX)), "session_token"),
        (Cookies::default().csrf_token(bound(Duration::ZERO)), "csrf_token"),
        (Cookies::default().state(bound(second * 601)), "state"),
    ] {
        assert_eq!(refusal(cookies), ConfigError::CookieMaxAge { cookie });
    }
    assert!(check_cookies(Cookies::default().state(bound(second * 600)), &SITE).is_ok());
    assert_eq!(table(Scheme::Http, CookieOverride::default()).session.attributes.max_age, second * 60);
}

#[test]
fn names_are_tokens_and_none_is_taken_for_another() {
    for value in ["", "bad name", "a=b", "a;b", "a.", ".a", "a..b", "ü", "a\n", &"a".repeat(65)] {
        let value = value.to_owned();
        let error = refusal(session(CookieOverride::default().name(&value)));
        assert_eq!(error, ConfigError::CookieName { cookie: "session_token", value });
    }
    for name in ["csrf_token", "state", "state.abcdefgh", "access_token.1"] {
        let error = refusal(session(CookieOverride::default().name(name)));
        assert!(matches!(error, ConfigError::CookieName { .. }), "{name}");
    }
    let nested = Cookies::default()
        .session(CookieOverride::default().name("a"))
        .csrf_token(BoundCookieOverride::default().name("a.1"));
    assert_eq!(refusal(nested), ConfigError::CookieName { cookie: "csrf_token", value: "a.1".into() });
    for value in ["", "a.", "a b", "__Host-a", "__secure-a"].map(str::to_owned) {
        let error = refusal(Cookies::default().prefix(&value));
        assert_eq!(error, ConfigError::CookiePrefix { value });
    }
}

#[test]
fn a_path_is_one_that_the_routes_lie_under() {
    for path in ["/", "/app", "/app/", "/app/auth"] {
        let overrides = CookieOverride::default().path(path);
        assert_eq!(table(Scheme::Http, overrides).session.attributes.path, path);
    }
    for value in ["", "app", "/ap", "/x", "/x;y", "/app/auth/", "/app/auth/session", "/app\n"] {
        let value = value.to_owned();
        let error = refusal(session(CookieOverride::default().path(&value)));
        assert_eq!(error, ConfigError::CookiePath { cookie: "session_token", value });
    }
}

#[test]
fn a_domain_is_one_that_this_site_is_in() {
    let app = Origin::parse("https://app.example.test").unwrap();
    let site = CookieSite { base_url: Some(&app), ..SITE };
    let check = |domain: &str| check_cookies(session(CookieOverride::default().domain(domain)), &site);
    for domain in ["example.test", ".example.test", "APP.example.test"] {
        let [_, secure] = check(domain).unwrap();
        let written = domain.trim_start_matches('.').to_ascii_lowercase();
        assert_eq!(secure.session.attributes.domain, Some(written));
    }
    for value in [
        "*",
        "",
        ".",
        "test",
        "*.test",
        "a;b.test",
        "xample.test",
        "other.test",
        "b.app.example.test",
        "..example.test",
        "-a.test",
        "a b.test",
        "127.0.0.1",
        "ü.test",
        "example.test.",
    ] {
        let value = value.to_owned();
        let error = check(&value).unwrap_err();
        assert_eq!(error, ConfigError::CookieDomain { cookie: "session_token", value });
    }
}

#[test]
fn a_host_cookie_may_be_partitioned() {
    let overrides = || CookieOverride::default().secure(SecureStrategy::Host);
    assert!(table(Scheme::Https, overrides().partitioned()).session.attributes.partitioned);
    assert!(!table(Scheme::Https, overrides()).session.attributes.partitioned);
}

#[test]
fn labels_of_a_domain_are_letters_digits_and_hyphens_inside() {
    for domain in ["a-b.test", "1.test", "a.b-2.test"] {
        assert!(check_domain(domain.to_owned(), "session_token", None).is_ok(), "{domain}");
    }
    for domain in
        ["-a.test", "a-.test", "a_b.test", "a..test", "a b.test", &format!("{}.test", "a".repeat(64))]
    {
        let refused = check_domain(domain.to_owned(), "session_token", None);
        assert!(matches!(refused, Err(ConfigError::CookieDomain { .. })), "{domain}");
    }
}

#[test]
fn the_cookie_of_provider_tokens_has_settings_of_its_own() {
    let tokens = CookieOverride::default().name("kept");
    let [plain, _] = check_cookies(Cookies::default().access_token(tokens), &SITE).unwrap();
    assert_eq!(plain.access_token("dev").name, "aura-auth.kept.dev");
    assert_eq!(plain.session.name, "aura-auth.session_token");
}

#[test]
fn what_is_said_of_a_cookie_counts_without_tls_too() {
    let written = |scheme, overrides| {
        let cookie = table(scheme, overrides).session.set("x".to_owned());
        cookie.to_header_value().to_str().unwrap().to_owned()
    };
    let said = |same_site| CookieOverride::default().same_site(same_site).path("/app").domain("a.test");
    let strict = written(Scheme::Http, said(SameSite::Strict));
    assert!(strict.contains("; SameSite=Strict"), "{strict}");
    // Browsers take None only together with Secure.
    let none = written(Scheme::Http, said(SameSite::None));
    assert!(none.contains("; SameSite=Lax"), "{none}");
    for cookie in [strict, none] {
        assert!(cookie.contains("; Path=/app") && cookie.contains("; Domain=a.test"), "{cookie}");
    }
    let framed = written(Scheme::Https, said(SameSite::None).partitioned());
    assert!(framed.contains("; Partitioned") && framed.contains("; Domain=a.test"), "{framed}");
}
