//! Benchmarks of `aura-proto`: `cargo bench -p aura-benches`.
#![forbid(unsafe_code)]
