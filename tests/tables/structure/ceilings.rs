//! Parser of the ceilings file, and the comparison of ceilings with counted figures.

use std::collections::BTreeMap;

/// Ceilings that stay: the others follow their figures down.
const FIXED: [&str; 2] = ["longest_file", "longest_function"];
/// A ceiling may be above its figure by one part in so many.
const SLACK: usize = 20;

/// Ceilings by section and name.
pub(crate) type Ceilings = BTreeMap<String, BTreeMap<String, usize>>;

/// Reads `[section]` and `name = number # reason` lines.
pub(crate) fn parse(text: &str) -> Ceilings {
    let mut ceilings = Ceilings::new();
    let mut section = String::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
        } else if !line.is_empty() {
            let (name, number) = line.split_once(" = ").unwrap_or_else(|| panic!("no ceiling: {line}"));
            let number = number.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
            let before = ceilings.entry(section.clone()).or_default().insert(name.to_owned(), number);
            assert_eq!(before, None, "{name} has two ceilings in [{section}]");
        }
    }
    ceilings
}

/// Compares one section with its figures; returns what is wrong, and how it is mended.
pub(crate) fn compare(
    section: &str,
    ceilings: &BTreeMap<String, usize>,
    figures: &BTreeMap<&'static str, usize>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, ceiling) in ceilings {
        let Some(figure) = figures.get(name.as_str()) else {
            wrong.push(format!("[{section}] {name}: nothing of this name is counted"));
            continue;
        };
        if figure > ceiling {
            wrong.push(format!(
                "[{section}] {name} is {figure}, above its ceiling of {ceiling}: make it smaller, or raise the ceiling with a reason"
            ));
        } else if !FIXED.contains(&name.as_str()) && *ceiling > figure + figure / SLACK {
            wrong.push(format!("[{section}] {name} is {figure}, well below its ceiling of {ceiling}: lower the ceiling to {figure}"));
        }
    }
    wrong
}
