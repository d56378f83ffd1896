//! What can go wrong at the provider's side?

use super::{IdTokenError, Row, row};
use http::StatusCode;
use std::fmt;

/// What the provider's side got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderError {
    /// The provider sent the browser back with an error of its own (RFC 6749 section 4.1.2.1).
    AuthorizationFailed,
    /// The provider's configuration could not be read (OpenID Connect Discovery 1.0 section 4).
    DiscoveryUnreachable(FetchError),
    /// The provider's configuration was answered with a status that is not a success.
    DiscoveryStatus,
    /// The provider's configuration is not JSON.
    DiscoveryNotJson,
    /// The provider's configuration lacks a member that is required, or has one of the wrong type.
    DiscoveryMalformed,
    /// The provider's configuration is that of another issuer (section 4.3).
    DiscoveryIssuer,
    /// The provider's configuration names an endpoint that is not https, or inside a network.
    DiscoveryEndpoint,
    /// The provider's keys could not be read.
    JwksUnreachable(FetchError),
    /// The provider's keys were answered with a status that is not a success.
    JwksStatus,
    /// The provider's keys are no JWK Set (RFC 7517 section 5).
    JwksMalformed,
    /// The authorization request could not be handed over (RFC 9126).
    PushedRequestUnreachable(FetchError),
    /// The provider did not take the authorization request (RFC 9126 section 2.3).
    PushedRequestStatus,
    /// The answer to the authorization request names no `request_uri` (RFC 9126 section 2.2).
    PushedRequestMalformed,
    /// What the provider signed about the user is not believed.
    IdToken(IdTokenError),
    /// The token endpoint could not be reached.
    TokenUnreachable(FetchError),
    /// The token endpoint answered with a status that is not a success.
    TokenStatus,
    /// The token endpoint answered in another format than JSON or a form.
    TokenContentType,
    /// The token endpoint answered with an error under a success status.
    TokenErrorAnswer,
    /// The token endpoint's answer is not JSON.
    TokenNotJson,
    /// The token endpoint's answer has no usable access token (RFC 6749 section 5.1).
    TokenMalformed,
    /// Userinfo could not be reached.
    UserInfoUnreachable(FetchError),
    /// Userinfo answered with a status that is not a success.
    UserInfoStatus,
    /// Userinfo answered in another format than JSON.
    UserInfoContentType,
    /// Userinfo's answer is not JSON.
    UserInfoNotJson,
    /// Userinfo's answer is not an object, or has a member of the wrong type.
    UserInfoMalformed,
    /// Userinfo's answer has no id of the user.
    UserInfoWithoutId,
    /// Userinfo's answer is about another user than the ID token (OpenID Connect Core 1.0 section 5.3.2).
    UserInfoOtherSubject,
    /// Userinfo's answer is signed, and not by this provider for this client (section 5.3.2).
    UserInfoUntrusted,
    /// The revocation endpoint could not be reached.
    RevocationUnreachable(FetchError),
    /// The revocation endpoint answered with a status that is not a success.
    RevocationStatus,
    /// The tokens do not fit into cookies.
    TokensTooLarge,
    /// The user's profile does not fit into a session cookie.
    ProfileTooLarge,
}

/// Why an exchange with a provider brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// No answer within the time allowed.
    TimedOut,
    /// No connection, or it broke.
    Unreachable,
    /// The provider's certificate is not trusted.
    Untrusted,
    /// The answer is longer than allowed.
    TooLarge,
}

impl ProviderError {
    #[rustfmt::skip]
    pub(super) fn row(self) -> Row {
        const BAD: StatusCode = StatusCode::BAD_GATEWAY;
        const TOKEN: &str = "UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR";
        const USER: &str = "UNKNOWN_OAUTH_USER_INFO_ERROR";
        const GONE: StatusCode = StatusCode::GATEWAY_TIMEOUT;
        const NETWORK: &str = "OIDC_DISCOVERY_NETWORK_FAILED";
        const JWKS: &str = "OIDC_JWKS_INVALID_RESPONSE";
        const PUSHED: &str = "AUTH_SIGN_IN_FAILED";
        const FORMAT: &str = "INVALID_OAUTH_USER_INFO_RES_FORMAT";
        match self {
            Self::AuthorizationFailed => row(BAD, "PROTOCOL", "AUTH_PROVIDER_REJECTED", "authorization_failed", "The provider could not complete the sign-in. Try again."),
            Self::DiscoveryUnreachable(FetchError::TimedOut) => row(GONE, "NETWORK", NETWORK, "discovery_timed_out", "The provider did not answer in time. Try again."),
            Self::DiscoveryUnreachable(FetchError::Unreachable) => row(GONE, "NETWORK", NETWORK, "discovery_unreachable", "The provider could not be reached. Try again."),
            Self::DiscoveryUnreachable(FetchError::Untrusted) => row(GONE, "NETWORK", NETWORK, "discovery_untrusted", "The provider's certificate is not trusted."),
            Self::DiscoveryUnreachable(FetchError::TooLarge) => row(GONE, "NETWORK", NETWORK, "discovery_too_large", "The provider's answer was too long."),
            Self::DiscoveryStatus => row(BAD, "PROTOCOL", "OIDC_DISCOVERY_INVALID_RESPONSE", "discovery_status", "The provider does not publish its configuration at its issuer."),
            Self::DiscoveryNotJson => row(BAD, "PROTOCOL", "OIDC_DISCOVERY_INVALID_FORMAT_RESPONSE", "discovery_not_json", "The provider's configuration is not JSON."),
            Self::DiscoveryMalformed => row(BAD, "VALIDATION", "OIDC_DISCOVERY_INVALID_SCHEMA", "discovery_malformed", "The provider's configuration is incomplete."),
            Self::DiscoveryIssuer => row(BAD, "PROTOCOL", "OIDC_DISCOVERY_ISSUER_MISMATCH", "discovery_issuer", "The provider's configuration is that of another issuer. Configure the issuer as the provider spells it."),
            Self::DiscoveryEndpoint => row(BAD, "VALIDATION", "OIDC_DISCOVERY_INVALID_SCHEMA", "discovery_endpoint", "The provider's configuration names an endpoint that is not allowed."),
            Self::JwksUnreachable(FetchError::TimedOut) => row(BAD, "PROTOCOL", JWKS, "jwks_timed_out", "The provider did not answer in time. Try again."),
            Self::JwksUnreachable(FetchError::Unreachable) => row(BAD, "PROTOCOL", JWKS, "jwks_unreachable", "The provider could not be reached. Try again."),
            Self::JwksUnreachable(FetchError::Untrusted) => row(BAD, "PROTOCOL", JWKS, "jwks_untrusted", "The provider's certificate is not trusted."),
            Self::JwksUnreachable(FetchError::TooLarge) => row(BAD, "PROTOCOL", JWKS, "jwks_too_large", "The provider's answer was too long."),
            Self::JwksStatus => row(BAD, "PROTOCOL", JWKS, "jwks_status", "The provider does not publish its keys."),
            Self::JwksMalformed => row(BAD, "VALIDATION", "OIDC_JWKS_INVALID_SCHEMA", "jwks_malformed", "The provider's keys cannot be read."),
            Self::PushedRequestUnreachable(FetchError::TimedOut) => row(BAD, "PROTOCOL", PUSHED, "pushed_request_timed_out", "The provider did not answer in time. Try again."),
            Self::PushedRequestUnreachable(FetchError::Unreachable) => row(BAD, "PROTOCOL", PUSHED, "pushed_request_unreachable", "The provider could not be reached. Try again."),
            Self::PushedRequestUnreachable(FetchError::Untrusted) => row(BAD, "PROTOCOL", PUSHED, "pushed_request_untrusted", "The provider's certificate is not trusted."),
            Self::PushedRequestUnreachable(FetchError::TooLarge) => row(BAD, "PROTOCOL", PUSHED, "pushed_request_too_large", "The provider's answer was too long."),
            Self::PushedRequestStatus => row(BAD, "PROTOCOL", PUSHED, "pushed_request_status", "The provider did not take the request to sign in."),
            Self::PushedRequestMalformed => row(BAD, "PROTOCOL", PUSHED, "pushed_request_malformed", "The provider's answer to the request to sign in is malformed."),
            Self::IdToken(error) => error.row(),
            Self::TokenUnreachable(FetchError::TimedOut) => row(BAD, "PROTOCOL", TOKEN, "token_timed_out", "The provider did not answer in time. Try again."),
            Self::TokenUnreachable(FetchError::Unreachable) => row(BAD, "PROTOCOL", TOKEN, "token_unreachable", "The provider could not be reached. Try again."),
            Self::TokenUnreachable(FetchError::Untrusted) => row(BAD, "PROTOCOL", TOKEN, "token_untrusted", "The provider's certificate is not trusted."),
            Self::TokenUnreachable(FetchError::TooLarge) => row(BAD, "PROTOCOL", TOKEN, "token_too_large", "The provider's answer was too long."),
            Self::TokenStatus => row(BAD, "PROTOCOL", "INVALID_OAUTH_ACCESS_TOKEN_RESPONSE", "token_status", "The provider refused to exchange the code."),
            Self::TokenContentType => row(BAD, "PROTOCOL", "OAUTH_INVALID_CONTENT_TYPE", "token_content_type", "The provider's token answer is not JSON."),
            Self::TokenErrorAnswer => row(BAD, "PROTOCOL", "INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT", "token_error_answer", "The provider refused to exchange the code."),
            Self::TokenNotJson => row(BAD, "PROTOCOL", TOKEN, "token_not_json", "The provider's token answer is not JSON."),
            Self::TokenMalformed => row(BAD, "PROTOCOL", "INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT", "token_malformed", "The provider's token answer is malformed."),
            Self::UserInfoUnreachable(FetchError::TimedOut) => row(BAD, "PROTOCOL", USER, "userinfo_timed_out", "The provider did not answer in time. Try again."),
            Self::UserInfoUnreachable(FetchError::Unreachable) => row(BAD, "PROTOCOL", USER, "userinfo_unreachable", "The provider could not be reached. Try again."),
            Self::UserInfoUnreachable(FetchError::Untrusted) => row(BAD, "PROTOCOL", USER, "userinfo_untrusted", "The provider's certificate is not trusted."),
            Self::UserInfoUnreachable(FetchError::TooLarge) => row(BAD, "PROTOCOL", USER, "userinfo_too_large", "The provider's answer was too long."),
            Self::UserInfoStatus => row(BAD, "PROTOCOL", "INVALID_OAUTH_USER_INFO_RESPONSE", "userinfo_status", "The provider refused to say who signed in."),
            Self::UserInfoContentType => row(BAD, "PROTOCOL", "OAUTH_INVALID_CONTENT_TYPE", "userinfo_content_type", "The provider's userinfo answer is not JSON."),
            Self::UserInfoNotJson => row(BAD, "PROTOCOL", USER, "userinfo_not_json", "The provider's userinfo answer is not JSON."),
            Self::UserInfoMalformed => row(BAD, "PROTOCOL", FORMAT, "userinfo_malformed", "The provider's userinfo answer is malformed."),
            Self::UserInfoWithoutId => row(BAD, "PROTOCOL", "INVALID_USER_INFO", "userinfo_without_id", "The provider did not say who signed in."),
            Self::UserInfoOtherSubject => row(BAD, "VALIDATION", "OIDC_USERINFO_INVALID_SCHEMA", "userinfo_other_subject", "The provider described another user than the one who signed in."),
            Self::UserInfoUntrusted => row(BAD, "VALIDATION", "OIDC_USERINFO_INVALID_SCHEMA", "userinfo_untrusted_signature", "The provider's userinfo answer is not signed by it for this application."),
            Self::RevocationUnreachable(_) => row(BAD, "PROTOCOL", "UNKNOWN_REVOKE_TOKEN_ERROR", "revocation_unreachable", "The provider could not be reached. Try again."),
            Self::RevocationStatus => row(BAD, "PROTOCOL", "OAUTH_INVALID_REVOKE_TOKEN_RESPONSE", "revocation_status", "The provider did not take the token back."),
            Self::TokensTooLarge => row(BAD, "PROTOCOL", "INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT", "tokens_too_large", "The provider's tokens are too large to be kept."),
            Self::ProfileTooLarge => row(BAD, "PROTOCOL", "INVALID_USER_INFO", "profile_too_large", "The provider's profile of the user is too large for a session."),
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "no answer within the time allowed",
            Self::Unreachable => "no connection",
            Self::Untrusted => "the certificate is not trusted",
            Self::TooLarge => "the answer is longer than allowed",
        })
    }
}

impl std::error::Error for FetchError {}
