//! The question of a limit to the store of counts, and its answer.

use super::quota::{Quota, QuotaDecision};
use crate::stored::questions::CountKey;
use aura_types::UnixTime;
use http::header::{self, HeaderMap, HeaderName};
use serde_json::{Map, Value};
use std::time::Duration;

/// Count a request, if its quota allows it. A host reads what is stored for the key, has [`decide`](Self::decide) decide, and swaps
/// the number for another. It begins again where another request was faster, and after eight times the answer is
/// `StoreFailed`.
///
/// ```
/// use aura_proto::store::{Cost, CountDecision, CountKey, CountRequest, Counted};
/// use aura_proto::{Quota, UnixTime};
/// use std::time::Duration;
///
/// let now = UnixTime::from_secs(1_790_000_000);
/// let mut question = CountRequest::new(CountKey::from_bytes([1; 16]), Quota::new(1, Duration::from_secs(60)));
/// let CountDecision::Swap(swap) = question.decide(None, now) else { unreachable!() };
/// assert_eq!((swap.old, swap.expires), (None, UnixTime::from_secs(1_790_000_060)));
///
/// question.cost = Cost::Zero;
/// assert_eq!(question.decide(None, now), CountDecision::Done(Counted::Allowed));
/// let retry_after = Duration::from_secs(60);
/// assert_eq!(question.decide(Some(swap.new), now), CountDecision::Done(Counted::Refused { retry_after }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountRequest {
    /// What is counted.
    pub key: CountKey,
    /// How often it may happen.
    pub quota: Quota,
    /// Whether it counts.
    pub cost: Cost,
}

/// What a request costs of its quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a host must carry out both")]
pub enum Cost {
    /// Nothing. It is refused where another one that costs something would be.
    Zero,
    /// One.
    One,
}

/// Whether a request may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a host answers with one of these")]
pub enum Counted {
    /// It may.
    Allowed,
    /// There were too many.
    Refused {
        /// After what time one may be answered.
        retry_after: Duration,
    },
}

/// What a host does about a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a host must carry out both")]
pub enum CountDecision {
    /// Answer with this.
    Done(Counted),
    /// Swap the number, and answer with [`Counted::Allowed`] where that succeeds.
    Swap(SwapCount),
}

/// Write a number in place of another, atomically: only where the key has the old number, or none if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SwapCount {
    /// What is counted.
    pub key: CountKey,
    /// The number that was read.
    pub old: Option<u64>,
    /// The number to write: microseconds since 1970.
    pub new: u64,
    /// The host's time, at which numbers that have expired may be deleted.
    pub now: UnixTime,
    /// When the number means nothing any longer and may be deleted.
    pub expires: UnixTime,
}

impl SwapCount {
    /// Makes a swap, for the tests of a store.
    pub const fn new(key: CountKey, old: Option<u64>, new: u64, now: UnixTime) -> Self {
        Self { key, old, new, now, expires: UnixTime::from_millis(new.div_ceil(1000)) }
    }
}

impl CountRequest {
    /// Asks about a request that counts.
    pub const fn new(key: CountKey, quota: Quota) -> Self {
        Self { key, quota, cost: Cost::One }
    }

    /// Decides by the number that is stored for the key, if any.
    pub fn decide(&self, stored: Option<u64>, now: UnixTime) -> CountDecision {
        match (self.quota.decide(stored, now), self.cost) {
            (QuotaDecision::Refuse { retry_after }, _) => {
                CountDecision::Done(Counted::Refused { retry_after })
            }
            (QuotaDecision::Allow { .. }, Cost::Zero) => CountDecision::Done(Counted::Allowed),
            (QuotaDecision::Allow { next }, Cost::One) => {
                CountDecision::Swap(SwapCount::new(self.key, stored, next, now))
            }
        }
    }
}

/// How a client that sent too many requests is told: by status 429, `Retry-After` (RFC 9110 section 10.2.3) and
/// `X-RateLimit-*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttled(Box<Terms>);

/// Boxed, so that errors and answers without it stay small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Terms {
    limit: u32,
    retry_after: Duration,
    reset_at: UnixTime,
}

impl Throttled {
    /// Says that a quota is used up for a time.
    ///
    /// ```
    /// use aura_proto::{Quota, RequestError, Respond, Throttled, UnixTime};
    /// use std::time::Duration;
    ///
    /// let quota = Quota::new(20, Duration::from_secs(60));
    /// let throttled = Throttled::new(quota, Duration::from_secs(3), UnixTime::from_secs(1_790_000_000));
    /// let response = Respond::refusal(RequestError::TooManyRequests(throttled)).into_response();
    /// assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (429, &"3".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(quota: Quota, retry_after: Duration, now: UnixTime) -> Self {
        let reset_at = now.saturating_add(retry_after);
        Self(Box::new(Terms { limit: quota.burst(), retry_after, reset_at }))
    }

    /// Writes the headers of the wire contract: seconds, and the time in seconds since 1970.
    #[doc(hidden)]
    pub fn write(&self, headers: &mut HeaderMap) {
        let seconds = self.milliseconds().div_ceil(1000).max(1);
        headers.insert(header::RETRY_AFTER, seconds.into());
        headers.insert(HeaderName::from_static("x-ratelimit-limit"), self.0.limit.into());
        headers.insert(HeaderName::from_static("x-ratelimit-remaining"), 0.into());
        let reset = self.0.reset_at.as_millis().div_ceil(1000);
        headers.insert(HeaderName::from_static("x-ratelimit-reset"), reset.into());
    }

    /// Returns the members that the body has beside those of every error: milliseconds.
    #[doc(hidden)]
    pub fn members(&self) -> Map<String, Value> {
        Map::from_iter([
            ("error".to_owned(), "Too Many Requests".into()),
            ("retryAfter".to_owned(), self.milliseconds().into()),
            ("resetAt".to_owned(), self.0.reset_at.as_millis().into()),
        ])
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.retry_after.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
    }
}
