//! Requests of two threads beside those of one: whatever they share would slow both down.
//!
//! It compares the processor time of a request, so that other programs on the machine count less. Twice the rate is 2.
#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    reason = "a benchmark that is set up wrongly must fail loudly, and ratios are real numbers"
)]
#![expect(clippy::print_stdout, reason = "what was measured is what it is for")]

use aura_benches::{NOW, auth, signed_in};
use aura_proto::{Auth, FetchError};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use std::fs;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;

const REQUESTS: u32 = 20_000;
const ROUNDS: usize = 15;

/// The processor time of this thread in nanoseconds, as the scheduler counts it.
fn used() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|time| time.parse().ok()).expect("a number")
}

/// The processor time of one request, in nanoseconds, where this many threads do them at once.
fn of_one(threads: usize, request: &(impl Fn() + Sync)) -> f64 {
    let barrier = Barrier::new(threads);
    let work = || {
        barrier.wait();
        let before = used();
        (0..REQUESTS).for_each(|_| request());
        used() - before
    };
    let times: Vec<u64> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    times.iter().sum::<u64>() as f64 / times.len() as f64 / f64::from(REQUESTS)
}

fn compare(name: &str, request: impl Fn() + Sync) {
    let mut rounds: Vec<_> = (0..ROUNDS).map(|_| (of_one(1, &request), of_one(2, &request))).collect();
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (one, two) = rounds.get(ROUNDS / 2).copied().expect("rounds");
    println!("{name:<34} {one:>6.0} ns {two:>6.0} ns {:>5.2} times the rate", 2.0 * one / two);
}

fn request(headers: &HeaderMap) -> Request<std::io::Empty> {
    let mut request = Request::get("/auth/session").body(std::io::empty()).expect("sound");
    request.headers_mut().clone_from(headers);
    request
}

fn main() {
    let auth: Auth = auth();
    let headers = signed_in(&auth);
    let nobody = |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
    let driver = aura_blocking::Driver::new(auth.clone(), nobody).expect("no store is needed").clock(|| NOW);
    println!("{:<34} {:>9} {:>9}", "one request of", "1 thread", "2 threads");
    compare("no request at all: 40 allocations", || {
        (0..40).for_each(|length| drop(black_box(vec![0_u8; length])));
    });
    compare("Auth::session", || drop(black_box(auth.session(&headers, NOW))));
    compare("Driver::visit", || drop(black_box(driver.visit(&headers))));
    compare("Driver::answer, GET /session", || drop(black_box(driver.clone().answer(request(&headers)))));
}
