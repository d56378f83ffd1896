//! Errors of a call: it cannot be made, the server refuses it, or the answer is unusable.

use http::StatusCode;
use std::fmt;
use std::time::Duration;

/// Why a call cannot be made.
///
/// ```
/// use aura_client::{CallError, Client};
/// assert_eq!(Client::new("ftp://example.com"), Err(CallError::Base));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The base URL is no `http` or `https` URL, or has credentials, a query or a fragment.
    #[error("the base URL must be an http or https URL: origin and base path, nothing else")]
    Base,
    /// No provider can have this id: it is empty, longer than 256 bytes, `.` or `..`.
    #[error("no provider can have this id")]
    ProviderId,
    /// No session can have this id: it is empty, longer than 256 bytes, `.` or `..`.
    #[error("no session can have this id")]
    SessionId,
    /// `redirectTo` is longer than 2,048 bytes.
    #[error("redirectTo is longer than 2,048 bytes")]
    RedirectTo,
}

/// Why an answer is unusable.
///
/// ```
/// # use aura_client::Client;
/// use aura_client::ClientError;
/// # let client = Client::new("https://example.com/auth")?;
/// let response = http::Response::builder().status(502).body("Bad Gateway".into())?;
/// let error = client.csrf_token().read(response).outcome.unwrap_err();
/// assert_eq!(error, ClientError::NotJson(http::StatusCode::BAD_GATEWAY));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server refused the request.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The body is longer than [`MAX_RESPONSE`](super::MAX_RESPONSE).
    #[error("the answer is too long")]
    TooLong,
    /// The answer has another content type than JSON: something else than these routes answered, with this status.
    #[error("the answer ({0}) is not JSON: is this the right URL?")]
    NotJson(StatusCode),
    /// The body of the answer, which has this status, is not one JSON object without duplicate names, or not the list that was
    /// requested.
    #[error("the answer ({0}) is not one JSON object, or not a list where one was requested")]
    Malformed(StatusCode),
    /// This member is missing, or is not what it should be.
    #[error("the answer's member {0} is missing or malformed")]
    Member(&'static str),
}

/// The error body of a refused request. Servers other than this crate omit some members.
///
/// ```
/// # use aura_client::{Client, ClientError};
/// # let client = Client::new("https://example.com/auth")?;
/// let response = http::Response::builder().status(429).header("content-type", "application/json");
/// let body = r#"{"success":false,"code":"RATE_LIMITED","message":"Try again later"}"#;
/// let outcome = client.csrf_token().read(response.body(body.into())?).outcome;
/// let Err(ClientError::Refused(refusal)) = outcome else { unreachable!() };
/// assert_eq!((refusal.status.as_u16(), refusal.code.as_deref()), (429, Some("RATE_LIMITED")));
/// assert_eq!(refusal.to_string(), "refused with 429 Too Many Requests RATE_LIMITED: Try again later");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The status; a success where only the body refuses.
    pub status: StatusCode,
    /// The family of the code, such as `AUTH_FLOW`; the member is called `type`.
    pub kind: Option<String>,
    /// The code, stable across versions.
    pub code: Option<String>,
    /// A sentence for people. It is the server's text: show it as text, never as HTML.
    pub message: Option<String>,
    /// The diagnosed cause, finer than the code.
    pub reason: Option<String>,
    /// The parameters that are at fault, in the order of their names.
    pub details: Vec<RefusedParameter>,
    /// How long to wait before the next attempt (RFC 9110 section 10.2.3).
    pub retry_after: Option<Duration>,
}

/// A parameter that a server refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedParameter {
    /// Its name.
    pub name: String,
    /// The kind of fault, such as `invalid_value`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.status)?;
        for (before, part) in [(" ", &self.code), (": ", &self.message)] {
            if let Some(part) = part {
                write!(f, "{before}{part}")?;
            }
        }
        Ok(())
    }
}
