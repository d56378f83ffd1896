//! Invariant: however an application names and adorns its cookies, either `build()` refuses it, or every `Set-Cookie` of a
//! sign-in is read by the `cookie` crate with the name, path and domain that were given, is `HttpOnly`, and keeps the
//! promise of its marker.
#![no_main]

use arbitrary::Arbitrary;
use aura_fuzz::{NOW, builder, entropy};
use aura_proto::{Action, Auth, CookieOverride, Cookies, Fetch, Priority, SameSite, SecureStrategy};
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
    let mut sessions = 0;
    for field in
        [&begun, &ended].into_iter().flat_map(|response| response.headers().get_all(header::SET_COOKIE))
    {
        let field = field.to_str().expect("visible ASCII");
        let cookie = Cookie::parse(field).expect("a cookie");
        assert!(!field.bytes().any(|byte| byte < b' ' || byte == 0x7f) && cookie.http_only() == Some(true));
        assert_eq!(cookie.secure().unwrap_or(false), !input.plain);
        if let Some(host) = cookie.name().strip_prefix("__Host-") {
            assert!(!host.is_empty() && cookie.path() == Some("/") && cookie.domain().is_none());
        }
        assert!(cookie.same_site() != Some(cookie::SameSite::None) || cookie.secure() == Some(true));
        let name = input.name.unwrap_or("session_token");
        if cookie.name().ends_with(&format!("{}.{name}", input.prefix.unwrap_or("aura-auth")))
            && !cookie.value().is_empty()
        {
            sessions += 1;
            let path = input.path.filter(|_| input.plain || !input.host);
            assert_eq!(cookie.path(), Some(path.unwrap_or("/")));
            assert_eq!(cookie.partitioned().unwrap_or(false), input.partitioned && !input.plain);
        }
    }
    assert_eq!(sessions, 1, "{:?}", ended.headers());
});

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
    let mut action = auth.handle(request.body(Bytes::new()).expect("a request"), NOW, entropy(1));
    loop {
        action = match action {
            Action::Redirect(redirect) => return redirect.into_response(),
            Action::Respond(respond) => return respond.into_response(),
            Action::AdmitUser(question) => question.admit(NOW),
            Action::FetchDiscovery(fetch)
            | Action::FetchJwks(fetch)
            | Action::FetchPushedRequest(fetch)
            | Action::FetchToken(fetch)
            | Action::FetchUserInfo(fetch)
            | Action::FetchRevocation(fetch) => resume(fetch),
        };
    }
}

fn resume(fetch: Fetch) -> Action {
    let body = Bytes::from_static(br#"{"access_token":"a","id":1}"#);
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json").body(body);
    fetch.pending.resume(Ok(response.expect("a response")), NOW)
}
