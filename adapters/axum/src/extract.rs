//! The session and the CSRF check as arguments of handlers.

use aura_http::{Driver, KeptSession};
use aura_proto::{Error, Reader, Refusal, Respond, SessionError};
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::ops::Deref;

/// The session of a request. As an argument it requires one; as `Option<Session>` it does not. However many arguments ask, the
/// token is opened once, and the application is asked once about the session.
///
/// It renews nothing. `GET /session` does, and the layers [`require_session`](crate::require_session) and
/// [`renew_sessions`](crate::renew_sessions) do for the routes below them: where sessions are rolling or sliding, a user who visits
/// no such route is signed out when the session ends.
///
/// ```
/// use aura_axum::Session;
/// async fn hello(session: Session) -> String {
///     format!("Hello, {}", session.user().name().unwrap_or("stranger"))
/// }
/// async fn home(session: Option<Session>) -> &'static str {
///     if session.is_some() { "signed in" } else { "signed out" }
/// }
/// # let _: axum::Router<aura_axum::Driver> = axum::Router::new()
/// #     .route("/hello", axum::routing::get(hello)).route("/", axum::routing::get(home));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a transparent wrapper, to be taken apart in arguments")]
pub struct Session(pub aura_proto::Session);

impl Deref for Session {
    type Target = aura_proto::Session;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Refuses a request that an extractor does not let through, by a page where a browser shows the answer, else by JSON: 401 where a
/// session is missing, with the body of `GET /session`; 400 where the request's host is not one of the site's; 403 where no page
/// of this site sent the request, or the session's claims are not those that [`SessionOf`](crate::SessionOf) reads; 503 where the
/// application cannot check the session.
///
/// ```
/// use aura_axum::{Rejection, Session};
/// use axum::response::{IntoResponse, Redirect, Response};
///
/// async fn account(session: Result<Session, Rejection>) -> Response {
///     match session {
///         Ok(session) => session.user().sub().to_owned().into_response(),
///         Err(refused) if refused.error().status() == 401 => Redirect::to("/welcome").into_response(),
///         Err(refused) => refused.into_response(),
///     }
/// }
/// # let _: axum::Router<aura_axum::Driver> = axum::Router::new().route("/account", axum::routing::get(account));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    reader: Reader,
    refusal: Refusal,
}

impl Rejection {
    pub(crate) fn new(headers: &HeaderMap, refusal: impl Into<Refusal>) -> Self {
        Self { reader: Reader::of(headers), refusal: refusal.into() }
    }

    /// Returns why the request is refused.
    pub fn error(&self) -> &Error {
        self.refusal.error()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        Respond::refusal_to(self.reader, self.refusal).into_response().map(Body::from)
    }
}

/// A state with the driver in it, for extractors: every one that a [`Driver`] comes from by [`FromRef`], such as the driver itself.
pub trait WithDriver: Send + Sync {
    /// Returns the driver.
    fn driver(&self) -> Driver;
}

impl<S: Send + Sync> WithDriver for S
where
    Driver: FromRef<S>,
{
    fn driver(&self) -> Driver {
        Driver::from_ref(self)
    }
}

async fn session(parts: &mut Parts, state: &impl WithDriver) -> Result<Session, SessionError> {
    let driver = state.driver();
    if let Some(kept) = parts.extensions.get::<KeptSession>()
        && let Some(session) = kept.session(driver.auth(), &parts.headers)
    {
        return session.clone().map(Session);
    }
    let session = driver.session(&*parts).await;
    parts.extensions.insert(KeptSession::new(driver.auth(), &parts.headers, session.clone()));
    session.map(Session)
}

impl<S: WithDriver> FromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        session(parts, state).await.map_err(|error| Rejection::new(&parts.headers, error))
    }
}

impl<S: WithDriver> OptionalFromRequestParts<S> for Session {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Infallible> {
        Ok(session(parts, state).await.ok())
    }
}

/// Proof that a page of this site sent the request: as an argument it requires the token of `GET /csrfToken` in the header
/// `X-CSRF-Token`. Take it beside [`Session`] wherever something is changed.
///
/// ```
/// use aura_axum::{Csrf, Session};
/// async fn delete_account(_: Csrf, session: Session) -> String {
///     format!("Farewell, {}", session.user().sub())
/// }
/// # let _: axum::Router<aura_axum::Driver> = axum::Router::new()
/// #     .route("/account", axum::routing::delete(delete_account));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Csrf;

impl<S: WithDriver> FromRequestParts<S> for Csrf {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let checked = state.driver().check_csrf(&*parts).await;
        checked.map(|()| Self).map_err(|error| Rejection::new(&parts.headers, error))
    }
}
