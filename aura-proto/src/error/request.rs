//! What can go wrong at the browser's side?

use super::{Row, row};
use http::StatusCode;

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
    /// The provider would have to ask the user something, and was told not to (OpenID Connect Core 1.0 section 3.1.2.6).
    InteractionRequired,
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

impl RequestError {
    #[rustfmt::skip]
    pub(super) fn row(&self) -> Row {
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
            Self::InteractionRequired => row(S::FORBIDDEN, "PROTOCOL", "AUTH_PROVIDER_REJECTED", "interaction_required", "The provider has to ask the user first. Sign in without prompt=none."),
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
