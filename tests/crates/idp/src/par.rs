//! Pushed authorization requests (RFC 9126).

use bytes::Bytes;
use http::Request;
use serde_json::json;

use crate::authentication::authenticate;
use crate::behaviour::PushedAuthorizationRequests;
use crate::entropy::{Entropy, Label};
use crate::error::{AuthorizationError, TokenError, Unanswerable};
use crate::form::Parameters;
use crate::idp::Idp;
use crate::request::{AuthorizationRequest, Refusal};
use crate::response::{self, Response};
use crate::state::{REQUEST_URI_LIFETIME, State};

/// Prefix of every request URI (RFC 9126 section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// Parameters that authenticate the client, and are not part of the pushed request.
const AUTHENTICATION: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// Why a request cannot be pushed (RFC 9126 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PushError {
    Client(TokenError),
    Origin(Unanswerable),
    Request(AuthorizationError),
}

/// Where the parameters of an authorization request were.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Url,
    Pushed { request_uri: String },
}

/// Answers `POST par`.
pub(crate) fn push(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
    entropy: &Entropy,
) -> Response {
    match checked(idp, state, request, now) {
        Ok((client_id, parameters)) => {
            let request_uri = format!("{PREFIX}{}", entropy.derive(Label::RequestUri).as_str());
            state.keep_pushed(&request_uri, client_id, parameters, now);
            response::created(&json!({ "request_uri": request_uri, "expires_in": REQUEST_URI_LIFETIME }))
        }
        Err(PushError::Client(error)) => response::token_error(error),
        Err(PushError::Origin(fault)) => response::authorization_error("invalid_request", &fault.to_string()),
        Err(PushError::Request(error)) => response::authorization_error(error.code(), error.description()),
    }
}

fn checked(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
) -> Result<(String, Parameters), PushError> {
    let parameters = Parameters::from_body(request).map_err(|error| PushError::Client(error.into()))?;
    let client = authenticate(idp, state, request.headers(), &parameters, now).map_err(PushError::Client)?;
    // RFC 9126 section 2.1: request_uri MUST NOT be provided.
    if !matches!(parameters.one("request_uri"), Ok(None)) {
        return Err(PushError::Origin(Unanswerable::UnknownRequestUri));
    }
    // With other authentication than by body, the client_id may be missing there; in a URL it may not.
    let parameters = parameters.without(&AUTHENTICATION).with_default("client_id", client.id());
    match AuthorizationRequest::parse(idp, &parameters) {
        Ok(_) => Ok((client.id().to_owned(), parameters)),
        Err(Refusal::Page(fault)) => Err(PushError::Origin(fault)),
        Err(Refusal::Redirect(_, error)) => Err(PushError::Request(error)),
    }
}

/// Finds the parameters of an authorization request: those of the URL or form, or those pushed before.
pub(crate) fn resolve(
    state: &State,
    parameters: &Parameters,
    now: u64,
) -> Result<(Source, Parameters), Unanswerable> {
    let Some(request_uri) = parameters.one("request_uri")? else {
        return Ok((Source::Url, parameters.clone()));
    };
    let client_id = parameters.one("client_id")?.ok_or(Unanswerable::UnknownClient)?;
    let pushed = state.pushed(request_uri, client_id, now).ok_or(Unanswerable::UnknownRequestUri)?;
    Ok((Source::Pushed { request_uri: request_uri.to_owned() }, pushed.clone()))
}

impl Source {
    /// Tells whether the behaviour requires pushed requests, and this one was not.
    pub(crate) fn is_refused_by(&self, idp: &Idp) -> bool {
        match (self, idp.current_behaviour().pushed_authorization_requests) {
            (Self::Url, PushedAuthorizationRequests::Required) => true,
            (Self::Pushed { .. }, _) | (Self::Url, PushedAuthorizationRequests::Optional) => false,
        }
    }
}
