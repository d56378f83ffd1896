//! The page of events: the rows of `aura-proto/src/event.rs`, and what `events.toml` says to do.

use super::source::{cell, items, read};
use super::{compare_part, data};
use std::fmt::Write as _;

/// Severities for which the page says what to do.
const ALARMING: [&str; 3] = ["Warning", "Error", "Critical"];

#[test]
fn every_event_is_on_the_page_and_those_that_alarm_say_what_to_do() {
    let mut to_do = data::parse(include_str!("events.toml")).remove("").unwrap_or_default();
    let mut table = "| Event | Severity | Variant, fields | Meaning |\n|---|---|---|---|\n".to_owned();
    let mut alarms = "| Event | What to do |\n|---|---|\n".to_owned();
    let mut count = 0_u32;
    for item in items(&read("aura-proto/src/event.rs")) {
        let code = item.code.replace('\n', " ");
        // The head of the enum and the macro have documentation, too, and their first row has its own.
        let Some((variant, row)) =
            code.split_once("= [").filter(|(variant, _)| !variant.contains(['$', '/']))
        else {
            continue;
        };
        let row = row.split(']').next().unwrap_or_default();
        let fields = fields(variant);
        let meaning = cell(&super::source::plain(&item.docs.join(" ")));
        if row.starts_with("error.") {
            writeln!(table, "| of the error | of the error | {fields} | {meaning} |").unwrap();
        } else {
            let [name, severity] = row.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{row}") };
            let name = name.trim_matches('"');
            writeln!(table, "| `{name}` | {severity} | {fields} | {meaning} |").unwrap();
            let remedy = to_do.remove(name);
            assert_eq!(remedy.is_some(), ALARMING.contains(&severity), "{name} in events.toml");
            for text in remedy.into_iter().flatten() {
                writeln!(alarms, "| `{name}` | {} |", cell(&text)).unwrap();
            }
        }
        count += 1;
    }
    assert!(count > 30, "{count} events are read");
    assert!(to_do.is_empty(), "events.toml has events that do not exist: {to_do:?}");
    compare_part("events.md", "events", &table);
    compare_part("events.md", "alarms", &alarms);
}

/// The variant and the names of its fields.
fn fields(variant: &str) -> String {
    let (name, fields) = variant.split_once('{').unwrap_or((variant, ""));
    let names = fields.split(',').filter_map(|field| field.split_once(':')).map(|(name, _)| name.trim());
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [] => format!("`{}`", name.trim()),
        names => format!("`{}`: {}", name.trim(), names.join(", ")),
    }
}

#[test]
fn fields_are_named_without_their_types() {
    assert_eq!(fields("A { provider: String, error: Error } "), "`A`: `provider`, `error`");
    assert_eq!(fields("RedirectRefused "), "`RedirectRefused`");
}
