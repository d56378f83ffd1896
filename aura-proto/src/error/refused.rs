//! Refusals of messages, as errors of the table.

use super::{Error, HostError, ProviderError, RequestError};
use crate::refused::{
    CallbackRefused, DiscoveryRefused, IdTokenRefused, KeysRefused, NoRequest, PushRefused,
    TokenAnswerRefused, UserInfoRefused,
};

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

pub(super) use refusals;

refusals! {
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
