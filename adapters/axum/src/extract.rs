//! The session and the CSRF check as arguments of handlers.

use aura_http::Driver;
use aura_proto::{Auth, RequestError, Respond, SessionError};
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{COOKIE, HeaderMap, HeaderValue};
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

/// Refuses a request that needs a session and has none: 401, with the body of `GET /session`; 400 where the request's
/// host is not one of the site's; 403 where the session's claims are not those that [`SessionOf`](crate::SessionOf) reads; 503 where
/// the application cannot check the session.
///
/// ```
/// use aura_axum::SessionRejection;
/// use axum::response::IntoResponse;
/// let response = SessionRejection::from(aura_proto::SessionError::Missing).into_response();
/// assert_eq!(response.status(), 401);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRejection(Reason);

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Session(SessionError),
    Claims,
}

impl SessionRejection {
    pub(crate) fn of_claims() -> Self {
        Self(Reason::Claims)
    }
}

impl From<SessionError> for SessionRejection {
    fn from(error: SessionError) -> Self {
        Self(Reason::Session(error))
    }
}

impl IntoResponse for SessionRejection {
    fn into_response(self) -> Response {
        let respond = match self.0 {
            Reason::Session(error) => Respond::refusal(error),
            Reason::Claims => Respond::refusal(RequestError::ClaimsMismatch),
        };
        respond.into_response().map(Body::from)
    }
}

/// A session that was read, under which configuration, and from which cookies: the token of a request is opened once, by the
/// layer or by the first extractor.
#[derive(Clone)]
pub(crate) struct Reading {
    auth: Auth,
    cookies: Vec<HeaderValue>,
    session: Result<aura_proto::Session, SessionError>,
}

impl Reading {
    pub(crate) fn new(
        auth: &Auth,
        headers: &HeaderMap,
        session: Result<aura_proto::Session, SessionError>,
    ) -> Self {
        let cookies = headers.get_all(COOKIE).iter().cloned().collect();
        Self { auth: auth.clone(), cookies, session }
    }

    /// Tells whether this is the reading of a request: by the same configuration, and of the cookies that it has still. A
    /// middleware may have taken them away.
    fn is_of(&self, auth: &Auth, headers: &HeaderMap) -> bool {
        self.auth.is_same(auth) && headers.get_all(COOKIE).iter().eq(&self.cookies)
    }
}

async fn session<S>(parts: &mut Parts, state: &S) -> Result<Session, SessionError>
where
    Driver: FromRef<S>,
{
    let driver = Driver::from_ref(state);
    if let Some(reading) = parts.extensions.get::<Reading>()
        && reading.is_of(driver.auth(), &parts.headers)
    {
        return reading.session.clone().map(Session);
    }
    let session = driver.session(&*parts).await;
    parts.extensions.insert(Reading::new(driver.auth(), &parts.headers, session.clone()));
    session.map(Session)
}

impl<S> FromRequestParts<S> for Session
where
    Driver: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionRejection> {
        session(parts, state).await.map_err(SessionRejection::from)
    }
}

impl<S> OptionalFromRequestParts<S> for Session
where
    Driver: FromRef<S>,
    S: Send + Sync,
{
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

/// Refuses a request that does not prove that a page of this site sent it: 403, with the reason.
///
/// ```
/// use aura_axum::CsrfRejection;
/// use axum::response::IntoResponse;
/// let response = CsrfRejection::from(aura_proto::RequestError::CsrfTokenMissing).into_response();
/// assert_eq!(response.status(), 403);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsrfRejection(RequestError);

impl From<RequestError> for CsrfRejection {
    fn from(error: RequestError) -> Self {
        Self(error)
    }
}

impl IntoResponse for CsrfRejection {
    fn into_response(self) -> Response {
        Respond::refusal(self.0).into_response().map(Body::from)
    }
}

impl<S> FromRequestParts<S> for Csrf
where
    Driver: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = CsrfRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, CsrfRejection> {
        Driver::from_ref(state).check_csrf(&*parts).await.map_err(CsrfRejection)?;
        Ok(Self)
    }
}
