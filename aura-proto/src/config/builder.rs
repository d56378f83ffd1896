//! The builder of a configuration.

use super::cookie_table::{Site, check_cookies};
use super::{
    Config, ConfigError, Cookies, SessionTokenFormat, check_attempt_lifetime, check_base_path,
    check_error_page, check_providers, check_public_path, check_sign_in_page,
};
use crate::cookie::ATTEMPT_LIFETIME;
use crate::forwarded::{ForwardedFields, ProxyHeaders};
use crate::keyring::{Keyring, Keys};
use crate::origin::{Origin, OriginPattern, TrustedOrigins};
use crate::provider::Provider;
use crate::secret::{Salt, Secret};
use crate::session::{SessionChecks, SessionPolicy};
use crate::tables::setters;
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
    secret: Secret,
    previous_secrets: Vec<Secret>,
    salt: Salt,
    base_url: Option<String>,
    base_path: String,
    public_path: String,
    forwarded_prefix: ProxyHeaders,
    trusted_origins: Vec<String>,
    proxy_headers: ProxyHeaders,
    forwarded_fields: ForwardedFields,
    cookies: Cookies,
    session: SessionPolicy,
    session_checks: SessionChecks,
    error_page: Option<String>,
    sign_in_page: Option<String>,
    attempt_lifetime: Duration,
    tokens: SessionTokenFormat,
    providers: Vec<Provider>,
}

impl Builder {
    pub(crate) fn new(secret: Secret, salt: Salt) -> Self {
        Self {
            secret,
            previous_secrets: Vec::new(),
            salt,
            base_url: None,
            base_path: "/auth".to_owned(),
            public_path: String::new(),
            forwarded_prefix: ProxyHeaders::Ignored,
            trusted_origins: Vec::new(),
            cookies: Cookies::default(),
            session: SessionPolicy::default(),
            session_checks: SessionChecks::None,
            error_page: None,
            sign_in_page: None,
            attempt_lifetime: ATTEMPT_LIFETIME,
            proxy_headers: ProxyHeaders::Ignored,
            forwarded_fields: ForwardedFields::default(),
            tokens: SessionTokenFormat::sealed(),
            providers: Vec::new(),
        }
    }

    setters! {
        /// Says where browsers find this site: its origin, such as `https://example.com`.
        ///
        /// Without it the origin is taken from the request's `Host`, and only where that is this machine or trusted.
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.base_url("https://example.com")
        /// # }
        /// ```
        pub fn base_url(url: impl Into<String>) { base_url = Some(url.into()) }

        /// Says under which path the routes are; `/auth` where nothing is said.
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.base_path("/api/v1/auth")
        /// # }
        /// ```
        pub fn base_path(path: impl Into<String>) { base_path = path.into() }

        /// Says which path browsers see in front of [`base_path`](Self::base_path), where a proxy takes it off: `/app` for a site
        /// at `https://example.com/app`. It is in front of `redirect_uri`, the way home, paths of cookies, and links.
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.base_url("https://example.com").public_path("/app")
        /// # }
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
        pub fn check_sessions() { session_checks = SessionChecks::Asked }

        /// Takes that path from `X-Forwarded-Prefix` where the [trusted proxy](Self::trusted_proxy_headers) writes it. Only for
        /// proxies that overwrite the field or add to it: from any other, a client chooses the `redirect_uri`'s path.
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.trusted_origins(["https://example.com"]).trusted_proxy_headers().forwarded_prefix()
        /// # }
        /// ```
        pub fn forwarded_prefix() { forwarded_prefix = ProxyHeaders::Trusted }

        /// Believes the proxy in front of this server: with no base URL, the public origin is what `Forwarded` (RFC 7239)
        /// says, else `X-Forwarded-Proto` and `X-Forwarded-Host`, and must be among the trusted origins. Each of scheme
        /// and host is taken from the first of these fields that has it, and there from the right-most element: the one
        /// that the proxy itself wrote. What cannot be read is refused; `X-Forwarded-Port` is never looked at.
        ///
        /// Only for servers that nobody reaches but through a proxy that overwrites these fields or adds to them. Where it
        /// leaves one of the two families to the client, say which it writes: [`forwarded_fields`](Self::forwarded_fields).
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.trusted_origins(["https://example.com"]).trusted_proxy_headers()
        /// # }
        /// ```
        pub fn trusted_proxy_headers() { proxy_headers = ProxyHeaders::Trusted }

        /// Ignores the fields of a proxy, as where nothing is said.
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.trusted_proxy_headers().without_trusted_proxy_headers()
        /// # }
        /// ```
        pub fn without_trusted_proxy_headers() { proxy_headers = ProxyHeaders::Ignored }

        /// Says which fields the proxy writes, where [its word counts](Self::trusted_proxy_headers); either family where
        /// nothing is said.
        ///
        /// ```
        /// # use aura_proto::ForwardedFields;
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.trusted_proxy_headers().forwarded_fields(ForwardedFields::XForwarded)
        /// # }
        /// ```
        pub fn forwarded_fields(fields: ForwardedFields) { forwarded_fields = fields }

        /// Says how names and attributes of the cookies differ from the contract's.
        ///
        /// ```
        /// use aura_proto::{CookieOverride, Cookies, SameSite};
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.cookies(Cookies::default().session(CookieOverride::default().same_site(SameSite::Strict)))
        /// # }
        /// ```
        pub fn cookies(cookies: Cookies) { cookies = cookies }

        /// Says how sessions live, for whom their tokens are, and what pages may change in them.
        ///
        /// ```
        /// # use aura_proto::{Expiration, SessionPolicy};
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.session(SessionPolicy::default().expiration(Expiration::Rolling).editable(["name"]))
        /// # }
        /// ```
        pub fn session(policy: SessionPolicy) { session = policy }

        /// Names a page of the site for failed sign-ins, instead of the built-in one at `/error` under the base path. Browsers
        /// are sent there with `?error=<code>&reason=<reason>`, with `refusal` where
        /// [`Admission::refuse`](crate::Admission::refuse) gave a code, and with what a link to try again needs: `provider`,
        /// and `redirectTo` where it is known. Anybody can write such a URL. So the page shows the sentence that
        /// [`Error::code_and_message`](crate::Error::code_and_message) has for the reason, shows no parameter as it is, and
        /// passes `redirectTo` to `/signIn/:provider`, which checks it. Clients that do not take HTML get the failure as JSON.
        pub fn error_page(path: impl Into<String>) { error_page = Some(path.into()) }

        /// Names the site's own page with a choice of providers, to which `/signIn` under the base path leads then. It gets
        /// `redirectTo` where it is known, and passes it to `/signIn/:provider`, which checks it.
        pub fn sign_in_page(path: impl Into<String>) { sign_in_page = Some(path.into()) }

        /// Says how long a sign-in may take, from ten minutes, as where nothing is said, to sixty: people wait for a mail or an
        /// approval. `build()` refuses others as [`ConfigError::AttemptLifetime`].
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.attempt_lifetime(std::time::Duration::from_secs(30 * 60))
        /// # }
        /// ```
        pub fn attempt_lifetime(lifetime: Duration) { attempt_lifetime = lifetime }

        /// Says how session tokens are protected; sealed where nothing is said.
        ///
        /// ```
        /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
        /// builder.session_token_format(aura_proto::SessionTokenFormat::signed())
        /// # }
        /// ```
        pub fn session_token_format(format: SessionTokenFormat) { tokens = format }
    }

    /// Adds origins that redirects may lead to and requests may come from.
    ///
    /// A star stands for one whole left-most label (`https://*.example.com`) or for any port (`https://example.com:*`).
    ///
    /// ```
    /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
    /// builder.trusted_origins(["https://app.example.com", "https://*.example.org"])
    /// # }
    /// ```
    pub fn trusted_origins(mut self, origins: impl IntoIterator<Item: Into<String>>) -> Self {
        self.trusted_origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// Forgets every trusted origin that was listed before.
    ///
    /// ```
    /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
    /// builder.without_trusted_origins().trusted_origins(["https://app.example.com"])
    /// # }
    /// ```
    pub fn without_trusted_origins(mut self) -> Self {
        self.trusted_origins.clear();
        self
    }

    /// Changes names and attributes of the cookies, and leaves alone what the function does not change.
    ///
    /// ```
    /// # use aura_proto::Cookies;
    /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
    /// builder.cookies(Cookies::default().prefix("my-app")).change_cookies(Cookies::reference_names)
    /// # }
    /// ```
    pub fn change_cookies(mut self, change: impl FnOnce(Cookies) -> Cookies) -> Self {
        self.cookies = change(self.cookies);
        self
    }

    /// Changes the policy of sessions, and leaves alone what the function does not change.
    ///
    /// ```
    /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
    /// builder.change_session(|policy| policy.editable(["name"]))
    /// # }
    /// ```
    pub fn change_session(mut self, change: impl FnOnce(SessionPolicy) -> SessionPolicy) -> Self {
        self.session = change(self.session);
        self
    }

    /// Changes the protection of session tokens, and leaves alone what the function does not change.
    ///
    /// ```
    /// # fn configure(builder: aura_proto::Builder, key: aura_proto::SigningKey) -> aura_proto::Builder {
    /// builder.session_token_format(aura_proto::SessionTokenFormat::signed())
    ///     .change_session_token_format(|format| format.signing_key(key))
    /// # }
    /// ```
    pub fn change_session_token_format(
        mut self,
        change: impl FnOnce(SessionTokenFormat) -> SessionTokenFormat,
    ) -> Self {
        self.tokens = change(self.tokens);
        self
    }

    /// Adds a secret that was used before: what it protected still opens. Any number of times.
    ///
    /// Everything new is protected by the newest secret. `GET /session` protects a session and its provider tokens anew
    /// where an earlier secret did, and `GET /csrfToken` the CSRF token: neither lives longer for it. So an earlier secret
    /// can be dropped once every browser has visited, and at the latest when no session of its time can be alive.
    ///
    /// Where several instances share their secrets, each of them adds the new one here before any protects with it: one that
    /// does not list it yet takes sessions under it for none, and clears them.
    ///
    /// ```
    /// # fn configure(builder: aura_proto::Builder, old: aura_proto::Secret) -> aura_proto::Builder {
    /// builder.previous_secret(old)
    /// # }
    /// ```
    pub fn previous_secret(mut self, secret: Secret) -> Self {
        self.previous_secrets.push(secret);
        self
    }

    /// Adds a provider to sign in with.
    ///
    /// ```
    /// # use aura_proto::ClientSecret;
    /// # use aura_providers::GITHUB;
    /// # fn configure(builder: aura_proto::Builder) -> aura_proto::Builder {
    /// builder.provider(GITHUB.with_client("client-id", ClientSecret::new("client-secret")))
    /// # }
    /// ```
    pub fn provider(mut self, provider: Provider) -> Self {
        self.providers.push(provider);
        self
    }

    /// Checks everything and makes the configuration.
    pub(crate) fn check(self) -> Result<Config, ConfigError> {
        let tokens = self.tokens.check()?;
        let derive =
            |secret: &Secret| Keys::derive_for(&tokens, secret, &self.salt).map_err(|_| ConfigError::Keys);
        let previous = self.previous_secrets.iter().map(derive).collect::<Result<_, _>>()?;
        let keyring = Keyring::new(derive(&self.secret)?, previous);
        let base_url = match self.base_url {
            None => None,
            Some(value) => Some(Origin::parse(&value).ok_or(ConfigError::BaseUrl { value })?),
        };
        let patterns = self
            .trusted_origins
            .into_iter()
            .map(|value| OriginPattern::parse(&value).ok_or(ConfigError::TrustedOrigin { value }));
        let trusted_origins = TrustedOrigins(patterns.collect::<Result<_, _>>()?);
        if self.proxy_headers == ProxyHeaders::Trusted && trusted_origins.0.is_empty() {
            return Err(ConfigError::ProxyHeadersWithoutOrigins);
        }
        let writes_prefix = self.proxy_headers == ProxyHeaders::Trusted
            && self.forwarded_fields != ForwardedFields::Forwarded;
        if self.forwarded_prefix == ProxyHeaders::Trusted && !writes_prefix {
            return Err(ConfigError::ForwardedPrefix);
        }
        if !self.session.lengths_are_sound() {
            return Err(ConfigError::SessionLength);
        }
        if !self.session.names_are_sound() {
            return Err(ConfigError::SessionClaims);
        }
        let attempt_lifetime = check_attempt_lifetime(self.attempt_lifetime)?;
        let base_path = check_base_path(self.base_path)?;
        let site = Site {
            base_url: base_url.as_ref(),
            base_path: &base_path,
            session_max_age: self.session.max_age,
            longest_session: self.session.longest(),
            attempt_lifetime,
        };
        let has_usual_prefix = self.cookies.prefix.is_none();
        let cookies = check_cookies(self.cookies, &site)?;
        Ok(Config {
            keyring,
            base_url,
            base_path,
            public_path: check_public_path(self.public_path)?,
            forwarded_prefix: self.forwarded_prefix,
            trusted_origins,
            cookies,
            has_usual_prefix,
            session: self.session,
            session_checks: self.session_checks,
            error_page: self.error_page.map(check_error_page).transpose()?,
            sign_in_page: self.sign_in_page.map(check_sign_in_page).transpose()?,
            attempt_lifetime,
            proxy_headers: self.proxy_headers,
            forwarded_fields: self.forwarded_fields,
            providers: check_providers(self.providers)?,
        })
    }
}

#[cfg(test)]
#[path = "builder_tests.rs"]
mod tests;
