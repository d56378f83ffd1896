//! Events: what an operator wants to know of what happened.

use crate::error::{Error, ErrorWord, RefusalCode};
use crate::oidc::issuer::{IssuerDifference, PublishedIssuer};
use crate::purpose::Purpose;
use crate::severity::{NamedSeverity, Severity};
use crate::tables::meaning;
use std::fmt;

/// Declares the events by rows: `Variant { field: Type } = ["NAME" Severity]`, or `[error.column]` where the error table has name
/// and severity.
macro_rules! events {
    ($(#[$meta:meta])* pub enum Event {$(
        $(#[$doc:meta])*
        $variant:ident $({ $($field:ident: $type:ty),+ })? =
            [$($name:literal $severity:ident)? $($error:ident.$column:ident)?],
    )+}) => {
        $(#[$meta])*
        pub enum Event {$(
            $(#[$doc])*
            $variant $({ $(#[doc = meaning!($field)] $field: $type),+ })?,
        )+}

        impl Event {
            fn row(&self) -> NamedSeverity {
                match self {$(
                    Self::$variant { $($error,)? .. } => {
                        $(($name, Severity::$severity))? $($error.row().$column)?
                    }
                )+}
            }
        }
    };
}

events! {
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
        SignInInitiated { provider: String } = ["SIGN_IN_INITIATED" Info],

        /// A provider exchanged the code for an access token (RFC 6749 section 4.1.4).
        TokenGranted { provider: String } = ["OAUTH_ACCESS_TOKEN_SUCCESS" Info],

        /// A provider said who the user is.
        UserInfoReceived { provider: String } = ["OAUTH_USERINFO_SUCCESS" Info],

        /// A user signed in.
        SignedIn { provider: String, sub: String } = ["OAUTH_CALLBACK_SUCCESS" Info],

        /// A sign-in failed after it had been begun.
        SignInFailed { provider: String, error: Error } = [error.event],

        /// A request named a `redirectTo` that is neither of this site nor trusted; `/` stood in.
        RedirectRefused = ["OPEN_REDIRECT_ATTACK" Warning],

        /// The `redirectTo` of an attempt is no longer of this site or trusted when the callback arrives; `/` stood in.
        SealedRedirectRefused { provider: String } = ["POTENTIAL_OPEN_REDIRECT_ATTACK_DETECTED" Critical],

        /// A callback was delivered a second time to a browser that is signed in already.
        CallbackRepeated { provider: String } = ["OAUTH_CALLBACK_REPEATED" Info],

        /// A callback named its issuer, and none is configured to compare it with (RFC 9207 section 2.4).
        IssuerIgnored { provider: String } = ["OAUTH_ISSUER_IGNORED" Info],

        /// A provider's configuration names another issuer than the configured one (OpenID Connect Discovery 1.0 section 4.3). The
        /// event of what failed follows.
        IssuerDiffers {
            provider: String, configured: String, published: PublishedIssuer, difference: IssuerDifference
        } = ["OIDC_ISSUER_DIFFERS" Error],

        /// A provider refused a request. The event of what failed follows; after a refused push (RFC 9126) none does, where the
        /// provider takes the request from the browser as well.
        ProviderRefused {
            provider: String, endpoint: Purpose, status: u16, word: Option<ErrorWord>
        } = ["OAUTH_PROVIDER_REFUSED" Warning],

        /// A provider publishes an endpoint that is not allowed, and that it need not have: it counts as absent. One inside the
        /// deployment's own network can be listed in `backchannel_origins`.
        EndpointIgnored { provider: String, member: &'static str } = ["OIDC_ENDPOINT_IGNORED" Warning],

        /// A claim that is for show alone was left out: it is of another type than text, or a picture of more
        /// than 1,024 characters.
        ClaimIgnored { provider: String, claim: DisplayClaim } = ["OAUTH_CLAIM_IGNORED" Notice],

        /// An ID token was not kept, because it does not fit into cookies. A sign-out at the provider goes without it.
        IdTokenDropped { provider: String } = ["OAUTH_ID_TOKEN_DROPPED" Notice],

        /// A user signed out.
        SignedOut { sub: Option<String> } = ["SIGN_OUT_SUCCESS" Info],

        /// A provider said that a user signed out there (OpenID Connect Back-Channel Logout 1.0): whoever keeps sessions ends
        /// those of this user, or of this session.
        LoggedOutByProvider {
            provider: String, issuer: String, sub: Option<String>, sid: Option<String>, jti: String
        } = ["OIDC_BACKCHANNEL_LOGOUT" Info],

        /// A logout token was refused.
        LogoutRefused { provider: String, error: Error } = ["OIDC_BACKCHANNEL_LOGOUT_REFUSED" Warning],

        /// A session's end was moved because it was read.
        SessionRenewed { sub: String } = ["SESSION_REFRESHED" Info],

        /// A page changed its session.
        SessionUpdated { sub: String } = ["SESSION_UPDATED" Info],

        /// A provider renewed its tokens.
        TokensRefreshed { provider: String } = ["STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS" Info],

        /// A provider took its token back.
        TokensRevoked { provider: String } = ["REVOKE_TOKEN_SUCCESS" Info],

        /// A page gave a provider's tokens up, without telling the provider.
        ProviderDisconnected { provider: String } = ["PROVIDER_DISCONNECTED" Info],

        /// A request about a provider and the tokens that it granted failed.
        ProviderRequestFailed { provider: String, error: Error } = [error.token_route_event],

        /// A refresh failed while the access token was valid, which goes on serving.
        RefreshFailed { provider: String, error: Error } = ["OAUTH_REFRESH_FAILED" Warning],

        /// A session cookie was presented and did not hold a live session.
        SessionRejected { error: Error } = ["AUTH_SESSION_INVALID" Notice],

        /// The application ended a session that a request carried.
        SessionEnded { sub: String, refusal: Option<RefusalCode> } = ["SESSION_ENDED" Notice],

        /// A request was refused.
        RequestRefused { error: Error } = [error.event],

        /// A CSRF token was made.
        CsrfTokenIssued = ["CSRF_TOKEN_ISSUED" Debug],
    }
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
}
