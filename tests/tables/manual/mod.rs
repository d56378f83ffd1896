//! Pages of the manual that are made from tables: each equals its sources, and no code, event, variable, option or provider is
//! without its texts.
//!
//! `AURA_WRITE_PAGES=1 cargo test -p aura-tests --test tables manual` writes the pages. A page that is written by hand has a
//! made part between `<!-- begin NAME -->` and `<!-- end NAME -->`.

mod data;
mod environment;
mod errors;
mod events;
mod links;
mod options;
mod problems;
mod providers;
mod source;

use source::{path, read};
use std::sync::{Mutex, PoisonError};

/// Held while a page is read and written: two tests may make parts of one page.
static PAGE: Mutex<()> = Mutex::new(());

/// The folder of the pages.
const PAGES: &str = "manual/pages";

#[test]
fn every_key_of_the_keyring_is_on_its_page() {
    let (source, page) =
        (read("aura-proto/session/src/keyring/mod.rs"), read(&format!("{PAGES}/cookies_and_keys.md")));
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let labels: Vec<_> =
        source.split("b\"aura:").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(labels.len() > 12, "the labels are read");
    for label in &labels {
        assert!(page.contains(&format!("| `aura:{label}` |")), "cookies_and_keys.md has no aura:{label}");
    }
    assert_eq!(
        page.matches("| `aura:").count(),
        labels.len(),
        "cookies_and_keys.md has a key that does not exist"
    );
}

/// Compares a page with what its sources say, or writes it.
fn compare(file: &str, made: &str) {
    let file = format!("{PAGES}/{file}");
    if std::env::var_os("AURA_WRITE_PAGES").is_some() {
        std::fs::write(path(&file), made).unwrap();
    }
    let found = std::fs::read_to_string(path(&file)).unwrap_or_default();
    let line = found.lines().zip(made.lines()).position(|(found, made)| found != made);
    let line = line.unwrap_or_else(|| found.lines().count().min(made.lines().count())).saturating_add(1);
    assert!(
        found == made,
        "{file} differs from its sources, first in line {line}; AURA_WRITE_PAGES=1 cargo test -p aura-tests --test tables manual writes it",
    );
}

/// Compares the part of this name of a page with what its sources say, or writes it.
fn compare_part(file: &str, name: &str, made: &str) {
    let _page = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let page = read(&format!("{PAGES}/{file}"));
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("{file} has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{file} has no {end}"));
    compare(file, &format!("{before}{begin}{made}{end}{after}"));
}
