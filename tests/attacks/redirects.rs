//! Open redirects: the final target of a sign-in or a sign-out.

use aura_proto::Builder;
use aura_tests::Pair;
use http::{Method, Request, header, request};
use serde_json::Value;
use url::{Url, form_urlencoded};

/// Targets of attackers beside those of the recorded table; `evil` is in each.
const PAYLOADS: [&str; 44] = [
    "https://evil.test",
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "/\\evil.test",
    "\\/evil.test",
    "\\\\evil.test",
    "/\\/evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "\u{0}//evil.test",
    "\u{a0}//evil.test",
    "/%09/evil.test",
    "/%2fevil.test",
    "/%2F%2Fevil.test",
    "/%5cevil.test",
    "/%5C%5Cevil.test",
    "/..//evil.test",
    "/.//evil.test",
    "/%2e//evil.test",
    "/%2e%2e//evil.test",
    "/a/..//evil.test",
    "https:evil.test",
    "https:/evil.test",
    "https:///evil.test",
    "https:\\\\evil.test",
    "hTTps://evil.test",
    "https://app.test@evil.test",
    "https://app.test:pw@evil.test",
    "https://app.test%40evil.test",
    "https://app.test\\@evil.test",
    "https://app.test.evil.test",
    "https://app.test%2eevil.test",
    "https://evil.test#@app.test/",
    "https://evil.test?@app.test/",
    "https://evil.test\\.app.test",
    "javascript:evil()",
    "java\nscript:evil()",
    "data:text/html,evil",
    "／／evil.test",
    "https:／／evil.test",
];

#[test]
fn or_1_or_8_a_return_to_parameter_leads_to_this_site_or_a_trusted_one() {
    for value in payloads() {
        let target = sign_in(&mut Pair::new(), &[&value], None);
        assert!(stays(&target), "{value:?} led to {target}");
    }
}

#[test]
fn or_2_a_referer_or_an_origin_leads_to_this_site_or_a_trusted_one() {
    for value in payloads().iter().filter(|value| header::HeaderValue::from_str(value).is_ok()) {
        for name in [header::REFERER, header::ORIGIN] {
            let target = sign_in(&mut Pair::new(), &[], Some((name, value)));
            assert!(stays(&target), "{value:?} led to {target}");
        }
    }
    let page = ("https://app.test/page?a=b#c", "/page?a=b#c");
    assert_eq!(sign_in(&mut Pair::new(), &[], Some((header::REFERER, page.0))), page.1);
}

#[test]
fn or_3_a_tossed_return_to_cookie_is_not_looked_at() {
    for prefix in ["", "__Host-", "__Secure-"] {
        let mut pair = Pair::new();
        let request = Request::get("/auth/signIn/dev?redirectTo=/page");
        let tossed = format!("{prefix}aura-auth.redirect_to=https://evil.test; redirectTo=//evil.test");
        assert_eq!(complete(&mut pair, request, &tossed), "/page");
    }
}

#[test]
fn or_4_a_parameter_that_is_there_twice_leads_no_further() {
    for values in [["/page", "https://evil.test"], ["https://evil.test", "/page"], ["//evil.test", ""]] {
        let target = sign_in(&mut Pair::new(), &values, None);
        assert!(stays(&target), "{values:?} led to {target}");
    }
}

#[test]
fn or_5_good_values_survive() {
    for value in ["/", "/dashboard", "/search?query=test&sort=asc#top", "/caf%C3%A9?next=%2Fa%20b", "/a//b"] {
        assert_eq!(sign_in(&mut Pair::new(), &[value], None), value);
    }
    assert_eq!(sign_in(&mut Pair::new(), &["https://app.test/x?y#z"], None), "/x?y#z");
}

#[test]
fn or_6_a_sign_out_leads_to_this_site_or_a_trusted_one() {
    let mut pair = Pair::new();
    for value in payloads() {
        let token = pair.csrf_token();
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("redirectTo", &value).finish();
        for redirect in ["true", "false"] {
            let path = format!("/auth/signOut?token_type_hint=session_token&redirect={redirect}&{query}");
            let request = Request::post(path).header("x-csrf-token", &token);
            let answer =
                pair.send(request.header(header::COOKIE, format!("__Host-aura-auth.csrf_token={token}")));
            let location = answer.headers.get(header::LOCATION).map(|value| value.to_str().unwrap());
            let target = location.or_else(|| answer.json["redirectURL"].as_str());
            assert!(target.is_none_or(stays), "{value:?} led to {target:?}");
            assert!(matches!(answer.status.as_u16(), 202 | 303), "{value:?}: {}", answer.status);
        }
    }
}

#[test]
fn or_7_a_wildcard_stands_for_one_label_and_scheme_and_port_are_exact() {
    let trusting = |builder: Builder| builder.trusted_origins(["https://*.app.example"]);
    for (value, trusted) in [
        ("https://a.app.example/x?y#z", true),
        ("https://A.APP.example/", true),
        ("https://a.app.example:443/", true),
        ("https://app.example/", false),
        ("https://a.b.app.example/", false),
        ("https://aapp.example/", false),
        ("https://.app.example/", false),
        ("https://a.app.example:8443/", false),
        ("http://a.app.example/", false),
        ("https://a.app.example.evil.test/", false),
        ("https://evil.test/a.app.example", false),
        ("https://a.app.example@evil.test/", false),
        ("https://*.app.example/", true),
        ("https://a.app.example./", false),
    ] {
        let target = sign_in(&mut Pair::at("https://app.test", trusting), &[value], None);
        let expected = if trusted { Url::parse(value).unwrap().to_string() } else { "/".to_owned() };
        assert_eq!(target, expected, "{value}");
    }
}

/// The contract's sign-in rows at `http://example.com`: trusted origins, parameter, `Referer`, and where it leads.
#[test]
fn redirect_to_comes_before_referer_and_referer_before_origin() {
    for (trusted, redirect_to, referer, expected) in [
        (&[][..], Some("/dashboard"), None, "/dashboard"),
        (&[], Some("http://app.com/dashboard"), None, "/"),
        (&["http://app.com"], Some("http://app.com/dashboard"), None, "http://app.com/dashboard"),
        (&[], None, Some("http://example.com/dashboard"), "/dashboard"),
        (&[], None, Some("http://app.com/dashboard"), "/"),
        (&["http://app.com"], None, Some("http://app.com/dashboard"), "http://app.com/dashboard"),
        (&[], None, Some("http://app.example.com/dashboard"), "/"),
        (
            &["http://*.example.com"],
            None,
            Some("http://app.example.com/dashboard"),
            "http://app.example.com/dashboard",
        ),
        (&[], Some("/a"), Some("http://example.com/b"), "/a"),
        (&[], Some("https://evil.test"), Some("http://example.com/b"), "/"),
        (&["http://app.com"], Some("http://example.com/own"), None, "/own"),
    ] {
        let mut pair = Pair::at("http://example.com", |builder| builder.trusted_origins(trusted.to_vec()));
        let header = referer.map(|referer| (header::REFERER, referer));
        let values: Vec<_> = redirect_to.into_iter().collect();
        assert_eq!(sign_in(&mut pair, &values, header), expected, "{trusted:?} {redirect_to:?} {referer:?}");
    }
    let mut pair = Pair::new();
    let request = Request::get("/auth/signIn/dev").header(header::REFERER, "https://app.test/page");
    let request = request.header(header::ORIGIN, "https://evil.test");
    assert_eq!(complete(&mut pair, request, ""), "/page");
}

/// The contract's tables of URLs: what is taken is emitted as it is, what is refused leads home.
#[test]
fn or_1_or_5_the_contracts_urls_are_taken_or_refused() {
    for value in [
        "/valid-path",
        "/valid-path_with-mixed.characters",
        "/users/12123/profile",
        "/another-valid-path/",
        "/search?query=test&sort=asc",
        "/page#section1",
        "https://yourdomain.com/dashboard",
        "https://api.yourdomain.com/v1/data",
        "https://www.yourdomain.com/about",
        "https://yourdomain.com/search?q=test&page=1",
        "https://example.com/auth/signIn?next=123",
        "https://yourdomain.com/docs#introduction",
        "https://yourdomain.com:8443/api",
        "https://app.yourdomain.com/users/123/profile/edit",
    ] {
        assert_eq!(arrives(value), value);
    }
    for value in [
        "http://example.com",
        "/valid-path\n",
        "/valid-path\r",
        "//example.com",
        "/%2F/example.com",
        "/%5C/example.com",
        "/\\/example.com",
        "\\/example.com",
        "／dashboard",
        "/..%2F..%2F..%2dashboard",
        "javascript:alert(1)",
        "vbscript:msgbox(\"XSS\")",
        "file:///etc/passwd",
        "mailto:a@example.com",
        "tel:+123",
        "data:text/html,x",
        "ftp://example.com/",
        "https://example.com/\n",
        "https://example.com/\r",
        "https://example.com/\t",
        "https://example.com/\0",
        "https://example.com/\\",
    ] {
        assert_eq!(arrives(value), "/", "{value:?}");
    }
}

/// Where ours differ from the contract's tables: what the URL standard can write safely is written so, not refused.
#[test]
fn or_1_or_5_what_can_be_written_safely_is_written_so() {
    for (value, written) in [
        ("/path<script>", "/path%3Cscript%3E"),
        ("/../../dashboard", "/dashboard"),
        ("https://example.com/<>\"`", "https://example.com/%3C%3E%22%60"),
    ] {
        assert_eq!(arrives(value), written, "{value:?}");
    }
}

/// Returns where a sign-in leads that was started with this `redirectTo`, at a site that trusts the contract's origins.
fn arrives(value: &str) -> String {
    let origins = [
        "https://yourdomain.com",
        "https://*.yourdomain.com",
        "https://yourdomain.com:8443",
        "https://example.com",
    ];
    let mut pair = Pair::at("https://app.test", |builder| builder.trusted_origins(origins));
    sign_in(&mut pair, &[value], None)
}

fn payloads() -> Vec<String> {
    let recorded: Value = serde_json::from_str(include_str!("../golden/functions.json")).unwrap();
    let rows = recorded["url_predicates"].as_array().unwrap();
    let recorded = rows.iter().map(|row| row["input"].as_str().unwrap());
    recorded.chain(PAYLOADS).map(str::to_owned).collect()
}

/// Tells whether a browser at the site stays there.
fn stays(target: &str) -> bool {
    let home = Url::parse("https://app.test/auth/callback/dev").unwrap();
    home.join(target).is_ok_and(|url| url.origin() == home.origin())
}

/// Signs in from beginning to end, with `redirectTo` parameters and a header, and returns the last `Location`.
fn sign_in(pair: &mut Pair, redirect_to: &[&str], header: Option<(header::HeaderName, &str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(redirect_to.iter().map(|value| ("redirectTo", value)));
    let mut request = Request::get(format!("/auth/signIn/dev?{}", query.finish()));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    complete(pair, request, "")
}

fn complete(pair: &mut Pair, request: request::Builder, cookies: &str) -> String {
    let begun = pair.send(request.header(header::COOKIE, cookies));
    assert_eq!(begun.status, 302);
    let authorize = Url::parse(begun.headers[header::LOCATION].to_str().unwrap()).unwrap();
    let attempt = begun.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    let callback = pair.approve("dev", &authorize, "ada");
    let request = Request::builder().method(Method::GET).uri(callback);
    let ended = pair.send(request.header(header::COOKIE, format!("{attempt}; {cookies}")));
    assert_eq!(ended.status, 302);
    ended.headers[header::LOCATION].to_str().unwrap().to_owned()
}
