//! A page of the signed-in user wants something with a provider: to know, to read, to renew, to give back.

use super::Exchange;
use super::expect_discovery::{Next, discover};
use super::expect_profile::ExpectProfile;
use super::expect_refresh::ExpectRefresh;
use super::expect_revocation::ExpectRevocation;
use crate::action::Action;
use crate::cookie::set::SetCookie;
use crate::csrf;
use crate::entropy::Draw;
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::jose::claims::StrictObject;
use crate::jose::jwk_set::JwkSet;
use crate::jose::{Refused, foreign};
use crate::oauth::parameters::Parameters;
use crate::provider::{KnownProvider, TokenRetention, ValidProvider};
use crate::provider_tokens::{Owner, ProviderTokens};
use crate::response::Respond;
use crate::route::Route;
use crate::session::Session;
use crate::time::UnixTime;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What the page wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// To know whether there are tokens.
    Status,
    /// To drop the tokens without telling the provider.
    Disconnect,
    /// To read the tokens.
    Read,
    /// To give the access token back.
    Revoke,
    /// To ask the provider again who the user is.
    RefreshUser,
}

impl Want {
    /// What a route and method ask for.
    pub(super) fn of(route: &Route, method: &Method) -> Self {
        match route {
            Route::Tokens { .. } => Self::Read,
            Route::Revoke { .. } => Self::Revoke,
            Route::RefreshUser { .. } => Self::RefreshUser,
            Route::Provider { .. } if *method == Method::DELETE => Self::Disconnect,
            Route::Provider { .. }
            | Route::SignIn { .. }
            | Route::Callback { .. }
            | Route::Session
            | Route::CsrfToken
            | Route::SignOut
            | Route::SignedOut
            | Route::BackchannelLogout { .. } => Self::Status,
        }
    }

    /// The members that the route's failures have beside those of every error.
    pub(super) fn failure_fields(self) -> Map<String, Value> {
        let member = match self {
            Self::Status => Some(("connected", Value::Bool(false))),
            Self::Read => Some(("tokens", Value::Null)),
            Self::RefreshUser => Some(("session", Value::Null)),
            Self::Disconnect | Self::Revoke => None,
        };
        let members = [("success", Value::Bool(false))].into_iter().chain(member);
        members.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A request about a provider whose session, and tokens, have been found, and whose provider's endpoints have not.
#[derive(Debug)]
pub(super) struct PageRequest {
    exchange: Exchange,
    session: Session,
    tokens: ProviderTokens,
    want: Want,
}

/// A request about a provider whose session, tokens and endpoints have been found.
#[derive(Debug)]
pub(super) struct TokenFlow {
    pub(super) exchange: Exchange,
    pub(super) provider: KnownProvider,
    pub(super) session: Session,
    pub(super) tokens: ProviderTokens,
    /// The cookies that the answer sets.
    pub(super) cookies: Vec<SetCookie>,
    pub(super) events: Vec<Event>,
    pub(super) want: Want,
    /// The provider's keys, where this flow has read them.
    pub(super) keys: Option<JwkSet>,
}

/// Answers a request about a provider, or asks for the exchange that it needs.
pub(super) fn begin(
    exchange: Exchange,
    provider: Arc<ValidProvider>,
    want: Want,
    headers: &HeaderMap,
    now: UnixTime,
) -> Action {
    let id = provider.id.clone();
    match find(exchange, provider, want, headers, now) {
        Ok(action) => action,
        Err(error) => Action::Respond(refusal(error, id, want)),
    }
}

impl PageRequest {
    /// Goes on with the provider's endpoints.
    pub(super) fn go_on(self, provider: KnownProvider, now: UnixTime) -> Action {
        let Self { exchange, session, tokens, want } = self;
        let (cookies, events) = (Vec::new(), Vec::new());
        let flow = TokenFlow { exchange, provider, session, tokens, cookies, events, want, keys: None };
        match want {
            Want::Revoke => ExpectRevocation::begin(flow, now),
            Want::Status | Want::Disconnect | Want::Read | Want::RefreshUser => {
                match flow.tokens.refresh_is_due(now).cloned() {
                    Some(token) => ExpectRefresh::begin(flow, token, now),
                    None => flow.go_on(now),
                }
            }
        }
    }

    /// Refuses the request.
    pub(super) fn fail(&self, provider: &ValidProvider, error: Error) -> Action {
        Action::Respond(refusal(error, provider.id.clone(), self.want))
    }
}

fn find(
    exchange: Exchange,
    provider: Arc<ValidProvider>,
    want: Want,
    headers: &HeaderMap,
    now: UnixTime,
) -> Result<Action, Error> {
    let session = match want {
        Want::Status | Want::Read => {
            csrf::check_site(headers, &exchange.origin, &exchange.auth.config().trusted_origins)?;
            exchange.incoming(headers).session(now)?
        }
        Want::Disconnect | Want::Revoke | Want::RefreshUser => {
            exchange.check_page(headers, &Parameters::parse(b""), now)?.ok_or(RequestError::SessionMissing)?
        }
    };
    if want == Want::Read && provider.token_retention != TokenRetention::Readable {
        return Err(RequestError::TokensNotReadable.into());
    }
    let tokens = exchange.provider_tokens(&provider.id, &session, headers);
    if want == Want::Status {
        let body = json!({ "success": true, "connected": tokens.is_ok() });
        return Ok(Action::Respond(Respond::new(StatusCode::OK, &body)));
    }
    if want == Want::Disconnect {
        // Nothing is read from the tokens, so what cannot be read any more can be dropped, too.
        return match tokens {
            Ok(_) | Err(RequestError::TokensInvalid) => Ok(disconnect(&exchange, &provider)),
            Err(error) => Err(error.into()),
        };
    }
    let tokens = tokens?;
    if want == Want::Read && tokens.refresh_is_due(now).is_none() {
        let body = json!({ "success": true, "tokens": tokens.to_json(provider.token_type()) });
        return Ok(Action::Respond(Respond::new(StatusCode::OK, &body)));
    }
    let request = PageRequest { exchange, session, tokens, want };
    Ok(discover(provider, Next::Page(Box::new(request)), now))
}

/// Drops the tokens' cookies without telling the provider.
fn disconnect(exchange: &Exchange, provider: &ValidProvider) -> Action {
    let mut respond = Respond::new(StatusCode::OK, &json!({ "success": true }));
    respond.cookies = exchange.cookies().access_token(&provider.id).clear_chunks(&exchange.sent);
    respond.events.push(Event::ProviderDisconnected { provider: provider.id.clone() });
    Action::Respond(respond)
}

impl TokenFlow {
    /// Goes on with tokens that are as fresh as they get.
    pub(super) fn go_on(self, now: UnixTime) -> Action {
        match self.want {
            Want::RefreshUser => ExpectProfile::begin(self, now),
            Want::Status | Want::Disconnect | Want::Read | Want::Revoke => {
                let body =
                    json!({ "success": true, "tokens": self.tokens.to_json(self.provider.token_type()) });
                self.answer(&body)
            }
        }
    }

    /// Reads the ID token that is kept with the tokens, where the provider is one that signs them.
    pub(super) fn kept_claims(&self) -> Option<StrictObject> {
        let token = self.tokens.id_token.as_ref().filter(|_| self.provider.openid().is_some())?;
        foreign::claims_of_kept(token.expose()).ok()
    }

    /// Drops the tokens' cookie.
    pub(super) fn given_up(mut self, event: Event) -> Action {
        let cookie = self.exchange.cookies().access_token(&self.provider.id);
        self.cookies.extend(cookie.clear_chunks(&self.exchange.sent));
        self.events.push(event);
        self.answer(&json!({ "success": true }))
    }

    pub(super) fn answer(self, body: &Value) -> Action {
        let respond = Respond::new(StatusCode::OK, body);
        Action::Respond(Respond { cookies: self.cookies, events: self.events, ..respond })
    }

    /// Refuses the request. What a provider renewed before is kept.
    pub(super) fn fail(self, error: impl Into<Error>) -> Action {
        let respond = refusal(error.into(), self.provider.id.clone(), self.want);
        let events = [self.events, respond.events].concat();
        Action::Respond(Respond { cookies: self.cookies, events, ..respond })
    }
}

/// Makes the answer to a request about a provider that is refused.
fn refusal(error: Error, provider: String, want: Want) -> Respond {
    let respond = Respond::refusal_with(error.clone(), want.failure_fields());
    Respond { events: vec![Event::ProviderRequestFailed { provider, error }], ..respond }
}

impl Exchange {
    /// Opens the tokens that a browser carries for a provider.
    pub(super) fn provider_tokens(
        &self,
        provider: &str,
        session: &Session,
        headers: &HeaderMap,
    ) -> Result<ProviderTokens, RequestError> {
        let owner = Owner { provider, session };
        Ok(self.incoming(headers).provider_tokens(owner).map(|(tokens, _)| tokens)?)
    }

    /// Makes the cookies of the session's own tokens anew, so that they live as long as the session that was renewed.
    pub(super) fn tokens_again(&mut self, session: &Session, headers: &HeaderMap) -> Vec<SetCookie> {
        let Some(provider) = session.provider.clone() else { return Vec::new() };
        let Ok(tokens) = self.provider_tokens(&provider, session, headers) else { return Vec::new() };
        self.provider_tokens_cookies(&provider, &tokens, session).unwrap_or_default()
    }

    /// Makes the cookies of a provider's tokens.
    pub(super) fn provider_tokens_cookies(
        &mut self,
        provider: &str,
        tokens: &ProviderTokens,
        session: &Session,
    ) -> Result<Vec<SetCookie>, Refused> {
        let iv = self.entropy.draw(Draw::Iv);
        let sealed = tokens.seal(&self.auth.config().keyring, iv, Owner { provider, session })?;
        self.cookies().access_token(provider).set_chunks(&sealed, &self.sent).map_err(|_| Refused)
    }
}
