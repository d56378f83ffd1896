//! The snapshot: a stored session as it was when the store was last asked, sealed in a cookie beside that of the ticket.
//!
//! Who only reads the session accepts a snapshot that is younger than the policy's interval, and asks no store. It opens no session
//! but that of its ticket, so that one which comes late changes nobody's session. Whatever changes or ends a session reads the ticket
//! alone.

use super::row::StoredSession;
use super::ticket::{self, Ticket};
use crate::keyring::sealed::{self, Purpose};
use crate::keyring::{Keyring, Keys};
use crate::session::{Session, SessionError, SessionPolicy};
use aura_jose::Refused;
use aura_types::UnixTime;
use ring::aead::NONCE_LEN;
use std::time::Duration;
use subtle::ConstantTimeEq;

const PURPOSE: Purpose = Purpose { key: |keys| &keys.snapshot, label: "aura:session-snapshot:1" };

/// Seals what a session is: the time when the store was asked, the ticket's identity, and the claims.
pub fn write(
    (keys, policy): (&Keys, &SessionPolicy),
    iv: [u8; NONCE_LEN],
    stored: &StoredSession,
) -> Result<String, Refused> {
    sealed::seal_written(keys, PURPOSE, iv, |plain| {
        plain.extend(stored.asked.as_millis().to_be_bytes());
        plain.extend(stored.ticket.identity());
        plain.extend(stored.session.write(policy, &stored.ticket.handle()));
    })
}

/// Reads the session of a ticket, if the store was asked about it less than an interval ago.
pub fn open(
    (keyring, policy): (&Keyring, &SessionPolicy),
    ticket: &Ticket,
    text: &str,
    interval: Duration,
    now: UnixTime,
) -> Result<Session, SessionError> {
    let (claims, _) = sealed::open_written(keyring, PURPOSE, text, |plain| {
        let (at, rest) = plain.split_first_chunk().ok_or(Refused)?;
        let at = UnixTime::from_millis(u64::from_be_bytes(*at));
        let (bound, claims) = rest.split_first_chunk::<{ ticket::RANDOM }>().ok_or(Refused)?;
        let is_young = !at.is_ahead_of(now) && now < at.saturating_add(interval);
        let is_bound = bool::from(bound.ct_eq(ticket.identity()));
        if is_young && is_bound { Ok(claims.to_vec()) } else { Err(Refused) }
    })?;
    Session::read(claims, policy, now)
}
