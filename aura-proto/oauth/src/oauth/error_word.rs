//! Registered error codes of answers (the IANA registry of OAuth Extensions Errors, RFC 6749 sections 4.1.2.1 and 5.2), and what
//! they say of a token request.

use crate::refused::TokenRequestRefused;
use http::StatusCode;
use std::fmt;

/// The cause by the registered error code.
const BY_WORD: [(ErrorWord, TokenRequestRefused); 10] = [
    (ErrorWord::InvalidRequest, TokenRequestRefused::InvalidRequest),
    (ErrorWord::InvalidClient, TokenRequestRefused::InvalidClient),
    (ErrorWord::InvalidGrant, TokenRequestRefused::InvalidGrant),
    (ErrorWord::UnauthorizedClient, TokenRequestRefused::UnauthorizedClient),
    (ErrorWord::UnsupportedGrantType, TokenRequestRefused::UnsupportedGrantType),
    (ErrorWord::InvalidScope, TokenRequestRefused::InvalidScope),
    (ErrorWord::InvalidTarget, TokenRequestRefused::InvalidTarget),
    (ErrorWord::InvalidDpopProof, TokenRequestRefused::InvalidDpopProof),
    (ErrorWord::ServerError, TokenRequestRefused::Unavailable),
    (ErrorWord::TemporarilyUnavailable, TokenRequestRefused::Unavailable),
];

impl TokenRequestRefused {
    /// Returns the cause by the registered error code, or else by the status. `None` if neither is known.
    pub fn of(status: StatusCode, word: Option<ErrorWord>) -> Option<Self> {
        let by_word = BY_WORD.iter().find(|(own, _)| Some(*own) == word);
        by_word.map(|(_, refusal)| *refusal).or(match status {
            // RFC 6749 section 5.2: the status of a failed client authentication.
            StatusCode::UNAUTHORIZED => Some(Self::InvalidClient),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::Unavailable),
            status => status.is_server_error().then_some(Self::Unavailable),
        })
    }
}

/// Declares the error codes.
macro_rules! words {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// A registered error code of an answer. Any other text of a provider is not reported.
        ///
        /// ```
        /// assert_eq!(aura_proto::ErrorWord::InvalidClient.to_string(), "invalid_client");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorWord {
            $($(#[$doc])* $variant,)+
        }

        impl ErrorWord {
            /// Returns the error code with this text.
            #[doc(hidden)]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl fmt::Display for ErrorWord {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $word,)+
                })
            }
        }
    };
}

words! {
    /// The request lacks a parameter, or has one that is wrong.
    InvalidRequest = "invalid_request",
    /// The client is unknown, or its authentication failed.
    InvalidClient = "invalid_client",
    /// The code or the refresh token is not valid, or is another client's.
    InvalidGrant = "invalid_grant",
    /// The client may not use this kind of grant.
    UnauthorizedClient = "unauthorized_client",
    /// The server does not support this grant type.
    UnsupportedGrantType = "unsupported_grant_type",
    /// The scope is unknown, or more than was granted.
    InvalidScope = "invalid_scope",
    /// The resource that was asked for is unknown (RFC 8707 section 2).
    InvalidTarget = "invalid_target",
    /// The DPoP proof is not valid (RFC 9449 section 5).
    InvalidDpopProof = "invalid_dpop_proof",
    /// The DPoP proof lacks the server's nonce (RFC 9449 section 8).
    UseDpopNonce = "use_dpop_nonce",
    /// The access token is not valid here (RFC 6750 section 3.1).
    InvalidToken = "invalid_token",
    /// The access token has too narrow a scope (RFC 6750 section 3.1).
    InsufficientScope = "insufficient_scope",
    /// The server does not revoke this kind of token (RFC 7009 section 2.2.1).
    UnsupportedTokenType = "unsupported_token_type",
    /// The user or the server denied the request.
    AccessDenied = "access_denied",
    /// The server failed.
    ServerError = "server_error",
    /// The server is overloaded, or is being maintained.
    TemporarilyUnavailable = "temporarily_unavailable",
}
