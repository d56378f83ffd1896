//! The `/providers/:provider/..` routes: status, tokens, revocation, disconnection, and refresh of the profile.

use super::discovery::discover;
use super::emails;
use super::exchanges::{self, Server, ask};
use super::io::{Caching, Io, Keep, boxed};
use super::leasing;
use super::limits;
use super::refresh::{kept_claims, kept_subject, refresh_if_due};
use super::stored::{self, Current};
use crate::admission::{Admission, Admitted, Candidate};
use crate::context::RequestContext;
use crate::csrf;
use crate::error::{Error, HostError, IdTokenError, ProviderError, RequestError};
use crate::event::Event;
use crate::oauth::token::{self, Revoked};
use crate::oidc;
use crate::provider::{CheckedProvider, TokenRetention};
use crate::provider_tokens::{self, ProviderTokens, ProviderTokensError, with_access};
use crate::purpose::Purpose;
use crate::query::Parameters;
use crate::response::{Reply, Respond};
use crate::route::TokensRoute;
use crate::session::{Session, SessionError, update};
use crate::stored::presented::Presented;
use aura_jose::JwkSet;
use aura_types::UnixTime;
use http::{StatusCode, Uri};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) async fn tokens(
    cx: &mut RequestContext,
    route: TokensRoute,
    provider: Arc<CheckedProvider>,
    io: &Io,
) -> Result<Reply, Error> {
    let presented = signed_in(cx, route, io.now())?;
    let mut current = stored::open(cx, io, presented).await?;
    if let Some(name) = counted_as(route) {
        limits::count_of_session(cx, io, name, current.session()).await?;
    }
    if route == TokensRoute::Tokens && provider.token_retention != TokenRetention::Readable {
        return Err(RequestError::TokensNotReadable.into());
    }
    let found = current.granted_tokens(cx, &provider.id);
    match route {
        TokensRoute::Connection => {
            return Ok(answer(&json!({ "success": true, "connected": found.is_ok() })));
        }
        TokensRoute::Disconnect => {
            // Nothing is read from the tokens, so what cannot be read any more can be dropped, too.
            if let Err(error) = found
                && error != ProviderTokensError::Invalid
            {
                return Err(error.into());
            }
            let event = Event::ProviderDisconnected { provider: provider.id.clone() };
            return drop_tokens(cx, io, &mut current, event).await;
        }
        TokensRoute::Tokens | TokensRoute::Revoke | TokensRoute::RefreshUser => {}
    }
    let mut tokens = found?;
    if route == TokensRoute::Tokens
        && provider_tokens::refresh_is_due(&tokens, provider.refresh_window, io.now()).is_none()
    {
        return Ok(answer_tokens(&provider, &tokens));
    }
    cx.forget_request();

    let mut server = discover(cx, io, &provider).await?;
    if route == TokensRoute::Revoke {
        return revoke(cx, io, &server, &mut current, tokens).await;
    }
    server.dpop_kid = tokens.dpop_kid.clone();
    let keys = refresh_if_due(cx, io, &mut server, &mut current, &mut tokens).await?;
    if route == TokensRoute::Tokens {
        return Ok(answer_tokens(&provider, &tokens));
    }
    let candidate = describe_again(cx, io, &mut server, &tokens, keys).await?;
    let admission = io.ask(candidate).await?;
    if matches!(admission, Admission::Refuse | Admission::RefuseWith(_)) {
        stored::end_current(io, &current).await?;
        cx.cookies = cx.clear_session();
    }
    update_session(cx, io, &mut current, admission.decided()?).await
}

/// Returns what a route is counted as; `None` where it only tells whether there are tokens.
fn counted_as(route: TokensRoute) -> Option<&'static str> {
    match route {
        TokensRoute::Connection => None,
        TokensRoute::Tokens => Some("read"),
        TokensRoute::RefreshUser => Some("refresh"),
        TokensRoute::Disconnect | TokensRoute::Revoke => Some("end"),
    }
}

/// Checks where the request comes from, and opens what its session cookie holds.
fn signed_in(
    cx: &RequestContext,
    route: TokensRoute,
    now: UnixTime,
) -> Result<Result<Presented, SessionError>, RequestError> {
    match route {
        TokensRoute::Connection | TokensRoute::Tokens => {
            csrf::check_site(&cx.request.headers, &cx.origin, &cx.config.trusted_origins)?;
            Ok(cx.incoming().present(now))
        }
        TokensRoute::Disconnect | TokensRoute::Revoke | TokensRoute::RefreshUser => {
            cx.check_page(&Parameters::parse(b""), now)
        }
    }
}

fn answer(body: &Value) -> Reply {
    Respond::new(StatusCode::OK, body).into()
}

fn answer_tokens(provider: &CheckedProvider, tokens: &ProviderTokens) -> Reply {
    answer(&json!({ "success": true, "tokens": provider_tokens::to_json(tokens, provider.token_type()) }))
}

/// Answers after the tokens' end: what holds them is cleared.
async fn drop_tokens(
    cx: &mut RequestContext,
    io: &Io,
    current: &mut Current,
    event: Event,
) -> Result<Reply, Error> {
    let cleared = stored::drop_tokens(cx, io, current).await?;
    cx.cookies.extend(cleared);
    cx.events.push(event);
    Ok(answer(&json!({ "success": true })))
}

/// Revokes the tokens at the provider (RFC 7009 section 2), and drops them. Where a store keeps them, no request refreshes them
/// meanwhile: what it were granted would be dropped, and stay valid.
async fn revoke(
    cx: &mut RequestContext,
    io: &Io,
    server: &Server,
    current: &mut Current,
    mut tokens: ProviderTokens,
) -> Result<Reply, Error> {
    let endpoint = server.endpoints.revocation.as_ref().ok_or(HostError::NoRevocationEndpoint)?;
    let mut lease = None;
    if let Current::Stored(stored) = current {
        lease = boxed(leasing::lease(cx, io, stored)).await?;
        tokens = stored.tokens_of(&server.id).and_then(with_access)?;
    }
    let revoked = revoke_both(cx, io, (server, endpoint), &tokens).await;
    if let (Err(_), Current::Stored(stored), Some(lease)) = (&revoked, &mut *current, lease) {
        // A lease that cannot be ended lapses.
        let kept = (&tokens, Some(tokens.clone()), None);
        boxed(leasing::keep(cx, io, stored, kept, lease, io.now())).await.ok();
    }
    revoked?;
    drop_tokens(cx, io, current, Event::TokensRevoked { provider: server.id.clone() }).await
}

/// Revokes the access token and the refresh token.
///
/// The access token goes first, as the wire contract has it, and its answer is the page's. The refresh token follows
/// if there is one: many providers keep it alive (RFC 7009 section 2.1 leaves it to them), and it is the one that
/// lives long. A sign-out revokes nothing: it ends the session here, and the grant is the user's to keep.
async fn revoke_both(
    cx: &mut RequestContext,
    io: &Io,
    at: (&Server, &Uri),
    tokens: &ProviderTokens,
) -> Result<(), Error> {
    let status = revoke_one(cx, io, at, Revoked::Access(&tokens.access_token)).await?;
    if !status.is_success() {
        return Err(ProviderError::RevocationStatus.into());
    }
    if let Some(token) = &tokens.refresh_token {
        let status = revoke_one(cx, io, at, Revoked::Refresh(token)).await?;
        // A 4xx: the provider ended it together with the access token, or revokes none of its kind. Asking again changes
        // nothing.
        if !status.is_success() && !status.is_client_error() {
            return Err(ProviderError::RevocationStatus.into());
        }
    }
    Ok(())
}

async fn revoke_one(
    cx: &mut RequestContext,
    io: &Io,
    (server, endpoint): (&Server, &Uri),
    token: Revoked<'_>,
) -> Result<StatusCode, Error> {
    let request = token::revocation_request(&server.credentials(cx, io.now())?, endpoint, token)?;
    let response = ask(io, Purpose::Revocation, request, Caching::Never, Keep::Never).await?;
    // Many providers revoke both tokens at once, and then reject the refresh token.
    if !(matches!(token, Revoked::Refresh(_)) && response.status().is_client_error()) {
        exchanges::report_refusal(cx, server, Purpose::Revocation, &response);
    }
    Ok(response.status())
}

/// Asks userinfo again who the user is.
async fn describe_again(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    tokens: &ProviderTokens,
    keys: Option<JwkSet>,
) -> Result<Candidate, Error> {
    let answer = exchanges::userinfo(cx, io, server, Some(&tokens.access_token), keys).await?;
    let kept = kept_claims(server, tokens);
    let (subject, issuer) = kept_subject(kept.as_ref(), tokens);
    let issuer = issuer.map(str::to_owned);
    let userinfo = match (answer, subject) {
        // Userinfo is newer here than the ID token of the sign-in.
        (Some(answer), Some(subject)) => oidc::userinfo::join(subject, Map::new(), answer)?,
        (Some(answer), None) => answer,
        // The ID token alone describes the user: the one that came with the tokens is the latest there is.
        (None, _) => {
            let kept = kept.ok_or(ProviderError::IdToken(IdTokenError::Missing))?;
            Value::Object(kept.into_members())
        }
    };
    let user = emails::user(cx, io, server, Some(&tokens.access_token), &userinfo).await?;
    cx.events.push(Event::UserInfoReceived { provider: server.id.clone() });
    let tokens = Some(tokens.clone());
    Ok(Candidate { provider: server.id.clone(), issuer, user, userinfo, tokens })
}

/// Writes the profile into the session. Another subject is another user, whatever the other claims are.
async fn update_session(
    cx: &mut RequestContext,
    io: &Io,
    current: &mut Current,
    admitted: Admitted,
) -> Result<Reply, Error> {
    if admitted.user.sub() != current.session().user().sub() {
        return Err(RequestError::OtherUser.into());
    }
    let (user, now) = (admitted.user, io.now());
    let own = admitted.claims.map_err(|_| HostError::ClaimsUnwritable)?;
    let update = |cx: &RequestContext, session: &Session| {
        Ok(update::with_profile(session, user.clone(), own.clone(), &cx.config.session, now))
    };
    let cookies = stored::change(cx, io, current, update, RequestContext::not_admitted).await?;
    cx.cookies.extend(cookies);
    let session = current.session();
    cx.events.push(Event::SessionUpdated { sub: session.user().sub().to_owned() });
    let shown = session.to_json(&cx.config.session);
    Ok(answer(&json!({ "success": true, "session": shown })))
}
