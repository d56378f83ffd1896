//! Tests of races: properties of what threads share, under the schedules that `shuttle` chooses.
//!
//! A *story* starts threads and asserts a property when they have ended. Two threads that run to their ends in one order or the other
//! are not enough: a schedule may change the thread before and after each lock, each wake-up and each atomic operation. `shuttle`
//! reports threads that wait for each other, too.
//!
//! `tests/races.sh` runs these tests. Most properties have mistakes that their story must find: a plain implementation of what is tested
//! makes one, and fails; it makes none, and passes. These have none, because no plain implementation covers them: the failure of one
//! exchange, requests that are dropped, answers that are read again, the half of an authority, the limit of keys that are counted, and
//! the cases of counts.
//!
//! Not covered:
//!
//! * the effects of relaxed atomic operations, which `shuttle` runs as sequentially consistent ones. `Arrivals` alone has such, and each of
//!   its decisions reads one number;
//! * the counts of `Arc` and `Weak`, which are those of the standard library: no thread changes within an operation on them;
//! * time: no timeout ends, and no clock goes on;
//! * the tasks of tokio, and the idle connections of the blocking store in Redis, which are made by a server alone.

#![expect(clippy::arithmetic_side_effects, reason = "the numbers are small")]

mod counts;
mod explore;
mod flights;
mod gates;
mod others;
mod stores;
