//! The page's client, `aura-client.js`, under its own tests in node.

use std::io::Write;
use std::process::Command;

/// Set where the absence of node is a failure, as in continuous integration.
const REQUIRED: &str = "AURA_NODE_REQUIRED";
/// Where its tests are.
const TESTS: &str = "page/aura-client.test.mjs";

#[test]
fn the_pages_client_passes_its_tests() {
    let arguments = ["--test", "--test-reporter=tap", TESTS];
    let run = Command::new("node").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let Ok(run) = run else {
        assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, but node is not there");
        // Written past the test harness, which hides what a passing test prints.
        writeln!(std::io::stderr(), "the tests of aura-client.js were not run: node is not installed")
            .unwrap();
        return;
    };
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    // A run that finds no tests succeeds, too.
    let tests = include_str!("aura-client.test.mjs").lines().filter(|line| line.starts_with("test(")).count();
    assert!(said.lines().any(|line| line == format!("# pass {tests}")), "{tests} tests, but {said}");
}
