//! The pages of the demo under axe-core, in both color schemes and on both screens: no violation.
//!
//! `npm ci --prefix tests/page/axe` installs axe-core.

use super::chromium;
use super::demo::{serve_with, sign_in};
use super::emulation::{SCHEMES, SCREENS, emulate};
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::Value;
use std::io::Write;
use std::path::Path;

/// Set where the absence of axe-core is a failure, as in continuous integration.
const REQUIRED: &str = "AURA_AXE_REQUIRED";
/// The rules of WCAG 2.2, levels A and AA, and those that axe-core calls best practices.
const RUN: &str = "const done = arguments[arguments.length - 1];
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations', 'passes'] }).then(
      ({ violations, passes }) => done({
        passes: passes.length,
        violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
      }),
      (error) => done({ passes: 0, violations: [String(error)] }))";

fn axe() -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("page/axe/node_modules/axe-core/axe.min.js");
    let source = std::fs::read_to_string(file).ok();
    if source.is_none() {
        assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, but axe-core is not there");
        // Written past the test harness, which hides what a passing test prints.
        let line =
            "SKIPPED: the pages were not checked: axe-core is not installed (npm ci --prefix tests/page/axe)";
        writeln!(std::io::stderr(), "{line}").unwrap();
    }
    source
}

#[tokio::test]
async fn no_page_of_the_demo_violates_a_rule_of_accessibility() {
    let Some(axe) = axe() else { return };
    let url = serve_with(&|name| (name == "SESSIONS").then(|| "stored".to_owned())).await;
    chromium::browse("axe-pages", async |page| check_every_page(page, &axe, &url).await).await;
}

async fn check_every_page(page: &Client, axe: &str, url: &str) -> Result<(), CmdError> {
    let find = async |selector: &str| page.wait().for_element(Locator::Css(selector)).await;
    for path in ["/auth/signIn", "/auth/signIn/nobody", "/auth/error?reason=state_mismatch&provider=dev", "/"]
    {
        page.goto(&format!("{url}{path}")).await?;
        find("main:not([data-state=loading])").await?;
        check(page, axe, path).await?;
    }
    find("#sign-in-dev").await?.click().await?;
    find("button[name=cancel]").await?;
    check(page, axe, "the provider's page").await?;
    find("button[name=cancel]").await?.click().await?;
    find("#status[role=alert]:not(:empty)").await?;
    find("#sequence:not([hidden])").await?;
    check(page, axe, "a sign-in that failed").await?;

    sign_in(page, url).await?;
    find("#device-list li").await?;
    page.execute("document.querySelector('.step').focus()", Vec::new()).await?;
    find("#step-detail dl").await?;
    check(page, axe, "signed in").await?;
    find("#sign-out").await?.click().await?;
    find("#status:not(:empty)").await?;
    check(page, axe, "signed out").await?;
    Ok(())
}

/// Runs the rules on the page that is shown.
async fn check(page: &Client, axe: &str, what: &str) -> Result<(), CmdError> {
    for (screen, scheme) in SCREENS.into_iter().flat_map(|screen| SCHEMES.map(|scheme| (screen, scheme))) {
        emulate(page, screen, scheme).await?;
        let found = run(page, axe).await?;
        assert_eq!(found["violations"], serde_json::json!([]), "{what}, {}, {scheme}", screen.name);
        assert!(found["passes"].as_u64().unwrap() > 5, "{what}: {found}");
        // Nothing scrolls sideways.
        let width = page.execute("return document.documentElement.scrollWidth", Vec::new()).await?;
        assert!(width.as_u64().unwrap() <= screen.width.into(), "{what}, {}: {width} pixels", screen.name);
    }
    Ok(())
}

async fn run(page: &Client, axe: &str) -> Result<Value, CmdError> {
    // A page that is checked again has it.
    if page.execute("return window.axe === undefined", Vec::new()).await? == Value::Bool(true) {
        page.execute(&format!("{axe}; window.axe = axe"), Vec::new()).await?;
    }
    page.execute_async(RUN, Vec::new()).await
}

#[tokio::test]
async fn a_picture_without_a_text_and_a_faint_text_are_violations() {
    let Some(axe) = axe() else { return };
    let url = serve_with(&|_| None).await;
    chromium::browse("axe-control", async |page| {
        page.goto(&url).await?;
        page.wait().for_element(Locator::Css("#app[data-state=signed-out]")).await?;
        let change = "document.querySelector('main').append(new Image());
            document.querySelector('main h2').style.color = 'silver'";
        page.execute(change, Vec::new()).await?;
        let found = run(page, &axe).await?;
        let violations: Vec<_> = found["violations"].as_array().unwrap().iter().map(Value::as_str).collect();
        let rules: Vec<_> =
            violations.into_iter().flatten().filter_map(|text| text.split(':').next()).collect();
        assert_eq!(rules, ["color-contrast", "image-alt"]);
        Ok(())
    })
    .await;
}
