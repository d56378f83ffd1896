//! The programs that drive a core: built in a tree, and run with the recorder on.

use crate::tree::Tree;
use serde::Deserialize;
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Tests that drive the core in memory.
pub(crate) const TESTS: [&str; 18] = [
    "stories",
    "openid",
    "recorded_flows",
    "attacks",
    "sign_in",
    "sessions",
    "tokens",
    "provider_tokens",
    "events",
    "reasons",
    "providers",
    "rotation",
    "cookies",
    "invariants",
    "properties",
    "functions",
    "replay",
    "client",
];
/// Tests within these that are left out, since their clocks and sockets are real.
const SKIPPED: [(&str, &str); 2] = [("attacks", "sockets::"), ("events", "recorded::")];
/// Goes before the name of a fuzz target.
pub(crate) const FUZZ: &str = "fuzz/";

/// A program that records.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) suite: String,
    pub(crate) executable: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) arguments: Vec<String>,
}

/// What cargo says on one line.
#[derive(Deserialize)]
struct Said {
    target: Option<Target>,
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// A program, and the folder of its package.
struct Built {
    name: String,
    executable: PathBuf,
    folder: PathBuf,
}

/// The fuzz targets that have a corpus.
pub(crate) fn corpora() -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir("fuzz/corpus")? {
        names.push(format!("{FUZZ}{}", entry?.file_name().to_string_lossy()));
    }
    names.sort();
    Ok(names)
}

/// Builds the programs of the suites.
pub(crate) fn build(tree: &Tree, target: &Path, suites: &[String]) -> Result<Vec<Program>, Box<dyn Error>> {
    let (targets, tests): (Vec<&str>, Vec<&str>) =
        suites.iter().map(String::as_str).partition(|suite| suite.starts_with(FUZZ));
    let mut programs = Vec::new();
    if !tests.is_empty() {
        let mut arguments = vec!["test", "--no-run", "-p", "aura-tests", "-p", "aura-explore"];
        tests.iter().for_each(|test| arguments.extend(["--test", test]));
        for Built { name: suite, executable, folder } in built(tree, target, &arguments)? {
            let skipped = SKIPPED.iter().filter(|(of, _)| *of == suite);
            let arguments =
                skipped.flat_map(|(_, tests)| ["--skip".to_owned(), (*tests).to_owned()]).collect();
            programs.push(Program { suite, executable, folder, arguments });
        }
    }
    if !targets.is_empty() {
        let mut arguments = vec!["build", "--manifest-path", "fuzz/Cargo.toml"];
        targets
            .iter()
            .filter_map(|target| target.strip_prefix(FUZZ))
            .for_each(|target| arguments.extend(["--bin", target]));
        for Built { name, executable, folder } in built(tree, target, &arguments)? {
            let corpus = folder.join("corpus").join(&name).display().to_string();
            programs.push(Program {
                suite: format!("{FUZZ}{name}"),
                executable,
                folder,
                arguments: vec![corpus],
            });
        }
    }
    programs.retain(|program| suites.contains(&program.suite));
    programs.sort_by_key(|program| suites.iter().position(|suite| *suite == program.suite));
    Ok(programs)
}

/// Runs cargo in a tree, with the stand-ins.
fn built(tree: &Tree, target: &Path, arguments: &[&str]) -> Result<Vec<Built>, Box<dyn Error>> {
    let stand_in = |name: &str, folder: &str| -> Result<String, std::io::Error> {
        let folder = std::path::absolute(Path::new("tests/net").join(folder))?;
        Ok(format!("patch.crates-io.{name}.path={:?}", folder.display().to_string()))
    };
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).arg("--quiet").arg("--message-format=json-render-diagnostics");
    cargo.arg("--config").arg(stand_in("getrandom", "random")?);
    if arguments.contains(&"build") {
        cargo.arg("--config").arg(stand_in("libfuzzer-sys", "libfuzzer")?);
        cargo.args(["--config", "profile.dev.package.\"*\".opt-level=1"]);
        cargo.args(["--config", "profile.dev.package.\"*\".debug=false"]);
    }
    cargo.arg("--target-dir").arg(std::path::absolute(target)?).current_dir(&tree.folder);
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("cargo {} failed in {}", arguments.join(" "), tree.folder.display()).into());
    }
    let mut programs = Vec::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let said: Said = serde_json::from_str(line)?;
        if let (Some(target), Some(executable), Some(manifest)) =
            (said.target, said.executable, said.manifest_path)
        {
            let folder = manifest.parent().unwrap_or(&tree.folder).to_owned();
            programs.push(Built { name: target.name, executable, folder });
        }
    }
    Ok(programs)
}

impl Program {
    /// Runs the program, whose records go into a folder of their own. Where some are wanted, so do their texts. Tells whether
    /// it ended well.
    pub(crate) fn run(&self, records: &Path, wanted: Option<&Path>) -> std::io::Result<bool> {
        if records.exists() {
            std::fs::remove_dir_all(records)?;
        }
        std::fs::create_dir_all(records)?;
        let log = File::create(records.join("log"))?;
        let mut command = Command::new(&self.executable);
        command.args(&self.arguments).current_dir(&self.folder).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        command.env("AURA_NET_RECORDS", std::path::absolute(records)?);
        if self.suite.starts_with(FUZZ) {
            command.env("AURA_NET_NUMBERED", "1");
        }
        if let Some(wanted) = wanted {
            command.env("AURA_NET_WANTED", std::path::absolute(wanted)?);
        }
        // The same cases on both sides; what fails is not kept for the next run.
        command.env("PROPTEST_RNG_SEED", "7").env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
        Ok(command.status()?.success())
    }
}
