//! The page of errors: the rows of `aura-proto/src/error`, and the remedies of `errors.toml`.

use super::source::{items, plain, read};
use super::{compare_part, data};
use aura_proto::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The parts of the page: the file of the rows, the title, and what is said in front of them.
const PARTS: [(&str, &str, &str); 5] = [
    ("request", "Of the browser's side", "A request, a callback or a session is not what it has to be."),
    (
        "provider",
        "Of the provider's side",
        "A provider answers by an error, by something else than it has to, or not at all.",
    ),
    (
        "token_refusal",
        "Of refused token requests",
        "The provider refuses to exchange a code or to refresh tokens. The reason is made of the `error` of its answer (RFC 6749 \
         section 5.2), or of the status.",
    ),
    (
        "id_token",
        "Of ID tokens and logout tokens",
        "A token that the provider signed is rejected, by the steps of OpenID Connect Core 1.0 section 3.1.3.7.",
    ),
    (
        "host",
        "Of the server's side",
        "The application, its store or the machine cannot do what the request needs.",
    ),
];

/// A row of the error table, as it is written.
struct Row {
    status: u16,
    code: String,
    reason: String,
    event: String,
    /// The event on routes of tokens, if it is another one.
    token_route_event: Option<String>,
    cause: String,
    /// Several rows of the source have this reason.
    is_shared: bool,
}

#[test]
fn every_reason_is_on_the_page_with_its_cause_and_its_remedy() {
    let mut sections = data::parse(include_str!("errors.toml"));
    let mut causes = first_texts(sections.remove("causes").unwrap_or_default());
    let mut remedies = first_texts(sections.into_values().flatten());
    let table = read("aura-proto/src/error/table.rs");
    let (mut page, mut reasons, mut by_code) = (String::new(), BTreeSet::new(), BTreeMap::new());
    for (file, title, introduction) in PARTS {
        write!(page, "\n## {title}\n\n{introduction}\n").unwrap();
        for mut row in rows(&read(&format!("aura-proto/src/error/{file}.rs")), &table) {
            if row.is_shared {
                let cause = causes.remove(&row.reason);
                row.cause = cause.unwrap_or_else(|| panic!("errors.toml has no cause for {}", row.reason));
            }
            let remedy = remedies.remove(&row.reason);
            let remedy = remedy.unwrap_or_else(|| panic!("errors.toml has no remedy for {}", row.reason));
            page.push_str(&section(&row, &remedy));
            by_code.entry(row.code).or_insert_with(Vec::new).push(row.reason.clone());
            assert!(reasons.insert(row.reason), "a reason is there twice");
        }
    }
    assert_eq!(remedies, BTreeMap::new(), "errors.toml has remedies for reasons that do not exist");
    assert_eq!(causes, BTreeMap::new(), "errors.toml has causes for reasons that one row has");
    assert_eq!(reasons, Error::reasons().map(str::to_owned).collect(), "a row is not read");
    compare_part("errors.md", "codes", &codes(&by_code));
    compare_part("errors.md", "reasons", &format!("{page}\n"));
}

#[test]
fn a_row_is_read_with_its_events_and_its_documentation() {
    let source = "/// It is over ([`A`](b)).\nEnded = [401 AUTH_FLOW   CODE  ended  NAME Error / LATER \"It is over.\"],";
    let table = "const LATER: NamedSeverity =\n    (\"OTHER\", Severity::Warning);";
    let rows = rows(source, table);
    let [row] = &rows[..] else { panic!("one row") };
    assert_eq!((row.status, &*row.code, &*row.reason), (401, "CODE", "ended"));
    assert_eq!((&*row.event, row.token_route_event.as_deref()), ("`NAME`, Error", Some("`OTHER`, Warning")));
    assert_eq!(row.cause, "It is over (`A`).");
}

/// The text of each reason.
fn first_texts(pairs: impl IntoIterator<Item = (String, Vec<String>)>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(reason, texts)| (reason, texts.into_iter().next().unwrap_or_default())).collect()
}

fn section(row: &Row, remedy: &str) -> String {
    let (_, sentence) =
        Error::code_and_message(&row.reason).unwrap_or_else(|| panic!("{} is no reason", row.reason));
    let (status, code, reason) = (row.status, &row.code, &row.reason);
    let mut text = format!("\n### {reason}\n\n{status} `{code}`, event {}", row.event);
    if let Some(event) = &row.token_route_event {
        write!(text, "; on the routes of provider tokens {event}").unwrap();
    }
    write!(text, ".\n\n> {sentence}\n\n* Cause: {}\n* Remedy: {remedy}\n", row.cause).unwrap();
    text
}

/// The table of codes.
fn codes(by_code: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = "| Code | Reasons |\n|---|---|\n".to_owned();
    for (code, reasons) in by_code {
        let links: Vec<_> = reasons.iter().map(|reason| format!("[`{reason}`](#{reason})")).collect();
        writeln!(text, "| `{code}` | {} |", links.join(", ")).unwrap();
    }
    text
}

/// Reads `Variant = [status type code reason event severity / EVENT "message"]`. Rows of one reason are one row.
fn rows(source: &str, table: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for item in items(source) {
        let line = item.code.lines().next().unwrap_or_default();
        let Some((_, row)) = line.split_once(" = [") else { continue };
        let words: Vec<_> =
            row.split('"').next().unwrap_or_default().trim_end_matches("],").split_whitespace().collect();
        let [status, _, code, reason, rest @ ..] = &words[..] else { continue };
        let Ok(status) = status.parse() else { continue };
        let (ends, rest): (&[&str], _) = match rest {
            ["+", "error", rest @ ..] => (&["_unreachable", "_too_large", "_encoded"], rest),
            rest => (&[""], rest),
        };
        let [name, severity, rest @ ..] = rest else { panic!("no event: {line}") };
        let token_route_event = rest.get(1).map(|constant| token_route_event(constant, table));
        for end in ends {
            let reason = format!("{reason}{end}");
            // The documentation of the variant is about an exchange without an answer.
            let cause = match *end {
                "_too_large" => "The answer is longer than 256 KiB.".to_owned(),
                "_encoded" => {
                    "The answer has a `Content-Encoding`, and none was asked for (RFC 9110 section 12.5.3)."
                        .to_owned()
                }
                _ => plain(&item.docs.join(" ")),
            };
            match rows.iter_mut().find(|row| row.reason == reason) {
                Some(row) => row.is_shared = true,
                None => rows.push(Row {
                    status,
                    code: (*code).to_owned(),
                    reason,
                    event: format!("`{name}`, {severity}"),
                    token_route_event: token_route_event.clone(),
                    cause,
                    is_shared: false,
                }),
            }
        }
    }
    rows
}

/// The name and the severity of a constant of `table.rs`.
fn token_route_event(constant: &str, table: &str) -> String {
    let (_, rest) =
        table.split_once(&format!("const {constant}:")).unwrap_or_else(|| panic!("no {constant}"));
    let (name, rest) = rest.split_once('"').and_then(|(_, rest)| rest.split_once('"')).unwrap();
    let (_, severity) = rest.split_once("Severity::").unwrap();
    format!("`{name}`, {}", severity.split(')').next().unwrap())
}
