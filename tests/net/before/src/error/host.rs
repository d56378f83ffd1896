//! What can go wrong at the host that this runs on?

use super::{Row, row};
use http::StatusCode;

/// What the host got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// The operating system gave no random bytes.
    NoEntropy,
    /// A sign-in's attempt does not fit into a cookie: the base URL is too long.
    AttemptTooLong,
    /// The provider is configured without a revocation endpoint.
    NoRevocationEndpoint,
    /// The application admitted a user without an id.
    AdmittedWithoutId,
    /// A token could not be signed, which the host does: the session's, or one that proves the client to a provider.
    NoSignature,
}

impl HostError {
    #[rustfmt::skip]
    pub(super) fn row(self) -> Row {
        const FAILED: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
        match self {
            Self::NoEntropy => row(FAILED, "SERVER_ERROR", "SERVER_ERROR", "no_entropy", "The server cannot answer now."),
            Self::AttemptTooLong => row(FAILED, "SERVER_ERROR", "SERVER_ERROR", "attempt_too_long", "The server cannot begin a sign-in here."),
            Self::AdmittedWithoutId => row(FAILED, "SERVER_ERROR", "SERVER_ERROR", "admitted_without_id", "The server cannot say who signed in."),
            Self::NoSignature => row(FAILED, "SERVER_ERROR", "SERVER_ERROR", "no_signature", "The server cannot sign what this needs now."),
            Self::NoRevocationEndpoint => row(FAILED, "VALIDATION", "OAUTH_INVALID_REVOKE_TOKEN_CONFIG", "no_revocation_endpoint", "This provider is configured without a revocation endpoint."),
        }
    }
}
