//! The screenshots of the demo, in `examples/demo/screenshots`: each exists, and none is older than the page.
//!
//! `AURA_SCREENSHOTS=write cargo test -p aura-tests --test page screenshots` takes them again.

use super::chromium;
use super::demo::{serve_with, sign_in};
use super::emulation::{SCHEMES, SCREENS, Screen, emulate, screenshot, show_whole};
use aura_examples::page::FILES;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use ring::digest::{Context, SHA256};
use std::path::{Path, PathBuf};

/// Set to `write`, the screenshots are taken again.
const WRITE: &str = "AURA_SCREENSHOTS";
/// Maximum length of a screenshot, in bytes.
const MAX_LENGTH: usize = 350 * 1024;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/demo/screenshots")
}

/// The name of a screenshot, and what it shows.
fn names() -> impl Iterator<Item = (String, Screen, &'static str)> {
    let pairs = SCREENS.into_iter().flat_map(|screen| SCHEMES.map(|scheme| (screen, scheme)));
    pairs.map(|(screen, scheme)| (format!("{}-{scheme}.png", screen.name), screen, scheme))
}

/// The digest of what the page is made of: its files, and the code that makes the steps.
fn digest() -> String {
    let steps = include_str!("../../examples/demo/src/sequence.rs");
    let mut context = Context::new(&SHA256);
    for source in FILES.iter().map(|(_, _, content)| *content).chain([steps]) {
        context.update(&source.len().to_be_bytes());
        context.update(source.as_bytes());
    }
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn the_screenshots_exist_and_are_not_older_than_the_page() {
    if std::env::var_os(WRITE).is_some_and(|value| value == "write") {
        let url = serve_with(&|name| (name == "SESSIONS").then(|| "stored".to_owned())).await;
        chromium::browse("screenshots", async |page| take(page, &url).await).await;
        std::fs::write(folder().join("page.sha256"), digest() + "\n").unwrap();
    }
    let again = format!("take them again: {WRITE}=write cargo test -p aura-tests --test page screenshots");
    let of = std::fs::read_to_string(folder().join("page.sha256")).unwrap_or_default();
    assert_eq!(of.trim_end(), digest(), "the screenshots show an earlier page; {again}");
    for (name, screen, _) in names() {
        let image = std::fs::read(folder().join(&name)).unwrap_or_default();
        assert!(image.starts_with(b"\x89PNG\r\n\x1a\n"), "{name} is not there; {again}");
        // The width is the first field of the first chunk.
        let width = u32::from_be_bytes(image[16..20].try_into().unwrap());
        assert_eq!(width, screen.width, "{name}");
        assert!(image.len() <= MAX_LENGTH, "{name} has {} bytes", image.len());
    }
}

async fn take(page: &Client, url: &str) -> Result<(), CmdError> {
    sign_in(page, url).await?;
    std::fs::create_dir_all(folder()).unwrap();
    for (name, screen, scheme) in names() {
        emulate(page, screen, scheme).await?;
        page.refresh().await?;
        page.wait().for_element(Locator::Css("#sequence:not([hidden])")).await?;
        // Shows the details of a step.
        let focus = "document.querySelectorAll('.step')[9].focus({ preventScroll: true }); scrollTo(0, 0)";
        page.execute(focus, Vec::new()).await?;
        show_whole(page, screen, scheme).await?;
        std::fs::write(folder().join(name), screenshot(page).await?).unwrap();
    }
    Ok(())
}
