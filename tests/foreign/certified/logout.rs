//! Sign-out at the provider, and its logout tokens.
//!
//! OpenID Connect RP-Initiated Logout 1.0 and OpenID Connect Back-Channel Logout 1.0.

use super::scene::{Scene, on_every_host};
use crate::log;
use aura_proto::provider::{Provider, SignOutScope};
use aura_test_idp::browser::{Form, Page};
use serde_json::json;
use url::Url;

fn everywhere(row: Provider) -> Provider {
    row.sign_out(SignOutScope::Provider)
}

/// Confirms at the provider that the session there ends, too.
fn confirm(scene: &mut Scene, page: &Page) -> Page {
    let form = Form::of(page).expect("a form").with("logout", "yes");
    assert!(form.action.as_str().starts_with(&scene.provider.issuer), "{}", page.text());
    scene.submit(&form)
}

/// Checks that neither side knows the user any more.
fn expect_signed_out(scene: &mut Scene) {
    assert_eq!(scene.get("/auth/session").0, 401);
    let page = scene.begin("");
    assert_eq!(
        Form::of(&page).expect("a form").field("prompt"),
        Some("login"),
        "the provider asks who it is"
    );
}

#[test]
fn a_script_signs_out_of_the_site_and_the_provider() {
    on_every_host(&json!({}), everywhere, |scene| {
        scene.sign_in();
        let query = "token_type_hint=session_token&redirect=false&redirectTo=/bye";
        let (status, body) = scene.post(&format!("/auth/signOut?{query}"));
        assert_eq!(status, 202, "{body}");
        let url = Url::parse(body["redirectURL"].as_str().unwrap()).unwrap();
        assert!(url.query_pairs().any(|(name, _)| name == "id_token_hint"), "{url}");

        let page = scene.browse(|browser, web| browser.navigate(web, &url));
        let page = confirm(scene, &page);
        assert_eq!(page.url, scene.url("/bye"), "{}", page.text());
        expect_signed_out(scene);
    });
}

#[test]
fn a_form_signs_out_of_the_site_and_the_provider() {
    on_every_host(&json!({}), everywhere, |scene| {
        scene.sign_in();
        let (_, token) = scene.get("/auth/csrfToken");
        let token = token["csrfToken"].as_str().unwrap();
        let form = Form { action: scene.url("/auth/signOut"), fields: Vec::new() };
        let form = form.with("csrfToken", token).with("token_type_hint", "session_token");
        let page = scene.submit(&form.with("redirectTo", "/bye"));
        let page = confirm(scene, &page);
        assert_eq!(page.url, scene.url("/bye"), "{}", page.text());
        expect_signed_out(scene);
    });
}

#[test]
fn a_sign_out_at_the_provider_is_said_to_the_site() {
    for metadata in [json!({}), json!({ "backchannel_logout_session_required": true })] {
        on_every_host(
            &metadata,
            |row| row,
            |scene| {
                scene.sign_in();
                let end = Url::parse(&format!("{}/session/end", scene.provider.issuer)).unwrap();
                let page = scene.browse(|browser, web| browser.open(web, &end));
                confirm(scene, &page);

                let last = log::about(&scene.id).pop().unwrap();
                assert_eq!(last["message"], "OIDC_BACKCHANNEL_LOGOUT");
                assert_eq!(last["sub"], r#""ada""#);
            },
        );
    }
}
