//! Forms as arguments of handlers: a CSRF token for a page, and the fields of a form that has it.

use crate::extract::{Rejection, WithDriver};
use aura_proto::{FormToken, RequestError};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

/// The CSRF token of a page: write it into the field `csrfToken` of each form, and return it in front of the page, so that
/// its cookie reaches the browser. [`CsrfForm`] checks it.
///
/// ```
/// use aura_axum::CsrfToken;
/// use axum::response::{Html, IntoResponse};
/// async fn page(token: CsrfToken) -> impl IntoResponse {
///     let field = format!(r#"<input type="hidden" name="csrfToken" value="{}">"#, token.as_str());
///     (token, Html(format!(r#"<form method="post" action="/notes">{field}<input name="text"></form>"#)))
/// }
/// # let _: axum::Router<aura_axum::Driver> = axum::Router::new().route("/notes", axum::routing::get(page));
/// ```
#[derive(Debug)]
pub struct CsrfToken(pub(crate) FormToken);

impl CsrfToken {
    /// Returns the token: base64url characters and dots, which HTML needs no escaping for.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<S: WithDriver> FromRequestParts<S> for CsrfToken {
    /// The answer to a request whose host is not the site's (400).
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let token = state.driver().form_token(&*parts).await;
        token.map(Self).map_err(|refusal| refusal.map(Body::from))
    }
}

/// The fields of a form, `application/x-www-form-urlencoded`, that a page of this site sent: as an argument it requires the
/// token of a [`CsrfToken`] in the field `csrfToken`, which is no field of the type, or in the header `X-CSRF-Token`.
///
/// ```
/// use aura_axum::{CsrfForm, Session};
/// #[derive(serde::Deserialize)]
/// struct Note { text: String }
///
/// async fn add_note(session: Session, CsrfForm(note): CsrfForm<Note>) -> String {
///     format!("{} wrote {}", session.user().sub(), note.text)
/// }
/// # let _: axum::Router<aura_axum::Driver> = axum::Router::new().route("/notes", axum::routing::post(add_note));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a transparent wrapper, to be taken apart in arguments")]
pub struct CsrfForm<T>(pub T);

impl<S: WithDriver, T: DeserializeOwned> FromRequest<S> for CsrfForm<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let (parts, body) = request.into_parts();
        let refused = |error: RequestError| Rejection::new(&parts.headers, error);
        let request = Request::from_parts(parts.clone(), body);
        // The limit of the body is axum's, `DefaultBodyLimit`.
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| match rejection.into_response().status().as_u16() {
            413 => refused(RequestError::BodyTooLarge),
            _ => refused(RequestError::MalformedBody),
        })?;
        state.driver().read_form(&parts, &body).await.map(Self).map_err(refused)
    }
}
