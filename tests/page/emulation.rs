//! Screens and color schemes that Chromium emulates, by commands of the Chrome DevTools Protocol.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A screen. Its size is in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The screens that the demo is for.
pub(crate) const SCREENS: [Screen; 2] =
    [Screen { name: "desktop", width: 1280, height: 900 }, Screen { name: "phone", width: 360, height: 740 }];

/// The values of the media feature `prefers-color-scheme` (Media Queries Level 5 section 12.5).
pub(crate) const SCHEMES: [&str; 2] = ["light", "dark"];

/// Emulates a screen and a color scheme, for this page and those after it. Nothing moves.
pub(crate) async fn emulate(page: &Client, screen: Screen, scheme: &str) -> Result<(), CmdError> {
    let metrics = json!({
        "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": screen.name == "phone",
    });
    command(page, "Emulation.setDeviceMetricsOverride", metrics).await?;
    command(page, "Emulation.setScrollbarsHidden", json!({ "hidden": true })).await?;
    let features = json!([
        { "name": "prefers-color-scheme", "value": scheme },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    command(page, "Emulation.setEmulatedMedia", json!({ "features": features })).await?;
    Ok(())
}

/// Makes the screen as high as the page, so that a screenshot shows all of it.
pub(crate) async fn show_whole(page: &Client, screen: Screen, scheme: &str) -> Result<(), CmdError> {
    let height = page.execute("return document.documentElement.scrollHeight", Vec::new()).await?;
    let height = height.as_u64().and_then(|height| u32::try_from(height).ok()).unwrap();
    emulate(page, Screen { height, ..screen }, scheme).await
}

/// Takes a PNG of the screen.
pub(crate) async fn screenshot(page: &Client) -> Result<Vec<u8>, CmdError> {
    let parameters = json!({ "format": "png", "optimizeForSpeed": false });
    let answer = command(page, "Page.captureScreenshot", parameters).await?;
    Ok(BASE64_STANDARD.decode(answer["data"].as_str().unwrap()).unwrap())
}

async fn command(page: &Client, name: &'static str, parameters: Value) -> Result<Value, CmdError> {
    page.issue_cmd(Command { name, parameters }).await
}

/// A command of chromedriver's own.
#[derive(Debug)]
struct Command {
    name: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.name, "params": self.parameters });
        (Method::POST, Some(body.to_string()))
    }
}
