//! The session of a request, wherever the policy keeps it: sealed in the cookie, or in a store under the cookie's ticket.
//!
//! What asks a store has a box of its own, so that the flows of sites without one stay small.

use super::io::{Io, SessionCheck, boxed};
use crate::context::RequestContext;
use crate::cookie::set::SetCookie;
use crate::entropy::Draw;
use crate::error::{Error, HostError, ProviderError, not_updated};
use crate::keyring::Age;
use crate::provider_tokens::{self, Owner, ProviderTokens, ProviderTokensError};
use crate::session::{NoCookies, OpenedSession, Session, SessionChecks, SessionError};
use crate::stored::presented::Presented;
use crate::stored::questions::{EndSessions, LoadSession, Loaded, ReplaceSession, Replaced, SessionKey};
use crate::stored::row::StoredSession;
use crate::stored::snapshot;
use crate::stored::ticket::Ticket;
use std::sync::Arc;
use std::time::Duration;

/// How often a change of a stored session is tried again that other requests overtook.
const TRIES: usize = 8;
/// How late `seen` of a stored session may be.
const SEEN: Duration = Duration::from_secs(300);

/// A live session.
pub(super) enum Current {
    Sealed(OpenedSession),
    Stored(Box<StoredSession>),
}

impl Current {
    pub(super) fn session(&self) -> &Session {
        match self {
            Self::Sealed(opened) => &opened.session,
            Self::Stored(stored) => &stored.session,
        }
    }

    /// Returns the session as a store keeps it, where one does.
    pub(super) fn into_stored(self) -> Option<Box<StoredSession>> {
        match self {
            Self::Sealed(_) => None,
            Self::Stored(stored) => Some(stored),
        }
    }

    pub(super) fn into_session(self) -> Session {
        match self {
            Self::Sealed(opened) => opened.session,
            Self::Stored(stored) => stored.session,
        }
    }

    /// Returns the tokens of a provider, if they include an access token.
    pub(super) fn granted_tokens(
        &self,
        cx: &RequestContext,
        id: &str,
    ) -> Result<ProviderTokens, ProviderTokensError> {
        Ok(provider_tokens::with_access(self.tokens(cx, id)?)?)
    }

    /// Returns the tokens of a provider.
    pub(super) fn tokens(
        &self,
        cx: &RequestContext,
        id: &str,
    ) -> Result<ProviderTokens, ProviderTokensError> {
        match self {
            Self::Sealed(opened) => {
                let owner = Owner { provider: id, session: &opened.session };
                Ok(cx.incoming().provider_tokens(owner)?.0)
            }
            Self::Stored(stored) => Ok(stored.tokens_of(id)?),
        }
    }
}

/// Finds the session that a cookie names, and asks the application about it. One that has ended is cleared, however the route ends.
pub(super) async fn open(
    cx: &mut RequestContext,
    io: &Io,
    presented: Result<Presented, SessionError>,
) -> Result<Current, SessionError> {
    let current = match presented? {
        Presented::Sealed(opened) => Current::Sealed(opened),
        Presented::Ticket(ticket, age) => Current::Stored(boxed(load(cx, io, ticket, age)).await?),
    };
    if cx.config.session_checks == SessionChecks::None {
        return Ok(current);
    }
    let decision = io.ask(SessionCheck(current.session().clone())).await;
    let decision = decision.map_err(|_| SessionError::Unavailable)?;
    if let Err(error) = decision.outcome() {
        if error == SessionError::Ended {
            end_current(io, &current).await?;
            cx.cookies = cx.clear_session();
        }
        cx.events.extend(decision.event(current.session()));
        return Err(error);
    }
    Ok(current)
}

/// Reads a stored session.
pub(super) async fn load(
    cx: &RequestContext,
    io: &Io,
    ticket: Ticket,
    age: Age,
) -> Result<Box<StoredSession>, SessionError> {
    let load = LoadSession::new(ticket.key(), ticket.owner);
    // The answer may be late.
    let asked = io.now();
    let loaded = io.ask(load).await.map_err(|_| SessionError::StoreUnavailable)??;
    let Loaded::Found(row, generation) = loaded else { return Err(SessionError::Ended) };
    let (keyring, policy, key) = (&cx.config.keyring, &cx.config.session, load.key);
    let mut opened = StoredSession::open(keyring, policy, (ticket, age, key), row, generation, io.now())?;
    opened.asked = asked;
    Ok(opened)
}

/// Deletes a session where a store keeps it.
pub(super) async fn end_current(io: &Io, current: &Current) -> Result<(), SessionError> {
    match current {
        Current::Sealed(_) => Ok(()),
        Current::Stored(stored) => end(io, stored.ticket.key()).await,
    }
}

/// Deletes a stored session.
pub(super) async fn end(io: &Io, key: SessionKey) -> Result<(), SessionError> {
    io.ask(EndSessions::One(key)).await.map_err(|_| SessionError::StoreUnavailable)??;
    Ok(())
}

/// Makes the error of a session that does not fit.
pub(super) type Refuse = fn(&mut RequestContext, NoCookies, &Session) -> Error;

/// Makes the error of an update that does not fit.
pub(super) fn at_update(_: &mut RequestContext, reason: NoCookies, _: &Session) -> Error {
    not_updated(reason)
}

pub(super) fn too_large(_: &mut RequestContext, reason: NoCookies, _: &Session) -> Error {
    match reason {
        NoCookies::TooLong => ProviderError::TokensTooLarge.into(),
        NoCookies::Unsigned => reason.into(),
    }
}

/// Changes a session, and returns the cookies that carry it. A stored session is changed as it is in the store at that moment: where
/// another request changes it at the same time, neither change is lost.
///
/// # Errors
/// Those of the change, and what `refused` makes of one that does not fit.
pub(super) async fn change(
    cx: &mut RequestContext,
    io: &Io,
    current: &mut Current,
    change: impl Fn(&RequestContext, &Session) -> Result<Session, Error>,
    refused: Refuse,
) -> Result<Vec<SetCookie>, Error> {
    match current {
        Current::Sealed(opened) => {
            opened.session = change(cx, &opened.session)?;
            let cookies = cx.session_cookies(&opened.session);
            cookies.map_err(|reason| refused(cx, reason, &opened.session))
        }
        Current::Stored(stored) => {
            let changed = |cx: &RequestContext, stored: &mut StoredSession| {
                stored.session = change(cx, &stored.session)?;
                Ok(None)
            };
            boxed(replace(cx, io, stored, changed, refused)).await?;
            Ok(ticket_cookies(cx, stored))
        }
    }
}

/// Drops the tokens of the session's provider, and returns the cookies that do so.
pub(super) async fn drop_tokens(
    cx: &mut RequestContext,
    io: &Io,
    current: &mut Current,
) -> Result<Vec<SetCookie>, Error> {
    if let Current::Stored(stored) = current {
        let drop = |_: &RequestContext, stored: &mut StoredSession| {
            (stored.tokens, stored.lease) = (None, None);
            Ok(None)
        };
        boxed(replace(cx, io, stored, drop, too_large)).await?;
    }
    Ok(cx.table().access_token(&cx.provider_id()).clear_chunks(&cx.sent()))
}

/// Replaces a stored session by a changed one. The change may return a generation for the row, which is returned.
pub(super) async fn replace(
    cx: &mut RequestContext,
    io: &Io,
    stored: &mut StoredSession,
    change: impl Fn(&RequestContext, &mut StoredSession) -> Result<Option<u64>, Error>,
    refused: Refuse,
) -> Result<Option<u64>, Error> {
    for _ in 0..TRIES {
        let mut changed = stored.clone();
        let generation = change(cx, &mut changed)?;
        if replace_once(cx, io, stored, changed, generation, refused).await? {
            return Ok(generation);
        }
    }
    Err(HostError::SessionStoreUnavailable.into())
}

/// Replaces a stored session by a changed one, unless another request has changed it since it was loaded: it is loaded again then.
/// Tells whether it is replaced.
pub(super) async fn replace_once(
    cx: &mut RequestContext,
    io: &Io,
    stored: &mut StoredSession,
    mut changed: StoredSession,
    generation: Option<u64>,
    refused: Refuse,
) -> Result<bool, Error> {
    let row = cx.next_row(&changed, io.now());
    let row = row.map_err(|reason| refused(cx, reason, &changed.session))?;
    let mut question = ReplaceSession::new(row.clone());
    (question.version, question.generation) = (stored.version(), generation);
    match io.ask(question).await?.map_err(SessionError::from)? {
        Replaced::Replaced => {
            changed.replaced(&row);
            *stored = changed;
            Ok(true)
        }
        Replaced::Changed => {
            *stored = *load(cx, io, stored.ticket.clone(), stored.age).await?;
            Ok(false)
        }
        Replaced::Gone => {
            cx.cookies = cx.clear_session();
            Err(SessionError::Ended.into())
        }
    }
}

/// Renews a stored session that was read, and returns the renewed one and its cookies: that of the ticket only where it changes, so that
/// a late answer brings no earlier ticket back, and a snapshot where the browser has none that serves.
pub(super) async fn renew(
    cx: &mut RequestContext,
    io: &Io,
    stored: &mut StoredSession,
    has_snapshot: bool,
) -> Result<(Option<Session>, Vec<SetCookie>), SessionError> {
    let renewed = cx.config.session.renewed(&stored.session, io.now());
    let is_late = io.now() >= stored.seen.saturating_add(SEEN);
    if renewed.is_none() && stored.age == Age::Newest && !is_late {
        let cookies = if has_snapshot { None } else { snapshot_cookies(cx, stored) };
        return Ok((None, cookies.unwrap_or_default()));
    }
    let mut next = stored.clone();
    next.session = renewed.clone().unwrap_or(next.session);
    // What does not fit lives on as it is.
    let Ok(row) = cx.next_row(&next, io.now()) else { return Ok((None, Vec::new())) };
    let mut question = ReplaceSession::new(row.clone());
    question.version = stored.version();
    match io.ask(question).await.map_err(|_| SessionError::StoreUnavailable)? {
        Ok(Replaced::Replaced) => {
            let sets_ticket = renewed.is_some() || stored.age == Age::Earlier;
            next.replaced(&row);
            let cookies = match (sets_ticket, has_snapshot) {
                (true, _) => ticket_cookies(cx, &next),
                (false, true) => Vec::new(),
                (false, false) => snapshot_cookies(cx, &next).unwrap_or_default(),
            };
            next.session = stored.session.clone();
            *stored = next;
            Ok((renewed, cookies))
        }
        // Another request has renewed it, or the store will the next time: the session lives.
        Ok(Replaced::Changed) | Err(_) => Ok((None, Vec::new())),
        Ok(Replaced::Gone) => Err(SessionError::Ended),
    }
}

/// Makes the cookies of a stored session that begins or has changed.
pub(super) fn ticket_cookies(cx: &mut RequestContext, stored: &StoredSession) -> Vec<SetCookie> {
    let (cookie, sent) = (&cx.table().session, cx.sent());
    let ticket = stored.write_ticket(cx.config.keyring.newest(), &cookie.name);
    // A ticket of 86 characters fits into one cookie.
    let mut cookies = cookie.set_chunks(&ticket, &sent).unwrap_or_default();
    if cx.config.session.recheck_interval().is_some() {
        // One of the session as it was must not be left.
        let snapshot = snapshot_cookies(cx, stored);
        cookies.extend(snapshot.unwrap_or_else(|| cx.table().snapshot.clear_chunks(&cx.sent())));
    }
    cookies
}

/// Makes the cookies of a session's snapshot, if the policy has one and it fits. Without one, the store is asked.
fn snapshot_cookies(cx: &mut RequestContext, stored: &StoredSession) -> Option<Vec<SetCookie>> {
    let config = Arc::clone(&cx.config);
    // Where the application checks sessions, none is read.
    config.session.recheck_interval().filter(|_| config.session_checks == SessionChecks::None)?;
    let keys = (config.keyring.newest(), &config.session);
    let text = snapshot::write(keys, cx.entropy.draw(Draw::Iv), stored).ok()?;
    let fits = text.len() <= config.session.longest_token();
    cx.table().snapshot.set_chunks(&text, &cx.sent()).ok().filter(|_| fits)
}
