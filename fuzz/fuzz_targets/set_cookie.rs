//! Invariant: a cookie configuration is refused, or every `Set-Cookie` of a sign-in has the configured attributes.
//!
//! `build()` refuses it. The `cookie` crate reads the name, path, domain and other attributes that were configured.
//! Every cookie is `HttpOnly` and fulfils the rules of its name prefix.
#![no_main]

use arbitrary::Arbitrary;
use aura_fuzz::builder;
use aura_fuzz::story::carry_out;
use aura_proto::{Auth, CookieOverride, Cookies, Priority, SameSite, SecureStrategy};
use aura_tests::json_answer;
use bytes::Bytes;
use cookie::Cookie;
use http::{Request, Response, header};
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    prefix: Option<&'a str>,
    name: Option<&'a str>,
    path: Option<&'a str>,
    domain: Option<&'a str>,
    max_age: Option<u32>,
    same_site: Option<u8>,
    host: bool,
    partitioned: bool,
    priority: Option<u8>,
    plain: bool,
}

fuzz_target!(|input: Input<'_>| {
    let Ok(auth) = configure(&input) else { return };
    let begun = answer(&auth, "/auth/signIn/github", None);
    let location = begun.headers()[header::LOCATION].to_str().expect("visible ASCII");
    let state = location.split("&state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let attempt = begun.headers()[header::SET_COOKIE].to_str().expect("visible ASCII");
    let attempt = attempt.split(';').next().unwrap_or_default().to_owned();
    let ended = answer(&auth, &format!("/auth/callback/github?code=c&state={state}"), Some(&attempt));
    assert_eq!(ended.status(), 302, "{ended:?}");
    let fields =
        [&begun, &ended].into_iter().flat_map(|response| response.headers().get_all(header::SET_COOKIE));
    let sessions = fields.filter(|field| check(&input, field.to_str().expect("visible ASCII"))).count();
    assert_eq!(sessions, 1, "{:?}", ended.headers());
});

/// Checks a cookie by its kind, which its whole name tells, and returns whether it is the session.
fn check(input: &Input<'_>, field: &str) -> bool {
    assert!(!field.bytes().any(|byte| byte < b' ' || byte == 0x7f));
    let cookie = Cookie::parse(field).expect("a cookie");
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.secure().unwrap_or(false), !input.plain);
    // A session is bound to this host where nothing was said of its path, its domain or its strategy.
    let is_bound = input.path.is_none_or(|path| path == "/") && input.domain.is_none() && !input.host;
    let (host, secure) = match (input.plain, is_bound) {
        (true, _) => ("", ""),
        (false, true) => ("__Host-", "__Host-"),
        (false, false) => ("__Host-", "__Secure-"),
    };
    let prefix = input.prefix.unwrap_or("aura-auth");
    if cookie.name() == format!("{secure}{prefix}.{}", input.name.unwrap_or("session_token")) {
        check_session(input, &cookie);
        return true;
    }
    let attempt = cookie.name().strip_prefix(&format!("{host}{prefix}.state."));
    let is_csrf = cookie.name() == format!("{host}{prefix}.csrf_token");
    assert!(is_csrf || attempt.is_some_and(|state| state.len() == 8), "{field}");
    // What the browser is to keep to this host says so without what was given for the session, but in frames.
    assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
    let in_frames = !input.plain && input.same_site.is_some_and(|choice| choice % 3 > 1);
    assert_eq!(cookie.partitioned().unwrap_or(false), in_frames && input.partitioned);
    let same_site = match (in_frames, is_csrf) {
        (true, _) => cookie::SameSite::None,
        (false, true) => cookie::SameSite::Strict,
        (false, false) => cookie::SameSite::Lax,
    };
    assert_eq!(cookie.same_site(), Some(same_site));
    false
}

/// Checks the session's cookie by what was given for it.
fn check_session(input: &Input<'_>, cookie: &Cookie<'_>) {
    let bound = input.host && !input.plain;
    assert!(!cookie.value().is_empty());
    assert_eq!(cookie.path(), Some(input.path.filter(|_| !bound).unwrap_or("/")));
    let domain = input
        .domain
        .filter(|_| !bound)
        .map(|domain| domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase());
    assert_eq!(cookie.domain(), domain.as_deref());
    assert_eq!(cookie.partitioned().unwrap_or(false), input.partitioned && !input.plain);
    if let Some(age) = input.max_age {
        assert_eq!(cookie.max_age().map(|age| age.whole_seconds()), Some(age.into()));
    }
    let same_site = match input.same_site.map(|choice| choice % 3) {
        None | Some(0) => cookie::SameSite::Lax,
        Some(1) => cookie::SameSite::Strict,
        // Browsers want `Secure` with it.
        Some(_) if input.plain => cookie::SameSite::Lax,
        Some(_) => cookie::SameSite::None,
    };
    assert_eq!(cookie.same_site(), Some(same_site));
}

fn configure(input: &Input<'_>) -> Result<Auth, aura_proto::ConfigError> {
    let mut session = CookieOverride::default();
    session = input.name.into_iter().fold(session, CookieOverride::name);
    session = input.path.into_iter().fold(session, CookieOverride::path);
    session = input.domain.into_iter().fold(session, CookieOverride::domain);
    session = input
        .max_age
        .into_iter()
        .fold(session, |session, age| session.max_age(Duration::from_secs(age.into())));
    session = input.same_site.into_iter().fold(session, |session, choice| {
        session.same_site(match choice % 3 {
            0 => SameSite::Lax,
            1 => SameSite::Strict,
            _ => SameSite::None,
        })
    });
    session = input.priority.into_iter().fold(session, |session, choice| {
        session.priority(match choice % 3 {
            0 => Priority::Low,
            1 => Priority::Medium,
            _ => Priority::High,
        })
    });
    if input.host {
        session = session.secure(SecureStrategy::Host);
    }
    if input.partitioned {
        session = session.partitioned();
    }
    let cookies = input.prefix.into_iter().fold(Cookies::default().session(session), Cookies::prefix);
    let base_url = if input.plain { "http://localhost:3000" } else { "https://app.example.test" };
    builder().base_url(base_url).cookies(cookies).build()
}

fn answer(auth: &Auth, path: &str, cookie: Option<&str>) -> Response<Bytes> {
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let request = request.body(Bytes::new()).expect("a request");
    carry_out(auth, request, 1, || Ok(json_answer(200, r#"{"access_token":"a","id":1}"#))).response
}
