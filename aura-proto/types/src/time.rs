//! Time, as a value that the host supplies.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How far the clock of an instance may be behind that of another with the same secrets: what the one issues has begun at
/// the other. RFC 7519 section 4.1.5 allows for such a leeway.
const MAX_BEHIND: Duration = Duration::from_secs(5);

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. It is written as whole seconds, JWT's `NumericDate` (RFC 7519
/// section 2).
///
/// ```
/// use aura_types::UnixTime;
/// use std::time::Duration;
///
/// let now = UnixTime::from_secs(1_790_000_000);
/// assert_eq!(now.saturating_add(Duration::from_secs(60)).as_secs(), 1_790_000_060);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime {
    millis: u64,
}

impl UnixTime {
    /// The last second of the year 9999, after which ISO 8601 has no four-digit year.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// assert_eq!(UnixTime::LAST.to_iso8601().as_deref(), Some("9999-12-31T23:59:59.000Z"));
    /// ```
    pub const LAST: Self = Self::from_secs(253_402_300_799);

    /// Makes a moment from milliseconds since the Unix epoch.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// assert_eq!(UnixTime::from_millis(5_999).as_secs(), 5);
    /// assert!(UnixTime::from_millis(5_999) > UnixTime::from_secs(5));
    /// ```
    pub const fn from_millis(millis: u64) -> Self {
        Self { millis }
    }

    /// Makes a moment from seconds since the Unix epoch. What lies beyond the largest moment is the largest moment.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// assert_eq!(UnixTime::from_secs(5), UnixTime::from_millis(5_000));
    /// ```
    pub const fn from_secs(secs: u64) -> Self {
        Self::from_millis(secs.saturating_mul(1000))
    }

    /// Returns the milliseconds since the Unix epoch.
    ///
    /// ```
    /// assert_eq!(aura_types::UnixTime::from_secs(5).as_millis(), 5_000);
    /// ```
    pub const fn as_millis(self) -> u64 {
        self.millis
    }

    /// Returns the whole seconds since the Unix epoch.
    ///
    /// ```
    /// assert_eq!(aura_types::UnixTime::from_secs(5).as_secs(), 5);
    /// ```
    pub const fn as_secs(self) -> u64 {
        self.millis / 1000
    }

    /// Returns the moment `duration` later, or the largest one.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// use std::time::Duration;
    /// let later = UnixTime::from_secs(5).saturating_add(Duration::from_millis(250));
    /// assert_eq!(later.as_millis(), 5_250);
    /// let largest = UnixTime::from_millis(u64::MAX);
    /// assert_eq!(largest.saturating_add(Duration::from_secs(1)), largest);
    /// ```
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        let secs = Self::from_secs(duration.as_secs());
        let millis = secs.millis.saturating_add(duration.subsec_millis() as u64);
        Self::from_millis(self.millis.saturating_add(millis))
    }

    /// Drops the part of a second, which no token holds.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// assert_eq!(UnixTime::from_millis(5_999).whole_seconds(), UnixTime::from_secs(5));
    /// ```
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self::from_secs(self.as_secs())
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
        u64::try_from(moment.unix_timestamp()).ok().map(Self::from_secs)
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
        self.millis > now.saturating_add(MAX_BEHIND).millis
    }

    /// Tells whether the moment is before the year 10000, so that ISO 8601 has a text for it.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// assert!(UnixTime::LAST.has_a_date());
    /// assert!(!UnixTime::from_secs(253_402_300_800).has_a_date());
    /// ```
    pub const fn has_a_date(self) -> bool {
        self.as_secs() <= Self::LAST.as_secs()
    }

    /// Writes the moment as UTC ISO 8601 with milliseconds, as the session body does, or `None` after the year 9999.
    ///
    /// ```
    /// use aura_types::UnixTime;
    /// assert_eq!(UnixTime::from_secs(1_791_296_000).to_iso8601().as_deref(), Some("2026-10-06T14:13:20.000Z"));
    /// assert_eq!(UnixTime::from_millis(1_791_296_000_250).to_iso8601().as_deref(), Some("2026-10-06T14:13:20.250Z"));
    /// assert_eq!(UnixTime::from_secs(u64::MAX).to_iso8601(), None);
    /// ```
    pub fn to_iso8601(self) -> Option<String> {
        let [_, text @ .., _] = self.to_json()?;
        String::from_utf8(text.to_vec()).ok()
    }

    /// Returns the same in quotation marks: a JSON text, without an allocation.
    #[doc(hidden)]
    pub fn to_json(self) -> Option<[u8; 26]> {
        let secs = i64::try_from(self.as_secs()).ok().filter(|_| self.has_a_date())?;
        let moment = OffsetDateTime::from_unix_timestamp(secs).ok()?;
        let ((year, month, day), (hour, minute, second)) = (moment.to_calendar_date(), moment.to_hms());
        let (year, millis) = (u16::try_from(year).ok()?, u16::try_from(self.millis % 1000).ok()?);
        let [month, day, hour, minute, second] = [u8::from(month), day, hour, minute, second].map(u16::from);
        // Every session is answered with one. The formatter of `time` takes 2,000 instructions, and this 200.
        let mut text = *b"\"0000-00-00T00:00:00.000Z\"";
        for (at, number) in [
            (1, year / 100),
            (3, year % 100),
            (6, month),
            (9, day),
            (12, hour),
            (15, minute),
            (18, second),
            (21, millis / 10),
            (22, millis % 100),
        ] {
            let [digit, _] = (number / 10).to_le_bytes();
            let [last, _] = (number % 10).to_le_bytes();
            *text.get_mut(at..)?.first_chunk_mut()? = [b'0' | digit, b'0' | last];
        }
        Some(text)
    }
}

impl Serialize for UnixTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.as_secs())
    }
}

impl<'de> Deserialize<'de> for UnixTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::from_secs)
    }
}
