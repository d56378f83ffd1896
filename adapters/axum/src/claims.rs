//! The application's own claims of a session: as a type, and changed by a handler.

use crate::extract::{Rejection, Session, WithDriver};
use aura_http::Driver;
use aura_proto::{RequestError, Visit};
use axum::body::Body;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// The session of a request, with the application's own claims as a type. As an argument it requires both: a request without a
/// session is 401, and a session whose claims do not have the type's shape is 403 with the reason `claims_mismatch`. As
/// `Option<SessionOf<T>>` it requires no session, but of one that there is the claims. It renews nothing, as [`Session`].
///
/// ```
/// use aura_axum::SessionOf;
/// #[derive(serde::Deserialize)]
/// struct Claims { role: String }
///
/// async fn account(SessionOf { session, claims }: SessionOf<Claims>) -> String {
///     format!("{} is {}", session.user().sub(), claims.role)
/// }
/// # let _: axum::Router<aura_axum::Driver> = axum::Router::new().route("/account", axum::routing::get(account));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "it is taken apart in arguments")]
pub struct SessionOf<T> {
    /// The session.
    pub session: aura_proto::Session,
    /// Its own claims.
    pub claims: T,
}

impl<T: DeserializeOwned> SessionOf<T> {
    fn of(Session(session): Session, parts: &Parts) -> Result<Self, Rejection> {
        match session.claims_as() {
            Ok(claims) => Ok(Self { session, claims }),
            Err(_) => Err(Rejection::new(&parts.headers, RequestError::ClaimsMismatch)),
        }
    }
}

impl<S: WithDriver, T: DeserializeOwned> FromRequestParts<S> for SessionOf<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        Self::of(<Session as FromRequestParts<S>>::from_request_parts(parts, state).await?, parts)
    }
}

impl<S: WithDriver, T: DeserializeOwned> OptionalFromRequestParts<S> for SessionOf<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        let session = <Session as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await;
        let Ok(session) = session;
        session.map(|session| Self::of(session, parts)).transpose()
    }
}

/// Changes the application's own claims of the session, for a handler whose request requires one. Take [`Csrf`](crate::Csrf) or
/// [`CsrfForm`](crate::CsrfForm) beside it, as wherever something is changed.
///
/// ```
/// use aura_axum::{Csrf, UpdateClaims};
/// use axum::response::{IntoResponse, Response};
/// #[derive(serde::Serialize)]
/// struct Claims { theme: &'static str }
///
/// async fn darken(_: Csrf, update: UpdateClaims) -> Result<impl IntoResponse, Response> {
///     let session = update.with(&Claims { theme: "dark" }).await?;
///     Ok((session, "Dark it is."))
/// }
/// # let _: axum::Router<aura_axum::Driver> = axum::Router::new().route("/dark", axum::routing::post(darken));
/// ```
#[must_use = "change the claims by with"]
pub struct UpdateClaims {
    driver: Driver,
    head: Parts,
    session: aura_proto::Session,
}

/// A session with other claims: return it in front of the page, so that it reaches the browser.
#[derive(Debug)]
#[must_use = "return it in front of the page, so that the session reaches the browser"]
pub struct UpdatedSession(pub(crate) Visit);

impl fmt::Debug for UpdateClaims {
    /// Leaves the request out: its headers hold the session.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateClaims").field("session", &self.session).finish_non_exhaustive()
    }
}

impl UpdateClaims {
    /// Replaces the claims of the members' names, and takes away those that are `null`; see
    /// [`Auth::update_claims`](aura_proto::Auth::update_claims). A renewal by a layer around the handler does not undo it.
    ///
    /// # Errors
    /// The answer where the session cannot take the claims: 500 where they cannot be written, 400 where they are too long.
    pub async fn with(self, claims: &impl Serialize) -> Result<UpdatedSession, Response> {
        let Self { driver, head, session } = self;
        let mut visit = Visit::of(session);
        let updated = driver.update_claims(&mut visit, &head, claims).await;
        updated.map(|()| UpdatedSession(visit)).map_err(|refusal| refusal.map(Body::from))
    }
}

impl UpdatedSession {
    /// Returns the session, with its new claims.
    pub fn session(&self) -> &aura_proto::Session {
        self.0.session()
    }
}

impl<S: WithDriver> FromRequestParts<S> for UpdateClaims {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let Session(session) = <Session as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(Self { driver: state.driver(), head: parts.clone(), session })
    }
}
