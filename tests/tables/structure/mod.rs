//! Structure of the core and of the crates around it: figures, which must stay below the ceilings of `ceilings.toml`.
//!
//! `cargo test -p aura-tests --test tables structure -- --nocapture` prints all figures. Rules of counting:
//!
//! * *Code*: lines with a token that belongs neither to documentation nor to tests. A line with code and a comment is code.
//!   A blank line is not counted, even within a string.
//! * *Documentation*: `///`, `//!`, `/** */`, `/*! */` and `#[doc = ..]`. *Comments*: lines with only a comment.
//! * *Tests*: non-blank lines of items, fields, variants, arms and statements under `#[cfg(test)]` or `#[cfg(all(test, ..))]`, and
//!   of files whose module is declared so. Items under other conditions (`feature`, `aura_faults`) are code.
//! * *Functions*: functions with a body outside of tests, from the signature to the last brace. Macros are not expanded.
//! * *Public items*: `pub` items, and `pub` functions and constants of `impl`s. An example is a block of code.
//! * *Circles*: sets of files in which each file leads to every other one (strongly connected components). Circles of
//!   *imports*: an edge goes from a file to the file that defines an imported item. Re-exports are followed, and do not count
//!   as imports. Circles of *imports and paths*: in addition, an edge for each item named by a path, also in macro tokens.
//!   Circles *through facades*: an edge goes to the module that a name is imported from, and a re-export counts as an import.
//! * *Upward imports*: pairs of two files. The first is outside of `flow/`, `auth`, `action`, `lib`, `internals` and `replay_door`, and
//!   names an item of the second, which is in `flow/`, `auth` or `action`.
#![expect(clippy::arithmetic_side_effects, reason = "counts of lines do not overflow")]
#![expect(clippy::wildcard_enum_match_arm, reason = "the enums of syn are open")]
#![expect(clippy::print_stdout, reason = "the report is printed")]

mod ceilings;
mod counting;
mod graph;
mod items;
mod lines;
mod modules;
mod report;
mod source;
mod walk;

use report::Report;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The section of what is counted of a sign-in that `walk.sh` records.
const WALK: &str = "walk";

#[test]
fn nothing_is_above_its_ceiling_and_no_ceiling_is_far_above() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut ceilings = ceilings::parse(include_str!("ceilings.toml"));
    ceilings.remove(WALK);
    let mut wrong = Vec::new();
    for (name, folder) in crates(&root) {
        let report = Report::of_folder(&name, &folder.join("src"));
        println!("{report}");
        let Some(ceilings) = ceilings.remove(&name) else {
            wrong.push(format!("[{name}]: the crate has no section of ceilings"));
            continue;
        };
        wrong.extend(ceilings::compare(&name, &ceilings, &report.figures()));
    }
    wrong.extend(ceilings.keys().map(|name| format!("[{name}]: no crate has this name")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "walk.sh records a sign-in for it"]
fn one_sign_in_needs_few_files_and_is_read_with_few_jumps() {
    let folder = std::env::var("AURA_WALK").expect("AURA_WALK, as walk.sh sets it");
    let legs = walk::legs(Path::new(&folder));
    assert_eq!(walk::missing(&legs), [""; 0], "every way into the core is called");
    let mut figures = BTreeMap::new();
    for (folders, names) in [
        (walk::CORE, ["files_run", "files_read", "jumps"]),
        (walk::WITH_CRATES, ["files_run_with_crates", "files_read_with_crates", "jumps_with_crates"]),
    ] {
        figures.extend(names.into_iter().zip(walked(&legs, folders)));
    }
    let wrong = ceilings::compare(WALK, &ceilings::parse(include_str!("ceilings.toml"))[WALK], &figures);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Counts the files of the folders that run, those that are read, and the jumps, and prints the way.
fn walked(legs: &[walk::Leg], folders: walk::Folders) -> [usize; 3] {
    let files: BTreeSet<_> = legs.iter().flat_map(|leg| leg.files(folders)).collect();
    println!("{} files of {folders:?} run, configuration included: {files:?}", files.len());
    let mut known = BTreeSet::new();
    let (mut jumps, mut returns, mut read) = (0, 0, BTreeSet::new());
    for leg in legs {
        let files = leg.read(folders, &mut known);
        let of_leg = walk::jumps(&files);
        jumps += of_leg.0;
        returns += of_leg.1;
        read.extend(files.iter().copied());
        if !files.is_empty() {
            println!("a leg of {} jumps, {} of them returns: {}", of_leg.0, of_leg.1, files.join(" "));
        }
    }
    println!("{jumps} jumps, {returns} of them returns, in {} files", read.len());
    [files.len(), read.len(), jumps]
}

/// Lists the core, the crates in its folder, and the adapters.
fn crates(root: &Path) -> Vec<(String, PathBuf)> {
    let mut found = vec![("aura-proto".to_owned(), root.join("aura-proto"))];
    for parent in ["aura-proto", "adapters"] {
        let mut folders: Vec<_> =
            std::fs::read_dir(root.join(parent)).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        for folder in folders.into_iter().filter(|folder| folder.join("Cargo.toml").is_file()) {
            let name = folder.file_name().unwrap().to_string_lossy();
            found.push((format!("aura-{name}"), folder));
        }
    }
    found
}
