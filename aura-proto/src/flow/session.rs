//! `GET /session`, `PATCH /session` and `GET /csrfToken`: who is signed in, and the CSRF token that goes with it.

use super::landing::Landing;
use crate::context::{NoCookies, RequestContext};
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::csrf::{self, Bound, CsrfToken};
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::jose::keys::Age;
use crate::provider_tokens::Owner;
use crate::query::Parameters;
use crate::response::{Reply, Respond};
use crate::session::update::SessionUpdate;
use crate::session::{OpenedSession, Session, SessionError};
use crate::time::UnixTime;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// Answers `GET /session`. Renews the session where its policy says so, and else re-protects it under the newest secret.
pub(super) fn read(cx: &mut RequestContext, now: UnixTime) -> Result<Reply, Error> {
    let opened = match cx.incoming().open_session(now) {
        Ok(opened) => opened,
        Err(error) => return Ok(not_signed_in(cx, error)),
    };
    // A session that no longer fits into its cookie lives on as it is.
    let renewed = renew(cx, &opened.session, now);
    let current = renewed.as_ref().unwrap_or(&opened.session);
    let mut body = current.to_json(&cx.config.session);
    if let Some(members) = body.as_object_mut() {
        let nested = Value::Object(members.clone());
        members.insert("success".to_owned(), true.into());
        members.insert("session".to_owned(), nested);
    }
    match renewed {
        Some(renewed) => cx.events.push(Event::SessionRenewed { sub: renewed.user.sub }),
        None => cx.cookies = rotate(cx, &opened),
    }
    Ok(Respond::new(StatusCode::OK, &body).into())
}

fn not_signed_in(cx: &mut RequestContext, error: SessionError) -> Reply {
    let cookie = &cx.table().session;
    // Of two sessions one was planted, for the domain: the one that clears is the user's own, and the other would be
    // left to count.
    let is_planted = error == SessionError::Ambiguous && cookie.is_host_only();
    if !is_planted {
        cx.cookies = cookie.clear_chunks(&cx.sent);
    }
    match error {
        SessionError::Missing => {}
        SessionError::Invalid
        | SessionError::Expired
        | SessionError::Ambiguous
        | SessionError::UnknownHost => cx.events.push(Event::SessionRejected { error: error.into() }),
    }
    Reply::Respond(Respond { events: Vec::new(), ..Respond::refusal(error) })
}

/// Moves the session's end where its policy says so, with its cookies and those of its tokens.
fn renew(cx: &mut RequestContext, session: &Session, now: UnixTime) -> Option<Session> {
    let renewed = cx.config.session.renewed(session, now)?;
    cx.cookies = cx.session_cookies(&renewed).ok()?;
    let tokens = tokens_cookies(cx, &renewed);
    cx.cookies.extend(tokens);
    Some(renewed)
}

/// Makes the cookies of the session's own tokens again, so that they live as long as the session.
fn tokens_cookies(cx: &mut RequestContext, session: &Session) -> Vec<SetCookie> {
    let Some(provider) = session.provider.as_deref() else { return Vec::new() };
    let owner = Owner { provider, session };
    let Ok((tokens, _)) = cx.incoming().provider_tokens(owner) else { return Vec::new() };
    cx.provider_tokens_cookies(&tokens, owner).unwrap_or_default()
}

/// Protects a session that goes on as it is, and its provider tokens, with the newest keys, where they are not. No
/// claim changes, and so neither does the end. What does not fit is left alone: it still opens.
fn rotate(cx: &mut RequestContext, opened: &OpenedSession) -> Vec<SetCookie> {
    let session = opened.earlier.as_ref().and_then(|claims| cx.cookies_of_claims(claims).ok());
    let tokens = rotate_tokens(cx, &opened.session);
    session.into_iter().chain(tokens).flatten().collect()
}

fn rotate_tokens(cx: &mut RequestContext, session: &Session) -> Option<Vec<SetCookie>> {
    let provider = session.provider.as_deref().filter(|_| cx.config.keyring.has_earlier_keys())?;
    let owner = Owner { provider, session };
    match cx.incoming().provider_tokens(owner).ok()? {
        (_, Age::Newest) => None,
        (tokens, Age::Earlier) => cx.provider_tokens_cookies(&tokens, owner).ok(),
    }
}

/// Answers `GET /csrfToken`: with the token that the browser has, if it belongs to who is signed in, else with a new one.
/// One of an earlier key is signed anew.
pub(super) fn csrf_token(cx: &mut RequestContext, now: UnixTime) -> Result<Reply, Error> {
    let session = cx.incoming().session(now).ok();
    let bound = Bound::to(session.as_ref());
    let token = match usable_csrf_token(cx, &bound, now) {
        Some(token) => token,
        None => {
            cx.events.push(Event::CsrfTokenIssued);
            csrf::issue(&cx.config.keyring, &mut cx.entropy, &bound, now)?
        }
    };
    let body = json!({ "csrfToken": token });
    cx.cookies = vec![cx.table().csrf.set(token)];
    Ok(Respond::new(StatusCode::OK, &body).into())
}

fn usable_csrf_token(cx: &RequestContext, bound: &Bound, now: UnixTime) -> Option<String> {
    let keyring = &cx.config.keyring;
    let sent = Cookies::new(cx.headers()).values(&cx.table().csrf.name).unwrap_or_default();
    sent.into_iter().find_map(|token| {
        let opened = CsrfToken::open(keyring, token, now).ok().filter(|token| token.is_bound(bound))?;
        Some(opened.signed_anew(keyring).unwrap_or_else(|| token.to_owned()))
    })
}

/// Answers `PATCH /session`: only what is editable changes, and only for who is signed in.
pub(super) fn update(cx: &mut RequestContext, now: UnixTime) -> Result<Reply, Error> {
    let no_form = Parameters::parse(b"");
    let (landing, refused) = Landing::parse(cx, &Parameters::parse(cx.query()), &no_form)?;
    let wanted = SessionUpdate::parse(cx.body(), now)?;
    let session = cx.check_page(&no_form, now)?.ok_or(RequestError::SessionMissing)?;

    let updated = wanted.apply(&session, &cx.config.session, now)?;
    if updated != session {
        cx.cookies = cx.session_cookies(&updated).map_err(|reason| match reason {
            NoCookies::TooLong => RequestError::SessionTooLarge.into(),
            NoCookies::Unsigned => Error::from(reason),
        })?;
        let tokens = tokens_cookies(cx, &updated);
        cx.cookies.extend(tokens);
        cx.events.push(Event::SessionUpdated { sub: updated.user.sub.clone() });
    }
    cx.events.splice(0..0, refused);
    let body = Map::from_iter([("session".to_owned(), updated.to_json(&cx.config.session))]);
    Ok(landing.answer(StatusCode::OK, body))
}
