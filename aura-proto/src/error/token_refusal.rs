//! Errors of refused token requests (RFC 6749 section 5.2), and the registered error codes that tell them apart (the IANA registry
//! of OAuth Extensions Errors, RFC 6749 sections 4.1.2.1 and 5.2).

use super::table::errors;
use http::StatusCode;
use std::fmt;

errors! {
    /// Why a token request was refused.
    ///
    /// ```
    /// use aura_proto::{Error, ProviderError, TokenRefusal};
    /// let error = Error::from(ProviderError::TokenRefused(TokenRefusal::InvalidClient));
    /// assert_eq!((error.status().as_u16(), error.reason()), (502, "token_invalid_client"));
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum TokenRefusal {
        /// The request lacks a parameter, or has one that is wrong.
        InvalidRequest       = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_request        INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider calls the token request invalid. Check which further parameters it requires."],
        /// The client is unknown, or its secret or assertion is wrong.
        InvalidClient        = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_client         INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept this site's client. Check its id, its secret, the method of authentication, and client_assertion_audience."],
        /// The same, where the secret has characters that the form-encoding of HTTP Basic changes (RFC 6749 section 2.3.1).
        InvalidClientBasic   = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_client_basic   INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept this site's client, whose credentials have characters that form-encoding changes. Not every provider decodes them in HTTP Basic: try client_secret_post()."],
        /// The code or the refresh token is not valid, has ended, or is another client's.
        InvalidGrant         = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_grant          INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept the code. Begin again."],
        /// The client may not use this kind of grant.
        UnauthorizedClient   = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_unauthorized_client    INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not allow this site's client the authorization code grant. Allow it in the provider's console."],
        /// The server does not know this kind of grant.
        UnsupportedGrantType = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_unsupported_grant_type INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not support this grant at its token endpoint. Check the endpoint."],
        /// The scope is unknown, or more than was granted.
        InvalidScope         = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_scope          INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept the scope. Check the option scope."],
        /// The resource is unknown (RFC 8707 section 2).
        InvalidTarget        = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_target         INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept the resource that the tokens are for."],
        /// The DPoP proof is not accepted (RFC 9449 section 5).
        InvalidDpopProof     = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_invalid_dpop_proof     INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider does not accept the DPoP proof. Check the clocks, and which algorithms it supports."],
        /// The provider is overloaded, is being maintained, or fails.
        Unavailable          = [502 PROTOCOL INVALID_OAUTH_ACCESS_TOKEN_RESPONSE token_unavailable            INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider cannot exchange the code now. Try again."],
    }
}

/// The cause by the registered error code.
const BY_WORD: [(ErrorWord, TokenRefusal); 10] = [
    (ErrorWord::InvalidRequest, TokenRefusal::InvalidRequest),
    (ErrorWord::InvalidClient, TokenRefusal::InvalidClient),
    (ErrorWord::InvalidGrant, TokenRefusal::InvalidGrant),
    (ErrorWord::UnauthorizedClient, TokenRefusal::UnauthorizedClient),
    (ErrorWord::UnsupportedGrantType, TokenRefusal::UnsupportedGrantType),
    (ErrorWord::InvalidScope, TokenRefusal::InvalidScope),
    (ErrorWord::InvalidTarget, TokenRefusal::InvalidTarget),
    (ErrorWord::InvalidDpopProof, TokenRefusal::InvalidDpopProof),
    (ErrorWord::ServerError, TokenRefusal::Unavailable),
    (ErrorWord::TemporarilyUnavailable, TokenRefusal::Unavailable),
];

impl TokenRefusal {
    /// Returns the cause by the registered error code, or else by the status. `None` if neither is known.
    pub(crate) fn of(status: StatusCode, word: Option<ErrorWord>) -> Option<Self> {
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
            pub(crate) fn parse(text: &str) -> Option<Self> {
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
    /// The server does not know this kind of grant.
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
