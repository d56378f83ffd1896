//! How is a request answered? By one pure function over a validated configuration.

use crate::action::Action;
use crate::config::{Builder, Config};
use crate::connection::RequestHead;
use crate::cookie::parse::Cookies;
use crate::entropy::Entropy;
use crate::error::Error;
use crate::flow;
use crate::jose::Refused;
use crate::jose::keys::Age;
use crate::origin::Scheme;
use crate::provider_tokens::{Owner, ProviderTokens, ProviderTokensError};
use crate::response::Respond;
use crate::route::Route;
use crate::secret::{Salt, Secret};
use crate::session::{OpenedSession, Session, SessionError};
use crate::time::UnixTime;
use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use std::sync::Arc;

/// A validated configuration, ready to answer requests. One a process; cheap to clone.
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
    ///
    /// ```
    /// # use aura_proto::{Auth, Salt, Secret};
    /// # fn configure(secret: Secret, salt: Salt) -> Result<Auth, aura_proto::ConfigError> {
    /// Auth::builder(secret, salt).base_url("https://example.com").build()
    /// # }
    /// ```
    pub fn builder(secret: Secret, salt: Salt) -> Builder {
        Builder::new(secret, salt)
    }

    pub(crate) fn new(config: Config) -> Self {
        Self(Arc::new(config))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0
    }

    /// Tells whether a request's path is under the base path, so that `handle` answers it.
    ///
    /// ```
    /// # fn route(auth: &aura_proto::Auth) {
    /// assert!(auth.owns("/auth/session") && !auth.owns("/authors"));
    /// # }
    /// ```
    pub fn owns(&self, path: &str) -> bool {
        path.strip_prefix(&self.0.base_path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Tells whether a request's path begins or ends a sign-in: what fails there is a failed sign-in.
    ///
    /// ```
    /// # fn route(auth: &aura_proto::Auth) {
    /// assert!(auth.is_sign_in("/auth/callback/github") && !auth.is_sign_in("/auth/session"));
    /// # }
    /// ```
    pub fn is_sign_in(&self, path: &str) -> bool {
        matches!(self.route(path), Some(Route::SignIn { .. } | Route::Callback { .. }))
    }

    /// Returns the path under which the routes are, such as `/auth`.
    ///
    /// ```
    /// # fn mount(auth: &aura_proto::Auth) {
    /// println!("sign in at {}/signIn/github", auth.base_path());
    /// # }
    /// ```
    pub fn base_path(&self) -> &str {
        &self.0.base_path
    }

    /// Iterates over id and name of the providers, in the order of their ids, to draw buttons.
    ///
    /// ```
    /// # fn buttons(auth: &aura_proto::Auth) {
    /// for (id, name) in auth.providers() {
    ///     println!("<a href=\"{}/signIn/{id}\">{name}</a>", auth.base_path());
    /// }
    /// # }
    /// ```
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.providers.values().map(|provider| (provider.id.as_str(), provider.name.as_str()))
    }

    /// Longest request body that is looked at, in bytes: hosts need to keep no more.
    ///
    /// ```
    /// assert_eq!(aura_proto::Auth::MAX_BODY, 64 * 1024);
    /// ```
    pub const MAX_BODY: usize = 64 * 1024;

    /// Answers a request under the base path, or says which exchange it needs first. A body of more than
    /// [`MAX_BODY`](Self::MAX_BODY) is refused.
    ///
    /// ```
    /// use aura_proto::{Action, Auth, Entropy, UnixTime};
    /// fn begin(auth: &Auth, request: http::Request<bytes::Bytes>, now: UnixTime, bytes: [u8; 32]) -> Action {
    ///     auth.handle(request, now, Entropy::from_os_bytes(bytes))
    /// }
    /// ```
    pub fn handle(&self, request: Request<Bytes>, now: UnixTime, entropy: Entropy) -> Action {
        let (head, body) = request.into_parts();
        let is_head = head.method == Method::HEAD;
        let action = flow::begin(self, &head, &body, now, entropy);
        if is_head { flow::without_body(action) } else { action }
    }

    /// Makes the answer to a request that the host itself refuses, such as one with too long a body.
    ///
    /// ```
    /// # use aura_proto::{Auth, RequestError, Respond};
    /// fn too_long(auth: &Auth, path: &str) -> Respond {
    ///     auth.refuse(path, RequestError::BodyTooLarge)
    /// }
    /// ```
    pub fn refuse(&self, path: &str, error: impl Into<Error>) -> Respond {
        flow::refusal(self.route(path).as_ref(), error)
    }

    /// Reads the session that a request carries: pure and cheap, for guards and extractors.
    ///
    /// The names of the cookies follow the public origin, which a base URL or a trusted proxy's headers give. Without
    /// either the headers do not say whether the connection was secure, and it counts as plain:
    /// [`session_of`](Self::session_of) looks at the [`Connection`](crate::Connection) too.
    ///
    /// # Errors
    /// [`SessionError`] says why there is none.
    ///
    /// ```
    /// # use aura_proto::{Auth, UnixTime};
    /// # fn guard(auth: &Auth, headers: &http::HeaderMap, now: UnixTime) -> Option<String> {
    /// auth.session(headers, now).ok().map(|session| session.user.sub)
    /// # }
    /// ```
    pub fn session(&self, headers: &HeaderMap, now: UnixTime) -> Result<Session, SessionError> {
        self.session_of(headers, now)
    }

    /// Reads the session that a request carries, with the answer that `GET /session` gives for the same request.
    ///
    /// # Errors
    /// [`SessionError`] says why there is none.
    ///
    /// ```
    /// # use aura_proto::{Auth, UnixTime};
    /// # fn guard(auth: &Auth, request: &http::Request<bytes::Bytes>, now: UnixTime) -> Option<String> {
    /// auth.session_of(request, now).ok().map(|session| session.user.sub)
    /// # }
    /// ```
    pub fn session_of<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Result<Session, SessionError> {
        let request = request.into();
        let scheme = self.scheme_of(request)?;
        self.session_on(scheme, request.headers, now)
    }

    /// Reads the tokens that a provider granted for the signed-in user, where the provider is configured to keep them.
    ///
    /// They may have ended: `POST /providers/:oauth/user/refresh` and `GET /providers/:oauth/tokens` renew them.
    ///
    /// # Errors
    /// [`ProviderTokensError`] says why there are none.
    ///
    /// ```
    /// # use aura_proto::{Auth, UnixTime};
    /// # fn call(auth: &Auth, headers: &http::HeaderMap, now: UnixTime) -> Option<String> {
    /// let tokens = auth.provider_tokens("github", headers, now).ok()?;
    /// Some(tokens.access_token.expose().to_owned())
    /// # }
    /// ```
    pub fn provider_tokens<'a>(
        &self,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Result<ProviderTokens, ProviderTokensError> {
        let request = request.into();
        let signed_out = |_| ProviderTokensError::SignedOut;
        let scheme = self.scheme_of(request).map_err(signed_out)?;
        let session = self.session_on(scheme, request.headers, now).map_err(signed_out)?;
        let owner = Owner { provider, session: &session };
        self.provider_tokens_of(scheme, owner, request.headers).map(|(tokens, _)| tokens)
    }

    /// Tells whether browsers reach the site over TLS, which names the cookies of a request.
    fn scheme_of(&self, request: RequestHead<'_>) -> Result<Scheme, SessionError> {
        match &self.0.base_url {
            Some(base_url) => Ok(base_url.scheme()),
            None => Ok(self.public_origin(request).map_err(|_| SessionError::UnknownHost)?.scheme()),
        }
    }

    /// Opens what the cookie of an owner's tokens holds.
    pub(crate) fn provider_tokens_of(
        &self,
        scheme: Scheme,
        owner: Owner<'_>,
        headers: &HeaderMap,
    ) -> Result<(ProviderTokens, Age), ProviderTokensError> {
        let cookie = self.0.cookies(scheme).access_token(owner.provider);
        let values = cookie.read(Cookies::new(headers)).unwrap_or_default();
        let mut error = ProviderTokensError::Missing;
        for value in values {
            match ProviderTokens::open(&self.0.keyring, &value, owner) {
                Ok(tokens) => return Ok(tokens),
                Err(Refused) => error = ProviderTokensError::Invalid,
            }
        }
        Err(error)
    }

    /// Reads the session of a request whose scheme is known.
    pub(crate) fn session_on(
        &self,
        scheme: Scheme,
        headers: &HeaderMap,
        now: UnixTime,
    ) -> Result<Session, SessionError> {
        self.open_session(scheme, headers, now).map(|opened| opened.session)
    }

    /// Opens what the session cookie holds, joined of its chunks. Of the values that the cookies of its name can be
    /// joined to, one alone may authenticate; where they are suspiciously many, none does.
    pub(crate) fn open_session(
        &self,
        scheme: Scheme,
        headers: &HeaderMap,
        now: UnixTime,
    ) -> Result<OpenedSession, SessionError> {
        let cookie = &self.0.cookies(scheme).session;
        let tokens = cookie.read(Cookies::new(headers)).ok_or(SessionError::Ambiguous)?;
        let mut outcome = Err(SessionError::Missing);
        for token in tokens {
            let opened = OpenedSession::open(&self.0.keyring, &self.0.session, &token, now);
            outcome = match (opened, outcome) {
                (Ok(_), Ok(_)) => return Err(SessionError::Ambiguous),
                (Ok(session), Err(_)) | (Err(_), Ok(session)) => Ok(session),
                (Err(error), Err(_)) => Err(error),
            };
        }
        outcome
    }

    /// Reads a path under the base path.
    pub(crate) fn route(&self, path: &str) -> Option<Route> {
        path.strip_prefix(&self.0.base_path).and_then(Route::parse)
    }
}
