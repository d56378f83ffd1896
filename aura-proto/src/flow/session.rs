//! `GET /session`, `PATCH /session` and `GET /csrfToken`: who is signed in, and the CSRF token that goes with it.

use super::landing::Landing;
use crate::context::{NoCookies, RequestContext};
use crate::cookie::parse::Cookies;
use crate::csrf::{self, Bound, CsrfToken};
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::query::Parameters;
use crate::response::{Reply, Respond};
use crate::session::update::SessionUpdate;
use crate::visit::Visit;
use aura_types::UnixTime;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// Answers `GET /session`. Renews the session where its policy says so, and else re-protects it under the newest secret.
pub(super) fn read(cx: &mut RequestContext, now: UnixTime) -> Reply {
    let visit = match cx.visit(now) {
        Ok(visit) => visit,
        Err(refusal) => return refusal.into(),
    };
    let mut body = visit.renewed.as_ref().unwrap_or(visit.session()).to_json(&cx.config.session);
    if let Some(members) = body.as_object_mut() {
        let nested = Value::Object(members.clone());
        members.insert("success".to_owned(), true.into());
        members.insert("session".to_owned(), nested);
    }
    let Visit { cookies, events, .. } = visit;
    Reply::Respond(Respond { cookies, events, ..Respond::new(StatusCode::OK, &body) })
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
    let session = cx.check_page(&no_form, now)??;

    let updated = wanted.apply(&session, &cx.config.session, now)?;
    if updated != session {
        cx.cookies = cx.session_cookies(&updated).map_err(|reason| match reason {
            NoCookies::TooLong => RequestError::SessionTooLarge.into(),
            NoCookies::Unsigned => Error::from(reason),
        })?;
        cx.events.push(Event::SessionUpdated { sub: updated.user.sub().to_owned() });
    }
    cx.events.splice(0..0, refused);
    let body = Map::from_iter([("session".to_owned(), updated.to_json(&cx.config.session))]);
    Ok(landing.answer(StatusCode::OK, body, None)?)
}
