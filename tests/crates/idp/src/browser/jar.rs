//! Cookie jar: storage and retrieval (RFC 6265bis 5.7 and 5.8).

use http::HeaderValue;
use url::Url;

use super::context::{RequestContext, RequestKind};
use super::cookie::{Cookie, default_path, domain_matches};
use super::origin::{is_ip_address, is_loopback, registrable_domain};
use super::refused::Refused;
use super::set_cookie::{PathAttribute, SameSite, SetCookie, has_prefix};

/// A registrable domain has at most this many cookies (RFC 6265bis 6.1 leaves the number to the browser).
pub const MAX_COOKIES_PER_DOMAIN: usize = 180;
/// A cookie lives at most 400 days (RFC 6265bis 5.5).
pub const MAX_LIFETIME: u64 = 400 * 24 * 60 * 60;

/// Which origins count as secure for the `Secure` attribute (RFC 6265bis 5.7 step 13 leaves it to the browser).
///
/// ```
/// # use {aura_test_idp::browser::{Jar, SecureOrigins}, url::Url};
/// let mut jar = Jar::default();
/// jar.secure_origins = SecureOrigins::HttpsAndLoopback;
/// assert_eq!(jar.set(&Url::parse("http://localhost:3000/")?, b"__Host-a=b; Secure; Path=/", 0), Ok(()));
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecureOrigins {
    /// `https` alone, as Safari does.
    #[default]
    HttpsOnly,
    /// `https` and loopback hosts, as Chrome and Firefox do.
    HttpsAndLoopback,
}

/// A cookie store that keeps and sends cookies according to RFC 6265bis 5.7 and 5.8.
///
/// ```
/// # use {aura_test_idp::browser::{Jar, RequestContext}, url::Url};
/// let (mut jar, url) = (Jar::default(), Url::parse("https://app.example/")?);
/// jar.set(&url, b"__Host-sid=31d4; Secure; Path=/; HttpOnly", 0).unwrap();
/// assert_eq!(jar.cookie_header(&RequestContext::typed(&url), 0).unwrap(), "__Host-sid=31d4");
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Jar {
    /// Which origins count as secure.
    pub secure_origins: SecureOrigins,
    cookies: Vec<Cookie>,
    /// Grows with every creation and access, because one second holds many of them.
    ticks: u64,
}

/// How a cookie came (RFC 6265bis 5.7).
#[derive(Clone, Copy)]
enum Via<'a> {
    Http(&'a RequestContext),
    Script,
}

impl Jar {
    /// Stores what a response from `url` sets, as the answer to a same-site request (RFC 6265bis 5.7).
    ///
    /// # Errors
    /// [`Refused`] by the first rule that the cookie breaks.
    pub fn set(&mut self, url: &Url, set_cookie: &[u8], now: u64) -> Result<(), Refused> {
        self.set_from(&RequestContext::typed(url), set_cookie, now)
    }

    /// Stores what the response to the described request sets (RFC 6265bis 5.7).
    ///
    /// # Errors
    /// [`Refused`] by the first rule that the cookie breaks.
    pub fn set_from(&mut self, context: &RequestContext, set_cookie: &[u8], now: u64) -> Result<(), Refused> {
        self.store(&context.target, SetCookie::parse(set_cookie)?, Via::Http(context), now)
    }

    /// Stores what a page at `url` writes to `document.cookie` (RFC 6265bis 5.7, a "non-HTTP" API).
    ///
    /// # Errors
    /// [`Refused`] by the first rule that the cookie breaks.
    pub fn set_by_script(&mut self, url: &Url, set_cookie: &[u8], now: u64) -> Result<(), Refused> {
        self.store(url, SetCookie::parse(set_cookie)?, Via::Script, now)
    }

    /// Lets an attacker's server, for example on a sibling subdomain, try to plant a cookie (RFC 6265bis 8.6).
    ///
    /// # Errors
    /// [`Refused`] by the first rule that the cookie breaks: attackers get no other rules.
    pub fn plant(&mut self, attacker: &Url, set_cookie: &[u8], now: u64) -> Result<(), Refused> {
        self.set(attacker, set_cookie, now)
    }

    /// Returns the `Cookie` field of a request and marks its cookies as accessed (RFC 6265bis 5.8.3).
    pub fn cookie_header(&mut self, context: &RequestContext, now: u64) -> Option<HeaderValue> {
        self.evict_expired(now);
        let tick = self.tick();
        let is_secure = self.is_secure(&context.target);
        let mut sent: Vec<&mut Cookie> =
            self.cookies.iter_mut().filter(|c| is_sent(c, context, is_secure)).collect();
        sent.sort_by(|a, b| retrieval_order(a, b));
        let mut field = Vec::new();
        for cookie in sent {
            cookie.accessed = tick;
            cookie.write(&mut field);
        }
        // Cannot fail: control characters never come into the jar.
        HeaderValue::from_bytes(&field).ok().filter(|field| !field.is_empty())
    }

    /// Finds the cookie that a same-site request to `url` would send first under this name (RFC 6265bis 5.8.3).
    #[must_use]
    pub fn get(&self, url: &Url, name: &str, now: u64) -> Option<&Cookie> {
        self.visible(url, now).into_iter().find(|cookie| cookie.name == name)
    }

    /// Lists every cookie that is not expired, oldest first (RFC 6265bis 5.7).
    pub fn cookies(&self, now: u64) -> impl Iterator<Item = &Cookie> {
        self.cookies.iter().filter(move |cookie| !cookie.is_expired(now))
    }

    /// Returns what `document.cookie` reads on a page at `url`: no `HttpOnly` cookie (RFC 6265bis 5.8.2).
    #[must_use]
    pub fn script_cookies(&self, url: &Url, now: u64) -> String {
        let mut field = Vec::new();
        self.visible(url, now)
            .into_iter()
            .filter(|cookie| !cookie.http_only)
            .for_each(|c| c.write(&mut field));
        String::from_utf8_lossy(&field).into_owned()
    }

    /// Forgets the cookies without an expiry-time, as closing the browser does (RFC 6265bis 5.7).
    pub fn end_session(&mut self) {
        self.cookies.retain(|cookie| cookie.expires.is_some());
    }

    /// Applies the storage model of RFC 6265bis 5.7, in its order.
    fn store(&mut self, url: &Url, parsed: SetCookie, via: Via<'_>, now: u64) -> Result<(), Refused> {
        self.evict_expired(now);
        // 1. to 12.
        let path_attribute = parsed.path.clone();
        let mut cookie = self.cookie_from(url, parsed, now)?;
        // 13. A Secure cookie needs a secure connection.
        let is_secure = self.is_secure(url);
        if cookie.secure_only && !is_secure {
            return Err(Refused::SecureFromInsecure);
        }
        // 15. A script sets no HttpOnly cookie.
        if matches!(via, Via::Script) && cookie.http_only {
            return Err(Refused::HttpOnlyFromScript);
        }
        // 16. An insecure origin leaves secure cookies alone.
        if !is_secure && self.cookies.iter().any(|existing| cookie.shadows(existing)) {
            return Err(Refused::ShadowsSecure);
        }
        // 18. A cross-site subresource sets no cookie but SameSite=None.
        if cookie.same_site != SameSite::None && is_cross_site_subresource(via) {
            return Err(Refused::CrossSite);
        }
        // 19. SameSite=None needs Secure.
        if cookie.same_site == SameSite::None && !cookie.secure_only {
            return Err(Refused::NoneWithoutSecure);
        }
        // 20. and 21. Prefixes promise attributes.
        if has_prefix(&cookie.name, b"__Secure-") && !cookie.secure_only {
            return Err(Refused::SecurePrefix);
        }
        let is_bound_to_host = cookie.secure_only && cookie.host_only && cookie.path == "/";
        if has_prefix(&cookie.name, b"__Host-")
            && (!is_bound_to_host || path_attribute == PathAttribute::Absent)
        {
            return Err(Refused::HostPrefix);
        }
        // 23. The same cookie is replaced and keeps its creation time.
        if let Some(index) = self.cookies.iter().position(|existing| existing.is_same_as(&cookie)) {
            let is_http_only = self.cookies.get(index).is_some_and(|existing| existing.http_only);
            if matches!(via, Via::Script) && is_http_only {
                return Err(Refused::ReplacesHttpOnly);
            }
            let replaced = self.cookies.remove(index);
            cookie.created = replaced.created;
            cookie.serial = replaced.serial;
        }
        // 24. Insert the cookie; one that is expired already has only removed its predecessor.
        self.insert(cookie, now);
        Ok(())
    }

    /// Makes the cookie that a field asks for (RFC 6265bis 5.7 steps 5 to 12).
    fn cookie_from(&mut self, url: &Url, parsed: SetCookie, now: u64) -> Result<Cookie, Refused> {
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(Refused::NoHost)?;
        let (domain, host_only) = domain_of(host, parsed.domain)?;
        let path = match parsed.path {
            PathAttribute::Given(path) => path,
            PathAttribute::Absent | PathAttribute::Default => default_path(url).to_owned(),
        };
        let from_max_age = parsed.max_age.map(|seconds| match u64::try_from(seconds) {
            Ok(seconds @ 1..) => now.saturating_add(seconds.min(MAX_LIFETIME)),
            Ok(0) | Err(_) => 0,
        });
        let from_expires = parsed.expires.map(|expires| expires.min(now.saturating_add(MAX_LIFETIME)));
        let tick = self.tick();
        Ok(Cookie {
            name: parsed.name,
            value: parsed.value,
            domain,
            host_only,
            path,
            secure_only: parsed.secure,
            http_only: parsed.http_only,
            same_site: parsed.same_site,
            expires: from_max_age.or(from_expires),
            created: now,
            serial: tick,
            accessed: tick,
        })
    }

    /// Inserts a cookie and evicts one if its domain then has too many (RFC 6265bis 5.7, "remove excess cookies").
    ///
    /// Counting by registrable domain, as browsers do, lets a sibling subdomain push cookies out.
    fn insert(&mut self, cookie: Cookie, now: u64) {
        if cookie.is_expired(now) {
            return;
        }
        let domain = registrable_domain(&cookie.domain).to_owned();
        let place = self.cookies.partition_point(|existing| existing.serial < cookie.serial);
        self.cookies.insert(place, cookie);
        let shares_domain = |cookie: &&Cookie| registrable_domain(&cookie.domain) == domain;
        if self.cookies.iter().filter(shares_domain).count() <= MAX_COOKIES_PER_DOMAIN {
            return;
        }
        let key = |cookie: &Cookie| (cookie.secure_only, cookie.accessed, cookie.serial);
        let oldest = self.cookies.iter().filter(shares_domain).map(key).min();
        self.cookies.retain(|cookie| Some(key(cookie)) != oldest);
    }

    fn evict_expired(&mut self, now: u64) {
        self.cookies.retain(|cookie| !cookie.is_expired(now));
    }

    /// Lists what a same-site page at `url` has, in the order of retrieval.
    fn visible(&self, url: &Url, now: u64) -> Vec<&Cookie> {
        let (context, is_secure) = (RequestContext::typed(url), self.is_secure(url));
        let mut cookies: Vec<&Cookie> =
            self.cookies(now).filter(|c| is_sent(c, &context, is_secure)).collect();
        cookies.sort_by(|a, b| retrieval_order(a, b));
        cookies
    }

    fn is_secure(&self, url: &Url) -> bool {
        match self.secure_origins {
            SecureOrigins::HttpsOnly => url.scheme() == "https",
            SecureOrigins::HttpsAndLoopback => url.scheme() == "https" || is_loopback(url),
        }
    }

    fn tick(&mut self) -> u64 {
        self.ticks = self.ticks.saturating_add(1);
        self.ticks
    }
}

/// Decides domain and host-only-flag (RFC 6265bis 5.7 steps 9 and 10), where a single label is a public suffix.
fn domain_of(host: &str, attribute: Option<String>) -> Result<(String, bool), Refused> {
    let Some(domain) = attribute else { return Ok((host.to_owned(), true)) };
    let belongs_to_one_host = is_ip_address(&domain) || !domain.contains('.');
    if belongs_to_one_host && domain == host {
        return Ok((domain, true));
    }
    if !domain.contains('.') {
        return Err(Refused::PublicSuffix);
    }
    if !domain_matches(host, &domain) {
        return Err(Refused::DomainMismatch);
    }
    Ok((domain, false))
}

fn is_cross_site_subresource(via: Via<'_>) -> bool {
    match via {
        Via::Http(context) => !context.is_same_site() && context.kind == RequestKind::Subresource,
        Via::Script => false,
    }
}

/// Returns whether a cookie goes with a request (RFC 6265bis 5.8.3 step 1).
fn is_sent(cookie: &Cookie, context: &RequestContext, is_secure: bool) -> bool {
    let crosses = match cookie.same_site {
        SameSite::None => true,
        SameSite::Lax | SameSite::Default => context.carries_lax(),
        SameSite::Strict => context.is_same_site(),
    };
    crosses && cookie.matches(&context.target) && (is_secure || !cookie.secure_only)
}

/// Orders longer paths first, then earlier creations (RFC 6265bis 5.8.3 step 2).
fn retrieval_order(a: &Cookie, b: &Cookie) -> std::cmp::Ordering {
    b.path.len().cmp(&a.path.len()).then(a.created.cmp(&b.created)).then(a.serial.cmp(&b.serial))
}

#[cfg(test)]
mod retrieval_tests;
#[cfg(test)]
mod storage_tests;
