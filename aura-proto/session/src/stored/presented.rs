//! What the session cookie of a request holds, by the policy.

use super::questions::{SessionKey, StoreFailed};
use super::ticket::Ticket;
use crate::keyring::Age;
use crate::session::{OpenedSession, SessionError};

/// What the session cookie of a request holds.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum Presented {
    /// A session.
    Sealed(OpenedSession),
    /// The ticket of a session that a store keeps, and which key it was written with.
    Ticket(Ticket, Age),
}

impl Presented {
    /// Returns the address of a stored session.
    pub fn key(&self) -> Option<SessionKey> {
        match self {
            Self::Sealed(_) => None,
            Self::Ticket(ticket, _) => Some(ticket.key()),
        }
    }
}

impl From<StoreFailed> for SessionError {
    fn from(_: StoreFailed) -> Self {
        Self::StoreUnavailable
    }
}
