//! The screenshots of the demo, in `examples/demo/screenshots`: each exists, and none is older than the page.
//!
//! `AURA_SCREENSHOTS=write cargo test -p aura-tests --test page screenshots` takes them again.

use super::chromium;
use super::demo::{serve_with, sign_in};
use super::emulation::{DESKTOP, PHONE, SCHEMES, Screen, emulate, screenshot, show_whole};
use aura_examples::page::FILES;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use ring::digest::{SHA256, digest};
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
    let pairs = [DESKTOP, PHONE].into_iter().flat_map(|screen| SCHEMES.map(|scheme| (screen, scheme)));
    pairs.map(|(screen, scheme)| (format!("{}-{scheme}.png", screen.name), screen, scheme))
}

/// What the screenshots show and how they are taken: the files of the page, the code that makes the steps, and these tests.
fn sources() -> Vec<u8> {
    let code = [
        include_str!("../../examples/demo/src/lib.rs"),
        include_str!("../../examples/demo/src/names.rs"),
        include_str!("../../examples/demo/src/notes.rs"),
        include_str!("../../examples/demo/src/recordings.rs"),
        include_str!("../../examples/demo/src/sequence.rs"),
        include_str!("emulation.rs"),
        include_str!("screenshots.rs"),
    ];
    let texts = FILES.iter().map(|(_, _, content)| *content).chain(code);
    texts.flat_map(|text| [&text.len().to_be_bytes(), text.as_bytes()].concat()).collect()
}

/// The digests of the sources and of the screenshots, one a line, as `sha256sum` writes them.
fn digests() -> String {
    let images = names().map(|(name, ..)| (std::fs::read(folder().join(&name)).unwrap_or_default(), name));
    let parts = [(sources(), "sources".to_owned())].into_iter().chain(images);
    let lines = parts.map(|(content, name)| {
        let digest = digest(&SHA256, &content);
        let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digest}  {name}\n")
    });
    lines.collect()
}

#[tokio::test]
async fn the_screenshots_exist_and_are_not_older_than_the_page() {
    if std::env::var_os(WRITE).is_some_and(|value| value == "write") {
        let url = serve_with(&|name| (name == "SESSIONS").then(|| "stored".to_owned())).await;
        let mut are_taken = false;
        chromium::browse("screenshots", async |page| {
            take(page, &url).await?;
            are_taken = true;
            Ok(())
        })
        .await;
        assert!(are_taken, "{WRITE}=write needs chromium and chromedriver");
        std::fs::write(folder().join("page.sha256"), digests()).unwrap();
    }
    let again = format!("take them again: {WRITE}=write cargo test -p aura-tests --test page screenshots");
    let of = std::fs::read_to_string(folder().join("page.sha256")).unwrap_or_default();
    assert_eq!(of, digests(), "the screenshots show an earlier page, or are others; {again}");
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
