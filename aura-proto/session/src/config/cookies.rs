//! The application's options for cookies: names, lifetimes, and the attributes that their protection leaves free.

use crate::cookie::set::{Priority, SameSite};
use crate::tables::setters;
use std::time::Duration;

/// The names and attributes of the cookies, where they are to differ from the usual ones.
///
/// There are four: the session, the CSRF token, the sign-in attempts and the tokens of providers. Each is `HttpOnly`, and
/// `Secure` on https, whatever is configured. On https a name begins with `__Host-`, so that no sibling subdomain can plant the
/// cookie; on plain http it has no marker. Session and tokens begin with `__Secure-` where they have a domain, a path or a
/// [`SecureStrategy`] that sets it, or [the reference's names](Self::reference_names).
///
/// ```
/// use aura_proto::{BoundCookieOverride, Cookies};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let builder = aura_proto::Auth::builder(secret, salt);
/// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
/// let cookies = Cookies::default().prefix("my-app").csrf_token(BoundCookieOverride::default().name("csrf"));
/// let auth = builder.base_url("https://example.com").cookies(cookies).build()?;
/// let token = auth.form_token(&http::Request::new(()), now, entropy)?;
/// let page = token.finish(http::Response::new("a form"));
/// assert!(page.headers()["set-cookie"].to_str()?.starts_with("__Host-my-app.csrf="));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "give it to Builder::cookies"]
pub struct Cookies {
    pub(super) prefix: Option<String>,
    pub(super) names: Names,
    pub(super) session: CookieOverride,
    pub(super) csrf: BoundCookieOverride,
    pub(super) attempt: BoundCookieOverride,
    pub(super) access_token: CookieOverride,
}

/// The default names of session and provider tokens on https.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Names {
    /// `__Host-`.
    #[default]
    Bound,
    /// `__Secure-`, as the reference.
    Reference,
}

impl Cookies {
    setters! {
        /// Names the cookies of session and provider tokens `__Secure-` on https, as the reference implementation does, so that
        /// each accepts the sessions of the other. Sibling subdomains can plant cookies of these names.
        pub fn reference_names() { names = Names::Reference }

        /// Begins every name with these characters and a dot; by default `aura-auth`. `build()` refuses a prefix that
        /// no name can have as [`ConfigError::CookiePrefix`](crate::ConfigError::CookiePrefix).
        ///
        /// ```
        /// # use aura_proto::{ConfigError, Cookies};
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let error = builder.cookies(Cookies::default().prefix("my app")).build().unwrap_err();
        /// assert_eq!(error, ConfigError::CookiePrefix { value: "my app".into() });
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn prefix(prefix: impl Into<String>) { prefix = Some(prefix.into()) }

        /// Overrides the session's cookie: `session_token`, for as long as the session, `Path=/`, `SameSite=Lax`.
        pub fn session(session: CookieOverride) { session = session }

        /// Overrides the CSRF token's cookie: `csrf_token`, fifteen days. It stays bound to this host, `Path=/` and
        /// `SameSite=Strict`, or follows a session that is `SameSite=None`.
        pub fn csrf_token(csrf: BoundCookieOverride) { csrf = csrf }

        /// Overrides the cookies of sign-in attempts: `state`, at most as long as an attempt lives. They stay bound to this host,
        /// `Path=/` and `SameSite=Lax`, or follow a session that is `SameSite=None`.
        pub fn state(attempt: BoundCookieOverride) { attempt = attempt }

        /// Overrides the cookies of providers' tokens: `access_token` and the provider's id, for as long as the
        /// session, `Path=/`, `SameSite=Lax`.
        pub fn access_token(access_token: CookieOverride) { access_token = access_token }
    }

    /// Makes the cookies of a site that other sites show in a frame, where a sign-in is 403 `cross_site` otherwise: session and
    /// provider tokens are `SameSite=None` and `Partitioned`. Attempts and CSRF token follow a session that is `SameSite=None`. Only
    /// on https.
    pub fn in_frames(mut self) -> Self {
        self.session = self.session.same_site(SameSite::None).partitioned();
        self.access_token = self.access_token.same_site(SameSite::None).partitioned();
        self
    }
}

/// How one cookie differs from the contract's. What is not set keeps the contract's value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "give it to one of the methods of Cookies"]
pub struct CookieOverride {
    pub(super) bound: BoundCookieOverride,
    pub(super) path: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) same_site: Option<SameSite>,
    /// `None` if the name, path and domain decide.
    pub(super) strategy: Option<SecureStrategy>,
    pub(super) partitioned: bool,
    pub(super) priority: Option<Priority>,
}

impl CookieOverride {
    setters! {
        /// Names the cookie: what follows marker, prefix and dot (RFC 6265 section 4.1.1). `build()` refuses a malformed name,
        /// and one that could be mistaken for another cookie's, as [`ConfigError::CookieName`](crate::ConfigError::CookieName).
        pub fn name(name: impl Into<String>) { bound.name = Some(name.into()) }

        /// Sets how long browsers keep the cookie, in whole seconds (`Max-Age`, RFC 6265 section 5.2.2). `build()` refuses
        /// a time that is too short or too long as [`ConfigError::CookieMaxAge`](crate::ConfigError::CookieMaxAge).
        ///
        /// ```
        /// # use aura_proto::{ConfigError, CookieOverride, Cookies};
        /// # use std::time::Duration;
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let session = CookieOverride::default().max_age(Duration::from_millis(1500));
        /// let error = builder.cookies(Cookies::default().session(session)).build().unwrap_err();
        /// assert_eq!(error, ConfigError::CookieMaxAge { cookie: "session_token" });
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn max_age(max_age: Duration) { bound.max_age = Some(max_age) }

        /// Sets the path of the cookie (RFC 6265 section 5.2.4): `/`, or a path that the base path begins with.
        /// `build()` refuses any other as [`ConfigError::CookiePath`](crate::ConfigError::CookiePath).
        ///
        /// ```
        /// # use aura_proto::{ConfigError, CookieOverride, Cookies};
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let cookies = Cookies::default().session(CookieOverride::default().path("/shop"));
        /// let error = builder.base_path("/app/auth").cookies(cookies).build().unwrap_err();
        /// assert_eq!(error, ConfigError::CookiePath { cookie: "session_token", value: "/shop".into() });
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn path(path: impl Into<String>) { path = Some(path.into()) }

        /// Sends the cookie to this domain and everything below it (RFC 6265 section 5.2.3), so that subdomains share it.
        ///
        /// A leading dot is dropped, as browsers do. `build()` refuses `*` and every domain that this site is not in as
        /// [`ConfigError::CookieDomain`](crate::ConfigError::CookieDomain). If you change the domain of a live site,
        /// change the name too: browsers keep the old cookie beside the new one, and two different sessions are refused.
        ///
        /// ```
        /// # use aura_proto::{ConfigError, CookieOverride, Cookies};
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let builder = aura_proto::Auth::builder(secret, salt);
        /// let cookies = Cookies::default().session(CookieOverride::default().domain("other.test"));
        /// let error = builder.base_url("https://app.example.com").cookies(cookies).build().unwrap_err();
        /// assert_eq!(error, ConfigError::CookieDomain { cookie: "session_token", value: "other.test".into() });
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn domain(domain: impl Into<String>) { domain = Some(domain.into()) }

        /// Sets `SameSite`: when the cookie is sent with cross-site requests (RFC 6265bis section 5.6.7).
        pub fn same_site(same_site: SameSite) { same_site = Some(same_site) }

        /// Sets how closely the cookie is bound to this host on https.
        pub fn secure(strategy: SecureStrategy) { strategy = Some(strategy) }

        /// Keeps the cookie apart for every site that shows this one in a frame (CHIPS). Only on https, where browsers
        /// take it.
        pub fn partitioned() { partitioned = true }

        /// Sets which cookies a browser evicts last.
        pub fn priority(priority: Priority) { priority = Some(priority) }
    }
}

/// How a cookie that is bound to this host differs from the contract's. Its path, domain, `Secure`,
/// `HttpOnly` and `SameSite` cannot be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "give it to one of the methods of Cookies"]
pub struct BoundCookieOverride {
    pub(super) name: Option<String>,
    pub(super) max_age: Option<Duration>,
}

impl BoundCookieOverride {
    setters! {
        /// Names the cookie: what follows marker, prefix and dot (RFC 6265 section 4.1.1). `build()` refuses a malformed name,
        /// and one that could be mistaken for another cookie's, as [`ConfigError::CookieName`](crate::ConfigError::CookieName).
        pub fn name(name: impl Into<String>) { name = Some(name.into()) }

        /// Sets how long browsers keep the cookie, in whole seconds (`Max-Age`, RFC 6265 section 5.2.2). `build()` refuses
        /// a time that is too short or too long as [`ConfigError::CookieMaxAge`](crate::ConfigError::CookieMaxAge).
        pub fn max_age(max_age: Duration) { max_age = Some(max_age) }
    }
}

/// How closely a cookie is bound to its host on https (contract 4.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecureStrategy {
    /// `Secure`; path and domain as configured.
    #[default]
    Secure,
    /// The same as `Secure`: on https no cookie is without it.
    Standard,
    /// `Secure`, `Path=/` and no `Domain`, whatever is configured. On plain http path and domain are as configured.
    Host,
    /// The same as `Host`, and named `__Host-`, so that browsers take the cookie from no other host (RFC 6265bis section
    /// 4.1.3.2): a sibling subdomain can plant no session of its own. This is the default without strategy, path and domain.
    HostPrefix,
}
