//! The answer that the servers have in common.

use axum::Router;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};

/// The user of a session.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct User {
    pub(crate) sub: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) image: String,
}

impl User {
    pub(crate) fn ada() -> Self {
        Self {
            sub: "583231".to_owned(),
            name: "Ada Lovelace".to_owned(),
            email: "ada@example.test".to_owned(),
            image: "https://img.example.test/583231?v=4".to_owned(),
        }
    }
}

/// What our routes answer with.
const HEADERS: [(HeaderName, &str); 9] = [
    (header::CONTENT_TYPE, "application/json"),
    (header::CACHE_CONTROL, "no-store"),
    (header::PRAGMA, "no-cache"),
    (header::EXPIRES, "0"),
    (header::VARY, "Cookie"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; frame-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
];

/// As long as our answer with a session.
const HELLO: &str = r#"{"user":{"sub":"583231","name":"Ada Lovelace","email":"ada@example.test","image":"https://img.example.test/583231?v=4"},"expires":"2026-10-06T13:33:20.000Z","success":true,"session":{"user":{"sub":"583231","name":"Ada Lovelace","email":"ada@example.test","image":"https://img.example.test/583231?v=4"},"expires":"2026-10-06T13:33:20.000Z"}}"#;

/// Answers with the fixed headers.
pub(crate) fn answer(body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, http::HeaderValue::from_static(value));
    }
    response
}

#[derive(Serialize)]
struct Body<'a> {
    user: &'a User,
    expires: &'a str,
    success: bool,
    session: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    user: &'a User,
    expires: &'a str,
}

/// Answers as `GET /auth/session` of ours does.
pub(crate) fn session(user: Option<&User>, expires: &str) -> Response {
    let Some(user) = user else { return answer(StatusCode::UNAUTHORIZED) };
    let body = Body { user, expires, success: true, session: Inner { user, expires } };
    answer(serde_json::to_vec(&body).expect("JSON"))
}

/// A page with the same headers, that checks nothing.
pub(crate) fn hello() -> Router {
    Router::new().route("/auth/session", get(async || (AppendHeaders(HEADERS), HELLO)))
}
