//! Methods that a route does not accept, in every disguise.

use aura_tests::{Answer, Pair};
use http::{Method, header};

const ROUTES: [&str; 9] = [
    "/auth/signIn/dev",
    "/auth/callback/dev?code=c&state=s",
    "/auth/session",
    "/auth/csrfToken",
    "/auth/signOut?token_type_hint=session_token",
    "/auth/providers/dev",
    "/auth/providers/dev/tokens",
    "/auth/providers/dev/tokens/revoke",
    "/auth/providers/dev/user/refresh",
];

fn send(pair: &mut Pair, method: &str, path: &str, (name, value): (&str, &str)) -> Answer {
    let cookies = pair.cookie_header();
    let request = http::Request::builder().method(method).uri(path).header(header::COOKIE, cookies);
    pair.send(request.header(name, value))
}

#[test]
fn mo_01_mo_02_a_method_that_a_route_does_not_take_is_405_with_allow_and_no_cors() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    for path in ROUTES.iter().chain(&["/auth/none", "/auth"]) {
        for method in
            ["PUT", "TRACE", "OPTIONS", "CONNECT", "FOO", "PROPFIND", "get", "DELETE", "POST", "PATCH"]
        {
            let answer = send(&mut pair, method, path, ("origin", "https://evil.test"));
            let allowed = answer.headers.get(header::ALLOW).map(|allow| allow.to_str().unwrap().to_owned());
            match (answer.status.as_u16(), allowed) {
                (405, Some(allow)) => assert!(!allow.split(", ").any(|one| one == method), "{method} {path}"),
                (400 | 403 | 404, None) => {
                    assert!(["DELETE", "POST", "PATCH"].contains(&method) || path.len() < 11)
                }
                other => unreachable!("{method} {path}: {other:?}"),
            }
            assert!(!format!("{:?}", answer.headers).contains("access-control"), "{method} {path}");
        }
    }
    assert_eq!(pair.session().json["user"]["sub"], "ada");
}

#[test]
fn st_08_a_link_preview_of_a_callback_exchanges_nothing_and_takes_nothing() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/page");
    let callback = pair.approve("dev", &authorize, "ada");
    let answer = pair.fetch(Method::HEAD, &callback, &[], "");
    assert_eq!((answer.status.as_u16(), pair.app.fetches.len()), (405, 0));
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
    assert_eq!(pair.session().status, 401);
    assert_eq!(pair.visit(&callback).url.path(), "/page");
}

#[test]
fn so_01_so_06_no_get_signs_out_whatever_method_it_claims_to_be() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let overrides = ["x-http-method-override", "x-http-method", "x-method-override", "_method"];
    let query = format!("token_type_hint=session_token&csrfToken={token}&_method=POST&method=POST");
    let path = format!("/auth/signOut?{query}");
    for method in ["GET", "HEAD", "OPTIONS"] {
        for name in overrides.into_iter().chain(["x-csrf-token"]) {
            let value = if name == "x-csrf-token" { &token } else { "POST" };
            let answer = send(&mut pair, method, &path, (name, value));
            assert_eq!(answer.status, 405, "{method} {name}");
            assert!(!answer.headers.contains_key(header::SET_COOKIE));
        }
    }
    assert_eq!(pair.visit(&path).status, 405);
    // A form of another site that claims to be a method it cannot send.
    pair.browser.stand_at(&url::Url::parse("https://evil.test/").unwrap());
    let fields = [("_method", "PATCH"), ("user[name]", "x"), ("csrfToken", &token)];
    assert_eq!(pair.submit("/auth/session", &fields).status, 405);
    assert_eq!(pair.submit("/auth/providers/dev", &[("_method", "DELETE")]).status, 405);
    assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace");
}

#[test]
fn a_refusal_is_a_page_where_a_browser_would_show_the_answer_and_json_elsewhere() {
    let mut pair = Pair::new();
    let mut kind = |path: &str| {
        let answer = send(&mut pair, "PUT", path, ("accept", "text/html"));
        assert_eq!(answer.status, 405, "{path}");
        answer.headers["content-type"].to_str().unwrap().to_owned()
    };
    for path in ["/auth/signIn/dev", "/auth/callback/dev", "/auth/signOut", "/auth/signIn"] {
        assert!(kind(path).starts_with("text/html"), "{path}");
    }
    for path in ["/auth/session", "/auth/csrfToken", "/auth/providers/dev", "/auth/providers/dev/tokens"] {
        assert_eq!(kind(path), "application/json", "{path}");
    }
}
