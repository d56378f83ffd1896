//! Tokens that a provider granted for the signed-in user, sealed beside the session.

pub use aura_types::ProviderTokens;

use crate::error::{Error, HostError, ProviderError, RequestError};
use crate::json;
use crate::keyring::sealed::{self, Purpose};
use crate::keyring::{Age, Keyring};
use crate::oauth::token::{TokenResponse, TokenType};
use crate::provider::{CheckedProvider, Kept};
use crate::secret::{AccessToken, IdToken, RefreshToken};
use crate::session::{Session, SessionError};
use aura_jose::{CompactJws, Refused};
use aura_types::UnixTime;
use ring::aead::NONCE_LEN;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::time::Duration;

/// Assumed lifetime of an access token, if a refresh has no `expires_in`.
const USUAL_LENGTH: Duration = Duration::from_secs(3600);
pub(crate) const PURPOSE: Purpose =
    Purpose { key: |keys| &keys.provider_tokens, label: "aura:provider-tokens:1" };

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
        match error {
            SessionError::Missing
            | SessionError::Invalid
            | SessionError::NotYet
            | SessionError::Expired
            | SessionError::Ambiguous
            | SessionError::UnknownHost
            | SessionError::Ended => Self::SignedOut,
            SessionError::Unavailable | SessionError::StoreUnavailable => Self::Unavailable,
            SessionError::NeedsCheck => Self::NeedsCheck,
            SessionError::NeedsStore => Self::NeedsStore,
        }
    }
}

/// Whose tokens they are: a provider, and the user of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) provider: &'a str,
    pub(crate) session: &'a Session,
}

impl<'a> Owner<'a> {
    /// The owner of the tokens that came with the sign-in.
    pub(crate) fn of(session: &'a Session) -> Self {
        Self { provider: session.provider.as_deref().unwrap_or_default(), session }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    provider: Cow<'a, str>,
    session_provider: Option<Cow<'a, str>>,
    sub: Cow<'a, str>,
    access_token: Cow<'a, str>,
    expires_at: Option<UnixTime>,
    refresh_token: Option<Cow<'a, str>>,
    refresh_token_expires_at: Option<UnixTime>,
    id_token: Option<Cow<'a, str>>,
    scopes: Cow<'a, [String]>,
    issued_at: UnixTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dpop_kid: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Reads what the token endpoint granted at a sign-in, bound to the key of this secret where it is bound.
pub(crate) fn at_sign_in(
    provider: &CheckedProvider,
    granted: &TokenResponse,
    dpop_kid: Option<String>,
    now: UnixTime,
) -> ProviderTokens {
    // An access token is never empty, so that an empty one stands for none.
    let mut tokens = ProviderTokens::new(AccessToken::new(""), now);
    tokens.dpop_kid = dpop_kid;
    // RFC 6749 section 5.1: a scope that is left out is that of the request.
    tokens.scopes = provider.scope.split_ascii_whitespace().map(str::to_owned).collect();
    self::granted(granted, tokens, now)
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

/// Tells whether there is an access token beside the ID token.
pub(crate) fn has_access(tokens: &ProviderTokens) -> bool {
    !tokens.access_token.expose().is_empty()
}

/// Returns the tokens, if they include an access token.
pub(crate) fn with_access(tokens: ProviderTokens) -> Result<ProviderTokens, ProviderTokensError> {
    if has_access(&tokens) { Ok(tokens) } else { Err(ProviderTokensError::Missing) }
}

/// Returns tokens that no refresh is due for, unless the access token has ended, and nothing refreshes it.
pub(crate) fn live(tokens: ProviderTokens, now: UnixTime) -> Result<ProviderTokens, ProviderTokensError> {
    let has_ended = tokens.expires_at.is_some_and(|end| end <= now);
    if has_ended { Err(ProviderTokensError::Refused) } else { Ok(tokens) }
}

/// Tells whether the access token serves until a moment, as far as is known.
pub(crate) fn serve(tokens: &ProviderTokens, until: UnixTime) -> bool {
    tokens.expires_at.is_some_and(|end| until < end)
}

/// Drops the ID token, and keeps whom it describes: a later one must be of the same subject (OpenID Connect Core 1.0 section
/// 12.2). Tells whether there was one.
pub(crate) fn drop_id_token(tokens: &mut ProviderTokens) -> bool {
    let Some(token) = tokens.id_token.take() else { return false };
    let claims = CompactJws::split_foreign(token.expose()).and_then(|token| token.unverified_claims());
    tokens.subject = claims
        .ok()
        .and_then(|mut claims| Some((claims.take_text("sub").ok()??, claims.take_text("iss").ok()??)));
    true
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

/// Returns the refresh token where the access token has ended or ends within the window, which is half of the token's life at
/// most: a token of five minutes would be renewed at each use.
pub(crate) fn refresh_is_due(
    tokens: &ProviderTokens,
    window: Duration,
    now: UnixTime,
) -> Option<&RefreshToken> {
    let (token, end) = (tokens.refresh_token.as_ref()?, tokens.expires_at?);
    let life = end.as_millis().saturating_sub(tokens.issued_at.as_millis());
    let window = window.min(Duration::from_millis(life / 2));
    (now.saturating_add(window) >= end).then_some(token)
}

impl<'a> Wire<'a> {
    fn of(tokens: &'a ProviderTokens, owner: Owner<'a>) -> Self {
        Self {
            provider: owner.provider.into(),
            session_provider: owner.session.provider.as_deref().map(Into::into),
            sub: owner.session.user.sub().into(),
            access_token: tokens.access_token.expose().into(),
            expires_at: tokens.expires_at,
            refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose().into()),
            refresh_token_expires_at: tokens.refresh_token_expires_at,
            id_token: tokens.id_token.as_ref().map(|token| token.expose().into()),
            scopes: tokens.scopes.as_slice().into(),
            issued_at: tokens.issued_at,
            dpop_kid: tokens.dpop_kid.as_deref().map(Into::into),
            subject: tokens.subject.as_ref().map(|(sub, iss)| (sub.into(), iss.into())),
        }
    }

    /// Returns the tokens, if they are this owner's.
    fn tokens(self, owner: Owner<'_>) -> Result<ProviderTokens, Refused> {
        let is_owner = self.provider == owner.provider
            && self.session_provider.as_deref() == owner.session.provider.as_deref()
            && self.sub == owner.session.user.sub();
        if !is_owner {
            return Err(Refused);
        }
        let mut tokens = ProviderTokens::new(AccessToken::new(self.access_token), self.issued_at);
        tokens.expires_at = self.expires_at;
        tokens.refresh_token = self.refresh_token.map(RefreshToken::new);
        tokens.refresh_token_expires_at = self.refresh_token_expires_at;
        tokens.id_token = self.id_token.map(IdToken::new);
        tokens.scopes = self.scopes.into_owned();
        tokens.dpop_kid = self.dpop_kid.map(Cow::into_owned);
        tokens.subject = self.subject.map(|(sub, iss)| (sub.into_owned(), iss.into_owned()));
        Ok(tokens)
    }
}

/// Seals the tokens for their owner.
pub(crate) fn seal(
    tokens: &ProviderTokens,
    keyring: &Keyring,
    iv: [u8; NONCE_LEN],
    owner: Owner<'_>,
) -> Result<String, Refused> {
    sealed::seal(keyring.newest(), PURPOSE, iv, &Wire::of(tokens, owner))
}

/// Opens sealed tokens, if they are this owner's.
pub(crate) fn open(
    keyring: &Keyring,
    text: &str,
    owner: Owner<'_>,
) -> Result<(ProviderTokens, Age), Refused> {
    let (wire, age): (Wire<'static>, _) = sealed::open(keyring, PURPOSE, text)?;
    Ok((wire.tokens(owner)?, age))
}

/// Writes the tokens of a session's own provider as JSON, to be stored sealed with the session.
pub(crate) fn write(tokens: &ProviderTokens, owner: Owner<'_>, json: &mut Vec<u8>) {
    json::write(json, &Wire::of(tokens, owner));
}

/// Reads tokens that were stored with a session.
pub(crate) fn read(json: &[u8], owner: Owner<'_>) -> Result<ProviderTokens, Refused> {
    serde_json::from_slice::<Wire<'_>>(json).map_err(|_| Refused)?.tokens(owner)
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
