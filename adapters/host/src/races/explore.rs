//! Schedules of a story: every one, or where there are too many, random ones of two kinds.
#![expect(clippy::print_stdout, reason = "the figures are for people to read")]

use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};
use std::sync::Arc;

/// Up to how many schedules all are tried, where a story has to hold under all and where it need not.
const MOST: usize = 200_000;
const ALL: usize = 20_000;
/// How many schedules of a story that has more are chosen at random, and how many with a few changes of the thread at unlikely places.
const SOME: usize = 4_000;
/// At how many places.
const CHANGES: usize = 3;
const SEED: u64 = 1_790_000_000;

/// What is tried.
pub(super) trait Story: Fn() + Send + Sync + 'static {}

impl<F: Fn() + Send + Sync + 'static> Story for F {}

/// Runs a story, which has to hold, under every schedule.
pub(super) fn holds_always(name: &str, story: impl Story) {
    let count = run(DfsScheduler::new(Some(MOST), false), &Arc::new(story), FailurePersistence::Print);
    assert!(count < MOST, "{name}: there are more than {MOST} schedules");
    println!("{name}: all {count} schedules");
}

/// Runs a story, which has to hold, under every schedule, or under many.
pub(super) fn holds(name: &str, story: impl Story) {
    let count = explore(&Arc::new(story), FailurePersistence::Print);
    println!("{name}: {}{count} schedules", if count < ALL { "all " } else { "" });
}

/// Runs a story that has a mistake, and has to fail in words that contain these.
pub(super) fn fails(name: &str, words: &str, story: impl Story) {
    let story = Arc::new(story);
    // The failed schedule leaves its thread unusable for others.
    let explored = std::thread::spawn(move || explore(&story, FailurePersistence::None)).join();
    let Err(panic) = explored else {
        panic!("{name}: no schedule of {} finds it", explored.unwrap_or_default())
    };
    let found = panic.downcast_ref::<String>().map(String::as_str);
    let found = found.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
    assert!(found.contains(words), "{name}: expected {words:?}, found {found:?}");
    println!("{name}: found");
}

fn explore<S: Story>(story: &Arc<S>, persistence: FailurePersistence) -> usize {
    let all = run(DfsScheduler::new(Some(ALL), false), story, persistence.clone());
    if all < ALL {
        return all;
    }
    let random = run(RandomScheduler::new_from_seed(SEED, SOME), story, persistence.clone());
    all + random + run(PctScheduler::new_from_seed(SEED, CHANGES, SOME), story, persistence)
}

/// Returns how many schedules there were.
fn run<S: Story>(
    scheduler: impl Scheduler + 'static,
    story: &Arc<S>,
    persistence: FailurePersistence,
) -> usize {
    let mut config = Config::new();
    config.failure_persistence = persistence;
    config.silence_warnings = true;
    config.stack_size = 0x20_000;
    let story = Arc::clone(story);
    Runner::new(scheduler, config).run(move || story())
}
