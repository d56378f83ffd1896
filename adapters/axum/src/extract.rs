//! Who is signed in, and does a page of this site ask, as arguments of a handler?

use aura_proto::{Auth, RequestError, Respond, SessionError};
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::ops::Deref;

/// The session of a request. As an argument it requires one; as `Option<Session>` it does not.
///
/// ```
/// use aura_axum::Session;
/// async fn hello(session: Session) -> String {
///     format!("Hello, {}", session.user.name.as_deref().unwrap_or("stranger"))
/// }
/// async fn home(session: Option<Session>) -> &'static str {
///     if session.is_some() { "signed in" } else { "signed out" }
/// }
/// # let _: axum::Router<aura_proto::Auth> = axum::Router::new()
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
/// host is not one of the site's.
///
/// ```
/// use aura_axum::SignedOut;
/// use axum::response::IntoResponse;
/// let response = SignedOut::from(aura_proto::SessionError::Missing).into_response();
/// assert_eq!(response.status(), 401);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedOut(SessionError);

impl From<SessionError> for SignedOut {
    fn from(error: SessionError) -> Self {
        Self(error)
    }
}

impl IntoResponse for SignedOut {
    fn into_response(self) -> Response {
        Respond::refusal(self.0).into_response().map(Body::from)
    }
}

fn session<S>(parts: &Parts, state: &S) -> Result<Session, SessionError>
where
    Auth: FromRef<S>,
{
    // A layer that requires a session has read it.
    if let Some(session) = parts.extensions.get::<Session>() {
        return Ok(session.clone());
    }
    Auth::from_ref(state).session_of(parts, aura_http::now()).map(Session)
}

impl<S> FromRequestParts<S> for Session
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = SignedOut;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SignedOut> {
        session(parts, state).map_err(SignedOut)
    }
}

impl<S> OptionalFromRequestParts<S> for Session
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Infallible> {
        Ok(session(parts, state).ok())
    }
}

/// Proof that a page of this site sent the request: as an argument it requires the token of `GET /csrfToken` in the header
/// `X-CSRF-Token`. Take it beside [`Session`] wherever something is changed.
///
/// ```
/// use aura_axum::{Csrf, Session};
/// async fn delete_account(_: Csrf, session: Session) -> String {
///     format!("Farewell, {}", session.user.sub)
/// }
/// # let _: axum::Router<aura_proto::Auth> = axum::Router::new()
/// #     .route("/account", axum::routing::delete(delete_account));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Csrf;

/// Refuses a request that does not prove that a page of this site sent it: 403, with the reason.
///
/// ```
/// use aura_axum::CsrfRefused;
/// use axum::response::IntoResponse;
/// let response = CsrfRefused::from(aura_proto::RequestError::CsrfTokenMissing).into_response();
/// assert_eq!(response.status(), 403);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsrfRefused(RequestError);

impl From<RequestError> for CsrfRefused {
    fn from(error: RequestError) -> Self {
        Self(error)
    }
}

impl IntoResponse for CsrfRefused {
    fn into_response(self) -> Response {
        Respond::refusal(self.0).into_response().map(Body::from)
    }
}

impl<S> FromRequestParts<S> for Csrf
where
    Auth: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = CsrfRefused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, CsrfRefused> {
        Auth::from_ref(state).check_csrf(&*parts, aura_http::now()).map_err(CsrfRefused)?;
        Ok(Self)
    }
}
