use http::Method;

use super::super::context::Initiator;
use super::*;

const NOW: u64 = 1_800_000_000;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn jar_with(cookies: &[(&str, &str)]) -> Jar {
    let mut jar = Jar::default();
    for (from, field) in cookies {
        jar.set(&url(from), field.as_bytes(), NOW).unwrap();
    }
    jar
}

/// The `Cookie` field of a request by the address bar; empty for none.
fn sent(jar: &mut Jar, target: &str) -> String {
    sent_in(jar, &RequestContext::typed(&url(target)))
}

fn sent_in(jar: &mut Jar, context: &RequestContext) -> String {
    jar.cookie_header(context, NOW).map(|field| field.to_str().unwrap().to_owned()).unwrap_or_default()
}

fn from_page(page: &str, kind: RequestKind, method: Method) -> RequestContext {
    RequestContext { target: url("https://app.test/"), initiator: Initiator::Page(url(page)), kind, method }
}

fn jar_of_all_same_sites() -> Jar {
    jar_with(&[
        ("https://app.test/", "none=1; SameSite=None; Secure"),
        ("https://app.test/", "default=1"),
        ("https://app.test/", "lax=1; SameSite=Lax"),
        ("https://app.test/", "strict=1; SameSite=Strict"),
    ])
}

#[test]
fn a_host_only_cookie_goes_to_its_host_on_every_port() {
    let mut jar = jar_with(&[("http://app.test:3000/", "a=b")]);
    assert_eq!(sent(&mut jar, "http://app.test:4000/"), "a=b");
    assert_eq!(sent(&mut jar, "http://sub.app.test/"), "");
    assert_eq!(sent(&mut jar, "http://test/"), "");
}

#[test]
fn a_domain_cookie_goes_to_every_subdomain() {
    let mut jar = jar_with(&[("http://x.app.test/", "a=b; Domain=app.test")]);
    assert_eq!(sent(&mut jar, "http://app.test/"), "a=b");
    assert_eq!(sent(&mut jar, "http://y.app.test/"), "a=b");
    assert_eq!(sent(&mut jar, "http://evilapp.test/"), "");
}

#[test]
fn a_cookie_goes_to_its_path_only() {
    let mut jar = jar_with(&[("http://app.test/", "a=b; Path=/auth")]);
    assert_eq!(sent(&mut jar, "http://app.test/auth/callback"), "a=b");
    assert_eq!(sent(&mut jar, "http://app.test/authority"), "");
}

#[test]
fn a_secure_cookie_goes_to_secure_origins_only() {
    let mut jar = jar_with(&[("https://localhost/", "a=b; Secure")]);
    assert_eq!(sent(&mut jar, "https://localhost/"), "a=b");
    assert_eq!(sent(&mut jar, "http://localhost/"), "");
    jar.secure_origins = SecureOrigins::HttpsAndLoopback;
    assert_eq!(sent(&mut jar, "http://localhost/"), "a=b");
}

#[test]
fn an_expired_cookie_is_not_sent() {
    let mut jar = jar_with(&[("http://app.test/", "a=b; Max-Age=10")]);
    let context = RequestContext::typed(&url("http://app.test/"));
    assert!(jar.cookie_header(&context, NOW + 9).is_some());
    assert_eq!(jar.cookie_header(&context, NOW + 10), None);
}

#[test]
fn longer_paths_come_first_and_then_earlier_cookies() {
    let mut jar = jar_with(&[
        ("http://app.test/", "a=1"),
        ("http://app.test/", "b=1; Path=/x"),
        ("http://app.test/", "c=1"),
        ("http://app.test/", "a=2"),
    ]);
    assert_eq!(sent(&mut jar, "http://app.test/x"), "b=1; a=2; c=1");
}

#[test]
fn get_finds_what_would_be_sent_first() {
    let jar = jar_with(&[("http://app.test/", "a=root"), ("http://app.test/", "a=deep; Path=/x")]);
    assert_eq!(jar.get(&url("http://app.test/x"), "a", NOW).unwrap().value, "deep");
    assert_eq!(jar.get(&url("http://app.test/"), "a", NOW).unwrap().value, "root");
    assert_eq!(jar.get(&url("http://app.test/"), "b", NOW), None);
}

#[test]
fn a_nameless_cookie_is_sent_as_its_value() {
    let mut jar = jar_with(&[("http://app.test/", "abc"), ("http://app.test/", "d=")]);
    assert_eq!(sent(&mut jar, "http://app.test/"), "abc; d=");
}

#[test]
fn a_script_sees_no_http_only_cookie() {
    let mut jar = jar_with(&[("http://app.test/", "a=b; HttpOnly"), ("http://app.test/", "c=d")]);
    assert_eq!(jar.script_cookies(&url("http://app.test/"), NOW), "c=d");
    assert_eq!(sent(&mut jar, "http://app.test/"), "a=b; c=d");
}

#[test]
fn a_same_site_request_carries_every_cookie() {
    let context = from_page("https://www.app.test/", RequestKind::Subresource, Method::POST);
    assert_eq!(sent_in(&mut jar_of_all_same_sites(), &context), "none=1; default=1; lax=1; strict=1");
}

#[test]
fn a_cross_site_link_carries_all_but_strict() {
    let context = from_page("https://evil.example/", RequestKind::TopLevelNavigation, Method::GET);
    assert_eq!(sent_in(&mut jar_of_all_same_sites(), &context), "none=1; default=1; lax=1");
}

#[test]
fn a_cross_site_post_or_subresource_carries_none_alone() {
    let form = from_page("https://evil.example/", RequestKind::TopLevelNavigation, Method::POST);
    let image = from_page("https://evil.example/", RequestKind::Subresource, Method::GET);
    assert_eq!(sent_in(&mut jar_of_all_same_sites(), &form), "none=1");
    assert_eq!(sent_in(&mut jar_of_all_same_sites(), &image), "none=1");
}

#[test]
fn the_same_host_over_plain_http_is_cross_site() {
    let context = from_page("http://app.test/", RequestKind::Subresource, Method::GET);
    assert_eq!(sent_in(&mut jar_of_all_same_sites(), &context), "none=1");
}
