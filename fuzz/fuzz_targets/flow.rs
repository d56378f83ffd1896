//! Invariant: whatever a browser and a provider send, a request ends within six fetches, with an answer that is never
//! cached, and without a panic; a session cookie is set only after userinfo named a user.
#![no_main]

use aura_fuzz::{NOW, auth, entropy};
use aura_proto::{Action, Auth, Fetch, FetchError};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, header};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);

// The input is lines: method, target, `name: value` headers (`body` is the body), an empty line, then one provider
// answer a line. A target or header may hold `$STATE`, `$ATTEMPT` and `$CSRF`, which stand for those of a sign-in that
// was begun before, so that the fuzzer gets past the checks that it cannot guess its way through.
fuzz_target!(|input: &[u8]| {
    let begun = begin();
    let text = String::from_utf8_lossy(input);
    let text = text
        .replace("$STATE", &begun.state)
        .replace("$ATTEMPT", &begun.attempt)
        .replace("$CSRF", &begun.csrf);
    let mut lines = text.split('\n');
    let (method, target) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let Ok(mut request) = Request::builder().method(method).uri(target).body(Bytes::new()) else { return };
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        if name == "body" {
            *request.body_mut() = Bytes::copy_from_slice(value.as_bytes());
        } else if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers_mut().append(name, value);
        }
    }
    let mut named = false;
    let mut fetches = 0;
    let mut action = AUTH.handle(request, NOW, entropy(2));
    let response = loop {
        action = match action {
            Action::Redirect(redirect) => break redirect.into_response(),
            Action::Respond(respond) => break respond.into_response(),
            Action::FetchDiscovery(fetch)
            | Action::FetchJwks(fetch)
            | Action::FetchPushedRequest(fetch)
            | Action::FetchToken(fetch)
            | Action::FetchRevocation(fetch) => resume(fetch, lines.next()),
            Action::AdmitUser(question) => {
                named = true;
                question.admit(NOW)
            }
            Action::FetchUserInfo(fetch) => resume(fetch, lines.next()),
        };
        fetches += 1;
        assert!(fetches <= 6);
    };
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let sets_session = response.headers().get_all(header::SET_COOKIE).iter().any(|cookie| {
        let cookie = cookie.to_str().expect("visible ASCII");
        cookie.starts_with("__Secure-aura-auth.session_token=") && !cookie.contains("=; Max-Age=0")
    });
    assert!(!sets_session || (named && response.status() == 302));
});

/// An answer line is `status content-type body`; no line is no answer.
fn resume(fetch: Fetch, line: Option<&str>) -> Action {
    let outcome = line.ok_or(FetchError::TimedOut).and_then(|line| {
        let mut parts = line.splitn(3, ' ');
        let status: u16 = parts.next().and_then(|status| status.parse().ok()).unwrap_or(200);
        let content_type = parts.next().unwrap_or_default();
        let body = Bytes::copy_from_slice(parts.next().unwrap_or_default().as_bytes());
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
        response.body(body).map_err(|_| FetchError::Unreachable)
    });
    fetch.pending.resume(outcome, NOW)
}

struct Begun {
    state: String,
    attempt: String,
    csrf: String,
}

fn begin() -> Begun {
    let send = |path: &str| {
        let request = Request::get(path).body(Bytes::new()).expect("a request");
        match AUTH.handle(request, NOW, entropy(1)) {
            Action::Redirect(redirect) => redirect.into_response(),
            Action::Respond(respond) => respond.into_response(),
            Action::FetchDiscovery(_)
            | Action::FetchJwks(_)
            | Action::FetchPushedRequest(_)
            | Action::FetchToken(_)
            | Action::FetchUserInfo(_)
            | Action::FetchRevocation(_)
            | Action::AdmitUser(_) => unreachable!("nothing to fetch yet"),
        }
    };
    let cookie = |response: &Response<Bytes>| {
        let cookie = response.headers()[header::SET_COOKIE].to_str().expect("visible ASCII");
        cookie.split(';').next().unwrap_or_default().to_owned()
    };
    let sign_in = send("/auth/signIn/github");
    let location = sign_in.headers()[header::LOCATION].to_str().expect("visible ASCII");
    let state = location.split("state=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
    let csrf = cookie(&send("/auth/csrfToken"));
    let csrf = csrf.split('=').nth(1).unwrap_or_default().to_owned();
    Begun { state: state.to_owned(), attempt: cookie(&sign_in), csrf }
}
