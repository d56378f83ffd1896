//! Copy of the workspace with woven sources of the core and of the crates around it, and the messages of its builds.

use crate::weave::{Mutant, Woven, weave};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A copy of the workspace.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Its root.
    root: PathBuf,
    /// The artifacts that cargo builds from it.
    target: PathBuf,
}

/// The crates that are woven, as cargo's arguments.
pub(crate) const PACKAGES: [&str; 12] = [
    "-p",
    "aura-proto",
    "-p",
    "aura-oauth",
    "-p",
    "aura-session",
    "-p",
    "aura-jose",
    "-p",
    "aura-types",
    "-p",
    "aura-client",
];

/// Their sources. Each gets a switch of its own, which reads the same number.
const WOVEN: [&str; 6] = [
    "aura-proto/src",
    "aura-proto/oauth/src",
    "aura-proto/session/src",
    "aura-proto/jose/src",
    "aura-proto/types/src",
    "aura-proto/client/src",
];

/// Woven sources, by their paths from the root of the workspace.
pub(crate) type Sources = BTreeMap<String, Woven>;

impl Tree {
    /// Copies every file that git knows, as it is on disk, into a folder, and puts the switch beside the sources to be woven.
    pub(crate) fn copy(root: &Path, target: &Path) -> Result<Self, Box<dyn Error>> {
        let (root, target) = (std::path::absolute(root)?, std::path::absolute(target)?);
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()?
            .stdout;
        let listed = String::from_utf8(listed)?;
        let wanted: BTreeSet<&str> =
            listed.split_terminator('\0').filter(|path| Path::new(path).exists()).collect();
        for path in wanted {
            let (from, to) = (Path::new(path), root.join(path));
            let Some(parent) = to.parent() else { continue };
            std::fs::create_dir_all(parent)?;
            let content = std::fs::read(from)?;
            // An unchanged file keeps its modification time, so that it is not built again.
            if std::fs::read(&to).ok().as_ref() != Some(&content) {
                std::fs::write(to, content)?;
            }
        }
        for source in WOVEN {
            let library = root.join(source).join("lib.rs");
            let text = std::fs::read_to_string(&library)?;
            std::fs::write(&library, text + "\n#[allow(warnings)]\npub(crate) mod switch;\n")?;
            std::fs::copy("tests/crates/mutants/switch.rs", root.join(source).join("switch.rs"))?;
        }
        Ok(Self { root, target })
    }

    /// Weaves mutants into the copy, less those that are left out.
    pub(crate) fn weave(
        &self,
        mutants: &[Mutant],
        left_out: &BTreeSet<u32>,
    ) -> Result<Sources, Box<dyn Error>> {
        let mut files: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
        for mutant in mutants {
            let wanted = files.entry(&mutant.file).or_default();
            wanted.extend(Some(mutant).filter(|mutant| !left_out.contains(&mutant.number)));
        }
        let mut sources = BTreeMap::new();
        for (file, mutants) in files {
            let woven = weave(&std::fs::read_to_string(file)?, &mutants)
                .map_err(|error| format!("{file}: {error}"))?;
            std::fs::write(self.root.join(file), &woven.text)?;
            sources.insert(file.to_owned(), woven);
        }
        Ok(sources)
    }

    /// A command of cargo over the copy.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.args(arguments).args(["--offline", "--target-dir"]).arg(&self.target);
        // So many changes at once are more than the compiler's incremental mode bears.
        command.current_dir(&self.root).env("CARGO_INCREMENTAL", "0");
        command
    }

    /// Runs a build, and returns its messages. Errors of the compiler are not failures of the build.
    pub(crate) fn build(&self, arguments: &[&str]) -> Result<Vec<Said>, Box<dyn Error>> {
        let mut command = self.cargo(arguments);
        let output = command.args(["--quiet", "--message-format=json"]).stderr(Stdio::inherit()).output()?;
        let lines = String::from_utf8(output.stdout)?;
        let said: Vec<Said> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        if output.status.success() || said.iter().any(|said| said.error().is_some()) {
            Ok(said)
        } else {
            Err(format!("cargo {} failed", arguments.join(" ")).into())
        }
    }
}

/// One line of cargo's output.
#[derive(Deserialize)]
pub(crate) struct Said {
    message: Option<Message>,
    target: Option<Target>,
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// A message of the compiler about the source.
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

/// A test program.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// Where it is run.
    pub(crate) folder: PathBuf,
}

impl Said {
    /// An error that is somewhere in a source.
    fn error(&self) -> Option<&Message> {
        self.message.as_ref().filter(|message| message.level == "error" && !message.spans.is_empty())
    }

    /// The test program that was built.
    pub(crate) fn program(self) -> Option<Program> {
        let folder = self.manifest_path?.parent()?.to_owned();
        Some(Program { name: self.target?.name, file: self.executable?, folder })
    }
}

/// The mutants at which errors of the compiler point, with their messages.
pub(crate) fn objections(said: &[Said], sources: &Sources) -> Result<BTreeMap<u32, String>, Box<dyn Error>> {
    let mut objected: BTreeMap<u32, String> = BTreeMap::new();
    let mut unclear = String::new();
    for message in said.iter().filter_map(Said::error) {
        let rendered = message.rendered.as_deref().unwrap_or_default();
        let found: BTreeSet<u32> = message.spans.iter().flat_map(|span| at(span, sources)).collect();
        if found.is_empty() {
            unclear.push_str(rendered);
        }
        for number in found {
            objected.entry(number).or_default().push_str(rendered);
        }
    }
    if objected.is_empty() && !unclear.is_empty() {
        return Err(format!("no mutant explains: {unclear}").into());
    }
    Ok(objected)
}

/// The mutants whose text a span touches.
fn at(span: &Span, sources: &Sources) -> Vec<u32> {
    let Some(woven) = sources.get(&span.file_name) else { return Vec::new() };
    let touched =
        woven.places.iter().filter(|(place, _)| place.start < span.byte_end && span.byte_start < place.end);
    touched.flat_map(|(_, numbers)| numbers.clone()).collect()
}
