//! Seeded faults: removed checks of the core, a file each in `tests/crates/explore/faults`.
//!
//! A file names a source file and a function in it. It lists the text to remove from the function's body (`-`) and the
//! text to put there (`+`):
//!
//! ```text
//! # The callback's state need not be that of the attempt.
//! file: aura-proto/src/flow/callback.rs
//! fn: find_attempt
//! -    opened.find(|attempt| attempt.state == *state)
//! +    opened.next()
//! ```
//!
//! A method is named with its type: `Keyring::new`. The removed text must occur exactly once in the body; spaces and line
//! breaks do not matter. A file may change several places of its function.

use crate::weave::{Mutant, first_statement, is_for_tests};
use std::ops::Range;
use std::path::Path;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A removed check.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    /// Name of its file.
    name: String,
    /// Path of the source, from the root of the workspace.
    file: String,
    /// The function that it changes.
    function: String,
    /// The changes to it.
    changes: Vec<Change>,
}

#[derive(Debug, PartialEq, Eq)]
struct Change {
    old: String,
    new: String,
}

/// Where the faults are, from the root of the workspace.
const FOLDER: &str = "tests/crates/explore/faults";

/// Returns the faults whose names have one of some parts, or all where there are no parts, as mutants; numbered in the order
/// of their names.
///
/// # Errors
/// If one does not fit its source. The text has a line for each.
pub(crate) fn mutants(root: &Path, parts: &[String]) -> Result<Vec<Mutant>, String> {
    let failed = |error: std::io::Error| format!("{FOLDER}: {error}");
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(root.join(FOLDER)).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    let (mut mutants, mut misfits) = (Vec::new(), Vec::new());
    for (path, number) in paths.iter().zip(1..) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if parts.is_empty() || parts.iter().any(|part| name.contains(part)) {
            let text = std::fs::read_to_string(path).map_err(failed)?;
            match Fault::parse(&name, &text).and_then(|fault| fault.mutant(number, &fault.source(root)?)) {
                Ok(mutant) => mutants.push(mutant),
                Err(misfit) => misfits.push(misfit),
            }
        }
    }
    if misfits.is_empty() { Ok(mutants) } else { Err(misfits.join("\n")) }
}

impl Fault {
    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let [name, file, function] = [name, "", ""].map(str::to_owned);
        let mut fault = Self { name, file, function, changes: Vec::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(file) = line.strip_prefix("file: ") {
                file.clone_into(&mut fault.file);
            } else if let Some(function) = line.strip_prefix("fn: ") {
                function.clone_into(&mut fault.function);
            } else if let Some(old) = line.strip_prefix('-') {
                match fault.changes.last_mut().filter(|change| change.new.is_empty()) {
                    Some(change) => change.old += &format!("{old}\n"),
                    None => fault.changes.push(Change { old: format!("{old}\n"), new: String::new() }),
                }
            } else if let (Some(new), Some(change)) = (line.strip_prefix('+'), fault.changes.last_mut()) {
                change.new += &format!("{new}\n");
            } else {
                let name = fault.name;
                return Err(format!(
                    "{name}: `{line}` is neither `file: `, `fn: `, `-`, `+` below it nor `#`"
                ));
            }
        }
        let is_whole = !fault.file.is_empty() && !fault.function.is_empty() && !fault.changes.is_empty();
        if is_whole && fault.changes.iter().all(|change| !change.old.trim().is_empty()) {
            Ok(fault)
        } else {
            Err(format!("{}: a file, a function or what is taken out of it is missing", fault.name))
        }
    }

    /// Reads the source that it changes.
    fn source(&self, root: &Path) -> Result<String, String> {
        let Self { name, file, .. } = self;
        std::fs::read_to_string(root.join(file)).map_err(|error| format!("{name}: {file}: {error}"))
    }

    /// Makes the fault a mutant: where it is on, the function is left with the value of its changed body.
    fn mutant(&self, number: u32, source: &str) -> Result<Mutant, String> {
        let Self { name, file, function, .. } = self;
        let refused = |why: String| format!("{name}: {file}, fn {function}: {why}");
        let parsed = syn::parse_file(source).map_err(|error| refused(error.to_string()))?;
        let mut finder = Finder { function, receiver: None, found: Vec::new() };
        finder.visit_file(&parsed);
        let [block] = finder.found.as_slice() else {
            return Err(refused(format!("{} functions of that name, not one", finder.found.len())));
        };
        let start = first_statement(block).ok_or_else(|| refused("its body is empty".to_owned()))?;
        let body = source.get(block.span().byte_range()).unwrap_or_default();
        Ok(Mutant {
            number,
            file: file.clone(),
            name: name.clone(),
            genre: "FnValue".to_owned(),
            replacement: self.changed(body).map_err(refused)?,
            start,
        })
    }

    /// Changes a body.
    fn changed(&self, body: &str) -> Result<String, String> {
        let mut places = Vec::new();
        for Change { old, new } in &self.changes {
            let found = occurrences(body, old);
            let [place] = found.as_slice() else {
                return Err(format!("`{}` occurs {} times in its body, not once", old.trim(), found.len()));
            };
            places.push((place.clone(), new.trim()));
        }
        places.sort_by_key(|(place, _)| place.start);
        let (mut changed, mut copied) = (String::new(), 0);
        for (place, new) in places {
            let between =
                body.get(copied..place.start).ok_or_else(|| "two of its changes overlap".to_owned())?;
            changed.extend([between, new]);
            copied = place.end;
        }
        Ok(changed + body.get(copied..).unwrap_or_default())
    }
}

/// Where a snippet occurs in a text, white space aside.
fn occurrences(text: &str, snippet: &str) -> Vec<Range<usize>> {
    let visible: Vec<_> = text.char_indices().filter(|(_, one)| !one.is_whitespace()).collect();
    let snippet: Vec<_> = snippet.chars().filter(|one| !one.is_whitespace()).collect();
    let same = |window: &&[(usize, char)]| window.iter().map(|(_, one)| one).eq(&snippet);
    let range = |window: &[(usize, char)]| {
        let ((first, _), (last, one)) = (window.first()?, window.last()?);
        Some(*first..last.saturating_add(one.len_utf8()))
    };
    visible.windows(snippet.len().max(1)).filter(same).filter_map(range).collect()
}

/// Finds the functions of a name, those for tests aside.
struct Finder<'a> {
    function: &'a str,
    receiver: Option<&'a syn::Type>,
    found: Vec<&'a syn::Block>,
}

impl<'a> Visit<'a> for Finder<'a> {
    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        if !is_for_tests(item) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        if item.sig.ident == self.function {
            self.found.push(&item.block);
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let outer = self.receiver.replace(&item.self_ty);
        visit::visit_item_impl(self, item);
        self.receiver = outer;
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        if let Some(syn::Type::Path(receiver)) = self.receiver
            && let Some(segment) = receiver.path.segments.last()
            && self.function == format!("{}::{}", segment.ident, item.sig.ident)
        {
            self.found.push(&item.block);
        }
        visit::visit_impl_item_fn(self, item);
    }
}

#[cfg(test)]
#[path = "fault_tests.rs"]
mod tests;
