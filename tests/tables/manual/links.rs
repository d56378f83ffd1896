//! Links of the manual: each leads to a file, a heading or a definition.

use super::PAGES;
use super::source::{path, read};
use std::collections::BTreeSet;

#[test]
fn every_link_of_a_page_leads_to_a_file_or_to_a_heading() {
    let mut count = 0_u32;
    for file in pages() {
        let text = read(&file);
        let folder = path(&file).parent().unwrap().to_owned();
        for target in targets(&text) {
            count += 1;
            if target.starts_with("http") {
                continue;
            }
            let (name, heading) = target.split_once('#').unwrap_or((&target, ""));
            let other = if name.is_empty() { path(&file) } else { folder.join(name) };
            assert!(other.exists(), "{file} links to {target}, which is no file");
            if !heading.is_empty() {
                let headings = headings(&std::fs::read_to_string(&other).unwrap());
                assert!(headings.contains(heading), "{file} links to {target}, which is no heading");
            }
        }
    }
    assert!(count > 250, "{count} links are read");
}

#[test]
fn every_block_of_rust_is_compiled_and_run() {
    const OTHERS: [&str; 4] = ["sh", "text", "yaml", "js"];
    let mut count = 0_u32;
    for file in pages() {
        for fence in read(&file).lines().filter_map(|line| line.trim().strip_prefix("```")).step_by(2) {
            count += u32::from(fence == "rust");
            assert!(fence == "rust" || OTHERS.contains(&fence), "{file} has a block of {fence:?}");
        }
    }
    assert!(count > 45, "{count} blocks are read");
}

#[test]
fn every_definition_of_a_page_is_one_for_rustdoc_too() {
    let for_rustdoc: BTreeSet<_> =
        definitions(&read("manual/src/links.md")).into_iter().map(|(name, _)| name).collect();
    for file in pages().into_iter().filter(|file| file.starts_with(PAGES)) {
        for (name, _) in definitions(&read(&file)) {
            assert!(for_rustdoc.contains(&name), "{file} defines [{name}], and manual/src/links.md does not");
        }
    }
}

#[test]
fn the_list_of_contents_has_every_page() {
    let contents = read("manual/README.md");
    for file in
        pages().into_iter().filter(|file| !file.contains("providers/") && !file.ends_with("README.md"))
    {
        let name = file.strip_prefix("manual/").unwrap();
        assert!(contents.contains(&format!("({name})")), "manual/README.md does not link to {name}");
    }
}

/// The pages and the list of contents.
fn pages() -> Vec<String> {
    let mut files = vec!["manual/README.md".to_owned()];
    for folder in [PAGES.to_owned(), format!("{PAGES}/providers")] {
        let entries = std::fs::read_dir(path(&folder)).unwrap().map(|entry| entry.unwrap());
        let names = entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md"));
        files.extend(names.map(|name| format!("{folder}/{name}")));
    }
    assert!(files.len() > 45);
    files
}

/// The targets of links and definitions, outside of code.
fn targets(text: &str) -> Vec<String> {
    let prose = without_blocks(text);
    let inline = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned());
    inline.chain(definitions(text).into_iter().map(|(_, target)| target)).collect()
}

/// `[name]: target`.
fn definitions(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
    lines.map(|(name, target)| (name.to_owned(), target.to_owned())).collect()
}

/// The headings, as code hosts spell them in links.
fn headings(text: &str) -> BTreeSet<String> {
    let prose = without_blocks(text);
    let titles = prose
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let kept = |title: String| {
        title.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c)).collect::<String>()
    };
    titles.map(|title| kept(title).replace(' ', "-")).collect()
}

fn without_blocks(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

#[test]
fn targets_are_found_outside_of_code() {
    let text = "[a](b.md#c) `x`\n```rust\nlet a = b[0](1);\n```\n[d]: e.md\n";
    assert_eq!(targets(text), ["b.md#c", "e.md"]);
    assert_eq!(headings("## One `two`, three\n").into_iter().collect::<Vec<_>>(), ["one-two-three"]);
}
