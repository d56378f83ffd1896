//! Tokens that a provider granted for the signed-in user: what is kept of them, and why there are none.

pub use aura_types::ProviderTokens;

pub(crate) use aura_session::internal::provider_tokens::*;

use crate::error::{Error, HostError, ProviderError, RequestError};
use crate::oauth::token::{TokenResponse, TokenType};
use crate::provider::{CheckedProvider, Kept};
use crate::secret::AccessToken;
use crate::session::{SessionCause, SessionError};
use aura_types::UnixTime;
use serde_json::{Map, Value};
use std::time::Duration;

/// Assumed lifetime of an access token, if a refresh has no `expires_in`.
const USUAL_LENGTH: Duration = Duration::from_secs(3600);

/// Why there are no provider tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderTokensError {
    /// The request has no session.
    #[error("nobody is signed in")]
    SignedOut,
    /// The application checks every session, and was not asked: read the session first, then
    /// [`Auth::provider_tokens_of`](crate::Auth::provider_tokens_of).
    #[error("the session was read without the application's check")]
    NeedsCheck,
    /// The application or the store of sessions cannot answer at the moment.
    #[error("the session cannot be checked now")]
    Unavailable,
    /// Sessions are kept in a store, with these tokens: read them by
    /// [`Auth::begin_provider_tokens`](crate::Auth::begin_provider_tokens).
    #[error("the session was read without its store")]
    NeedsStore,
    /// The browser has none for this provider.
    #[error(
        "there are no tokens of this provider; sign in with it, and configure tokens(TokenRetention::Kept)"
    )]
    Missing,
    /// The cookie does not hold tokens of this provider for this user.
    #[error("the cookie does not hold tokens of this provider for this user")]
    Invalid,
    /// The provider has ended the grant (`invalid_grant`, RFC 6749 section 5.2), or the access token has ended and there is no
    /// refresh token.
    #[error("the provider no longer refreshes the tokens; sign in with it again")]
    Refused,
    /// The access token has ended, and the provider cannot refresh it at the moment.
    #[error("the access token has ended, and its refresh failed: {0}")]
    Provider(ProviderError),
    /// The access token has ended, and another request refreshes it.
    #[error("the tokens are being refreshed")]
    Busy,
}

impl ProviderTokensError {
    /// Tells whether the user has to sign in with the provider. Otherwise the same request may succeed later, unless the
    /// application reads tokens in a wrong way ([`NeedsCheck`](Self::NeedsCheck), [`NeedsStore`](Self::NeedsStore)).
    ///
    /// ```
    /// use aura_proto::{FetchError, ProviderError, ProviderTokensError};
    /// assert!(ProviderTokensError::Refused.needs_sign_in());
    /// let error = ProviderError::TokenUnreachable(FetchError::TimedOut);
    /// assert!(!ProviderTokensError::Provider(error).needs_sign_in());
    /// ```
    pub const fn needs_sign_in(&self) -> bool {
        match self {
            Self::SignedOut | Self::Missing | Self::Invalid | Self::Refused => true,
            Self::NeedsCheck | Self::Unavailable | Self::NeedsStore | Self::Provider(_) | Self::Busy => false,
        }
    }
}

impl From<ProviderTokensError> for Error {
    fn from(error: ProviderTokensError) -> Self {
        match error {
            ProviderTokensError::SignedOut => RequestError::SessionMissing.into(),
            ProviderTokensError::NeedsCheck => HostError::SessionNeedsCheck.into(),
            ProviderTokensError::Unavailable => HostError::SessionCheckUnavailable.into(),
            ProviderTokensError::NeedsStore => HostError::SessionNeedsStore.into(),
            ProviderTokensError::Missing => RequestError::TokensMissing.into(),
            ProviderTokensError::Invalid => RequestError::TokensInvalid.into(),
            ProviderTokensError::Refused => RequestError::RefreshRefused.into(),
            ProviderTokensError::Provider(error) => error.into(),
            ProviderTokensError::Busy => HostError::TokensBusy.into(),
        }
    }
}

/// Why a refresh ended without tokens.
impl From<Error> for ProviderTokensError {
    fn from(error: Error) -> Self {
        match error {
            Error::Request(RequestError::TokensMissing) => Self::Missing,
            Error::Request(RequestError::TokensInvalid) => Self::Invalid,
            Error::Request(RequestError::RefreshRefused) => Self::Refused,
            // The session has ended.
            Error::Request(_) => Self::SignedOut,
            Error::Provider(error) => Self::Provider(error),
            Error::Host(HostError::TokensBusy) => Self::Busy,
            Error::Host(_) => Self::Unavailable,
        }
    }
}

impl From<SessionError> for ProviderTokensError {
    fn from(error: SessionError) -> Self {
        match error.cause() {
            SessionCause::Missing
            | SessionCause::Invalid
            | SessionCause::NotYet
            | SessionCause::UnknownHost
            | SessionCause::Ended => Self::SignedOut,
            SessionCause::Unavailable | SessionCause::StoreUnavailable => Self::Unavailable,
            SessionCause::NeedsCheck => Self::NeedsCheck,
            SessionCause::NeedsStore => Self::NeedsStore,
        }
    }
}

impl From<NoProviderTokens> for Error {
    fn from(reason: NoProviderTokens) -> Self {
        ProviderTokensError::from(reason).into()
    }
}

impl From<NoProviderTokens> for ProviderTokensError {
    fn from(reason: NoProviderTokens) -> Self {
        match reason {
            NoProviderTokens::Missing => Self::Missing,
            NoProviderTokens::Invalid => Self::Invalid,
        }
    }
}

/// Reads what the token endpoint granted at a sign-in, bound to the key of this secret where it is bound, and chooses what is kept
/// of it.
pub(crate) fn at_sign_in(
    provider: &CheckedProvider,
    granted: &TokenResponse,
    dpop_kid: Option<String>,
    now: UnixTime,
) -> (ProviderTokens, Option<ProviderTokens>) {
    // An access token is never empty, so that an empty one stands for none.
    let mut tokens = ProviderTokens::new(AccessToken::new(""), now);
    tokens.dpop_kid = dpop_kid;
    // RFC 6749 section 5.1: a scope that is left out is that of the request.
    tokens.scopes = provider.scope.split_ascii_whitespace().map(str::to_owned).collect();
    let tokens = self::granted(granted, tokens, now);
    let retained = kept(provider.kept(), &tokens);
    (tokens, retained)
}

/// Chooses what is kept of what was granted.
pub(crate) fn kept(kept: Kept, tokens: &ProviderTokens) -> Option<ProviderTokens> {
    match kept {
        Kept::Nothing => None,
        Kept::Everything if has_access(tokens) => Some(tokens.clone()),
        Kept::IdToken | Kept::Everything => {
            let mut id_token_alone = ProviderTokens::new(AccessToken::new(""), tokens.issued_at);
            id_token_alone.dpop_kid.clone_from(&tokens.dpop_kid);
            id_token_alone.id_token = Some(tokens.id_token.clone()?);
            Some(id_token_alone)
        }
    }
}

/// Returns tokens that no refresh is due for, unless the access token has ended, and nothing refreshes it.
pub(crate) fn live(tokens: ProviderTokens, now: UnixTime) -> Result<ProviderTokens, ProviderTokensError> {
    let has_ended = tokens.expires_at.is_some_and(|end| end <= now);
    if has_ended { Err(ProviderTokensError::Refused) } else { Ok(tokens) }
}

/// Reads what the token endpoint granted. What it leaves out stays as it was (RFC 6749 section 6).
pub(crate) fn granted(granted: &TokenResponse, earlier: ProviderTokens, now: UnixTime) -> ProviderTokens {
    let end = |length: Duration| now.saturating_add(length);
    let mut tokens = earlier;
    tokens.access_token = granted.access_token.clone().unwrap_or_else(|| AccessToken::new(""));
    tokens.issued_at = now;
    // A provider that sent `expires_in` once and omits it at a refresh means the same lifetime.
    let unsaid = tokens.expires_at.map(|_| USUAL_LENGTH);
    tokens.expires_at = granted.expires_in.or(unsaid).map(end);
    if let Some(token) = &granted.refresh_token {
        tokens.refresh_token = Some(token.clone());
        tokens.refresh_token_expires_at = None;
    }
    if let Some(length) = granted.refresh_token_expires_in {
        tokens.refresh_token_expires_at = Some(end(length));
    }
    if let Some(token) = &granted.id_token {
        tokens.id_token = Some(token.clone());
        tokens.subject = None;
    }
    if let Some(scopes) = &granted.scope {
        tokens.scopes.clone_from(scopes);
    }
    tokens
}

/// The answer to a page, with the contract's names. `token_type` is the kind that the provider grants.
pub(crate) fn to_json(tokens: &ProviderTokens, token_type: TokenType) -> Value {
    let seconds = |moment: Option<UnixTime>| moment.map(|moment| Value::from(moment.as_secs()));
    let members = [
        ("accessToken", Some(tokens.access_token.expose().into())),
        ("expiresAt", seconds(tokens.expires_at)),
        ("refreshToken", tokens.refresh_token.as_ref().map(|token| token.expose().into())),
        ("refreshTokenExpiresAt", seconds(tokens.refresh_token_expires_at)),
        ("idToken", tokens.id_token.as_ref().map(|token| token.expose().into())),
        ("tokenType", Some(token_type.name().into())),
        ("scopes", Some(tokens.scopes.clone().into())),
        ("issuedAt", seconds(Some(tokens.issued_at))),
    ];
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(Map::from_iter(members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{Response, header};

    #[test]
    fn a_page_reads_whether_the_access_token_is_bound_to_a_key() {
        let tokens = ProviderTokens::new(AccessToken::new("t"), UnixTime::from_secs(1));
        for (token_type, name) in [(TokenType::Bearer, "Bearer"), (TokenType::Dpop, "DPoP")] {
            assert_eq!(to_json(&tokens, token_type)["tokenType"], name);
        }
    }

    #[test]
    fn the_end_of_a_refresh_token_is_its_own() {
        let granted = |more: &str| {
            let body = format!(r#"{{"access_token":"a"{more}}}"#);
            let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
            TokenResponse::parse(&response.body(Bytes::from(body)).unwrap(), TokenType::Bearer).unwrap()
        };
        let now = UnixTime::from_secs(100);
        let first = granted(r#","refresh_token":"r","refresh_token_expires_in":50"#);
        let first = super::granted(&first, ProviderTokens::new(AccessToken::new(""), now), now);
        let end = |more: &str| super::granted(&granted(more), first.clone(), now).refresh_token_expires_at;
        assert_eq!(end(""), Some(UnixTime::from_secs(150)), "the token stays, and so does its end");
        assert_eq!(end(r#","refresh_token":"s""#), None, "a new token does not end with the old one");
        assert_eq!(
            end(r#","refresh_token":"s","refresh_token_expires_in":9"#),
            Some(UnixTime::from_secs(109))
        );
    }
}
