//! Whether the comparison notices what it is for: small changes of the core of the working tree, one a run.

use crate::compared::Net;
use crate::suites::FUZZ;
use crate::tree::Change;
use std::error::Error;

/// A header, the life of a fetch, an event, and the order of two parameters.
const CHANGES: [Change; 4] = [
    ("\"strict-origin-when-cross-origin\"", "\"strict-origin\""),
    ("FETCH_TIMEOUT: Duration = Duration::from_secs(5)", "FETCH_TIMEOUT: Duration = Duration::from_secs(6)"),
    ("(\"OAUTH_CALLBACK_SUCCESS\", Info)", "(\"OAUTH_CALLBACK_SUCCES\", Info)"),
    (
        "(\"code_challenge\", challenge),\n        (\"code_challenge_method\", method),",
        "(\"code_challenge_method\", method),\n        (\"code_challenge\", challenge),",
    ),
];

/// Compares both cores with each change in turn, and tells whether each is noticed by every suite.
pub(crate) fn run() -> Result<bool, Box<dyn Error>> {
    let mut is_sound = true;
    for change in CHANGES {
        let suites = vec!["recorded_flows".to_owned(), "openid".to_owned(), format!("{FUZZ}openid_flow")];
        let rows = Net { suites, tests: None, change: Some(change) }.compare()?;
        for row in &rows {
            println!("{} -> {}: {}: {} records differ", change.0, change.1, row.suite, row.differing);
            is_sound &= row.differing > 0;
        }
    }
    Ok(is_sound)
}
