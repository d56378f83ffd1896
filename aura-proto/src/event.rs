//! Events: reports of what happened, for an operator.

use crate::error::{Error, RefusalCode};
use crate::http_sign::HttpSign;
use crate::oauth::error_word::ErrorWord;
use crate::oidc::issuer::{IssuerDifference, PublishedIssuer};
use crate::purpose::Purpose;
use crate::quoted::Quoted;
use crate::severity::{NamedSeverity, Severity};
use aura_oauth::DisplayClaim;
use aura_session::meaning;

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

        /// A provider answered a userinfo request.
        UserInfoReceived { provider: String } = ["OAUTH_USERINFO_SUCCESS" Info],

        /// A user signed in.
        SignedIn { provider: String, sub: String } = ["OAUTH_CALLBACK_SUCCESS" Info],

        /// A sign-in failed after it had been begun.
        SignInFailed { provider: String, error: Error } = [error.event],

        /// A request named a `redirectTo` that is neither of this site nor trusted; `/` was used instead.
        RedirectRefused = ["OPEN_REDIRECT_ATTACK" Warning],

        /// The `redirectTo` of an attempt is no longer of this site or trusted when the callback arrives; `/` was used instead.
        SealedRedirectRefused { provider: String } = ["POTENTIAL_OPEN_REDIRECT_ATTACK_DETECTED" Critical],

        /// A callback was delivered a second time to a browser that is signed in already.
        CallbackRepeated { provider: String } = ["OAUTH_CALLBACK_REPEATED" Info],

        /// A callback named its issuer, and none is configured to compare it with (RFC 9207 section 2.4).
        IssuerIgnored { provider: String } = ["OAUTH_ISSUER_IGNORED" Info],

        /// A provider's configuration names another issuer than the configured one (OpenID Connect Discovery 1.0 section 4.3).
        /// The event of what failed follows.
        IssuerDiffers {
            provider: String, configured: String, published: PublishedIssuer, difference: IssuerDifference
        } = ["OIDC_ISSUER_DIFFERS" Error],

        /// A provider refused a request. The event of the failed request follows, except after a refused pushed authorization
        /// request (RFC 9126) that the browser then sends.
        ProviderRefused {
            provider: String, endpoint: Purpose, status: u16, word: Option<ErrorWord>
        } = ["OAUTH_PROVIDER_REFUSED" Warning],

        /// A provider publishes an optional endpoint that is not allowed. It counts as absent. If it is inside the deployment's
        /// own network, its origin can be listed in `backchannel_origins`.
        EndpointIgnored { provider: String, member: &'static str } = ["OIDC_ENDPOINT_IGNORED" Warning],

        /// A provider publishes an endpoint that is not allowed, and that a sign-in needs. The event of what failed follows.
        EndpointRefused { provider: String, member: &'static str } = ["OIDC_ENDPOINT_REFUSED" Error],

        /// A claim that is only displayed was left out: it is not a string, or it is the URL of a picture and has more than 1,024
        /// characters.
        ClaimIgnored { provider: String, claim: DisplayClaim } = ["OAUTH_CLAIM_IGNORED" Notice],

        /// A provider that lists e-mail addresses apart from the profile did not give the list: the user has no address.
        EmailUnread { provider: String, error: Error } = ["OAUTH_EMAIL_UNREAD" Notice],

        /// An ID token was not kept, because it does not fit into cookies. A sign-out at the provider then has no `id_token_hint`.
        IdTokenDropped { provider: String } = ["OAUTH_ID_TOKEN_DROPPED" Notice],

        /// A user signed out.
        SignedOut { sub: Option<String> } = ["SIGN_OUT_SUCCESS" Info],

        /// A provider reported a logout (OpenID Connect Back-Channel Logout 1.0). An application that keeps sessions has to end
        /// those of this user, or the one of this `sid`.
        LoggedOutByProvider {
            provider: String, issuer: String, sub: Option<String>, sid: Option<String>, jti: String
        } = ["OIDC_BACKCHANNEL_LOGOUT" Info],

        /// A logout token was refused.
        LogoutRefused { provider: String, error: Error } = ["OIDC_BACKCHANNEL_LOGOUT_REFUSED" Warning],

        /// A session was renewed because it was read.
        SessionRenewed { sub: String } = ["SESSION_REFRESHED" Info],

        /// A page changed its session.
        SessionUpdated { sub: String } = ["SESSION_UPDATED" Info],

        /// A provider renewed its tokens.
        TokensRefreshed { provider: String } = ["STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS" Info],

        /// A provider revoked its tokens.
        TokensRevoked { provider: String } = ["REVOKE_TOKEN_SUCCESS" Info],

        /// A page deleted a provider's tokens from the browser, without revoking them.
        ProviderDisconnected { provider: String } = ["PROVIDER_DISCONNECTED" Info],

        /// A request about a provider and the tokens that it granted failed.
        ProviderRequestFailed { provider: String, error: Error } = [error.token_route_event],

        /// A refresh failed while the access token was still valid. The access token is kept.
        RefreshFailed { provider: String, error: Error } = ["OAUTH_REFRESH_FAILED" Warning],

        /// A session cookie was presented and did not hold a live session.
        SessionRejected { error: Error } = ["AUTH_SESSION_INVALID" Notice],

        /// A request was sent to a host that is neither configured nor this machine, or its proxy said so. The event of the refusal
        /// follows.
        HostUnknown { host: Quoted } = ["REQUEST_HOST_UNKNOWN" Warning],

        /// A sign-in was begun at another name of this machine than the base URL's, whose cookies browsers keep apart: the browser was
        /// sent there.
        HostDiffers { host: Quoted } = ["REQUEST_HOST_DIFFERS" Notice],

        /// A sign-in was begun over http, as it seems, at a site whose base URL is https. Browsers drop its cookie there, so that it
        /// fails as `no_cookie`. Serve the site over https alone, or configure an http base URL.
        OverHttp { host: Quoted, sign: HttpSign } = ["REQUEST_OVER_HTTP" Warning],

        /// A request named a provider that is not configured. The event of the refusal follows.
        ProviderUnknown { id: Quoted } = ["REQUEST_PROVIDER_UNKNOWN" Warning],

        /// The application ended a session that a request carried.
        SessionEnded { sub: String, refusal: Option<RefusalCode> } = ["SESSION_ENDED" Notice],

        /// Stored sessions of a user were ended, by the user, the application or the provider. Where none was there, nothing ended.
        SessionsEnded { sub: Option<String>, ended: u64 } = ["SESSIONS_ENDED" Info],

        /// The store of counts could not answer, so a request was let pass that a limit is for.
        LimitUnchecked { rule: String } = ["RATE_LIMIT_UNCHECKED" Warning],

        /// A request was refused.
        RequestRefused { error: Error } = [error.event],

        /// A CSRF token was made.
        CsrfTokenIssued = ["CSRF_TOKEN_ISSUED" Debug],
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
