//! What can go wrong, whose fault is it, and what is it called? One table, in a file for each side.

mod host;
mod id_token;
mod provider;
mod request;

pub use host::HostError;
pub use id_token::IdTokenError;
pub use provider::{FetchError, ProviderError};
pub use request::{InvalidParameter, ParameterIssue, RequestError};

use http::StatusCode;
use std::fmt;

/// Why a sign-in, a sign-out or another request was refused.
///
/// ```
/// use aura_proto::{Error, RequestError};
/// let error = Error::from(RequestError::StateUnknown);
/// assert_eq!(error.code(), "AUTH_MISMATCHING_STATE");
/// assert_eq!(error.reason(), "state_unknown");
/// assert_eq!(error.status(), 400);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The browser's side erred.
    Request(RequestError),
    /// The provider's side erred.
    Provider(ProviderError),
    /// The host that this runs on erred.
    Host(HostError),
}

/// A row of the error table.
struct Row {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    reason: &'static str,
    message: &'static str,
}

const fn row(
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    reason: &'static str,
    message: &'static str,
) -> Row {
    Row { status, kind, code, reason, message }
}

impl Error {
    /// Returns the HTTP status: 4xx where the browser erred, 5xx where the provider or the host did. A token about a user that
    /// is not believed is 401, 400 where its nonce is another sign-in's; whoever made it, it is what somebody shows to be let in.
    ///
    /// ```
    /// use aura_proto::{Error, IdTokenError, ProviderError};
    /// assert_eq!(Error::from(ProviderError::TokenStatus).status(), 502);
    /// assert_eq!(Error::from(ProviderError::IdToken(IdTokenError::Signature)).status(), 401);
    /// assert_eq!(Error::from(ProviderError::IdToken(IdTokenError::Nonce)).status(), 400);
    /// ```
    pub fn status(&self) -> StatusCode {
        self.row().status
    }

    /// Returns the family of the code, such as `AUTH_FLOW`.
    ///
    /// ```
    /// use aura_proto::{Error, RequestError};
    /// assert_eq!(Error::from(RequestError::SessionMissing).kind(), "AUTH_FLOW");
    /// ```
    pub fn kind(&self) -> &'static str {
        self.row().kind
    }

    /// Returns the code, stable across versions and shared with other implementations of the contract.
    ///
    /// ```
    /// use aura_proto::{Error, RequestError};
    /// assert_eq!(Error::from(RequestError::SessionMissing).code(), "SESSION_NOT_FOUND");
    /// ```
    pub fn code(&self) -> &'static str {
        self.row().code
    }

    /// Returns the diagnosed cause, finer than the code.
    ///
    /// ```
    /// use aura_proto::{Error, FetchError, ProviderError};
    /// let error = Error::from(ProviderError::TokenUnreachable(FetchError::TimedOut));
    /// assert_eq!(error.reason(), "token_timed_out");
    /// ```
    pub fn reason(&self) -> &'static str {
        self.row().reason
    }

    /// Returns a sentence for people: the cause, and the remedy where there is one.
    ///
    /// ```
    /// use aura_proto::{Error, RequestError};
    /// assert!(Error::from(RequestError::AttemptExpired).message().contains("again"));
    /// ```
    pub fn message(&self) -> &'static str {
        self.row().message
    }

    fn row(&self) -> Row {
        match self {
            Self::Request(error) => error.row(),
            Self::Provider(error) => error.row(),
            Self::Host(error) => error.row(),
        }
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<HostError> for Error {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl From<ProviderError> for Error {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message(), self.reason())
    }
}

impl std::error::Error for Error {}
