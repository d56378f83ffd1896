//! HTTP responses: the only module that sets statuses and headers.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, PRAGMA, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use crate::error::{BearerError, TokenError};
use crate::page::{Page, content_security_policy};

pub(crate) type Response = http::Response<Bytes>;

/// A page for a person to decide on.
pub(crate) fn page(page: Page) -> Response {
    html(StatusCode::OK, page)
}

/// Error page with the reason (RFC 6749 section 4.1.2.1).
pub(crate) fn error_page(page: Page) -> Response {
    html(StatusCode::BAD_REQUEST, page)
}

/// A redirect after which every browser asks with GET (RFC 9110 section 15.4.4).
pub(crate) fn redirect(location: &str) -> Response {
    // A location is a registered URL of visible ASCII and an encoded query, so it is a header value.
    let Ok(location) = HeaderValue::from_str(location) else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let mut response = new(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", Bytes::new());
    response.headers_mut().insert(LOCATION, location);
    response
}

/// A successful answer in JSON, never kept (RFC 6749 section 5.1).
pub(crate) fn success(value: &Value) -> Response {
    json_body(StatusCode::OK, value)
}

/// A successful answer of another type, never kept.
pub(crate) fn success_text(content_type: &'static str, body: String) -> Response {
    new(StatusCode::OK, content_type, Bytes::from(body))
}

/// A pushed request has become a reference to it (RFC 9126 section 2.2).
pub(crate) fn created(value: &Value) -> Response {
    json_body(StatusCode::CREATED, value)
}

/// HTML where JSON is due, as a proxy answers that is in the way.
pub(crate) fn html_instead() -> Response {
    let body = Bytes::from_static(b"<!doctype html><title>Sign in to the network</title>");
    new(StatusCode::OK, "text/html; charset=utf-8", body)
}

/// A redirect without a word about the method (RFC 9110 section 15.4.3).
pub(crate) fn found(location: &str) -> Response {
    let mut response = redirect(location);
    if response.status() == StatusCode::SEE_OTHER {
        *response.status_mut() = StatusCode::FOUND;
    }
    response
}

/// The pushed authorization request endpoint's error (RFC 9126 section 2.3).
pub(crate) fn authorization_error(code: &str, description: &str) -> Response {
    json_body(StatusCode::BAD_REQUEST, &json!({ "error": code, "error_description": description }))
}

/// The token endpoint's error (RFC 6749 section 5.2).
pub(crate) fn token_error(error: TokenError) -> Response {
    let (status, code, description) = error.parts();
    let mut response = json_body(status, &json!({ "error": code, "error_description": description }));
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(r#"Basic realm="aura-test-idp", charset="UTF-8""#);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The userinfo endpoint's error (RFC 6750 section 3).
pub(crate) fn bearer_error(error: BearerError) -> Response {
    let (status, code, challenge) = error.parts();
    let mut response = json_body(status, &json!({ "error": code }));
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

pub(crate) fn not_found() -> Response {
    text(StatusCode::NOT_FOUND, "Not Found")
}

pub(crate) fn method_not_allowed(allow: &'static str) -> Response {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}

#[cfg(feature = "server")]
pub(crate) fn content_too_large() -> Response {
    text(StatusCode::PAYLOAD_TOO_LARGE, "Content Too Large")
}

#[cfg(any(feature = "client", feature = "server"))]
pub(crate) fn no_entropy() -> Response {
    text(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
}

/// Keeps the body from an answer to HEAD (RFC 9110 section 9.3.2).
pub(crate) fn for_method(method: &Method, mut response: Response) -> Response {
    if method == Method::HEAD {
        *response.body_mut() = Bytes::new();
    }
    response
}

fn html(status: StatusCode, page: Page) -> Response {
    let mut response = new(status, "text/html; charset=utf-8", Bytes::from(page.into_html()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, content_security_policy());
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

fn json_body(status: StatusCode, value: &Value) -> Response {
    new(status, "application/json", Bytes::from(value.to_string()))
}

fn text(status: StatusCode, body: &'static str) -> Response {
    new(status, "text/plain; charset=utf-8", Bytes::from_static(body.as_bytes()))
}

/// Makes a response that forbids caching, content sniffing and referrers.
fn new(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
