//! The table of cookies that a configuration leads to, and its checks.

use super::ConfigError;
use super::cookies::{BoundCookieOverride, CookieOverride, Cookies, SecureStrategy};
use crate::cookie::set::{Attributes, SameSite};
use crate::cookie::{CookieTable, OurCookie};
use crate::csrf;
use crate::origin::{Origin, Scheme};
use std::time::Duration;

const DEFAULT_PREFIX: &str = "aura-auth";
/// Longest lifetime of a cookie; browsers cut it to 400 days.
const MAX_AGE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// What the cookies must fit to.
pub(super) struct Site<'a> {
    pub(super) base_url: Option<&'a Origin>,
    pub(super) base_path: &'a str,
    pub(super) session_max_age: Duration,
    /// How long a session lives at most, however often it is renewed.
    pub(super) longest_session: Duration,
    pub(super) attempt_lifetime: Duration,
}

/// Checks the configuration of the cookies and makes the tables for plain http and for https.
pub(super) fn check_cookies(cookies: Cookies, site: &Site<'_>) -> Result<[CookieTable; 2], ConfigError> {
    let prefix = check_prefix(cookies.prefix.unwrap_or_else(|| DEFAULT_PREFIX.to_owned()))?;
    let rows = Rows {
        session: Row::shared(cookies.session, "session_token", site.session_max_age, site)?,
        csrf: Row::bound(cookies.csrf, "csrf_token", csrf::MAX_AGE, MAX_AGE)?,
        attempt: Row::bound(cookies.attempt, "state", site.attempt_lifetime, site.attempt_lifetime)?,
        // A renewed session leaves its provider tokens alone, so their cookies live longer than its first one.
        access_token: Row::shared(cookies.access_token, "access_token", site.longest_session, site)?,
    };
    rows.check_names()?;
    Ok([rows.table(&prefix, Scheme::Http), rows.table(&prefix, Scheme::Https)])
}

struct Rows {
    session: Row,
    csrf: Row,
    attempt: Row,
    access_token: Row,
}

/// One kind of cookie: its logical name in the contract, its name, and what was said about it.
struct Row {
    cookie: &'static str,
    name: String,
    max_age: Duration,
    path: String,
    domain: Option<String>,
    overrides: CookieOverride,
}

impl Rows {
    /// No name may be another one, or be taken for one of another's attempts, providers or chunks.
    fn check_names(&self) -> Result<(), ConfigError> {
        let rows = [&self.session, &self.csrf, &self.attempt, &self.access_token];
        for (at, row) in rows.iter().enumerate() {
            let within = |other: &Row| {
                row.name
                    .strip_prefix(&other.name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            if rows.iter().enumerate().any(|(other_at, other)| other_at != at && within(other)) {
                return Err(ConfigError::CookieName { cookie: row.cookie, value: row.name.clone() });
            }
        }
        Ok(())
    }

    fn table(&self, prefix: &str, scheme: Scheme) -> CookieTable {
        // The markers that browsers enforce (RFC 6265bis section 4.1.3) need `Secure`, so plain http has none.
        let (host, secure) = match scheme {
            Scheme::Https => ("__Host-", "__Secure-"),
            Scheme::Http => ("", ""),
        };
        let name = |marker: &str, row: &Row| format!("{marker}{prefix}.{}", row.name);
        let bound = |row: &Row, same_site| {
            OurCookie::new(name(host, row), Attributes::of_host(row.max_age, same_site, scheme))
        };
        let shared = |row: &Row| {
            let is_bound = row.overrides.strategy == SecureStrategy::HostPrefix;
            OurCookie::new(name(if is_bound { host } else { secure }, row), row.attributes(scheme))
        };
        CookieTable {
            session: shared(&self.session),
            csrf: bound(&self.csrf, SameSite::Strict),
            attempts: bound(&self.attempt, SameSite::Lax),
            access_tokens: shared(&self.access_token),
        }
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
        Ok(Self { cookie, name, max_age, path, domain, overrides })
    }

    fn shared(
        mut overrides: CookieOverride,
        cookie: &'static str,
        default_age: Duration,
        site: &Site<'_>,
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
        Ok(Self { path, domain, overrides, ..row })
    }

    fn attributes(&self, scheme: Scheme) -> Attributes {
        let same_site = self.overrides.same_site.unwrap_or(SameSite::Lax);
        let host = Attributes::of_host(self.max_age, same_site, scheme);
        let said = Attributes { priority: self.overrides.priority, ..host };
        let (path, domain) = (self.path.clone(), self.domain.clone());
        match (scheme, self.overrides.strategy) {
            (Scheme::Http, _) => {
                let same_site = if same_site == SameSite::None { SameSite::Lax } else { same_site };
                Attributes { path, domain, same_site, ..said }
            }
            (Scheme::Https, SecureStrategy::Host | SecureStrategy::HostPrefix) => {
                Attributes { partitioned: self.overrides.partitioned, ..said }
            }
            (Scheme::Https, SecureStrategy::Secure | SecureStrategy::Standard) => {
                Attributes { path, domain, partitioned: self.overrides.partitioned, ..said }
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
mod tests {
    use super::*;
    use crate::cookie::set::Priority;

    const SITE: Site<'static> = Site {
        base_url: None,
        base_path: "/app/auth",
        session_max_age: Duration::from_secs(60),
        longest_session: Duration::from_secs(60),
        attempt_lifetime: Duration::from_secs(600),
    };

    fn table(scheme: Scheme, session: CookieOverride) -> CookieTable {
        let [plain, secure] = check_cookies(Cookies::default().session(session), &SITE).unwrap();
        match scheme {
            Scheme::Http => plain,
            Scheme::Https => secure,
        }
    }

    fn refusal(cookies: Cookies) -> ConfigError {
        check_cookies(cookies, &SITE).unwrap_err()
    }

    fn session(overrides: CookieOverride) -> Cookies {
        Cookies::default().session(overrides)
    }

    #[test]
    fn the_marker_follows_the_kind_of_cookie() {
        for strategy in [SecureStrategy::Host, SecureStrategy::Secure, SecureStrategy::Standard] {
            let overrides = CookieOverride::default().secure(strategy);
            let secure = table(Scheme::Https, overrides.clone());
            assert_eq!(secure.session.name, "__Secure-aura-auth.session_token");
            assert_eq!(secure.csrf.name, "__Host-aura-auth.csrf_token");
            assert_eq!(secure.attempts.name, "__Host-aura-auth.state");
            assert_eq!(secure.access_token("github").name, "__Secure-aura-auth.access_token.github");
            assert_eq!(table(Scheme::Http, overrides).session.name, "aura-auth.session_token");
        }
    }

    #[test]
    fn ck_09_host_keeps_path_and_domain_to_this_host_on_https() {
        let bound = CookieOverride::default().path("/app").domain("a.test").secure(SecureStrategy::Host);
        let secure = table(Scheme::Https, bound.clone()).session.attributes;
        assert_eq!((secure.path.as_str(), secure.domain.as_deref()), ("/", None));
        let plain = table(Scheme::Http, bound).session.attributes;
        assert_eq!((plain.path.as_str(), plain.domain.as_deref()), ("/app", Some("a.test")));
    }

    #[test]
    fn ck_09_every_cookie_can_be_named_for_this_host() {
        let bound =
            || CookieOverride::default().path("/app").domain("a.test").secure(SecureStrategy::HostPrefix);
        let cookies = || Cookies::default().session(bound()).access_token(bound());
        let [plain, secure] = check_cookies(cookies(), &SITE).unwrap();
        let kinds = |table: CookieTable| {
            [table.session.clone(), table.csrf.clone(), table.attempts.clone(), table.access_token("github")]
        };
        for cookie in kinds(secure) {
            assert!(cookie.name.starts_with("__Host-aura-auth."), "{}", cookie.name);
            assert_eq!((cookie.attributes.path.as_str(), cookie.attributes.domain.as_deref()), ("/", None));
        }
        assert!(kinds(plain).iter().all(|cookie| cookie.name.starts_with("aura-auth.")));
    }

    #[test]
    fn plain_http_has_neither_same_site_none_nor_partitions() {
        let framed =
            CookieOverride::default().same_site(SameSite::None).partitioned().priority(Priority::Low);
        let plain = table(Scheme::Http, framed.clone()).session.attributes;
        assert_eq!((plain.same_site, plain.partitioned), (SameSite::Lax, false));
        let secure = table(Scheme::Https, framed).session.attributes;
        assert_eq!((secure.same_site, secure.partitioned), (SameSite::None, true));
        assert_eq!(secure.priority, Some(Priority::Low));
    }

    #[test]
    fn lifetimes_are_whole_seconds_within_bounds() {
        let second = Duration::from_secs(1);
        let bound = |age| BoundCookieOverride::default().max_age(age);
        for (cookies, cookie) in [
            (session(CookieOverride::default().max_age(Duration::ZERO)), "session_token"),
            (session(CookieOverride::default().max_age(second * 3 / 2)), "session_token"),
            (session(CookieOverride::default().max_age(Duration::MAX)), "session_token"),
            (Cookies::default().csrf_token(bound(Duration::ZERO)), "csrf_token"),
            (Cookies::default().state(bound(second * 601)), "state"),
        ] {
            assert_eq!(refusal(cookies), ConfigError::CookieMaxAge { cookie });
        }
        assert!(check_cookies(Cookies::default().state(bound(second * 600)), &SITE).is_ok());
        assert_eq!(table(Scheme::Http, CookieOverride::default()).session.attributes.max_age, second * 60);
    }

    #[test]
    fn names_are_tokens_and_none_is_taken_for_another() {
        for value in ["", "bad name", "a=b", "a;b", "a.", ".a", "a..b", "ü", "a\n", &"a".repeat(65)] {
            let value = value.to_owned();
            let error = refusal(session(CookieOverride::default().name(&value)));
            assert_eq!(error, ConfigError::CookieName { cookie: "session_token", value });
        }
        for name in ["csrf_token", "state", "state.abcdefgh", "access_token.1"] {
            let error = refusal(session(CookieOverride::default().name(name)));
            assert!(matches!(error, ConfigError::CookieName { .. }), "{name}");
        }
        let nested = Cookies::default()
            .session(CookieOverride::default().name("a"))
            .csrf_token(BoundCookieOverride::default().name("a.1"));
        assert_eq!(refusal(nested), ConfigError::CookieName { cookie: "csrf_token", value: "a.1".into() });
        for value in ["", "a.", "a b", "__Host-a", "__secure-a"].map(str::to_owned) {
            let error = refusal(Cookies::default().prefix(&value));
            assert_eq!(error, ConfigError::CookiePrefix { value });
        }
    }

    #[test]
    fn a_path_is_one_that_the_routes_lie_under() {
        for path in ["/", "/app", "/app/", "/app/auth"] {
            let overrides = CookieOverride::default().path(path);
            assert_eq!(table(Scheme::Http, overrides).session.attributes.path, path);
        }
        for value in ["", "app", "/ap", "/x", "/x;y", "/app/auth/", "/app/auth/session", "/app\n"] {
            let value = value.to_owned();
            let error = refusal(session(CookieOverride::default().path(&value)));
            assert_eq!(error, ConfigError::CookiePath { cookie: "session_token", value });
        }
    }

    #[test]
    fn a_domain_is_one_that_this_site_is_in() {
        let app = Origin::parse("https://app.example.test").unwrap();
        let site = Site { base_url: Some(&app), ..SITE };
        let check = |domain: &str| check_cookies(session(CookieOverride::default().domain(domain)), &site);
        for domain in ["example.test", ".example.test", "APP.example.test"] {
            let [_, secure] = check(domain).unwrap();
            let written = domain.trim_start_matches('.').to_ascii_lowercase();
            assert_eq!(secure.session.attributes.domain, Some(written));
        }
        for value in [
            "*",
            "",
            ".",
            "test",
            "*.test",
            "a;b.test",
            "xample.test",
            "other.test",
            "b.app.example.test",
            "..example.test",
            "-a.test",
            "a b.test",
            "127.0.0.1",
            "ü.test",
            "example.test.",
        ] {
            let value = value.to_owned();
            let error = check(&value).unwrap_err();
            assert_eq!(error, ConfigError::CookieDomain { cookie: "session_token", value });
        }
    }

    #[test]
    fn a_host_cookie_may_be_partitioned() {
        let overrides = || CookieOverride::default().secure(SecureStrategy::Host);
        assert!(table(Scheme::Https, overrides().partitioned()).session.attributes.partitioned);
        assert!(!table(Scheme::Https, overrides()).session.attributes.partitioned);
    }

    #[test]
    fn labels_of_a_domain_are_letters_digits_and_hyphens_inside() {
        for domain in ["a-b.test", "1.test", "a.b-2.test"] {
            assert!(check_domain(domain.to_owned(), "session_token", None).is_ok(), "{domain}");
        }
        for domain in
            ["-a.test", "a-.test", "a_b.test", "a..test", "a b.test", &format!("{}.test", "a".repeat(64))]
        {
            let refused = check_domain(domain.to_owned(), "session_token", None);
            assert!(matches!(refused, Err(ConfigError::CookieDomain { .. })), "{domain}");
        }
    }

    #[test]
    fn the_cookie_of_provider_tokens_has_settings_of_its_own() {
        let tokens = CookieOverride::default().name("kept");
        let [plain, _] = check_cookies(Cookies::default().access_token(tokens), &SITE).unwrap();
        assert_eq!(plain.access_token("dev").name, "aura-auth.kept.dev");
        assert_eq!(plain.session.name, "aura-auth.session_token");
    }
}
