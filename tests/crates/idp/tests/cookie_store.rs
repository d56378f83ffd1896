//! The cookie jar of the model browser beside another one, that of the crate `cookie_store`.
//!
//! `cookie_store` follows RFC 6265, and lacks the rules that RFC 6265bis adds: [`LAXER`] has an example of each. It also
//! replaces a cookie of a host by one of the same name for its domain, which RFC 6265bis section 5.7 tells apart by the
//! host-only-flag, and ignores an attribute `Path` without a value. Apart from that, both keep and send the same cookies.
#![cfg(test)]

use aura_test_idp::browser::{Jar, Refused, RequestContext};
use cookie_store::CookieStore;
use proptest::prelude::*;
use url::Url;

const NOW: u64 = 1_795_500_000;

const URLS: [&str; 8] = [
    "https://example.test/",
    "https://app.example.test/",
    "https://app.example.test/auth/callback",
    "http://app.example.test/auth",
    "https://app.example.test:8443/authority",
    "https://www.example.test/auth/",
    "https://notexample.test/",
    "https://127.0.0.1/auth",
];

/// What RFC 6265bis refuses, and `cookie_store` keeps.
const LAXER: [(&str, &str, Refused); 7] = [
    ("http://app.example.test/", "a=1; Secure", Refused::SecureFromInsecure),
    ("https://app.example.test/", "a=1; SameSite=None", Refused::NoneWithoutSecure),
    ("https://app.example.test/", "__Secure-a=1", Refused::SecurePrefix),
    ("https://app.example.test/", "__Host-a=1; Secure; Path=/auth", Refused::HostPrefix),
    ("https://app.example.test/", "__Host-a=1; Secure; Path=/; Domain=app.example.test", Refused::HostPrefix),
    ("https://app.example.test/", "a=1; Domain=test", Refused::PublicSuffix),
    ("https://app.example.test/", "a=\u{1}", Refused::ControlCharacter),
];

/// Both jars.
#[derive(Default)]
struct Jars {
    ours: Jar,
    theirs: CookieStore,
}

impl Jars {
    /// Sets a cookie in both, unless a rule that `cookie_store` lacks refuses it.
    fn set(&mut self, url: &Url, cookie: &str) {
        let refused = self.ours.set(url, cookie.as_bytes(), NOW).err();
        if !refused
            .is_some_and(|rule| rule == Refused::ShadowsSecure || LAXER.iter().any(|row| row.2 == rule))
        {
            let _ = self.theirs.parse(cookie, url);
        }
    }

    /// What each sends to a URL, in no order.
    fn sent(&mut self, url: &Url) -> [Vec<String>; 2] {
        let ours = self.ours.cookie_header(&RequestContext::typed(url), NOW);
        let ours = ours.iter().flat_map(|field| field.to_str().unwrap().split("; "));
        let theirs = self.theirs.get_request_values(url).map(|(name, value)| format!("{name}={value}"));
        let mut sent = [ours.map(str::to_owned).collect(), theirs.collect::<Vec<_>>()];
        sent.iter_mut().for_each(|sent| sent.sort());
        sent
    }
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn each_rule_that_the_other_jar_lacks_refuses_here() {
    for (from, cookie, refused) in LAXER {
        assert_eq!(Jar::default().set(&url(from), cookie.as_bytes(), NOW), Err(refused), "{cookie}");
        assert!(CookieStore::default().parse(cookie, &url(from)).is_ok(), "{cookie}: {refused:?}");
    }
}

#[test]
fn a_cookie_of_a_host_and_one_of_its_domain_are_two_here_and_one_there() {
    let mut jars = Jars::default();
    jars.set(&url(URLS[0]), "a=1");
    jars.set(&url(URLS[0]), "a=2; Domain=example.test");
    assert_eq!(jars.sent(&url(URLS[0])), [vec!["a=1", "a=2"], vec!["a=2"]]);
}

#[test]
fn a_path_without_a_value_is_the_default_path_here_and_nothing_there() {
    let mut jars = Jars::default();
    jars.set(&url(URLS[0]), "a=1; Path=/auth; Path");
    assert_eq!(jars.sent(&url(URLS[0])), [vec!["a=1"], vec![]]);
}

fn attribute() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "Path=/",
            "Path=/auth",
            "path=/auth/",
            "Path=/other",
            "Path=relative",
            "Path=",
            "Domain=example.test",
            "Domain=.example.test",
            "domain=APP.Example.test",
            "Domain=evil.test",
            "Domain=127.0.0.1",
            "Domain=",
            "Secure",
            "HttpOnly",
            "SameSite=Lax",
            "SameSite=Strict",
            "Unknown=1",
            "Max-Age=60",
            "Max-Age=0",
            "Max-Age=-1",
            "Max-Age=never",
            "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "Expires=Tue, 01 Jan 2999 00:00:00 GMT",
            "Expires=never",
        ][..],
    )
}

fn cookie() -> impl Strategy<Value = String> {
    let name = prop::sample::select(&["a", "b", "__Host-a", "__Secure-a"][..]);
    let value = prop::sample::select(&["1", "2", "", "x=y", "\"q\"", "~!*"][..]);
    (name, value, prop::collection::vec(attribute(), 0..4)).prop_map(|(name, value, mut attributes)| {
        let is_domain = |attribute: &&str| attribute.to_lowercase().starts_with("domain=");
        // One domain at most, and names of their own for cookies that have one.
        let domain = attributes.iter().copied().find(is_domain);
        attributes.retain(|attribute| !is_domain(attribute) || Some(*attribute) == domain);
        let name = if domain.is_some_and(|domain| domain != "Domain=") {
            format!("{name}-domain")
        } else {
            name.to_owned()
        };
        attributes
            .iter()
            .fold(format!("{name}={value}"), |cookie, attribute| format!("{cookie}; {attribute}"))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
    #[test]
    fn both_jars_send_the_same_cookies(
        sets in prop::collection::vec((prop::sample::select(&URLS[..]), cookie()), 1..8),
    ) {
        let mut jars = Jars::default();
        for (from, cookie) in &sets {
            jars.set(&url(from), cookie);
        }
        for to in URLS {
            let [ours, theirs] = jars.sent(&url(to));
            prop_assert_eq!(ours, theirs, "to {}", to);
        }
    }
}
