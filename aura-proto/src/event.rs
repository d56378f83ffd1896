//! Events: what an operator wants to know of what happened.

use crate::error::{Error, ErrorWord};
use crate::oidc::issuer::{IssuerDifference, PublishedIssuer};
use crate::purpose::Purpose;
use crate::severity::{NamedSeverity, Severity};
use std::fmt;

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
    /// A provider's configuration names another issuer than the configured one (OpenID Connect Discovery 1.0 section 4.3). The
    /// event of what failed follows.
    IssuerDiffers {
        /// The provider's id.
        provider: String,
        /// The issuer that is configured.
        configured: String,
        /// The issuer that is published.
        published: PublishedIssuer,
        /// How they differ, with the remedy.
        difference: IssuerDifference,
    },
    /// A provider refused a request. The event of what failed follows; after a refused push (RFC 9126) none does, where the
    /// provider takes the request from the browser as well.
    ProviderRefused {
        /// The provider's id.
        provider: String,
        /// What the request was for.
        endpoint: Purpose,
        /// The status of the answer.
        status: u16,
        /// The registered error code of the answer.
        word: Option<ErrorWord>,
    },
    /// A provider publishes an endpoint that is not allowed, and that it need not have: it counts as absent. One inside the
    /// deployment's own network can be listed in `backchannel_origins`.
    EndpointIgnored {
        /// The provider's id.
        provider: String,
        /// The member of its configuration.
        member: &'static str,
    },
    /// A claim that is for show alone was left out: it is of another type than text, or a picture of more
    /// than 1,024 characters.
    ClaimIgnored {
        /// The provider's id.
        provider: String,
        /// Which.
        claim: DisplayClaim,
    },
    /// An ID token was not kept, because it does not fit into cookies. A sign-out at the provider goes without it.
    IdTokenDropped {
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
    /// A refresh failed while the access token was valid, which goes on serving.
    RefreshFailed {
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

/// What is shown of a user, and decides nothing.
///
/// ```
/// assert_eq!(aura_proto::DisplayClaim::Picture.to_string(), "picture");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisplayClaim {
    /// The name.
    Name,
    /// The e-mail address.
    Email,
    /// The URL of a picture.
    Picture,
}

impl fmt::Display for DisplayClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Picture => "picture",
        })
    }
}

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

    fn row(&self) -> NamedSeverity {
        use Severity::{Critical, Debug, Error, Info, Notice, Warning};
        match self {
            Self::SignInInitiated { .. } => ("SIGN_IN_INITIATED", Info),
            Self::TokenGranted { .. } => ("OAUTH_ACCESS_TOKEN_SUCCESS", Info),
            Self::UserInfoReceived { .. } => ("OAUTH_USERINFO_SUCCESS", Info),
            Self::SignedIn { .. } => ("OAUTH_CALLBACK_SUCCESS", Info),
            Self::RedirectRefused => ("OPEN_REDIRECT_ATTACK", Warning),
            Self::SealedRedirectRefused { .. } => ("POTENTIAL_OPEN_REDIRECT_ATTACK_DETECTED", Critical),
            Self::CallbackRepeated { .. } => ("OAUTH_CALLBACK_REPEATED", Info),
            Self::IssuerIgnored { .. } => ("OAUTH_ISSUER_IGNORED", Info),
            Self::IssuerDiffers { .. } => ("OIDC_ISSUER_DIFFERS", Error),
            Self::ProviderRefused { .. } => ("OAUTH_PROVIDER_REFUSED", Warning),
            Self::EndpointIgnored { .. } => ("OIDC_ENDPOINT_IGNORED", Warning),
            Self::ClaimIgnored { .. } => ("OAUTH_CLAIM_IGNORED", Notice),
            Self::IdTokenDropped { .. } => ("OAUTH_ID_TOKEN_DROPPED", Notice),
            Self::SignedOut { .. } => ("SIGN_OUT_SUCCESS", Info),
            Self::LoggedOutByProvider { .. } => ("OIDC_BACKCHANNEL_LOGOUT", Info),
            Self::LogoutRefused { .. } => ("OIDC_BACKCHANNEL_LOGOUT_REFUSED", Warning),
            Self::SessionRenewed { .. } => ("SESSION_REFRESHED", Info),
            Self::SessionUpdated { .. } => ("SESSION_UPDATED", Info),
            Self::TokensRefreshed { .. } => ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS", Info),
            Self::TokensRevoked { .. } => ("REVOKE_TOKEN_SUCCESS", Info),
            Self::ProviderDisconnected { .. } => ("PROVIDER_DISCONNECTED", Info),
            Self::RefreshFailed { .. } => ("OAUTH_REFRESH_FAILED", Warning),
            Self::SessionRejected { .. } => ("AUTH_SESSION_INVALID", Notice),
            Self::CsrfTokenIssued => ("CSRF_TOKEN_ISSUED", Debug),
            Self::SignInFailed { error, .. } | Self::RequestRefused { error } => error.row().event,
            Self::ProviderRequestFailed { error, .. } => error.row().token_route_event,
        }
    }
}
