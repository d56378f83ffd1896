//! Origins of this site and trusted origins (RFC 6454).

pub use aura_types::parse_http_url;

use http::Uri;
use std::fmt;
use url::{Host, Url};

/// Longest pattern that is looked at, in characters.
const MAX_PATTERN: usize = 2048;

/// Longest host that has a name, in characters as they are looked up (RFC 1035 section 2.3.4).
const MAX_HOST: usize = 253;

/// Labels under which countries let people register names.
const SECOND_LEVELS: [&str; 8] = ["ac", "co", "com", "edu", "gov", "net", "ne", "org"];
/// Domains under which hosting companies let people register names.
const SHARED_SUFFIXES: [&str; 13] = [
    "azurewebsites.net",
    "cloudfront.net",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "netlify.app",
    "onrender.com",
    "pages.dev",
    "vercel.app",
    "web.app",
    "workers.dev",
];

/// The public origin of a site: scheme, host and port, as browsers see it (RFC 6454 section 4).
///
/// ```
/// use aura_session::Origin;
/// assert!(Origin::parse("https://example.com").is_some());
/// assert!(Origin::parse("example.com").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Url);

/// Whether a site is reached over TLS, which decides the names and attributes of its cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an HTTP request is plain or secure, there is no third")]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Origin {
    /// Reads an origin such as `https://example.com`: no user, no path, no query, no fragment. The example of the type shows it.
    pub fn parse(text: &str) -> Option<Self> {
        let url = parse_http_url(text)?;
        (url.path() == "/" && url.query().is_none() && url.fragment().is_none()).then_some(Self(url))
    }

    /// Writes the origin (RFC 6454 section 6.2): the URL, which has nothing else, but for its path.
    #[doc(hidden)]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Returns the scheme.
    #[doc(hidden)]
    pub fn scheme(&self) -> Scheme {
        if self.0.scheme() == "https" { Scheme::Https } else { Scheme::Http }
    }

    /// Resolves a reference as a browser on this site would.
    #[doc(hidden)]
    pub fn join(&self, reference: &str) -> Option<Url> {
        self.0.join(reference).ok()
    }

    /// Tells whether a URL is of this origin.
    #[doc(hidden)]
    pub fn is_origin_of(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }

    /// Tells whether the origin is this machine.
    #[doc(hidden)]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Returns the origin as a URL.
    #[doc(hidden)]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns a URL as the target of a request. There is none where the URL is longer than 64 KiB, or its host has characters
/// such as `{`, which the URL standard permits and RFC 3986 does not.
pub fn to_uri(url: &Url) -> Option<Uri> {
    Uri::try_from(url.as_str()).ok()
}

/// Tells whether a URL's host is this machine: `localhost`, `127.0.0.0/8` or `::1`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => {
            // A dot at the end makes a name absolute, and no other (RFC 1034 section 3.1).
            let domain = domain.strip_suffix('.').unwrap_or(domain);
            domain == "localhost" || domain.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// One entry of the list of trusted origins: an origin, `https://*.example.com`, or `https://example.com:*`.
///
/// ```
/// use aura_session::OriginPattern;
/// assert!(OriginPattern::parse("https://*.example.com").is_some());
/// assert!(OriginPattern::parse("https://a.*.example.com").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    /// The pattern without its stars.
    url: Url,
    host: HostPattern,
    port: PortPattern,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostPattern {
    Exactly,
    /// One label and a dot in front of it.
    OneLabelBefore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PortPattern {
    /// This port, or the scheme's own if there is none.
    Exactly,
    /// Any port that is spelled out.
    AnyExplicit,
}

impl OriginPattern {
    /// Reads a pattern; a star stands only for one whole left-most label, or for the port. The example of the type shows it.
    pub fn parse(text: &str) -> Option<Self> {
        // The URL standard drops some of these, so that what is compared is not what is read here.
        if text.len() > MAX_PATTERN || text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return None;
        }
        let text = text.replace('\\', "");
        let (scheme, rest) = text.split_once("://")?;
        // Else a host could stand before the colon: `https:/a.test://b.test` is a URL of a.test.
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return None;
        }
        let (authority, path) =
            rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
        if path.contains('*') {
            return None;
        }
        let (authority, port) = match authority.strip_suffix(":*") {
            Some(authority) => (authority, PortPattern::AnyExplicit),
            None => (authority, PortPattern::Exactly),
        };
        let (written, host) = match authority.strip_prefix("*.") {
            Some(rest) => (rest, HostPattern::OneLabelBefore),
            None => (authority, HostPattern::Exactly),
        };
        // The URL standard checks the rest: the host's characters, its case, the port.
        let url = parse_http_url(&format!("{scheme}://{written}"))?;
        let is_misplaced = match (host, url.host()) {
            (HostPattern::Exactly, _) | (HostPattern::OneLabelBefore, Some(Host::Domain(_))) => false,
            (HostPattern::OneLabelBefore, _) => true,
        };
        let has_two_ports = port == PortPattern::AnyExplicit && url.port().is_some();
        // An international name grows when it is spelled for look-up, so that what is written might be too long to read.
        // A star that is percent-encoded is a character of the host, which no name has.
        let is_host = url.host_str().is_some_and(|host| host.len() <= MAX_HOST && !host.contains('*'));
        let is_sound = !written.contains(['*', '?', '#']) && !is_misplaced && !has_two_ports && is_host;
        is_sound.then_some(Self { url, host, port })
    }

    /// Tells whether a URL's origin matches.
    pub(crate) fn matches(&self, url: &Url) -> bool {
        let (host, own) = (url.host_str().unwrap_or_default(), self.url.host_str().unwrap_or_default());
        let host_matches = match self.host {
            HostPattern::Exactly => host == own,
            HostPattern::OneLabelBefore => host
                .strip_suffix(own)
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|label| !label.is_empty() && !label.contains('.')),
        };
        let port_matches = match self.port {
            PortPattern::Exactly => url.port() == self.url.port(),
            PortPattern::AnyExplicit => url.port().is_some(),
        };
        url.scheme() == self.url.scheme() && host_matches && port_matches
    }

    /// Returns the URL of the pattern without its stars.
    #[doc(hidden)]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Tells whether the pattern has a star where anyone can register a name. The whole public suffix list would be
    /// too much for a hint: it looks for `*.com`, for the likes of `*.co.uk`, and for some hosts of other people's sites.
    #[doc(hidden)]
    pub fn is_broad(&self) -> bool {
        let suffix = match (self.host, self.url.host_str()) {
            (HostPattern::OneLabelBefore, Some(suffix)) => suffix,
            (HostPattern::OneLabelBefore | HostPattern::Exactly, _) => return false,
        };
        match suffix.split_once('.') {
            None => suffix != "localhost",
            Some((second, top)) => {
                SHARED_SUFFIXES.contains(&suffix) || (top.len() == 2 && SECOND_LEVELS.contains(&second))
            }
        }
    }
}

/// Writes the pattern as a configuration would.
impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = match self.host {
            HostPattern::Exactly => "",
            HostPattern::OneLabelBefore => "*.",
        };
        write!(f, "{}://{star}{}", self.url.scheme(), self.url.host_str().unwrap_or_default())?;
        match (self.port, self.url.port()) {
            (PortPattern::Exactly, None) => Ok(()),
            (PortPattern::Exactly, Some(port)) => write!(f, ":{port}"),
            (PortPattern::AnyExplicit, _) => f.write_str(":*"),
        }
    }
}

/// The origins of other sites that a redirect may lead to and a state-changing request may come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedOrigins(pub Vec<OriginPattern>);

impl TrustedOrigins {
    /// Tells whether the origin of a URL matches one of the patterns.
    pub fn contains(&self, url: &Url) -> bool {
        self.0.iter().any(|pattern| pattern.matches(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// contract 3.7: URL, pattern, trusted.
    const EXAMPLES: [(&str, &str, bool); 27] = [
        ("https://example.com/auth", "https://example.com", true),
        ("http://example.com", "https://example.com", false),
        ("https://demo.com", "https://example.com", false),
        ("https://example.com:3000", "https://example.com:3000", true),
        ("https://example.com:3000", "https://example.com:8080", false),
        ("https://example.com:3000", "https://example.com", false),
        ("https://example.com", "https://example.com:3000", false),
        ("https://example.com:3000", "https://example.com:*", true),
        ("https://app.example.com", "https://*.example.com", true),
        ("https://example.com", "https://*.example.com", false),
        ("https://app.com", "https://*.example.com", false),
        ("http://sub.example.com:8080", "http://*.example.com", false),
        ("http://sub.example.com:8080", "http://*.example.com:8080", true),
        ("http://sub.example.com:8080", "http://*.example.com:3000", false),
        ("http://sub.example.com", "http://*.example.com:8080", false),
        ("https://sub.example.com:8000", "https://*.example.com:*", true),
        ("myapp://callback.com", "myapp://callback.com", false),
        ("myapp://callback", "myapp://*", false),
        ("https://example.com", "https://example\\.com", true),
        ("https://example.com", "https://example\\.org", false),
        ("https://api.example.com", "https://*\\.example\\.com", true),
        ("https://invalidexample.com", "https://*example.com", false),
        ("https://example.com:3000", "https://example.com*", false),
        ("https://example.com", "https://exa*mple.com", false),
        ("https://sub.sub.example.com", "https://*.example.com", false),
        ("https://example.com", "https://example.*.com", false),
        ("https://api.example.com", "https://api.*.com", false),
    ];

    #[test]
    fn or_7_patterns_match_as_documented() {
        for (url, pattern, trusted) in EXAMPLES {
            let url = Url::parse(url).unwrap();
            let matches = OriginPattern::parse(pattern).is_some_and(|pattern| pattern.matches(&url));
            assert_eq!(matches, trusted, "{url} against {pattern}");
        }
    }

    #[test]
    fn a_pattern_has_one_scheme_and_nothing_that_urls_drop() {
        for pattern in [
            "https:/a.test://b.test",
            "https:/a*://b.test",
            "https:a.test://b.test",
            "https://a.test\n",
            " https://a.test",
            "https://a.\ttest",
            "ht\ntps://a.test",
        ] {
            assert_eq!(OriginPattern::parse(pattern), None, "{pattern:?}");
        }
        assert!(OriginPattern::parse("HTTPS://a.test").is_some());
    }

    #[test]
    fn a_pattern_has_a_host_that_can_be_looked_up() {
        let of =
            |label: &str, count: usize| OriginPattern::parse(&format!("https://{}test", label.repeat(count)));
        assert!(of("b\u{fc}cher.", 10).is_some());
        assert_eq!(of("b\u{fc}cher.", 250), None);
        assert!(of("a.", 124).is_some() && of("a.", 125).is_none());
    }

    #[test]
    fn a_pattern_that_is_written_reads_back() {
        let patterns = EXAMPLES.iter().filter_map(|(_, pattern, _)| OriginPattern::parse(pattern));
        for pattern in patterns {
            assert_eq!(OriginPattern::parse(&pattern.to_string()), Some(pattern));
        }
    }

    #[test]
    fn an_origin_has_no_path_query_fragment_or_user() {
        for text in
            ["https://a.test/x", "https://a.test?x", "https://u@a.test", "ftp://a.test", "a.test", "https://"]
        {
            assert_eq!(Origin::parse(text), None, "{text}");
        }
        assert_eq!(Origin::parse("HTTPS://A.test:443/").unwrap().to_string(), "https://a.test");
    }

    #[test]
    fn loopback_is_this_machine_only() {
        let loopback = |text| is_loopback(&Url::parse(text).unwrap());
        for text in [
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://a.localhost",
        ] {
            assert!(loopback(text), "{text}");
        }
        for text in
            ["http://localhost.evil.test", "http://128.0.0.1", "http://[::2]", "http://127.0.0.1.evil.test"]
        {
            assert!(!loopback(text), "{text}");
        }
    }

    #[test]
    fn a_pattern_of_2048_characters_is_read_and_one_more_is_not() {
        let of = |length: usize| OriginPattern::parse(&format!("https://a.test/{}", "x".repeat(length - 15)));
        assert!(of(MAX_PATTERN).is_some());
        assert_eq!(of(MAX_PATTERN + 1), None);
    }

    #[test]
    fn a_star_stands_where_names_are_and_for_a_port_that_is_not_said() {
        for pattern in [
            "https://exa*mple.com",
            "https://%2A.a.test",
            "https://a.test?x",
            "https://*.127.0.0.1",
            "https://a.test:80:*",
        ] {
            assert_eq!(OriginPattern::parse(pattern), None, "{pattern}");
        }
    }
}
