//! Time, as a value that the host supplies.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// The last second of the year 9999, after which ISO 8601 has no four-digit year.
const LAST: u64 = 253_402_300_799;

/// By how many seconds the clock of an instance may be behind that of another with the same secrets: what the one issues has
/// begun at the other. RFC 7519 section 4.1.5 allows for such a leeway.
const MAX_BEHIND: u64 = 5;

/// A moment, in whole seconds since 1970-01-01T00:00:00Z, as JWT's `NumericDate` (RFC 7519 section 2).
///
/// ```
/// use aura_types::UnixTime;
/// use std::time::Duration;
///
/// let now = UnixTime::from_secs(1_790_000_000);
/// assert_eq!(now.saturating_add(Duration::from_secs(60)).as_secs(), 1_790_000_060);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(u64);

impl UnixTime {
    /// Makes a moment from seconds since the Unix epoch.
    ///
    /// ```
    /// assert_eq!(aura_types::UnixTime::from_secs(5).as_secs(), 5);
    /// ```
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs)
    }

    /// Returns the seconds since the Unix epoch.
    ///
    /// ```
    /// assert_eq!(aura_types::UnixTime::from_secs(5).as_secs(), 5);
    /// ```
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// Returns the moment `duration` later, in whole seconds, or the largest one.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// let later = UnixTime::from_secs(u64::MAX).saturating_add(std::time::Duration::from_secs(1));
    /// assert_eq!(later.as_secs(), u64::MAX);
    /// ```
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }

    /// Reads ISO 8601 text with a zone (RFC 3339). Parts of a second are dropped; a moment before 1970 is none.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// let moment = UnixTime::from_iso8601("2026-10-06T16:13:20.9+02:00");
    /// assert_eq!(moment, Some(UnixTime::from_secs(1_791_296_000)));
    /// assert_eq!(UnixTime::from_iso8601("2026-10-06"), None);
    /// ```
    pub fn from_iso8601(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        u64::try_from(moment.unix_timestamp()).ok().map(Self)
    }

    /// Tells whether what begins at this moment has not begun, at whatever instance: their clocks differ by five seconds at
    /// most.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// let now = UnixTime::from_secs(1_790_000_000);
    /// assert!(!UnixTime::from_secs(1_790_000_005).is_ahead_of(now));
    /// assert!(UnixTime::from_secs(1_790_000_006).is_ahead_of(now));
    /// ```
    pub const fn is_ahead_of(self, now: Self) -> bool {
        self.0 > now.0.saturating_add(MAX_BEHIND)
    }

    /// Tells whether the moment is before the year 10000, so that ISO 8601 has a text for it.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// assert!(UnixTime::from_secs(253_402_300_799).has_a_date());
    /// assert!(!UnixTime::from_secs(253_402_300_800).has_a_date());
    /// ```
    pub const fn has_a_date(self) -> bool {
        self.0 <= LAST
    }

    /// Writes the moment as UTC ISO 8601 with milliseconds, as the session body does, or `None` after the year 9999.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// assert_eq!(UnixTime::from_secs(1_791_296_000).to_iso8601().as_deref(), Some("2026-10-06T14:13:20.000Z"));
    /// assert_eq!(UnixTime::from_secs(u64::MAX).to_iso8601(), None);
    /// ```
    pub fn to_iso8601(self) -> Option<String> {
        if !self.has_a_date() {
            return None;
        }
        let moment = OffsetDateTime::from_unix_timestamp(i64::try_from(self.0).ok()?).ok()?;
        moment.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000Z")).ok()
    }
}
