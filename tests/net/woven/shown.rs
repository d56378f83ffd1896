//! Tells what goes into the core and what comes out, to the last byte. What `Debug` redacts is spelled out.

use crate::recorder::{Call, Part};
use crate::{
    Action, Admission, Connection, Entropy, Fetch, FetchError, ProviderTokens, ProviderTokensError,
    RequestHead, UnixTime,
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use std::fmt::Debug;
use std::io::Write;

/// Begins `Auth::handle`.
pub(crate) fn handle(request: &Request<Bytes>, now: UnixTime, entropy: &Entropy) -> Call {
    Call::begin(Part::First, "handle", |text| {
        show_request(text, request);
        show(text, &(now, entropy.recorded()));
    })
}

/// Begins `Pending::resume`.
pub(crate) fn resume(outcome: &Result<Response<Bytes>, FetchError>, now: UnixTime) -> Call {
    Call::begin(Part::Next, "resume", |text| {
        match outcome {
            Ok(response) => show_response(text, response),
            Err(error) => show(text, error),
        }
        show(text, &now);
    })
}

/// Begins `PendingAdmission::resume`.
pub(crate) fn decide(admission: &Admission, now: UnixTime) -> Call {
    Call::begin(Part::Next, "decide", |text| show(text, &(admission, now)))
}

/// Begins `Pending::keeps`.
pub(crate) fn keeps(response: &Response<Bytes>) -> Call {
    Call::begin(Part::Aside, "keeps", |text| show_response(text, response))
}

/// Begins what an application asks about a request.
pub(crate) fn head(name: &'static str, about: &str, request: &RequestHead<'_>, now: UnixTime) -> Call {
    Call::begin(Part::Alone, name, |text| {
        show(text, &(about, now));
        show(text, request);
        show_headers(text, request.headers);
    })
}

/// Begins `Auth::refuse`.
pub(crate) fn refuse(path: &str, error: &impl Debug) -> Call {
    Call::begin(Part::Alone, "refuse", |text| show(text, &(path, error)))
}

/// Ends a call that gives an action.
pub(crate) fn action(call: Call, action: &Action) {
    call.end(|text| match action {
        Action::FetchDiscovery(fetch) => show_fetch(text, "FetchDiscovery", fetch),
        Action::FetchJwks(fetch) => show_fetch(text, "FetchJwks", fetch),
        Action::FetchPushedRequest(fetch) => show_fetch(text, "FetchPushedRequest", fetch),
        Action::FetchToken(fetch) => show_fetch(text, "FetchToken", fetch),
        Action::FetchUserInfo(fetch) => show_fetch(text, "FetchUserInfo", fetch),
        Action::FetchRevocation(fetch) => show_fetch(text, "FetchRevocation", fetch),
        Action::AdmitUser(question) => {
            show(text, &question.candidate);
            show(text, &question.candidate.userinfo.to_string());
        }
        Action::Redirect(redirect) => {
            show_response(text, &redirect.clone().into_response());
            show_events(text, &redirect.events);
        }
        Action::Respond(respond) => show_respond(text, respond),
    });
}

/// Ends a call that gives an answer.
pub(crate) fn respond(call: Call, respond: &crate::Respond) {
    call.end(|text| show_respond(text, respond));
}

/// Ends a call that gives a provider's tokens.
pub(crate) fn tokens(call: Call, tokens: &Result<ProviderTokens, ProviderTokensError>) {
    call.end(|text| {
        show(text, tokens);
        if let Ok(tokens) = tokens {
            let refresh_token = tokens.refresh_token.as_ref().map(|token| token.expose());
            let id_token = tokens.id_token.as_ref().map(|token| token.expose());
            show(text, &(tokens.access_token.expose(), refresh_token, id_token));
        }
    });
}

/// Ends a call that gives anything else.
pub(crate) fn any(call: Call, output: &impl Debug) {
    call.end(|text| show(text, output));
}

/// Ends a call that fails, or gives what need not look the same.
pub(crate) fn failure<T, E: Debug>(call: Call, output: &Result<T, E>) {
    call.end(|text| show(text, &output.as_ref().err()));
}

fn show(text: &mut Vec<u8>, value: &(impl Debug + ?Sized)) {
    writeln!(text, "{value:?}").expect("memory takes all");
}

fn show_headers(text: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        text.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
}

fn show_request(text: &mut Vec<u8>, request: &Request<Bytes>) {
    show(text, &(request.method(), request.uri().to_string(), request.extensions().get::<Connection>()));
    show_headers(text, request.headers());
    text.extend_from_slice(&[b"\n", request.body().as_ref(), b"\n"].concat());
}

fn show_response(text: &mut Vec<u8>, response: &Response<Bytes>) {
    show(text, &response.status());
    show_headers(text, response.headers());
    text.extend_from_slice(&[b"\n", response.body().as_ref(), b"\n"].concat());
}

fn show_fetch(text: &mut Vec<u8>, name: &str, fetch: &Fetch) {
    show(text, &(name, fetch.timeout, fetch.max_response, fetch.caching));
    show_request(text, &fetch.request);
}

fn show_respond(text: &mut Vec<u8>, respond: &crate::Respond) {
    show_response(text, &respond.clone().into_response());
    show_events(text, &respond.events);
}

fn show_events(text: &mut Vec<u8>, events: &[crate::Event]) {
    for event in events {
        show(text, &(event.name(), event.severity(), event));
    }
}
