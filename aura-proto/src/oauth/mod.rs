//! What do browser, provider and we say to each other? The messages of OAuth 2.0 (RFC 6749, 6750, 7636, 9207), no flow.

pub(crate) mod authorization;
pub(crate) mod client_auth;
pub(crate) mod parameters;
pub(crate) mod pkce;
pub(crate) mod token;
pub(crate) mod userinfo;

use bytes::Bytes;
use http::{Response, header};

/// How we introduce ourselves to providers; some refuse requests without it.
pub(crate) const USER_AGENT: &str = concat!("Aura/", env!("CARGO_PKG_VERSION"));

/// What an answer says its body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaType {
    Json,
    Form,
    /// No content type at all.
    Unsaid,
    Other,
}

impl MediaType {
    pub(crate) fn of(response: &Response<Bytes>) -> Self {
        let Some(value) = response.headers().get(header::CONTENT_TYPE) else { return Self::Unsaid };
        let value = value.to_str().unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            other if other.starts_with("application/") && other.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}
