//! Errors: one variant for each cause, one table of answers for each endpoint.

use std::fmt;

use http::StatusCode;

use crate::form::{Malformed, Repeated};
use crate::state::NoGrant;

/// Reason why a request to the authorization endpoint gets an error page and never a redirect
/// (RFC 6749 section 4.1.2.1).
///
/// ```
/// use aura_test_idp::{DecisionError, Idp, Unanswerable};
///
/// let idp = Idp::new("http://localhost:3000/dev")?;
/// let denied = idp.deny("http://localhost:3000/dev/authorize?client_id=nobody");
/// assert_eq!(denied, Err(DecisionError::Unanswerable(Unanswerable::UnknownClient)));
/// # Ok::<(), aura_test_idp::BaseUrlError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unanswerable {
    /// The parameters are not well encoded, too long, or in no form.
    Malformed,
    /// The `client_id` or the `redirect_uri` occurs more than once.
    RepeatedParameter,
    /// The `client_id` is missing or not registered.
    UnknownClient,
    /// The `redirect_uri` is missing or not registered for the client.
    UnregisteredRedirectUri,
    /// The `request_uri` is unknown, expired, used or another client's (RFC 9126 section 4).
    UnknownRequestUri,
    /// The `post_logout_redirect_uri` is not registered for the client, or there is no client.
    UnregisteredPostLogoutRedirectUri,
    /// The `id_token_hint` is no ID token of this provider for the client.
    ForeignIdTokenHint,
    /// Neither an account nor Cancel was chosen, or both.
    Undecided,
    /// There is no such account.
    UnknownAccount,
}

/// Reason why the browser is sent back to the client with an error (RFC 6749 section 4.1.2.1).
///
/// ```
/// use aura_test_idp::AuthorizationError;
///
/// assert_eq!(AuthorizationError::AccessDenied.code(), "access_denied");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// A parameter occurs more than once (RFC 6749 section 3.1).
    RepeatedParameter,
    /// The `response_type` is missing (RFC 6749 section 3.1.1).
    MissingResponseType,
    /// The `response_type` is not `code`.
    UnsupportedResponseType,
    /// The `code_challenge` is missing (RFC 7636 section 4.4.1).
    MissingCodeChallenge,
    /// The `code_challenge_method` is not `S256` (RFC 7636 section 4.4.1).
    UnsupportedCodeChallengeMethod,
    /// The `code_challenge` is not the encoding of a SHA-256 digest (RFC 7636 section 4.2).
    MalformedCodeChallenge,
    /// The `scope` is not a list of scope tokens, or too long (RFC 6749 section 3.3).
    InvalidScope,
    /// The `response_mode` is neither `query` nor `form_post`.
    UnsupportedResponseMode,
    /// The `prompt` is `none` and something else (OpenID Connect Core section 3.1.2.1).
    PromptNoneAndMore,
    /// The `max_age` is no number of seconds (OpenID Connect Core section 3.1.2.1).
    MalformedMaxAge,
    /// There is a request object, which this provider does not read (OpenID Connect Core section 3.1.2.6).
    RequestObject,
    /// The `prompt` is `none`, and no user is signed in (OpenID Connect Core section 3.1.2.6).
    LoginRequired,
    /// The request has to be pushed (RFC 9126 section 5).
    NotPushed,
    /// The resource owner chose Cancel.
    AccessDenied,
}

/// Reason why [`Idp::approve`](crate::Idp::approve) or [`Idp::deny`](crate::Idp::deny) could not decide
/// (RFC 6749 section 4.1.2.1).
///
/// ```
/// use aura_test_idp::{DecisionError, Idp};
///
/// let idp = Idp::new("http://localhost:3000/dev")?;
/// assert_eq!(idp.deny("http://localhost:3000/other"), Err(DecisionError::OtherEndpoint));
/// # Ok::<(), aura_test_idp::BaseUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecisionError {
    /// The URL is not one of this provider's authorization endpoint.
    OtherEndpoint,
    /// The browser would see an error page.
    Unanswerable(Unanswerable),
    /// The response travels in the other way: as a form, or as a redirect.
    OtherResponseMode,
    /// The browser would be sent back with an error before a decision.
    Refused {
        /// Why the request is refused.
        error: AuthorizationError,
        /// Where the browser would be sent: with `response_mode=form_post`, the form's action.
        location: String,
    },
}

/// Reason why the token endpoint refuses a request (RFC 6749 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    Malformed,
    RepeatedParameter,
    TwoAuthentications,
    ClientAuthentication,
    MissingGrantType,
    UnsupportedGrantType,
    MissingCode,
    MissingRedirectUri,
    MissingCodeVerifier,
    MalformedCodeVerifier,
    NoGrant,
    OtherRedirectUri,
    OtherCodeVerifier,
    MissingRefreshToken,
    NoRefreshToken,
    InvalidDpopProof,
    UseDpopNonce,
}

/// Reason why the userinfo endpoint refuses a request (RFC 6750 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BearerError {
    NoToken,
    TwoAuthentications,
    InvalidToken,
    InvalidDpopProof,
    UseDpopNonce,
}

impl AuthorizationError {
    /// Returns the value of the `error` parameter (RFC 6749 section 4.1.2.1).
    ///
    /// ```
    /// use aura_test_idp::AuthorizationError;
    ///
    /// assert_eq!(AuthorizationError::MissingCodeChallenge.code(), "invalid_request");
    /// ```
    pub const fn code(self) -> &'static str {
        self.parts().0
    }

    pub(crate) const fn description(self) -> &'static str {
        self.parts().1
    }

    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::RepeatedParameter => ("invalid_request", "a parameter occurs more than once"),
            Self::MissingResponseType => ("invalid_request", "the response_type is missing"),
            Self::UnsupportedResponseType => ("unsupported_response_type", "the response_type is not code"),
            Self::MissingCodeChallenge => ("invalid_request", "code challenge required"),
            Self::UnsupportedCodeChallengeMethod => {
                ("invalid_request", "transform algorithm not supported, it has to be S256")
            }
            Self::MalformedCodeChallenge => ("invalid_request", "the code_challenge is no SHA-256 digest"),
            Self::InvalidScope => ("invalid_scope", "the scope is no list of scope tokens"),
            Self::UnsupportedResponseMode => ("invalid_request", "response mode not supported"),
            Self::PromptNoneAndMore => ("invalid_request", "the prompt is none and something else"),
            Self::MalformedMaxAge => ("invalid_request", "the max_age is no number of seconds"),
            Self::RequestObject => ("request_not_supported", "request objects are not supported"),
            Self::LoginRequired => ("login_required", "nobody is signed in"),
            Self::NotPushed => ("invalid_request", "the request has to be pushed"),
            Self::AccessDenied => ("access_denied", "the resource owner denied the request"),
        }
    }
}

impl TokenError {
    pub(crate) const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::Malformed => (BAD, "invalid_request", "the body is no well-encoded form"),
            Self::RepeatedParameter => (BAD, "invalid_request", "a parameter occurs more than once"),
            Self::TwoAuthentications => (BAD, "invalid_request", "the client authenticates in two ways"),
            Self::ClientAuthentication => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "the client is unknown or its secret wrong")
            }
            Self::MissingGrantType => (BAD, "invalid_request", "the grant_type is missing"),
            Self::UnsupportedGrantType => (
                BAD,
                "unsupported_grant_type",
                "the grant_type is neither authorization_code nor refresh_token",
            ),
            Self::MissingCode => (BAD, "invalid_request", "the code is missing"),
            Self::MissingRedirectUri => (BAD, "invalid_request", "the redirect_uri is missing"),
            Self::MissingCodeVerifier => (BAD, "invalid_request", "the code_verifier is missing"),
            Self::MalformedCodeVerifier => {
                (BAD, "invalid_request", "the code_verifier is not 43 to 128 unreserved characters")
            }
            Self::NoGrant => (BAD, "invalid_grant", "the code is unknown, expired or used"),
            Self::OtherRedirectUri => (BAD, "invalid_grant", "the redirect_uri is another than before"),
            Self::MissingRefreshToken => (BAD, "invalid_request", "the refresh_token is missing"),
            Self::NoRefreshToken => (BAD, "invalid_grant", "the refresh_token is unknown, expired or used"),
            Self::InvalidDpopProof => (BAD, "invalid_dpop_proof", "the DPoP proof is not valid"),
            Self::UseDpopNonce => (BAD, "use_dpop_nonce", "the DPoP proof needs a nonce of this server"),
            Self::OtherCodeVerifier => (BAD, "invalid_grant", "the code_verifier fits another challenge"),
        }
    }
}

impl BearerError {
    /// Returns the status, the error code and the challenge; a request without a token gets no error code.
    pub(crate) const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, "invalid_token", r#"Bearer realm="aura-test-idp""#),
            Self::TwoAuthentications => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                r#"Bearer realm="aura-test-idp", error="invalid_request""#,
            ),
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                r#"Bearer realm="aura-test-idp", error="invalid_token""#,
            ),
            Self::InvalidDpopProof => (
                StatusCode::UNAUTHORIZED,
                "invalid_dpop_proof",
                r#"DPoP error="invalid_dpop_proof", algs="ES256 EdDSA""#,
            ),
            Self::UseDpopNonce => (
                StatusCode::UNAUTHORIZED,
                "use_dpop_nonce",
                r#"DPoP error="use_dpop_nonce", algs="ES256 EdDSA""#,
            ),
        }
    }
}

impl From<Malformed> for Unanswerable {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl From<Repeated> for Unanswerable {
    fn from(_: Repeated) -> Self {
        Self::RepeatedParameter
    }
}

impl From<Repeated> for AuthorizationError {
    fn from(_: Repeated) -> Self {
        Self::RepeatedParameter
    }
}

impl From<Malformed> for TokenError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl From<Repeated> for TokenError {
    fn from(_: Repeated) -> Self {
        Self::RepeatedParameter
    }
}

impl From<NoGrant> for TokenError {
    fn from(_: NoGrant) -> Self {
        Self::NoGrant
    }
}

impl From<Unanswerable> for DecisionError {
    fn from(fault: Unanswerable) -> Self {
        Self::Unanswerable(fault)
    }
}

impl fmt::Display for Unanswerable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Malformed => "the request is not well encoded",
            Self::RepeatedParameter => "the client_id or the redirect_uri occurs more than once",
            Self::UnknownClient => "the client_id is missing or not registered",
            Self::UnregisteredRedirectUri => "the redirect_uri is missing or not registered for the client",
            Self::UnknownRequestUri => "the request_uri is unknown, expired, used or another client's",
            Self::UnregisteredPostLogoutRedirectUri => {
                "the post_logout_redirect_uri is not registered for the client"
            }
            Self::ForeignIdTokenHint => "the id_token_hint is no ID token of this provider for the client",
            Self::Undecided => "no account was chosen",
            Self::UnknownAccount => "there is no such account",
        })
    }
}

impl fmt::Display for AuthorizationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code(), self.description())
    }
}

impl fmt::Display for DecisionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherEndpoint => formatter.write_str("the URL is not of this authorization endpoint"),
            Self::Unanswerable(fault) => fault.fmt(formatter),
            Self::OtherResponseMode => formatter.write_str("the response travels in the other way"),
            Self::Refused { error, .. } => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Unanswerable {}
impl std::error::Error for AuthorizationError {}
impl std::error::Error for DecisionError {}
