//! The page of the environment: the table of `aura_host::env`, and the variables that it looks up.

use super::compare_part;
use super::source::read;
use aura_host::env::Environment;
use aura_host::provider::{Protocol, ROWS};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The prefixes of a key, longest first.
const PREFIXES: [&str; 3] = ["AURA_AUTH_", "AURA_", "AUTH_"];

#[test]
fn the_page_has_the_table_of_the_module() {
    let source = read("adapters/host/src/env/mod.rs");
    let lines = source.lines().filter_map(|line| line.strip_prefix("//! "));
    let table: Vec<_> = lines.filter(|line| line.starts_with('|')).collect();
    assert!(table.len() > 20, "the table is read");
    compare_part(
        "environment.md",
        "variables",
        &(table.join("\n").replace("[`log_level`]", "`log_level`") + "\n"),
    );
}

#[test]
fn the_page_has_the_variables_of_every_provider() {
    let mut table = "| Provider | Variables |\n|---|---|\n".to_owned();
    for row in ROWS {
        let variables: Vec<_> =
            of_row(row.id, row.protocol, row.issuer).into_iter().map(|name| format!("`{name}`")).collect();
        writeln!(table, "| [{}][provider {}] | {} |", row.name, row.id, variables.join(", ")).unwrap();
    }
    compare_part("environment.md", "providers", &(table + &super::providers::definitions()));
}

#[test]
fn every_variable_that_is_looked_up_is_in_the_table() {
    let page = read("manual/pages/environment.md");
    let of_provider = |name: &str| page.contains(&format!("`<ID>_{name}`"));
    let mut missing = BTreeSet::new();
    for key in looked_up() {
        let provider = ROWS
            .iter()
            .map(|row| capitals(row.id))
            .chain(["OIDC".to_owned()])
            .find_map(|id| key.strip_prefix(&format!("{id}_")).map(str::to_owned));
        let is_there = match provider {
            Some(part) => of_provider(&part) || page.contains(&format!("`{key}`")),
            None => page.contains(&format!("`{key}`")),
        };
        if !is_there {
            missing.insert(key);
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

/// The id in capitals, as variables have it.
pub(super) fn capitals(id: &str) -> String {
    id.replace('-', "_").to_ascii_uppercase()
}

/// The variables that most sites set for a provider.
pub(super) fn of_row(id: &str, protocol: Protocol, issuer: Option<&str>) -> Vec<String> {
    let id = capitals(id);
    let mut names = vec![format!("{id}_CLIENT_ID"), format!("{id}_CLIENT_SECRET")];
    if protocol == Protocol::OpenId {
        let open =
            issuer.into_iter().flat_map(|issuer| issuer.split('/')).filter_map(|part| part.strip_prefix(':'));
        names.extend(open.map(|part| format!("{id}_{}", part.to_ascii_uppercase())));
        names.push(format!("{id}_ISSUER"));
    }
    names
}

/// The keys that a configuration of every provider looks up, without their prefixes.
fn looked_up() -> BTreeSet<String> {
    let names = RefCell::new(BTreeSet::new());
    let lookup = |name: &str| {
        let key = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        names.borrow_mut().insert(key.to_owned());
        match key {
            "SECRET" => Some("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK".to_owned()),
            "SALT" => Some("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d".to_owned()),
            key if key.ends_with("_CLIENT_ID") || key.ends_with("_CLIENT_SECRET") => Some("given".to_owned()),
            key if key.ends_with("_TENANT") || key.ends_with("_APPLICATION_SLUG") => Some("given".to_owned()),
            _ => None,
        }
    };
    let built = Environment::new(&lookup).builder();
    assert!(built.is_ok());
    aura_host::env::log_level(&lookup);
    let names = names.into_inner();
    assert!(names.contains("GITHUB_CLIENT_ID") && names.contains("LOG_LEVEL") && names.len() > 100);
    names
}
