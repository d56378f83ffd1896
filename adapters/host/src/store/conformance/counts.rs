//! Cases of stores of counts.

use super::probe::random;
use crate::store::{BlockingCountStore, StoreError, count_blocking};
use crate::threads::{sync::Barrier, thread};
use crate::world::now;
use aura_proto::store::{CountKey, CountRequest, Counted, SwapCount};
use aura_proto::{Quota, UnixTime};
use std::fmt::Debug;
use std::time::Duration;

/// One case of the suite of stores of counts.
///
/// ```
/// use aura_host::store::{MemoryCounts, conformance};
///
/// for case in conformance::COUNT_CASES {
///     case.run(&MemoryCounts::default(), 3);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CountCase {
    /// What the store has to do.
    pub name: &'static str,
    check: fn(&Probe<'_>),
}

impl CountCase {
    /// Runs the case; a race as often as `rounds` says.
    ///
    /// # Panics
    /// The store does not do what the case says.
    pub fn run(&self, store: &dyn BlockingCountStore, rounds: u32) {
        (self.check)(&Probe { store, case: self.name, rounds });
    }
}

/// Names cases after their functions.
macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        &[$(CountCase { name: stringify!($case), check: $case }),+]
    };
}

/// The cases of stores of counts, in the order of [`run_counts`].
///
/// ```
/// assert!(aura_host::store::conformance::COUNT_CASES.len() > 5);
/// ```
pub const COUNT_CASES: &[CountCase] = cases![
    a_number_is_written_where_there_is_none,
    a_swap_of_another_number_changes_nothing,
    keys_of_all_bytes_are_kept_apart,
    no_new_key_ends_a_number_that_counts,
    a_number_that_has_expired_is_swapped_or_gone,
    extreme_numbers_are_refused_or_kept,
    of_eight_swaps_of_a_number_one_succeeds,
    eight_requests_at_once_are_counted_exactly,
];

/// Runs every case of stores of counts, and each race [`ROUNDS`](super::ROUNDS) times.
///
/// ```
/// use aura_host::store::{MemoryCounts, conformance};
///
/// conformance::run_counts(&MemoryCounts::default());
/// ```
///
/// # Panics
/// The store does not do what a case says.
pub fn run_counts(store: &dyn BlockingCountStore) {
    for case in COUNT_CASES {
        case.run(store, super::ROUNDS);
    }
}

/// A store of counts under test.
struct Probe<'a> {
    store: &'a dyn BlockingCountStore,
    case: &'static str,
    rounds: u32,
}

impl Probe<'_> {
    #[track_caller]
    fn same<T: PartialEq + Debug>(&self, what: &str, found: T, expected: T) {
        assert!(found == expected, "{}: {what}: expected {expected:?}, found {found:?}", self.case);
    }

    #[track_caller]
    fn answered<T>(&self, answer: Result<T, StoreError>) -> T {
        answer.unwrap_or_else(|error| panic!("{}: expected an answer, the store failed: {error}", self.case))
    }

    #[track_caller]
    fn number(&self, key: CountKey) -> Option<u64> {
        self.answered(self.store.get_count(key))
    }

    #[track_caller]
    fn swap(&self, key: CountKey, old: Option<u64>, new: u64) -> bool {
        self.answered(self.store.swap_count(SwapCount::new(key, old, new, now())))
    }
}

fn key() -> CountKey {
    CountKey::from_bytes(random())
}

/// The number of a time so many seconds from the present one.
fn ahead(seconds: u64) -> u64 {
    now().saturating_add(Duration::from_secs(seconds)).as_millis().saturating_mul(1000)
}

fn a_number_is_written_where_there_is_none(probe: &Probe<'_>) {
    let (key, first, second) = (key(), ahead(600), ahead(700) + 1);
    probe.same("the number", probe.number(key), None);
    probe.same("a swap of no number", probe.swap(key, None, first), true);
    probe.same("the number", probe.number(key), Some(first));
    probe.same("a swap of the number", probe.swap(key, Some(first), second), true);
    probe.same("the number", probe.number(key), Some(second));
}

fn a_swap_of_another_number_changes_nothing(probe: &Probe<'_>) {
    let (key, number) = (key(), ahead(600));
    probe.same("a swap of a number where there is none", probe.swap(key, Some(number), number + 1), false);
    probe.same("the number", probe.number(key), None);
    probe.same("a swap of no number", probe.swap(key, None, number), true);
    for old in [None, Some(0), Some(number - 1), Some(number + 1)] {
        probe.same("a swap of another number", probe.swap(key, old, number + 2), false);
        probe.same("the number", probe.number(key), Some(number));
    }
}

fn keys_of_all_bytes_are_kept_apart(probe: &Probe<'_>) {
    let other = key();
    for (at, key) in [[0; 16], [0xff; 16]].map(CountKey::from_bytes).into_iter().enumerate() {
        let (old, new) = (probe.number(key), ahead(600) + at as u64);
        probe.same("a swap", probe.swap(key, old, new), true);
        probe.same("the number", probe.number(key), Some(new));
        probe.same("the number of another key", probe.number(other), None);
    }
}

fn no_new_key_ends_a_number_that_counts(probe: &Probe<'_>) {
    let (first, number) = (key(), ahead(60));
    probe.same("a swap", probe.swap(first, None, number), true);
    for _ in 0..100 {
        probe.same("a swap", probe.swap(key(), None, ahead(600)), true);
    }
    probe.same("the number", probe.number(first), Some(number));
}

fn a_number_that_has_expired_is_swapped_or_gone(probe: &Probe<'_>) {
    let key = key();
    let long_ago = now().as_millis().saturating_sub(3_600_000).saturating_mul(1000);
    probe.same("a swap", probe.swap(key, None, long_ago), true);
    let found = probe.number(key);
    probe.same("whether it is the number or none", found.is_none_or(|found| found == long_ago), true);
    let new = ahead(600);
    probe.same("a swap", probe.swap(key, found, new), true);
    probe.same("the number", probe.number(key), Some(new));
}

fn extreme_numbers_are_refused_or_kept(probe: &Probe<'_>) {
    for number in [(1 << 53) + 1, i64::MAX as u64 - 1, i64::MAX as u64, u64::MAX] {
        let key = key();
        let swapped = probe.store.swap_count(SwapCount::new(key, None, number, now()));
        probe.same("the number", probe.number(key), swapped.is_ok().then_some(number));
        if let Ok(swapped) = swapped {
            probe.same("a swap", swapped, true);
            probe.same("a swap", probe.swap(key, Some(number), ahead(60)), true);
        }
    }
}

fn of_eight_swaps_of_a_number_one_succeeds(probe: &Probe<'_>) {
    for round in 0..probe.rounds {
        let (key, number) = (key(), ahead(600));
        let old = (round % 2 == 0).then_some(number);
        if old.is_some() {
            probe.same("a swap", probe.swap(key, None, number), true);
        }
        let swapped = at_once(|at| probe.swap(key, old, number + 1 + at));
        probe.same("how many succeed", swapped.iter().filter(|swapped| **swapped).count(), 1);
        let written = probe.number(key).and_then(|written| written.checked_sub(number + 1));
        let first = swapped.iter().position(|swapped| *swapped).map(|at| at as u64);
        probe.same("whose number it is", written, first);
    }
}

fn eight_requests_at_once_are_counted_exactly(probe: &Probe<'_>) {
    let quota = Quota::new(5, Duration::from_secs(3600));
    for _ in 0..probe.rounds {
        let (question, now): (_, UnixTime) = (CountRequest::new(key(), quota), now());
        let counted = at_once(|_| count_blocking(probe.store, &question, || now));
        let allowed = counted.iter().filter(|counted| **counted == Ok(Counted::Allowed)).count();
        probe.same("how many are allowed", allowed, 5);
        probe.same("whether all are counted", counted.iter().all(Result::is_ok), true);
    }
}

/// Does something eight times at once.
fn at_once<T: Send>(what: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(8);
    thread::scope(|scope| {
        let doing: Vec<_> = (0..8)
            .map(|at| {
                let (start, what) = (&start, &what);
                scope.spawn(move || {
                    start.wait();
                    what(at)
                })
            })
            .collect();
        let done = doing.into_iter().map(|one| one.join());
        done.map(|one| one.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
