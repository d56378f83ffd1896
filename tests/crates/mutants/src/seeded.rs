//! Trials of the seeded faults: one build has all of them, and the explorer looks for each in its own process.

use crate::fault;
use crate::tree::{Program, Said, Tree, objections};
use crate::trial::parallel;
use crate::weave::Mutant;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::process::{Command, Output};

/// The test of the explorer that fails if it does not find the fault that is on.
const TEST: &str = "the_fault_that_is_on_is_found";

/// Tries each fault whose name has one of some parts; all of them if there are no parts.
pub(crate) fn judge(parts: &[String]) -> Result<(), Box<dyn Error>> {
    let mutants = fault::mutants(Path::new(""), parts)?;
    let program = build(&mutants)?;
    let mut missed = Vec::new();
    for (mutant, output) in mutants.iter().zip(parallel(&mutants, |mutant| run(&program, mutant))) {
        let output = output?;
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        if !output.status.success() {
            missed.push(mutant.name.as_str());
        }
    }
    let found = mutants.len().saturating_sub(missed.len());
    eprintln!("seeded faults found: {found} of {}", mutants.len());
    if missed.is_empty() { Ok(()) } else { Err(format!("not found: {}", missed.join(", ")).into()) }
}

/// Builds the explorer over a core that has every fault.
fn build(mutants: &[Mutant]) -> Result<Program, Box<dyn Error>> {
    // The dependencies of the workspace and its copy are built once for both.
    let tree = Tree::copy(Path::new("target/faults"), Path::new("target"))?;
    let sources = tree.weave(mutants, &BTreeSet::new())?;
    let said = tree.build(&["test", "--no-run", "-p", "aura-explore", "--test", "seeded"])?;
    let objections = objections(&said, &sources)?;
    let refused: String = mutants
        .iter()
        .filter_map(|mutant| Some((&mutant.name, objections.get(&mutant.number)?)))
        .map(|(name, message)| format!("{name} does not compile: {message}\n"))
        .collect();
    if !refused.is_empty() {
        return Err(refused.into());
    }
    said.into_iter().find_map(Said::program).ok_or_else(|| "no test program was built".into())
}

fn run(program: &Program, mutant: &Mutant) -> std::io::Result<Output> {
    let mut command = Command::new(&program.file);
    command.args(["--ignored", "--exact", TEST, "--nocapture"]).current_dir(&program.folder);
    command.env("AURA_MUTANT", mutant.number.to_string()).env("AURA_FAULT", &mutant.name).output()
}
