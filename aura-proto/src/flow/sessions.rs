//! `GET /sessions`, `DELETE /sessions/:id` and `DELETE /sessions`: the devices on which a user is signed in. Where the policy keeps
//! sessions in cookies there is no list, and no such route.

use super::io::Io;
use super::stored;
use crate::context::RequestContext;
use crate::csrf;
use crate::error::{Error, HostError, RequestError};
use crate::event::Event;
use crate::query::Parameters;
use crate::response::{Reply, Respond};
use crate::session::{SessionError, StepUp};
use crate::stored::presented::Presented;
use crate::stored::questions::{EndSessions, ListSessions, Listed, OwnerKey};
use crate::stored::row::{DeviceSession, StoredSession};
use crate::stored::ticket;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// Answers `GET /sessions` and `DELETE /sessions`.
pub(super) async fn all(cx: &mut RequestContext, io: &Io) -> Result<Reply, Error> {
    if cx.request.method == Method::DELETE {
        return end_all(cx, io).await;
    }
    csrf::check_site(&cx.request.headers, &cx.origin, &cx.config.trusted_origins)?;
    let presented = cx.incoming().present(io.now());
    let stored = stored(cx, io, presented).await?;
    let listed = list(cx, io, &stored).await?;
    let devices: Vec<Value> = devices(cx, io, &stored, &listed).iter().map(DeviceSession::to_json).collect();
    Ok(Respond::new(StatusCode::OK, &Value::Array(devices)).into())
}

/// Answers `DELETE /sessions/:id`: ends one of the user's sessions.
pub(super) async fn one(cx: &mut RequestContext, io: &Io) -> Result<Reply, Error> {
    let id = cx.last_segment().to_owned();
    let presented = cx.check_page(&Parameters::parse(b""), io.now())?;
    let stored = stored(cx, io, presented).await?;
    check_authentication(cx, io, &stored)?;
    let listed = list(cx, io, &stored).await?;
    let devices = devices(cx, io, &stored, &listed);
    let device = devices.iter().find(|device| device.id == id).ok_or(RequestError::NotFound)?;
    stored::end(io, device.key).await?;
    let sub = stored.session.user().sub().to_owned();
    if device.is_current {
        cx.cookies = cx.clear_session();
    }
    cx.events.push(Event::SessionsEnded { sub: Some(sub), ended: 1 });
    Ok(ended())
}

/// Ends the user's sessions: all others, or with `?current=true` this one, too.
async fn end_all(cx: &mut RequestContext, io: &Io) -> Result<Reply, Error> {
    let with_current = Parameters::parse(cx.query()).last("current") == Some("true");
    let presented = cx.check_page(&Parameters::parse(b""), io.now())?;
    let mut stored = stored(cx, io, presented).await?;
    check_authentication(cx, io, &stored)?;
    let owners = owners(cx, &stored);
    let question = if with_current {
        EndSessions::Owner { owners, generation: EndSessions::generation(io.now()) }
    } else {
        EndSessions::Others { owners, generation: outlive(cx, io, &mut stored).await? }
    };
    let ended_rows = io.ask(question).await?.map_err(SessionError::from)?;
    if with_current {
        cx.cookies = cx.clear_session();
    }
    let sub = Some(stored.session.user().sub().to_owned());
    cx.events.push(Event::SessionsEnded { sub, ended: ended_rows });
    Ok(ended())
}

/// Lifts a session above the revocation that is to follow, and returns the generation of both.
async fn outlive(cx: &mut RequestContext, io: &Io, stored: &mut StoredSession) -> Result<u64, Error> {
    let lift = |_: &RequestContext, stored: &mut StoredSession| {
        Ok(Some(stored.generation.saturating_add(1).max(io.now().as_millis())))
    };
    let generation = stored::replace(cx, io, stored, lift, |_, reason, _| reason.into()).await?;
    Ok(generation.ok_or(HostError::Unreachable)?)
}

/// Finds the stored session of a request.
async fn stored(
    cx: &mut RequestContext,
    io: &Io,
    presented: Result<Presented, SessionError>,
) -> Result<Box<StoredSession>, Error> {
    let stored = stored::open(cx, io, presented).await?.into_stored();
    Ok(stored.ok_or(RequestError::NotFound)?)
}

/// Checks that the user was authenticated as recently as the policy requires of who ends sessions (RFC 9470).
fn check_authentication(cx: &RequestContext, io: &Io, stored: &StoredSession) -> Result<(), RequestError> {
    let Some(max_age) = cx.config.session.ends() else { return Ok(()) };
    StepUp::default().fresh(max_age).check(&stored.session, io.now()).map_err(|error| {
        let can_state = stored.session.provider().is_some_and(|id| cx.config.is_openid(id));
        if can_state { error } else { RequestError::StepUpUnsupported }
    })
}

async fn list(cx: &RequestContext, io: &Io, stored: &StoredSession) -> Result<Listed, Error> {
    let question = ListSessions::new(owners(cx, stored));
    Ok(io.ask(question).await?.map_err(SessionError::from)?)
}

fn owners(cx: &RequestContext, stored: &StoredSession) -> Vec<OwnerKey> {
    let (provider, sub) = stored.session.identity();
    ticket::owners(&cx.config.keyring, provider.unwrap_or_default(), sub)
}

fn devices(cx: &RequestContext, io: &Io, stored: &StoredSession, listed: &Listed) -> Vec<DeviceSession> {
    DeviceSession::of(&cx.config.keyring, listed, Some(stored.ticket.key()), io.now())
}

fn ended() -> Reply {
    Respond::new(StatusCode::OK, &json!({ "success": true })).into()
}
