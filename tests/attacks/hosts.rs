//! Attacks by `Host` and proxy headers on the site's own address.

use aura_proto::{Builder, Connection, ForwardedFields, Scheme, SessionError, UnixTime};
use aura_tests::{App, Pair, SECRET};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header, request};

/// Headers that a proxy, or anyone, may have added.
const FOREIGN: [&[(&str, &str)]; 10] = [
    &[("x-forwarded-host", "evil.test")],
    &[("forwarded", "host=evil.test;proto=http")],
    &[("x-host", "evil.test")],
    &[("x-original-host", "evil.test")],
    &[("x-forwarded-server", "evil.test")],
    &[("x-http-host-override", "evil.test")],
    &[("x-forwarded-port", "666"), ("x-forwarded-host", "evil.test")],
    &[("x-original-url", "/evil"), ("x-rewrite-url", "/evil")],
    &[("x-forwarded-proto", "http")],
    &[("x-forwarded-proto", "https")],
];

#[test]
fn hh_01_hh_02_hh_04_hh_05_hosts_that_are_not_known_are_refused_and_never_reflected() {
    let mut app = app(|builder| builder.trusted_origins(["http://app.test"]));
    for host in ["localhost:3000", "127.0.0.1:1", "[::1]:80", "app.test", "APP.test:80"] {
        assert_eq!(status(&mut app, "/auth/session", &[("host", host)]), 401, "{host}");
    }
    for host in [
        "evil.test",
        "h@evil",
        "h evil",
        "evil%0d%0a",
        "evil#h",
        "evil\\h",
        "",
        "[::1",
        "localhost:99999",
        "localhost.evil.test",
    ] {
        assert_eq!(status(&mut app, "/auth/session", &[("host", host)]), 400, "{host}");
    }
    assert_eq!(status(&mut app, "/auth/session", &[]), 400);
    assert_eq!(status(&mut app, "/auth/session", &[("host", "localhost"), ("host", "evil.test")]), 400);
    assert_eq!(status(&mut app, "http://evil.test/auth/session", &[("host", "localhost")]), 400, "HH-05");
}

#[test]
fn hh_01_hh_02_hh_03_with_a_base_url_no_header_moves_anything() {
    let trusting = |builder: Builder| builder.trusted_origins(["https://evil.test"]).trusted_proxy_headers();
    for mut pair in [Pair::new(), Pair::at("https://app.test", trusting)] {
        for fields in FOREIGN.into_iter().chain([&[("host", "evil.test")][..]]) {
            let answer = pair.send(with(Request::get("/auth/signIn/dev"), fields));
            assert_eq!(answer.status, 302);
            let text = format!("{:?}", answer.headers);
            assert!(
                text.contains("https%3A%2F%2Fapp.test%2Fauth%2Fcallback") && !text.contains("evil"),
                "{fields:?}: {text}"
            );
            let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
            assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
        }
    }
}

#[test]
fn hh_02_hh_03_ck_11_without_trust_no_header_moves_what_the_host_says() {
    let mut app = app(|builder| builder.trusted_origins(["http://evil.test", "https://evil.test"]));
    for (scheme, prefix) in [(Scheme::Http, "aura-auth."), (Scheme::Https, "__Host-aura-auth.")] {
        for fields in FOREIGN {
            let request = Request::get("/auth/csrfToken").extension(Connection::new(scheme));
            let request = with(request.header(header::HOST, "localhost"), fields);
            let answer = send(&mut app, request);
            assert_eq!(answer.status(), 200, "{fields:?}");
            let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
            assert!(cookie.starts_with(prefix), "{fields:?}: {cookie}");
        }
    }
}

#[test]
fn hh_06_a_trusted_proxy_moves_the_origin_within_the_trusted_ones_only() {
    let mut app = proxied();
    for (fields, origin) in [
        (
            &[("host", "inner:8080"), ("forwarded", "for=192.0.2.1;host=app.test;proto=https")][..],
            "https://app.test",
        ),
        (
            &[("host", "inner:8080"), ("x-forwarded-host", "app.test"), ("x-forwarded-proto", "https")],
            "https://app.test",
        ),
        (&[("host", "app.test"), ("x-forwarded-proto", "HTTPS")], "https://app.test"),
        (&[("x-forwarded-host", "evil.test, plain.test")], "http://plain.test"),
        (&[("x-forwarded-host", "evil.test"), ("x-forwarded-host", "plain.test")], "http://plain.test"),
        (&[("host", "plain.test")], "http://plain.test"),
    ] {
        let answer = send(&mut app, with(Request::get("/auth/signIn/dev?redirect=false"), fields));
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        let url = body["signInURL"].as_str().unwrap_or_default();
        assert!(url.starts_with(&format!("{origin}/auth/signIn/dev")), "{fields:?}: {body}");
    }
    for fields in [
        &[("host", "app.test"), ("x-forwarded-host", "evil.test"), ("x-forwarded-proto", "https")][..],
        &[("host", "app.test"), ("forwarded", "host=evil.test;proto=https")],
        &[("host", "app.test"), ("x-forwarded-proto", "http")],
        &[("host", "app.test")],
        &[("host", "evil.test"), ("x-forwarded-proto", "https")],
        &[("host", "localhost")],
        &[("host", "plain.test"), ("x-forwarded-host", "localhost")],
        &[("x-forwarded-proto", "https")],
    ] {
        assert_eq!(status(&mut app, "/auth/signIn/dev", fields), 400, "{fields:?}");
    }
}

#[test]
fn hh_06_a_clients_own_forwarded_moves_nothing_where_the_proxy_writes_the_other_family() {
    let fields = [
        ("host", "inner:8080"),
        ("forwarded", "for=203.0.113.9;host=plain.test;proto=http"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-host", "app.test"),
        ("x-forwarded-proto", "https"),
    ];
    for (family, origin, client) in [
        (ForwardedFields::XForwarded, "https://app.test", "192.0.2.1"),
        (ForwardedFields::Forwarded, "http://plain.test", "203.0.113.9"),
        (ForwardedFields::Either, "http://plain.test", "203.0.113.9"),
    ] {
        let mut app = app(|builder| {
            let trusting = builder.trusted_origins(["https://app.test", "http://plain.test"]);
            trusting.trusted_proxy_headers().forwarded_fields(family)
        });
        let request = with(Request::get("/auth/signIn/dev?redirect=false"), &fields);
        let headers = request.headers_ref().unwrap().clone();
        let answer = send(&mut app, request);
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        let url = body["signInURL"].as_str().unwrap_or_default();
        assert!(url.starts_with(&format!("{origin}/auth/")), "{family:?}: {body}");
        assert_eq!(app.auth.client_address(&headers).unwrap().to_string(), client);
    }
}

#[test]
fn hh_07_junk_of_a_proxy_is_refused_and_never_reflected() {
    let mut app = proxied();
    let long = format!("{}.evil.test", "a".repeat(8_000));
    assert_eq!(status(&mut app, "/auth/signIn/dev", &[("host", "plain.test")]), 302);
    for (name, value) in [
        ("x-forwarded-host", "https://evil"),
        ("x-forwarded-host", "evil\\plain.test"),
        ("x-forwarded-host", "plain.test@evil"),
        ("x-forwarded-host", "plain.test/evil"),
        ("x-forwarded-host", "plain.test:99999"),
        ("x-forwarded-host", "plain.test%0d%0aevil"),
        ("x-forwarded-host", &long),
        ("x-forwarded-host", ""),
        ("x-forwarded-proto", "javascript"),
        ("x-forwarded-proto", "https://evil"),
        ("x-forwarded-proto", "https, evil"),
        ("forwarded", "proto=\"ht tps\";host=evil"),
        ("forwarded", "for=_x;host=\"a\\\"evil\""),
        ("forwarded", "host=plain.test;proto=http;host=evil"),
        ("forwarded", "evil"),
        ("forwarded", "host=\"plain.test"),
        ("forwarded", ""),
    ] {
        let fields = [("host", "plain.test"), (name, value)];
        assert_eq!(status(&mut app, "/auth/signIn/dev", &fields), 400, "{name}: {value}");
    }
}

#[test]
fn hh_08_a_field_name_with_an_underscore_is_another_name() {
    let mut app = proxied();
    for (name, value) in [("x_forwarded_host", "plain.test"), ("x_forwarded-host", "plain.test")] {
        let fields = [("host", "evil.test"), (name, value)];
        assert_eq!(status(&mut app, "/auth/session", &fields), 400, "{name}");
    }
    let fields = [("host", "app.test"), ("x_forwarded_proto", "https")];
    assert_eq!(status(&mut app, "/auth/session", &fields), 400);
}

#[test]
fn hh_09_over_tls_cookies_keep_secure_and_their_prefix_whatever_the_proxy_says() {
    let mut app = proxied();
    for fields in [&[][..], &[("x-forwarded-proto", "http")], &[("forwarded", "proto=http")]] {
        let request = Request::get("/auth/signIn/dev").extension(Connection::new(Scheme::Https));
        let answer = send(&mut app, with(request.header(header::HOST, "app.test"), fields));
        let location = answer.headers()[header::LOCATION].to_str().unwrap();
        assert!(location.contains("redirect_uri=https%3A%2F%2Fapp.test%2F"), "{location}");
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    }
}

#[test]
fn hh_10_answers_that_depend_on_the_host_are_never_stored() {
    let mut app = proxied();
    for fields in [&[("x-forwarded-host", "plain.test")][..], &[("x-forwarded-host", "evil.test")]] {
        for path in ["/auth/signIn/dev", "/auth/session", "/auth/csrfToken"] {
            let answer = send(&mut app, with(Request::get(path), fields));
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        }
    }
}

/// Work that grew with the square of the length would not end here; how it grows is for the benchmarks to say.
#[test]
fn ds_10_a_megabyte_of_any_separator_in_a_field_is_answered() {
    let mut app = proxied();
    for name in
        ["forwarded", "x-forwarded-host", "x-forwarded-proto", "cookie", "accept", "referer", "origin"]
    {
        for unit in
            [",", ";", "=", "\"", "\\", " ", "a=b;", "a=b,", "for=\"\\\"\",", "\t,", "/", "%", "?", "#"]
        {
            let value = unit.repeat(1_000_000 / unit.len());
            let fields = [("host", "plain.test"), (name, value.as_str())];
            assert!([400, 401].contains(&status(&mut app, "/auth/session", &fields)), "{name} of {unit:?}");
            assert!(
                [400, 302].contains(&status(&mut app, "/auth/signIn/dev", &fields)),
                "{name} of {unit:?}"
            );
        }
    }
}

#[test]
fn a_guard_and_the_session_route_agree_wherever_the_origin_comes_from() {
    let cookies = {
        let mut pair = Pair::new();
        pair.sign_in("dev", "ada");
        pair.cookie_header()
    };
    let both = format!("{cookies}; {}", cookies.replace("__Secure-", "").replace("__Host-", ""));
    let origins = ["https://app.test", "http://plain.test"];
    let mut fixed = app(|builder| builder.base_url("https://app.test"));
    let mut derived = app(|builder| builder.trusted_origins(origins));
    let mut proxied = proxied();
    let mut seen = Vec::new();
    for cookies in [&cookies, &both] {
        for scheme in [Scheme::Http, Scheme::Https] {
            for fields in [
                &[("host", "app.test")][..],
                &[("host", "plain.test")],
                &[("host", "evil.test")],
                &[("x-forwarded-host", "app.test"), ("x-forwarded-proto", "https")],
                &[("host", "plain.test"), ("x-forwarded-proto", "http")],
                &[("host", "app.test"), ("forwarded", "junk")],
            ] {
                for app in [&mut fixed, &mut derived, &mut proxied] {
                    let request = Request::get("/auth/session").extension(Connection::new(scheme));
                    let request = with(request, fields).header(header::COOKIE, cookies);
                    let request = request.body(Bytes::new()).unwrap();
                    let guard = match app.auth.session(&request, NOW) {
                        Ok(_) => 200,
                        Err(SessionError::UnknownHost) => 400,
                        Err(_) => 401,
                    };
                    let route = app.answer_with(request, NOW.as_secs(), [9; 32]).status().as_u16();
                    assert_eq!(guard, route, "{scheme:?} {fields:?} {:?}", app.auth);
                    seen.push(route);
                }
            }
        }
    }
    assert!([200, 400, 401].iter().all(|status| seen.contains(status)));
}

#[test]
fn behind_a_proxy_the_headers_alone_say_who_is_signed_in() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let auth = proxied().auth;
    let headers = |proto: &str| {
        let fields = [("x-forwarded-proto", proto), ("x-forwarded-host", "app.test")];
        let request = with(Request::get("/"), &fields).header(header::COOKIE, pair.cookie_header());
        request.body(()).unwrap().headers().clone()
    };
    let session =
        |headers: &HeaderMap| auth.session(headers, NOW).map(|session| session.user().sub().to_owned());
    assert_eq!(session(&headers("https")), Ok("ada".to_owned()));
    assert_eq!(session(&headers("http")), Err(SessionError::UnknownHost));
}

#[test]
fn hh_06_hh_09_a_sign_in_that_began_over_https_ends_over_https_only() {
    let mut app = proxied();
    let https = [("host", "inner:8080"), ("forwarded", "host=app.test;proto=https")];
    let begun = send(&mut app, with(Request::get("/auth/signIn/dev"), &https));
    let location = begun.headers()[header::LOCATION].to_str().unwrap();
    let state = location.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let cookie = begun.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    assert!(cookie.starts_with("__Host-aura-auth.state."));

    let callback = format!("/auth/callback/dev?code=c&state={state}");
    let mut arrive = |fields: &[(&str, &str)], cookie: &str| {
        let request = with(Request::get(&callback), fields).header(header::COOKIE, cookie);
        let status = send(&mut app, request).status().as_u16();
        (status, app.fetches.len())
    };
    let plain = cookie.replace("__Host-", "");
    assert_eq!(arrive(&[("host", "app.test"), ("x-forwarded-proto", "http")], cookie), (400, 0));
    assert_eq!(arrive(&[("host", "plain.test")], cookie), (401, 0), "the cookie of another origin");
    assert_eq!(arrive(&https, &plain), (401, 0), "CK-10");
    assert_eq!(arrive(&https, cookie), (502, 1), "the provider of this test never answers");
}

/// When a pair begins, and a little later.
const NOW: UnixTime = UnixTime::from_secs(1_795_500_060);

fn app(configure: impl FnOnce(Builder) -> Builder) -> App {
    let builder = aura_tests::bare_builder(SECRET);
    let data = r#"{"id":"dev","name":"Dev","kind":"oauth","authorize_url":"https://idp.test/authorize",
        "token_url":"https://idp.test/token","userinfo_url":"https://idp.test/userinfo","client_id":"id"}"#;
    let provider: aura_proto::provider::Provider = serde_json::from_str(data).unwrap();
    App::new(configure(builder.provider(provider)).build().unwrap(), Vec::new())
}

/// A site behind a proxy that it trusts: `https://app.test`, and `http://plain.test` beside it.
fn proxied() -> App {
    let origins = ["https://app.test", "http://plain.test"];
    app(|builder| builder.trusted_origins(origins).trusted_proxy_headers())
}

fn with(request: request::Builder, fields: &[(&str, &str)]) -> request::Builder {
    fields.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

fn send(app: &mut App, request: request::Builder) -> Response<Bytes> {
    let entropy = app.entropy();
    app.answer_with(request.body(Bytes::new()).unwrap(), NOW.as_secs(), entropy)
}

/// Sends a request, makes sure that nothing evil comes back, and returns the status.
fn status(app: &mut App, target: &str, fields: &[(&str, &str)]) -> u16 {
    let answer = send(app, with(Request::get(target), fields));
    assert!(!format!("{answer:?}").contains("evil"), "{fields:?}");
    answer.status().as_u16()
}
