//! What happens between a request and its answer? One file a state, each left by consuming it.

mod after;
mod callback;
mod complete;
mod exchange;
mod expect_admission;
mod expect_profile;
mod expect_refresh;
mod expect_revocation;
mod expect_token;
mod expect_userinfo;
mod provider;
mod seal_anew;
mod sign_in;
mod sign_out;
mod status;
mod update_session;

pub(crate) use expect_admission::ExpectAdmission;

use exchange::Exchange;
use provider::Want;

use crate::action::Action;
use crate::auth::Auth;
use crate::entropy::Entropy;
use crate::error::{Error, FetchError, RequestError};
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

    /// Tells whether an answer may serve another flow.
    pub(crate) fn keeps(&self, _response: &Response<Bytes>) -> bool {
        match self {
            Self::Token(_)
            | Self::UserInfo(_)
            | Self::Refresh(_)
            | Self::Profile(_)
            | Self::Revocation(_) => false,
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
