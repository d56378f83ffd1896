//! The builder of a configuration.

use super::{
    Config, ConfigError, check_attempt_lifetime, check_error_page, check_providers, check_public_path,
    check_sign_in_page,
};
use crate::cookie::ATTEMPT_LIFETIME;
use crate::csrf::CsrfProtection;
use crate::forwarded::{ForwardedFields, ProxyHeaders};
use crate::limits::Limits;
use crate::provider::Provider;
use crate::session::{SessionChecks, SessionPolicy};
use crate::{Salt, Secret};
use aura_session::internal::config::{Options, check_base_path};
use aura_session::{Cookies, SessionTokenFormat, setters};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Collects a configuration; [`build`](Self::build) checks it.
///
/// ```
/// use aura_proto::{Auth, ClientSecret, Salt, Secret};
/// use aura_providers::GITHUB;
///
/// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// let auth = Auth::builder(secret, salt)
///     .base_url("https://example.com")
///     .provider(GITHUB.with_client("client-id", ClientSecret::new("client-secret")))
///     .build()?;
/// assert!(auth.owns("/auth/session"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until build is called"]
pub struct Builder {
    site: Options,
    base_path: String,
    public_path: String,
    error_page: Option<String>,
    sign_in_page: Option<String>,
    csrf_protection: CsrfProtection,
    attempt_lifetime: Duration,
    providers: Vec<Provider>,
}

impl Builder {
    pub(crate) fn new(secret: Secret, salt: Salt) -> Self {
        Self {
            site: Options::new(secret, salt),
            base_path: "/auth".to_owned(),
            public_path: String::new(),
            error_page: None,
            sign_in_page: None,
            csrf_protection: CsrfProtection::default(),
            attempt_lifetime: ATTEMPT_LIFETIME,
            providers: Vec::new(),
        }
    }

    setters! {
        /// Sets the public origin of this site, such as `https://example.com`.
        ///
        /// Without it, the origin is read from the request's `Host`, which must be this machine or a trusted origin.
        pub fn base_url(url: impl Into<String>) { site.base_url = Some(url.into()) }

        /// Sets the path that the routes are under. The default is `/auth`.
        ///
        /// ```
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let auth = builder.base_path("/api/v1/auth").build()?;
        /// assert!(auth.owns("/api/v1/auth/session"));
        /// assert!(!auth.owns("/auth/session"));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn base_path(path: impl Into<String>) { base_path = path.into() }

        /// Sets the path in front of [`base_path`](Self::base_path) that a proxy removes: `/app` for a site at
        /// `https://example.com/app`. `redirect_uri`, the default target, cookie paths and links begin with it.
        ///
        /// ```
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let auth = builder.base_url("https://example.com").public_path("/app").build()?;
        /// assert_eq!(auth.public_path(&http::Request::new(())), "/app");
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn public_path(path: impl Into<String>) { public_path = path.into() }

        /// Has the application check every session that a request carries, before it counts: by
        /// [`Action::CheckSession`](crate::Action::CheckSession) and [`Auth::begin_session`](crate::Auth::begin_session). A
        /// driver's `check_session` sets it, too. Set here, clones of the configuration that read a session without a check fail.
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.check_sessions()
        /// # }
        /// ```
        pub fn check_sessions() { site.session_checks = SessionChecks::Asked }

        /// Reads the public path from `X-Forwarded-Prefix`, which the [trusted proxy](Self::trusted_proxy_headers) writes. Only for
        /// proxies that overwrite the field or append to it. Otherwise a client chooses the path of `redirect_uri`.
        ///
        /// ```
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let auth = builder.trusted_origins(["https://example.com"]).trusted_proxy_headers().forwarded_prefix().build()?;
        /// let request = http::Request::get("/").header("x-forwarded-prefix", "/app").body(())?;
        /// assert_eq!(auth.public_path(&request), "/app");
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn forwarded_prefix() { site.forwarded_prefix = ProxyHeaders::Trusted }

        /// Trusts the proxy in front of this server. Without a base URL, the public origin is read from `Forwarded` (RFC 7239),
        /// else from `X-Forwarded-Proto` and `X-Forwarded-Host`, and must be among the trusted origins. Each of scheme and host
        /// is taken from the first of these fields that has it, and there from the right-most element: the one that the proxy
        /// itself wrote. A malformed field is refused. `X-Forwarded-Port` is ignored.
        ///
        /// Only for servers that are reachable through the proxy alone, if it overwrites these fields or appends to them. If it
        /// passes one of the two families on from the client, set [`forwarded_fields`](Self::forwarded_fields) to the other one.
        ///
        /// ```
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let auth = builder.trusted_origins(["https://example.com"]).trusted_proxy_headers().build()?;
        /// let request = http::Request::get("/").header("x-forwarded-for", "192.0.2.1").body(())?;
        /// assert_eq!(auth.client_address(&request), Some("192.0.2.1".parse()?));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn trusted_proxy_headers() { site.proxy_headers = ProxyHeaders::Trusted }

        /// Ignores the fields of a proxy, which is the default.
        pub fn without_trusted_proxy_headers() { site.proxy_headers = ProxyHeaders::Ignored }

        /// Sets which fields the [trusted proxy](Self::trusted_proxy_headers) writes. By default both families are read.
        pub fn forwarded_fields(fields: ForwardedFields) { site.forwarded_fields = fields }

        /// Sets the names and attributes of the cookies, where they differ from the contract's.
        pub fn cookies(cookies: Cookies) { site.cookies = cookies }

        /// Sets the lifetime and renewal of sessions, the issuer and audience of their tokens, and what pages may change.
        pub fn session(policy: SessionPolicy) { site.session = policy }

        /// Names a page of the site for failed sign-ins, instead of the built-in one at `/error` under the base path. Browsers
        /// are sent there with `?error=<code>&reason=<reason>`, with `refusal` where
        /// [`Admission::refuse`](crate::Admission::refuse) gave a code, and with what a link to try again needs: `provider`,
        /// and `redirectTo` if it is known. Such a URL can be forged. So the page shows the sentence that
        /// [`Error::code_and_message`](crate::Error::code_and_message) has for the reason, shows no parameter as it is, and
        /// passes `redirectTo` to `/signIn/:provider`, which checks it. Clients that do not take HTML get the failure as JSON.
        pub fn error_page(path: impl Into<String>) { error_page = Some(path.into()) }

        /// Sets how requests to the application's own routes prove that a page of this site sent them: by a token, by default.
        pub fn csrf_protection(protection: CsrfProtection) { csrf_protection = protection }

        /// Names the site's own page with a choice of providers, to which `/signIn` under the base path leads then. It gets
        /// `redirectTo` if it is known, and passes it to `/signIn/:provider`, which checks it.
        pub fn sign_in_page(path: impl Into<String>) { sign_in_page = Some(path.into()) }

        /// Sets how long a sign-in may take: from ten minutes, which is the default, to sixty. `build()` refuses other values as
        /// [`ConfigError::AttemptLifetime`].
        ///
        /// ```
        /// # use aura_proto::ConfigError;
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let builder = builder.attempt_lifetime(std::time::Duration::from_secs(5 * 60));
        /// assert_eq!(builder.build().unwrap_err(), ConfigError::AttemptLifetime);
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn attempt_lifetime(lifetime: Duration) { attempt_lifetime = lifetime }

        /// Sets how session tokens are protected. By default they are sealed.
        pub fn session_token_format(format: SessionTokenFormat) { site.tokens = format }

        /// Limits how often the routes may be used; by default they are not limited. A request above a limit is answered with 429.
        /// The hosts count in memory, unless they are given a store of counts.
        ///
        /// ```
        /// # use aura_proto::{LimitRule, Limits};
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let auth = builder.limits(Limits::default()).build()?;
        /// assert!(auth.limits().quota(LimitRule::SignIn).is_some());
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn limits(limits: Limits) { site.limits = limits }
    }

    /// Adds origins that redirects may lead to and requests may come from.
    ///
    /// `*` matches one whole left-most label (`https://*.example.com`) or any port (`https://example.com:*`).
    ///
    /// ```
    /// # use aura_proto::ConfigError;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let builder = aura_proto::Auth::builder(secret, salt);
    /// let builder = builder.trusted_origins(["https://*.example.org", "app.example.com"]);
    /// assert_eq!(builder.build().unwrap_err(), ConfigError::TrustedOrigin { value: "app.example.com".into() });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn trusted_origins(mut self, origins: impl IntoIterator<Item: Into<String>>) -> Self {
        self.site.trusted_origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// Removes every trusted origin that was listed before.
    pub fn without_trusted_origins(mut self) -> Self {
        self.site.trusted_origins.clear();
        self
    }

    /// Changes the configured names and attributes of the cookies by a function.
    pub fn change_cookies(mut self, change: impl FnOnce(Cookies) -> Cookies) -> Self {
        self.site.cookies = change(self.site.cookies);
        self
    }

    /// Changes the configured policy of sessions by a function.
    pub fn change_session(mut self, change: impl FnOnce(SessionPolicy) -> SessionPolicy) -> Self {
        self.site.session = change(self.site.session);
        self
    }

    /// Changes the configured protection of session tokens by a function.
    pub fn change_session_token_format(
        mut self,
        change: impl FnOnce(SessionTokenFormat) -> SessionTokenFormat,
    ) -> Self {
        self.site.tokens = change(self.site.tokens);
        self
    }

    /// Adds a previous secret: values that it protects still open. May be called any number of times.
    ///
    /// New values are protected under the newest secret. `GET /session` re-protects a session and its provider tokens under
    /// it, and `GET /csrfToken` re-protects the CSRF token, with the same end. So a previous secret can be removed once every
    /// browser has visited, and at the latest when every session that it protects has ended.
    ///
    /// If several instances share their secrets, first deploy the new secret to every instance by this method, and only then
    /// let any instance use it. An instance that does not list the new secret rejects and clears sessions under it.
    ///
    /// ```
    /// use aura_proto::{Auth, Entropy, Salt, Secret, UnixTime};
    /// let old = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// let new = Secret::new("w3Xn7Qe0LsVb5KzT9yHd2MfJ8cRuPa4G")?;
    /// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes([7; 32]));
    ///
    /// let before = Auth::builder(old.clone(), salt.clone()).build()?;
    /// let token = before.jose().sign(&serde_json::json!({ "order": 4711 }), now, entropy)?;
    /// let after = Auth::builder(new, salt).previous_secret(old).build()?;
    /// assert_eq!(after.jose().verify::<serde_json::Value>(&token, now)?["order"], 4711);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn previous_secret(mut self, secret: Secret) -> Self {
        self.site.previous_secrets.push(secret);
        self
    }

    /// Adds a provider to sign in with.
    ///
    /// ```
    /// # use aura_proto::ClientSecret;
    /// # use aura_providers::GITHUB;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let builder = aura_proto::Auth::builder(secret, salt);
    /// let auth = builder.provider(GITHUB.with_client("client-id", ClientSecret::new("client-secret"))).build()?;
    /// assert_eq!(auth.providers().next(), Some(("github", "GitHub")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn provider(mut self, provider: Provider) -> Self {
        self.providers.push(provider);
        self
    }

    /// Checks everything and makes the configuration.
    pub(crate) fn check(self) -> Result<Config, ConfigError> {
        let checked = self.site.check()?;
        let attempt_lifetime = check_attempt_lifetime(self.attempt_lifetime)?;
        let base_path = check_base_path(self.base_path)?;
        let error_page = self.error_page.map(|page| check_error_page(page, &base_path)).transpose()?;
        let sign_in_page = self.sign_in_page.map(|page| check_sign_in_page(page, &base_path)).transpose()?;
        let mut site = checked.site(&base_path, attempt_lifetime)?;
        site.public_path = check_public_path(self.public_path)?;
        let providers = Arc::new(check_providers(self.providers)?);
        site.issuers = Arc::<BTreeMap<_, _>>::clone(&providers);
        Ok(Config {
            site,
            base_path,
            error_page,
            csrf_protection: self.csrf_protection,
            sign_in_page,
            attempt_lifetime,
            providers,
        })
    }
}

#[cfg(test)]
#[path = "builder_tests.rs"]
mod tests;
