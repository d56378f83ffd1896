//! Errors and refusals of the crates beneath, as errors of the table.

use super::{Error, HostError, ProviderError, RequestError};
use crate::connection::HostRefused;
use crate::csrf::CsrfRefused;
use crate::refused::{
    CallbackRefused, DiscoveryRefused, IdTokenRefused, KeysRefused, NoRequest, PushRefused,
    TokenAnswerRefused, UserInfoRefused,
};
use crate::session::update::UpdateRefused;
use crate::session::{NoCookies, SessionCause, SessionError};

/// Declares the error of the table for each refusal: the compiler finds a variant that is left out.
macro_rules! refusals {
    ($($below:ident as $own:ident { $($variant:ident $(($inner:ident))? => $name:ident),+ $(,)? })+) => {$(
        impl From<$below> for $own {
            fn from(refused: $below) -> Self {
                match refused {
                    $($below::$variant $(($inner))? => Self::$name $(($inner.into()))?,)+
                }
            }
        }

        impl From<$below> for Error {
            fn from(refused: $below) -> Self {
                $own::from(refused).into()
            }
        }
    )+};
}

refusals! {
    HostRefused as RequestError { Untrusted => UntrustedHost, Malformed => ForwardedMalformed }
    CsrfRefused as RequestError {
        CookieMissing => CsrfCookieMissing,
        TokenMissing => CsrfTokenMissing,
        TokenMismatch => CsrfTokenMismatch,
        CrossSite => CrossSite,
    }
    CallbackRefused as RequestError {
        Parameters(invalid) => InvalidParameters,
        StateMissing => StateMissing,
        Denied => AccessDenied,
    }
    DiscoveryRefused as ProviderError {
        Redirected => DiscoveryRedirected,
        Status => DiscoveryStatus,
        NotJson => DiscoveryNotJson,
        Malformed => DiscoveryMalformed,
        Issuer => DiscoveryIssuer,
        Endpoint => DiscoveryEndpoint,
        Algorithms => DiscoveryAlgorithms,
    }
    KeysRefused as ProviderError { Status => JwksStatus, Malformed => JwksMalformed }
    PushRefused as ProviderError { Status => PushedRequestStatus, Malformed => PushedRequestMalformed }
    TokenAnswerRefused as ProviderError {
        Request(refused) => TokenRefused,
        Status => TokenStatus,
        ContentType => TokenContentType,
        ErrorAnswer => TokenErrorAnswer,
        NotJson => TokenNotJson,
        Malformed => TokenMalformed,
    }
    UserInfoRefused as ProviderError {
        Status => UserInfoStatus,
        Unauthorized => UserInfoUnauthorized,
        ContentType => UserInfoContentType,
        NotJson => UserInfoNotJson,
        Malformed => UserInfoMalformed,
        WithoutId => UserInfoWithoutId,
        OtherSubject => UserInfoOtherSubject,
        Untrusted => UserInfoUntrusted,
    }
}

impl From<IdTokenRefused> for ProviderError {
    fn from(refused: IdTokenRefused) -> Self {
        Self::IdToken(refused.into())
    }
}

impl From<IdTokenRefused> for Error {
    fn from(refused: IdTokenRefused) -> Self {
        ProviderError::from(refused).into()
    }
}

impl From<NoRequest> for Error {
    fn from(reason: NoRequest) -> Self {
        match reason {
            NoRequest::Unwritable => HostError::Unreachable.into(),
            NoRequest::Unsigned => HostError::NoSignature.into(),
            NoRequest::TokenTooLong => ProviderError::TokenMalformed.into(),
        }
    }
}

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
