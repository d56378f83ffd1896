//! The headers of answers, which are the same for all but a few.

use super::{Body, Redirect, Respond};
use crate::cookie::set::SetCookie;
use crate::html;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

/// The headers of every answer.
const HEADERS: [(HeaderName, HeaderValue); 8] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
    (header::EXPIRES, HeaderValue::from_static("0")),
    (header::VARY, HeaderValue::from_static("Cookie")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; frame-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
];

/// The headers of an answer in JSON. A host makes them once: to copy them takes 700 instructions, and to make them 2,500. A server that
/// adds headers of its own moves the copy once more.
///
/// ```
/// use aura_proto::{AnswerHeaders, Respond, SessionError};
/// let headers = AnswerHeaders::default();
/// let answer = headers.answer(Respond::refusal(SessionError::Missing));
/// assert_eq!(answer.headers(), Respond::refusal(SessionError::Missing).into_response().headers());
/// ```
#[derive(Clone, Debug)]
pub struct AnswerHeaders(HeaderMap);

impl Default for AnswerHeaders {
    fn default() -> Self {
        let mut headers = HeaderMap::with_capacity(HEADERS.len().saturating_add(1));
        headers.extend(HEADERS);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self(headers)
    }
}

impl AnswerHeaders {
    /// Renders an answer, as [`Respond::into_response`] does.
    pub fn answer(&self, respond: Respond) -> Response<Bytes> {
        respond.render(self.clone())
    }

    /// Renders a redirect, as [`Redirect::into_response`] does.
    pub fn redirect(&self, redirect: Redirect) -> Response<Bytes> {
        redirect.render(self.clone())
    }

    /// Renders status, headers, cookies and body.
    pub(super) fn render(self, status: StatusCode, body: Body, cookies: &[SetCookie]) -> Response<Bytes> {
        let Self(mut headers) = self;
        match body {
            Body::Json(_) | Body::Omitted(_) => {}
            Body::Empty => {
                headers.remove(header::CONTENT_TYPE);
            }
            Body::Html(_) => {
                headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(html::POLICY));
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            }
        }
        if let Body::Omitted(length) = body {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        for cookie in cookies {
            headers.append(header::SET_COOKIE, cookie.to_header_value());
        }
        let mut response = Response::new(body.into_bytes());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::set::{Attributes, SameSite};
    use crate::error::RequestError;
    use crate::origin::Scheme;
    use std::time::Duration;

    #[test]
    fn an_answer_is_the_same_from_copied_headers_and_from_its_own() {
        let attributes = Attributes::of_host(Duration::from_secs(60), SameSite::Lax, Scheme::Https).written();
        let cookies = vec![SetCookie::set("a".to_owned(), "b".to_owned(), &attributes)];
        let empty = Respond::empty(StatusCode::OK);
        let headers = AnswerHeaders::default();
        for (respond, content_type) in [
            (empty.clone(), None),
            (Respond { cookies, ..empty.clone() }, None),
            (Respond { body: Body::Omitted(7), ..empty.clone() }, Some("application/json")),
            (Respond { allow: Some("GET"), ..empty }, None),
            (Respond::refusal(RequestError::NotAllowed), Some("application/json")),
            (Respond::refusal_page(RequestError::NotAllowed), Some("text/html; charset=utf-8")),
        ] {
            let (copied, own) = (headers.answer(respond.clone()), respond.into_response());
            assert_eq!((copied.status(), copied.headers()), (own.status(), own.headers()));
            assert_eq!(copied.body(), own.body());
            let found = copied.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap());
            assert_eq!(found, content_type);
        }
    }
}
