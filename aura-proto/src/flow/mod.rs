//! What happens between a request and its answer? One file a state, each left by consuming it.

mod after;
pub(crate) mod attempt;
mod backchannel;
mod callback;
mod complete;
mod exchange;
mod expect_admission;
mod expect_discovery;
mod expect_jwks;
mod expect_profile;
mod expect_pushed_request;
mod expect_refresh;
mod expect_revocation;
mod expect_token;
mod expect_userinfo;
mod form_post;
mod provider;
mod seal_anew;
mod sign_in;
mod sign_out;
mod signed_out;
mod status;
mod update_session;

pub(crate) use expect_admission::ExpectAdmission;

use exchange::Exchange;
use provider::Want;

use crate::action::Action;
use crate::auth::Auth;
use crate::entropy::Entropy;
use crate::error::{Error, FetchError, RequestError};
use crate::provider::ResponseMode;
use crate::response::Respond;
use crate::route::Route;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{Method, Response, request};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A flow that waits for a provider.
#[derive(Debug)]
pub(crate) enum Waiting {
    Discovery(Box<expect_discovery::ExpectDiscovery>),
    Jwks(Box<expect_jwks::ExpectJwks>),
    PushedRequest(Box<expect_pushed_request::ExpectPushedRequest>),
    Token(Box<expect_token::ExpectToken>),
    UserInfo(Box<expect_userinfo::ExpectUserInfo>),
    Refresh(Box<expect_refresh::ExpectRefresh>),
    Profile(Box<expect_profile::ExpectProfile>),
    Revocation(Box<expect_revocation::ExpectRevocation>),
}

impl Waiting {
    pub(crate) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        match self {
            Self::Discovery(state) => state.resume(outcome, now),
            Self::Jwks(state) => state.resume(outcome, now),
            Self::PushedRequest(state) => state.resume(outcome),
            Self::Token(state) => state.resume(outcome, now),
            Self::UserInfo(state) => state.resume(outcome, now),
            Self::Refresh(state) => state.resume(outcome, now),
            Self::Profile(state) => state.resume(outcome, now),
            Self::Revocation(state) => state.resume(outcome, now),
        }
    }

    /// Tells whether an answer may serve another flow.
    pub(crate) fn keeps(&self, response: &Response<Bytes>) -> bool {
        match self {
            Self::Discovery(state) => state.keeps(response),
            Self::Jwks(_) => expect_jwks::ExpectJwks::keeps(response),
            Self::PushedRequest(_)
            | Self::Token(_)
            | Self::UserInfo(_)
            | Self::Refresh(_)
            | Self::Profile(_)
            | Self::Revocation(_) => false,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Discovery(_) => "ExpectDiscovery",
            Self::Jwks(_) => "ExpectJwks",
            Self::PushedRequest(_) => "ExpectPushedRequest",
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
    if !takes(auth, &route, &head.method) {
        let mut respond = refusal(Some(&route), RequestError::MethodNotAllowed);
        respond.allow = Some(allow(auth, &route));
        return Action::Respond(respond);
    }
    if body.len() > Auth::MAX_BODY {
        return refuse(RequestError::BodyTooLarge, &route);
    }
    let exchange = match Exchange::new(auth, head, entropy) {
        Ok(exchange) => exchange,
        Err(error) => return refuse(error, &route),
    };
    let Some(id) = route.provider() else { return answer(exchange, &route, head, body, now) };
    let provider = match auth.config().providers.get(id) {
        Some(provider) => Arc::clone(provider),
        None => return refuse(RequestError::UnknownProvider, &route),
    };
    match &route {
        Route::SignIn { .. } => sign_in::begin(exchange, provider, head, now),
        Route::Callback { .. } if head.method == Method::POST => {
            form_post::go_home(&exchange, &provider, body)
        }
        Route::Callback { .. } => callback::begin(exchange, provider, head, now),
        Route::BackchannelLogout { .. } => backchannel::begin(provider, body, now),
        Route::Provider { .. }
        | Route::Tokens { .. }
        | Route::Revoke { .. }
        | Route::RefreshUser { .. }
        | Route::Session
        | Route::CsrfToken
        | Route::SignOut
        | Route::SignedOut => {
            provider::begin(exchange, provider, Want::of(&route, &head.method), &head.headers, now)
        }
    }
}

/// Answers a request that names no provider.
fn answer(exchange: Exchange, route: &Route, head: &request::Parts, body: &Bytes, now: UnixTime) -> Action {
    match route {
        Route::Session if head.method == Method::PATCH => update_session::update(exchange, head, body, now),
        Route::Session => status::session(exchange, head, now),
        Route::CsrfToken => status::csrf_token(exchange, head, now),
        Route::SignOut => sign_out::sign_out(exchange, head, body, now),
        Route::SignedOut => signed_out::signed_out(&exchange, head, now),
        Route::SignIn { .. }
        | Route::Callback { .. }
        | Route::BackchannelLogout { .. }
        | Route::Provider { .. }
        | Route::Tokens { .. }
        | Route::Revoke { .. }
        | Route::RefreshUser { .. } => refuse(RequestError::UnknownProvider, route),
    }
}

/// The methods of a route: a callback takes `POST` where its provider answers by a form.
fn allow(auth: &Auth, route: &Route) -> &'static str {
    let posts = |oauth: &String| {
        let provider = auth.config().providers.get(oauth);
        provider.is_some_and(|provider| provider.response_mode() == ResponseMode::FormPost)
    };
    match route {
        Route::Callback { oauth } if posts(oauth) => "GET, POST",
        Route::Callback { .. }
        | Route::SignIn { .. }
        | Route::BackchannelLogout { .. }
        | Route::Session
        | Route::CsrfToken
        | Route::SignOut
        | Route::SignedOut
        | Route::Provider { .. }
        | Route::Tokens { .. }
        | Route::Revoke { .. }
        | Route::RefreshUser { .. } => route.allow(),
    }
}

fn takes(auth: &Auth, route: &Route, method: &Method) -> bool {
    allow(auth, route).split(", ").any(|allowed| allowed == method.as_str())
}

/// Answers a `HEAD` request as its `GET`, but for the body, whose length is told (RFC 9110 section 9.3.2).
pub(crate) fn without_body(action: Action) -> Action {
    match action {
        Action::Respond(respond) => Action::Respond(Respond { body: respond.body.omitted(), ..respond }),
        Action::Redirect(_)
        | Action::FetchDiscovery(_)
        | Action::FetchJwks(_)
        | Action::FetchPushedRequest(_)
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
        Route::Session => {
            json!({ "success": false, "session": null, "redirect": false, "redirectURL": null })
        }
        Route::Callback { .. } | Route::CsrfToken | Route::SignedOut | Route::BackchannelLogout { .. } => {
            Value::Null
        }
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
