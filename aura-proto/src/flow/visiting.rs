//! Visits: the session of a request as `GET /session`, guards and handlers read it.

use super::io::{Ending, Io, SessionCheck};
use super::stored::{self, Current};
use crate::config::Config;
use crate::context::RequestContext;
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::error::{Error, HostError};
use crate::event::Event;
use crate::incoming::Incoming;
use crate::origin::Origin;
use crate::response::Respond;
use crate::session::update;
use crate::session::{Session, SessionChecks, SessionDecision, SessionError};
use crate::stored::presented::Presented;
use crate::stored::row::StoredSession;
use crate::visit::{self, ClaimsUpdate, NoSession, Visit};
use aura_types::UnixTime;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A visit that was begun: most end at once.
pub(crate) enum Begun {
    Done(Result<Visit, Respond>),
    Waiting(Waiting),
}

/// A visit that needs an answer.
pub(crate) enum Waiting {
    /// Of the application, about a session that is sealed in the cookie.
    Sealed { visit: Visit, cleared: Vec<SetCookie> },
    /// Of the store.
    Stored {
        cx: Box<RequestContext>,
        presented: Presented,
        /// Whether the browser has a snapshot that serves.
        has_snapshot: bool,
    },
}

/// Whether the store is asked about a session that it was asked about a short while ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recheck {
    WhenDue,
    Always,
}

/// Begins a visit.
pub(crate) fn begin(
    config: &Arc<Config>,
    incoming: Incoming<'_>,
    origin: &Origin,
    (now, recheck): (UnixTime, Recheck),
    mut entropy: Entropy,
) -> Begun {
    let checks = config.session_checks;
    if !config.session.is_stored() {
        return match visit::visit(incoming, &mut entropy, now) {
            Ok(visit) if checks == SessionChecks::Asked => {
                let cleared = incoming.clear_session(&incoming.sent());
                Begun::Waiting(Waiting::Sealed { visit, cleared })
            }
            visited => Begun::Done(visited),
        };
    }
    match incoming.present(now) {
        Ok(presented) => {
            let young = incoming.snapshot(&presented, now);
            let has_snapshot = young.is_some();
            if let Some(session) = young.filter(|_| recheck == Recheck::WhenDue) {
                return Begun::Done(Ok(Visit::of(session)));
            }
            let cx = Box::new(context(config, incoming, origin, entropy));
            Begun::Waiting(Waiting::Stored { cx, presented, has_snapshot })
        }
        Err(error) => Begun::Done(Err(visit::not_signed_in(incoming, error))),
    }
}

/// Makes the context of what needs no more of a request than its cookies.
pub(crate) fn context(
    config: &Arc<Config>,
    incoming: Incoming<'_>,
    origin: &Origin,
    entropy: Entropy,
) -> RequestContext {
    // Cookies get their public path when the answer is made.
    let mut cx = RequestContext::of_guard(Arc::clone(config), origin.clone(), incoming.headers, entropy);
    if config.session_checks == SessionChecks::Asked {
        // What the browser sent does not stay in memory while the application decides.
        cx.forget_request();
    }
    cx
}

impl Waiting {
    /// Goes on with a visit whose cookies are for paths under what browsers see in front of this site's.
    pub(crate) async fn finish_under(self, io: Io, public_path: String) -> Result<Visit, Respond> {
        under(&public_path, self.finish(&io).await)
    }

    /// Goes on with a visit.
    pub(crate) async fn finish(self, io: &Io) -> Result<Visit, Respond> {
        match self {
            Self::Sealed { visit, cleared } => {
                let decision = io.ask(SessionCheck(visit.session.clone())).await.map_err(Respond::refusal)?;
                decided(visit, cleared, &decision)
            }
            Self::Stored { mut cx, presented, has_snapshot } => {
                let visited = visit(&mut cx, io, presented, has_snapshot).await;
                visited.map_err(|error| refusal(*cx, error))
            }
        }
    }
}

/// Puts the paths of a visit's cookies under what browsers see in front of this site's paths.
pub(crate) fn under(public_path: &str, mut visited: Result<Visit, Respond>) -> Result<Visit, Respond> {
    let cookies = match &mut visited {
        Ok(visit) => &mut visit.cookies,
        Err(refusal) => &mut refusal.cookies,
    };
    SetCookie::put_under(public_path, cookies);
    visited
}

/// Ends a visit with the application's decision.
fn decided(visit: Visit, cleared: Vec<SetCookie>, decision: &SessionDecision) -> Result<Visit, Respond> {
    let Err(error) = decision.outcome() else { return Ok(visit) };
    let cookies = if error == SessionError::Ended { cleared } else { Vec::new() };
    let events = decision.event(&visit.session).into_iter().collect();
    Err(Respond { cookies, events, ..Respond::refusal(error) })
}

/// Reads a stored session, and renews it if that is due.
async fn visit(
    cx: &mut RequestContext,
    io: &Io,
    presented: Presented,
    has_snapshot: bool,
) -> Result<Visit, SessionError> {
    // The policy keeps sessions in a store, so that the cookie held a ticket.
    let stored = stored::open(cx, io, Ok(presented)).await?.into_stored();
    let mut stored = stored.ok_or(SessionError::Invalid)?;
    let (renewed, cookies) = stored::renew(cx, io, &mut stored, has_snapshot).await?;
    let events = renewed.iter().map(|session| Event::SessionRenewed { sub: session.user().sub().to_owned() });
    let (session, events) = (stored.session.clone(), events.collect());
    let name = cx.table().session.name.clone();
    Ok(Visit { session, renewed, name, cookies, events, stored: Some(stored) })
}

/// Makes the answer to a request whose stored session has ended, or cannot be looked up.
fn refusal(cx: RequestContext, error: SessionError) -> Respond {
    let refusal = visit::refusal(cx.incoming(), error, &cx.sent());
    let (mut cookies, mut events) = (cx.cookies, cx.events);
    if cookies.is_empty() {
        cookies = refusal.cookies;
    }
    if events.is_empty() {
        events = refusal.events;
    }
    Respond { cookies, events, ..refusal }
}

/// Reads a session alone. Nothing is renewed.
pub(crate) async fn session(cx: RequestContext, io: Io, presented: Presented) -> Result<Session, NoSession> {
    let mut cx = cx;
    let current = stored::open(&mut cx, &io, Ok(presented)).await;
    current.map(Current::into_session).map_err(|error| NoSession { error, events: cx.events })
}

/// Changes the application's claims of a stored session: that of a visit, which is looked up where the visit was not.
pub(crate) async fn update_claims(
    cx: RequestContext,
    io: Io,
    (stored, presented): (Option<Box<StoredSession>>, Result<Presented, SessionError>),
    members: Map<String, Value>,
    public_path: String,
) -> Result<ClaimsUpdate, Error> {
    let mut cx = cx;
    let mut current = match stored {
        Some(stored) => Current::Stored(stored),
        None => stored::open(&mut cx, &io, presented).await?,
    };
    let (now, members) = (io.now(), Value::Object(members));
    let change = |cx: &RequestContext, session: &Session| {
        Ok(update::with_claims(session, &members, &cx.config.session, now)?)
    };
    let mut cookies = stored::change(&mut cx, &io, &mut current, change, stored::at_update).await?;
    SetCookie::put_under(&public_path, &mut cookies);
    let name = cx.table().session.name.clone();
    let session = current.session().clone();
    Ok(ClaimsUpdate { session, name, cookies, stored: current.into_stored() })
}

impl Ending for Result<Visit, Respond> {
    fn ended(error: HostError) -> Self {
        Err(Respond::refusal(error))
    }
}

impl Ending for Result<Session, NoSession> {
    fn ended(_: HostError) -> Self {
        Err(SessionError::Unavailable.into())
    }
}

impl Ending for Result<ClaimsUpdate, Error> {
    fn ended(error: HostError) -> Self {
        Err(error.into())
    }
}
