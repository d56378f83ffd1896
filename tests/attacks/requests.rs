//! Unusual hosts, paths, methods, parameters and bodies.

use crate::arrive;
use aura_proto::{Cookies, SessionPolicy};
use aura_tests::Pair;
use http::{Method, header};

#[test]
fn ds_03_malformed_and_deep_json_bodies_are_400() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let headers = [("x-csrf-token", token.as_str()), ("content-type", "application/json")];
    for body in ["{", "nope", &"[".repeat(60_000), "{\"a\":\u{0}}"] {
        let answer = pair.fetch(Method::POST, "/auth/signOut?token_type_hint=session_token", &headers, body);
        assert_eq!(
            (answer.status.as_u16(), answer.json["code"].as_str()),
            (400, Some("UNPROCESSABLE_BODY_ENTITY"))
        );
    }
    assert_eq!(pair.session().status, 200);
}

#[test]
fn ds_03_huge_json_bodies_are_refused_and_change_nothing() {
    let mut pair =
        Pair::at("https://app.test", |builder| builder.session(SessionPolicy::default().editable(["name"])));
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let before = pair.session().json;
    let keys = (0..100_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    let small = (0..5_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(",");
    for (status, body) in [
        (400, "[".repeat(60_000)),
        (400, format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000))),
        (413, "[".repeat(100_000)),
        (413, format!("{{\"user\":{{\"name\":\"{}\"}}}}", "x".repeat(5 * 1024 * 1024))),
        (413, format!("{{{keys}}}")),
        (413, format!("{{\"user\":{{{keys}}}}}")),
        // Members that are not editable are refused, however many there are.
        (422, format!("{{\"user\":{{{small}}}}}")),
    ] {
        let headers = [("x-csrf-token", token.as_str()), ("content-type", "application/json")];
        let answer = pair.fetch(Method::PATCH, "/auth/session", &headers, &body);
        assert_eq!(answer.status, status, "{}", &body[..30]);
        if status == 413 {
            let sign_out = "/auth/signOut?token_type_hint=session_token";
            assert_eq!(pair.fetch(Method::POST, sign_out, &headers, &body).status, status);
        }
    }
    assert_eq!(pair.session().json, before);
}

#[test]
fn st_14_a_prefetch_begins_no_sign_in() {
    for (name, value) in
        [("sec-purpose", "prefetch"), ("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")]
    {
        let mut pair = Pair::new();
        let request = http::Request::get("/auth/signIn/dev").header(name, value);
        let answer = pair.send(request);
        assert_eq!(answer.status, 204);
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
    }
}

/// A request for a sign-in, with Fetch Metadata.
fn sign_in_by(site: &str, mode: &str, dest: &str) -> http::request::Builder {
    http::Request::get("/auth/signIn/other")
        .header("sec-fetch-site", site)
        .header("sec-fetch-mode", mode)
        .header("sec-fetch-dest", dest)
}

#[test]
fn st_14_what_a_page_loads_begins_no_sign_in() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    for (mode, dest) in [
        ("no-cors", "image"),
        ("no-cors", "script"),
        ("no-cors", "empty"),
        ("cors", "image"),
        ("navigate", "object"),
    ] {
        // An image in a comment on the site's own page leads no visitor to a sign-in, either.
        for site in ["cross-site", "same-site", "same-origin"] {
            let loaded = sign_in_by(site, mode, dest).header(header::COOKIE, pair.cookie_header());
            let answer = pair.send(loaded);
            let said = (answer.status.as_u16(), answer.json["reason"].as_str());
            assert_eq!(said, (403, Some("cross_site")), "{site} {mode} {dest}");
            assert!(!answer.headers.contains_key(header::SET_COOKIE));
        }
    }
    let old = http::Request::get("/auth/signIn/other").header("sec-fetch-dest", "image");
    assert_eq!(pair.send(old).status, 403);
    assert_eq!(pair.session().json["user"]["sub"], "ada");
}

#[test]
fn st_14_a_sign_in_that_begins_unasked_leaves_the_live_session_alone() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    // A browser without Fetch Metadata does not say that an image asks.
    let image = http::Request::get("/auth/signIn/other").header(header::COOKIE, pair.cookie_header());
    let answer = pair.send(image);
    let set: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
    assert!(set.iter().all(|cookie| cookie.to_str().is_ok_and(|cookie| cookie.contains("aura-auth.state."))));
    assert_eq!((answer.status.as_u16(), set.len()), (302, 1));
    assert_eq!(pair.session().json["user"]["sub"], "ada");
}

#[test]
fn st_14_a_link_of_another_site_and_a_script_of_a_trusted_origin_begin_a_sign_in() {
    let mut pair = Pair::at("https://app.test", |builder| builder.trusted_origins(["https://front.test"]));
    for site in ["cross-site", "same-site", "same-origin", "none"] {
        assert_eq!(pair.send(sign_in_by(site, "navigate", "document")).status, 302, "{site}");
        assert_eq!(
            pair.send(sign_in_by(site, "navigate", "empty")).status,
            302,
            "{site}: a service worker's"
        );
    }
    assert_eq!(pair.send(sign_in_by("same-origin", "cors", "empty")).status, 302);
    let script = |origin: &str| sign_in_by("cross-site", "cors", "empty").header(header::ORIGIN, origin);
    assert_eq!(pair.send(script("https://front.test")).status, 302);
    assert_eq!(pair.send(script("https://app.test")).status, 403, "which contradicts Sec-Fetch-Site");
    assert_eq!(pair.send(script("https://evil.test")).status, 403);
    assert_eq!(pair.send(sign_in_by("same-site", "cors", "empty")).status, 403, "no origin is named");
    // To ask where a sign-in begins is to begin none.
    let asks = http::Request::get("/auth/signIn/dev?redirect=false").header("sec-fetch-mode", "cors");
    assert_eq!(pair.send(asks.header(header::ORIGIN, "capacitor://localhost")).status, 200);
}

#[test]
fn st_14_a_frame_begins_a_sign_in_where_the_sites_cookies_are_sent_in_it() {
    let sites = |in_frames: bool| {
        let cookies = if in_frames { Cookies::default().in_frames() } else { Cookies::default() };
        Pair::at("https://app.test", |builder| builder.cookies(cookies))
    };
    for (in_frames, site, status) in [
        (false, "cross-site", 403),
        (false, "same-site", 302),
        (false, "same-origin", 302),
        (true, "cross-site", 302),
    ] {
        let mut pair = sites(in_frames);
        for frame in ["iframe", "frame"] {
            assert_eq!(pair.send(sign_in_by(site, "navigate", frame)).status, status, "{frame} {site}");
        }
        assert_eq!(pair.send(sign_in_by(site, "navigate", "embed")).status, 403);
    }
}

#[test]
fn mo_02_hi_04_se_02_se_05_answers_have_one_set_of_headers_and_reflect_nothing() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let cookies = pair.cookie_header();
    for path in [
        "/auth/session",
        "/auth/csrfToken",
        "/auth/signIn/dev",
        "/auth/callback/dev?code=c&state=s",
        "/auth/none",
    ] {
        let request = http::Request::get(path)
            .header(header::COOKIE, &cookies)
            .header(header::ORIGIN, "https://evil.test")
            .header(header::AUTHORIZATION, "Bearer reflected")
            .header(header::CACHE_CONTROL, "max-age=0")
            .header("x-reflected", "reflected");
        let answer = pair.send(request);
        let headers = &answer.headers;
        assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        assert!(
            headers.contains_key(header::REFERRER_POLICY)
                && headers.contains_key(header::CONTENT_SECURITY_POLICY)
        );
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        assert!(!headers.contains_key(header::COOKIE) && !format!("{headers:?}").contains("reflected"));
    }
}

#[test]
fn mo_04_odd_provider_names_are_unknown_and_not_echoed() {
    let mut pair = Pair::new();
    for name in [
        "__proto__",
        "..%2fdev",
        "%00",
        "%0d%0a",
        "%3Cscript%3E",
        &"x".repeat(6000),
        "%ff",
        "%F0%9F%98%80",
        "*",
        "%",
        "dev%",
    ] {
        for route in ["signIn", "callback"] {
            let answer = pair.fetch(Method::GET, &format!("/auth/{route}/{name}?code=c&state=s"), &[], "");
            assert_eq!(answer.status, 422, "{name}");
            assert!(!answer.json.to_string().contains("script"));
        }
    }
}

#[test]
fn ci_03_ci_04_a_code_is_form_encoded_and_changes_nothing_else() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let (_, state) = callback.split_once("state=").unwrap();
    let evil = "x%26client_id%3Devil%0D%0AX-Evil%3A%201";
    assert_eq!(
        arrive(&mut pair, &format!("/auth/callback/dev?code={evil}&state={state}")).2,
        "token_invalid_grant"
    );
    let transcript = pair.app.transcript.as_str();
    assert!(transcript.contains("code=x%26client_id%3Devil%0D%0AX-Evil%3A+1&redirect_uri="), "{transcript}");
    let (_, request) = transcript.rsplit_once("code=x").unwrap();
    let form = request.split(char::is_whitespace).next().unwrap();
    // The client's id is beside its secret in `Authorization`.
    let names = form.split('&').skip(1).filter_map(|pair| pair.split('=').next());
    assert_eq!(names.collect::<Vec<_>>(), ["redirect_uri", "grant_type", "code_verifier"]);
}
