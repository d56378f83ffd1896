//! How is a cookie set? With the attributes of the contract, in its order (RFC 6265 section 4.1).

use crate::origin::Scheme;
use http::HeaderValue;
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

/// Longest cookie that browsers keep, name and value together, in bytes (RFC 6265bis section 5.6).
pub(crate) const MAX_COOKIE: usize = 4096;

/// When a cookie is sent along with requests that another site began (RFC 6265bis section 5.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// With top-level navigations.
    Lax,
    /// Never.
    Strict,
}

/// How long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    For(Duration),
    /// Drop it at once.
    Cleared,
}

/// A cookie to set or to clear: always `HttpOnly` and `Path=/`, never with a `Domain`.
///
/// ```
/// # fn show(cookie: &aura_proto::SetCookie) -> http::HeaderValue {
/// println!("{} is set", cookie.name());
/// cookie.to_header_value()
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    name: String,
    value: Zeroizing<String>,
    lifetime: Lifetime,
    same_site: SameSite,
    scheme: Scheme,
}

impl SetCookie {
    /// Sets a cookie. Name and value are of our own making: tokens without `;`, spaces or control characters.
    pub(crate) fn set(
        name: String,
        value: String,
        age: Duration,
        same_site: SameSite,
        scheme: Scheme,
    ) -> Self {
        Self { name, value: Zeroizing::new(value), lifetime: Lifetime::For(age), same_site, scheme }
    }

    /// Clears a cookie.
    pub(crate) fn clear(name: String, same_site: SameSite, scheme: Scheme) -> Self {
        Self { name, value: Zeroizing::new(String::new()), lifetime: Lifetime::Cleared, same_site, scheme }
    }

    /// Tells whether browsers will keep the cookie.
    pub(crate) fn fits(&self) -> bool {
        self.name.len().saturating_add(self.value.len()) <= MAX_COOKIE
    }

    /// Returns the cookie's name.
    ///
    /// ```
    /// # fn show(cookie: &aura_proto::SetCookie) {
    /// assert!(cookie.name().starts_with("aura-auth."));
    /// # }
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether the browser is to drop the cookie.
    ///
    /// ```
    /// # fn show(cookie: &aura_proto::SetCookie) {
    /// if cookie.clears() { println!("{} is dropped", cookie.name()); }
    /// # }
    /// ```
    pub fn clears(&self) -> bool {
        self.lifetime == Lifetime::Cleared
    }

    /// Writes the value of a `Set-Cookie` header.
    ///
    /// ```
    /// # fn show(cookie: &aura_proto::SetCookie, headers: &mut http::HeaderMap) {
    /// headers.append(http::header::SET_COOKIE, cookie.to_header_value());
    /// # }
    /// ```
    pub fn to_header_value(&self) -> HeaderValue {
        let age = match self.lifetime {
            Lifetime::For(age) => age.as_secs(),
            Lifetime::Cleared => 0,
        };
        let expires = match self.lifetime {
            Lifetime::For(_) => "",
            Lifetime::Cleared => "; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        };
        let secure = match self.scheme {
            Scheme::Https => "; Secure",
            Scheme::Http => "",
        };
        let same_site = match self.same_site {
            SameSite::Lax => "Lax",
            SameSite::Strict => "Strict",
        };
        let (name, value) = (&self.name, self.value.as_str());
        let text =
            format!("{name}={value}; Max-Age={age}; Path=/{expires}; HttpOnly{secure}; SameSite={same_site}");
        // Cannot fail: names and values are of our own making, in visible ASCII.
        let mut header = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
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

    #[test]
    fn attributes_are_written_as_recorded() {
        let set = |name: &str, age, same_site, scheme| {
            SetCookie::set(name.into(), "xyz123".into(), Duration::from_secs(age), same_site, scheme)
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
        assert_eq!(
            SetCookie::clear("aura-auth.session_token".into(), SameSite::Lax, Scheme::Http).to_header_value(),
            "aura-auth.session_token=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn se_07_a_cookie_never_shows_its_value() {
        let cookie =
            SetCookie::set("a".into(), "s3cret".into(), Duration::from_secs(1), SameSite::Lax, Scheme::Http);
        assert_eq!(format!("{cookie:?}"), "SetCookie(a=For(1s))");
        assert_eq!(format!("{:?}", cookie.to_header_value()), "Sensitive");
    }
}
