//! The built-in pages in a real browser.

use super::chromium;
use super::demo::serve;
use aura_proto::Error;
use fantoccini::{Client, Locator};

#[tokio::test]
async fn every_reason_has_a_page_with_its_sentence_and_a_way_to_try_again() {
    let url = serve().await;
    chromium::browse("error-pages", async |page| read_every_page(page, &url).await).await;
}

async fn read_every_page(page: &Client, url: &str) -> Result<(), fantoccini::error::CmdError> {
    let find = async |selector: &str| page.find(Locator::Css(selector)).await;
    for reason in Error::reasons() {
        let (code, message) = Error::code_and_message(reason).unwrap();
        page.goto(&format!("{url}/auth/error?reason={reason}&provider=dev&redirectTo=/welcome")).await?;
        assert_eq!(find("[role=alert]").await?.text().await?, message, "{reason}");
        assert_eq!(find("small").await?.text().await?, code, "{reason}");
        // A page that its policy kept from its style would show the link as text.
        let again = find("a.button").await?;
        assert_eq!(again.css_value("display").await?, "block", "{reason}");
        assert_eq!(again.attr("href").await?.as_deref(), Some("/auth/signIn/dev?redirectTo=%2Fwelcome"));
    }
    find("a.button").await?.click().await?;
    page.wait().for_element(Locator::Css("button[value=ada]")).await?.click().await?;
    page.wait().for_url(&format!("{url}/welcome").parse().unwrap()).await?;
    Ok(())
}
