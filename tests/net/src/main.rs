//! Two cores compared call by call: the one that is frozen in `tests/net/before`, and that of the working tree.
//!
//! `cargo run --release --manifest-path tests/net/Cargo.toml -- [--tests-of COMMIT] [SUITE..]`, from the root of the repository.
//! [README.md](../README.md) says what is compared.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the table is for people to read")]

mod compared;
mod records;
mod selftest;
mod side;
mod suites;
mod tree;
mod weave;

use compared::{Compared, Net};
use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments say, and tells whether both cores are alike.
fn run() -> Result<bool, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (mut suites, mut tests, mut is_self_test) = (Vec::new(), None, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--self-test" => is_self_test = true,
            "--tests-of" => tests = Some(arguments.next().ok_or("--tests-of needs a commit")?),
            _ => suites.push(argument),
        }
    }
    if is_self_test {
        return selftest::run();
    }
    if suites.is_empty() {
        suites.extend(suites::TESTS.map(str::to_owned));
        suites.extend(suites::corpora()?);
    }
    let net = Net { suites, tests, change: None };
    let rows = net.compare()?;
    print(&rows);
    let failed: Vec<&Compared> = rows.iter().filter(|row| !row.is_alike()).collect();
    for row in &failed {
        println!("{}: {}", row.suite, row.told);
    }
    Ok(failed.is_empty() && !rows.is_empty())
}

fn print(rows: &[Compared]) {
    println!("{:<30} {:>10} {:>10} {:>10}", "suite", "before", "after", "differing");
    for row in rows {
        println!("{:<30} {:>10} {:>10} {:>10}", row.suite, row.before, row.after, row.differing);
    }
    let sum = |of: fn(&Compared) -> usize| rows.iter().map(of).sum::<usize>();
    let [before, after, differing] = [sum(|row| row.before), sum(|row| row.after), sum(|row| row.differing)];
    println!("{:<30} {before:>10} {after:>10} {differing:>10}", "in all");
}
