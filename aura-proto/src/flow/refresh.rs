//! The refresh of provider tokens (RFC 6749 section 6). Where a store keeps them, one request spends the refresh token, under a
//! lease in the row.

use super::discovery::discover;
use super::exchanges::{self, Server};
use super::io::{Ending, Io, boxed};
use super::leasing::{LOOKS, PATIENCE, keep, lease_or_wait};
use super::stored::{self, Current};
use crate::context::RequestContext;
use crate::cookie::set::SetCookie;
use crate::error::{Error, HostError, IdTokenError, ProviderError, RequestError, not_updated};
use crate::event::Event;
use crate::oauth::token::TokenResponse;
use crate::oidc::id_token::{self, Occasion, SignedBy};
use crate::provider::{CheckedProvider, Kept};
use crate::provider_tokens::{self, Owner, ProviderTokens, ProviderTokensError, refresh_is_due, with_access};
use crate::ready_tokens::{NoTokens, ReadyTokens};
use crate::session::Session;
use crate::stored::lease::Lease;
use crate::stored::presented::Presented;
use crate::stored::row::StoredSession;
use aura_jose::{CompactJws, JwkSet, StrictObject};
use aura_types::UnixTime;
use serde_json::Value;
use std::sync::Arc;

/// Makes tokens ready for a call of the provider's API: those of the session, which are refreshed where that is due.
pub(crate) async fn ready(
    cx: RequestContext,
    io: Io,
    presented: Presented,
    provider: Arc<CheckedProvider>,
    sealed: Result<ProviderTokens, ProviderTokensError>,
    public_path: String,
) -> Result<ReadyTokens, NoTokens> {
    let mut cx = cx;
    let prepared = prepare(&mut cx, &io, presented, &provider, sealed).await;
    let name = cx.table().access_token(&provider.id).name.clone();
    let (mut cookies, mut events) = (cx.cookies, cx.events);
    SetCookie::put_under(&public_path, &mut cookies);
    match prepared {
        Ok(tokens) => Ok(ReadyTokens { tokens, name, cookies, events }),
        Err(error) => {
            // That nobody is signed in, or has tokens of this provider, is no failure.
            if matches!(error, Error::Provider(_) | Error::Request(RequestError::RefreshRefused)) {
                let (provider, error) = (provider.id.clone(), error.clone());
                events.push(Event::ProviderRequestFailed { provider, error });
            }
            // A late answer must not clear a session that has begun meanwhile: the next visit clears one that has ended.
            cookies.retain(|cookie| cookie.name().starts_with(&name));
            Err(NoTokens { error: error.into(), events, name, cookies })
        }
    }
}

async fn prepare(
    cx: &mut RequestContext,
    io: &Io,
    presented: Presented,
    provider: &Arc<CheckedProvider>,
    sealed: Result<ProviderTokens, ProviderTokensError>,
) -> Result<ProviderTokens, Error> {
    let mut current = stored::open(cx, io, Ok(presented)).await?;
    let mut tokens = match &current {
        Current::Sealed(_) => sealed?,
        Current::Stored(_) => current.granted_tokens(cx, &provider.id)?,
    };
    if refresh_is_due(&tokens, provider.refresh_window, io.now()).is_none() {
        return Ok(provider_tokens::live(tokens, io.now())?);
    }
    let mut server = match discover(cx, io, provider).await {
        Err(error) if provider_tokens::serve(&tokens, io.now()) => {
            cx.events.push(Event::RefreshFailed { provider: provider.id.clone(), error });
            return Ok(tokens);
        }
        discovered => discovered?,
    };
    server.dpop_kid.clone_from(&tokens.dpop_kid);
    refresh_if_due(cx, io, &mut server, &mut current, &mut tokens).await?;
    Ok(tokens)
}

/// Refreshes the access token where it has ended or is about to, and returns the provider's keys where they were read.
/// Refreshed tokens are kept even if the route fails afterwards. If the refresh fails and the access token has not expired, it is
/// kept.
pub(super) async fn refresh_if_due(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    current: &mut Current,
    tokens: &mut ProviderTokens,
) -> Result<Option<JwkSet>, Error> {
    let opened = match current {
        Current::Sealed(opened) => opened,
        Current::Stored(stored) => return boxed(refresh_stored(cx, io, server, stored, tokens)).await,
    };
    if refresh_is_due(tokens, server.refresh_window, io.now()).is_none() {
        return Ok(None);
    }
    let mut earlier = tokens.clone();
    let renewed = match renew(cx, io, server, &opened.session, tokens).await {
        Err(error) if is_outage(&error) && provider_tokens::serve(tokens, io.now()) => {
            return Ok(go_on(cx, server, tokens, error));
        }
        renewed => renewed,
    };
    // First, because it holds even where the tokens cannot be kept.
    let ends = renewed.as_ref().ok().and_then(|renewed| renewed.ends);
    let capped = cx.config.session.capped(opened.session.clone(), ends);
    if capped != opened.session {
        let cookies = cx.session_cookies(&capped).map_err(not_updated)?;
        cx.cookies.extend(cookies);
        opened.session = capped;
    }
    if *tokens != earlier {
        let owner = Owner { provider: &server.id, session: &opened.session };
        match cx.provider_tokens_cookies(tokens, owner) {
            Ok(cookies) => cx.cookies.extend(cookies),
            Err(error) => {
                // They are too large. What the browser has must not bring a spent refresh token again.
                earlier.refresh_token.take_if(|token| tokens.refresh_token.as_ref() != Some(token));
                let cookies = cx.provider_tokens_cookies(&mut earlier, owner);
                cx.cookies.extend(cookies.unwrap_or_default());
                return Err(error);
            }
        }
    }
    let Renewed { keys, .. } = renewed?;
    cx.events.push(Event::TokensRefreshed { provider: server.id.clone() });
    Ok(keys)
}

/// What a refresh has brought beside the tokens.
#[derive(Default)]
struct Renewed {
    /// The provider's keys, where they were read.
    keys: Option<JwkSet>,
    /// When the session ends at the provider, where the ID token states it (`session_expiry` of OpenID IPSIE SL1).
    ends: Option<UnixTime>,
}

/// Tells whether a refresh failed for a reason that does not concern an access token which has not expired.
fn is_outage(error: &Error) -> bool {
    !matches!(error, Error::Provider(ProviderError::IdToken(_)))
}

/// Goes on with tokens that were not refreshed, without keys of the provider.
fn go_on(
    cx: &mut RequestContext,
    server: &mut Server,
    tokens: &ProviderTokens,
    error: Error,
) -> Option<JwkSet> {
    cx.events.push(Event::RefreshFailed { provider: server.id.clone(), error });
    server.dpop_kid.clone_from(&tokens.dpop_kid);
    None
}

/// Spends the refresh token for other tokens. Where what came is refused although the refresh token is spent, the earlier tokens are
/// left without it.
async fn renew(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    session: &Session,
    tokens: &mut ProviderTokens,
) -> Result<Renewed, Error> {
    let token = tokens.refresh_token.as_ref().ok_or(RequestError::RefreshRefused)?;
    // Refresh tokens of public clients alone are bound to the key (RFC 9449 section 5).
    if server.endpoints.client_authentication.is_confidential() {
        server.dpop_kid = None;
    }
    let mut granted = exchanges::refresh(cx, io, server, token).await?;
    let is_rotated = granted.refresh_token.is_some();
    let renewed = match check_refreshed(cx, io, server, session, tokens, &granted).await {
        // The refresh token is spent, so what came for it is kept, but for the ID token that nothing verifies.
        Err(Error::Provider(
            ProviderError::JwksUnreachable(_)
            | ProviderError::JwksStatus
            | ProviderError::JwksMalformed
            | ProviderError::IdToken(IdTokenError::UnknownKey),
        )) => {
            granted.id_token = None;
            Renewed::default()
        }
        Err(error) => {
            // A spent refresh token that is presented again looks like a stolen one (RFC 9700 section 4.14.2).
            tokens.refresh_token = tokens.refresh_token.take().filter(|_| !is_rotated);
            return Err(error);
        }
        Ok(renewed) => renewed,
    };
    *tokens = provider_tokens::granted(&granted, tokens.clone(), io.now());
    tokens.dpop_kid = server.bound_to(cx);
    Ok(renewed)
}

/// Refreshes the tokens of a stored session, or waits until another request has.
async fn refresh_stored(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    stored: &mut StoredSession,
    tokens: &mut ProviderTokens,
) -> Result<Option<JwkSet>, Error> {
    let patient_until = io.now().saturating_add(PATIENCE);
    for _ in 0..LOOKS {
        *tokens = stored.tokens_of(&server.id).and_then(with_access)?;
        server.dpop_kid.clone_from(&tokens.dpop_kid);
        if refresh_is_due(tokens, server.refresh_window, io.now()).is_none() {
            return Ok(None);
        }
        let serve = provider_tokens::serve(tokens, io.now());
        if serve && stored.is_leased(io.now()) {
            return Ok(None);
        }
        match lease_or_wait(cx, io, stored, patient_until).await {
            Ok(Some(lease)) => return spend(cx, io, server, stored, tokens, lease).await,
            Ok(None) => {}
            // The row cannot be written.
            Err(
                error @ (Error::Host(HostError::SessionStoreUnavailable)
                | Error::Provider(ProviderError::TokensTooLarge)),
            ) if serve => return Ok(go_on(cx, server, tokens, error)),
            Err(error) => return Err(error),
        }
    }
    Err(HostError::TokensBusy.into())
}

/// Refreshes the tokens under a lease, and ends the lease.
async fn spend(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    stored: &mut StoredSession,
    tokens: &mut ProviderTokens,
    lease: Lease,
) -> Result<Option<JwkSet>, Error> {
    let spent = tokens.clone();
    let renewed = renew(cx, io, server, &stored.session, tokens).await;
    let kept = match &renewed {
        // The ID token still names the session at the provider when the user signs out.
        Err(Error::Request(RequestError::RefreshRefused)) => provider_tokens::kept(Kept::IdToken, tokens),
        Err(error) if is_outage(error) && provider_tokens::serve(tokens, lease.until) => {
            // The lease lapses by itself: no other request asks a provider that fails before that, and none has to wait.
            let error = error.clone();
            return Ok(go_on(cx, server, tokens, error));
        }
        Ok(_) | Err(_) => Some(tokens.clone()),
    };
    // What is as it was is not waited for.
    let patient_until = if *tokens == spent { io.now() } else { lease.until };
    let ends = renewed.as_ref().ok().and_then(|renewed| renewed.ends);
    keep(cx, io, stored, (&spent, kept, ends), lease, patient_until).await?;
    match renewed {
        Ok(Renewed { keys, .. }) => {
            cx.events.push(Event::TokensRefreshed { provider: server.id.clone() });
            // The user may have dropped them meanwhile.
            *tokens = stored.tokens_of(&server.id).and_then(with_access)?;
            Ok(keys)
        }
        Err(error @ Error::Request(RequestError::RefreshRefused)) => Err(error),
        Err(error) if is_outage(&error) && provider_tokens::serve(tokens, io.now()) => {
            Ok(go_on(cx, server, tokens, error))
        }
        Err(error) => Err(error),
    }
}

impl Ending for Result<ReadyTokens, NoTokens> {
    fn ended(_: HostError) -> Self {
        Err(ProviderTokensError::Unavailable.into())
    }
}

/// Verifies the ID token that came with refreshed tokens, where one did (OpenID Connect Core 1.0 section 12.2).
async fn check_refreshed(
    cx: &mut RequestContext,
    io: &Io,
    server: &Server,
    session: &Session,
    tokens: &ProviderTokens,
    granted: &TokenResponse,
) -> Result<Renewed, Error> {
    let (Some(openid), Some(token)) = (server.openid(), &granted.id_token) else {
        return Ok(Renewed::default());
    };
    // The earlier ID token names the subject as the provider does; the session may name another id of the user's.
    let kept = kept_claims(server, tokens);
    let (subject, _) = kept_subject(kept.as_ref(), tokens);
    let subject = subject.unwrap_or(session.user().sub());
    let occasion = Occasion::Refresh { subject, access_token: granted.access_token.as_ref() };
    let check = |signed_by: SignedBy<'_>, now: UnixTime| {
        let parties = openid.parties();
        id_token::validate(token.expose(), parties, signed_by, occasion, now)
    };
    let (claims, keys) = exchanges::verify(cx, io, openid, None, ProviderError::from, check).await?;
    Ok(Renewed { keys, ends: claims.session_expiry.map(UnixTime::from_secs) })
}

/// Reads the ID token that is kept with the tokens, where the provider is one that signs them.
pub(super) fn kept_claims(server: &Server, tokens: &ProviderTokens) -> Option<StrictObject> {
    let token = tokens.id_token.as_ref().filter(|_| server.openid().is_some())?;
    CompactJws::split_foreign(token.expose()).ok()?.unverified_claims().ok()
}

/// Returns subject and issuer of the ID token that is kept, or that was too long to be.
pub(super) fn kept_subject<'a>(
    kept: Option<&'a StrictObject>,
    tokens: &'a ProviderTokens,
) -> (Option<&'a str>, Option<&'a str>) {
    let dropped = tokens.subject.as_ref().map(|(sub, iss)| (sub.as_str(), iss.as_str())).unzip();
    let text = |name| kept.and_then(|claims| claims.get(name)).and_then(Value::as_str);
    (text("sub").or(dropped.0), text("iss").or(dropped.1))
}
