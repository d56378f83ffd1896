//! Mutation testing of the core and of the crates around it.
//!
//! cargo-mutants lists the mutants, and would need one build for each. This tool weaves all mutants that can be
//! switched into one build, and tries each with the tests that reach it. That takes an hour instead of two days.
//!
//! `cargo run --release -p aura-mutants` writes `target/mutants/{caught,missed,timeout,unviable,unswitched}.txt`. With
//! `--faults` the mutants are the seeded faults of `tests/crates/explore/faults`, and the explorer has to find each. Further
//! arguments select mutants by parts of their names.

mod build;
mod fault;
mod seeded;
mod tree;
mod trial;
mod weave;

use serde::Deserialize;
use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use tree::PACKAGES;
use weave::Mutant;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let verdict = match arguments.split_first() {
        Some((first, parts)) if first == "--faults" => seeded::judge(parts),
        _ => judge(&arguments),
    };
    match verdict {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn judge(only: &[String]) -> Result<(), Box<dyn Error>> {
    let mutants = list()?;
    let chosen: Vec<Mutant> = mutants
        .into_iter()
        .filter(|mutant| only.is_empty() || only.iter().any(|part| mutant.name.contains(part)))
        .collect();
    let built = build::build(Path::new("target/mutants"), &chosen)?;
    let outcome = trial::trial(&built)?;
    let name = |number: &u32| {
        chosen.iter().find(|mutant| mutant.number == *number).map(|mutant| mutant.name.as_str())
    };
    for (title, numbers) in [
        ("caught", &outcome.caught),
        ("missed", &outcome.missed),
        ("timeout", &outcome.timeout),
        ("unviable", &built.unviable),
        ("unswitched", &built.unswitched),
    ] {
        let names: String = numbers.iter().filter_map(name).map(|name| format!("{name}\n")).collect();
        std::fs::write(format!("target/mutants/{title}.txt"), names)?;
        eprintln!("{title}: {}", numbers.len());
    }
    Ok(())
}

/// Mutants that cargo-mutants lists for the core and the crates around it.
fn list() -> Result<Vec<Mutant>, Box<dyn Error>> {
    let output = Command::new("cargo")
        .args(["mutants", "--list", "--json", "-e", "internals.rs"])
        .args(PACKAGES)
        .output()?;
    if !output.status.success() {
        return Err(format!(
            "cargo mutants: {} (`cargo install cargo-mutants`)",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)?;
    Ok(listed.into_iter().zip(1..).map(|(listed, number)| listed.numbered(number)).collect())
}

/// A mutant as cargo-mutants writes it.
#[derive(Deserialize)]
struct Listed {
    file: String,
    name: String,
    genre: String,
    replacement: String,
    span: Span,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
}

#[derive(Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

impl Listed {
    fn numbered(self, number: u32) -> Mutant {
        let Self { file, name, genre, replacement, span: Span { start } } = self;
        Mutant { number, file, name, genre, replacement, start: (start.line, start.column) }
    }
}
