//! Errors by the side at fault: one table, with a file for each side.

mod host;
mod id_token;
mod provider;
mod refusal_code;
mod refused;
mod request;
mod table;
mod token_refusal;

pub use host::HostError;
pub use id_token::IdTokenError;
pub use provider::{FetchError, ProviderError};
pub use refusal_code::RefusalCode;
pub(crate) use refused::{not_updated, tokens_not_kept};
pub use request::RequestError;
pub use token_refusal::TokenRefusal;

use crate::limits::Throttled;
use http::StatusCode;
use table::Row;

/// Why a sign-in, a sign-out or another request was refused.
///
/// ```
/// use aura_proto::{Error, RequestError};
/// let error = Error::from(RequestError::StateUnknown);
/// assert_eq!(error.code(), "AUTH_MISMATCHING_STATE");
/// assert_eq!(error.reason(), "state_unknown");
/// assert_eq!(error.status(), 400);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of the browser's side.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// An error of the provider's side.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// An error of the host that this runs on.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl Error {
    /// Returns the HTTP status: 4xx for the browser's errors, 5xx for the provider's or the host's. Rejected ID tokens are
    /// 401, except a nonce mismatch, which is 400.
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
    /// assert_eq!(error.reason(), "token_unreachable");
    /// ```
    pub fn reason(&self) -> &'static str {
        self.row().reason
    }

    /// Returns a sentence for people: the cause, and the remedy if there is one.
    ///
    /// ```
    /// use aura_proto::{Error, RequestError};
    /// assert!(Error::from(RequestError::AttemptExpired).message().contains("again"));
    /// ```
    pub fn message(&self) -> &'static str {
        self.row().message
    }

    /// Returns the code with which the application refused a user, if it gave one.
    ///
    /// ```
    /// use aura_proto::{Error, RefusalCode, RequestError};
    /// let error = Error::from(RequestError::Refused(RefusalCode::new("banned").unwrap()));
    /// assert_eq!((error.reason(), error.refusal_code().unwrap().as_str()), ("not_admitted", "banned"));
    /// ```
    pub fn refusal_code(&self) -> Option<&RefusalCode> {
        match self {
            Self::Request(RequestError::Refused(code)) => Some(code),
            Self::Request(_) | Self::Provider(_) | Self::Host(_) => None,
        }
    }

    /// Returns what a client that sent too many requests is told.
    pub(crate) fn throttled(&self) -> Option<&Throttled> {
        if let Self::Request(RequestError::TooManyRequests(throttled)) = self {
            Some(throttled)
        } else {
            None
        }
    }

    /// Returns the code and the sentence of a reason, for an error page, whose parameters can be forged. A reason
    /// that does not exist has none.
    ///
    /// ```
    /// use aura_proto::Error;
    /// let (code, message) = Error::code_and_message("access_denied").unwrap();
    /// assert_eq!((code, message), ("AUTH_PROVIDER_REJECTED", "The sign-in was cancelled, or the provider refused it."));
    /// assert_eq!(Error::code_and_message("<script>"), None);
    /// ```
    pub fn code_and_message(reason: &str) -> Option<(&'static str, &'static str)> {
        rows().find(|row| row.reason == reason).map(|row| (row.code, row.message))
    }

    /// Lists the reasons of all errors, for a table of them. An error of the application's own refusal has the reason of one
    /// without a code, so that this reason is there twice.
    ///
    /// ```
    /// use aura_proto::Error;
    /// assert!(Error::reasons().all(|reason| Error::code_and_message(reason).is_some()));
    /// assert!(Error::reasons().any(|reason| reason == "state_unknown"));
    /// ```
    pub fn reasons() -> impl Iterator<Item = &'static str> {
        rows().map(|row| row.reason)
    }

    pub(crate) fn row(&self) -> &'static Row {
        let (row, _source) = match self {
            Self::Request(error) => error.entry(),
            Self::Provider(error) => error.entry(),
            Self::Host(error) => error.entry(),
        };
        row
    }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    [RequestError::rows(), ProviderError::rows(), HostError::rows()].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_leads_to_what_caused_it() {
        use std::error::Error as _;
        let inner = ProviderError::IdToken(IdTokenError::Nonce);
        let error = Error::from(inner);
        assert_eq!(
            error.to_string(),
            "The ID token belongs to another sign-in. Begin again. (id_token_nonce)"
        );
        let source = error.source().unwrap();
        assert_eq!(source.downcast_ref(), Some(&IdTokenError::Nonce));
        assert!(source.source().is_none());
        let revocation = ProviderError::RevocationUnreachable(FetchError::Untrusted);
        assert_eq!(revocation.source().unwrap().downcast_ref(), Some(&FetchError::Untrusted));
        assert!(RequestError::InvalidParameters(Vec::new()).source().is_none());
    }
}
