//! What happened that an operator wants to know?

use crate::error::{Error, HostError, ProviderError, RequestError};
use crate::severity::Severity;

/// Something that happened while a request was answered. Events carry no secret.
///
/// ```
/// use aura_proto::{Event, Severity};
/// let event = Event::SignedOut { sub: Some("1".into()) };
/// assert_eq!((event.name(), event.severity()), ("SIGN_OUT_SUCCESS", Severity::Info));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A browser was sent to a provider.
    SignInInitiated {
        /// The provider's id.
        provider: String,
    },
    /// A provider exchanged the code for an access token (RFC 6749 section 4.1.4).
    TokenGranted {
        /// The provider's id.
        provider: String,
    },
    /// A provider said who the user is.
    UserInfoReceived {
        /// The provider's id.
        provider: String,
    },
    /// A user signed in.
    SignedIn {
        /// The provider's id.
        provider: String,
        /// The user's id at the provider.
        sub: String,
    },
    /// A sign-in failed after it had been begun.
    SignInFailed {
        /// The provider's id.
        provider: String,
        /// Why.
        error: Error,
    },
    /// A request named a `redirectTo` that is neither of this site nor trusted; `/` stood in.
    RedirectRefused,
    /// The `redirectTo` of an attempt is no longer of this site or trusted when the callback arrives; `/` stood in.
    SealedRedirectRefused {
        /// The provider's id.
        provider: String,
    },
    /// A callback was delivered a second time to a browser that is signed in already.
    CallbackRepeated {
        /// The provider's id.
        provider: String,
    },
    /// A callback named its issuer, and none is configured to compare it with (RFC 9207 section 2.4).
    IssuerIgnored {
        /// The provider's id.
        provider: String,
    },
    /// A user signed out.
    SignedOut {
        /// The user's id at the provider, if the session was still live.
        sub: Option<String>,
    },
    /// A provider said that a user signed out there (OpenID Connect Back-Channel Logout 1.0): whoever keeps sessions ends
    /// those of this user, or of this session.
    LoggedOutByProvider {
        /// The provider's id.
        provider: String,
        /// The issuer.
        issuer: String,
        /// The user's id at the provider, where it was said.
        sub: Option<String>,
        /// The session's id at the provider, where it was said.
        sid: Option<String>,
        /// The id of the token: one that was seen before is a repetition.
        jti: String,
    },
    /// A logout token was refused.
    LogoutRefused {
        /// The provider's id.
        provider: String,
        /// Why.
        error: Error,
    },
    /// A session's end was moved because it was read.
    SessionRenewed {
        /// The user's id at the provider.
        sub: String,
    },
    /// A page changed its session.
    SessionUpdated {
        /// The user's id at the provider.
        sub: String,
    },
    /// A provider renewed its tokens.
    TokensRefreshed {
        /// The provider's id.
        provider: String,
    },
    /// A provider took its token back.
    TokensRevoked {
        /// The provider's id.
        provider: String,
    },
    /// A page gave a provider's tokens up, without telling the provider.
    ProviderDisconnected {
        /// The provider's id.
        provider: String,
    },
    /// A request about a provider and the tokens that it granted failed.
    ProviderRequestFailed {
        /// The provider's id.
        provider: String,
        /// Why.
        error: Error,
    },
    /// A session cookie was presented and did not hold a live session.
    SessionRejected {
        /// Why.
        error: Error,
    },
    /// A request was refused.
    RequestRefused {
        /// Why.
        error: Error,
    },
    /// A CSRF token was made.
    CsrfTokenIssued,
}

/// What an event is called, and how serious that is. A name has one severity.
type Row = (&'static str, Severity);

impl Event {
    /// Returns the event's name, stable across versions.
    ///
    /// ```
    /// assert_eq!(aura_proto::Event::CsrfTokenIssued.name(), "CSRF_TOKEN_ISSUED");
    /// ```
    pub fn name(&self) -> &'static str {
        self.row().0
    }

    /// Returns how serious the event is.
    ///
    /// ```
    /// use aura_proto::{Event, Severity};
    /// assert_eq!(Event::CsrfTokenIssued.severity(), Severity::Debug);
    /// ```
    pub fn severity(&self) -> Severity {
        self.row().1
    }

    fn row(&self) -> Row {
        use Severity::{Critical, Debug, Info, Notice, Warning};
        match self {
            Self::SignInInitiated { .. } => ("SIGN_IN_INITIATED", Info),
            Self::TokenGranted { .. } => ("OAUTH_ACCESS_TOKEN_SUCCESS", Info),
            Self::UserInfoReceived { .. } => ("OAUTH_USERINFO_SUCCESS", Info),
            Self::SignedIn { .. } => ("OAUTH_CALLBACK_SUCCESS", Info),
            Self::RedirectRefused => ("OPEN_REDIRECT_ATTACK", Warning),
            Self::SealedRedirectRefused { .. } => ("POTENTIAL_OPEN_REDIRECT_ATTACK_DETECTED", Critical),
            Self::CallbackRepeated { .. } => ("OAUTH_CALLBACK_REPEATED", Info),
            Self::IssuerIgnored { .. } => ("OAUTH_ISSUER_IGNORED", Info),
            Self::SignedOut { .. } => ("SIGN_OUT_SUCCESS", Info),
            Self::LoggedOutByProvider { .. } => ("OIDC_BACKCHANNEL_LOGOUT", Info),
            Self::LogoutRefused { .. } => ("OIDC_BACKCHANNEL_LOGOUT_REFUSED", Warning),
            Self::SessionRenewed { .. } => ("SESSION_REFRESHED", Info),
            Self::SessionUpdated { .. } => ("SESSION_UPDATED", Info),
            Self::TokensRefreshed { .. } => ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS", Info),
            Self::TokensRevoked { .. } => ("REVOKE_TOKEN_SUCCESS", Info),
            Self::ProviderDisconnected { .. } => ("PROVIDER_DISCONNECTED", Info),
            Self::SessionRejected { .. } => ("AUTH_SESSION_INVALID", Notice),
            Self::CsrfTokenIssued => ("CSRF_TOKEN_ISSUED", Debug),
            Self::SignInFailed { error, .. } | Self::RequestRefused { error } => failure(error),
            Self::ProviderRequestFailed { error, .. } => provider_request_failure(error),
        }
    }
}

/// The row of a failure, wherever it occurs.
fn failure(error: &Error) -> Row {
    match error {
        Error::Request(error) => request_failure(error),
        Error::Provider(error) => provider_failure(*error),
        Error::Host(
            HostError::NoEntropy
            | HostError::AttemptTooLong
            | HostError::AdmittedWithoutId
            | HostError::NoSignature,
        ) => ("SERVER_ERROR", Severity::Error),
        Error::Host(HostError::NoRevocationEndpoint) => ("INVALID_OAUTH_CONFIGURATION", Severity::Error),
    }
}

fn request_failure(error: &RequestError) -> Row {
    use RequestError as R;
    use Severity::{Critical, Error, Notice, Warning};
    match error {
        R::NotFound
        | R::MethodNotAllowed
        | R::UnknownProvider
        | R::InvalidParameters(_)
        | R::MalformedBody
        | R::BodyTooLarge
        | R::BodyTimedOut => ("INVALID_REQUEST", Warning),
        R::UntrustedHost | R::ForwardedMalformed | R::CrossSite => ("UNTRUSTED_ORIGIN", Error),
        R::CsrfCookieMissing => ("CSRF_TOKEN_MISSING", Warning),
        R::CsrfTokenMissing => ("CSRF_HEADER_MISSING", Warning),
        R::CsrfTokenMismatch => ("CSRF_TOKEN_INVALID", Error),
        // The callback belongs to no sign-in that this browser can finish.
        R::NoCookie | R::NoAttempt | R::AttemptExpired | R::IssuerMissing => {
            ("OAUTH_PROTOCOL_ERROR", Warning)
        }
        R::StateUnknown | R::AttemptUnreadable => ("MISMATCHING_STATE", Critical),
        R::OtherProvider | R::IssuerMismatch => ("MISMATCHING_PROVIDER", Critical),
        R::AccessDenied | R::InteractionRequired => ("OAUTH_AUTHORIZATION_DENIED", Notice),
        R::NotAdmitted => ("USER_NOT_ADMITTED", Warning),
        R::SessionMissing => ("SESSION_TOKEN_MISSING", Warning),
        R::SessionInvalid => ("AUTH_SESSION_INVALID", Notice),
        R::SessionTooLarge => ("UPDATE_SESSION_INVALID", Error),
        R::TokensMissing => ("STATELESS_GET_PROVIDER_TOKENS_NO_COOKIE", Warning),
        R::TokensInvalid | R::TokensNotReadable => ("GET_PROVIDER_TOKENS_ERROR", Error),
        R::RefreshRefused => ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_ERROR", Error),
        R::OtherUser => ("OAUTH_ACCOUNT_USER_MISMATCH", Error),
    }
}

fn provider_failure(error: ProviderError) -> Row {
    use ProviderError as P;
    let name = match error {
        P::AuthorizationFailed => "OAUTH_AUTHORIZATION_ERROR",
        P::DiscoveryUnreachable(_)
        | P::DiscoveryStatus
        | P::DiscoveryNotJson
        | P::DiscoveryMalformed
        | P::DiscoveryIssuer
        | P::DiscoveryEndpoint => "OIDC_DISCOVERY_FAILED",
        P::JwksUnreachable(_) | P::JwksStatus | P::JwksMalformed => "OIDC_JWKS_FAILED",
        P::PushedRequestUnreachable(_) | P::PushedRequestStatus | P::PushedRequestMalformed => {
            "OAUTH_PUSHED_REQUEST_FAILED"
        }
        P::IdToken(_) => "OIDC_ID_TOKEN_INVALID",
        P::TokenUnreachable(_) | P::TokenNotJson => "OAUTH_ACCESS_TOKEN_REQUEST_FAILED",
        P::TokenStatus | P::TokenMalformed => "INVALID_OAUTH_ACCESS_TOKEN_RESPONSE",
        P::TokenErrorAnswer => "OAUTH_ACCESS_TOKEN_ERROR",
        P::TokenContentType | P::UserInfoContentType => "OAUTH_INVALID_CONTENT_TYPE",
        P::UserInfoUnreachable(_) | P::UserInfoNotJson => "OAUTH_USERINFO_REQUEST_FAILED",
        P::UserInfoStatus => "OAUTH_USERINFO_INVALID_RESPONSE",
        P::UserInfoMalformed | P::UserInfoWithoutId | P::UserInfoOtherSubject | P::UserInfoUntrusted => {
            "OAUTH_USERINFO_ERROR"
        }
        P::RevocationUnreachable(_) | P::RevocationStatus => "REVOKE_TOKEN_ERROR",
        P::ProfileTooLarge | P::TokensTooLarge => "AUTH_SIGN_IN_FAILED",
    };
    (name, Severity::Error)
}

/// The row of a failure where a signed-in user's page wants something with a provider: there, a token is renewed and
/// a user is known already.
fn provider_request_failure(error: &Error) -> Row {
    use ProviderError as P;
    match error {
        Error::Request(RequestError::SessionMissing) => {
            ("STATELESS_GET_PROVIDER_TOKENS_NO_SESSION", Severity::Warning)
        }
        Error::Request(RequestError::SessionInvalid) => {
            ("STATELESS_GET_PROVIDER_TOKENS_SESSION_INVALID", Severity::Warning)
        }
        Error::Provider(
            P::DiscoveryUnreachable(_)
            | P::DiscoveryStatus
            | P::DiscoveryNotJson
            | P::DiscoveryMalformed
            | P::DiscoveryIssuer
            | P::DiscoveryEndpoint
            | P::JwksUnreachable(_)
            | P::JwksStatus
            | P::JwksMalformed
            | P::IdToken(_)
            | P::TokenUnreachable(_)
            | P::TokenStatus
            | P::TokenContentType
            | P::TokenErrorAnswer
            | P::TokenNotJson
            | P::TokenMalformed
            | P::ProfileTooLarge
            | P::TokensTooLarge,
        ) => ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_ERROR", Severity::Error),
        Error::Provider(
            P::UserInfoUnreachable(_)
            | P::UserInfoStatus
            | P::UserInfoContentType
            | P::UserInfoNotJson
            | P::UserInfoMalformed
            | P::UserInfoWithoutId
            | P::UserInfoOtherSubject
            | P::UserInfoUntrusted,
        ) => ("REFRESH_USER_INFO_ERROR", Severity::Error),
        Error::Request(_)
        | Error::Provider(
            P::AuthorizationFailed
            | P::PushedRequestUnreachable(_)
            | P::PushedRequestStatus
            | P::PushedRequestMalformed
            | P::RevocationUnreachable(_)
            | P::RevocationStatus,
        )
        | Error::Host(_) => failure(error),
    }
}
