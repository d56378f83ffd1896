//! The demo, configured by the file that `AURA_PROVIDERS` names.

use super::provider::{Provider, provider};
use super::scene::{Scene, listen};
use crate::chromium;
use crate::network::RUNTIME;
use aura_examples::Settings;
use fantoccini::Locator;
use serde_json::{Value, json};

/// Serves the demo with the provider in its file, with these additional members.
fn serve(provider: &'static Provider, more: &Value) -> Scene {
    let listener = listen();
    let port = listener.local_addr().unwrap().port();
    let scene = Scene::new(provider, port);
    let mut data = scene.register(&json!({}));
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let file = std::env::temp_dir().join(format!("aura-providers-{}-{port}.json", std::process::id()));
    std::fs::write(&file, json!([data]).to_string()).unwrap();
    let path = file.to_str().unwrap().to_owned();
    let settings = Settings::read_at(port, &|name| (name == "AURA_PROVIDERS").then(|| path.clone()));
    std::fs::remove_file(&file).unwrap();
    let settings = settings.unwrap();
    RUNTIME.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, aura_demo::app(&settings, aura_demo::driver(&settings).unwrap())).await
    });
    scene
}

#[test]
fn the_demo_signs_in_with_a_provider_of_its_file() {
    let Some(provider) = provider() else { return };
    let mut scene = serve(provider, &json!({}));
    let (_, buttons) = scene.get("/api/providers");
    assert_eq!(buttons[1], json!({ "id": scene.id, "name": "oidc-provider" }));
    scene.sign_in();
    let (status, _) = scene.post("/auth/signOut?token_type_hint=session_token");
    assert_eq!((status, scene.get("/auth/session").0), (202, 401));

    // The demo's own page shows a failure at the provider.
    scene.browser.jar = aura_test_idp::browser::Jar::default();
    let login = scene.begin("");
    let abort = login.url.join(&format!("{}/abort", login.url.path())).unwrap();
    let page = scene.browse(|browser, web| browser.navigate(web, &abort));
    let again = format!(
        "/?error=AUTH_PROVIDER_REJECTED&reason=access_denied&provider={}&redirectTo=%2Fwelcome",
        scene.id
    );
    assert_eq!(page.url, scene.url(&again));
}

#[test]
fn the_demos_page_signs_out_of_the_provider_too_where_its_file_says_so() {
    use_page("demo-sign-out", &json!({ "sign_out": "provider" }));
}

#[test]
fn a_real_browser_takes_home_what_the_provider_answers_by_a_form() {
    let form = json!({ "response_mode": "form_post" });
    use_page("demo-form-post", &json!({ "sign_out": "provider", "authorization_parameters": form }));
}

/// Signs in and out on the demo's page, and at the provider.
fn use_page(profile: &str, more: &Value) {
    let Some(provider) = provider() else { return };
    let scene = serve(provider, more);
    let (home, end) = (scene.url("/"), format!("{}/session/end", provider.issuer));
    RUNTIME.block_on(chromium::browse(profile, async |page| {
        let find = async |selector: &str| page.wait().for_element(Locator::Css(selector)).await;
        page.goto(home.as_str()).await?;
        find(&format!("#sign-in-{}", scene.id)).await?.click().await?;
        find("input[name=login]").await?.send_keys(&provider.account).await?;
        find("input[name=password]").await?.send_keys("any").await?;
        find("button[type=submit]").await?.click().await?;
        find("input[value=consent]").await?;
        find("button[type=submit]").await?.click().await?;
        find("#app[data-state=signed-in]").await?;
        assert_eq!(find("#user-name").await?.text().await?, "Ada Lovelace");

        find("#sign-out").await?.click().await?;
        let confirm = find("button[value=yes]").await?;
        assert!(page.current_url().await?.as_str().starts_with(&end));
        confirm.click().await?;
        find("#app[data-state=signed-out]").await?;
        assert_eq!(page.current_url().await?, home);
        Ok(())
    }));
}
