//! The findings about a configuration and its errors on the page of options: the rows of `problems!` in the core.

use super::compare_part;
use super::source::{cell, items, plain, read};
use std::fmt::Write as _;

/// The part of the page, and the source of its rows.
const PARTS: [(&str, &str); 3] = [
    ("findings", "aura-proto/src/config/finding.rs"),
    ("errors", "aura-proto/src/config/error.rs"),
    ("problems", "aura-proto/oauth/src/provider/problem.rs"),
];

#[test]
fn every_finding_and_every_error_of_a_configuration_is_on_the_page() {
    for (name, file) in PARTS {
        let mut table = "| Name | Meaning | Message |\n|---|---|---|\n".to_owned();
        let source = read(file);
        let rows =
            source.lines().map(str::trim).filter(|line| line.starts_with("[\"") || line.contains("= [\""));
        let mut left = rows.count();
        for item in items(&source) {
            let code = item.code.replace('\n', " ");
            // The head of the enum has documentation, too, and its first row has its own.
            let Some((variant, row)) = code.split_once("= [").filter(|(variant, _)| !variant.contains("///"))
            else {
                continue;
            };
            let name = variant.split([' ', '{', '(']).next().unwrap_or_default();
            let meaning = plain(&item.docs.join(" "));
            writeln!(table, "| `{name}` | {} | `{}` |", cell(&meaning), cell(&literal(row))).unwrap();
            left -= 1;
        }
        assert_eq!(left, 0, "rows of {file} are not read");
        compare_part("options.md", name, &table);
    }
}

/// The text of the first string.
fn literal(row: &str) -> String {
    let (_, text) = row.split_once('"').unwrap_or_else(|| panic!("no text: {row}"));
    let (mut found, mut characters) = (String::new(), text.chars());
    while let Some(character) = characters.next() {
        match character {
            '"' => return found,
            '\\' => match characters.next() {
                // A line that goes on: the blanks at the beginning of the next one are none of the text.
                Some(' ') => characters = characters.as_str().trim_start().chars(),
                escaped => found.extend(escaped),
            },
            other => found.push(other),
        }
    }
    panic!("the text has no end: {row}")
}

#[test]
fn a_text_is_read_with_its_quotes_and_over_lines() {
    assert_eq!(literal(r#"["a \"b\" c", x]"#), "a \"b\" c");
    assert_eq!(literal(r#" ["one, \          two"]"#), "one, two");
}
