//! Session cookies that are altered, doubled, planted or mistaken for one another.

use aura_tests::Pair;
use aura_tests::browser::Refused;
use http::header;

#[test]
fn sf_01_sf_02_sf_03_a_sign_in_replaces_whatever_session_was_there() {
    let mut pair = Pair::new();
    pair.plant("__Secure-aura-auth.session_token", "planted");
    pair.sign_in("dev", "ada");
    let first = pair.session_token();
    pair.sign_in("dev", "ada");
    let second = pair.session_token();
    assert_ne!(first, second);
    pair.sign_in("other", "grace");
    assert_eq!(pair.session().json["user"]["sub"], "grace");
}

#[test]
fn ck_02_ck_04_ck_10_only_one_exact_session_cookie_counts() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let ada = pair.session_token();
    pair.browser.advance(1);
    pair.sign_in("dev", "grace");
    let grace = pair.session_token();
    let now = aura_proto::UnixTime::from_secs(pair.browser.now);
    let session = |cookies: &str| {
        let headers = [(header::COOKIE, cookies.parse().unwrap())].into_iter().collect();
        pair.app.auth.session(&headers, now).map(|session| session.user.sub)
    };
    const NAME: &str = "__Secure-aura-auth.session_token";
    assert_eq!(session(&format!("{NAME}={ada}")).as_deref(), Ok("ada"));
    assert_eq!(session(&format!("{NAME}=garbage; {NAME}={ada}")).as_deref(), Ok("ada"));
    assert_eq!(session(&format!("{NAME}={ada}; {NAME}={ada}")).as_deref(), Ok("ada"));
    for cookies in [
        format!("{NAME}={ada}; {NAME}={grace}"),
        format!("{NAME}={ada}="),
        format!("{NAME}={ada}."),
        format!("{NAME}=\"{ada}\""),
        format!("{NAME}={}", &ada[..ada.len() - 1]),
        format!("{NAME}={}", ada.chars().rev().collect::<String>()),
        format!("{NAME}=null"),
        format!("{NAME}="),
        format!("aura-auth.session_token={ada}"),
        format!("__Host-aura-auth.session_token={ada}"),
        format!("{}={ada}", NAME.to_uppercase()),
        format!("x=\"; {NAME}={ada}\""),
    ] {
        assert!(session(&cookies).is_err(), "{cookies}");
    }
}

#[test]
fn ck_05_no_other_cookie_of_ours_is_a_session() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    pair.begin("dev", "/");
    pair.csrf_token();
    let now = aura_proto::UnixTime::from_secs(pair.browser.now);
    for (name, value) in pair.cookies() {
        let field = format!("__Secure-aura-auth.session_token={value}");
        let headers = [(header::COOKIE, field.parse().unwrap())].into_iter().collect();
        let opened = pair.app.auth.session(&headers, now).is_ok();
        assert_eq!(opened, name == "__Secure-aura-auth.session_token", "{name}");
    }
}

#[test]
fn ck_07_ck_09_every_cookie_is_bound_to_this_host_and_hidden_from_scripts() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    pair.begin("dev", "/");
    for cookie in pair.browser.jar.cookies(pair.browser.now) {
        assert!(cookie.host_only && cookie.http_only && cookie.secure_only, "{:?}", cookie.name);
        assert_eq!(cookie.path, "/");
    }
    assert_eq!(pair.browser.jar.script_cookies(&pair.url("/"), pair.browser.now), "");
    let sibling = url::Url::parse("https://evil.app.test/").unwrap();
    for exchange in &pair.browser.history {
        for set in exchange.response_headers.get_all(header::SET_COOKIE) {
            let mut planted = set.as_bytes().to_vec();
            planted.extend_from_slice(b"; Domain=app.test");
            if planted.starts_with(b"__Host-") {
                let refused = pair.browser.jar.plant(&sibling, &planted, pair.browser.now);
                assert_eq!(refused, Err(Refused::HostPrefix));
            }
        }
    }
}

#[test]
fn ck_06_pathological_cookie_fields_get_an_answer() {
    for field in [
        "a=b; ".repeat(3000),
        ";".repeat(5000),
        "=".repeat(5000),
        format!("__Secure-aura-auth.session_token={}", "x".repeat(12_000)),
        (0..2000).map(|n| format!("__Secure-aura-auth.session_token={n}; ")).collect(),
        (0..500).map(|n| format!("__Host-aura-auth.state.{n:08}=x; ")).collect(),
    ] {
        let mut pair = Pair::new();
        let request = |path: &str| http::Request::get(path).header(header::COOKIE, &field);
        for (path, status) in [
            ("/auth/session", 401),
            ("/auth/csrfToken", 200),
            ("/auth/signIn/dev", 302),
            ("/auth/callback/dev?code=c&state=s", 400),
        ] {
            let answer = pair.send(request(path));
            let without_attempt = path.starts_with("/auth/callback") && answer.status == 401;
            assert!(answer.status == status || without_attempt, "{path}: {}", answer.status);
        }
    }
}
