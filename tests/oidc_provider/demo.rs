//! Does the demo sign in with what the file `AURA_PROVIDERS` names?

use crate::network::RUNTIME;
use crate::provider::provider;
use crate::scene::{Scene, listen};
use aura_examples::Settings;
use serde_json::json;

#[test]
fn the_demo_signs_in_with_a_provider_of_its_file() {
    let Some(provider) = provider() else { return };
    let listener = listen();
    let port = listener.local_addr().unwrap().port();
    let mut scene = Scene::new(provider, port);
    let file = std::env::temp_dir().join(format!("aura-providers-{}.json", std::process::id()));
    std::fs::write(&file, json!([scene.register(&json!({}))]).to_string()).unwrap();
    let path = file.to_str().unwrap().to_owned();
    let settings = Settings::read_at(port, &|name| (name == "AURA_PROVIDERS").then(|| path.clone()));
    std::fs::remove_file(&file).unwrap();
    let settings = settings.unwrap();
    RUNTIME.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, aura_demo::app(&settings)).await
    });

    let (_, buttons) = scene.get("/api/providers");
    assert_eq!(buttons[1], json!({ "id": scene.id, "name": "oidc-provider" }));
    scene.sign_in();
    let (status, _) = scene.post("/auth/signOut?token_type_hint=session_token");
    assert_eq!((status, scene.get("/auth/session").0), (202, 401));

    // What fails at the provider is said on the demo's own page.
    scene.browser.jar = aura_tests::browser::Jar::default();
    let login = scene.begin("");
    let abort = login.url.join(&format!("{}/abort", login.url.path())).unwrap();
    let page = scene.browse(|browser, web| browser.navigate(web, &abort));
    assert_eq!(page.url, scene.url("/?error=AUTH_PROVIDER_REJECTED"));
}
