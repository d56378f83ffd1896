//! The snapshot: a stored session as it was when the store was last asked, sealed beside the ticket in the session cookie.
//!
//! The cookie's value is the ticket, a dot and the snapshot. Whoever only reads the session accepts a snapshot that is younger than
//! the policy's interval, and asks no store. Whatever changes or ends a session reads the ticket alone.

use super::row::StoredSession;
use super::ticket::Ticket;
use crate::keyring::sealed::{self, Purpose};
use crate::keyring::{Keyring, Keys};
use crate::session::{Session, SessionError, SessionPolicy};
use aura_jose::Refused;
use aura_types::UnixTime;
use ring::aead::NONCE_LEN;
use std::time::Duration;
use subtle::ConstantTimeEq;

const PURPOSE: Purpose = Purpose { key: |keys| &keys.snapshot, label: "aura:session-snapshot:1" };

/// Adds to a ticket what its session is, as it was when the store was asked.
pub(crate) fn write(
    (keys, policy): (&Keys, &SessionPolicy),
    iv: [u8; NONCE_LEN],
    ticket: &str,
    stored: &StoredSession,
) -> Result<String, Refused> {
    let sealed = sealed::seal_written(keys, PURPOSE, iv, |plain| {
        plain.extend(stored.asked.as_millis().to_be_bytes());
        plain.extend(ticket.as_bytes());
        plain.extend(stored.session.write(policy, &stored.ticket.handle()));
    })?;
    Ok([ticket, ".", &sealed].concat())
}

/// Reads the value of the session cookie of this name: the session, where the store was asked about it at most so long ago.
pub(crate) fn open(
    (keyring, policy): (&Keyring, &SessionPolicy),
    cookie: &str,
    value: &[u8],
    interval: Duration,
    now: UnixTime,
) -> Result<Session, SessionError> {
    let (ticket, sealed) =
        str::from_utf8(value).ok().and_then(|value| value.split_once('.')).ok_or(Refused)?;
    Ticket::open(keyring, cookie, ticket.as_bytes())?;
    let (claims, _) = sealed::open_written(keyring, PURPOSE, sealed, |plain| {
        let (at, rest) = plain.split_first_chunk().ok_or(Refused)?;
        let at = UnixTime::from_millis(u64::from_be_bytes(*at));
        let (bound, claims) = rest.split_at_checked(ticket.len()).ok_or(Refused)?;
        let is_young = !at.is_ahead_of(now) && now < at.saturating_add(interval);
        // That of another session opens no session.
        let is_bound = bool::from(bound.ct_eq(ticket.as_bytes()));
        if is_young && is_bound { Ok(claims.to_vec()) } else { Err(Refused) }
    })?;
    Session::read(claims, policy, now)
}
