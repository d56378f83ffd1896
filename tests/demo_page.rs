//! The demo's page in a real browser: sign in, see the name, sign out.
#![cfg(test)]

use aura_examples::Settings;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// Set where the absence of a browser is a failure, as in continuous integration.
const REQUIRED: &str = "AURA_BROWSER_REQUIRED";

#[tokio::test]
async fn a_user_signs_in_and_out_on_the_demos_page() {
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
    let url = serve().await;
    let (mut driver, port) = start(&chromedriver).await;
    let profile = std::env::temp_dir().join(format!("aura-demo-page-{}", std::process::id()));
    let page = connect(&chromium, &profile, port).await;

    let outcome = tokio::time::timeout(Duration::from_secs(60), sign_in_and_out(&page, &url)).await;
    drop(page.close().await);
    drop(driver.kill().await);
    drop(std::fs::remove_dir_all(&profile));
    outcome.expect("the page answers").unwrap();
}

async fn sign_in_and_out(page: &Client, url: &str) -> Result<(), fantoccini::error::CmdError> {
    let find = async |selector: &str| page.wait().for_element(Locator::Css(selector)).await;
    page.goto(url).await?;
    find("#app[data-state=signed-out]").await?;
    find("#sign-in-dev").await?.click().await?;

    find("button[value=ada]").await?.click().await?;
    find("#app[data-state=signed-in]").await?;
    assert_eq!(page.current_url().await?.as_str(), format!("{url}/"));
    assert_eq!(find("#user-name").await?.text().await?, "Ada Lovelace");
    let session: serde_json::Value = serde_json::from_str(&find("#session-json").await?.text().await?)?;
    assert_eq!(session["user"]["email"], "ada@example.test");

    find("#sign-out").await?.click().await?;
    find("#app[data-state=signed-out]").await?;
    page.refresh().await?;
    find("#app[data-state=signed-out]").await?;

    // Cancelling at the provider signs nobody in, and the page says so.
    find("#sign-in-dev").await?.click().await?;
    find("button[name=cancel]").await?.click().await?;
    find("#app[data-state=signed-out]").await?;
    let said = find("#status[role=alert]").await?.text().await?;
    assert!(said.contains("cancelled"), "{said}");
    assert_eq!(page.current_url().await?.as_str(), format!("{url}/"));
    Ok(())
}

async fn serve() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Settings::read_at(port, &|_| None).unwrap();
    tokio::spawn(async move { axum::serve(listener, aura_demo::app(&settings)).await });
    format!("http://localhost:{port}")
}

/// Starts the driver at a free port, which it says on its standard output.
async fn start(chromedriver: &Path) -> (Child, u16) {
    let mut driver = Command::new(chromedriver)
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return (driver, port.trim_end_matches('.').parse().unwrap());
        }
    }
    panic!("chromedriver says no port");
}

async fn connect(chromium: &Path, profile: &Path, port: u16) -> Client {
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
    builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")).await.unwrap()
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
