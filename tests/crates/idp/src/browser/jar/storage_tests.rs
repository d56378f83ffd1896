use http::Method;
use proptest::prelude::*;

use super::super::context::Initiator;
use super::*;

const NOW: u64 = 1_800_000_000;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn set(jar: &mut Jar, from: &str, field: &str) -> Result<(), Refused> {
    jar.set(&url(from), field.as_bytes(), NOW)
}

fn stored(from: &str, field: &str) -> Cookie {
    let mut jar = Jar::default();
    set(&mut jar, from, field).unwrap();
    jar.cookies(NOW).next().unwrap().clone()
}

fn refusal(from: &str, field: &str) -> Refused {
    set(&mut Jar::default(), from, field).unwrap_err()
}

fn names(jar: &Jar, now: u64) -> Vec<&str> {
    jar.cookies(now).map(|cookie| std::str::from_utf8(&cookie.name).unwrap()).collect()
}

#[test]
fn a_cookie_without_domain_is_host_only() {
    let cookie = stored("http://App.Example.com:3000/", "a=b");
    assert_eq!((cookie.domain.as_str(), cookie.host_only), ("app.example.com", true));
}

#[test]
fn a_domain_attribute_covers_the_host_and_its_parents() {
    for domain in ["app.example.com", ".example.com", "EXAMPLE.com"] {
        let cookie = stored("http://app.example.com/", &format!("a=b; Domain={domain}"));
        assert!(!cookie.host_only, "{domain}");
    }
}

#[test]
fn a_domain_that_is_not_the_hosts_is_refused() {
    for domain in ["other.com", "sub.app.example.com", "sibling.example.com", "ample.com"] {
        let field = format!("a=b; Domain={domain}");
        assert_eq!(refusal("http://app.example.com/", &field), Refused::DomainMismatch, "{domain}");
    }
}

#[test]
fn a_single_label_domain_is_refused_except_for_that_very_host() {
    assert_eq!(refusal("http://app.example.com/", "a=b; Domain=com"), Refused::PublicSuffix);
    assert_eq!(refusal("http://app.localhost/", "a=b; Domain=localhost"), Refused::PublicSuffix);
    assert!(stored("http://localhost/", "a=b; Domain=localhost").host_only);
}

#[test]
fn an_address_keeps_host_only_cookies() {
    assert!(stored("http://127.0.0.1/", "a=b; Domain=127.0.0.1").host_only);
    assert_eq!(refusal("http://127.0.0.1/", "a=b; Domain=0.0.1"), Refused::DomainMismatch);
    assert!(stored("http://[::1]/", "a=b").host_only);
}

#[test]
fn a_url_without_a_host_has_no_cookies() {
    assert_eq!(refusal("data:,x", "a=b"), Refused::NoHost);
}

#[test]
fn a_missing_or_relative_path_is_the_default_path() {
    assert_eq!(stored("http://a.test/x/y", "a=b").path, "/x");
    assert_eq!(stored("http://a.test/x/y", "a=b; Path=z").path, "/x");
    assert_eq!(stored("http://a.test/x/y", "a=b; Path=/z").path, "/z");
}

#[test]
fn a_secure_cookie_from_plain_http_is_refused_even_on_localhost() {
    assert_eq!(refusal("http://localhost/", "a=b; Secure"), Refused::SecureFromInsecure);
    assert!(stored("https://a.test/", "a=b; Secure").secure_only);
}

#[test]
fn loopback_is_secure_where_the_jar_says_so() {
    let mut jar = Jar { secure_origins: SecureOrigins::HttpsAndLoopback, ..Jar::default() };
    assert_eq!(set(&mut jar, "http://localhost:3000/", "a=b; Secure"), Ok(()));
    assert_eq!(set(&mut jar, "http://127.0.0.1/", "a=b; Secure"), Ok(()));
    assert_eq!(set(&mut jar, "http://a.test/", "a=b; Secure"), Err(Refused::SecureFromInsecure));
}

#[test]
fn plain_http_leaves_secure_cookies_alone() {
    let mut jar = Jar::default();
    set(&mut jar, "https://app.example.com/", "a=b; Secure; Path=/login").unwrap();
    let mut over_http = |from, field| set(&mut jar, from, field);
    assert_eq!(over_http("http://app.example.com/", "a=x; Path=/login/en"), Err(Refused::ShadowsSecure));
    assert_eq!(
        over_http("http://example.com/", "a=x; Domain=example.com; Path=/login"),
        Err(Refused::ShadowsSecure)
    );
    assert_eq!(over_http("http://sub.app.example.com/", "a=x; Path=/login"), Err(Refused::ShadowsSecure));
    assert_eq!(over_http("http://app.example.com/", "a=x; Path=/"), Ok(()));
    assert_eq!(over_http("http://app.example.com/", "c=x; Path=/login"), Ok(()));
    assert_eq!(over_http("http://other.example.com/", "a=x; Path=/login"), Ok(()));
    assert_eq!(over_http("https://app.example.com/", "a=x; Path=/login"), Ok(()));
}

#[test]
fn a_script_neither_sets_nor_replaces_an_http_only_cookie() {
    let (mut jar, page) = (Jar::default(), url("http://a.test/"));
    assert_eq!(jar.set_by_script(&page, b"a=b; HttpOnly", NOW), Err(Refused::HttpOnlyFromScript));
    jar.set(&page, b"a=b; HttpOnly", NOW).unwrap();
    assert_eq!(jar.set_by_script(&page, b"a=c", NOW), Err(Refused::ReplacesHttpOnly));
    assert_eq!(jar.get(&page, "a", NOW).unwrap().value, "b");
    assert_eq!(jar.set_by_script(&page, b"b=c", NOW), Ok(()));
}

#[test]
fn a_cross_site_subresource_sets_same_site_none_cookies_only() {
    let (mut jar, evil) = (Jar::default(), url("https://evil.example/"));
    let image = RequestContext {
        target: url("https://a.test/"),
        initiator: Initiator::Page(evil),
        kind: RequestKind::Subresource,
        method: Method::GET,
    };
    let navigation = RequestContext { kind: RequestKind::TopLevelNavigation, ..image.clone() };
    for field in [&b"a=b"[..], b"a=b; SameSite=Lax", b"a=b; SameSite=Strict"] {
        assert_eq!(jar.set_from(&image, field, NOW), Err(Refused::CrossSite));
        assert_eq!(jar.set_from(&navigation, field, NOW), Ok(()));
    }
    assert_eq!(jar.set_from(&image, b"c=d; SameSite=None; Secure", NOW), Ok(()));
}

#[test]
fn same_site_none_without_secure_is_refused() {
    assert_eq!(refusal("https://a.test/", "a=b; SameSite=None"), Refused::NoneWithoutSecure);
}

#[test]
fn a_secure_prefix_needs_secure_in_any_case_of_letters() {
    assert_eq!(refusal("https://a.test/", "__Secure-a=b"), Refused::SecurePrefix);
    assert_eq!(refusal("https://a.test/", "__sEcUrE-a=b"), Refused::SecurePrefix);
    assert!(stored("https://a.test/x", "__Secure-a=b; Secure").secure_only);
}

#[test]
fn a_host_prefix_needs_secure_and_path_slash_and_no_domain() {
    for field in [
        "__Host-a=b; Path=/",
        "__Host-a=b; Secure",
        "__Host-a=b; Secure; Path=/x",
        "__Host-a=b; Secure; Path=/; Domain=app.example.com",
        "__hOsT-a=b; Secure; Path=/; Domain=example.com",
    ] {
        assert_eq!(refusal("https://app.example.com/", field), Refused::HostPrefix, "{field}");
    }
    assert_eq!(stored("https://app.example.com/x/y", "__Host-a=b; Secure; Path=/").path, "/");
}

#[test]
fn a_sibling_subdomain_plants_domain_cookies_and_no_host_prefixed_ones() {
    let (mut jar, sibling, app) =
        (Jar::default(), url("https://blog.example.com/"), url("https://app.example.com/"));
    let forged = b"__Host-sid=evil; Secure; Path=/; Domain=example.com";
    assert_eq!(jar.plant(&sibling, forged, NOW), Err(Refused::HostPrefix));
    assert_eq!(jar.plant(&sibling, b"__Host-sid=evil; Secure; Path=/", NOW), Ok(()));
    assert_eq!(jar.get(&app, "__Host-sid", NOW), None);
    assert_eq!(jar.plant(&sibling, b"__Secure-sid=evil; Secure; Path=/; Domain=example.com", NOW), Ok(()));
    assert_eq!(jar.get(&app, "__Secure-sid", NOW).unwrap().value, "evil");
}

#[test]
fn max_age_wins_over_expires() {
    let field = "a=b; Max-Age=10; Expires=Thu, 01 Jan 2065 00:00:00 GMT";
    assert_eq!(stored("http://a.test/", field).expires, Some(NOW + 10));
}

#[test]
fn a_lifetime_ends_after_400_days() {
    let limit = Some(NOW + 34_560_000);
    assert_eq!(stored("http://a.test/", "a=b; Max-Age=99999999999999999999").expires, limit);
    assert_eq!(stored("http://a.test/", "a=b; Expires=Thu, 01 Jan 2065 00:00:00 GMT").expires, limit);
}

#[test]
fn a_cookie_is_gone_in_the_second_it_expires() {
    let mut jar = Jar::default();
    set(&mut jar, "http://a.test/", "a=b; Max-Age=10").unwrap();
    set(&mut jar, "http://a.test/", "b=c").unwrap();
    assert_eq!(names(&jar, NOW + 9), ["a", "b"]);
    assert_eq!(names(&jar, NOW + 10), ["b"]);
}

#[test]
fn max_age_zero_or_less_and_an_expiry_in_the_past_delete_the_cookie() {
    for attribute in ["Max-Age=0", "Max-Age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"] {
        let mut jar = Jar::default();
        set(&mut jar, "http://a.test/", "a=b").unwrap();
        assert_eq!(set(&mut jar, "http://a.test/", &format!("a=; {attribute}")), Ok(()));
        assert_eq!(jar.cookies(NOW).count(), 0, "{attribute}");
    }
}

#[test]
fn a_deletion_needs_the_path_and_domain_of_the_cookie() {
    let mut jar = Jar::default();
    set(&mut jar, "http://a.test/", "a=b; Path=/x").unwrap();
    set(&mut jar, "http://a.test/", "a=; Path=/; Max-Age=0").unwrap();
    set(&mut jar, "http://a.test/", "a=; Path=/x; Domain=a.test; Max-Age=0").unwrap();
    assert_eq!(names(&jar, NOW), ["a"]);
}

#[test]
fn a_replaced_cookie_keeps_its_creation_time() {
    let (mut jar, page) = (Jar::default(), url("http://a.test/"));
    jar.set(&page, b"a=1", NOW).unwrap();
    jar.set(&page, b"b=1", NOW).unwrap();
    jar.set(&page, b"a=2", NOW + 5).unwrap();
    let cookie = jar.get(&page, "a", NOW + 5).unwrap();
    assert_eq!((cookie.text(), cookie.created), (Some("2"), NOW));
    assert_eq!(names(&jar, NOW + 5), ["a", "b"]);
}

#[test]
fn the_end_of_the_session_keeps_persistent_cookies() {
    let mut jar = Jar::default();
    set(&mut jar, "http://a.test/", "session=1").unwrap();
    set(&mut jar, "http://a.test/", "persistent=1; Max-Age=9").unwrap();
    jar.end_session();
    assert_eq!(names(&jar, NOW), ["persistent"]);
}

#[test]
fn a_domain_keeps_180_cookies_and_loses_the_one_unused_for_longest() {
    let (mut jar, page) = (Jar::default(), url("http://app.example.com/"));
    for number in 0..180 {
        jar.set(&page, format!("c{number}=1; Path=/{number}").as_bytes(), NOW).unwrap();
    }
    assert_eq!(jar.cookies(NOW).count(), 180);
    jar.cookie_header(&RequestContext::typed(&url("http://app.example.com/0")), NOW);
    jar.plant(&url("http://blog.example.com/"), b"one-more=1", NOW).unwrap();
    jar.set(&url("http://example.org/"), b"other-site=1", NOW).unwrap();
    assert_eq!(jar.cookies(NOW).count(), 181);
    assert_eq!(names(&jar, NOW).first(), Some(&"c0"));
    assert!(!names(&jar, NOW).contains(&"c1"));
}

#[test]
fn a_flood_of_insecure_cookies_evicts_no_secure_one() {
    let mut jar = Jar::default();
    set(&mut jar, "https://app.example.com/", "sid=1; Secure").unwrap();
    for number in 0..200 {
        set(&mut jar, "http://blog.example.com/", &format!("c{number}=1")).unwrap();
    }
    assert_eq!(jar.cookies(NOW).count(), 180);
    assert_eq!(names(&jar, NOW).first(), Some(&"sid"));
}

proptest! {
    #[test]
    fn any_bytes_are_stored_or_refused(fields in proptest::collection::vec(
        proptest::collection::vec(any::<u8>(), 0..60), 0..10
    )) {
        let (mut jar, page) = (Jar::default(), url("https://a.b.test/x/y"));
        for field in &fields {
            let before = jar.cookies(NOW).count();
            let outcome = jar.set(&page, field, NOW);
            prop_assert!(outcome.is_ok() || jar.cookies(NOW).count() == before);
        }
        let names_a_cookie = jar.cookies(NOW).any(|cookie| cookie.matches(&page));
        prop_assert_eq!(jar.cookie_header(&RequestContext::typed(&page), NOW).is_some(), names_a_cookie);
    }

    #[test]
    fn a_well_formed_cookie_comes_back_byte_for_byte_until_it_expires(
        name in "[!#$%&'*+.^`|~0-9A-Za-z-]{1,40}",
        value in "[!#-+\\--:<-\\[\\]-~]{0,200}",
        age in 1_u64..34_560_000,
    ) {
        let (mut jar, page) = (Jar::default(), url("https://a.test/"));
        let context = RequestContext::typed(&page);
        jar.set(&page, format!("{name}={value}; Path=/; Secure; HttpOnly; Max-Age={age}").as_bytes(), NOW).unwrap();
        let expected = format!("{name}={value}");
        let last_second = NOW.saturating_add(age).saturating_sub(1);
        prop_assert_eq!(jar.cookie_header(&context, last_second).unwrap(), expected.as_str());
        prop_assert_eq!(jar.cookie_header(&context, NOW.saturating_add(age)), None);
    }
}
