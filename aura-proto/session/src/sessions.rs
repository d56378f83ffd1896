//! The reader of sessions, for services that sign nobody in.

use crate::app_tokens::Jose;
use crate::config::{ConfigError, Cookies, Options, SessionTokenFormat, Site, check_base_path};
use crate::connection::RequestHead;
use crate::cookie::LONGEST_ATTEMPT;
use crate::forwarded::{ForwardedFields, ProxyHeaders};
use crate::incoming::Incoming;
use crate::secret::{Salt, Secret};
use crate::session::{Session, SessionChecks, SessionError, SessionPolicy};
use crate::tables::setters;
use aura_types::UnixTime;
use std::sync::Arc;

/// Reads who is signed in, from requests to a service that has the secret of the site where users sign in. Cheap to clone.
///
/// It reads sessions that are sealed or signed in the cookie, and asks nobody. [The first page](crate) says what it cannot read, what it
/// means to share the secret, and how the service refuses requests of other sites' pages: this reader does not.
#[derive(Clone, Debug)]
pub struct Sessions(Arc<Site>);

impl Sessions {
    /// Begins a configuration with the secret and the salt of the site where users sign in.
    pub fn builder(secret: Secret, salt: Salt) -> Builder {
        Builder { site: Options::new(secret, salt), base_path: "/auth".to_owned() }
    }

    /// Reads the session that a request carries: from `&Request<B>`, `&request::Parts` or `&HeaderMap`. It renews nothing, and sets no
    /// cookie.
    ///
    /// # Errors
    /// [`SessionError::Missing`] without a session cookie; [`SessionError::NeedsStore`] where the policy keeps sessions in a store;
    /// [`SessionError::NeedsCheck`] for every session where the application of the site checks each; [`SessionError::UnknownHost`] where no base URL is configured, and the request's host is neither trusted nor this machine;
    /// other errors where the cookie holds no live session of this site.
    ///
    /// ```
    /// use aura_session::{Salt, Secret, SessionError, Sessions, UnixTime};
    /// let (secret, salt) = ("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK", "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d");
    /// let sessions = Sessions::builder(Secret::new(secret)?, Salt::new(salt)?).base_url("https://example.com").build()?;
    /// let now = UnixTime::from_secs(1_790_000_000);
    /// let request = http::Request::get("/orders").body(())?;
    /// assert_eq!(sessions.session(&request, now), Err(SessionError::Missing));
    /// let forged = http::Request::get("/orders").header("cookie", "__Host-aura-auth.session_token=e30").body(())?;
    /// assert_eq!(sessions.session(&forged, now), Err(SessionError::Invalid));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn session<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Result<Session, SessionError> {
        let session = Incoming::of(&self.0, request.into())?.open_session(now)?.session;
        match self.0.session_checks {
            SessionChecks::None => Ok(session),
            SessionChecks::Asked => Err(SessionError::NeedsCheck),
        }
    }

    /// Signs and verifies tokens of the application's own, under keys of the secret. All who have the secret have these keys: the site and
    /// every service beside it. An audience for each use keeps tokens of one use from being taken for those of another.
    ///
    /// ```
    /// use aura_session::{Entropy, Salt, Secret, Sessions, TokenError, UnixTime};
    /// let (secret, salt) = ("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK", "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d");
    /// let sessions = Sessions::builder(Secret::new(secret)?, Salt::new(salt)?).build()?;
    /// let now = UnixTime::from_secs(1_790_000_000);
    /// let orders = sessions.jose().audience("orders");
    /// let token = orders.sign(&serde_json::json!({ "order": 4711 }), now, Entropy::from_os_bytes([7; 32]))?;
    /// let claims: serde_json::Value = orders.verify(&token, now)?;
    /// assert_eq!(claims["order"], 4711);
    /// let invoices = sessions.jose().audience("invoices");
    /// assert_eq!(invoices.verify::<serde_json::Value>(&token, now), Err(TokenError::Audience));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn jose(&self) -> Jose<'_> {
        Jose::new(&self.0.keyring)
    }
}

/// Collects the configuration of [`Sessions`]; [`build`](Self::build) checks it.
///
/// These are as at the site where users sign in:
///
/// | Option | Where it differs |
/// |---|---|
/// | secret, salt, [`session_token_format`](Self::session_token_format) with its key pairs | [`SessionError::Invalid`] |
/// | [`previous_secret`](Self::previous_secret): each that the site lists, and before a rotation the new one | `Invalid`, for sessions under that secret |
/// | [`SessionPolicy::issuer`], [`SessionPolicy::audience`] | `Invalid`; where the site has them and the service none, sessions of every site of that secret are read |
/// | [`SessionPolicy::stored`] and its kind: whether sessions are in a store | `Invalid`; where both say so, [`SessionError::NeedsStore`] |
/// | [`Cookies`]: prefix, [`reference_names`](Cookies::reference_names), name, path and domain of the session; `http` or `https` of [`base_url`](Self::base_url) | [`SessionError::Missing`] |
/// | `check_sessions()` | a session that the application has ended is read |
///
/// These are the service's own: the host of [`base_url`](Self::base_url), [`trusted_origins`](Self::trusted_origins),
/// [`trusted_proxy_headers`](Self::trusted_proxy_headers) and [`forwarded_fields`](Self::forwarded_fields). Without a base URL, a request
/// to another host than theirs is [`SessionError::UnknownHost`]. Lifetimes and other cookies are not used here.
#[derive(Debug)]
#[must_use = "a builder does nothing until build is called"]
pub struct Builder {
    site: Options,
    base_path: String,
}

impl Builder {
    setters! {
        /// Sets the public origin that browsers send the cookies to, such as `https://example.com`. Its scheme decides the names of
        /// the cookies. Without it, the origin is read from the request's `Host`, which must be this machine or a trusted origin.
        pub fn base_url(url: impl Into<String>) { site.base_url = Some(url.into()) }

        /// Sets the path that the routes of the sign-in are under, which the path of a cookie has to cover. The default is `/auth`.
        pub fn base_path(path: impl Into<String>) { base_path = path.into() }

        /// Sets the names of the cookies, and their attributes.
        pub fn cookies(cookies: Cookies) { site.cookies = cookies }

        /// Sets the policy of sessions: of it, issuer, audience and storage decide what is read.
        pub fn session(policy: SessionPolicy) { site.session = policy }

        /// Says that the site has its application check every session. None is read here then, because one that the application has
        /// ended lives on in its cookie.
        pub fn check_sessions() { site.session_checks = SessionChecks::Asked }

        /// Sets how session tokens are protected.
        pub fn session_token_format(format: SessionTokenFormat) { site.tokens = format }

        /// Trusts the proxy in front of this service, which says at which origin a request arrived. It needs trusted origins.
        pub fn trusted_proxy_headers() { site.proxy_headers = ProxyHeaders::Trusted }

        /// Sets which fields the trusted proxy writes. By default both families are read.
        pub fn forwarded_fields(fields: ForwardedFields) { site.forwarded_fields = fields }
    }

    /// Adds origins that count as the site's, or patterns of some, such as `https://*.example.com`.
    pub fn trusted_origins(mut self, origins: impl IntoIterator<Item: Into<String>>) -> Self {
        self.site.trusted_origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// Adds an earlier secret, whose sessions are read, too. Any number of times.
    pub fn previous_secret(mut self, secret: Secret) -> Self {
        self.site.previous_secrets.push(secret);
        self
    }

    /// Checks the configuration.
    ///
    /// # Errors
    /// [`ConfigError`], which names the option and the remedy.
    ///
    /// ```
    /// use aura_session::{ConfigError, Salt, Secret, Sessions};
    /// let (secret, salt) = ("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK", "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d");
    /// let builder = Sessions::builder(Secret::new(secret)?, Salt::new(salt)?).base_url("example.com");
    /// assert_eq!(builder.build().unwrap_err(), ConfigError::BaseUrl { value: "example.com".to_owned() });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn build(self) -> Result<Sessions, ConfigError> {
        let base_path = check_base_path(self.base_path)?;
        // No attempt is read here, and the site may let its own live as long as this.
        Ok(Sessions(Arc::new(self.site.check()?.site(&base_path, LONGEST_ATTEMPT)?)))
    }
}
