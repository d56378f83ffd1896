//! The table of cookies that a configuration leads to, and its checks.

use super::ConfigError;
use super::cookies::{BoundCookieOverride, CookieOverride, Cookies, Names, SecureStrategy};
use crate::cookie::set::{Attributes, SameSite};
use crate::cookie::{CookieTable, OurCookie};
use crate::csrf;
use crate::origin::{Origin, Scheme};
use std::time::Duration;

const DEFAULT_PREFIX: &str = "aura-auth";
/// Longest lifetime of a cookie; browsers cut it to 400 days.
const MAX_AGE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// The configuration that the cookies must fit.
pub(super) struct CookieSite<'a> {
    pub(super) base_url: Option<&'a Origin>,
    pub(super) base_path: &'a str,
    pub(super) session_max_age: Duration,
    /// How long a session lives at most, however often it is renewed.
    pub(super) longest_session: Duration,
    pub(super) attempt_lifetime: Duration,
}

/// Checks the configuration of the cookies and makes the tables for plain http and for https.
pub(super) fn check_cookies(
    cookies: Cookies,
    site: &CookieSite<'_>,
) -> Result<[CookieTable; 2], ConfigError> {
    let prefix = check_prefix(cookies.prefix.unwrap_or_else(|| DEFAULT_PREFIX.to_owned()))?;
    let names = cookies.names;
    let rows = [
        Row::shared(cookies.session, "session_token", names, site.session_max_age, site)?,
        Row::bound(cookies.csrf, "csrf_token", csrf::MAX_AGE, MAX_AGE)?,
        Row::bound(cookies.attempt, "state", site.attempt_lifetime, site.attempt_lifetime)?,
        // A renewed session leaves its provider tokens alone, so their cookies live longer than its first one.
        Row::shared(cookies.access_token, "access_token", names, site.longest_session, site)?,
    ];
    check_names(&rows)?;
    Ok([Scheme::Http, Scheme::Https].map(|scheme| table(&rows, &prefix, scheme)))
}

/// One kind of cookie: its logical name in the contract, its name, and its override.
struct Row {
    cookie: &'static str,
    name: String,
    max_age: Duration,
    path: String,
    domain: Option<String>,
    strategy: SecureStrategy,
    overrides: CookieOverride,
}

/// No name may be another one, or be taken for one of another's attempts, providers or chunks.
fn check_names(rows: &[Row; 4]) -> Result<(), ConfigError> {
    for (at, row) in rows.iter().enumerate() {
        let is_within = |(other_at, other): (usize, &Row)| {
            let rest = row.name.strip_prefix(&other.name).filter(|_| other_at != at);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if rows.iter().enumerate().any(is_within) {
            return Err(ConfigError::CookieName { cookie: row.cookie, value: row.name.clone() });
        }
    }
    Ok(())
}

fn table([session, csrf, attempt, access_token]: &[Row; 4], prefix: &str, scheme: Scheme) -> CookieTable {
    // The markers that browsers enforce (RFC 6265bis section 4.1.3) need `Secure`, so plain http has none.
    let (host, secure) = match scheme {
        Scheme::Https => ("__Host-", "__Secure-"),
        Scheme::Http => ("", ""),
    };
    let name = |marker: &str, row: &Row| format!("{marker}{prefix}.{}", row.name);
    let shared = |row: &Row| {
        let marker = if row.strategy == SecureStrategy::HostPrefix { host } else { secure };
        OurCookie::new(name(marker, row), row.attributes(scheme))
    };
    let in_frames = session.attributes(scheme);
    let bound = |row: &Row, same_site| {
        let usual = Attributes::of_host(row.max_age, same_site, scheme);
        // In a frame of another site no flow ends without its attempt and its CSRF token.
        let attributes = match in_frames.same_site {
            SameSite::Lax | SameSite::Strict => usual,
            SameSite::None => {
                Attributes { same_site: SameSite::None, partitioned: in_frames.partitioned, ..usual }
            }
        };
        OurCookie::new(name(host, row), attributes)
    };
    let snapshot = [&shared(session).name, ".snapshot"].concat();
    CookieTable {
        snapshot: OurCookie::new(snapshot, session.attributes(scheme)),
        session: shared(session),
        csrf: bound(csrf, SameSite::Strict),
        attempts: bound(attempt, SameSite::Lax),
        access_tokens: shared(access_token),
    }
}

impl Row {
    fn bound(
        overrides: BoundCookieOverride,
        cookie: &'static str,
        default_age: Duration,
        longest: Duration,
    ) -> Result<Self, ConfigError> {
        let is_sound = |age: &Duration| age.subsec_nanos() == 0 && !age.is_zero() && *age <= longest;
        if !overrides.max_age.as_ref().is_none_or(is_sound) {
            return Err(ConfigError::CookieMaxAge { cookie });
        }
        let max_age = overrides.max_age.unwrap_or(default_age);
        let name = overrides.name.unwrap_or_else(|| cookie.to_owned());
        if !is_name(&name) {
            return Err(ConfigError::CookieName { cookie, value: name });
        }
        let (path, domain, overrides) = ("/".to_owned(), None, CookieOverride::default());
        Ok(Self { cookie, name, max_age, path, domain, strategy: SecureStrategy::HostPrefix, overrides })
    }

    fn shared(
        mut overrides: CookieOverride,
        cookie: &'static str,
        names: Names,
        default_age: Duration,
        site: &CookieSite<'_>,
    ) -> Result<Self, ConfigError> {
        let bound = std::mem::take(&mut overrides.bound);
        let row = Self::bound(bound, cookie, default_age, MAX_AGE)?;
        let path = match overrides.path.take() {
            Some(value) if !covers(&value, site.base_path) => {
                return Err(ConfigError::CookiePath { cookie, value });
            }
            Some(value) => value,
            None => "/".to_owned(),
        };
        let domain = match overrides.domain.take() {
            Some(value) => Some(check_domain(value, cookie, site.base_url)?),
            None => None,
        };
        let strategy = overrides.strategy.unwrap_or(match names {
            Names::Bound if path == "/" && domain.is_none() => SecureStrategy::HostPrefix,
            Names::Bound | Names::Reference => SecureStrategy::Secure,
        });
        Ok(Self { path, domain, strategy, overrides, ..row })
    }

    fn attributes(&self, scheme: Scheme) -> Attributes {
        let same_site = self.overrides.same_site.unwrap_or(SameSite::Lax);
        let host = Attributes::of_host(self.max_age, same_site, scheme);
        let said = Attributes { priority: self.overrides.priority, ..host };
        let (path, domain) = (self.path.clone(), self.domain.clone());
        let partitioned = self.overrides.partitioned;
        match (scheme, self.strategy) {
            (Scheme::Http, _) if same_site == SameSite::None => {
                Attributes { path, domain, same_site: SameSite::Lax, ..said }
            }
            (Scheme::Http, _) => Attributes { path, domain, ..said },
            (Scheme::Https, SecureStrategy::Host | SecureStrategy::HostPrefix) => {
                Attributes { partitioned, ..said }
            }
            (Scheme::Https, SecureStrategy::Secure | SecureStrategy::Standard) => {
                Attributes { path, domain, partitioned, ..said }
            }
        }
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// A prefix that begins like a marker would make browsers refuse every cookie on plain http.
fn check_prefix(value: String) -> Result<String, ConfigError> {
    let sound = !value.is_empty()
        && value.len() <= 64
        && value.bytes().all(is_plain)
        && !value.ends_with('.')
        && !value.starts_with("__");
    if sound { Ok(value) } else { Err(ConfigError::CookiePrefix { value }) }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64 && name.split('.').all(|part| !part.is_empty()) && name.bytes().all(is_plain)
}

/// Tells whether a cookie with this path is sent to everything under the base path (RFC 6265 section 5.1.4).
fn covers(path: &str, base_path: &str) -> bool {
    let rest = base_path.strip_prefix(path);
    path.starts_with('/')
        && rest.is_some_and(|rest| rest.is_empty() || path.ends_with('/') || rest.starts_with('/'))
}

/// A domain has two labels at least, since browsers refuse cookies for a whole top-level domain, and this site is in it.
fn check_domain(
    value: String,
    cookie: &'static str,
    base_url: Option<&Origin>,
) -> Result<String, ConfigError> {
    let domain = value.strip_prefix('.').unwrap_or(&value).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_address =
        domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let sound = domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label) && !is_address;
    let is_ours = base_url.and_then(|origin| origin.url().host_str()).is_none_or(|host| {
        host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    if sound && is_ours { Ok(domain) } else { Err(ConfigError::CookieDomain { cookie, value }) }
}

#[cfg(test)]
#[path = "cookie_table_tests.rs"]
mod tests;
