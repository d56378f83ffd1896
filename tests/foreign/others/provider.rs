//! Startup of a provider that is not ours, with a site as its client.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Set where the absence of a provider is a failure, as in continuous integration.
const REQUIRED: &str = "AURA_FOREIGN_REQUIRED";

/// Lifetime of access tokens. A client renews them in the second half.
pub(crate) const LIFETIME: Duration = Duration::from_secs(4);

/// Exit code of the script where the provider is not installed.
const NOT_INSTALLED: i32 = 69;

/// A running provider. It ends when its standard input does, which is ours to hold.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) port: u16,
    /// The provider as a site's configuration names it.
    pub(crate) data: Value,
    process: Child,
}

/// Starts a provider whose one client is the site, if it is installed on this machine.
pub(crate) fn start(name: &str, site: &str, id: &str) -> Option<Provider> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign/provider.sh");
    let mut process = Command::new(script)
        .args(["serve", name, site, id, &LIFETIME.as_secs().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line.is_empty() {
        let status = process.wait().unwrap();
        assert_eq!(status.code(), Some(NOT_INSTALLED), "{} did not start", name);
        missing(name);
        return None;
    }
    let mut data: Value = serde_json::from_str(&line).unwrap();
    let issuer = data["issuer"].as_str().unwrap().to_owned();
    let port = url::Url::parse(&issuer).unwrap().port().unwrap();
    let more = json!({ "kind": "oidc", "id": id, "name": name });
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Some(Provider { issuer, port, data, process })
}

fn missing(name: &str) {
    let remedy = format!("run `tests/foreign/provider.sh install {name}`");
    assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, but {remedy}");
    // Written past the test harness, which hides what a passing test prints.
    writeln!(std::io::stderr(), "NOT RUN: a scenario with {name}; {remedy}").unwrap();
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // Nothing depends on how it ends.
        let _ = self.process.wait();
    }
}
