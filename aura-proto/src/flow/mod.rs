//! What happens between a request and its answer? One file a state, each left by consuming it.

mod after;
mod callback;
mod complete;
mod expect_admission;
mod expect_profile;
mod expect_refresh;
mod expect_revocation;
mod expect_token;
mod expect_userinfo;
mod provider;
mod sign_in;
mod sign_out;
mod status;
mod update_session;

pub(crate) use expect_admission::ExpectAdmission;

use provider::Want;

use crate::action::Action;
use crate::auth::Auth;
use crate::cookie::CookieTable;
use crate::cookie::chunks::Sent;
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::csrf;
use crate::entropy::Entropy;
use crate::error::{Error, FetchError, RequestError};
use crate::event::Event;
use crate::jose::Refused;
use crate::oauth::parameters::Parameters;
use crate::origin::Origin;
use crate::provider::ValidProvider;
use crate::redirect::Location;
use crate::response::{Redirect, Respond};
use crate::route::Route;
use crate::session::Session;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How many attempt cookies of one request are looked at. This site leaves five; more were planted, and run out.
const MAX_ATTEMPT_COOKIES: usize = 50;

/// What every state of a flow carries along.
#[derive(Debug)]
struct Exchange {
    auth: Auth,
    /// The public origin, which decides the names of the cookies.
    origin: Origin,
    entropy: Entropy,
    /// The names of the attempt cookies that the browser sent.
    attempts: Vec<String>,
    /// The names of the other cookies of ours that an answer may have to clear.
    sent: Sent,
    /// What to report beside the end of the flow.
    notices: Vec<Event>,
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
        let is_provider = |id: &str| auth.config().providers.contains_key(id);
        let sent = Sent::new(Cookies::new(&head.headers), names, is_provider);
        let reader = Reader::of(&head.headers);
        Ok(Self { auth: auth.clone(), origin, entropy, attempts, sent, notices: Vec::new(), reader })
    }

    /// Makes the cookies of a session.
    fn session_cookies(&mut self, session: &Session) -> Result<Vec<SetCookie>, Refused> {
        let auth = self.auth.clone();
        let config = auth.config();
        let token = session.seal(config.keyring.newest(), &config.session, &mut self.entropy)?;
        self.cookies().session.set_chunks(&token, &self.sent).map_err(|_| Refused)
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
        let cookies = Cookies::new(headers).values(&self.cookies().csrf.name).unwrap_or_default();
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
        let mut events = self.notices.clone();
        events.push(Event::SignInFailed { provider: provider.id.clone(), error: error.clone() });
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

    fn cookies(&self) -> &CookieTable {
        self.auth.config().cookies(self.origin.scheme())
    }

    fn clear_attempts(&self) -> impl Iterator<Item = SetCookie> {
        self.attempts.iter().map(|name| self.cookies().clear_attempt(name))
    }
}

/// A flow that waits for a provider.
#[derive(Debug)]
pub(crate) enum Waiting {
    Token(Box<expect_token::ExpectToken>),
    UserInfo(Box<expect_userinfo::ExpectUserInfo>),
    Refresh(Box<expect_refresh::ExpectRefresh>),
    Profile(Box<expect_profile::ExpectProfile>),
    Revocation(Box<expect_revocation::ExpectRevocation>),
}

impl Waiting {
    pub(crate) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        match self {
            Self::Token(state) => state.resume(outcome, now),
            Self::UserInfo(state) => state.resume(outcome),
            Self::Refresh(state) => state.resume(outcome, now),
            Self::Profile(state) => state.resume(outcome),
            Self::Revocation(state) => state.resume(outcome),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "ExpectToken",
            Self::UserInfo(_) => "ExpectUserInfo",
            Self::Refresh(_) => "ExpectRefresh",
            Self::Profile(_) => "ExpectProfile",
            Self::Revocation(_) => "ExpectRevocation",
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
        return Action::Respond(Respond::refusal(RequestError::NotFound));
    };
    if !route.takes(&head.method) {
        let mut respond = refusal(Some(&route), RequestError::MethodNotAllowed);
        respond.allow = Some(route.allow());
        return Action::Respond(respond);
    }
    let begun = Exchange::new(auth, head, entropy);
    let exchange = match begun {
        Ok(exchange) => exchange,
        Err(error) => return refuse(error, &route),
    };
    let find =
        |id: &str| auth.config().providers.get(id).map(Arc::clone).ok_or(RequestError::UnknownProvider);
    let headers = &head.headers;
    let answered = match &route {
        Route::SignIn { oauth } => find(oauth).map(|provider| sign_in::begin(exchange, &provider, head, now)),
        Route::Callback { oauth } => {
            find(oauth).map(|provider| callback::begin(exchange, provider, head, now))
        }
        Route::Session if head.method == Method::PATCH => {
            Ok(update_session::update(exchange, head, body, now))
        }
        Route::Session => Ok(status::session(exchange, head, now)),
        Route::CsrfToken => Ok(status::csrf_token(exchange, head, now)),
        Route::SignOut => Ok(sign_out::sign_out(&exchange, head, body, now)),
        Route::Provider { oauth }
        | Route::Tokens { oauth }
        | Route::Revoke { oauth }
        | Route::RefreshUser { oauth } => {
            let want = Want::of(&route, &head.method);
            find(oauth).map(|provider| provider::begin(exchange, provider, want, headers, now))
        }
    };
    answered.unwrap_or_else(|error| refuse(error, &route))
}

/// Answers a `HEAD` request as its `GET`, but for the body, whose length is told (RFC 9110 section 9.3.2).
pub(crate) fn without_body(action: Action) -> Action {
    match action {
        Action::Respond(respond) => Action::Respond(Respond { body: respond.body.omitted(), ..respond }),
        Action::Redirect(_)
        | Action::FetchToken(_)
        | Action::FetchUserInfo(_)
        | Action::FetchRevocation(_)
        | Action::AdmitUser(_) => action,
    }
}

/// The members that a route's failures have beside those of every error.
fn failure_fields(route: &Route, error: &Error) -> Map<String, Value> {
    let members = match route {
        Route::SignIn { .. } => json!({
            "success": false, "redirect": false, "signInURL": null,
            "error": { "code": error.code(), "message": error.message() },
        }),
        Route::SignOut => json!({ "success": false, "redirect": false, "redirectURL": null }),
        Route::Session => json!({ "success": false, "session": null }),
        Route::Callback { .. } | Route::CsrfToken => Value::Null,
        Route::Provider { .. } | Route::Tokens { .. } | Route::Revoke { .. } | Route::RefreshUser { .. } => {
            return Want::of(route, &Method::GET).failure_fields();
        }
    };
    match members {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// Answers a request that a route refuses.
fn refuse(error: impl Into<Error>, route: &Route) -> Action {
    Action::Respond(refusal(Some(route), error))
}

/// Makes that answer, for any path.
pub(crate) fn refusal(route: Option<&Route>, error: impl Into<Error>) -> Respond {
    let error = error.into();
    let fields = route.map(|route| failure_fields(route, &error)).unwrap_or_default();
    Respond::refusal_with(error, fields)
}
