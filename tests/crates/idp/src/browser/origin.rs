//! Same-origin and same-site comparison, and hosts that are IP addresses.

use std::net::Ipv4Addr;

use url::{Host, Url};

/// Returns whether two URLs have the same origin (HTML 7.1.1); opaque origins never do.
///
/// ```
/// # use {aura_test_idp::browser::same_origin, url::Url};
/// let (a, b) = (Url::parse("http://localhost:3000/a")?, Url::parse("http://localhost:4000/a")?);
/// assert!(!same_origin(&a, &b));
/// # Ok::<(), url::ParseError>(())
/// ```
#[must_use]
pub fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

/// Returns whether two URLs are schemefully the same site (RFC 6265bis 5.2, HTML 7.1.1): the port does not count.
///
/// ```
/// # use {aura_test_idp::browser::same_site, url::Url};
/// let (a, b) = (Url::parse("https://app.example.com")?, Url::parse("https://www.example.com:8443")?);
/// assert!(same_site(&a, &b));
/// # Ok::<(), url::ParseError>(())
/// ```
#[must_use]
pub fn same_site(a: &Url, b: &Url) -> bool {
    let (Some(host_a), Some(host_b)) = (a.host_str(), b.host_str()) else { return false };
    a.scheme() == b.scheme() && registrable_domain(host_a) == registrable_domain(host_b)
}

/// Returns the registrable domain of a host in a world where every public suffix is one label.
pub(super) fn registrable_domain(host: &str) -> &str {
    if is_ip_address(host) {
        return host;
    }
    let before_the_last_label = host.rfind('.').and_then(|dot| host.get(..dot));
    let second_dot = before_the_last_label.and_then(|rest| rest.rfind('.'));
    second_dot.and_then(|dot| host.get(dot..)).and_then(|rest| rest.strip_prefix('.')).unwrap_or(host)
}

/// Returns whether a host, as a URL writes it, is an IP address.
pub(super) fn is_ip_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

/// Returns whether a URL points to this very machine (Secure Contexts 3.1, steps 4 and 5).
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns whether a URL is potentially trustworthy (Secure Contexts 3.1).
pub(super) fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_port_makes_another_origin_but_not_another_site() {
        let (a, b) = (url("http://localhost:3000/"), url("http://localhost:4000/"));
        assert!(!same_origin(&a, &b));
        assert!(same_site(&a, &b));
    }

    #[test]
    fn a_scheme_makes_another_site() {
        assert!(!same_site(&url("http://example.com"), &url("https://example.com")));
    }

    #[test]
    fn a_subdomain_is_the_same_site_and_a_look_alike_is_not() {
        assert!(same_site(&url("https://example.com"), &url("https://a.b.example.com")));
        assert!(!same_site(&url("https://example.com"), &url("https://evilexample.com")));
        assert!(!same_site(&url("https://example.com"), &url("https://example.org")));
    }

    #[test]
    fn two_addresses_with_the_same_tail_are_two_sites() {
        assert!(!same_site(&url("http://10.0.0.1"), &url("http://11.0.0.1")));
        assert!(!same_site(&url("http://[::1]"), &url("http://[::2]")));
        assert!(same_site(&url("http://10.0.0.1:1"), &url("http://10.0.0.1:2")));
    }

    #[test]
    fn an_opaque_origin_is_no_site() {
        assert!(!same_site(&url("data:,a"), &url("data:,a")));
        assert!(!same_origin(&url("data:,a"), &url("data:,a")));
    }

    #[test]
    fn https_and_loopback_are_trustworthy_and_plain_http_is_not() {
        for trusted in
            ["https://a.test", "http://localhost:1", "http://a.localhost", "http://127.0.0.9", "http://[::1]"]
        {
            assert!(is_trustworthy(&url(trusted)), "{trusted}");
        }
        for open in ["http://a.test", "http://localhost.test", "http://10.0.0.1", "data:,a"] {
            assert!(!is_trustworthy(&url(open)), "{open}");
        }
    }
}
