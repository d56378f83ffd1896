//! Sign-outs: `POST /signOut`, which clears every cookie of this site, `GET /signedOut` after the visit to a provider, and
//! `POST /backchannelLogout/:provider` (OpenID Connect Back-Channel Logout 1.0).

use super::discovery::discover;
use super::exchanges;
use super::io::Io;
use super::landing::Landing;
use super::limits;
use super::stored::{self, Current};
use crate::context::RequestContext;
use crate::entropy::Draw;
use crate::error::{Error, HostError, ProviderError, RequestError};
use crate::event::Event;
use crate::forms::{is_form, media_type};
use crate::limits::LimitRule;
use crate::oauth;
use crate::oidc::id_token::SignedBy;
use crate::oidc::logout::{self, Logout};
use crate::oidc::logout::{LogoutRequest, LogoutState, LogoutUriRequest};
use crate::parameters::{InvalidParameter, ParameterIssue};
use crate::provider::{CheckedProvider, EndSession, SignOutScope};
use crate::query::Parameters;
use crate::response::{Redirect, Reply, Respond};
use crate::secret::IdToken;
use crate::session::SessionError;
use crate::stored::presented::Presented;
use crate::stored::questions::{CLOCKS, EndSessions, ListSessions, Listed, OwnerKey};
use crate::stored::ticket::{self, ProviderSession};
use aura_types::UnixTime;
use http::StatusCode;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::sync::Arc;
use url::Url;

pub(super) async fn sign_out(cx: &mut RequestContext, io: &Io) -> Result<Reply, Error> {
    let (landing, presented) = check(cx, io.now())?;
    let keys = cx.incoming().stored_sessions();
    // A sign-out goes on without a session, whatever the application says of it, but not past a store that still has it.
    let current = match stored::open(cx, io, presented).await {
        Ok(current) => Some(current),
        Err(SessionError::StoreUnavailable) => return Err(HostError::SessionStoreUnavailable.into()),
        Err(_) => None,
    };
    for key in keys {
        stored::end(io, key).await?;
    }
    let at_provider = current.as_ref().and_then(|current| provider_session(cx, current));
    let session = current.map(Current::into_session);
    cx.forget_request();

    clear_all(cx);
    cx.events.push(Event::SignedOut { sub: session.map(|session| session.user().sub().to_owned()) });
    let page = match at_provider {
        Some((provider, hint)) => end_session_page(cx, io, &provider, hint, landing.target()).await,
        None => None,
    };
    let body = Map::from_iter([("message".to_owned(), "Signed out successfully".into())]);
    Ok(landing.answer(StatusCode::ACCEPTED, body, page.as_ref())?)
}

/// Checks the parameters and the CSRF token, and returns what the session cookie holds, if anything: a sign-out needs no session.
fn check(
    cx: &mut RequestContext,
    now: UnixTime,
) -> Result<(Landing, Result<Presented, SessionError>), RequestError> {
    // The query is checked before the body; the fields of an HTML form count as parameters of the query.
    let query = Parameters::parse(cx.query());
    let body = read_form(cx);
    let form = Parameters::parse(body.as_ref().copied().unwrap_or_default());
    check_hint(&query, &form)?;
    let (landing, refused) = Landing::parse(cx, &query, &form)?;
    body?;
    let session = cx.check_page(&form, now)?;
    drop((query, form));
    cx.events.extend(refused);
    Ok((landing, session))
}

fn clear_all(cx: &mut RequestContext) {
    let mut cookies = cx.clear_session();
    cookies.extend(cx.clear_attempts());
    cx.cookies = cookies;
}

/// Reads the body of an HTML form. JSON must be JSON; every other body is not looked at.
fn read_form(cx: &RequestContext) -> Result<&[u8], RequestError> {
    let body = cx.body();
    if is_form(&cx.request.headers) {
        return Ok(body);
    }
    let is_json =
        media_type(&cx.request.headers).eq_ignore_ascii_case("application/json") && !body.is_empty();
    if is_json && serde_json::from_slice::<IgnoredAny>(body).is_err() {
        return Err(RequestError::MalformedBody);
    }
    Ok(&[])
}

/// The contract requires `token_type_hint=session_token`: the kind of token that ends.
fn check_hint(query: &Parameters<'_>, form: &Parameters<'_>) -> Result<(), RequestError> {
    let issue = match query.last("token_type_hint").or_else(|| form.last("token_type_hint")) {
        Some("session_token") => return Ok(()),
        Some(_) => ParameterIssue::Invalid,
        None => ParameterIssue::Missing,
    };
    Err(RequestError::InvalidParameters(vec![InvalidParameter::new("token_type_hint", issue)]))
}

/// Finds the provider of a session whose sign-out is to end the session there, too, and the ID token that names it.
fn provider_session(
    cx: &RequestContext,
    current: &Current,
) -> Option<(Arc<CheckedProvider>, Option<IdToken>)> {
    let id = current.session().provider()?;
    let provider = cx.config.providers.get(id)?;
    if provider.openid().is_none() || provider.sign_out != SignOutScope::Provider {
        return None;
    }
    let tokens = current.tokens(cx, id);
    Some((Arc::clone(provider), tokens.ok().and_then(|tokens| tokens.id_token)))
}

/// Makes the URL of the provider's page that ends the session there (OpenID Connect RP-Initiated Logout 1.0 section 2).
/// `None` where it publishes none or cannot be asked: the sign-out from this site does not wait for the provider's leave.
async fn end_session_page(
    cx: &mut RequestContext,
    io: &Io,
    provider: &Arc<CheckedProvider>,
    hint: Option<IdToken>,
    target: &str,
) -> Option<Url> {
    let server = discover(cx, io, provider).await.ok()?;
    let openid = server.openid()?;
    let endpoint = openid.metadata.end_session_endpoint.as_ref()?;
    let back = cx.url_of("/signedOut");
    if server.end_session == EndSession::LogoutUri {
        let request = LogoutUriRequest { client_id: &server.client_id, logout_uri: &back };
        return oauth::with_query(endpoint, &request).ok();
    }
    let state = LogoutState { redirect_to: target.into(), issued_at: io.now() };
    let state = state.seal(cx.config.keyring.newest(), cx.entropy.draw(Draw::Iv)).ok()?;
    let request = LogoutRequest {
        id_token_hint: hint.as_ref().map(IdToken::expose),
        client_id: &server.client_id,
        post_logout_redirect_uri: &back,
        state: &state,
    };
    oauth::with_query(endpoint, &request).ok()
}

/// Answers `POST /backchannelLogout/:provider`, and counts tokens that are refused: no provider's own logout is refused for a flood of
/// others.
pub(super) async fn limited_logout(
    cx: &mut RequestContext,
    provider: Arc<CheckedProvider>,
    io: &Io,
) -> Result<Reply, Error> {
    let result = logout(cx, Arc::clone(&provider), io).await;
    if result.as_ref().is_err_and(|error| !matches!(error, Error::Host(_))) {
        limits::count(cx, io, LimitRule::BackchannelLogout, &provider.id).await?;
    }
    result
}

/// Answers `POST /backchannelLogout/:provider`: reports whose sessions end (OpenID Connect Back-Channel Logout 1.0 section
/// 2.5).
async fn logout(cx: &mut RequestContext, provider: Arc<CheckedProvider>, io: &Io) -> Result<Reply, Error> {
    if provider.openid().is_none() {
        return Err(RequestError::UnknownProvider.into());
    }
    let token = logout_token(cx.body())?;
    cx.forget_request();
    let server = discover(cx, io, &provider).await?;
    let openid = server.openid().ok_or(HostError::Unreachable)?;
    let check = |signed_by: SignedBy<'_>, now: UnixTime| {
        logout::validate(token.expose(), openid.parties(), signed_by, now)
    };
    let (logout, _) = exchanges::verify(cx, io, openid, None, ProviderError::from, check).await?;
    if cx.config.session.is_stored() {
        let ended = end_logged_out(cx, io, &provider.id, &logout).await?;
        cx.events.push(Event::SessionsEnded { sub: logout.subject.clone(), ended });
    }
    let Logout { issuer, subject: sub, session_id: sid, token_id: jti, .. } = logout;
    cx.events.push(Event::LoggedOutByProvider { provider: provider.id.clone(), issuer, sub, sid, jti });
    Ok(Respond::empty(StatusCode::OK).into())
}

/// Ends the sessions of a logout at the provider, and returns their number: those of its session, and those of its user that name none;
/// else every session of the user. Of a user whom the application names otherwise, these are the ones that name the user there.
async fn end_logged_out(cx: &RequestContext, io: &Io, provider: &str, logout: &Logout) -> Result<u64, Error> {
    let keyring = &cx.config.keyring;
    let names = |name: ProviderSession| keyring.all().map(move |keys| name.name(keys));
    let sub = logout.subject.as_deref();
    let owners = sub.map(|sub| ticket::owners(keyring, provider, sub)).unwrap_or_default();
    let user = sub.map(|sub| ProviderSession::of_user(&logout.issuer, sub));
    let mut sessions: Vec<_> = user.into_iter().flat_map(names).collect();
    if let Some(sid) = &logout.session_id {
        sessions.extend(names(ProviderSession::new(&logout.issuer, sid)));
        return end(io, EndSessions::Elsewhere { sessions, owners }).await;
    }
    let past = Past::look(io, &owners, logout.issued_at).await?;
    let mut ended: u64 = 0;
    if !past.of_named {
        ended = end(io, EndSessions::Elsewhere { sessions, owners: Vec::new() }).await?;
    }
    // Last, because the generation that it raises shows a repetition of the token that the logout has been carried out.
    if !past.of_owned || !past.of_named && past.is_unowned {
        let generation = EndSessions::generation(io.now());
        ended = ended.saturating_add(end(io, EndSessions::Owner { owners, generation }).await?);
    }
    Ok(ended)
}

async fn end(io: &Io, question: EndSessions) -> Result<u64, Error> {
    Ok(io.ask(question).await?.map_err(SessionError::from)?)
}

/// Whether a logout of a user has been carried out before: a repetition of it must end no session that began later. One that names a
/// session ends no other.
struct Past {
    /// Of the sessions that are found by the user's name here: the user was revoked since it was issued, and every session that the
    /// store has began later.
    of_owned: bool,
    /// Of those that name the user at the provider, whose beginnings are not known: the revocation came later by the clock of this
    /// site, or the provider's is behind.
    of_named: bool,
    /// Whether there are none of the first kind.
    is_unowned: bool,
}

impl Past {
    async fn look(io: &Io, owners: &[OwnerKey], issued_at: UnixTime) -> Result<Self, Error> {
        let question = ListSessions::new(owners.to_vec());
        let Listed { rows, generation } = io.ask(question).await?.map_err(SessionError::from)?;
        // The provider's clock may be behind. Of a list that is cut, the sessions that began first are left out.
        let latest = issued_at.saturating_add(CLOCKS);
        let began_later = rows.iter().all(|row| row.begun > latest) && rows.len() < ListSessions::MAX;
        Ok(Self {
            of_owned: generation >= issued_at.as_millis() && began_later,
            // A revocation gives a generation that is ahead of its clock by as much.
            of_named: generation >= latest.as_millis(),
            is_unowned: rows.is_empty(),
        })
    }
}

fn logout_token(body: &[u8]) -> Result<IdToken, RequestError> {
    let form = Parameters::parse(body);
    let issue = match form.once("logout_token") {
        Ok(Some(token)) => return Ok(IdToken::new(token)),
        Ok(None) => ParameterIssue::Missing,
        Err(_) => ParameterIssue::Repeated,
    };
    Err(RequestError::InvalidParameters(vec![InvalidParameter::new("logout_token", issue)]))
}

/// Answers `GET /signedOut`: the browser is back from the provider, where the user was signed out, too (OpenID Connect
/// RP-Initiated Logout 1.0 section 3). The target is that of the sign-out, or `/` if the state was not sealed by this site.
/// The session of this site ended before, so there is nothing to protect but the way.
pub(super) fn signed_out(cx: &mut RequestContext, now: UnixTime) -> Result<Reply, Error> {
    let parameters = Parameters::parse(cx.query());
    let state = parameters.once("state").ok().flatten();
    let state = state.and_then(|state| LogoutState::open(&cx.config.keyring, state, now).ok());
    let target = state.and_then(|state| cx.redirect_to(&state.redirect_to));
    let location = target.unwrap_or_else(|| cx.home()).into();
    Ok(Redirect::new(StatusCode::FOUND, location, &Value::Null).into())
}
