//! Table of reports in `rows.md`: every report has a test with its id.

use std::collections::BTreeSet;
use std::path::Path;

/// The ids of reports that have a row.
fn expected() -> BTreeSet<String> {
    // 23, 26, 35 and 38 are behaviour that stays as it is, or are no reports.
    const LEFT_OUT: [u32; 4] = [23, 26, 35, 38];
    let reports = (1..=39).filter(|number| !LEFT_OUT.contains(number)).map(|number| number.to_string());
    let providers = (1..=12).map(|number| format!("P{number}"));
    let findings = (1..=16).map(|number| format!("F{number}"));
    reports.chain(providers).chain(findings).collect()
}

/// Returns the cells of each row of the table.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    include_str!("rows.md")
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| row |"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
}

#[test]
fn every_report_has_one_row_and_every_row_a_report() {
    let expected = expected();
    let mut seen = BTreeSet::new();
    for row in rows() {
        assert!(seen.insert(row[0].to_owned()), "row {} is there twice", row[0]);
        assert!(expected.contains(row[0]), "row {} is no report", row[0]);
    }
    let missing: Vec<_> = expected.difference(&seen).collect();
    assert!(missing.is_empty(), "{missing:?} have no row");
}

#[test]
fn every_test_of_a_row_is_there_and_carries_its_id() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for row in rows() {
        let [id, _, _, tests] = row[..] else { panic!("a row has four cells: {row:?}") };
        let prefix = match id.split_at(id.find(|character: char| character.is_ascii_digit()).unwrap()) {
            ("", number) => format!("fr_{number:0>2}_"),
            ("P", number) => format!("p_{number:0>2}_"),
            ("F", number) => format!("au_{number:0>2}_"),
            (other, _) => panic!("{other} is no kind of report"),
        };
        let mut own = 0;
        for test in tests.split(", ") {
            let (file, name) = test.trim_matches('`').split_once("::").expect(test);
            let source = std::fs::read_to_string(root.join(file)).expect(file);
            assert!(source.contains(&format!("fn {name}(")), "{id}: {file} has no test {name}");
            own += usize::from(name.contains(&prefix));
        }
        assert!(own > 0, "{id}: no test carries {prefix}");
    }
}
