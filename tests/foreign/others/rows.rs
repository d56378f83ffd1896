//! Table of the providers, with what differs between them.

use super::scene::Scene;
use aura_test_idp::browser::{Form, Page};
use http::Method;
use serde_json::{Value, json};
use url::Url;

/// A provider, and what a visitor does on its pages.
pub(crate) struct Row {
    /// The folder of its versions and its server.
    pub(crate) name: &'static str,
    /// Checks the subject identifier of the account.
    pub(crate) is_sub: fn(&str) -> bool,
    /// Passes the pages between the authorization request and its response.
    pub(crate) consent: fn(&mut Scene, Page) -> Page,
    /// Passes the pages between the logout request and the way back.
    pub(crate) leave: fn(&mut Scene, Page) -> Page,
}

/// Asks which account it is, keeps no session of its own, and goes wherever a logout request wants.
pub(crate) const OIDC_PROVIDER_MOCK: Row = Row {
    name: "oidc-provider-mock",
    is_sub: |sub| sub == "ada",
    consent: |scene, page| scene.submit(&Form::of(&page).expect("a form").with("sub", "ada")),
    leave: |scene, page| scene.submit(&Form::of(&page).expect("a form")),
};

/// Asks nothing, and has one account.
pub(crate) const OAUTH2_MOCK_SERVER: Row = Row {
    name: "oauth2-mock-server",
    is_sub: |sub| sub == "johndoe",
    consent: |_, page| page,
    leave: |_, page| page,
};

/// Asks for a password once, and for consent and confirmation each time. Its issuer has a path.
pub(crate) const DJANGO_OAUTH_TOOLKIT: Row = Row {
    name: "django-oauth-toolkit",
    is_sub: |sub| sub == "1",
    consent: |scene, page| {
        let form = Form::of(&page).expect("a form");
        let page = match form.field("allow") {
            Some(_) => page,
            None => scene.submit(&form.with("username", "ada").with("password", "analytical")),
        };
        scene.submit(&Form::of(&page).expect("a form"))
    },
    leave: |scene, page| scene.submit(&Form::of(&page).expect("a form")),
};

/// Signs with ES256, offers pushed requests, and names itself in its responses. Its pages are scripts, which call an API.
pub(crate) const GLEWLWYD: Row = Row {
    name: "glewlwyd",
    is_sub: |sub| sub.len() == 32,
    consent: |scene, page| {
        let account = json!({ "username": "ada", "password": "analytical" });
        scene.call_api(Method::POST, &page, "/api/auth/", &account);
        let grant = format!("/api/auth/grant/{}", parameter(&page, "client_id"));
        scene.call_api(Method::PUT, &page, &grant, &json!({ "scope": parameter(&page, "scope") }));
        let back = format!("{}&g_continue", parameter(&page, "callback_url"));
        scene.browse(|browser, web| browser.navigate(web, &Url::parse(&back).unwrap()))
    },
    leave: |scene, page| {
        let session = format!("/api/oidc/session/{}", parameter(&page, "sid"));
        scene.call_api(Method::DELETE, &page, &session, &Value::Null);
        scene.call_api(Method::DELETE, &page, "/api/auth/", &Value::Null);
        let back = Url::parse(&parameter(&page, "callback_url")).unwrap();
        scene.browse(|browser, web| browser.navigate(web, &back))
    },
};

/// Every provider.
pub(crate) const ROWS: [Row; 4] = [OIDC_PROVIDER_MOCK, OAUTH2_MOCK_SERVER, DJANGO_OAUTH_TOOLKIT, GLEWLWYD];

/// Reads a parameter of a page's URL, as the page's script does.
fn parameter(page: &Page, name: &str) -> String {
    let found = page.url.query_pairs().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("{name} in {}", page.url)).1.into_owned()
}
