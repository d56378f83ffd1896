//! The application's tests: the model browser signs in at a provider in memory.
#![cfg(test)]

use aura_axum::{env, now};
use aura_test_idp::browser::{Application, Browser, Form, Page, Web};
use aura_test_idp::{Account, Client, ClientSecret, Idp, InMemory};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::LazyLock;
use url::Url;

/// A process has one recorder, which the tests share.
static METRICS: LazyLock<PrometheusHandle> =
    LazyLock::new(|| PrometheusBuilder::new().install_recorder().unwrap());

/// The environment of the application.
fn variable(name: &str) -> Option<String> {
    let value = match name {
        "BASE_URL" => "https://app.test",
        "AURA_AUTH_SECRET" => "k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee5RtKi1OoPqX",
        "AURA_AUTH_SALT" => "Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE",
        "OIDC_ISSUER" => "https://idp.test",
        "OIDC_CLIENT_ID" | "GITHUB_CLIENT_ID" | "GOOGLE_CLIENT_ID" => "app",
        "OIDC_CLIENT_SECRET" | "GITHUB_CLIENT_SECRET" | "GOOGLE_CLIENT_SECRET" => "app-secret",
        _ => return None,
    };
    Some(value.to_owned())
}

/// Presses a button of the provider's login page, and plays the rest of a visit.
fn visit((button, account): (&str, &str), play: impl FnOnce(&mut Browser, &mut Web<'_>, Page)) {
    let client = Client::new("app", ClientSecret::new("app-secret"));
    let client = client.with_redirect_uri("https://app.test/auth/callback/oidc").unwrap();
    let idp = Idp::new("https://idp.test").unwrap().client(client);
    let mut provider = InMemory::new(idp.accounts(Account::made_up()));
    let auth = aura_example_app::auth(env::builder(&variable).unwrap()).unwrap();
    let app =
        aura_example_app::app(auth, provider.clone(), vec!["oidc/ada".to_owned()], METRICS.clone()).unwrap();
    let mut app = Application::new(app).unwrap();
    let mut web = Web::default().with("https://app.test", &mut app).with("https://idp.test", &mut provider);
    let mut browser = Browser::new(now().as_secs());

    let choice = browser.open(&mut web, &url("/account"));
    assert_eq!((choice.url.path(), choice.status.as_u16()), ("/auth/signIn", 200));
    let login = browser.navigate(&mut web, &url("/auth/signIn/oidc?redirectTo=/account"));
    let page = browser.submit(&mut web, &Form::of(&login).unwrap().with(button, account));
    play(&mut browser, &mut web, page);
}

fn url(path: &str) -> Url {
    Url::parse("https://app.test").unwrap().join(path).unwrap()
}

#[test]
fn a_user_saves_a_note_and_signs_out_without_a_script() {
    visit(("account", "ada"), |browser, web, page| {
        assert_eq!(page.url, url("/account"));
        let page = browser.submit(web, &Form::of(&page).unwrap().with("text", "<b>milk</b>"));
        assert!(page.text().contains("Ada Lovelace: &lt;b&gt;milk"), "{}", page.text());
        assert_eq!(browser.submit(web, &Form::nth(&page, 1).unwrap()).url, url("/"));
        assert_eq!(browser.navigate(web, &url("/api/me")).status, 401);
    });
}

#[test]
fn only_an_administrator_sees_the_page_for_administrators() {
    for (account, status) in [("ada", 200), ("grace", 403)] {
        visit(("account", account), |browser, web, _| {
            assert_eq!(browser.navigate(web, &url("/admin")).status, status, "{account}");
        });
    }
}

#[test]
fn a_scraper_finds_the_counters_of_events() {
    visit(("account", "ada"), |browser, web, _| {
        let metrics = browser.navigate(web, &url("/metrics"));
        assert_eq!(metrics.header("content-type"), Some("text/plain; charset=utf-8"));
        let counter = "aura_events_total{event=\"OAUTH_CALLBACK_SUCCESS\"}";
        assert!(metrics.text().contains(counter), "{}", metrics.text());
    });
}

#[test]
fn a_cancelled_sign_in_leads_to_the_applications_own_page() {
    visit(("cancel", "cancel"), |_, _, page| {
        assert_eq!((page.url.path(), page.status.as_u16()), ("/failed", 403));
        assert!(page.text().contains("Sign in again"), "{}", page.text());
    });
}

#[test]
fn the_environment_names_github_google_and_any_openid_provider() {
    let auth = aura_example_app::auth(env::builder(&variable).unwrap()).unwrap();
    assert_eq!(auth.providers().map(|(id, _)| id).collect::<Vec<_>>(), ["github", "google", "oidc"]);
}
