//! What requests of pages and proxies say: origins, schemes, targets.

use aura_proto::ForwardedFields;
use aura_tests::{Answer, Pair, SECRET};
use http::{Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Posts the form of a page without referrer, as a browser that sends these fields.
fn sign_out(token: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let own = pair.csrf_token();
    let cookies = pair.cookie_header();
    let body = format!("csrfToken={}", token.unwrap_or(&own));
    let request = Request::post("/auth/signOut?token_type_hint=session_token")
        .header(header::COOKIE, cookies)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let (now, entropy) = (pair.browser.now, [9; 32]);
    pair.app.answer_with(request.body(body.into()).unwrap(), now, entropy).into()
}

#[test]
fn fr_01_au_13_the_form_of_a_page_without_referrer_signs_out() {
    let own = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    assert_eq!(sign_out(None, &own).status, 202);
    let navigation = [&own[..], &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]].concat();
    assert_eq!(sign_out(None, &navigation).status, 202);
}

#[test]
fn fr_01_au_13_null_alone_with_anything_else_or_with_a_wrong_token_is_refused() {
    let null = ("origin", "null");
    for fields in [
        &[null][..],
        &[null, ("sec-fetch-site", "none")],
        &[null, ("sec-fetch-site", "same-site")],
        &[null, ("sec-fetch-site", "cross-site")],
        &[null, ("sec-fetch-site", "")],
        &[null, ("sec-fetch-site", "Same-Origin")],
        &[null, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        &[null, ("origin", "https://evil.test"), ("sec-fetch-site", "same-origin")],
        &[("origin", "NULL"), ("sec-fetch-site", "same-origin")],
        &[("origin", "https://evil.test"), ("sec-fetch-site", "same-origin")],
    ] {
        let answer = sign_out(None, fields);
        assert_eq!(
            (answer.status.as_u16(), &answer.json["reason"]),
            (403, &"cross_site".into()),
            "{fields:?}"
        );
    }
    let foreign = sign_out(Some("foreign"), &[null, ("sec-fetch-site", "same-origin")]);
    assert_eq!((foreign.status.as_u16(), &foreign.json["reason"]), (403, &"csrf_token_mismatch".into()));
    let none = sign_out(Some(""), &[null, ("sec-fetch-site", "same-origin")]);
    assert_eq!((none.status.as_u16(), &none.json["reason"]), (403, &"csrf_token_missing".into()));
}

/// Asks for the session behind a trusted proxy that writes these fields. The cookies are those of the origin's scheme.
fn proxied(origin: &str, fields: &[(&str, &str)]) -> u16 {
    let mut pair = Pair::at(origin, |builder| builder);
    pair.sign_in("dev", "ada");
    let builder = aura_tests::bare_builder(SECRET);
    let builder = builder.trusted_origins(["https://app.test", "http://app.test"]).trusted_proxy_headers();
    pair.app.auth = builder.forwarded_fields(ForwardedFields::Either).build().unwrap();
    let request = Request::get("/auth/session")
        .header(header::HOST, "app.test")
        .header(header::UPGRADE, "websocket")
        .header(header::COOKIE, pair.cookie_header());
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    pair.send(request).status.as_u16()
}

#[test]
fn fr_17_the_scheme_of_a_websocket_is_that_of_its_page() {
    let fields = |scheme: &str| {
        let element = format!("for=192.0.2.1;proto={scheme};host=app.test");
        let host = || ("x-forwarded-host", "app.test".to_owned());
        [
            vec![("x-forwarded-proto", scheme.to_owned()), host()],
            vec![("x-forwarded-proto", format!("http, {scheme}")), host()],
            vec![("forwarded", element.clone())],
            vec![("forwarded", element.replace(scheme, &format!("\"{scheme}\"")))],
        ]
    };
    let asked = |origin: &str, scheme: &str| {
        fields(scheme).map(|fields| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            proxied(origin, &fields)
        })
    };
    for scheme in ["wss", "WSS", "Wss", "https"] {
        assert_eq!(asked("https://app.test", scheme), [200; 4], "{scheme}");
    }
    for scheme in ["ws", "WS", "http"] {
        assert_eq!(asked("http://app.test", scheme), [200; 4], "{scheme}");
        assert_eq!(asked("https://app.test", scheme), [401; 4], "a plain request has no secure cookies");
    }
    for scheme in ["wsss", "w", "javascript", "ftp", "wss:"] {
        assert_eq!(asked("https://app.test", scheme)[..2], [400; 2], "{scheme}");
    }
}

/// Returns where a sign-in ends that was begun with this `redirectTo`.
fn ends_at(target: &str) -> String {
    let mut pair = Pair::at("https://app.test", |builder| builder.trusted_origins(["https://friend.test"]));
    let encoded = utf8_percent_encode(target, NON_ALPHANUMERIC).to_string();
    let authorize = pair.begin("dev", &encoded);
    let callback = pair.approve("dev", &authorize, "ada");
    let page = pair.send(Request::get(&callback).header(header::COOKIE, pair.cookie_header()));
    page.headers[header::LOCATION].to_str().unwrap().to_owned()
}

#[test]
fn fr_19_deep_links_keep_their_encoded_slashes_and_spaces() {
    for (target, end) in [
        ("/vhosts/%2F/queues", "/vhosts/%2F/queues"),
        ("/vhosts/%2f", "/vhosts/%2f"),
        ("/api/%2F/a%2Fb?x=%2F#%2F", "/api/%2F/a%2Fb?x=%2F#%2F"),
        ("https://app.test/vhosts/%2F/queues", "/vhosts/%2F/queues"),
        ("https://friend.test/a%2Fb c", "https://friend.test/a%2Fb%20c"),
        ("/docs/Some Page", "/docs/Some%20Page"),
        ("/docs/a  b/?q=a b&r=c#d e", "/docs/a%20%20b/?q=a%20b&r=c#d%20e"),
        ("/docs/Some%20Page", "/docs/Some%20Page"),
        ("/a%252Fb", "/a%252Fb"),
    ] {
        assert_eq!(ends_at(target), end, "{target:?}");
    }
}

#[test]
fn fr_19_control_characters_and_other_origins_lead_home() {
    for target in [
        "/a%00b",
        "/a%0d%0ab",
        "/a%09",
        "/a%1F",
        "/a%7f",
        "/a\tb",
        "/a\nb",
        "/a\u{0}",
        "/a\u{7f}",
        "/%2F/evil.test",
        "/%2fevil.test",
        "/%5Cevil.test",
        "/%2F%2Fevil.test",
        "//evil.test",
        "/ \\evil.test",
        "https://evil.test/a%2Fb",
        "https://app.test /",
        "https://app.test%2Fevil.test",
        " /a",
        "/a%2F..%2Fb",
        "https://friend.test/%2F%2Fevil.test",
    ] {
        assert_eq!(ends_at(target), "/", "{target:?}");
    }
}
