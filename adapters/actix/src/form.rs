//! Forms as arguments of handlers: a CSRF token for a page, and the fields of a form that has it.

use crate::convert::{finish, head};
use crate::extract::{Extracting, Refused, driver};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use aura_proto::{FormToken, RequestError};
use serde::de::DeserializeOwned;

/// The CSRF token of a page: write it into the field `csrfToken` of each form, and finish the page with it, so that its cookie
/// reaches the browser. [`CsrfForm`] checks it.
///
/// ```
/// use actix_web::HttpResponse;
/// use aura_actix::CsrfToken;
///
/// async fn page(token: CsrfToken) -> HttpResponse {
///     let field = format!(r#"<input type="hidden" name="csrfToken" value="{}">"#, token.as_str());
///     let form = format!(r#"<form method="post" action="/notes">{field}<input name="text"></form>"#);
///     token.finish(HttpResponse::Ok().content_type("text/html").body(form))
/// }
/// # let _: actix_web::App<_> = actix_web::App::new().route("/notes", actix_web::web::get().to(page));
/// ```
#[derive(Debug)]
pub struct CsrfToken(FormToken);

impl CsrfToken {
    /// Returns the token: base64url characters and dots, which HTML needs no escaping for.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Adds the token's cookie to the page.
    pub fn finish<B>(self, page: HttpResponse<B>) -> HttpResponse<B> {
        finish(page, |fields| self.0.add_to(fields))
    }
}

impl FromRequest for CsrfToken {
    type Error = Refused;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (driver, head) = (driver(request), head(request));
        Box::pin(async move { Ok(Self(driver?.form_token(&head).await?)) })
    }
}

/// The fields of a form, `application/x-www-form-urlencoded`, that a page of this site sent: as an argument it requires the
/// token of a [`CsrfToken`] in the field `csrfToken`, which is no field of the type, or in the header `X-CSRF-Token`. The limit of
/// the body is that of actix-web's `PayloadConfig`.
///
/// ```
/// use aura_actix::{CsrfForm, Session};
/// #[derive(serde::Deserialize)]
/// struct Note { text: String }
///
/// async fn add_note(session: Session, CsrfForm(note): CsrfForm<Note>) -> String {
///     format!("{} wrote {}", session.user().sub(), note.text)
/// }
/// # let _: actix_web::App<_> = actix_web::App::new().route("/notes", actix_web::web::post().to(add_note));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a transparent wrapper, to be taken apart in arguments")]
pub struct CsrfForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for CsrfForm<T> {
    type Error = Refused;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (driver, head, body) =
            (driver(request), head(request), web::Bytes::from_request(request, payload));
        Box::pin(async move {
            let refused = |error: RequestError| Refused::of(&head, error);
            let body = body.await.map_err(|error| match error.as_response_error().status_code() {
                StatusCode::PAYLOAD_TOO_LARGE => refused(RequestError::BodyTooLarge),
                _ => refused(RequestError::MalformedBody),
            })?;
            driver?.read_form(&head, &body).await.map(Self).map_err(refused)
        })
    }
}
