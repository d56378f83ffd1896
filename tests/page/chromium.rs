//! Driver of headless Chromium for tests of pages, where Chromium is installed.

use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

/// Set where the absence of a browser is a failure, as in continuous integration.
const REQUIRED: &str = "AURA_BROWSER_REQUIRED";

/// How long a driver may take to start.
const START: Duration = Duration::from_secs(30);

/// Uses a browser with a profile of its own, which has this name.
pub(crate) async fn browse(name: &str, usage: impl AsyncFnOnce(&Client) -> Result<(), CmdError>) {
    let (Some(chromium), Some(chromedriver)) = (find("chromium"), find("chromedriver")) else {
        assert!(
            std::env::var_os(REQUIRED).is_none(),
            "{REQUIRED} is set, but chromium or chromedriver is not there"
        );
        // Written past the test harness, which hides what a passing test prints.
        let line = "the browser test was not run: chromium and chromedriver are not installed";
        writeln!(std::io::stderr(), "{line}").unwrap();
        return;
    };
    let (mut driver, mut port) = start(&chromedriver).await;
    let profile = std::env::temp_dir().join(format!("aura-{name}-{}", std::process::id()));
    let page = match connect(&chromium, &profile, port).await {
        Ok(page) => page,
        // A browser that does not start has another driver once.
        Err(_) => {
            drop(driver.kill().await);
            drop(std::fs::remove_dir_all(&profile));
            (driver, port) = start(&chromedriver).await;
            connect(&chromium, &profile, port).await.unwrap()
        }
    };

    let outcome = timeout(Duration::from_secs(60), usage(&page)).await;
    drop(page.close().await);
    drop(driver.kill().await);
    drop(std::fs::remove_dir_all(&profile));
    outcome.expect("the page answers").unwrap();
}

/// Starts the driver at a free port.
///
/// The driver takes a port that is free on `::1`, and ends where the same port is in use on `127.0.0.1`, as by a connection
/// of another test. The next one takes another port.
async fn start(chromedriver: &Path) -> (Child, u16) {
    let mut said = String::new();
    for _ in 0..20 {
        match try_start(chromedriver).await {
            Ok(started) => return started,
            Err(lines) => said = lines,
        }
    }
    panic!("chromedriver does not start: {said}");
}

/// Returns the driver and the port that it prints, or what it printed before it ended or [`START`] was over.
async fn try_start(chromedriver: &Path) -> Result<(Child, u16), String> {
    let mut driver = Command::new(chromedriver)
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    let begun = Instant::now();
    while let Ok(line) = timeout(START.saturating_sub(begun.elapsed()), lines.next_line()).await {
        let Some(line) = line.unwrap() else { break };
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return Ok((driver, port.trim_end_matches('.').parse().unwrap()));
        }
        said.push(line);
    }
    Err(said.join("\n"))
}

async fn connect(chromium: &Path, profile: &Path, port: u16) -> Result<Client, NewSessionError> {
    let mut arguments: Vec<String> = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    let options = json!({ "goog:chromeOptions": { "binary": chromium, "args": arguments } });
    let capabilities = options.as_object().unwrap().clone();
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")).await
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
