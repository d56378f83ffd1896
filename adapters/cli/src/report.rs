//! Reports of commands: text for people, JSON for programs, and the exit status.

use serde_json::Value;

/// What a command prints, and its exit status.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) text: String,
    pub(crate) json: Value,
    pub(crate) status: Status,
}

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Nothing is wrong.
    Clean = 0,
    /// There are warnings.
    Warned = 1,
    /// There are errors.
    Failed = 2,
}

/// Why a command has no report. No secret is in it.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

/// Replaces the control characters of a text by escapes, since a name that a user chose must not steer a terminal.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => shown.push(character),
            _ if character.is_control() => shown.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => shown.push(character),
        }
    }
    shown
}

/// Writes rows as columns that are as wide as their widest cell. A line ends with its last cell.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:0$}", width(column)));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
