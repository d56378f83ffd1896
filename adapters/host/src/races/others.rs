//! Randomness, which threads do not share, and the report that nobody arrives, which is made once.

use super::explore::{fails, holds, holds_always};
use crate::arrivals::Arrivals;
use crate::entropy;
use crate::threads::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use crate::threads::thread;
use std::collections::BTreeSet;

/// Three threads take three blocks each, of numbers or of randomness.
fn no_block_serves_twice<T: Ord + Send>(take: impl Fn() -> T + Sync) {
    let blocks: Vec<T> = thread::scope(|scope| {
        let taking: Vec<_> = (0..3).map(|_| scope.spawn(|| [take(), take(), take()])).collect();
        taking.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(blocks.into_iter().collect::<BTreeSet<_>>().len(), 9, "how many blocks differ");
}

#[test]
fn no_block_of_randomness_serves_two_requests() {
    holds("randomness", || no_block_serves_twice(|| *entropy::block().unwrap()));
    let shared = || {
        let left = AtomicUsize::new(64);
        no_block_serves_twice(|| {
            let at = left.load(SeqCst) - 1;
            left.store(at, SeqCst);
            at
        });
    };
    fails("a pool that threads share", "how many blocks differ", shared);
}

#[test]
fn it_is_reported_once_that_nobody_arrives() {
    let story = |threads: usize| {
        let arrivals = Arrivals::default();
        let reported: usize = thread::scope(|scope| {
            let sent: Vec<_> =
                (0..threads).map(|_| scope.spawn(|| usize::from(arrivals.is_reported()))).collect();
            sent.into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!(reported, usize::from(threads >= 3), "how often it is reported");
    };
    holds_always("two", move || story(2));
    holds("three", move || story(3));
    holds("five", move || story(5));
    let counts_apart = || {
        let sent = AtomicUsize::new(0);
        let reported: usize = thread::scope(|scope| {
            let send = || {
                let number = sent.load(SeqCst) + 1;
                sent.store(number, SeqCst);
                usize::from(number == 3)
            };
            let sent: Vec<_> = (0..3).map(|_| scope.spawn(send)).collect();
            sent.into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!(reported, 1, "how often it is reported");
    };
    fails("reads and writes apart", "how often it is reported", counts_apart);
}
