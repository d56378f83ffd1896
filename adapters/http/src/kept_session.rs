//! The session of a request, kept among the request's extensions.

use crate::driver::Driver;
use aura_proto::{Auth, Session, SessionError};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use http::request::Parts;
use std::fmt;

/// A session that was read, under which configuration, and from which cookies. A layer or the first extractor keeps it among the
/// request's extensions, so that the token of a request is opened once, and the application is asked once.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
/// # let driver = aura_http::Driver::new(auth, client);
/// use aura_http::KeptSession;
/// use aura_proto::{Session, SessionError, User};
///
/// let (mut parts, ()) = http::Request::get("/account").header("cookie", "aura-auth.session_token=..").body(())?.into_parts();
/// let ada = Session::builder(User::new("ada")).build();
/// let kept = KeptSession::new(driver.auth(), &parts.headers, Ok(ada.clone()));
/// let kept = driver.keep_session(Some(kept), &parts).await;
/// assert_eq!(kept.session(), &Ok(ada));
/// // A middleware took the cookies away: the request has no session from here on.
/// parts.headers.clear();
/// assert_eq!(driver.keep_session(Some(kept), &parts).await.session(), &Err(SessionError::Missing));
/// # Ok(()) }
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

    /// Returns what was found.
    ///
    /// # Errors
    /// [`SessionError`] says why there is no session.
    pub fn session(&self) -> &Result<Session, SessionError> {
        &self.session
    }

    fn is_of(&self, auth: &Auth, headers: &HeaderMap) -> bool {
        self.auth.is_same(auth) && headers.get_all(COOKIE).iter().eq(&self.cookies)
    }
}

impl Driver {
    /// Reads the session of a request, as [`session`](Self::session) does, unless what is kept was read under the driver's
    /// configuration, and from the cookies that the request has still.
    pub async fn keep_session(&self, kept: Option<KeptSession>, request: &Parts) -> KeptSession {
        match kept.filter(|kept| kept.is_of(self.auth(), &request.headers)) {
            Some(kept) => kept,
            None => KeptSession::new(self.auth(), &request.headers, self.session(request).await),
        }
    }
}
