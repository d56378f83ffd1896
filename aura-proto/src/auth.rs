//! The one entry point: a validated configuration that answers requests.

mod limits;
mod operation;
mod sessions;
mod stored;

pub use operation::ProviderCheck;

use crate::action::Action;
use crate::app_tokens::Jose;
use crate::config::{Builder, Config, ConfigError, Finding};
use crate::connection::{self, RequestHead, public_origin};
use crate::csrf;
use crate::entropy::Entropy;
use crate::error::{Error, RequestError};
use crate::flow;
use crate::forms::{self, FormToken};
use crate::incoming::Incoming;
use crate::provider::Row;
use crate::response::Respond;
use crate::route::{ProviderRoute, Route};
use crate::session::{SessionChecks, SessionError};
use crate::{Salt, Secret};
use aura_types::UnixTime;
use bytes::Bytes;
use core::net::IpAddr;
use http::Request;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A validated configuration, ready to answer requests. One for each site that signs in; cheap to clone.
///
/// ```
/// use aura_proto::{Action, Auth, Entropy, Salt, Secret, UnixTime};
/// use bytes::Bytes;
/// use http::Request;
///
/// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
///
/// let request = Request::get("/auth/session").body(Bytes::new())?;
/// let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes([7; 32]));
/// let Action::Respond(respond) = auth.handle(request, now, entropy) else { unreachable!() };
/// assert_eq!(respond.into_response().status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Auth(Arc<Config>);

impl Auth {
    /// Begins a configuration.
    pub fn builder(secret: Secret, salt: Salt) -> Builder {
        Builder::new(secret, salt)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0
    }

    /// Has the application check every session that a request carries, as [`Builder::check_sessions`] does. Clones that there are
    /// already are without checks.
    ///
    /// ```
    /// use aura_proto::{Auth, Salt, Secret};
    /// # let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// assert!(!auth.is_same(&auth.clone().with_session_checks()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_session_checks(mut self) -> Self {
        Arc::make_mut(&mut self.0).site.session_checks = SessionChecks::Asked;
        self
    }

    /// Tells whether a request's path is under the base path, so that `handle` answers it.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// assert!(auth.owns("/auth/session"));
    /// assert!(!auth.owns("/authors"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn owns(&self, path: &str) -> bool {
        path.strip_prefix(&self.0.base_path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Tells whether a path is that of a route, of a configured provider where it names one. [`owns`](Self::owns) is true of
    /// every path under the base path.
    ///
    /// ```
    /// use aura_proto::{Auth, Salt, Secret};
    /// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// assert!(auth.is_route("/auth/session") && !auth.is_route("/auth/devices"));
    /// assert!(!auth.is_route("/auth/signIn/nobody"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_route(&self, path: &str) -> bool {
        match self.route(path) {
            Some(Route::Site(_)) => true,
            Some(Route::Provider(_, id)) => self.0.providers.contains_key(&id),
            None => false,
        }
    }

    /// Tells whether a path is that of the configured sign-in page or error page: a guard that stands before one of them sends
    /// people round without end.
    ///
    /// ```
    /// use aura_proto::{Auth, Salt, Secret};
    /// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let auth = Auth::builder(secret, salt).base_url("https://example.com").sign_in_page("/enter?x=1").build()?;
    /// assert!(auth.is_entrance("/enter") && !auth.is_entrance("/account"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_entrance(&self, path: &str) -> bool {
        let pages = self.0.sign_in_page.iter().chain(&self.0.error_page);
        pages.filter_map(|page| page.split('?').next()).any(|page| page == path)
    }

    /// Tells whether a path is that of `/signIn/:provider` or `/callback/:provider`.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// assert!(auth.is_sign_in("/auth/callback/github"));
    /// assert!(!auth.is_sign_in("/auth/session"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_sign_in(&self, path: &str) -> bool {
        matches!(self.route(path), Some(Route::Provider(ProviderRoute::SignIn | ProviderRoute::Callback, _)))
    }

    /// Returns the path under which the routes are, such as `/auth`.
    pub fn base_path(&self) -> &str {
        &self.0.base_path
    }

    /// Iterates over id and name of the providers, in the order of their ids, to draw buttons.
    ///
    /// ```
    /// # use aura_proto::{Auth, ClientSecret, Salt, Secret};
    /// # use aura_providers::{GITHUB, GITLAB};
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let builder = aura_proto::Auth::builder(secret, salt);
    /// let auth = builder
    ///     .provider(GITLAB.with_client("id", ClientSecret::new("secret")))
    ///     .provider(GITHUB.with_client("id", ClientSecret::new("secret")))
    ///     .build()?;
    /// let mut providers = auth.providers();
    /// assert_eq!(providers.next(), Some(("github", "GitHub")));
    /// assert_eq!(providers.next(), Some(("gitlab", "GitLab")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.providers.values().map(|provider| (provider.id.as_str(), provider.name.as_str()))
    }

    /// Longest request body that is looked at, in bytes: hosts need to keep no more.
    ///
    /// ```
    /// assert_eq!(aura_proto::Auth::MAX_BODY, 64 * 1024);
    /// ```
    pub const MAX_BODY: usize = flow::MAX_BODY;

    /// Answers a request under the base path, or returns the first action that it needs. A body of more than
    /// [`MAX_BODY`](Self::MAX_BODY) is refused.
    pub fn handle(&self, request: Request<Bytes>, now: UnixTime, entropy: Entropy) -> Action {
        flow::begin(&self.0, request, now, entropy).into()
    }

    /// Makes the answer to a request that the host itself refuses, such as one with too long a body.
    pub fn refuse(&self, path: &str, error: impl Into<Error>) -> Respond {
        match self.route(path) {
            Some(route) => route.refusal(error),
            None => Respond::refusal(error),
        }
    }

    /// Returns the path that browsers see in front of every path of this site, for links: empty where no proxy takes one
    /// off, or if its header is malformed.
    pub fn public_path<'a>(&self, request: impl Into<RequestHead<'a>>) -> String {
        connection::public_path(&self.0, request.into()).unwrap_or_default()
    }

    /// Tells whether the policy keeps sessions in a store, which the host must have then.
    pub fn needs_store(&self) -> bool {
        self.0.session.is_stored()
    }

    /// Tells whether both are clones of one configuration. A session that one has read may be invalid for another, even for one
    /// with equal settings.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns a CSRF token to write into the forms of a page: the one that the browser has, or a new one with its cookie.
    /// [`check_form`](Self::check_form) checks it. The application's [check of sessions](Builder::check_sessions) is not asked: the
    /// token says who sends a form, and lets nobody in.
    ///
    /// # Errors
    /// [`RequestError`] where the request's host is not one of the site's.
    pub fn form_token<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
        mut entropy: Entropy,
    ) -> Result<FormToken, Error> {
        let request = request.into();
        let scheme = public_origin(&self.0, request)?.scheme();
        let incoming = Incoming { config: &self.0, scheme, headers: request.headers };
        Ok(forms::token(incoming, &mut entropy, now).put_under(&self.public_path(request)))
    }

    /// Checks that a state-changing request to the application comes from a page of this site, as the routes themselves do:
    /// Fetch Metadata and `Origin`, and the token of `GET /csrfToken` in the header `X-CSRF-Token`, which
    /// must be the cookie's and belong to the signed-in user. By [`CsrfProtection::FetchMetadata`](crate::CsrfProtection), the token is not
    /// needed where Fetch Metadata suffices. [`check_form`](Self::check_form) does the same for a form.
    ///
    /// # Errors
    /// [`RequestError`], if something is missing or wrong; [`Respond::refusal`](crate::Respond::refusal) answers with it.
    pub fn check_csrf<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Result<(), RequestError> {
        self.check_page(request.into(), None, now)
    }

    /// Checks the same of a request that an HTML form sent, with the token that the form's field holds. A token in the header
    /// `X-CSRF-Token` takes precedence.
    ///
    /// # Errors
    /// Those of [`check_csrf`](Self::check_csrf).
    ///
    /// ```
    /// use aura_proto::{Auth, Entropy, RequestError, Salt, Secret, UnixTime};
    /// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes([7; 32]));
    ///
    /// let token = auth.form_token(&http::Request::get("/account").body(())?, now, entropy)?;
    /// let field = token.as_str().to_owned();
    /// let page = token.finish(http::Response::new(()));
    /// let cookie = page.headers()["set-cookie"].to_str()?.split(';').next().unwrap_or_default().to_owned();
    ///
    /// let post = http::Request::post("/account").header("cookie", cookie).body(())?;
    /// assert_eq!(auth.check_form(&post, Some(&field), now), Ok(()));
    /// assert_eq!(auth.check_form(&post, None, now), Err(RequestError::CsrfTokenMissing));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_form<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        token: Option<&str>,
        now: UnixTime,
    ) -> Result<(), RequestError> {
        self.check_page(request.into(), token, now)
    }

    /// Reads the form that a page of this site sent, `application/x-www-form-urlencoded`, and checks it as
    /// [`check_form`](Self::check_form) does. The field `csrfToken` is not one of the type's.
    ///
    /// # Errors
    /// Those of [`check_csrf`](Self::check_csrf), and [`RequestError::MalformedBody`] where the body is no such form.
    pub fn read_form<'a, T: DeserializeOwned>(
        &self,
        request: impl Into<RequestHead<'a>>,
        body: &[u8],
        now: UnixTime,
    ) -> Result<T, RequestError> {
        let request = request.into();
        let (token, own) = forms::split_token(request.headers, body)?;
        self.check_page(request, token.as_deref(), now)?;
        serde_urlencoded::from_str(&own).map_err(|_| RequestError::MalformedBody)
    }

    /// Returns the address to count a client's requests by: the peer's, or with trusted proxy headers the one that the
    /// proxy was called from (RFC 7239 section 5.2). IPv6 addresses are cut to their /64 network. Mapped and translated
    /// IPv4 addresses (`::ffff:0:0/96`, `64:ff9b::/96`) are IPv4. `None` if the address is unknown, if a trusted proxy
    /// hides it, or if the proxy's field is malformed.
    ///
    /// ```
    /// # use aura_proto::{Connection, Scheme};
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// let mut request = http::Request::get("/account").body(())?;
    /// assert_eq!(auth.client_address(&request), None);
    /// request.extensions_mut().insert(Connection::new(Scheme::Https).with_peer("2001:db8::7:1".parse()?));
    /// assert_eq!(auth.client_address(&request), Some("2001:db8::".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn client_address<'a>(&self, request: impl Into<RequestHead<'a>>) -> Option<IpAddr> {
        connection::client_address(&self.0, request.into())
    }

    /// Returns the API that signs and encrypts the application's own tokens.
    pub fn jose(&self) -> Jose<'_> {
        Jose::new(&self.0.keyring)
    }

    /// Lists settings that are allowed, but probably mistakes: log them at start. Providers are compared
    /// with what is known of them, the `rows`: `aura_providers::ROWS` are the built-in ones.
    ///
    /// ```
    /// use aura_proto::{Auth, Finding, Salt, Secret};
    /// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// assert_eq!(auth.findings(&[]), [Finding::NoProvider]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn findings(&self, rows: &[Row]) -> Vec<Finding> {
        Finding::of(&self.0, rows)
    }

    fn check_page(
        &self,
        request: RequestHead<'_>,
        token: Option<&str>,
        now: UnixTime,
    ) -> Result<(), RequestError> {
        let origin = public_origin(&self.0, request)?;
        let incoming = Incoming { config: &self.0, scheme: origin.scheme(), headers: request.headers };
        if self.0.csrf_protection.is_satisfied_by(request.headers) {
            return Ok(csrf::check_site(request.headers, &origin, &self.0.trusted_origins)?);
        }
        Ok(incoming.check_page(&origin, token, now).map(drop)?)
    }

    fn incoming<'a>(&'a self, request: RequestHead<'a>) -> Result<Incoming<'a>, SessionError> {
        Incoming::of(&self.0, request)
    }

    fn route(&self, path: &str) -> Option<Route> {
        Route::of_request(&self.0.base_path, path, &self.0.session)
    }
}

impl Builder {
    /// Checks the configuration and makes it ready.
    ///
    /// # Errors
    /// [`ConfigError`] names the option and the remedy.
    ///
    /// ```
    /// # use aura_proto::{Auth, ConfigError, Salt, Secret};
    /// # let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    /// # let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    /// let error = Auth::builder(secret, salt).base_url("example.com").build().unwrap_err();
    /// assert_eq!(error, ConfigError::BaseUrl { value: "example.com".into() });
    /// ```
    pub fn build(self) -> Result<Auth, ConfigError> {
        Ok(Auth(Arc::new(self.check()?)))
    }
}
