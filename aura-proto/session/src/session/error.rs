//! Why a request has no session.

use aura_jose::Refused;

/// Why a request has no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The request has no session cookie.
    #[error("no session cookie")]
    Missing,
    /// The cookie does not hold a session token of this site.
    #[error("the session cookie does not hold a session of this site")]
    Invalid,
    /// The session begins later: the clock of this instance is behind that of the one that issued it.
    #[error("the session begins later; check the clocks")]
    NotYet,
    /// The session has ended.
    #[error("the session has ended")]
    Expired,
    /// Two cookies of the same name hold different live sessions: one of them was planted.
    #[error("two session cookies hold different sessions")]
    Ambiguous,
    /// The request's host is neither configured nor this machine, so its cookies are not read.
    #[error("the host is not known here")]
    UnknownHost,
    /// The application has ended the session.
    #[error("the application has ended the session")]
    Ended,
    /// The application cannot decide at the moment whether the session goes on.
    #[error("the application cannot check the session now")]
    Unavailable,
    /// The application checks every session, and was not asked: this reading of the session does not ask it.
    #[error("the session was read without the application's check")]
    NeedsCheck,
    /// The store of sessions cannot answer. The session may go on: nothing is cleared.
    #[error("the session store cannot answer")]
    StoreUnavailable,
    /// Sessions are kept in a store, and it was not asked: this reading of the session does not ask it.
    #[error("the session was read without its store")]
    NeedsStore,
}

/// What an error of a session calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "aura-proto answers each cause, and must not compile before it answers a new one"
)]
pub enum SessionCause {
    /// There is no session.
    Missing,
    /// There is none that is live and of this site.
    Invalid,
    /// The session begins later.
    NotYet,
    /// The request's host is unknown.
    UnknownHost,
    /// The application has ended the session.
    Ended,
    /// The application cannot decide.
    Unavailable,
    /// The application was not asked.
    NeedsCheck,
    /// The store cannot answer.
    StoreUnavailable,
    /// The store was not asked.
    NeedsStore,
}

impl SessionError {
    /// Returns what the error calls for.
    #[doc(hidden)]
    pub fn cause(self) -> SessionCause {
        match self {
            Self::Missing => SessionCause::Missing,
            Self::Invalid | Self::Expired | Self::Ambiguous => SessionCause::Invalid,
            Self::NotYet => SessionCause::NotYet,
            Self::UnknownHost => SessionCause::UnknownHost,
            Self::Ended => SessionCause::Ended,
            Self::Unavailable => SessionCause::Unavailable,
            Self::NeedsCheck => SessionCause::NeedsCheck,
            Self::StoreUnavailable => SessionCause::StoreUnavailable,
            Self::NeedsStore => SessionCause::NeedsStore,
        }
    }
}

impl From<Refused> for SessionError {
    fn from(_: Refused) -> Self {
        Self::Invalid
    }
}
