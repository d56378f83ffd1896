//! The authentication behind a session: `auth_time`, `acr` and `amr` (OpenID Connect Core 1.0 section 2).

use aura_types::UnixTime;
use std::time::Duration;

/// By how many seconds clocks may differ.
pub const SKEW: u64 = 60;

/// Returns the shorter of two lengths. One of less than a minute counts as a minute, by which clocks may differ.
pub fn shorter(one: Option<Duration>, other: Duration) -> Duration {
    let other = other.max(Duration::from_secs(SKEW));
    one.map_or(other, |one| one.min(other))
}

/// How the provider authenticated the user, as its ID token states at the sign-in. No renewal, update or refresh changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authentication {
    /// When it was.
    pub at: Option<UnixTime>,
    /// The class that it met.
    pub acr: Option<String>,
    /// Its methods.
    pub amr: Vec<String>,
}
