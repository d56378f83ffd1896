//! The options of sessions, and their checks.

use super::cookie_table::{CookieSite, check_cookies};
use super::{ConfigError, Cookies, SessionTokenFormat, Site};
use crate::forwarded::{ForwardedFields, ProxyHeaders, is_plain_path};
use crate::keyring::{Keyring, Keys};
use crate::limits::Limits;
use crate::origin::{Origin, OriginPattern, TrustedOrigins};
use crate::secret::{Salt, Secret};
use crate::session::{SessionChecks, SessionPolicy};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The options of sessions, as they are given.
#[derive(Debug)]
pub struct Options {
    secret: Secret,
    salt: Salt,
    /// Earlier secrets.
    pub previous_secrets: Vec<Secret>,
    /// The public origin.
    pub base_url: Option<String>,
    /// Whether the proxy says which path it took off.
    pub forwarded_prefix: ProxyHeaders,
    /// The trusted origins, and patterns of some.
    pub trusted_origins: Vec<String>,
    /// Whether the proxy says which origin it serves.
    pub proxy_headers: ProxyHeaders,
    /// Which fields the proxy writes.
    pub forwarded_fields: ForwardedFields,
    /// The cookies.
    pub cookies: Cookies,
    /// The policy of sessions.
    pub session: SessionPolicy,
    /// Whether the application checks every session.
    pub session_checks: SessionChecks,
    /// How session tokens are protected.
    pub tokens: SessionTokenFormat,
    /// The limits of requests.
    pub limits: Limits,
}

impl Options {
    /// Takes the secret and the salt, and the defaults of everything else.
    pub fn new(secret: Secret, salt: Salt) -> Self {
        Self {
            secret,
            salt,
            previous_secrets: Vec::new(),
            base_url: None,
            forwarded_prefix: ProxyHeaders::Ignored,
            trusted_origins: Vec::new(),
            proxy_headers: ProxyHeaders::Ignored,
            forwarded_fields: ForwardedFields::default(),
            cookies: Cookies::default(),
            session: SessionPolicy::default(),
            session_checks: SessionChecks::None,
            tokens: SessionTokenFormat::sealed(),
            limits: Limits::none(),
        }
    }

    /// Checks everything but the cookies.
    pub fn check(self) -> Result<CheckedOptions, ConfigError> {
        let tokens = self.tokens.check()?;
        let derive =
            |secret: &Secret| Keys::derive_for(&tokens, secret, &self.salt).map_err(|_| ConfigError::Keys);
        let previous = self.previous_secrets.iter().map(derive).collect::<Result<_, _>>()?;
        let keyring = Keyring::new(derive(&self.secret)?, previous);
        let base_url = match self.base_url {
            None => None,
            Some(value) => Some(Origin::parse(&value).ok_or(ConfigError::BaseUrl { value })?),
        };
        let trusted_origins = check_trusted_origins(self.trusted_origins)?;
        if self.proxy_headers == ProxyHeaders::Trusted && trusted_origins.0.is_empty() {
            return Err(ConfigError::ProxyHeadersWithoutOrigins);
        }
        let writes_prefix = self.proxy_headers == ProxyHeaders::Trusted
            && self.forwarded_fields != ForwardedFields::Forwarded;
        if self.forwarded_prefix == ProxyHeaders::Trusted && !writes_prefix {
            return Err(ConfigError::ForwardedPrefix);
        }
        check_session(&self.session)?;
        Ok(CheckedOptions {
            keyring,
            base_url,
            forwarded_prefix: self.forwarded_prefix,
            trusted_origins,
            proxy_headers: self.proxy_headers,
            forwarded_fields: self.forwarded_fields,
            cookies: self.cookies,
            session: self.session,
            session_checks: self.session_checks,
            limits: self.limits,
            is_salt_apart: self.secret.as_bytes() != self.salt.as_bytes(),
        })
    }
}

/// Options of which everything but the cookies has been checked.
#[derive(Debug)]
pub struct CheckedOptions {
    keyring: Keyring,
    base_url: Option<Origin>,
    forwarded_prefix: ProxyHeaders,
    trusted_origins: TrustedOrigins,
    proxy_headers: ProxyHeaders,
    forwarded_fields: ForwardedFields,
    cookies: Cookies,
    session: SessionPolicy,
    session_checks: SessionChecks,
    limits: Limits,
    is_salt_apart: bool,
}

impl CheckedOptions {
    /// Checks the cookies, for routes under this path and attempts that live this long.
    pub fn site(self, base_path: &str, attempt_lifetime: Duration) -> Result<Site, ConfigError> {
        let has_usual_prefix = self.cookies.prefix.is_none();
        let of_cookies = CookieSite {
            base_url: self.base_url.as_ref(),
            base_path,
            session_max_age: self.session.max_age,
            longest_session: self.session.longest(),
            attempt_lifetime,
        };
        let cookies = check_cookies(self.cookies, &of_cookies)?;
        Ok(Site {
            keyring: self.keyring,
            base_url: self.base_url,
            public_path: String::new(),
            forwarded_prefix: self.forwarded_prefix,
            trusted_origins: self.trusted_origins,
            cookies,
            session: self.session,
            session_checks: self.session_checks,
            proxy_headers: self.proxy_headers,
            forwarded_fields: self.forwarded_fields,
            limits: self.limits,
            issuers: Arc::new(BTreeMap::<String, ()>::new()),
            has_usual_prefix,
            is_salt_apart: self.is_salt_apart,
        })
    }
}

/// Checks the path that the routes are under.
pub fn check_base_path(value: String) -> Result<String, ConfigError> {
    if is_plain_path(&value) { Ok(value) } else { Err(ConfigError::BasePath { value }) }
}

fn check_session(session: &SessionPolicy) -> Result<(), ConfigError> {
    match (session.lengths_are_sound(), session.names_are_sound()) {
        (false, _) => Err(ConfigError::SessionLength),
        (true, false) => Err(ConfigError::SessionClaims),
        (true, true) => Ok(()),
    }
}

fn check_trusted_origins(values: Vec<String>) -> Result<TrustedOrigins, ConfigError> {
    let parse = |value: String| OriginPattern::parse(&value).ok_or(ConfigError::TrustedOrigin { value });
    values.into_iter().map(parse).collect::<Result<_, _>>().map(TrustedOrigins)
}
