//! Errors of sessions, as errors of the table.

use super::refused::refusals;
use super::{Error, HostError, ProviderError, RequestError};
use crate::connection::HostRefused;
use crate::csrf::CsrfRefused;
use crate::session::update::UpdateRefused;
use crate::session::{NoCookies, SessionCause, SessionError};

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        match error.cause() {
            SessionCause::Missing => RequestError::SessionMissing.into(),
            SessionCause::NotYet => RequestError::SessionNotYet.into(),
            SessionCause::Invalid => RequestError::SessionInvalid.into(),
            SessionCause::UnknownHost => RequestError::UntrustedHost.into(),
            SessionCause::Ended => RequestError::SessionEnded.into(),
            SessionCause::Unavailable => HostError::SessionCheckUnavailable.into(),
            SessionCause::NeedsCheck => HostError::SessionNeedsCheck.into(),
            SessionCause::StoreUnavailable => HostError::SessionStoreUnavailable.into(),
            SessionCause::NeedsStore => HostError::SessionNeedsStore.into(),
        }
    }
}

impl From<NoCookies> for Error {
    fn from(reason: NoCookies) -> Self {
        match reason {
            NoCookies::Unsigned => HostError::NoSignature.into(),
            NoCookies::TooLong => ProviderError::ProfileTooLarge.into(),
        }
    }
}

/// Returns why an updated session is not kept.
pub(crate) fn not_updated(reason: NoCookies) -> Error {
    match reason {
        NoCookies::TooLong => RequestError::SessionTooLarge.into(),
        NoCookies::Unsigned => reason.into(),
    }
}

/// Returns why tokens of a provider are not kept.
pub(crate) fn tokens_not_kept(reason: NoCookies) -> Error {
    match reason {
        NoCookies::TooLong => ProviderError::TokensTooLarge.into(),
        NoCookies::Unsigned => HostError::Unreachable.into(),
    }
}

refusals! {
    HostRefused as RequestError { Untrusted => UntrustedHost, Malformed => ForwardedMalformed }
    CsrfRefused as RequestError {
        CookieMissing => CsrfCookieMissing,
        TokenMissing => CsrfTokenMissing,
        TokenMismatch => CsrfTokenMismatch,
        CrossSite => CrossSite,
    }
}

impl From<UpdateRefused> for Error {
    fn from(reason: UpdateRefused) -> Self {
        match reason {
            UpdateRefused::MalformedBody => RequestError::MalformedBody.into(),
            UpdateRefused::InvalidParameters(parameters) => {
                RequestError::InvalidParameters(parameters).into()
            }
            UpdateRefused::NotEditable(member) => RequestError::NotEditable(member).into(),
            UpdateRefused::ClaimsUnwritable => HostError::ClaimsUnwritable.into(),
            UpdateRefused::Expired => SessionError::Expired.into(),
        }
    }
}
