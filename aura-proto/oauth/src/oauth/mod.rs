//! Messages of OAuth 2.0 (RFC 6749, 6750, 7636, 9126, 9207, 9449).
#![expect(clippy::exhaustive_enums, reason = "aura-proto alone matches them, and has to handle each variant")]

pub mod authorization;
pub mod client_auth;
pub mod dpop;
pub mod error_word;
#[cfg(test)]
mod golden_tests;
pub mod pushed_request;
pub mod token;
pub mod userinfo;

use aura_types::MediaType;

use crate::query::Parameters;
use crate::refused::NoRequest;
use aura_jose::StrictObject;
use bytes::Bytes;
use client_auth::Credentials;
use error_word::ErrorWord;
use http::{HeaderValue, Method, Request, Response, Uri, header};
use serde::Serialize;
use url::Url;

/// How we introduce ourselves to providers; some refuse requests without it.
const USER_AGENT: &str = concat!("Aura/", env!("CARGO_PKG_VERSION"));

/// The name of the parameter `client_id` (RFC 6749 section 2.2).
pub const CLIENT_ID: &str = "client_id";

/// Format of an answer's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Form,
    Jwt,
    Other,
}

impl Format {
    /// Reads the content type. A body that is one JSON object is JSON whatever its type says, except HTML: some providers
    /// call it text.
    pub(crate) fn of(response: &Response<Bytes>) -> Self {
        let said = match MediaType::of(response) {
            MediaType::Json | MediaType::Unsaid => return Self::Json,
            MediaType::Html => return Self::Other,
            MediaType::Form => Self::Form,
            MediaType::Jwt => Self::Jwt,
            MediaType::Other => Self::Other,
        };
        if StrictObject::parse(response.body()).is_ok() { Self::Json } else { said }
    }
}

/// Tells whether a body is encoded, which no request allows (RFC 9110 section 8.4).
pub fn is_encoded(response: &Response<Bytes>) -> bool {
    let is_identity = |value: &HeaderValue| {
        let value = value.to_str().unwrap_or("unreadable");
        value.split(',').map(str::trim).all(|name| name.is_empty() || name.eq_ignore_ascii_case("identity"))
    };
    !response.headers().get_all(header::CONTENT_ENCODING).iter().all(is_identity)
}

/// Reads the registered error code of an answer: in its JSON or form, or in its challenge (RFC 6750 section 3).
pub fn error_word(response: &Response<Bytes>) -> Option<ErrorWord> {
    let of_json = StrictObject::parse(response.body()).ok();
    let of_json = of_json.as_ref().and_then(|answer| answer.get("error")?.as_str());
    let form = Parameters::parse(response.body());
    let challenge = response.headers().get(header::WWW_AUTHENTICATE).and_then(|field| field.to_str().ok());
    let of_challenge = challenge.and_then(|field| field.split("error=\"").nth(1)?.split('"').next());
    of_json.or_else(|| form.once("error").ok().flatten()).or(of_challenge).and_then(ErrorWord::parse)
}

/// Makes a request for JSON without a body.
pub fn get(uri: &Uri) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = uri.clone();
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    // No client decodes, so that the limit of bytes is one of what is read.
    request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    request
}

/// Makes a request of the client to one of the provider's endpoints: the message as a form, with the header of the client's
/// authentication if there is one.
fn client_request(
    credentials: &Credentials,
    endpoint: &Uri,
    message: &impl Serialize,
) -> Result<Request<Bytes>, NoRequest> {
    // Cannot fail: every member of a message is a text.
    let form = serde_urlencoded::to_string(message).map_err(|_| NoRequest::Unwritable)?;
    let mut request = get(endpoint).map(|_| Bytes::from(form));
    *request.method_mut() = Method::POST;
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, form);
    if let Some(authorization) = &credentials.header {
        request.headers_mut().insert(header::AUTHORIZATION, authorization.clone());
    }
    Ok(request)
}

/// Adds a message to the query of an endpoint, after what the endpoint's own query has.
pub fn with_query(endpoint: &Url, message: &impl Serialize) -> Result<Url, NoRequest> {
    let mut url = endpoint.clone();
    // Cannot fail: every member of a message is a text.
    message
        .serialize(serde_urlencoded::Serializer::new(&mut url.query_pairs_mut()))
        .map_err(|_| NoRequest::Unwritable)?;
    Ok(url)
}
