//! Counts in memory: of requests at once, as many pass as the quota says, and a full store lets no new key in.

use super::explore::{fails, holds, holds_always};
use crate::store::{BlockingCountStore, MemoryCounts, StoreError, conformance, count_blocking};
use crate::threads::sync::Mutex;
use crate::threads::thread;
use aura_proto::store::{CountKey, CountRequest, Counted, SwapCount};
use aura_proto::{Quota, UnixTime};
use std::collections::BTreeMap;
use std::time::Duration;

const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

/// A store of counts that may make a mistake: it compares, and writes, under two locks.
#[derive(Default)]
struct Plain {
    compares_apart: bool,
    counts: Mutex<BTreeMap<CountKey, u64>>,
}

impl BlockingCountStore for Plain {
    fn get_count(&self, key: CountKey) -> Result<Option<u64>, StoreError> {
        Ok(self.counts.lock().unwrap().get(&key).copied())
    }

    fn swap_count(&self, swap: SwapCount) -> Result<bool, StoreError> {
        let mut counts = self.counts.lock().unwrap();
        if counts.get(&swap.key).copied() != swap.old {
            return Ok(false);
        }
        if self.compares_apart {
            drop(counts);
            counts = self.counts.lock().unwrap();
        }
        counts.insert(swap.key, swap.new);
        Ok(true)
    }
}

/// Of so many requests at once, as many pass as the quota has.
fn exact(store: &dyn BlockingCountStore, threads: usize, burst: u32) {
    let question =
        CountRequest::new(CountKey::from_bytes([1; 16]), Quota::new(burst, Duration::from_secs(60)));
    let passed: usize = thread::scope(|scope| {
        let count = || usize::from(count_blocking(store, &question, || NOW) == Ok(Counted::Allowed));
        let counting: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
        counting.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(passed, burst as usize, "how many pass");
}

#[test]
fn as_many_pass_as_the_quota_says() {
    holds_always("one of two", || exact(&MemoryCounts::default(), 2, 1));
    holds("two of three", || exact(&MemoryCounts::default(), 3, 2));
    holds("three of six", || exact(&MemoryCounts::default(), 6, 3));
    holds("plain", || exact(&Plain::default(), 2, 1));
    fails("compares apart", "how many pass", || {
        exact(&Plain { compares_apart: true, ..Plain::default() }, 2, 1)
    });
}

#[test]
fn a_full_store_counts_no_key_more_than_its_limit() {
    let story = |keys: u8| {
        let counts = MemoryCounts::with_limit(1);
        let swap = |key| {
            let key = CountKey::from_bytes([key; 16]);
            let swap = SwapCount::new(key, None, NOW.as_millis().saturating_mul(1000).saturating_add(1), NOW);
            counts.swap_count(swap).is_ok()
        };
        let kept = thread::scope(|scope| {
            let swapping: Vec<_> = (0..keys).map(|key| scope.spawn(move || swap(key))).collect();
            swapping.into_iter().map(|one| one.join().unwrap()).filter(|kept| *kept).count()
        });
        assert_eq!(kept, 1, "how many keys were kept");
    };
    holds_always("two keys", move || story(2));
    holds("three keys", move || story(3));
}

/// The cases of the conformance suite that swap at once.
#[test]
fn the_cases_of_counts_hold() {
    let races: Vec<_> = conformance::COUNT_CASES.iter().filter(|case| case.name.contains("eight")).collect();
    assert_eq!(races.len(), 2, "the cases that swap at once");
    for case in races {
        holds(case.name, || case.run(&MemoryCounts::default(), 1));
    }
}
