//! The demo's page in a real browser: sign in, see the name, sign out.

use super::chromium;
use aura_axum::HttpClient;
use aura_demo::Watched;
use aura_examples::Settings;
use aura_host::store::{MemoryCounts, MemoryStore};
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_user_signs_in_and_out_on_the_demos_page() {
    let url = serve().await;
    chromium::browse("demo-page", async |page| sign_in_and_out(page, &url).await).await;
}

async fn sign_in_and_out(page: &Client, url: &str) -> Result<(), CmdError> {
    let find = async |selector: &str| page.wait().for_element(Locator::Css(selector)).await;
    sign_in(page, url).await?;
    assert_eq!(page.current_url().await?.as_str(), format!("{url}/"));
    assert_eq!(find("#user-name").await?.text().await?, "Ada Lovelace");
    let session: serde_json::Value = serde_json::from_str(&find("#session-json").await?.text().await?)?;
    assert_eq!(session["user"]["email"], "ada@example.test");

    // Sessions are in cookies here.
    assert!(!find("#devices").await?.is_displayed().await?);

    find("#sign-out").await?.click().await?;
    find("#app[data-state=signed-out]").await?;
    page.refresh().await?;
    find("#app[data-state=signed-out]").await?;

    // After a cancelled sign-in no user is signed in, and the page shows that.
    find("#sign-in-dev").await?.click().await?;
    find("button[name=cancel]").await?.click().await?;
    find("#app[data-state=signed-out]").await?;
    let said = find("#status[role=alert]").await?.text().await?;
    assert!(said.contains("cancelled"), "{said}");
    assert_eq!(page.current_url().await?.as_str(), format!("{url}/"));
    Ok(())
}

pub(super) async fn sign_in(page: &Client, url: &str) -> Result<(), CmdError> {
    let find = async |selector: &str| page.wait().for_element(Locator::Css(selector)).await;
    page.goto(url).await?;
    find("#app[data-state=signed-out]").await?;
    find("#sign-in-dev").await?.click().await?;
    find("button[value=ada]").await?.click().await?;
    find("#app[data-state=signed-in]").await?;
    Ok(())
}

#[tokio::test]
async fn a_user_sees_her_devices_and_ends_one_the_others_or_all() {
    let url = serve_with(&|name| (name == "SESSIONS").then(|| "stored".to_owned())).await;
    chromium::browse("devices-here", async |here| {
        chromium::browse("devices-there", async |there| end_devices(here, there, &url).await).await;
        Ok(())
    })
    .await;
}

async fn end_devices(here: &Client, there: &Client, url: &str) -> Result<(), CmdError> {
    let find = async |selector: &str| here.wait().for_element(Locator::Css(selector)).await;
    sign_in(there, url).await?;
    sign_in(here, url).await?;
    let devices = here.find_all(Locator::Css("#device-list li")).await?;
    assert_eq!(devices.len(), 2);
    let text = find("li[data-current=true]").await?.text().await?;
    assert!(text.contains("on Linux (this device)") && text.contains("Signed in with dev"), "{text}");
    let button = find("li[data-current=false] button").await?;
    let name = button.attr("aria-label").await?.unwrap();
    assert!(name.starts_with("Sign out ") && name.contains("on Linux, signed in "), "{name}");

    // One browser ends the other.
    button.click().await?;
    find("#status:not(:empty)").await?;
    assert!(find("#status[role=status]").await?.text().await?.ends_with("on Linux is signed out."));
    assert_eq!(here.find_all(Locator::Css("#device-list li")).await?.len(), 1);
    assert!(!find("#end-others").await?.is_displayed().await?);
    there.refresh().await?;
    there.wait().for_element(Locator::Css("#app[data-state=signed-out]")).await?;

    // The other signs in again, and ends every other.
    sign_in(there, url).await?;
    there.find(Locator::Css("#end-others")).await?.click().await?;
    there.wait().for_element(Locator::Css("#status:not(:empty)")).await?;
    assert_eq!(there.find_all(Locator::Css("#device-list li")).await?.len(), 1);
    here.refresh().await?;
    find("#app[data-state=signed-out]").await?;

    // And then all.
    sign_in(here, url).await?;
    find("#end-all").await?.click().await?;
    find("#app[data-state=signed-out]").await?;
    find("#status:not(:empty)").await?;
    there.refresh().await?;
    there.wait().for_element(Locator::Css("#app[data-state=signed-out]")).await?;
    Ok(())
}

pub(super) async fn serve() -> String {
    serve_with(&|_| None).await
}

pub(super) async fn serve_with(variable: &dyn Fn(&str) -> Option<String>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Settings::read_at(port, variable).unwrap();
    let driver = aura_demo::stored_driver(&settings, HttpClient::new(), MemoryStore::default())
        .count_store(Watched(MemoryCounts::default()));
    tokio::spawn(async move { axum::serve(listener, aura_demo::app(&settings, driver)).await });
    format!("http://localhost:{port}")
}
