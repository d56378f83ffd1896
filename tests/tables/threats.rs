//! Table of threats in `threats.md`: every threat has a test, or a reason why it has none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Families of threats, each with its last number.
const FAMILIES: [(&str, u32); 19] = [
    ("ST", 14),
    ("PK", 7),
    ("MX", 8),
    ("CI", 6),
    ("OR", 8),
    ("HH", 10),
    ("CK", 20),
    ("JO", 33),
    ("SF", 8),
    ("SO", 12),
    ("MO", 5),
    ("HI", 7),
    ("DS", 12),
    ("SE", 11),
    ("TM", 3),
    ("RL", 4),
    ("TS", 5),
    ("RF", 4),
    // HH-02 is a row a header.
    ("HH-02", 8),
];

#[test]
fn every_threat_has_one_row_and_every_row_a_threat() {
    let mut found: Vec<_> = rows().into_iter().map(|row| row.id).collect();
    let mut expected = ids();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_row_names_tests_or_says_why_there_is_none() {
    const REASONS: [&str; 3] = ["left to every host", "not planned yet", "not applicable"];
    for row in rows().iter().filter(|row| row.tests.is_empty()) {
        let promised = row.remark.starts_with("a promise in words");
        let reason = REASONS.iter().find_map(|reason| row.remark.strip_prefix(reason));
        assert!(promised || reason.is_some_and(|rest| rest.starts_with(": ")), "{}", row.id);
    }
}

#[test]
fn every_named_test_is_there_and_carries_the_id_of_its_row() {
    let mut sources = BTreeMap::new();
    for row in rows() {
        let distinct: BTreeSet<_> = row.tests.iter().collect();
        assert_eq!(distinct.len(), row.tests.len(), "{} names a test twice", row.id);
        for (file, name) in row.tests {
            let source = sources.entry(file).or_insert_with(|| read(file));
            assert!(is_test(source, name), "{}: {file} has no test {name}", row.id);
            assert!(carried(name).iter().any(|id| row.id.starts_with(id)), "{}: {name}", row.id);
        }
    }
    assert!(sources.len() > 20, "tests are all over the workspace");
}

#[test]
fn ids_are_read_off_the_names_of_tests() {
    assert_eq!(carried("hh_01_hh_02_names"), ["HH-01", "HH-02"]);
    assert_eq!(carried("jo_11_12_or_1_names_st_03"), ["JO-11", "JO-12", "OR-1"]);
    assert!(carried("st_without_a_number").is_empty());
    assert!(is_test("#[test]\n    fn a() {", "a") && is_test("#[tokio::test]\nasync fn a() {", "a"));
    assert!(!is_test("fn a() {", "a") && !is_test("#[test]\nfn ab() {", "a"));
    assert!(!is_test("#[test]\n#[ignore]\nfn a() {", "a") && !is_test("#[test]\n#[cfg(no)]\nfn a() {", "a"));
    assert!(!is_test("#[ignore]\n#[test]\nfn a() {", "a") && !is_test("#[cfg(no)]\n#[test]\nfn a() {", "a"));
}

/// A row of the table.
struct Row {
    id: &'static str,
    /// Files and names.
    tests: Vec<(&'static str, &'static str)>,
    remark: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("../threats.md").lines().filter(|line| line.starts_with("| "));
    let lines = lines.filter(|line| !line.starts_with("| id ") && !line.starts_with("| --- "));
    lines
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [id, tests, remark] = cells[..] else { unreachable!("three cells: {line}") };
            let tests = tests.split("<br>").filter(|test| !test.is_empty());
            let tests = tests.map(|test| test.trim_matches('`').split_once("::").expect("a file and a name"));
            Row { id, tests: tests.collect(), remark }
        })
        .collect()
}

fn ids() -> Vec<String> {
    let families = FAMILIES.iter().flat_map(|(family, last)| (1..=*last).map(move |n| (*family, n)));
    let written = families.map(|(family, n)| match family {
        "OR" => format!("OR-{n}"),
        "HH-02" => format!("HH-02.{n}"),
        _ => format!("{family}-{n:02}"),
    });
    written.filter(|id| id != "HH-02").collect()
}

/// Reads a source of this repository.
fn read(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(file)).unwrap_or_default()
}

/// Tells whether a source has a test of this name that is always run: it has that one attribute.
fn is_test(source: &str, name: &str) -> bool {
    let lines: Vec<_> = std::iter::once("").chain(source.lines().map(str::trim)).collect();
    lines.windows(3).any(|lines| {
        let declared = lines[2].strip_prefix("async ").unwrap_or(lines[2]);
        let rest = declared.strip_prefix("fn ").and_then(|rest| rest.strip_prefix(name));
        let attribute = lines[1].strip_prefix("#[").unwrap_or_default();
        let is_attribute = attribute == "test]" || attribute.starts_with("tokio::test");
        rest.is_some_and(|rest| rest.starts_with('(')) && is_attribute && !lines[0].starts_with("#[")
    })
}

/// Returns the ids that a test's name begins with.
fn carried(name: &str) -> Vec<String> {
    let mut family = None;
    let mut ids = Vec::new();
    for word in name.split('_') {
        let upper = word.to_uppercase();
        if FAMILIES.iter().any(|(known, _)| *known == upper) {
            family = Some(upper);
        } else if let (Some(family), Ok(_)) = (&family, word.parse::<u32>()) {
            ids.push(format!("{family}-{word}"));
        } else {
            break;
        }
    }
    ids
}
