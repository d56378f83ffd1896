//! Who is signed in, and which CSRF token goes with it?

use super::{Exchange, refuse};
use crate::action::Action;
use crate::cookie::parse::Cookies;
use crate::csrf::{self, Bound, CsrfToken};
use crate::error::RequestError;
use crate::event::Event;
use crate::response::Respond;
use crate::route::Route;
use crate::session::{OpenedSession, SessionError};
use crate::time::UnixTime;
use http::{HeaderMap, StatusCode, request};
use serde_json::{Value, json};

/// Answers `GET /session`. Renews the session where its policy says so, and else seals it anew where an earlier key has.
pub(super) fn session(mut exchange: Exchange, head: &request::Parts, now: UnixTime) -> Action {
    let error = match exchange.incoming(&head.headers).open_session(now) {
        Ok(opened) => return Action::Respond(signed_in(&mut exchange, &opened, &head.headers, now)),
        Err(error) => error,
    };
    let mut respond = Respond::refusal(error);
    let cookie = &exchange.cookies().session;
    // Of two sessions one was planted, for the domain: the one that clears is the user's own, and the other would be
    // left to count.
    let is_planted = error == SessionError::Ambiguous && cookie.is_host_only();
    if !is_planted {
        respond.cookies.extend(cookie.clear_chunks(&exchange.sent));
    }
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

fn signed_in(exchange: &mut Exchange, opened: &OpenedSession, headers: &HeaderMap, now: UnixTime) -> Respond {
    let auth = exchange.auth.clone();
    let (policy, session) = (&auth.config().session, &opened.session);
    let renewed = policy.renewed(session, now);
    // A session that no longer fits into its cookie lives on as it is.
    let renewed = renewed.and_then(|renewed| {
        let mut cookies = exchange.session_cookies(&renewed).ok()?;
        cookies.extend(exchange.tokens_again(&renewed, headers));
        Some((cookies, renewed))
    });
    let current = renewed.as_ref().map_or(session, |(_, renewed)| renewed);
    let mut body = current.to_json(policy);
    if let Some(members) = body.as_object_mut() {
        let nested = Value::Object(members.clone());
        members.insert("success".to_owned(), true.into());
        members.insert("session".to_owned(), nested);
    }
    let mut respond = Respond::new(StatusCode::OK, &body);
    match renewed {
        Some((cookies, renewed)) => {
            respond.cookies = cookies;
            respond.events.push(Event::SessionRenewed { sub: renewed.user.sub });
        }
        None => respond.cookies = exchange.seal_anew(opened, headers),
    }
    respond
}

/// Answers `GET /csrfToken`: with the token that the browser has, if it belongs to who is signed in, else with a new one. One of an
/// earlier key is signed anew.
pub(super) fn csrf_token(mut exchange: Exchange, head: &request::Parts, now: UnixTime) -> Action {
    let auth = exchange.auth.clone();
    let config = auth.config();
    let scheme = exchange.origin.scheme();
    let cookie = &config.cookies(scheme).csrf;
    let session = exchange.incoming(&head.headers).session(now).ok();
    let bound = Bound::to(session.as_ref());
    let usable = |token: &str| {
        let opened =
            CsrfToken::open(&config.keyring, token, now).ok().filter(|token| token.is_bound(&bound))?;
        Some(opened.signed_anew(&config.keyring).unwrap_or_else(|| token.to_owned()))
    };
    let sent = Cookies::new(&head.headers).values(&cookie.name).unwrap_or_default();
    let known = sent.into_iter().find_map(usable);
    let (token, events) = match known {
        Some(token) => (token, Vec::new()),
        None => match csrf::issue(&config.keyring, &mut exchange.entropy, &bound, now) {
            Ok(token) => (token, vec![Event::CsrfTokenIssued]),
            // Cannot fail: the claims are plain text.
            Err(_) => return refuse(RequestError::CsrfTokenMissing, &Route::CsrfToken),
        },
    };
    let mut respond = Respond::new(StatusCode::OK, &json!({ "csrfToken": token }));
    respond.cookies.push(cookie.set(token));
    respond.events = events;
    Action::Respond(respond)
}
