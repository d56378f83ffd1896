//! Repeated pieces of work, for valgrind to count.
#![forbid(unsafe_code)]

use aura_benches::scenarios::{MOST, SCENARIOS, find};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [name, times] = arguments.as_slice() else { return usage() };
    let (Some(scenario), Ok(times)) = (find(name), times.parse::<usize>()) else { return usage() };
    if times > scenario.most {
        return usage();
    }
    let mut work = scenario.prepare();
    (0..times).for_each(|_| work());
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: cost NAME TIMES, up to {MOST} times, less for some. The names:");
    SCENARIOS.iter().for_each(|scenario| eprintln!("  {:<22} {}", scenario.name, scenario.description));
    ExitCode::FAILURE
}
