//! What can go wrong, whose fault is it, and what is it called? One table.

use crate::provider_tokens::ProviderTokensError;
use crate::session::SessionError;
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
}

/// What the browser's side got wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// No route has this path.
    NotFound,
    /// The route does not take this method.
    MethodNotAllowed,
    /// No provider has this id.
    UnknownProvider,
    /// Parameters are missing, repeated or malformed.
    InvalidParameters(Vec<InvalidParameter>),
    /// The request's host is neither configured nor this machine.
    UntrustedHost,
    /// What the trusted proxy says of the request cannot be read (RFC 7239 section 4).
    ForwardedMalformed,
    /// The body is not what its content type says.
    MalformedBody,
    /// The body is longer than the host takes.
    BodyTooLarge,
    /// The body did not arrive within the time that the host gives it.
    BodyTimedOut,
    /// The request has no CSRF cookie.
    CsrfCookieMissing,
    /// The request has no `X-CSRF-Token` header and no `csrfToken` field.
    CsrfTokenMissing,
    /// The CSRF token is not the cookie's, has expired, or belongs to another user.
    CsrfTokenMismatch,
    /// The request comes from another site.
    CrossSite,
    /// The callback came without any cookie.
    NoCookie,
    /// The callback came with cookies, but with none of an attempt.
    NoAttempt,
    /// The callback's state belongs to no attempt of this browser (RFC 6749 section 10.12).
    StateUnknown,
    /// The attempt's cookie was altered, or sealed under another secret.
    AttemptUnreadable,
    /// The attempt is older than ten minutes.
    AttemptExpired,
    /// The attempt was begun at another provider (RFC 9700 section 4.4).
    OtherProvider,
    /// The callback names another issuer than the attempt's provider (RFC 9207 section 2.4).
    IssuerMismatch,
    /// The callback names no issuer though the attempt's provider always does (RFC 9207 section 2.4).
    IssuerMissing,
    /// The user, or the provider's policy, said no (RFC 6749 section 4.1.2.1).
    AccessDenied,
    /// The application did not admit the user.
    NotAdmitted,
    /// The request carries no session cookie.
    SessionMissing,
    /// The session cookie does not hold a live session of this site.
    SessionInvalid,
    /// The browser has no tokens of this provider.
    TokensMissing,
    /// The cookie does not hold tokens of this provider for this user.
    TokensInvalid,
    /// This provider's tokens are not for pages.
    TokensNotReadable,
    /// The provider says that the refresh token has ended; the user must sign in again (RFC 6749 section 5.2).
    RefreshRefused,
    /// The provider describes another user than the session's.
    OtherUser,
    /// The session would not fit into its cookie.
    SessionTooLarge,
}

/// One parameter that is missing, repeated or malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidParameter {
    /// The parameter's name.
    pub name: &'static str,
    /// What is wrong with it.
    pub issue: ParameterIssue,
}

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterIssue {
    /// It is required and absent.
    Missing,
    /// It has a value that it cannot have.
    Invalid,
    /// It occurs twice (RFC 6749 section 3.1).
    Repeated,
}

/// What the provider's side got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderError {
    /// The provider sent the browser back with an error of its own (RFC 6749 section 4.1.2.1).
    AuthorizationFailed,
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
    /// The revocation endpoint could not be reached.
    RevocationUnreachable(FetchError),
    /// The revocation endpoint answered with a status that is not a success.
    RevocationStatus,
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
    /// Returns the HTTP status: 4xx where the browser erred, 5xx where the provider did.
    ///
    /// ```
    /// use aura_proto::{Error, ProviderError};
    /// assert_eq!(Error::from(ProviderError::TokenStatus).status(), 502);
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

impl HostError {
    #[rustfmt::skip]
    fn row(self) -> Row {
        const FAILED: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
        match self {
            Self::NoEntropy => row(FAILED, "SERVER_ERROR", "SERVER_ERROR", "no_entropy", "The server cannot answer now."),
            Self::AttemptTooLong => row(FAILED, "SERVER_ERROR", "SERVER_ERROR", "attempt_too_long", "The server cannot begin a sign-in here."),
            Self::NoRevocationEndpoint => row(FAILED, "VALIDATION", "OAUTH_INVALID_REVOKE_TOKEN_CONFIG", "no_revocation_endpoint", "This provider is configured without a revocation endpoint."),
        }
    }
}

impl RequestError {
    #[rustfmt::skip]
    fn row(&self) -> Row {
        use StatusCode as S;
        match self {
            Self::NotFound => row(S::NOT_FOUND, "ROUTER_FLOW", "NOT_FOUND", "not_found", "There is no such route."),
            Self::MethodNotAllowed => row(S::METHOD_NOT_ALLOWED, "ROUTER_FLOW", "METHOD_NOT_ALLOWED", "method_not_allowed", "This route does not take this method; see Allow."),
            Self::UnknownProvider => row(S::UNPROCESSABLE_ENTITY, "VALIDATION", "UNPROCESSABLE_ENTITY", "unknown_provider", "No provider with this id is configured."),
            Self::InvalidParameters(_) => row(S::UNPROCESSABLE_ENTITY, "VALIDATION", "UNPROCESSABLE_ENTITY", "invalid_parameters", "Parameters are missing or malformed; see details."),
            Self::UntrustedHost => row(S::BAD_REQUEST, "VALIDATION", "INVALID_TRUSTED_ORIGIN", "untrusted_host", "This host is not known here. Configure the base URL, or list the origin as trusted."),
            Self::ForwardedMalformed => row(S::BAD_REQUEST, "VALIDATION", "INVALID_TRUSTED_ORIGIN", "forwarded_malformed", "The Forwarded or X-Forwarded-* fields cannot be read. Let the proxy overwrite what browsers send."),
            Self::MalformedBody => row(S::BAD_REQUEST, "VALIDATION", "UNPROCESSABLE_BODY_ENTITY", "malformed_body", "The body is not what its content type says."),
            Self::BodyTooLarge => row(S::PAYLOAD_TOO_LARGE, "VALIDATION", "UNPROCESSABLE_BODY_ENTITY", "body_too_large", "The body is too long."),
            Self::BodyTimedOut => row(S::REQUEST_TIMEOUT, "VALIDATION", "UNPROCESSABLE_BODY_ENTITY", "body_timed_out", "The body did not arrive in time."),
            Self::CsrfCookieMissing => row(S::FORBIDDEN, "AUTH_FLOW", "CSRF_TOKEN_MISSING", "csrf_cookie_missing", "The CSRF cookie is missing. Get a token from /csrfToken first."),
            Self::CsrfTokenMissing => row(S::FORBIDDEN, "AUTH_FLOW", "CSRF_DOUBLE_SUBMIT_FAILED", "csrf_token_missing", "The CSRF token is missing. Send it as X-CSRF-Token, or as the form field csrfToken."),
            Self::CsrfTokenMismatch => row(S::FORBIDDEN, "AUTH_FLOW", "CSRF_TOKEN_MISMATCH", "csrf_token_mismatch", "The CSRF token does not belong to this session. Get a new one from /csrfToken."),
            Self::CrossSite => row(S::FORBIDDEN, "AUTH_FLOW", "CSRF_ORIGIN_REJECTED", "cross_site", "The request comes from another site. List its origin as trusted if it is yours."),
            Self::NoCookie => row(S::UNAUTHORIZED, "AUTH_FLOW", "COOKIE_NOT_FOUND", "no_cookie", "The browser sent no cookie. Begin the sign-in in this browser, with cookies allowed."),
            Self::NoAttempt => row(S::UNAUTHORIZED, "AUTH_FLOW", "COOKIE_INVALID_VALUE", "no_attempt", "This browser has no sign-in under way. Begin again."),
            Self::StateUnknown => row(S::BAD_REQUEST, "PROTOCOL", "AUTH_MISMATCHING_STATE", "state_unknown", "This answer belongs to no sign-in of this browser. Begin again."),
            Self::AttemptUnreadable => row(S::BAD_REQUEST, "PROTOCOL", "AUTH_MISMATCHING_STATE", "attempt_unreadable", "The sign-in's cookie cannot be read. Begin again."),
            Self::AttemptExpired => row(S::BAD_REQUEST, "PROTOCOL", "AUTH_TRANSACTION_EXPIRED", "attempt_expired", "The sign-in took longer than ten minutes. Begin again."),
            Self::OtherProvider => row(S::BAD_REQUEST, "PROTOCOL", "AUTH_PROVIDER_MISMATCH", "other_provider", "The sign-in was begun at another provider. Begin again."),
            Self::IssuerMismatch => row(S::BAD_REQUEST, "PROTOCOL", "AUTH_PROVIDER_MISMATCH", "issuer_mismatch", "This answer is from another provider than the sign-in was begun at. Begin again."),
            Self::IssuerMissing => row(S::BAD_REQUEST, "PROTOCOL", "AUTH_CALLBACK_MISSING_PARAMETERS", "issuer_missing", "This answer does not say which provider it is from. Begin again."),
            Self::AccessDenied => row(S::FORBIDDEN, "PROTOCOL", "AUTH_PROVIDER_REJECTED", "access_denied", "The sign-in was cancelled, or the provider refused it."),
            Self::NotAdmitted => row(S::FORBIDDEN, "AUTH_FLOW", "AUTH_SIGN_IN_FAILED", "not_admitted", "This site does not admit this user."),
            Self::SessionTooLarge => row(S::BAD_REQUEST, "AUTH_FLOW", "UPDATE_SESSION_INVALID", "session_too_large", "The session would be too large. Keep less in it."),
            Self::TokensMissing => row(S::UNAUTHORIZED, "AUTH_FLOW", "COOKIE_INVALID_VALUE", "tokens_missing", "There are no tokens of this provider. Sign in with it."),
            Self::TokensInvalid => row(S::UNAUTHORIZED, "PROTOCOL", "INVALID_ACCESS_TOKEN", "tokens_invalid", "The tokens are not this user's at this provider. Sign in with it again."),
            Self::TokensNotReadable => row(S::FORBIDDEN, "AUTH_FLOW", "PROVIDER_TOKENS_ERROR", "tokens_not_readable", "This provider's tokens are not for pages. Configure it as readable if they are."),
            Self::RefreshRefused => row(S::UNAUTHORIZED, "PROTOCOL", "OAUTH_INVALID_REFRESH_TOKEN_RESPONSE", "refresh_refused", "The provider renews the tokens no more. Sign in with it again."),
            Self::OtherUser => row(S::CONFLICT, "AUTH_FLOW", "OAUTH_ACCOUNT_USER_MISMATCH", "other_user", "The provider describes another user. Sign out, then in again."),
            Self::SessionMissing => row(S::UNAUTHORIZED, "AUTH_FLOW", "SESSION_NOT_FOUND", "session_missing", "Unauthorized"),
            Self::SessionInvalid => row(S::UNAUTHORIZED, "AUTH_FLOW", "SESSION_INVALID", "session_invalid", "Unauthorized"),
        }
    }
}

impl ProviderError {
    #[rustfmt::skip]
    fn row(self) -> Row {
        const BAD: StatusCode = StatusCode::BAD_GATEWAY;
        const TOKEN: &str = "UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR";
        const USER: &str = "UNKNOWN_OAUTH_USER_INFO_ERROR";
        const FORMAT: &str = "INVALID_OAUTH_USER_INFO_RES_FORMAT";
        match self {
            Self::AuthorizationFailed => row(BAD, "PROTOCOL", "AUTH_PROVIDER_REJECTED", "authorization_failed", "The provider could not complete the sign-in. Try again."),
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
            Self::RevocationUnreachable(_) => row(BAD, "PROTOCOL", "UNKNOWN_REVOKE_TOKEN_ERROR", "revocation_unreachable", "The provider could not be reached. Try again."),
            Self::RevocationStatus => row(BAD, "PROTOCOL", "OAUTH_INVALID_REVOKE_TOKEN_RESPONSE", "revocation_status", "The provider did not take the token back."),
            Self::ProfileTooLarge => row(BAD, "PROTOCOL", "INVALID_USER_INFO", "profile_too_large", "The provider's profile of the user is too large for a session."),
        }
    }
}

impl ParameterIssue {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "invalid_type",
            Self::Invalid | Self::Repeated => "invalid_value",
        }
    }

    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Missing => "This parameter is required.",
            Self::Invalid => "This value is not one of those allowed.",
            Self::Repeated => "This parameter may occur once only.",
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

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        Self::Request(match error {
            SessionError::Missing => RequestError::SessionMissing,
            SessionError::Invalid | SessionError::Expired | SessionError::Ambiguous => {
                RequestError::SessionInvalid
            }
            SessionError::UnknownHost => RequestError::UntrustedHost,
        })
    }
}

impl From<ProviderTokensError> for RequestError {
    fn from(error: ProviderTokensError) -> Self {
        match error {
            ProviderTokensError::SignedOut => Self::SessionMissing,
            ProviderTokensError::Missing => Self::TokensMissing,
            ProviderTokensError::Invalid => Self::TokensInvalid,
        }
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
