//! Which mutants compile? A copy of the workspace is built with all of them, less those that the compiler objects to.

use crate::weave::{Mutant, Woven, weave};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The tests of a copy of the workspace whose core is woven.
#[derive(Debug)]
pub(crate) struct Built {
    /// Where the copy is.
    pub(crate) tree: PathBuf,
    /// Test programs, with the folder that each is run in.
    pub(crate) programs: Vec<(PathBuf, PathBuf)>,
    /// What can be switched on.
    pub(crate) viable: BTreeSet<u32>,
    /// What does not compile.
    pub(crate) unviable: BTreeSet<u32>,
    /// What has no switch: constants, opaque types.
    pub(crate) unswitched: BTreeSet<u32>,
}

/// Tests that need more than Rust, that read the source of the core, or that are about texts alone.
const LEFT_OUT: [&str; 8] = [
    "oidc_provider",
    "demo_page",
    "page_script",
    "purity",
    "threats",
    "conformance",
    "functions",
    "structure",
];

pub(crate) fn build(folder: &Path, mutants: &[Mutant]) -> Result<Built, Box<dyn Error>> {
    let tree = std::path::absolute(folder.join("tree"))?;
    copy(&tree)?;
    let mut files: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        files.entry(&mutant.file).or_default().push(mutant);
    }
    let mut unviable = BTreeSet::new();
    let woven = loop {
        let woven = write(&tree, &files, &unviable)?;
        let objected = objections(&tree, &woven)?;
        if objected.is_empty() {
            break woven;
        }
        eprintln!("{} mutants do not compile", objected.len());
        unviable.extend(objected);
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

/// Every file that git knows, as it is on disk.
fn copy(tree: &Path) -> Result<(), Box<dyn Error>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()?
        .stdout;
    let listed = String::from_utf8(listed)?;
    let wanted: BTreeSet<&str> =
        listed.split_terminator('\0').filter(|path| Path::new(path).exists()).collect();
    for path in wanted {
        let (from, to) = (Path::new(path), tree.join(path));
        let Some(parent) = to.parent() else { continue };
        std::fs::create_dir_all(parent)?;
        let content = std::fs::read(from)?;
        // What is alike keeps its time, so that it is not built again.
        if std::fs::read(&to).ok().as_ref() != Some(&content) {
            std::fs::write(to, content)?;
        }
    }
    let library = tree.join("aura-proto/src/lib.rs");
    let text = std::fs::read_to_string(&library)?;
    std::fs::write(&library, text + "\n#[allow(warnings)]\npub(crate) mod switch;\n")?;
    std::fs::copy("tests/mutants/switch.rs", tree.join("aura-proto/src/switch.rs"))?;
    Ok(())
}

fn write<'a>(
    tree: &Path,
    files: &BTreeMap<&'a str, Vec<&Mutant>>,
    unviable: &BTreeSet<u32>,
) -> Result<BTreeMap<&'a str, Woven>, Box<dyn Error>> {
    let mut all = BTreeMap::new();
    for (&file, mutants) in files {
        let mutants: Vec<&Mutant> =
            mutants.iter().copied().filter(|mutant| !unviable.contains(&mutant.number)).collect();
        let woven =
            weave(&std::fs::read_to_string(file)?, &mutants).map_err(|error| format!("{file}: {error}"))?;
        std::fs::write(tree.join(file), &woven.text)?;
        all.insert(file, woven);
    }
    Ok(all)
}

/// What cargo says on one line.
#[derive(Deserialize)]
struct Said {
    message: Option<Message>,
    target: Option<Target>,
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// What the compiler says of the source.
#[derive(Deserialize)]
struct Message {
    level: String,
    rendered: Option<String>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
}

impl Message {
    /// An error that is somewhere.
    fn is_error(&self) -> bool {
        self.level == "error" && !self.spans.is_empty()
    }
}

/// A command of cargo over the copy.
pub(crate) fn cargo(tree: &Path, arguments: &[&str]) -> std::io::Result<Command> {
    let mut command = Command::new("cargo");
    command
        .args(arguments)
        .args(["--offline", "--target-dir"])
        .arg(std::path::absolute("target/mutants/build")?);
    // So many changes at once are more than the compiler's incremental mode bears.
    command.current_dir(tree).env("CARGO_INCREMENTAL", "0");
    Ok(command)
}

/// Runs a build, and returns what it says.
fn said(tree: &Path, arguments: &[&str]) -> Result<Vec<Said>, Box<dyn Error>> {
    let mut command = cargo(tree, arguments)?;
    let output = command.args(["--quiet", "--message-format=json"]).stderr(Stdio::inherit()).output()?;
    let lines = String::from_utf8(output.stdout)?;
    let said: Vec<Said> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    if output.status.success() || said.iter().filter_map(|said| said.message.as_ref()).any(Message::is_error)
    {
        Ok(said)
    } else {
        Err(format!("cargo {} failed", arguments.join(" ")).into())
    }
}

/// The mutants whose text an error of the compiler points at.
fn objections(tree: &Path, woven: &BTreeMap<&str, Woven>) -> Result<BTreeSet<u32>, Box<dyn Error>> {
    let said = said(tree, &["check", "-p", "aura-proto"])?;
    let mut objected = BTreeSet::new();
    let mut unclear = String::new();
    for message in said.into_iter().filter_map(|said| said.message).filter(Message::is_error) {
        let found: BTreeSet<u32> = message.spans.iter().flat_map(|span| at(span, woven)).collect();
        if found.is_empty() {
            unclear.push_str(&message.rendered.unwrap_or_default());
        }
        objected.extend(found);
    }
    if objected.is_empty() && !unclear.is_empty() {
        return Err(format!("no mutant explains: {unclear}").into());
    }
    Ok(objected)
}

/// The mutants whose text a span touches.
fn at(span: &Span, woven: &BTreeMap<&str, Woven>) -> Vec<u32> {
    let Some(woven) = woven.get(span.file_name.as_str()) else { return Vec::new() };
    let touched =
        woven.places.iter().filter(|(place, _)| place.start < span.byte_end && span.byte_start < place.end);
    touched.flat_map(|(_, numbers)| numbers.clone()).collect()
}

fn programs(tree: &Path) -> Result<Vec<(PathBuf, PathBuf)>, Box<dyn Error>> {
    let said = said(tree, &["test", "--no-run", "-p", "aura-proto", "-p", "aura-tests", "--lib", "--tests"])?;
    let programs: Vec<_> = said
        .into_iter()
        .filter(|said| !said.target.as_ref().is_some_and(|target| LEFT_OUT.contains(&target.name.as_str())))
        .filter_map(|said| Some((said.executable?, said.manifest_path?.parent()?.to_owned())))
        .collect();
    if programs.is_empty() { Err("no test program was built".into()) } else { Ok(programs) }
}
