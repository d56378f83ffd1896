//! Locks, atomics and threads: those of the standard library, and those of `shuttle` in the tests of races.
//!
//! `tests/races.sh` sets `aura_shuttle`. What threads share is made of nothing else, or the tests would not see it.

#[cfg(all(test, aura_shuttle))]
pub(crate) use shuttle::{sync, thread, thread_local};
#[cfg(not(all(test, aura_shuttle)))]
pub(crate) use std::{sync, thread, thread_local};
