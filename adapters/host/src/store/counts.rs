//! Stores of counts, for limits: what a host needs of one, and the loop that counts a request.

use super::{StoreError, StoreFuture};
use aura_proto::UnixTime;
use aura_proto::store::{CountDecision, CountKey, CountRequest, Counted, StoreFailed, SwapCount};

/// How often a count is tried that other requests overtake. Each time one of the same key was counted: where it happens so often, it is a
/// flood.
const TRIES: usize = 32;

/// A store of counts for asynchronous servers. Each question is atomic.
pub trait CountStore: Send + Sync + 'static {
    /// Reads the number of a key, if there is one.
    fn get_count(&self, key: CountKey) -> StoreFuture<'_, Option<u64>>;

    /// Swaps the number of a key where it is the old one, and tells whether it did. A number must not be deleted before it has expired,
    /// by any instance's clock.
    fn swap_count(&self, swap: SwapCount) -> StoreFuture<'_, bool>;
}

/// A store of counts for blocking servers.
pub trait BlockingCountStore: Send + Sync + 'static {
    /// Reads the number of a key, if there is one.
    ///
    /// # Errors
    /// Why the store cannot answer, here and below.
    fn get_count(&self, key: CountKey) -> Result<Option<u64>, StoreError>;

    /// Swaps the number of a key where it is the old one, and tells whether it did. A number must not be deleted before it has expired,
    /// by any instance's clock.
    ///
    /// # Errors
    /// As [`get_count`](Self::get_count).
    fn swap_count(&self, swap: SwapCount) -> Result<bool, StoreError>;
}

/// Counts a request in an asynchronous store. A failure is logged.
///
/// # Errors
/// [`StoreFailed`], where the store cannot answer. A request that others of its key overtake 32 times is refused.
///
/// ```
/// # use aura_host::store::{self, CountStore};
/// # use aura_proto::UnixTime;
/// # use aura_proto::store::{CountRequest, Counted, StoreFailed};
/// # async fn is_allowed(counts: &dyn CountStore, question: &CountRequest, now: impl Fn() -> UnixTime) -> Result<bool, StoreFailed> {
/// Ok(store::count(counts, question, now).await? == Counted::Allowed)
/// # }
/// ```
pub async fn count(
    store: &dyn CountStore,
    question: &CountRequest,
    now: impl Fn() -> UnixTime,
) -> Result<Counted, StoreFailed> {
    for _ in 0..TRIES {
        let stored = logged(store.get_count(question.key).await)?;
        match question.decide(stored, now()) {
            CountDecision::Done(counted) => return Ok(counted),
            CountDecision::Swap(swap) => {
                if logged(store.swap_count(swap).await)? {
                    return Ok(Counted::Allowed);
                }
            }
        }
    }
    Ok(overtaken(question))
}

/// Counts a request in a blocking store. A failure is logged.
///
/// # Errors
/// As [`count`].
///
/// ```
/// use aura_host::store::{MemoryCounts, count_blocking};
/// use aura_proto::store::{CountKey, CountRequest, Counted};
/// use aura_proto::{Quota, UnixTime};
/// use std::time::Duration;
///
/// let counts = MemoryCounts::default();
/// let question = CountRequest::new(CountKey::from_bytes([1; 16]), Quota::new(1, Duration::from_secs(60)));
/// let counted = || count_blocking(&counts, &question, || UnixTime::from_secs(1_790_000_000));
/// assert_eq!(counted(), Ok(Counted::Allowed));
/// assert!(matches!(counted(), Ok(Counted::Refused { .. })));
/// ```
pub fn count_blocking(
    store: &dyn BlockingCountStore,
    question: &CountRequest,
    now: impl Fn() -> UnixTime,
) -> Result<Counted, StoreFailed> {
    for _ in 0..TRIES {
        let stored = logged(store.get_count(question.key))?;
        match question.decide(stored, now()) {
            CountDecision::Done(counted) => return Ok(counted),
            CountDecision::Swap(swap) => {
                if logged(store.swap_count(swap))? {
                    return Ok(Counted::Allowed);
                }
            }
        }
    }
    Ok(overtaken(question))
}

fn logged<T>(answer: Result<T, StoreError>) -> Result<T, StoreFailed> {
    answer.map_err(|error| {
        tracing::error!(target: "aura", %error, "COUNT_STORE_FAILED");
        StoreFailed
    })
}

fn overtaken(question: &CountRequest) -> Counted {
    tracing::warn!(target: "aura", tries = TRIES, "COUNT_OVERTAKEN");
    Counted::Refused { retry_after: question.quota.interval() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aura_proto::Quota;
    use std::time::Duration;

    /// A store in which another request is always faster.
    struct Overtaken;

    impl BlockingCountStore for Overtaken {
        fn get_count(&self, _: CountKey) -> Result<Option<u64>, StoreError> {
            Ok(None)
        }

        fn swap_count(&self, _: SwapCount) -> Result<bool, StoreError> {
            Ok(false)
        }
    }

    #[test]
    fn rl_01_a_flood_that_overtakes_itself_is_refused() {
        let quota = Quota::new(10, Duration::from_secs(600));
        let question = CountRequest::new(CountKey::from_bytes([1; 16]), quota);
        let counted = count_blocking(&Overtaken, &question, || UnixTime::from_secs(1_790_000_000));
        assert_eq!(counted, Ok(Counted::Refused { retry_after: Duration::from_secs(60) }));
    }
}
