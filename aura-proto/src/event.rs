//! What happened that an operator wants to know?

use crate::error::Error;

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

/// How serious an event is, after RFC 5424 section 6.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Of interest while developing.
    Debug,
    /// Normal operation.
    Info,
    /// Something that deserves a look when it piles up.
    Warning,
    /// Something failed.
    Error,
    /// An attack, or a mistake that looks like one.
    Critical,
}

impl Event {
    /// Returns the event's name, stable across versions.
    ///
    /// ```
    /// assert_eq!(aura_proto::Event::CsrfTokenIssued.name(), "CSRF_TOKEN_ISSUED");
    /// ```
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignInInitiated { .. } => "SIGN_IN_INITIATED",
            Self::SignedIn { .. } => "OAUTH_CALLBACK_SUCCESS",
            Self::SignInFailed { error, .. } if error.code() == "AUTH_MISMATCHING_STATE" => {
                "MISMATCHING_STATE"
            }
            Self::SignInFailed { .. } => "AUTH_SIGN_IN_FAILED",
            Self::CallbackRepeated { .. } => "OAUTH_CALLBACK_REPEATED",
            Self::IssuerIgnored { .. } => "OAUTH_ISSUER_IGNORED",
            Self::SignedOut { .. } => "SIGN_OUT_SUCCESS",
            Self::SessionRenewed { .. } => "SESSION_REFRESHED",
            Self::SessionUpdated { .. } => "SESSION_UPDATED",
            Self::TokensRefreshed { .. } => "STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS",
            Self::TokensRevoked { .. } => "REVOKE_TOKEN_SUCCESS",
            Self::ProviderDisconnected { .. } => "PROVIDER_DISCONNECTED",
            Self::SessionRejected { .. } => "AUTH_SESSION_INVALID",
            Self::RequestRefused { .. } => "INVALID_REQUEST",
            Self::CsrfTokenIssued => "CSRF_TOKEN_ISSUED",
        }
    }

    /// Returns how serious the event is.
    ///
    /// ```
    /// use aura_proto::{Event, Severity};
    /// assert_eq!(Event::CsrfTokenIssued.severity(), Severity::Debug);
    /// ```
    pub fn severity(&self) -> Severity {
        match self {
            Self::SignInInitiated { .. }
            | Self::SignedIn { .. }
            | Self::SignedOut { .. }
            | Self::SessionRenewed { .. }
            | Self::SessionUpdated { .. }
            | Self::TokensRefreshed { .. }
            | Self::TokensRevoked { .. }
            | Self::ProviderDisconnected { .. } => Severity::Info,
            Self::SignInFailed { error: Error::Provider(_) | Error::Host(_), .. } => Severity::Error,
            Self::SignInFailed { error: Error::Request(_), .. } => {
                if self.name() == "MISMATCHING_STATE" {
                    Severity::Critical
                } else {
                    Severity::Warning
                }
            }
            Self::CallbackRepeated { .. } | Self::SessionRejected { .. } | Self::IssuerIgnored { .. } => {
                Severity::Info
            }
            Self::RequestRefused { .. } => Severity::Warning,
            Self::CsrfTokenIssued => Severity::Debug,
        }
    }
}
