//! Time of the main pieces of work, beside that of the cryptography that reading a session requires.
#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "a benchmark that is set up wrongly must fail loudly"
)]

use aura_benches::scenarios::{Scenario, find};
use criterion::{Criterion, criterion_group, criterion_main};
use std::time::{Duration, Instant};

const NAMES: [&str; 12] = [
    "crypto",
    "session",
    "get-session",
    "visit",
    "no-cookie",
    "forged",
    "sign-in-redirect",
    "csrf-token",
    "sign-in",
    "axum-hello",
    "axum-get-session",
    "axum-extractor",
];

/// The time of this many repetitions, without that of preparing them.
fn time(scenario: &Scenario, times: u64) -> Duration {
    let mut spent = Duration::ZERO;
    let mut left = times;
    while left > 0 {
        let at_once = left.min(scenario.most as u64);
        let mut work = scenario.prepare();
        let start = Instant::now();
        (0..at_once).for_each(|_| work());
        spent += start.elapsed();
        left -= at_once;
    }
    spent
}

fn all(criterion: &mut Criterion) {
    for name in NAMES {
        let scenario = find(name).expect("a scenario");
        criterion.bench_function(name, |bencher| bencher.iter_custom(|times| time(scenario, times)));
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
