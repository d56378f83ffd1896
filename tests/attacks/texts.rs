//! Text of a request or a provider that would be harmful in a header, a log line or a page, or would cost too much time.

use crate::arrive;
use aura_proto::provider::TokenRetention;
use aura_proto::{Event, FetchError};
use aura_tests::{Answer, Fault, Pair};
use http::{Request, header};
use std::iter;
use url::form_urlencoded::byte_serialize;

/// Line ends, and characters that become line ends when their upper byte is cut off.
const LINE_ENDS: [&str; 8] =
    ["\r\n", "\n", "\r", "\0", "\u{560d}\u{560a}", "\u{10d}\u{10a}", "\u{2028}", "\u{85}"];

/// Every parameter that some route reads, and some that none does.
const PARAMETERS: [&str; 13] = [
    "redirectTo",
    "redirect",
    "code",
    "state",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "token_type_hint",
    "csrfToken",
    "scope",
    "prompt",
    "x",
];

fn assert_nothing_injected(answer: &Answer, what: &str) {
    assert!(answer.status.as_u16() < 500 || answer.status == 502, "{what}: {}", answer.status);
    assert!(!answer.headers.contains_key("x-evil"), "{what}");
    for (name, value) in &answer.headers {
        assert!(!value.as_bytes().iter().any(u8::is_ascii_control), "{what}: {name}");
        assert!(name != header::LOCATION || value.to_str().is_ok(), "{what}: {value:?}");
    }
}

#[test]
fn hi_01_line_ends_in_any_parameter_inject_no_field() {
    for line_end in LINE_ENDS {
        let evil: String =
            byte_serialize(format!("/a{line_end}X-Evil: 1{line_end}{line_end}<b>").as_bytes()).collect();
        for name in PARAMETERS {
            let mut pair = Pair::new();
            let authorize = pair.begin("dev", "/");
            let callback = pair.approve("dev", &authorize, "ada");
            let cookies = pair.cookie_header();
            for path in [
                format!("/auth/signIn/dev?{name}={evil}"),
                format!("{callback}&{name}={evil}"),
                format!("/auth/callback/dev?{name}={evil}&state=s"),
                format!("/auth/session?{name}={evil}"),
                format!("/auth/signOut?{name}={evil}"),
                format!("/auth/signIn/{evil}"),
                format!("/auth/callback/{evil}?{evil}={evil}"),
            ] {
                let answer = pair.send(Request::get(&path).header(header::COOKIE, &cookies));
                assert_nothing_injected(&answer, &path);
            }
        }
        let mut pair = Pair::new();
        let page = pair.begin("dev", &evil);
        let callback = pair.approve("dev", &page, "ada");
        let answer = pair.send(Request::get(&callback).header(header::COOKIE, pair.cookie_header()));
        assert_eq!(answer.status, 302);
        assert_nothing_injected(&answer, "a target that was kept");
    }
}

#[test]
fn hi_07_se_08_what_is_reported_quotes_no_request_and_no_provider() {
    let evil = "%0Aevil-marker%1B%5B31m";
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    for path in [
        format!("/auth/signIn/{evil}?redirectTo={evil}"),
        format!("/auth/callback/{evil}?code={evil}&state={evil}"),
        format!("/auth/callback/dev?error={evil}&state={evil}&error_description={evil}"),
        format!("{callback}&iss={evil}"),
    ] {
        let request =
            Request::get(&path).header("user-agent", "evil-marker\u{9}").header("referer", "evil-marker");
        pair.send(request.header(header::COOKIE, pair.cookie_header()));
    }
    let body = "evil-marker\n\u{1b}[31m";
    for (status, content_type) in
        [(400, "application/json"), (200, "application/json"), (200, "text/evil-marker")]
    {
        for at_token in [true, false] {
            let authorize = pair.begin("dev", "/");
            let callback = pair.approve("dev", &authorize, "ada");
            let fault = Some(Fault::answered(status, content_type, body));
            if at_token {
                pair.app.token_fault = fault
            } else {
                pair.app.userinfo_fault = fault
            }
            assert!(!pair.visit(&callback).text().contains("marker"));
        }
    }
    assert!(pair.app.events.len() > 10);
    for event in &pair.app.events {
        let mut shown = format!("{event:?} {}", event.name());
        if let Event::SignInFailed { error, .. } | Event::RequestRefused { error, .. } = event {
            shown.push_str(&format!("{error} {}", error.message()));
            let causes = iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
            causes.for_each(|cause| shown.push_str(&format!("{cause:?} {cause}")));
        }
        // These alone say what a browser named, escaped and short.
        let quotes = matches!(event, Event::ProviderUnknown { id } | Event::HostUnknown { host: id } if id.as_str().len() < 200);
        assert!(quotes || !shown.contains("marker"), "{shown}");
        assert!(!shown.contains(['\n', '\u{1b}']), "{shown}");
    }
}

#[test]
fn ds_02_long_and_many_parameters_and_segments_get_an_answer() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let cookies = pair.cookie_header();
    for path in [
        format!("/auth/signIn/dev?redirectTo=/{}", "a".repeat(60_000)),
        format!("/auth/signIn/dev?{}", "a=b&".repeat(5_000)),
        format!("/auth/signIn/dev?redirectTo={}", "%".repeat(5_000)),
        format!("/auth/callback/dev?code=c&state={}", "s".repeat(60_000)),
        format!("/auth/callback/dev?{}", "state=s&".repeat(5_000)),
        format!("/auth{}", "/a".repeat(5_000)),
        format!("/auth/signIn/{}", "%".repeat(5_000)),
        format!("/auth/session?{}", "x=%".repeat(5_000)),
    ] {
        let answer = pair.send(Request::get(&path).header(header::COOKIE, &cookies));
        assert!(answer.status.as_u16() < 500, "{}: {}", &path[..30], answer.status);
        let location = answer.headers.get(header::LOCATION).map_or(0, header::HeaderValue::len);
        assert!(location < 1_000, "an answer does not grow with its request: {location}");
    }
    let fields = "\u{20}".repeat(60_000);
    for name in ["origin", "referer", "x-csrf-token", "sec-fetch-site", "accept", "content-type"] {
        let request = Request::post("/auth/signOut?token_type_hint=session_token").header(name, &fields);
        assert_eq!(pair.send(request).status, 403, "{name}");
    }
}

#[test]
fn ds_06_a_compressed_answer_is_not_asked_for_and_not_unpacked() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let asked = pair.app.transcript.as_str().to_lowercase();
    let requests = asked.matches("accept: application/json").count();
    assert!(requests > 0);
    assert_eq!(asked.matches("accept-encoding: identity").count(), requests, "{asked}");
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let packed = "\u{1f}\u{8b}\u{8}".repeat(1_000);
    pair.app.token_fault = Some(Fault::answered(200, "application/json", &packed));
    assert_eq!(arrive(&mut pair, &callback).2, "token_not_json");
}

#[test]
fn se_10_a_callback_leaves_its_url_at_once_and_hands_it_to_nobody() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/page");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.visit(&callback);
    let [.., arrival, page] = &pair.browser.history[..] else { unreachable!("a callback and a page") };
    assert_eq!((arrival.status.as_u16(), page.url.path()), (302, "/page"));
    assert_eq!(arrival.response_header("referrer-policy"), Some("strict-origin-when-cross-origin"));
    let (_, query) = callback.split_once('?').unwrap();
    for value in query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value) {
        assert!(!String::from_utf8_lossy(&arrival.response_body).contains(value), "{value}");
        assert!(!format!("{:?}", arrival.response_headers).contains(value), "{value}");
        assert!(!page.request_header("referer").unwrap_or_default().contains(value), "{value}");
    }
}

/// The core has no cache to grow: what a site does after a thousand sign-ins is what it did at first.
#[test]
fn ds_12_a_thousand_sign_ins_of_all_outcomes_leave_nothing_in_the_core() {
    let mut pair = Pair::new();
    let now = pair.browser.now;
    let request = || Request::get("/auth/signIn/dev").body(bytes::Bytes::new()).unwrap();
    let before = (pair.app.answer_with(request(), now, [7; 32]), format!("{:?}", pair.app.auth));
    for round in 0..1_000 {
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        match round % 4 {
            0 => pair.app.token_fault = Some(Fault::Lost(FetchError::TimedOut)),
            1 => pair.app.userinfo_fault = Some(Fault::json(500, "{}")),
            2 => {
                pair.visit("/auth/callback/dev?code=c&state=wrong");
            }
            _ => {}
        }
        pair.visit(&callback);
        pair.browser.history.clear();
    }
    let after = (pair.app.answer_with(request(), now, [7; 32]), format!("{:?}", pair.app.auth));
    assert_eq!(before.0.headers(), after.0.headers());
    assert_eq!(before.1, after.1);
}

#[test]
fn se_06_what_is_reported_of_a_visit_carries_no_secret() {
    let mut pair =
        Pair::with("https://app.test", |provider| provider.tokens(TokenRetention::Kept), |builder| builder);
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.token_fault =
        Some(Fault::json(200, r#"{"access_token":"at-marker","refresh_token":"rt-marker"}"#));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"1"}"#));
    pair.visit(&callback);
    pair.visit(&callback);
    pair.sign_out("a-wrong-token");
    let token = pair.csrf_token();
    let mut secrets = vec!["marker".to_owned(), "dev-client-secret".to_owned(), "a-wrong-token".to_owned()];
    secrets.extend(pair.cookies().into_iter().map(|(_, value)| value));
    secrets.extend(callback.split(['=', '&']).skip(1).step_by(2).map(str::to_owned));
    secrets.extend(
        pair.app.transcript.as_str().split("code_verifier=").skip(1).map(|rest| rest[..43].to_owned()),
    );
    pair.sign_out(&token);
    assert!(secrets.len() >= 8 && pair.app.events.len() >= 5, "{secrets:?} {:?}", pair.app.events);
    let shown = format!("{:?}", pair.app.events);
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret} in {shown}");
    }
}
