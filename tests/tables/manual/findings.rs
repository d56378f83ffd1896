//! The findings about a configuration on the page of options: the rows of `aura-proto/src/config/finding.rs`.

use super::compare_part;
use super::source::{cell, items, plain, read};
use std::fmt::Write as _;

#[test]
fn every_finding_is_on_the_page() {
    let mut table = "| Finding | Meaning | What is logged |\n|---|---|---|\n".to_owned();
    let mut count = 0_u32;
    for item in items(&read("aura-proto/src/config/finding.rs")) {
        let code = item.code.replace('\n', " ");
        // The head of the enum has documentation, too, and its first row has its own.
        let Some((variant, message)) = code.split_once("= [").filter(|(variant, _)| !variant.contains("///"))
        else {
            continue;
        };
        let name = variant.split([' ', '{']).next().unwrap_or_default();
        let message = message.split('"').nth(1).unwrap_or_default();
        writeln!(table, "| `{name}` | {} | {} |", cell(&plain(&item.docs.join(" "))), cell(message)).unwrap();
        count += 1;
    }
    assert!(count > 15, "{count} findings are read");
    compare_part("options.md", "findings", &table);
}
