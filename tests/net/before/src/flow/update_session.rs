//! A page wants to change its session: only what is editable changes, and only for who is signed in.

use super::Exchange;
use super::after::{After, Done};
use super::exchange::NoCookies;
use crate::action::Action;
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::oauth::parameters::Parameters;
use crate::response::Respond;
use crate::session::update::SessionUpdate;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{StatusCode, request};
use serde_json::{Map, json};

/// Answers `PATCH /session`.
pub(super) fn update(exchange: Exchange, head: &request::Parts, body: &Bytes, now: UnixTime) -> Action {
    apply(exchange, head, body, now).unwrap_or_else(|error| {
        let members = json!({ "success": false, "session": null, "redirect": false, "redirectURL": null });
        Action::Respond(Respond::refusal_with(error, members.as_object().cloned().unwrap_or_default()))
    })
}

fn apply(
    mut exchange: Exchange,
    head: &request::Parts,
    body: &Bytes,
    now: UnixTime,
) -> Result<Action, Error> {
    let query = Parameters::parse(head.uri.query().unwrap_or_default().as_bytes());
    let no_form = Parameters::parse(b"");
    let after = After::parse(&exchange, &query, &no_form)?;
    let wanted = SessionUpdate::parse(body, now)?;
    let session = exchange.check_page(&head.headers, &no_form, now)?;
    let session = session.ok_or(RequestError::SessionMissing)?;

    let auth = exchange.auth.clone();
    let policy = &auth.config().session;
    let updated = wanted.apply(&session, policy, now)?;
    let (mut cookies, mut events) = (Vec::new(), Vec::new());
    if updated != session {
        cookies = exchange.session_cookies(&updated).map_err(|reason| match reason {
            NoCookies::TooLong => RequestError::SessionTooLarge.into(),
            NoCookies::Unsigned => Error::from(reason),
        })?;
        cookies.extend(exchange.tokens_again(&updated, &head.headers));
        events.push(Event::SessionUpdated { sub: updated.user.sub.clone() });
    }
    let body = Map::from_iter([("session".to_owned(), updated.to_json(policy))]);
    Ok(after.answer(Done { status: StatusCode::OK, body, cookies, events }))
}
