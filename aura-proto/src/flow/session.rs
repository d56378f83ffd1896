//! `GET /session`, `PATCH /session` and `GET /csrfToken`: the session, its update, and its CSRF token.

use super::io::{self, Io, Step};
use super::landing::Landing;
use super::stored;
use super::visiting::{self, Begun, Recheck};
use crate::config::Config;
use crate::connection::{public_origin, public_path};
use crate::context::RequestContext;
use crate::entropy::Entropy;
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::forms;
use crate::incoming::Incoming;
use crate::origin::Origin;
use crate::query::Parameters;
use crate::response::{Body, Reply, Respond};
use crate::session::update::SessionUpdate;
use crate::session::{Session, SessionPolicy};
use crate::visit::Visit;
use aura_types::UnixTime;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::Map;
use std::borrow::Cow;
use std::sync::Arc;

/// Answers `GET /session`. Renews the session if its policy does, and else re-protects it under the newest secret. It
/// needs no more of the request than its head, so that it is spared a context.
pub(super) fn read(
    config: &Arc<Config>,
    request: &Request<Bytes>,
    now: UnixTime,
    entropy: Entropy,
) -> Result<Step, RequestError> {
    let (incoming, origin, public_path) = open_head(config, request)?;
    let is_head = *request.method() == Method::HEAD;
    let end = move |config: &Config, visited: Result<Visit, Respond>| {
        let answer = visited.map_or_else(|refusal| refusal, |visit| answer(config, visit));
        let mut reply = Reply::Respond(answer);
        reply.put_under(&public_path);
        if is_head { reply.without_body() } else { reply }
    };
    let waiting = match visiting::begin(config, incoming, &origin, (now, Recheck::WhenDue), entropy) {
        Begun::Done(visited) => return Ok(Step::Done(end(config, visited))),
        Begun::Waiting(waiting) => waiting,
    };
    let config = Arc::clone(config);
    Ok(io::start(now, |io| async move { end(&config, waiting.finish(&io).await) }))
}

/// Reads the head of a request under the configuration, and the path that browsers see in front of the base path.
fn open_head<'a>(
    config: &'a Config,
    request: &'a Request<Bytes>,
) -> Result<(Incoming<'a>, Cow<'a, Origin>, String), RequestError> {
    let origin = public_origin(config, request.into())?;
    let public_path = public_path(config, request.into())?;
    Ok((Incoming { config, scheme: origin.scheme(), headers: request.headers() }, origin, public_path))
}

/// Makes the answer of `GET /session` to who is signed in.
fn answer(config: &Config, visit: Visit) -> Respond {
    let Visit { session, renewed, cookies, events, .. } = visit;
    let body = session_body(renewed.as_ref().unwrap_or(&session), &config.session);
    Respond { cookies, events, body, ..Respond::empty(StatusCode::OK) }
}

/// Writes what both generations of clients read, in the order of the names: for the one it is the session, for the other in it.
/// The user is written once and copied.
fn session_body(session: &Session, policy: &SessionPolicy) -> Body {
    let (expires, user) = (session.expires_at().to_json(), session.write_user(policy));
    let expires = expires.as_ref().map_or(b"null".as_slice(), |text| text);
    Body::object(|body| {
        body.json("expires", expires)
            .object("session", |session| session.json("expires", expires).json("user", &user))
            .json("success", b"true")
            .json("user", &user)
    })
}

/// Answers `GET /csrfToken`, which needs no more of the request than its head, either.
pub(super) fn csrf_token(
    config: &Config,
    request: &Request<Bytes>,
    now: UnixTime,
    entropy: &mut Entropy,
) -> Result<Reply, RequestError> {
    let (incoming, _, public_path) = open_head(config, request)?;
    let (token, cookie, event) = forms::token(incoming, entropy, now).put_under(&public_path).into_parts();
    // A token has no character that JSON escapes.
    let body = Body::Json([r#"{"csrfToken":""#, &token, r#""}"#].concat().into());
    let events = event.into_iter().collect();
    let reply =
        Reply::Respond(Respond { body, cookies: vec![cookie], events, ..Respond::empty(StatusCode::OK) });
    Ok(if *request.method() == Method::HEAD { reply.without_body() } else { reply })
}

/// Answers `PATCH /session`: only what is editable changes, and only for who is signed in.
pub(super) async fn update(cx: &mut RequestContext, io: &Io) -> Result<Reply, Error> {
    let no_form = Parameters::parse(b"");
    let (landing, refused) = Landing::parse(cx, &Parameters::parse(cx.query()), &no_form)?;
    let wanted = SessionUpdate::parse(cx.body(), io.now())?;
    let presented = cx.check_page(&no_form, io.now())?;
    drop(no_form);
    let mut current = stored::open(cx, io, presented).await?;

    let now = io.now();
    let apply =
        |cx: &RequestContext, session: &Session| Ok(wanted.apply(session, &cx.config.session, now)?);
    let mut updated = apply(cx, current.session())?;
    if updated != *current.session() {
        cx.cookies = stored::change(cx, io, &mut current, apply, stored::at_update).await?;
        updated = current.session().clone();
        cx.events.push(Event::SessionUpdated { sub: updated.user().sub().to_owned() });
    }
    cx.events.splice(0..0, refused);
    let body = Map::from_iter([("session".to_owned(), updated.to_json(&cx.config.session))]);
    Ok(landing.answer(StatusCode::OK, body, None)?)
}
