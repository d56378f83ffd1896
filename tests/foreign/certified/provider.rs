//! Startup of the provider, and registration of a site as its client (RFC 7591).

use crate::network::Server;
use aura_test_idp::browser::Site;
use bytes::Bytes;
use http::{Request, header};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// Set where the absence of the provider is a failure, as in continuous integration.
const REQUIRED: &str = "AURA_OIDC_PROVIDER_REQUIRED";

/// The running provider.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) port: u16,
    /// The accounts.
    pub(crate) account: String,
    /// It ends when its standard input does, which is ours to hold: with this process.
    _process: Child,
}

static PROVIDER: LazyLock<Option<Provider>> = LazyLock::new(start);

/// Returns the provider that all scenarios share, if it can run on this machine.
pub(crate) fn provider() -> Option<&'static Provider> {
    PROVIDER.as_ref()
}

fn start() -> Option<Provider> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign/oidc-provider");
    if !folder.join("node_modules/oidc-provider").is_dir() {
        return missing("run `npm ci --prefix tests/foreign/oidc-provider`");
    }
    let node = Command::new("node")
        .arg(folder.join("server.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn();
    let Ok(mut process) = node else { return missing("node is not installed") };
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let Ok(said) = serde_json::from_str::<Value>(&line) else {
        return missing("it did not start; node 20.12 or later is needed");
    };
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    let issuer = text("issuer");
    let port = url::Url::parse(&issuer).unwrap().port().unwrap();
    Some(Provider { issuer, port, account: text("account"), _process: process })
}

fn missing(remedy: &str) -> Option<Provider> {
    assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, but {remedy}");
    // Written past the test harness, which hides what a passing test prints.
    writeln!(std::io::stderr(), "NOT RUN: the scenarios with oidc-provider of npm; {remedy}").unwrap();
    None
}

impl Provider {
    /// Registers a client, and returns the provider's answer.
    pub(crate) fn register(&self, metadata: &Value) -> Value {
        let request = Request::post("/reg").header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Bytes::from(metadata.to_string())).unwrap();
        let response = Server(self.port).answer(request, 0);
        let said = String::from_utf8_lossy(response.body());
        assert_eq!(response.status(), 201, "{metadata}: {said}");
        serde_json::from_str(&said).unwrap()
    }
}
