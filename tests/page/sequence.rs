//! The sequence diagram on the demo's page: its steps in their order, the keyboard, and no request to another origin.

use super::chromium;
use super::demo::{serve, serve_with, sign_in};
use super::emulation::{SCREENS, emulate};
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

/// The steps of a sign-in at the embedded provider, with sessions and counts in a store.
const STEPS: [&str; 17] = [
    "Browser to Server: GET /auth/signIn/dev",
    "Server to Store: count the request",
    "Store to Server: done",
    "Server to Browser: 302 to /dev/authorize, sets aura-auth.state",
    "Browser to Provider: GET /dev/authorize",
    "Provider to Browser: redirect with the answer",
    "Browser to Server: GET /auth/callback/dev",
    "Server to Store: count the request",
    "Store to Server: done",
    "Server to Provider: POST /dev/token",
    "Provider to Server: 200",
    "Server to Provider: GET /dev/userinfo",
    "Provider to Server: 200",
    "Server: the application decides on the user",
    "Server to Store: insert the session",
    "Store to Server: done",
    "Server to Browser: 302 to /, sets aura-auth.csrf_token, sets aura-auth.session_token, clears aura-auth.state",
];

/// The steps of the list as a screen reader reads them, without their moments.
async fn steps(page: &Client) -> Result<Vec<String>, CmdError> {
    let read = "return [...document.querySelectorAll('#phases ol > li > button')].map((step) =>
        [...step.querySelectorAll('.label, .cookie')].map(({ textContent }) => textContent).join(''))";
    Ok(serde_json::from_value(page.execute(read, Vec::new()).await?)?)
}

#[tokio::test]
async fn the_page_draws_the_steps_of_the_last_sign_in_in_their_order() {
    let url = serve_with(&|name| (name == "SESSIONS").then(|| "stored".to_owned())).await;
    chromium::browse("sequence", async |page| read_the_diagram(page, &url).await).await;
}

async fn read_the_diagram(page: &Client, url: &str) -> Result<(), CmdError> {
    let find = async |selector: &str| page.wait().for_element(Locator::Css(selector)).await;
    page.goto(url).await?;
    find("#app[data-state=signed-out]").await?;
    assert!(!find("#sequence").await?.is_displayed().await?);
    sign_in(page, url).await?;
    assert!(find("#sequence").await?.is_displayed().await?);
    assert_eq!(steps(page).await?, STEPS);
    assert_eq!(
        find("#lanes").await?.text().await?.lines().collect::<Vec<_>>().join(" "),
        "Browser Server Provider Store"
    );
    let titles = page.find_all(Locator::Css(".phase")).await?;
    assert_eq!(titles.len(), 3);

    // A reload shows the same sign-in.
    page.refresh().await?;
    find("#app[data-state=signed-in]").await?;
    assert_eq!(steps(page).await?, STEPS);

    // Each arrow is between its lanes, on each screen.
    for screen in SCREENS {
        emulate(page, screen, "light").await?;
        for step in arrows(page).await? {
            assert!(step["off"].as_f64().unwrap() < 2.0, "{}: {step}", screen.name);
        }
        assert_eq!(covered(page).await?, [""; 0], "{}", screen.name);
    }

    // The pictures of accounts are in the page, so that nothing is asked of another origin.
    let asked =
        "return performance.getEntries().map(({ name }) => name).filter((name) => name.includes('://'))";
    let asked: Vec<String> = serde_json::from_value(page.execute(asked, Vec::new()).await?)?;
    assert!(asked.len() > 5 && asked.iter().all(|name| name.starts_with(url)), "{asked:?}");

    // Not even a script of the page could show these, but the server could.
    let drawn = find("#sequence").await?.html(true).await?;
    let cookies = page.get_all_cookies().await?;
    assert_eq!(cookies.len(), 3, "the session, the CSRF token and the name of the recording");
    assert!(!cookies.iter().any(|cookie| drawn.contains(cookie.value())));

    find("#sign-out").await?.click().await?;
    find("#app[data-state=signed-out]").await?;
    assert!(!find("#sequence").await?.is_displayed().await?);
    assert_eq!(steps(page).await?, [""; 0]);
    assert_eq!(last_sign_in(page).await?, Value::Null);
    Ok(())
}

/// How far, in pixels, each end of an arrow is from the middle of its lane.
async fn arrows(page: &Client) -> Result<Vec<Value>, CmdError> {
    let measure = "
        const middle = (box) => box.left + box.width / 2;
        const lanes = new Map([...document.querySelectorAll('#lanes span')].map(
          (lane) => [lane.textContent, middle(lane.getBoundingClientRect())]));
        return [...document.querySelectorAll('.step')].map((step) => {
          const text = step.querySelector('.label').textContent;
          const [from, to = from] = text.split(': ')[0].split(' to ').map((name) => lanes.get(name));
          const box = step.querySelector('.arrow').getBoundingClientRect();
          const ends = from === to ? [middle(box), middle(box)] : [box.left, box.right];
          return { text, off: Math.max(Math.abs(ends[0] - Math.min(from, to)), Math.abs(ends[1] - Math.max(from, to))) };
        })";
    let arrows: Vec<Value> = serde_json::from_value(page.execute(measure, Vec::new()).await?)?;
    assert_eq!(arrows.len(), STEPS.len());
    Ok(arrows)
}

/// The steps that are below something else when they have the focus.
async fn covered(page: &Client) -> Result<Vec<String>, CmdError> {
    let focus = "
        scrollTo(0, 0);
        const [lanes, panel] = [document.querySelector('#lanes'), document.querySelector('#step-detail')];
        return [...document.querySelectorAll('.step')].filter((step) => {
          step.focus();
          const { top, bottom } = step.getBoundingClientRect();
          return top < lanes.getBoundingClientRect().bottom - 1 || bottom > panel.getBoundingClientRect().top + 1;
        }).map((step) => step.textContent)";
    Ok(serde_json::from_value(page.execute(focus, Vec::new()).await?)?)
}

async fn last_sign_in(page: &Client) -> Result<Value, CmdError> {
    let ask = "const done = arguments[0]; fetch('/api/last-sign-in').then((answer) => answer.json()).then(done, done)";
    page.execute_async(ask, Vec::new()).await
}

#[tokio::test]
async fn the_keyboard_and_the_pointer_show_the_details_of_a_step() {
    let url = serve().await;
    chromium::browse("sequence-keys", async |page| press_keys(page, &url).await).await;
}

async fn press_keys(page: &Client, url: &str) -> Result<(), CmdError> {
    let find = async |selector: &str| page.wait().for_element(Locator::Css(selector)).await;
    let detail = async || find("#step-detail").await?.text().await;
    let press = async |key: Key| page.active_element().await?.send_keys(&char::from(key).to_string()).await;
    sign_in(page, url).await?;
    // Tab goes from the last button of the card to the first step.
    page.execute("document.querySelector('#sign-out').focus()", Vec::new()).await?;
    press(Key::Tab).await?;
    assert!(detail().await?.starts_with("1. Browser to Server\nGET /auth/signIn/dev"), "{}", detail().await?);
    press(Key::Down).await?;
    assert!(detail().await?.starts_with("2. "), "{}", detail().await?);
    press(Key::End).await?;
    let last = detail().await?;
    assert!(last.contains("302 to /") && last.contains("OAUTH_CALLBACK_SUCCESS"), "{last}");
    press(Key::Down).await?;
    assert_eq!(detail().await?, last);
    press(Key::Home).await?;
    press(Key::Tab).await?;
    assert!(detail().await?.starts_with("2. "), "{}", detail().await?);

    // What the panel shows is the description of the button, too.
    let token = page.find(Locator::XPath("//button[contains(., 'POST /dev/token')]")).await?;
    page.execute("arguments[0].dispatchEvent(new PointerEvent('pointerenter'))", vec![json!(token)]).await?;
    let shown = detail().await?;
    assert!(shown.contains("POST /dev/token") && shown.contains("grant_type"), "{shown}");
    let described = token.attr("aria-describedby").await?.unwrap();
    let description = find(&format!("#{described}")).await?.prop("textContent").await?.unwrap();
    assert!(description.contains("Parameters: ") && description.contains("code_verifier"), "{description}");
    Ok(())
}

#[tokio::test]
async fn a_sign_in_that_failed_is_shown_with_its_error_alone() {
    let url = serve().await;
    chromium::browse("sequence-failed", async |page| cancel(page, &url).await).await;
}

async fn cancel(page: &Client, url: &str) -> Result<(), CmdError> {
    let find = async |selector: &str| page.wait().for_element(Locator::Css(selector)).await;
    page.goto(url).await?;
    find("#sign-in-dev").await?.click().await?;
    find("button[name=cancel]").await?.click().await?;
    find("#status[role=alert]:not(:empty)").await?;
    find("#sequence:not([hidden])").await?;
    let steps = steps(page).await?;
    let last = steps.last().unwrap();
    assert!(last.starts_with("Server to Browser: 302 to /"), "{last}");
    assert!(!steps.iter().any(|step| step.contains("/dev/token")), "{steps:?}");
    page.refresh().await?;
    find("#app[data-state=signed-out]").await?;
    assert!(!find("#sequence").await?.is_displayed().await?);
    Ok(())
}
