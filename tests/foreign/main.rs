//! Sign-in, renewal and sign-out at providers that are not ours, over loopback sockets.
//!
//! Each scenario runs with every provider of [`rows::ROWS`] that is installed. The site runs on axum with the default
//! client. `provider.sh` installs and serves the providers.
#![cfg(test)]

#[expect(dead_code, reason = "no provider here answers by a page that leads on by itself")]
#[path = "../oidc_provider/form.rs"]
mod form;
#[path = "../oidc_provider/log.rs"]
mod log;
#[path = "../oidc_provider/network.rs"]
mod network;
mod provider;
mod rows;
mod scene;

use scene::with_every_provider;
use url::Url;

#[test]
fn a_user_signs_in() {
    with_every_provider(|scene| scene.sign_in());
}

#[test]
fn a_user_is_read_again_with_renewed_tokens() {
    with_every_provider(|scene| {
        scene.sign_in();
        let renewed = |event: &log::Fields| event["message"].ends_with("_REFRESH_SUCCESS");
        std::thread::sleep(provider::LIFETIME / 2);
        let (status, body) = scene.post(&format!("/auth/providers/{}/user/refresh", scene.id));
        let said = (status, body["session"]["user"]["sub"].as_str());
        assert_eq!(said, (200, Some(scene.row.sub)), "{body}");
        assert!(log::about(&scene.id).iter().any(renewed), "{:?}", log::about(&scene.id));
    });
}

#[test]
fn a_user_signs_out_of_the_site_and_the_provider() {
    with_every_provider(|scene| {
        scene.sign_in();
        let query = "token_type_hint=session_token&redirect=false&redirectTo=/bye";
        let (status, body) = scene.post(&format!("/auth/signOut?{query}"));
        assert_eq!(status, 202, "{body}");
        let end = Url::parse(body["redirectURL"].as_str().unwrap()).unwrap();
        let page = scene.browse(|browser, web| browser.navigate(web, &end));
        let page = (scene.row.leave)(scene, page);
        assert_eq!(page.url, scene.url("/bye"), "{} {}", page.status, page.text());
        assert_eq!(scene.get("/auth/session").0, 401);
    });
}
