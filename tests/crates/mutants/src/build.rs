//! Build of the copied workspace with every mutant that compiles.

use crate::tree::{PACKAGES, Program, Said, Tree, objections};
use crate::weave::Mutant;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

/// The tests of a copy of the workspace whose core is woven.
#[derive(Debug)]
pub(crate) struct Built {
    /// The copy.
    pub(crate) tree: Tree,
    /// Its test programs.
    pub(crate) programs: Vec<Program>,
    /// Mutants that can be switched on.
    pub(crate) viable: BTreeSet<u32>,
    /// Mutants that do not compile.
    pub(crate) unviable: BTreeSet<u32>,
    /// Mutants without a switch: in constants and opaque types.
    pub(crate) unswitched: BTreeSet<u32>,
}

/// Test programs that need more than Rust.
const LEFT_OUT: [&str; 2] = ["foreign", "page"];

pub(crate) fn build(folder: &Path, mutants: &[Mutant]) -> Result<Built, Box<dyn Error>> {
    let tree = Tree::copy(&folder.join("tree"), &folder.join("build"))?;
    let mut unviable = BTreeSet::new();
    let woven = loop {
        let woven = tree.weave(mutants, &unviable)?;
        let objected = objections(&tree.build(&cargo(&["check"]))?, &woven)?;
        if objected.is_empty() {
            break woven;
        }
        eprintln!("{} mutants do not compile", objected.len());
        unviable.extend(objected.into_keys());
    };
    let viable: BTreeSet<u32> =
        woven.values().flat_map(|woven| &woven.places).flat_map(|(_, numbers)| numbers).copied().collect();
    let unswitched = mutants
        .iter()
        .map(|mutant| mutant.number)
        .filter(|number| !viable.contains(number) && !unviable.contains(number))
        .collect();
    Ok(Built { programs: programs(&tree)?, tree, viable, unviable, unswitched })
}

/// A command for the packages and the tests. A check selects what the build does, because features of the packages depend on it.
fn cargo(command: &[&'static str]) -> Vec<&'static str> {
    [command, &["--lib", "--tests", "-p", "aura-tests"], &PACKAGES[..]].concat()
}

fn programs(tree: &Tree) -> Result<Vec<Program>, Box<dyn Error>> {
    let said = tree.build(&cargo(&["test", "--no-run"]))?;
    let programs = said.into_iter().filter_map(Said::program);
    let programs: Vec<Program> =
        programs.filter(|program| !LEFT_OUT.contains(&program.name.as_str())).collect();
    if programs.is_empty() { Err("no test program was built".into()) } else { Ok(programs) }
}
