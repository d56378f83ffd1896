//! Stored cookies, and the hosts and paths that they match.

use bytes::Bytes;
use url::Url;

use super::origin::is_ip_address;
use super::set_cookie::SameSite;

/// A cookie in the jar, with the fields and flags of RFC 6265bis 5.7.
///
/// ```
/// # use {aura_test_idp::browser::Jar, url::Url};
/// let (mut jar, url) = (Jar::default(), Url::parse("http://localhost:3000/")?);
/// jar.set(&url, b"a=b; Max-Age=60", 1_000).unwrap();
/// let cookie = jar.get(&url, "a", 1_000).unwrap();
/// assert_eq!((cookie.text(), cookie.expires), (Some("b"), Some(1_060)));
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// The name; may be empty.
    pub name: Bytes,
    /// The value, byte for byte as the server wrote it.
    pub value: Bytes,
    /// The domain, in lower case.
    pub domain: String,
    /// The host-only-flag: the cookie goes to `domain` and not to its subdomains.
    pub host_only: bool,
    /// The path.
    pub path: String,
    /// The secure-only-flag.
    pub secure_only: bool,
    /// The http-only-flag.
    pub http_only: bool,
    /// The same-site-flag.
    pub same_site: SameSite,
    /// The expiry-time in seconds since the Unix epoch; none for a session cookie.
    pub expires: Option<u64>,
    /// The creation-time in seconds since the Unix epoch.
    pub created: u64,
    /// The place of the creation among all creations in this jar, for those of the same second.
    pub(super) serial: u64,
    /// The place of the last access among all accesses to this jar.
    pub(super) accessed: u64,
}

impl Cookie {
    /// Returns the value as text, if it is text (RFC 6265bis 4.1.1 wants ASCII).
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value).ok()
    }

    /// Returns whether the cookie has an expiry-time and `now` has reached it (RFC 6265bis 5.7).
    #[must_use]
    pub fn is_expired(&self, now: u64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Returns whether domain and path of the cookie match a URL (RFC 6265bis 5.8.3 step 1).
    #[must_use]
    pub fn matches(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let host_matches =
            if self.host_only { self.domain == host } else { domain_matches(host, &self.domain) };
        host_matches && path_matches(url.path(), &self.path)
    }

    /// Returns whether both are one cookie: same name, domain, host-only-flag and path (RFC 6265bis 5.7 step 23).
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
    }

    /// Returns whether `self` would shadow a `Secure` cookie (RFC 6265bis 5.7 step 16).
    pub(super) fn shadows(&self, secure: &Self) -> bool {
        secure.secure_only
            && self.name == secure.name
            && (domain_matches(&secure.domain, &self.domain) || domain_matches(&self.domain, &secure.domain))
            && path_matches(&self.path, &secure.path)
    }

    /// Writes `name=value`, or the value alone of a cookie without a name (RFC 6265bis 5.8.3 step 4).
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if !out.is_empty() {
            out.extend_from_slice(b"; ");
        }
        if !self.name.is_empty() {
            out.extend_from_slice(&self.name);
            out.push(b'=');
        }
        out.extend_from_slice(&self.value);
    }
}

/// Returns whether a host domain-matches a domain (RFC 6265bis 5.1.3).
pub(super) fn domain_matches(host: &str, domain: &str) -> bool {
    let is_subdomain = || host.strip_suffix(domain).is_some_and(|labels| labels.ends_with('.'));
    host == domain || (is_subdomain() && !is_ip_address(host))
}

/// Returns whether a request path path-matches a cookie path (RFC 6265bis 5.1.4).
pub(super) fn path_matches(request_path: &str, cookie_path: &str) -> bool {
    request_path
        .strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

/// Returns the default-path of a URL: its path up to the last slash (RFC 6265bis 5.1.4).
pub(super) fn default_path(url: &Url) -> &str {
    let path = url.path();
    let directory = path.rfind('/').and_then(|slash| path.get(..slash)).unwrap_or_default();
    if directory.starts_with('/') { directory } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_matches_its_own_domain_and_its_parents() {
        assert!(domain_matches("example.com", "example.com"));
        assert!(domain_matches("a.b.example.com", "example.com"));
        assert!(!domain_matches("example.com", "a.example.com"));
        assert!(!domain_matches("evilexample.com", "example.com"));
        assert!(!domain_matches("example.com", ""));
    }

    #[test]
    fn an_address_has_no_subdomains() {
        assert!(domain_matches("10.0.0.1", "10.0.0.1"));
        assert!(!domain_matches("10.0.0.1", "0.0.1"));
    }

    #[test]
    fn a_path_matches_itself_and_what_lies_below_it() {
        for below in ["/a", "/a/", "/a/b"] {
            assert!(path_matches(below, "/a"), "{below}");
        }
        for beside in ["/", "/ab", "/b/a", "/A"] {
            assert!(!path_matches(beside, "/a"), "{beside}");
        }
        assert!(path_matches("/a/b", "/a/"));
        assert!(!path_matches("/a", "/a/"));
        assert!(path_matches("/anything", "/"));
    }

    #[test]
    fn the_default_path_ends_before_the_last_slash() {
        for (url, path) in [
            ("http://a.test", "/"),
            ("http://a.test/", "/"),
            ("http://a.test/x", "/"),
            ("http://a.test/x/", "/x"),
            ("http://a.test/x/y?z=/w", "/x"),
            ("data:x/y", "/"),
        ] {
            assert_eq!(default_path(&Url::parse(url).unwrap()), path, "{url}");
        }
    }
}
