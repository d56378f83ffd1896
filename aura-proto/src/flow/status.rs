//! Who is signed in, and which CSRF token goes with it?

use super::{Exchange, refuse};
use crate::action::Action;
use crate::cookie::parse::Cookies;
use crate::cookie::set::{SameSite, SetCookie};
use crate::csrf::{self, Bound, CsrfToken};
use crate::error::RequestError;
use crate::event::Event;
use crate::response::Respond;
use crate::session::SessionError;
use crate::time::UnixTime;
use http::{StatusCode, request};
use serde_json::{Map, json};

/// Answers `GET /session`.
pub(super) fn session(exchange: &Exchange, head: &request::Parts, now: UnixTime) -> Action {
    let scheme = exchange.origin.scheme();
    let error = match exchange.auth.session_on(scheme, &head.headers, now) {
        Ok(session) => return Action::Respond(Respond::new(StatusCode::OK, &session.to_json())),
        Err(error) => error,
    };
    let mut respond = Respond::refusal(error);
    respond.cookies.push(exchange.clear(&exchange.auth.config().cookies(scheme).session, SameSite::Lax));
    respond.events = match error {
        SessionError::Missing => Vec::new(),
        SessionError::Invalid
        | SessionError::Expired
        | SessionError::Ambiguous
        | SessionError::UnknownHost => {
            vec![Event::SessionRejected { error: error.into() }]
        }
    };
    Action::Respond(respond)
}

/// Answers `GET /csrfToken`: with the token that the browser has, if it belongs to who is signed in, else with a new one.
pub(super) fn csrf_token(mut exchange: Exchange, head: &request::Parts, now: UnixTime) -> Action {
    let auth = exchange.auth.clone();
    let config = auth.config();
    let scheme = exchange.origin.scheme();
    let name = &config.cookies(scheme).csrf;
    let session = auth.session_on(scheme, &head.headers, now).ok();
    let bound = Bound::to(session.as_ref());
    let usable = |token: &&str| {
        CsrfToken::open(&config.keyring, token, now).is_ok_and(|opened| opened.is_bound(&bound))
    };
    let known = Cookies::new(&head.headers).values(name).unwrap_or_default().into_iter().find(usable);
    let (token, events) = match known {
        Some(token) => (token.to_owned(), Vec::new()),
        None => match csrf::issue(&config.keyring, &mut exchange.entropy, &bound, now) {
            Ok(token) => (token, vec![Event::CsrfTokenIssued]),
            // Cannot fail: the claims are plain text.
            Err(_) => return refuse(RequestError::CsrfTokenMissing, Map::new()),
        },
    };
    let mut respond = Respond::new(StatusCode::OK, &json!({ "csrfToken": token }));
    respond.cookies.push(SetCookie::set(name.clone(), token, csrf::MAX_AGE, SameSite::Strict, scheme));
    respond.events = events;
    Action::Respond(respond)
}
