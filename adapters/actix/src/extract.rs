//! The session and the CSRF check as arguments of handlers.

use crate::convert::{answer, head};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use aura_http::{Driver, KeptSession};
use aura_proto::{HostError, Refusal, RequestError, RequestHead, Respond};
use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Deref;
use std::pin::Pin;

/// What an extractor finds.
pub(crate) type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Refused>>>>;

/// The session of a request. As an argument it requires one; as `Option<Session>` it does not.
///
/// It renews nothing. `GET /session` does, and the middleware [`require_session`](crate::require_session) and
/// [`renew_sessions`](crate::renew_sessions) do: where sessions are rolling or sliding, a user who visits no such route is signed
/// out when the session ends. Below this middleware the token is not opened again, and the application
/// is not asked again.
///
/// ```
/// use aura_actix::Session;
/// async fn hello(session: Session) -> String {
///     format!("Hello, {}", session.user().name().unwrap_or("stranger"))
/// }
/// async fn home(session: Option<Session>) -> &'static str {
///     if session.is_some() { "signed in" } else { "signed out" }
/// }
/// # use actix_web::web;
/// # let _: actix_web::App<_> = actix_web::App::new()
/// #     .route("/hello", web::get().to(hello)).route("/", web::get().to(home));
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

impl FromRequest for Session {
    type Error = Refused;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (driver, (head, ())) = (driver(request), head(request).into_parts());
        let request = request.clone();
        Box::pin(async move {
            let driver = driver?;
            let of = |kept: &KeptSession| kept.session(driver.auth(), &head.headers).cloned();
            let kept = request.extensions().get().and_then(of);
            let session = match kept {
                Some(session) => session,
                None => driver.session(&head).await,
            };
            session.map(Self).map_err(|error| Refused::of(&head, error))
        })
    }
}

/// The session of a request, with the application's own claims as a type. As an argument it requires both: a request without a
/// session is 401, and a session whose claims do not have the type's shape is 403 with the reason `claims_mismatch`. As
/// `Option<SessionOf<T>>` it is `None` of both. It renews nothing, as [`Session`].
///
/// ```
/// use aura_actix::SessionOf;
/// #[derive(serde::Deserialize)]
/// struct Claims { role: String }
///
/// async fn account(SessionOf { session, claims }: SessionOf<Claims>) -> String {
///     format!("{} is {}", session.user().sub(), claims.role)
/// }
/// # let _: actix_web::App<_> = actix_web::App::new().route("/account", actix_web::web::get().to(account));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "it is taken apart in arguments")]
pub struct SessionOf<T> {
    /// The session.
    pub session: aura_proto::Session,
    /// Its own claims.
    pub claims: T,
}

impl<T: DeserializeOwned + 'static> FromRequest for SessionOf<T> {
    type Error = Refused;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (session, head) = (Session::from_request(request, payload), head(request));
        Box::pin(async move {
            let Session(session) = session.await?;
            let claims = session.claims_as();
            let claims = claims.map_err(|_| Refused::of(&head, RequestError::ClaimsMismatch))?;
            Ok(Self { session, claims })
        })
    }
}

/// Proof that a page of this site sent the request: as an argument it requires the token of `GET /csrfToken` in the header
/// `X-CSRF-Token`. Take it beside [`Session`] wherever something is changed.
///
/// ```
/// use aura_actix::{Csrf, Session};
/// async fn delete_account(_: Csrf, session: Session) -> String {
///     format!("Farewell, {}", session.user().sub())
/// }
/// # use actix_web::web;
/// # let _: actix_web::App<_> = actix_web::App::new().route("/account", web::delete().to(delete_account));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Csrf;

impl FromRequest for Csrf {
    type Error = Refused;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (driver, head) = (driver(request), head(request));
        Box::pin(async move {
            let checked = driver?.check_csrf(&head).await;
            checked.map(|()| Self).map_err(|error| Refused::of(&head, error))
        })
    }
}

/// Finds the driver of [`routes`](crate::routes).
pub(crate) fn driver(request: &HttpRequest) -> Result<web::Data<Driver>, Refused> {
    let found = request.app_data::<web::Data<Driver>>().cloned();
    found.ok_or_else(|| {
        tracing::error!(target: "aura", "the application has no web::Data<Driver>: configure it with aura_actix::routes");
        Refused::of(&head(request), HostError::Unreachable)
    })
}

/// Why an extractor or the middleware refuses a request: the answer, by a page where a browser shows it, else by JSON. 401 where a
/// session is missing, with the body of `GET /session`; 400 where the request's host is not one of the site's; 403 where no page of
/// this site sent the request, or the session's claims are not those that [`SessionOf`](crate::SessionOf) reads; 503 where the
/// application cannot check the session; 500 where the application has no driver.
///
/// ```
/// use actix_web::{HttpResponse, ResponseError};
/// use aura_actix::{Refused, Session};
///
/// async fn account(session: Result<Session, Refused>) -> HttpResponse {
///     match session {
///         Ok(session) => HttpResponse::Ok().body(session.user().sub().to_owned()),
///         Err(refused) if refused.status_code() == 401 => HttpResponse::SeeOther().insert_header(("location", "/welcome")).finish(),
///         Err(refused) => refused.error_response(),
///     }
/// }
/// # let _: actix_web::App<_> = actix_web::App::new().route("/account", actix_web::web::get().to(account));
/// ```
#[derive(Clone, Debug)]
pub struct Refused(Box<Response<Bytes>>);

impl Refused {
    /// Makes the answer to a request, for its reader.
    pub fn of<'a>(head: impl Into<RequestHead<'a>>, refusal: impl Into<Refusal>) -> Self {
        Respond::refusal_to(head.into().reader(), refusal).into_response().into()
    }
}

impl From<Response<Bytes>> for Refused {
    /// Takes an answer of the driver.
    fn from(answer: Response<Bytes>) -> Self {
        Self(Box::new(answer))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request is refused with the status {}", self.0.status())
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        self.error_response().status()
    }

    fn error_response(&self) -> HttpResponse {
        answer((*self.0).clone())
    }
}
