//! The demo's page in a real browser: sign in, see the name, sign out.

use super::chromium;
use aura_examples::Settings;
use fantoccini::{Client, Locator};
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_user_signs_in_and_out_on_the_demos_page() {
    let url = serve().await;
    chromium::browse("demo-page", async |page| sign_in_and_out(page, &url).await).await;
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

    // After a cancelled sign-in no user is signed in, and the page shows that.
    find("#sign-in-dev").await?.click().await?;
    find("button[name=cancel]").await?.click().await?;
    find("#app[data-state=signed-out]").await?;
    let said = find("#status[role=alert]").await?.text().await?;
    assert!(said.contains("cancelled"), "{said}");
    assert_eq!(page.current_url().await?.as_str(), format!("{url}/"));
    Ok(())
}

pub(super) async fn serve() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Settings::read_at(port, &|_| None).unwrap();
    tokio::spawn(async move { axum::serve(listener, aura_demo::app(&settings)).await });
    format!("http://localhost:{port}")
}
