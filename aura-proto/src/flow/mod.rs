//! What happens between a request and its answer? One file a state, each left by consuming it.

mod callback;
mod complete;
mod expect_token;
mod expect_userinfo;
mod sign_in;
mod sign_out;
mod status;

use crate::action::Action;
use crate::auth::Auth;
use crate::cookie::parse::Cookies;
use crate::cookie::set::{SameSite, SetCookie};
use crate::entropy::Entropy;
use crate::error::{Error, FetchError, RequestError};
use crate::event::Event;
use crate::origin::Origin;
use crate::provider::ValidProvider;
use crate::response::{Body, Respond};
use crate::route::Route;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{Response, request};
use serde_json::{Map, Value};
use std::sync::Arc;

/// How many attempt cookies of one request are looked at; the rest run out by themselves.
const MAX_ATTEMPT_COOKIES: usize = 20;

/// What every state of a flow carries along.
#[derive(Debug)]
struct Exchange {
    auth: Auth,
    /// The public origin, which decides the names of the cookies.
    origin: Origin,
    entropy: Entropy,
    /// The names of the attempt cookies that the browser sent.
    attempts: Vec<String>,
    /// What to report beside the end of the flow.
    notices: Vec<Event>,
}

impl Exchange {
    fn new(auth: &Auth, head: &request::Parts, entropy: Entropy) -> Result<Self, RequestError> {
        let origin = auth.public_origin(head)?;
        let names = auth.config().cookies(origin.scheme());
        let mut attempts = Vec::new();
        for (name, _) in Cookies::new(&head.headers).pairs() {
            if attempts.len() < MAX_ATTEMPT_COOKIES
                && names.is_attempt(name)
                && !attempts.iter().any(|one| one == name)
            {
                attempts.push(name.to_owned());
            }
        }
        Ok(Self { auth: auth.clone(), origin, entropy, attempts, notices: Vec::new() })
    }

    fn clear(&self, name: &str, same_site: SameSite) -> SetCookie {
        SetCookie::clear(name.to_owned(), same_site, self.origin.scheme())
    }

    /// Adds the notices to the events of an action that ends the flow.
    fn report(&self, mut action: Action) -> Action {
        let events = match &mut action {
            Action::Redirect(redirect) => &mut redirect.events,
            Action::Respond(respond) => &mut respond.events,
            Action::FetchToken(_) | Action::FetchUserInfo(_) => return action,
        };
        events.splice(..0, self.notices.iter().cloned());
        action
    }

    fn clear_attempts(&self) -> impl Iterator<Item = SetCookie> {
        self.attempts.iter().map(|name| self.clear(name, SameSite::Lax))
    }
}

/// A flow that waits for a provider.
#[derive(Debug)]
pub(crate) enum Waiting {
    Token(Box<expect_token::ExpectToken>),
    UserInfo(Box<expect_userinfo::ExpectUserInfo>),
}

impl Waiting {
    pub(crate) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        match self {
            Self::Token(state) => state.resume(outcome, now),
            Self::UserInfo(state) => state.resume(outcome, now),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "ExpectToken",
            Self::UserInfo(_) => "ExpectUserInfo",
        }
    }
}

/// Answers a request, or takes the first step of a flow.
pub(crate) fn begin(
    auth: &Auth,
    head: &request::Parts,
    body: &Bytes,
    now: UnixTime,
    entropy: Entropy,
) -> Action {
    let Some(route) = auth.route(head.uri.path()) else {
        return refuse(RequestError::NotFound, Map::new());
    };
    if !route.takes(&head.method) {
        let mut respond = Respond::refusal(RequestError::MethodNotAllowed);
        respond.allow = Some(route.allow());
        return Action::Respond(respond);
    }
    let begun = Exchange::new(auth, head, entropy);
    let exchange = match begun {
        Ok(exchange) => exchange,
        Err(error) => return refuse(error, failure_fields(&route)),
    };
    match &route {
        Route::SignIn { oauth } => match find_provider(auth, oauth) {
            Some(provider) => sign_in::begin(exchange, &provider, head, now),
            None => refuse(RequestError::UnknownProvider, failure_fields(&route)),
        },
        Route::Callback { oauth } => match find_provider(auth, oauth) {
            Some(provider) => callback::begin(exchange, provider, head, now),
            None => refuse(RequestError::UnknownProvider, failure_fields(&route)),
        },
        Route::Session => status::session(&exchange, head, now),
        Route::CsrfToken => status::csrf_token(exchange, head, now),
        Route::SignOut => sign_out::sign_out(&exchange, head, body, now),
    }
}

fn find_provider(auth: &Auth, id: &str) -> Option<Arc<ValidProvider>> {
    auth.config().providers.get(id).map(Arc::clone)
}

/// Answers a `HEAD` request as its `GET`, but for the body.
pub(crate) fn without_body(action: Action) -> Action {
    match action {
        Action::Respond(respond) => Action::Respond(Respond { body: Body::Empty, ..respond }),
        Action::Redirect(_) | Action::FetchToken(_) | Action::FetchUserInfo(_) => action,
    }
}

/// The members that a route's failures have beside those of every error.
fn failure_fields(route: &Route) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut add = |name: &str, value| fields.insert(name.to_owned(), value);
    match route {
        Route::SignIn { .. } => {
            add("success", Value::Bool(false));
            add("redirect", Value::Bool(false));
            add("signInURL", Value::Null);
        }
        Route::SignOut => {
            add("success", Value::Bool(false));
            add("redirect", Value::Bool(false));
            add("redirectURL", Value::Null);
        }
        Route::Session => {
            add("success", Value::Bool(false));
            add("session", Value::Null);
        }
        Route::Callback { .. } | Route::CsrfToken => {}
    }
    fields
}

fn refuse(error: RequestError, fields: Map<String, Value>) -> Action {
    Action::Respond(Respond::refusal_with(error, fields))
}

/// Ends a sign-in that had been begun, dropping the cookies given.
fn fail(
    error: impl Into<Error>,
    provider: &ValidProvider,
    cookies: impl IntoIterator<Item = SetCookie>,
) -> Action {
    let error = error.into();
    let mut respond = Respond::refusal(error.clone());
    respond.cookies.extend(cookies);
    respond.events = vec![Event::SignInFailed { provider: provider.id.clone(), error }];
    Action::Respond(respond)
}
