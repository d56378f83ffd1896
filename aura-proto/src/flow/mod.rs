//! What happens between a request and its answer? One file a state, each left by consuming it.

mod after;
mod callback;
mod complete;
mod expect_admission;
mod expect_token;
mod expect_userinfo;
mod sign_in;
mod sign_out;
mod status;
mod update_session;

pub(crate) use expect_admission::ExpectAdmission;

use crate::action::Action;
use crate::auth::Auth;
use crate::cookie::parse::Cookies;
use crate::cookie::set::{SameSite, SetCookie};
use crate::csrf;
use crate::entropy::Entropy;
use crate::error::{Error, FetchError, RequestError};
use crate::event::Event;
use crate::jose::Refused;
use crate::oauth::parameters::Parameters;
use crate::origin::Origin;
use crate::provider::ValidProvider;
use crate::redirect::Location;
use crate::response::{Body, Redirect, Respond};
use crate::route::Route;
use crate::session::Session;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

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
    /// What a failed sign-in is answered with.
    reader: Reader,
}

/// Who reads the answer: a person in front of a browser, or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Person,
    Program,
}

impl Reader {
    fn of(headers: &HeaderMap) -> Self {
        let takes_html = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("text/html"));
        if headers.get_all(header::ACCEPT).iter().any(takes_html) { Self::Person } else { Self::Program }
    }
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
        Ok(Self { auth: auth.clone(), origin, entropy, attempts, reader: Reader::of(&head.headers) })
    }

    /// Makes the cookie of a session, which lives as long as the session does.
    fn session_cookie(&mut self, session: &Session, now: UnixTime) -> Result<SetCookie, Refused> {
        let config = self.auth.config();
        let scheme = self.origin.scheme();
        let token = session.seal(config.keyring.newest(), &config.session, &mut self.entropy)?;
        let age = Duration::from_secs(session.expires_at.as_secs().saturating_sub(now.as_secs()));
        let name = config.cookies(scheme).session.clone();
        let cookie = SetCookie::set(name, token, age, SameSite::Lax, scheme);
        if cookie.fits() { Ok(cookie) } else { Err(Refused) }
    }

    /// Checks that a state-changing request comes from a page of this site, and returns who is signed in there. The CSRF
    /// token is the header's, or else the form's.
    fn check_page(
        &self,
        headers: &HeaderMap,
        form: &Parameters<'_>,
        now: UnixTime,
    ) -> Result<Option<Session>, RequestError> {
        let config = self.auth.config();
        csrf::check_site(headers, &self.origin, &config.trusted_origins)?;
        let scheme = self.origin.scheme();
        let session = self.auth.session_on(scheme, headers, now).ok();
        let cookies = Cookies::new(headers).values(&config.cookies(scheme).csrf).unwrap_or_default();
        let header = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
        let presented = header.or_else(|| form.last("csrfToken")).filter(|token| !token.is_empty());
        csrf::check(&config.keyring, &cookies, presented, session.as_ref(), now)?;
        Ok(session)
    }

    /// Ends a sign-in, dropping the cookies given. People are sent to the error page, where there is one.
    fn fail(
        &self,
        error: impl Into<Error>,
        provider: &ValidProvider,
        cookies: impl IntoIterator<Item = SetCookie>,
    ) -> Action {
        let error = error.into();
        let cookies = cookies.into_iter().collect();
        let events = vec![Event::SignInFailed { provider: provider.id.clone(), error: error.clone() }];
        let page = self.auth.config().error_page.as_ref().filter(|_| self.reader == Reader::Person);
        let location = page.and_then(|page| Location::of_error_page(page, error.code()));
        let respond = Respond::refusal(error);
        match location {
            Some(location) => {
                let redirect = Redirect::new(StatusCode::FOUND, location, &Value::Null);
                Action::Redirect(Redirect { body: respond.body, cookies, events, ..redirect })
            }
            None => Action::Respond(Respond { cookies, events, ..respond }),
        }
    }

    fn clear(&self, name: &str, same_site: SameSite) -> SetCookie {
        SetCookie::clear(name.to_owned(), same_site, self.origin.scheme())
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
    pub(crate) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, _now: UnixTime) -> Action {
        match self {
            Self::Token(state) => state.resume(outcome),
            Self::UserInfo(state) => state.resume(outcome),
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
        Route::Session if head.method == Method::PATCH => update_session::update(exchange, head, body, now),
        Route::Session => status::session(exchange, head, now),
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
        Action::Redirect(_) | Action::FetchToken(_) | Action::FetchUserInfo(_) | Action::AdmitUser(_) => {
            action
        }
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

/// Answers a refused `PATCH /session`.
fn update_failure(error: RequestError) -> Action {
    let mut fields = failure_fields(&Route::SignOut);
    fields.insert("session".to_owned(), Value::Null);
    refuse(error, fields)
}

fn refuse(error: RequestError, fields: Map<String, Value>) -> Action {
    Action::Respond(Respond::refusal_with(error, fields))
}
