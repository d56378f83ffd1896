//! A page wants to sign out: check that it is a page of this site, then clear every cookie of ours.

use super::after::{After, Done};
use super::expect_discovery::{Next, discover};
use super::{Exchange, refuse};
use crate::action::Action;
use crate::entropy::Draw;
use crate::error::{InvalidParameter, ParameterIssue, RequestError};
use crate::event::Event;
use crate::oauth::parameters::Parameters;
use crate::oidc::end_session::{self, LogoutState};
use crate::provider::{KnownProvider, OpenId, SignOutScope, ValidProvider};
use crate::route::Route;
use crate::secret::IdToken;
use crate::session::Session;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header, request};
use serde::de::IgnoredAny;
use serde_json::Map;
use std::sync::Arc;

/// A sign-out that ends the provider's session, too: everything of ours is done, and the way there is not known yet.
#[derive(Debug)]
pub(super) struct Leaving {
    exchange: Exchange,
    after: After,
    done: Done,
    /// Names the session at the provider (OpenID Connect RP-Initiated Logout 1.0 section 2).
    hint: Option<IdToken>,
}

/// Answers `POST /signOut`.
pub(super) fn sign_out(exchange: Exchange, head: &request::Parts, body: &Bytes, now: UnixTime) -> Action {
    match end(&exchange, head, body, now) {
        Err(error) => refuse(error, &Route::SignOut),
        Ok((after, done, None)) => after.answer(done),
        Ok((after, done, Some((provider, hint)))) => {
            let leaving = Leaving { exchange, after, done, hint };
            discover(provider, Next::SignOut(Box::new(leaving)), now)
        }
    }
}

impl Leaving {
    /// Answers with the way through the provider, if it publishes one.
    pub(super) fn go_on(mut self, provider: &KnownProvider, now: UnixTime) -> Action {
        let endpoint = provider.openid().and_then(|openid| openid.metadata.end_session_endpoint.clone());
        let Some(endpoint) = endpoint else { return self.leave() };
        let state = LogoutState { redirect_to: self.after.target().into(), issued_at: now };
        let auth = self.exchange.auth.clone();
        let state = state.seal(auth.config().keyring.newest(), self.exchange.entropy.draw(Draw::Iv));
        let Ok(state) = state else { return self.leave() };
        let back = self.exchange.url_of("/signedOut");
        let url = end_session::url(&endpoint, &provider.client_id, self.hint.as_ref(), &back, &state);
        self.after.answer_by_way_of(self.done, &url)
    }

    /// Answers without the provider.
    pub(super) fn leave(self) -> Action {
        self.after.answer(self.done)
    }
}

/// Reads the body of an HTML form. JSON must be JSON; every other body is not looked at.
fn read_form<'a>(head: &request::Parts, body: &'a Bytes) -> Result<&'a [u8], RequestError> {
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(body);
    }
    let is_json = essence.eq_ignore_ascii_case("application/json") && !body.is_empty();
    if is_json && serde_json::from_slice::<IgnoredAny>(body).is_err() {
        return Err(RequestError::MalformedBody);
    }
    Ok(&[])
}

fn end(
    exchange: &Exchange,
    head: &request::Parts,
    body: &Bytes,
    now: UnixTime,
) -> Result<(After, Done, Option<AtProvider>), RequestError> {
    // The query is judged before the body; what an HTML form holds counts as if it stood in the query.
    let query = Parameters::parse(head.uri.query().unwrap_or_default().as_bytes());
    let body = read_form(head, body);
    let form = Parameters::parse(body.as_ref().copied().unwrap_or_default());
    check_hint(&query, &form)?;
    let after = After::parse(exchange, &query, &form)?;
    body?;
    let session = exchange.check_page(&head.headers, &form, now)?;

    let names = exchange.cookies();
    let mut cookies = vec![names.csrf.clear()];
    cookies.extend(names.session.clear_chunks(&exchange.sent));
    cookies.extend(names.clear_access_tokens(&exchange.sent));
    cookies.extend(exchange.clear_attempts());
    let at_provider = session.as_ref().and_then(|session| at_provider(exchange, session, &head.headers));
    let events = vec![Event::SignedOut { sub: session.map(|session| session.user.sub) }];
    let body = Map::from_iter([("message".to_owned(), "Signed out successfully".into())]);
    Ok((after, Done { status: StatusCode::ACCEPTED, body, cookies, events }, at_provider))
}

/// The provider whose session ends, too, and the ID token that names it.
type AtProvider = (Arc<ValidProvider>, Option<IdToken>);

/// Finds the provider of a session whose sign-out is to end the session there, too.
fn at_provider(exchange: &Exchange, session: &Session, headers: &HeaderMap) -> Option<AtProvider> {
    let id = session.provider.as_deref()?;
    let provider = exchange.auth.config().providers.get(id)?;
    let is_meant = |openid: &OpenId| openid.sign_out == SignOutScope::Provider;
    if !provider.openid().is_some_and(is_meant) {
        return None;
    }
    let hint = exchange.provider_tokens(id, session, headers).ok().and_then(|tokens| tokens.id_token);
    Some((Arc::clone(provider), hint))
}

/// `token_type_hint=session_token` is the contract's way of saying what is to be ended.
fn check_hint(query: &Parameters<'_>, form: &Parameters<'_>) -> Result<(), RequestError> {
    let issue = match query.last("token_type_hint").or_else(|| form.last("token_type_hint")) {
        Some("session_token") => return Ok(()),
        Some(_) => ParameterIssue::Invalid,
        None => ParameterIssue::Missing,
    };
    Err(RequestError::InvalidParameters(vec![InvalidParameter { name: "token_type_hint", issue }]))
}
