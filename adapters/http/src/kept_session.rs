//! The session of a request, kept among the request's extensions.

use aura_proto::{Auth, Session, SessionError};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use std::fmt;

/// A session that was read, under which configuration, and from which cookies. A layer or the first extractor keeps it among the
/// request's extensions, so that the token of a request is opened once, and the application is asked once.
///
/// ```
/// use aura_http::KeptSession;
/// use aura_proto::{Auth, Salt, Secret, Session, User};
/// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("cookie", "aura-auth.session_token=..".parse()?);
/// let ada = Session::builder(User::new("ada")).build();
/// let kept = KeptSession::new(&auth, &headers, Ok(ada.clone()));
/// assert_eq!(kept.session(&auth, &headers), Some(&Ok(ada)));
/// // A middleware took the cookies away: the request has no session from here on.
/// headers.clear();
/// assert_eq!(kept.session(&auth, &headers), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct KeptSession {
    auth: Auth,
    cookies: Vec<HeaderValue>,
    session: Result<Session, SessionError>,
}

impl fmt::Debug for KeptSession {
    /// Leaves the cookies out: they hold the session's token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptSession").field("session", &self.session).finish_non_exhaustive()
    }
}

impl KeptSession {
    /// Keeps what a configuration found in a request.
    pub fn new(auth: &Auth, headers: &HeaderMap, session: Result<Session, SessionError>) -> Self {
        let cookies = headers.get_all(COOKIE).iter().cloned().collect();
        Self { auth: auth.clone(), cookies, session }
    }

    /// Returns what was found, if it was read under this configuration, and from the cookies that the request has still.
    pub fn session(&self, auth: &Auth, headers: &HeaderMap) -> Option<&Result<Session, SessionError>> {
        let is_same = self.auth.is_same(auth) && headers.get_all(COOKIE).iter().eq(&self.cookies);
        is_same.then_some(&self.session)
    }
}
