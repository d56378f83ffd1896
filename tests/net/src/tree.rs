//! A copy of the repository for each side, with the side's core in it.

use crate::side::{BEFORE, Side};
use crate::weave::weave;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the frozen core is.
const FROZEN: &str = "tests/net/before/";
/// Where a core is in a tree.
const CORE: &str = "aura-proto/";
const LOCK: &str = "Cargo.lock";

/// A side's copy.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Where it is.
    pub(crate) folder: PathBuf,
    /// Whether it is another one than before.
    pub(crate) is_changed: bool,
}

/// Text that a core has once, and what stands for it to see whether that is noticed.
pub(crate) type Change = (&'static str, &'static str);

/// Makes or updates the copy of a side.
///
/// # Errors
/// If a file cannot be read or written, or a core cannot be woven.
pub(crate) fn tree(
    folder: &Path,
    side: &Side,
    tests: Option<&str>,
    change: Option<Change>,
) -> Result<Tree, Box<dyn Error>> {
    let folder = std::path::absolute(folder)?;
    let mut files = files(tests)?;
    if side.name == BEFORE.name {
        freeze(&mut files)?;
    }
    files.retain(|name, _| !name.starts_with("tests/net/src/") && !name.starts_with(FROZEN));
    let mut core = sources(&files)?;
    if let Some(change) = change {
        exchange(&mut core, change)?;
    }
    weave(side, &mut core)?;
    files.extend(core.into_iter().map(|(name, text)| (format!("{CORE}src/{name}"), text.into_bytes())));
    for (name, from) in side.sources {
        files.insert(format!("{CORE}src/{name}"), std::fs::read(from)?);
    }
    for (name, content) in &mut files {
        if name.starts_with("fuzz/fuzz_targets/") {
            *content = String::from_utf8_lossy(content).replace("#![no_main]\n", "").into_bytes();
        }
    }
    let is_changed = write(&folder, &files)?;
    Ok(Tree { folder, is_changed })
}

/// Every file that git knows, as it is on disk, or as it was in a commit.
fn files(commit: Option<&str>) -> Result<BTreeMap<String, Vec<u8>>, Box<dyn Error>> {
    let mut git = Command::new("git");
    match commit {
        None => git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]),
        Some(commit) => git.args(["ls-tree", "-r", "-z", "--name-only", commit]),
    };
    let output = git.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let mut files = BTreeMap::new();
    for name in String::from_utf8(output.stdout)?.split_terminator('\0') {
        let content = match commit {
            None if !Path::new(name).is_file() => continue,
            None => std::fs::read(name)?,
            Some(commit) => Command::new("git").args(["show", &format!("{commit}:{name}")]).output()?.stdout,
        };
        files.insert(name.to_owned(), content);
    }
    // The frozen core may be younger than the commit whose tests are run.
    if commit.is_some() {
        files.retain(|name, _| !name.starts_with(FROZEN));
        let own = self::files(None)?.into_iter().filter(|(name, _)| name.starts_with(FROZEN));
        files.extend(own);
    }
    Ok(files)
}

/// Puts the frozen core in the place of the core.
fn freeze(files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Box<dyn Error>> {
    // The crates beside the core's sources stay: tests and fuzz targets use them, the frozen core does not.
    files.retain(|name, _| !name.starts_with("aura-proto/src/") && name != "aura-proto/Cargo.toml");
    let frozen: Vec<(String, Vec<u8>)> = files
        .iter()
        .filter_map(|(name, content)| {
            Some((format!("{CORE}{}", name.strip_prefix(FROZEN)?), content.clone()))
        })
        .collect();
    files.extend(frozen);
    let manifest = files.get_mut("aura-proto/Cargo.toml").ok_or("the frozen core has no manifest")?;
    *manifest =
        String::from_utf8_lossy(manifest).replace("\"aura-proto-before\"", "\"aura-proto\"").into_bytes();
    Ok(())
}

/// Reads the sources of the core.
fn sources(files: &BTreeMap<String, Vec<u8>>) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let mut sources = BTreeMap::new();
    for (name, content) in files.iter() {
        if let Some(name) = name.strip_prefix("aura-proto/src/").filter(|name| name.ends_with(".rs")) {
            sources.insert(name.to_owned(), String::from_utf8(content.clone())?);
        }
    }
    Ok(sources)
}

fn exchange(core: &mut BTreeMap<String, String>, (old, new): Change) -> Result<(), Box<dyn Error>> {
    let found: usize = core.values().map(|text| text.matches(old).count()).sum();
    if found != 1 {
        return Err(format!("the core has {found} times, not once: {old}").into());
    }
    core.values_mut().for_each(|text| *text = text.replace(old, new));
    Ok(())
}

/// Writes what differs, so that what is alike keeps its time and is not built again; removes what is left over.
fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<bool, Box<dyn Error>> {
    let mut is_changed = false;
    for (name, content) in files {
        let to = folder.join(name);
        // Cargo writes the stand-ins into what it is given, so another copy tells what that was.
        let own = if name.ends_with(LOCK) { to.with_extension("lock.given") } else { to.clone() };
        if std::fs::read(&own).ok().as_ref() != Some(content) {
            std::fs::create_dir_all(to.parent().unwrap_or(folder))?;
            std::fs::write(own, content)?;
            std::fs::write(to, content)?;
            is_changed = true;
        }
    }
    let list = folder.with_extension("files");
    let earlier = std::fs::read_to_string(&list).unwrap_or_default();
    let names: BTreeSet<&str> = files.keys().map(String::as_str).collect();
    for name in earlier.lines().filter(|name| !names.contains(name)) {
        is_changed |= std::fs::remove_file(folder.join(name)).is_ok();
    }
    std::fs::write(list, names.into_iter().collect::<Vec<_>>().join("\n"))?;
    Ok(is_changed)
}
