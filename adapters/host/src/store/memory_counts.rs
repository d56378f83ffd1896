//! Store of counts in the memory of one process, with a limit of keys.

use super::{BlockingCountStore, CountStore, StoreError, StoreFuture};
use crate::threads::sync::{Arc, Mutex, MutexGuard, PoisonError};
use aura_proto::UnixTime;
use aura_proto::store::{CountKey, SwapCount};
use std::collections::{BTreeSet, HashMap};

/// Default limit of keys.
const LIMIT: usize = 100_000;
/// How many expired keys a swap deletes at most. It is more than one, so that they become fewer.
const TIDIED: usize = 4;

/// Counts in memory: for one process, until it ends. Clones are the same store.
///
/// It keeps at most a limit of keys, by default 100,000, of some 100 bytes each. Keys leave it when they have expired. In a full store
/// those that are there go on to count, and a new one fails: no flood of new clients resets the count of another.
///
/// ```
/// use aura_host::store::{BlockingCountStore, MemoryCounts};
/// use aura_proto::UnixTime;
/// use aura_proto::store::{CountKey, SwapCount};
///
/// let counts = MemoryCounts::with_limit(1);
/// let swap = |key, old, new, now| {
///     let swap = SwapCount::new(CountKey::from_bytes([key; 16]), old, new, UnixTime::from_secs(now));
///     BlockingCountStore::swap_count(&counts, swap)
/// };
/// assert!(swap(1, None, 20_000_000, 10)?);
/// assert!(!swap(1, None, 21_000_000, 10)?, "the key has a number");
/// assert!(swap(2, None, 20_000_000, 19).is_err(), "the first has not expired");
/// assert!(swap(2, None, 30_000_000, 20)?);
/// # Ok::<(), aura_host::store::StoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryCounts {
    limit: usize,
    tables: Arc<Mutex<Tables>>,
}

#[derive(Debug, Default)]
struct Tables {
    counts: HashMap<CountKey, (u64, UnixTime)>,
    ends: BTreeSet<(UnixTime, CountKey)>,
}

/// The store in memory has a limit of keys, and all of them count.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the counts in memory have {0} keys that have not expired, which is their limit")]
struct Full(usize);

impl Default for MemoryCounts {
    fn default() -> Self {
        Self::with_limit(LIMIT)
    }
}

impl MemoryCounts {
    /// Makes an empty store for this many keys.
    pub fn with_limit(limit: usize) -> Self {
        Self { limit, tables: Arc::default() }
    }

    /// Nothing panics while it holds the lock but the allocator.
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlockingCountStore for MemoryCounts {
    fn get_count(&self, key: CountKey) -> Result<Option<u64>, StoreError> {
        Ok(self.lock().counts.get(&key).map(|(count, _)| *count))
    }

    fn swap_count(&self, swap: SwapCount) -> Result<bool, StoreError> {
        let mut tables = self.lock();
        let found = tables.counts.get(&swap.key).copied();
        if found.map(|(count, _)| count) != swap.old {
            return Ok(false);
        }
        match found {
            Some((_, expires)) => drop(tables.ends.remove(&(expires, swap.key))),
            None => {
                tables.sweep(swap.now);
                if tables.counts.len() >= self.limit {
                    return Err(Full(self.limit).into());
                }
            }
        }
        tables.counts.insert(swap.key, (swap.new, swap.expires));
        tables.ends.insert((swap.expires, swap.key));
        Ok(true)
    }
}

/// The lock is held for a few look-ups, so the futures never wait.
impl CountStore for MemoryCounts {
    fn get_count(&self, key: CountKey) -> StoreFuture<'_, Option<u64>> {
        Box::pin(std::future::ready(BlockingCountStore::get_count(self, key)))
    }

    fn swap_count(&self, swap: SwapCount) -> StoreFuture<'_, bool> {
        Box::pin(std::future::ready(BlockingCountStore::swap_count(self, swap)))
    }
}

impl Tables {
    fn sweep(&mut self, now: UnixTime) {
        for _ in 0..TIDIED {
            let Some((_, key)) = self.ends.first().copied().filter(|(expires, _)| *expires <= now) else {
                return;
            };
            self.ends.pop_first();
            self.counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::count_blocking;
    use crate::threads::sync::Barrier;
    use aura_proto::Quota;
    use aura_proto::store::{CountRequest, Counted};
    use std::time::Duration;

    const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

    fn question(key: u16, burst: u32) -> CountRequest {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&key.to_be_bytes());
        CountRequest::new(CountKey::from_bytes(bytes), Quota::new(burst, Duration::from_secs(60)))
    }

    #[test]
    fn rl_04_no_flood_of_other_keys_resets_a_count() {
        let counts = MemoryCounts::with_limit(100);
        let counted = |key, now| count_blocking(&counts, &question(key, 1), || now);
        assert_eq!(counted(0, NOW), Ok(Counted::Allowed));
        for key in 1..1_000 {
            assert_eq!(counted(key, NOW).is_ok(), key < 100);
        }
        assert!(matches!(counted(0, NOW), Ok(Counted::Refused { .. })));
        assert_eq!(counts.lock().counts.len(), 100);
    }

    #[test]
    fn counts_end_by_themselves() {
        let counts = MemoryCounts::default();
        for key in 0..1_000 {
            let now = NOW.saturating_add(Duration::from_secs(u64::from(key) * 20));
            assert_eq!(count_blocking(&counts, &question(key, 1), || now), Ok(Counted::Allowed));
            let tables = counts.lock();
            assert!(tables.counts.len() <= 4 && tables.ends.len() == tables.counts.len());
        }
    }

    #[test]
    fn eight_threads_at_once_are_counted_exactly() {
        let counts = MemoryCounts::default();
        for round in 0..300 {
            let (question, start) = (question(round, 5), Barrier::new(8));
            let allowed = crate::threads::thread::scope(|scope| {
                let asked: Vec<_> = (0..8)
                    .map(|_| {
                        scope.spawn(|| {
                            start.wait();
                            count_blocking(&counts, &question, || NOW).unwrap() == Counted::Allowed
                        })
                    })
                    .collect();
                asked.into_iter().map(|asked| asked.join().unwrap()).filter(|is| *is).count()
            });
            assert_eq!(allowed, 5);
        }
    }
}
