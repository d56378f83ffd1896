//! The lease of a stored session's refresh token: one request takes it, and the others wait.

use super::io::{FETCH_TIMEOUT, Io, Pause, RunToEnd};
use super::stored;
use crate::context::RequestContext;
use crate::entropy::Draw;
use crate::error::{Error, HostError, ProviderError};
use crate::event::Event;
use crate::provider_tokens::{self, ProviderTokens};
use crate::stored::lease::Lease;
use crate::stored::row::StoredSession;
use aura_types::UnixTime;
use std::time::Duration;

/// How many exchanges a refresh takes at most: for tokens and for keys, each once more (RFC 9449 section 8, and rotated keys).
const EXCHANGES: u32 = 4;
/// How long they take at most.
const LONGEST: Duration = FETCH_TIMEOUT.saturating_mul(EXCHANGES);
/// How long a lease is. What it is longer than its exchanges is for a slow store, and for clocks of instances that differ.
const LEASE: Duration = FETCH_TIMEOUT.saturating_mul(EXCHANGES.saturating_add(2));
/// How long a request waits for the refresh by another one.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// The shortest pause of such a request, in milliseconds. The longest is 50 longer.
const PAUSE: u64 = 50;
/// How often it looks at most.
pub(super) const LOOKS: usize = 100;
/// How often a store that fails is asked at most to keep new tokens. Without them the grant is lost.
const TRIES: usize = 1000;

/// Takes the lease of a row, so that no other request refreshes its tokens. Waits for the end of another request's: `None` where that
/// takes too long, because a provider that failed is left alone for a while, for example.
pub(super) async fn lease(
    cx: &mut RequestContext,
    io: &Io,
    stored: &mut StoredSession,
) -> Result<Option<Lease>, Error> {
    let patient_until = io.now().saturating_add(PATIENCE);
    for _ in 0..LOOKS {
        match lease_or_wait(cx, io, stored, patient_until).await {
            Ok(None) => {}
            Err(Error::Host(HostError::TokensBusy)) => break,
            leased => return leased,
        }
    }
    Ok(None)
}

/// Takes the lease of a row, or waits a moment for the end of another request's and reads the row again.
pub(super) async fn lease_or_wait(
    cx: &mut RequestContext,
    io: &Io,
    stored: &mut StoredSession,
    patient_until: UnixTime,
) -> Result<Option<Lease>, Error> {
    if !stored.is_leased(io.now()) {
        return take_lease(cx, io, stored).await;
    }
    if io.now() >= patient_until {
        return Err(HostError::TokensBusy.into());
    }
    pause(cx, io).await?;
    *stored = *stored::load(cx, io, stored.ticket.clone(), stored.age).await?;
    Ok(None)
}

async fn pause(cx: &mut RequestContext, io: &Io) -> Result<(), Error> {
    // Requests that wait for one refresh do not ask the store all at once.
    let [more] = cx.entropy.draw(Draw::Pause);
    let length = Duration::from_millis(PAUSE.saturating_add(u64::from(more % 51)));
    Ok(io.ask(Pause(length)).await?)
}

/// Writes a lease into the row. There is none where another request has changed the row meanwhile, or where the store was so slow
/// that the exchanges may outlast the lease.
async fn take_lease(
    cx: &mut RequestContext,
    io: &Io,
    stored: &mut StoredSession,
) -> Result<Option<Lease>, Error> {
    // A flow that were abandoned from here on would leave its lease behind, or spend the refresh token for nothing.
    io.ask(RunToEnd).await?;
    let lease = Lease::draw(&mut cx.entropy, io.now().saturating_add(LEASE));
    let mut leased = stored.clone();
    leased.lease = Some(lease);
    let is_leased = stored::replace_once(cx, io, stored, leased, None, stored::too_large).await?;
    Ok((is_leased && io.now().saturating_add(LONGEST) <= lease.until).then_some(lease))
}

/// Puts tokens into the place of those that were spent, unless these were dropped or replaced meanwhile, and ends the lease; and the
/// session at its end at the provider, if that is known. A store that fails is asked again until a moment. Of tokens that do not fit,
/// the ID token is dropped, or else all.
pub(super) async fn keep(
    cx: &mut RequestContext,
    io: &Io,
    stored: &mut StoredSession,
    (spent, mut kept, ends): (&ProviderTokens, Option<ProviderTokens>, Option<UnixTime>),
    lease: Lease,
    patient_until: UnixTime,
) -> Result<(), Error> {
    let mut outcome = Ok(());
    for _ in 0..TRIES {
        let change = |cx: &RequestContext, stored: &mut StoredSession| {
            stored.session = cx.config.session.capped(stored.session.clone(), ends);
            stored.lease = stored.lease.filter(|other| *other != lease);
            if stored.tokens.as_ref() == Some(spent) {
                stored.tokens.clone_from(&kept);
            }
            Ok(None)
        };
        match stored::replace(cx, io, stored, change, stored::too_large).await {
            Err(Error::Host(HostError::SessionStoreUnavailable)) if io.now() < patient_until => {
                pause(cx, io).await?;
            }
            Err(error @ Error::Provider(ProviderError::TokensTooLarge)) if kept.is_some() => {
                if kept.as_mut().is_some_and(provider_tokens::drop_id_token) {
                    let provider = stored.session.provider().unwrap_or_default().to_owned();
                    cx.events.push(Event::IdTokenDropped { provider });
                } else {
                    (kept, outcome) = (None, Err(error));
                }
            }
            replaced => return replaced.map(drop).and(outcome),
        }
    }
    Err(HostError::SessionStoreUnavailable.into())
}
