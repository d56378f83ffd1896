//! `Set-Cookie`, with the attributes of the contract in its order (RFC 6265 section 4.1).

use crate::origin::Scheme;
use http::HeaderValue;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// Longest cookie that browsers keep, name and value together, in bytes (RFC 6265bis section 5.6).
pub const MAX_COOKIE: usize = 4096;

/// When a cookie is sent with cross-site requests (RFC 6265bis section 5.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// With top-level navigations.
    Lax,
    /// Never.
    Strict,
    /// Always; for sites that other sites show in a frame. Browsers require `Secure` with it, so plain http gets `Lax`.
    None,
}

/// The priority of a cookie when a browser evicts some (a Chromium extension; other browsers ignore it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Priority {
    /// Dropped first.
    Low,
    /// The browser's default.
    Medium,
    /// Dropped last.
    High,
}

/// The attributes of a cookie; `HttpOnly` is always set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// How long the cookie lives.
    pub max_age: Duration,
    /// The domain, where it is not the host alone.
    pub domain: Option<String>,
    /// The path.
    pub path: String,
    /// `Secure` on https.
    pub scheme: Scheme,
    /// Whether it is kept apart for each site that frames this one.
    pub partitioned: bool,
    /// Its priority.
    pub priority: Option<Priority>,
    /// Which sites' requests it goes with.
    pub same_site: SameSite,
}

impl Attributes {
    /// Returns the attributes of a host-only cookie with `Path=/`.
    pub fn of_host(max_age: Duration, same_site: SameSite, scheme: Scheme) -> Self {
        Self {
            max_age,
            domain: None,
            path: "/".to_owned(),
            scheme,
            partitioned: false,
            priority: None,
            same_site,
        }
    }

    /// Writes the attributes, for every cookie that has them.
    pub fn written(self) -> Arc<WrittenAttributes> {
        let set = self.write(self.max_age.as_secs(), "");
        let clear = self.write(0, "; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        Arc::new(WrittenAttributes { attributes: self, set, clear })
    }

    /// Writes the attributes in the order of Aura Auth's wire contract.
    fn write(&self, max_age: u64, expires: &str) -> String {
        let Self { domain, path, scheme, partitioned, priority, same_site, .. } = self;
        let secure = match scheme {
            Scheme::Https => "; Secure",
            Scheme::Http => "",
        };
        let partitioned = if *partitioned { "; Partitioned" } else { "" };
        let priority = match priority {
            Some(Priority::Low) => "; Priority=Low",
            Some(Priority::Medium) => "; Priority=Medium",
            Some(Priority::High) => "; Priority=High",
            None => "",
        };
        let same_site = match same_site {
            SameSite::Lax => "Lax",
            SameSite::Strict => "Strict",
            SameSite::None => "None",
        };
        let (before, domain) = domain.as_deref().map_or(("", ""), |domain| ("; Domain=", domain));
        format!(
            "; Max-Age={max_age}{before}{domain}; Path={path}{expires}; HttpOnly{secure}{partitioned}{priority}; SameSite={same_site}"
        )
    }
}

/// Attributes, and what is written of them behind name and value. To write them with each cookie takes 500 instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenAttributes {
    attributes: Attributes,
    set: String,
    clear: String,
}

impl Deref for WrittenAttributes {
    type Target = Attributes;

    fn deref(&self) -> &Attributes {
        &self.attributes
    }
}

/// Whether a browser keeps a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lifetime {
    For(Duration),
    /// Drop it at once.
    Cleared,
}

/// A cookie to set or to clear, always `HttpOnly` (RFC 6265 section 4.1).
///
/// ```
/// # use aura_proto::Action;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
/// let request = http::Request::get("/auth/csrfToken").body(bytes::Bytes::new())?;
/// let Action::Respond(respond) = auth.handle(request, now, entropy) else { unreachable!() };
/// let cookie = &respond.cookies[0];
/// assert_eq!(cookie.name(), "__Host-aura-auth.csrf_token");
/// assert!(!cookie.clears());
/// assert!(cookie.to_header_value().to_str()?.contains("; HttpOnly"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    name: String,
    value: Zeroizing<String>,
    lifetime: Lifetime,
    attributes: Arc<WrittenAttributes>,
}

impl SetCookie {
    /// Sets a cookie. Name and value are this library's: tokens without `;`, spaces or control characters.
    #[doc(hidden)]
    pub fn set(name: String, value: String, attributes: &Arc<WrittenAttributes>) -> Self {
        let lifetime = Lifetime::For(attributes.max_age);
        Self { name, value: Zeroizing::new(value), lifetime, attributes: Arc::clone(attributes) }
    }

    /// Clears a cookie that was set with these attributes: browsers tell cookies apart by name, domain and path.
    pub(crate) fn clear(name: String, attributes: &Arc<WrittenAttributes>) -> Self {
        let value = Zeroizing::default();
        Self { name, value, lifetime: Lifetime::Cleared, attributes: Arc::clone(attributes) }
    }

    /// Puts the public path in front of the paths of cookies whose `Path` is not `/`.
    #[doc(hidden)]
    pub fn put_under(public_path: &str, cookies: &mut [Self]) {
        let of_a_path = cookies.iter_mut().filter(|cookie| cookie.attributes.path != "/");
        for cookie in of_a_path.filter(|_| !public_path.is_empty()) {
            let path = format!("{public_path}{}", cookie.attributes.path);
            let attributes = cookie.attributes.attributes.clone();
            cookie.attributes = Attributes { path, ..attributes }.written();
        }
    }

    /// Tells whether browsers will keep the cookie.
    #[doc(hidden)]
    pub fn fits(&self) -> bool {
        self.name.len().saturating_add(self.value.len()) <= MAX_COOKIE
    }

    /// Returns the cookie's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether the browser is to drop the cookie.
    pub fn clears(&self) -> bool {
        self.lifetime == Lifetime::Cleared
    }

    /// Writes the value of a `Set-Cookie` header.
    pub fn to_header_value(&self) -> HeaderValue {
        // Cannot fail: names, values and attributes have been checked or are of our own making, in visible ASCII.
        let mut header = HeaderValue::try_from(self.write()).unwrap_or_else(|_| HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }

    /// Writes the cookie into a buffer of its length, which becomes the header's.
    fn write(&self) -> String {
        let attributes = match self.lifetime {
            Lifetime::For(_) => &self.attributes.set,
            Lifetime::Cleared => &self.attributes.clear,
        };
        [&self.name, "=", &self.value, attributes].concat()
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetCookie({}={:?})", self.name, self.lifetime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(age: u64, same_site: SameSite, scheme: Scheme) -> Arc<WrittenAttributes> {
        Attributes::of_host(Duration::from_secs(age), same_site, scheme).written()
    }

    #[test]
    fn attributes_are_written_as_recorded() {
        let set = |name: &str, age, same_site, scheme| {
            SetCookie::set(name.into(), "xyz123".into(), &attributes(age, same_site, scheme))
                .to_header_value()
        };
        assert_eq!(
            set("state", 300, SameSite::Lax, Scheme::Https),
            "state=xyz123; Max-Age=300; Path=/; HttpOnly; Secure; SameSite=Lax"
        );
        assert_eq!(
            set("__Host-aura-auth.csrf_token", 1_296_000, SameSite::Strict, Scheme::Https),
            "__Host-aura-auth.csrf_token=xyz123; Max-Age=1296000; Path=/; HttpOnly; Secure; SameSite=Strict"
        );
        let plain = attributes(300, SameSite::Lax, Scheme::Http);
        assert_eq!(
            SetCookie::clear("aura-auth.session_token".into(), &plain).to_header_value(),
            "aura-auth.session_token=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn so_12_clearing_repeats_path_domain_and_partition() {
        let attributes = Attributes {
            domain: Some("example.test".into()),
            path: "/app".into(),
            partitioned: true,
            priority: Some(Priority::High),
            ..Attributes::of_host(Duration::from_secs(60), SameSite::None, Scheme::Https)
        }
        .written();
        let rest = "HttpOnly; Secure; Partitioned; Priority=High; SameSite=None";
        assert_eq!(
            SetCookie::set("a".into(), "b".into(), &attributes).to_header_value(),
            format!("a=b; Max-Age=60; Domain=example.test; Path=/app; {rest}")
        );
        assert_eq!(
            SetCookie::clear("a".into(), &attributes).to_header_value(),
            format!(
                "a=; Max-Age=0; Domain=example.test; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT; {rest}"
            )
        );
    }

    #[test]
    fn se_07_a_cookie_never_shows_its_value() {
        let cookie = SetCookie::set("a".into(), "s3cret".into(), &attributes(1, SameSite::Lax, Scheme::Http));
        assert_eq!(format!("{cookie:?}"), "SetCookie(a=For(1s))");
        assert_eq!(format!("{:?}", cookie.to_header_value()), "Sensitive");
    }
}
