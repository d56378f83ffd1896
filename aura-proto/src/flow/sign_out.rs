//! A page wants to sign out: check that it is a page of this site, then clear every cookie of ours.

use super::sign_in::{redirect_to, wants_redirect};
use super::{Exchange, failure_fields, refuse};
use crate::action::Action;
use crate::cookie::parse::Cookies;
use crate::csrf;
use crate::error::{InvalidParameter, ParameterIssue, RequestError};
use crate::event::Event;
use crate::oauth::parameters::Parameters;
use crate::redirect::RedirectTo;
use crate::response::{Redirect, Respond};
use crate::route::Route;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{StatusCode, header, request};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// Answers `POST /signOut`.
pub(super) fn sign_out(exchange: &Exchange, head: &request::Parts, body: &Bytes, now: UnixTime) -> Action {
    let ended = read_form(head, body).and_then(|form| end(exchange, head, &Parameters::parse(form), now));
    ended.unwrap_or_else(|error| refuse(error, failure_fields(&Route::SignOut)))
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
    form: &Parameters<'_>,
    now: UnixTime,
) -> Result<Action, RequestError> {
    let config = exchange.auth.config();
    let query = Parameters::parse(head.uri.query().unwrap_or_default().as_bytes());
    check_hint(&query, form)?;
    let redirect =
        wants_redirect(&query).map_err(|invalid| RequestError::InvalidParameters(vec![invalid]))?;
    csrf::check_site(&head.headers, &exchange.origin, &config.trusted_origins)?;

    let scheme = exchange.origin.scheme();
    let names = config.cookies(scheme);
    let session = exchange.auth.session_on(scheme, &head.headers, now).ok();
    let cookies = Cookies::new(&head.headers).values(&names.csrf.name).unwrap_or_default();
    let header = head.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    let presented = header.or_else(|| form.last("csrfToken")).filter(|token| !token.is_empty());
    csrf::check(&config.keyring, &cookies, presented, session.as_ref(), now)?;

    let target = redirect_to(&query).or_else(|| redirect_to(form));
    let target = target.map(|target| RedirectTo::parse(target, &exchange.origin, &config.trusted_origins));
    let mut cleared = vec![names.csrf.clear()];
    cleared.extend(names.session.clear_chunks(&exchange.sent));
    cleared.extend(names.clear_access_tokens(&exchange.sent));
    cleared.extend(exchange.clear_attempts());
    let events = vec![Event::SignedOut { sub: session.map(|session| session.user.sub) }];
    let action = match target.as_ref().and_then(RedirectTo::to_location) {
        Some(location) if redirect => {
            let body = json!({ "success": true, "redirect": true, "redirectURL": null });
            let redirect = Redirect::new(StatusCode::SEE_OTHER, location, &body);
            Action::Redirect(Redirect { cookies: cleared, events, ..redirect })
        }
        Some(_) | None => {
            let url = target.as_ref().map_or(Value::Null, |target| target.as_str().into());
            let body = json!({ "success": true, "redirect": false, "redirectURL": url, "message": "Signed out successfully" });
            Action::Respond(Respond { cookies: cleared, events, ..Respond::new(StatusCode::ACCEPTED, &body) })
        }
    };
    Ok(action)
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
