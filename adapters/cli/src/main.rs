//! The process of the command `aura`: its environment, clock, random source and network.
#![forbid(unsafe_code)]

use aura_blocking::{UreqClient, now};
use aura_cli::{World, run};
use std::io::{stderr, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let world = World {
        variable: &|name| std::env::var(name).ok(),
        input: &mut stdin(),
        output: &mut stdout(),
        errors: &mut stderr(),
        now: now(),
        random: &|bytes| getrandom::fill(bytes).is_ok(),
        client: &|| Box::new(UreqClient::new()),
    };
    ExitCode::from(run(std::env::args_os(), world))
}
