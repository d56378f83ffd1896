//! Readers of the sources: files of this repository, and the documentation of their items.

use std::path::{Path, PathBuf};

/// Returns the path of a file of this repository.
pub(super) fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)
}

/// Reads a file of this repository.
pub(super) fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// An item of a source: its documentation, and its first line of code with the lines that follow it.
pub(super) struct Item {
    pub(super) docs: Vec<String>,
    pub(super) code: String,
}

impl Item {
    /// The first paragraph, as Markdown without links to items.
    pub(super) fn summary(&self) -> String {
        plain(&self.docs.iter().take_while(|line| !line.is_empty()).cloned().collect::<Vec<_>>().join(" "))
    }
}

/// Lists the documented items of a source, up to its tests.
pub(super) fn items(source: &str) -> Vec<Item> {
    let mut found = Vec::new();
    let mut docs = Vec::new();
    let lines: Vec<_> = source.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]").collect();
    for (at, line) in lines.iter().enumerate() {
        if let Some(doc) = line.strip_prefix("///") {
            docs.push(doc.strip_prefix(' ').unwrap_or(doc).to_owned());
        } else if !line.starts_with("#[") && !docs.is_empty() {
            let code = lines[at..].iter().take(8).copied().collect::<Vec<_>>().join("\n");
            found.push(Item { docs: std::mem::take(&mut docs), code });
        }
    }
    found
}

/// Replaces links to items by their text. Links to URLs stay.
pub(super) fn plain(docs: &str) -> String {
    let mut text = String::new();
    let mut rest = docs;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        let Some((inner, behind)) = after.split_once(']') else {
            text.push('[');
            rest = after;
            continue;
        };
        let target = behind.strip_prefix('(').and_then(|target| target.split_once(')'));
        match target {
            Some((url, behind)) if url.starts_with("http") => {
                text.push_str(&format!("[{inner}]({url})"));
                rest = behind;
            }
            Some((_, behind)) => {
                text.push_str(inner);
                rest = behind;
            }
            None => {
                text.push_str(inner);
                rest = behind;
            }
        }
    }
    text + rest
}

/// The first sentence of a paragraph.
pub(super) fn sentence(paragraph: &str) -> String {
    paragraph.split_once(". ").map_or_else(|| paragraph.to_owned(), |(first, _)| format!("{first}."))
}

/// A text in a cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn links_to_items_are_their_text_and_links_to_urls_stay() {
    let docs = "Sets [`a`](Self::a) and [b](crate::B), see [`C`] and [d](https://d.test).";
    assert_eq!(plain(docs), "Sets `a` and b, see `C` and [d](https://d.test).");
}

#[test]
fn an_item_has_its_documentation_and_its_code() {
    let found = items(
        "/// One.\n///\n/// Two.\n#[must_use]\npub fn a() {}\npub fn b() {}\n#[cfg(test)]\n/// Three.\nfn c() {}",
    );
    assert_eq!(found.len(), 1);
    assert_eq!((&*found[0].summary(), found[0].code.lines().next()), ("One.", Some("pub fn a() {}")));
}
