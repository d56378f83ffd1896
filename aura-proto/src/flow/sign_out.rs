//! A page wants to sign out: check that it is a page of this site, then clear every cookie of ours.

use super::after::{After, Done};
use super::{Exchange, refuse};
use crate::action::Action;
use crate::error::{InvalidParameter, ParameterIssue, RequestError};
use crate::event::Event;
use crate::oauth::parameters::Parameters;
use crate::route::Route;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{StatusCode, header, request};
use serde::de::IgnoredAny;
use serde_json::Map;

/// Answers `POST /signOut`.
pub(super) fn sign_out(exchange: &Exchange, head: &request::Parts, body: &Bytes, now: UnixTime) -> Action {
    end(exchange, head, body, now).unwrap_or_else(|error| refuse(error, &Route::SignOut))
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
) -> Result<Action, RequestError> {
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
    let events = vec![Event::SignedOut { sub: session.map(|session| session.user.sub) }];
    let body = Map::from_iter([("message".to_owned(), "Signed out successfully".into())]);
    Ok(after.answer(Done { status: StatusCode::ACCEPTED, body, cookies, events }))
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
