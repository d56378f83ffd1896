//! What is asked of a policy elsewhere: where sessions are kept, and what a configuration's findings depend on.

use super::policy::{Expiration, SessionPolicy, Storage};
use std::time::Duration;

/// What findings about a configuration depend on.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "aura-proto reads each member")]
pub struct PolicyFacts {
    /// How long a session lives from its beginning or renewal.
    pub max_age: Duration,
    /// How long it lives at most, however often it is renewed.
    pub max_duration: Option<Duration>,
    /// Whether reading a session renews it.
    pub renews: bool,
    /// Whether tokens are for an audience.
    pub has_audience: bool,
}

impl SessionPolicy {
    /// Returns what findings about a configuration depend on.
    #[doc(hidden)]
    pub fn facts(&self) -> PolicyFacts {
        let renews = match self.expiration {
            Expiration::Rolling | Expiration::Sliding { .. } => true,
            Expiration::Fixed | Expiration::Absolute => false,
        };
        let (max_age, max_duration) = (self.max_age, self.max_duration);
        PolicyFacts { max_age, max_duration, renews, has_audience: self.audience.is_some() }
    }

    /// Returns where sessions are kept.
    #[doc(hidden)]
    pub fn storage(&self) -> Storage {
        self.storage
    }

    /// Returns the length of the longest session token, in bytes.
    #[doc(hidden)]
    pub fn longest_token(&self) -> usize {
        self.max_size
    }

    /// Returns how long ago the user may have been authenticated who ends sessions, if that matters.
    #[doc(hidden)]
    pub fn ends(&self) -> Option<Duration> {
        self.ends
    }

    /// Lists the names of the members that pages may change.
    #[doc(hidden)]
    pub fn changeable(&self) -> &[String] {
        &self.editable
    }

    /// Returns after how long a session is looked up again, if not at each use.
    pub fn recheck_interval(&self) -> Option<Duration> {
        match self.storage {
            Storage::Store { recheck, .. } => recheck,
            Storage::Cookie => None,
        }
    }

    /// Tells whether sessions are kept in a store.
    pub fn is_stored(&self) -> bool {
        matches!(self.storage, Storage::Store { .. })
    }
}
