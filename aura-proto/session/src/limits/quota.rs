//! Quotas, decided by the generic cell rate algorithm: one number for each key (ITU-T I.371 annex A).

use aura_types::UnixTime;
use std::time::Duration;

/// The longest time of a quota, in microseconds: 36,000 years, to which a time can be added.
const LONGEST: u64 = 1 << 60;

/// How often something may happen: `burst` times at once, and as often again, evenly, in the time `per`. A burst of 0 refuses
/// everything.
///
/// ```
/// use aura_session::{Quota, QuotaDecision, UnixTime};
/// use std::time::Duration;
///
/// let (quota, now) = (Quota::new(2, Duration::from_secs(60)), UnixTime::from_secs(1_790_000_000));
/// let QuotaDecision::Allow { next } = quota.decide(None, now) else { unreachable!() };
/// let QuotaDecision::Allow { next } = quota.decide(Some(next), now) else { unreachable!() };
/// let half_a_minute = Duration::from_secs(30);
/// assert_eq!(quota.decide(Some(next), now), QuotaDecision::Refuse { retry_after: half_a_minute });
/// assert!(matches!(quota.decide(Some(next), now.saturating_add(half_a_minute)), QuotaDecision::Allow { .. }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    burst: u32,
    per: Duration,
}

/// What [`Quota::decide`] decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third outcome")]
pub enum QuotaDecision {
    /// It may happen.
    Allow {
        /// What to store then: when nothing will count any longer, in microseconds since 1970.
        next: u64,
    },
    /// It may not happen yet.
    Refuse {
        /// After what time it may.
        retry_after: Duration,
    },
}

impl Quota {
    /// Makes a quota.
    pub const fn new(burst: u32, per: Duration) -> Self {
        Self { burst, per }
    }

    /// Returns how often it may happen at once.
    pub const fn burst(self) -> u32 {
        self.burst
    }

    /// Returns the quota of many clients that cannot be told apart: ten times this one.
    pub(crate) const fn of_many(self) -> Self {
        Self { burst: self.burst.saturating_mul(10), ..self }
    }

    /// Returns after what time one more may happen, once the burst is used up. It is a microsecond at least.
    ///
    /// ```
    /// use aura_session::Quota;
    /// use std::time::Duration;
    /// assert_eq!(Quota::new(120, Duration::from_secs(240)).interval(), Duration::from_secs(2));
    /// ```
    pub fn interval(self) -> Duration {
        Duration::from_micros(self.micros())
    }

    fn micros(self) -> u64 {
        let per = u64::try_from(self.per.as_micros()).map_or(LONGEST, |per| per.min(LONGEST));
        per.div_ceil(self.burst.max(1).into()).max(1)
    }

    /// Decides by what was stored at the last time. A number that is more than an interval beyond a full count is that of a clock that
    /// was ahead, or of a larger quota: the request passes, and the count is full then, so that nobody waits for hours.
    pub fn decide(self, stored: Option<u64>, now: UnixTime) -> QuotaDecision {
        let now = now.as_millis().saturating_mul(1000);
        let interval = self.micros();
        let full = now.saturating_add(interval.saturating_mul(self.burst.into()));
        let longest = full.saturating_add(interval);
        let next = match stored.unwrap_or(now).max(now) {
            beyond if beyond > longest && self.burst > 0 => full,
            stored => stored.min(longest).saturating_add(interval),
        };
        match next.checked_sub(full) {
            None | Some(0) => QuotaDecision::Allow { next },
            Some(excess) => QuotaDecision::Refuse { retry_after: Duration::from_micros(excess) },
        }
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the numbers of the tests are small")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A queue, served one request in `interval` ticks of a millisecond, tick by tick.
    struct Queue {
        interval: u64,
        burst: usize,
        /// What is left of each request.
        left: std::collections::VecDeque<u64>,
        now: u64,
    }

    impl Queue {
        fn allows(&mut self, now: u64) -> bool {
            while self.now < now {
                self.now += 1;
                if let Some(first) = self.left.front_mut() {
                    *first -= 1;
                    if *first == 0 {
                        self.left.pop_front();
                    }
                }
            }
            let has_room = self.left.len() < self.burst;
            if has_room {
                self.left.push_back(self.interval);
            }
            has_room
        }
    }

    const START: u64 = 1_790_000_000_000;

    proptest! {
        #[test]
        fn a_quota_decides_as_a_queue_does(
            (burst, interval) in (1_u32..9, 1_u64..40),
            waits in prop::collection::vec(0_u64..60, 1..120),
        ) {
            let quota = Quota::new(burst, Duration::from_millis(interval * u64::from(burst)));
            let mut queue =
                Queue { interval, burst: usize::try_from(burst).unwrap(), left: Default::default(), now: 0 };
            let (mut stored, mut now) = (None, 0);
            for wait in waits {
                now += wait;
                let decision = quota.decide(stored, UnixTime::from_millis(START + now));
                match decision {
                    QuotaDecision::Allow { next } => stored = Some(next),
                    QuotaDecision::Refuse { retry_after } => {
                        let again = START + now + u64::try_from(retry_after.as_millis()).unwrap();
                        let early = quota.decide(stored, UnixTime::from_millis(again - 1));
                        let allows = |decision| matches!(decision, QuotaDecision::Allow { .. });
                        prop_assert!(allows(quota.decide(stored, UnixTime::from_millis(again))) && !allows(early));
                    }
                }
                prop_assert_eq!(matches!(decision, QuotaDecision::Allow { .. }), queue.allows(now));
            }
        }

        #[test]
        fn any_numbers_are_decided_and_nobody_waits_longer_than_two_intervals(
            burst: u32, per: Duration, stored: Option<u64>, now: u64,
        ) {
            let decision = Quota::new(burst, per).decide(stored, UnixTime::from_millis(now));
            if let QuotaDecision::Refuse { retry_after } = decision {
                let interval = Quota::new(burst, per).interval();
                prop_assert!(retry_after <= interval.saturating_mul(2));
            }
        }
    }

    #[test]
    fn a_quota_of_the_longest_time_is_used_up_once() {
        let (quota, now) = (Quota::new(1, Duration::MAX), UnixTime::from_millis(START));
        let QuotaDecision::Allow { next } = quota.decide(None, now) else { panic!("it is new") };
        assert!(matches!(quota.decide(Some(next), now), QuotaDecision::Refuse { .. }));
    }

    #[test]
    fn a_number_of_another_clock_or_a_larger_quota_makes_nobody_wait_for_hours() {
        let (quota, now) = (Quota::new(5, Duration::from_secs(60)), UnixTime::from_millis(START));
        let ahead = (START + 3_600_000) * 1000;
        let QuotaDecision::Allow { next } = quota.decide(Some(ahead), now) else {
            panic!("the count is full, and no more")
        };
        assert_eq!(quota.decide(Some(next), now), QuotaDecision::Refuse { retry_after: quota.interval() });
    }

    #[test]
    fn a_burst_is_exact_and_none_refuses_everything() {
        for burst in [0, 1, 7, 120] {
            let (quota, now) = (Quota::new(burst, Duration::from_secs(240)), UnixTime::from_millis(START));
            let (mut stored, mut allowed) = (None, 0);
            while let QuotaDecision::Allow { next } = quota.decide(stored, now) {
                (stored, allowed) = (Some(next), allowed + 1);
            }
            assert_eq!(allowed, burst);
        }
    }
}
