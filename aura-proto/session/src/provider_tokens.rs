//! Tokens that a provider granted for the signed-in user, sealed beside the session.

use crate::json;
use crate::keyring::sealed::{self, Purpose};
use crate::keyring::{Age, Keyring};
use crate::session::Session;
use aura_jose::{CompactJws, Refused};
use aura_types::{AccessToken, IdToken, ProviderTokens, RefreshToken, UnixTime};
use ring::aead::NONCE_LEN;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// The purpose of sealed tokens.
pub const PURPOSE: Purpose = Purpose { key: |keys| &keys.provider_tokens, label: "aura:provider-tokens:1" };

/// Why a browser has no tokens of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum NoProviderTokens {
    /// There are none.
    Missing,
    /// What the cookie holds are not tokens of this provider for this user.
    Invalid,
}

/// Whose tokens they are: a provider, and the user of a session.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The id of the provider.
    pub provider: &'a str,
    /// The session.
    pub session: &'a Session,
}

impl<'a> Owner<'a> {
    /// The owner of the tokens that came with the sign-in.
    pub fn of(session: &'a Session) -> Self {
        Self { provider: session.provider().unwrap_or_default(), session }
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

/// Tells whether there is an access token beside the ID token.
pub fn has_access(tokens: &ProviderTokens) -> bool {
    !tokens.access_token.expose().is_empty()
}

/// Returns the tokens, if they include an access token.
pub fn with_access(tokens: ProviderTokens) -> Result<ProviderTokens, NoProviderTokens> {
    if has_access(&tokens) { Ok(tokens) } else { Err(NoProviderTokens::Missing) }
}

/// Tells whether the access token serves until a moment, as far as is known.
pub fn serve(tokens: &ProviderTokens, until: UnixTime) -> bool {
    tokens.expires_at.is_some_and(|end| until < end)
}

/// Drops the ID token, and keeps whom it describes: a later one must be of the same subject (OpenID Connect Core 1.0 section
/// 12.2). Tells whether there was one.
pub fn drop_id_token(tokens: &mut ProviderTokens) -> bool {
    let Some(token) = tokens.id_token.take() else { return false };
    let claims = CompactJws::split_foreign(token.expose()).and_then(|token| token.unverified_claims());
    tokens.subject = claims
        .ok()
        .and_then(|mut claims| Some((claims.take_text("sub").ok()??, claims.take_text("iss").ok()??)));
    true
}

/// Returns the refresh token where the access token has ended or ends within the window, which is half of the token's life at
/// most: a token of five minutes would be renewed at each use.
pub fn refresh_is_due(tokens: &ProviderTokens, window: Duration, now: UnixTime) -> Option<&RefreshToken> {
    let (token, end) = (tokens.refresh_token.as_ref()?, tokens.expires_at?);
    let life = end.as_millis().saturating_sub(tokens.issued_at.as_millis());
    let window = window.min(Duration::from_millis(life / 2));
    (now.saturating_add(window) >= end).then_some(token)
}

/// Tells whether no request refreshes the tokens until a moment, whatever window is configured.
pub fn rest(tokens: &ProviderTokens, until: UnixTime) -> bool {
    refresh_is_due(tokens, Duration::MAX, until).is_none()
}

impl<'a> Wire<'a> {
    fn of(tokens: &'a ProviderTokens, owner: Owner<'a>) -> Self {
        Self {
            provider: owner.provider.into(),
            session_provider: owner.session.provider().map(Into::into),
            sub: owner.session.user().sub().into(),
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
            && self.session_provider.as_deref() == owner.session.provider()
            && self.sub == owner.session.user().sub();
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
pub fn seal(
    tokens: &ProviderTokens,
    keyring: &Keyring,
    iv: [u8; NONCE_LEN],
    owner: Owner<'_>,
) -> Result<String, Refused> {
    sealed::seal(keyring.newest(), PURPOSE, iv, &Wire::of(tokens, owner))
}

/// Opens sealed tokens, if they are this owner's.
pub fn open(keyring: &Keyring, text: &str, owner: Owner<'_>) -> Result<(ProviderTokens, Age), Refused> {
    let (wire, age): (Wire<'static>, _) = sealed::open(keyring, PURPOSE, text)?;
    Ok((wire.tokens(owner)?, age))
}

/// Writes the tokens of a session's own provider as JSON, to be stored sealed with the session.
pub fn write(tokens: &ProviderTokens, owner: Owner<'_>, json: &mut Vec<u8>) {
    json::write(json, &Wire::of(tokens, owner));
}

/// Reads tokens that were stored with a session.
pub fn read(json: &[u8], owner: Owner<'_>) -> Result<ProviderTokens, Refused> {
    serde_json::from_slice::<Wire<'_>>(json).map_err(|_| Refused)?.tokens(owner)
}
