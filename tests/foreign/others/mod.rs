//! Sign-in, renewal and sign-out at providers that are not ours, over loopback sockets.
//!
//! Each scenario runs with every provider of [`rows::ROWS`] that is installed. The site runs on axum with the default
//! client. `provider.sh` installs and serves the providers.

mod provider;
mod rows;
mod scene;

use crate::{failure, log};
use aura_test_idp::browser::Form;
use rows::{DJANGO_OAUTH_TOOLKIT, GLEWLWYD, OIDC_PROVIDER_MOCK};
use scene::{Scene, with, with_every_provider};
use url::Url;

#[test]
fn a_user_signs_in() {
    with_every_provider(|scene| {
        scene.sign_in();
    });
}

#[test]
fn a_user_is_read_again_with_renewed_tokens() {
    with_every_provider(|scene| {
        let sub = scene.sign_in();
        let renewed = |event: &log::Fields| event["message"].ends_with("_REFRESH_SUCCESS");
        std::thread::sleep(provider::LIFETIME / 2);
        let (status, body) = scene.post(&format!("/auth/providers/{}/user/refresh", scene.id));
        let said = (status, body["session"]["user"]["sub"].as_str());
        assert_eq!(said, (200, Some(sub.as_str())), "{body}");
        assert!(log::about(&scene.id).iter().any(renewed), "{:?}", log::about(&scene.id));
    });
}

#[test]
fn a_user_signs_out_of_the_site_and_the_provider() {
    with_every_provider(|scene| {
        scene.sign_in();
        sign_out(scene);
    });
}

#[test]
fn a_password_is_asked_for_again_after_a_sign_out_at_the_provider() {
    with(DJANGO_OAUTH_TOOLKIT, |scene| {
        let is_known = |scene: &mut Scene| Form::of(&scene.begin()).expect("a form").field("allow").is_some();
        scene.sign_in();
        assert!(is_known(scene));
        sign_out(scene);
        assert!(!is_known(scene));
        scene.sign_in();
    });
}

#[test]
fn a_user_who_refuses_is_not_signed_in() {
    with(DJANGO_OAUTH_TOOLKIT, |scene| {
        scene.sign_in();
        let consent = Form::of(&scene.begin()).expect("a form");
        expect_refused(scene, &consent.without("allow"));
    });
}

#[test]
fn a_refusal_without_a_state_is_read_for_its_reason() {
    with(OIDC_PROVIDER_MOCK, |scene| {
        let form = Form::of(&scene.begin()).expect("a form");
        expect_refused(scene, &form.with("action", "deny"));
        let response =
            scene.browser.history.iter().rfind(|visit| visit.url.path().starts_with("/auth/callback/"));
        let response = &response.expect("an authorization response").url;
        assert!(response.query_pairs().all(|(name, _)| name != "state"), "{response}");
        assert_eq!(scene.get("/auth/session").0, 401);
    });
}

#[test]
fn an_authorization_request_is_pushed_and_its_response_names_the_issuer() {
    with(GLEWLWYD, |scene| {
        scene.sign_in();
        let visited = |path: &str| {
            let mut visits = scene.browser.history.iter();
            visits.find(|visit| visit.url.path().starts_with(path)).unwrap().url.query_pairs().into_owned()
        };
        let request: Vec<_> = visited("/api/oidc/auth").map(|(name, _)| name).collect();
        assert_eq!(request, ["client_id", "request_uri"]);
        assert!(
            visited("/auth/callback/").any(|(name, value)| name == "iss" && value == scene.provider.issuer)
        );
    });
}

#[test]
fn a_sign_out_at_the_provider_is_told_to_the_site() {
    with(GLEWLWYD, |scene| {
        let sub = scene.sign_in();
        sign_out(scene);
        let told = |event: &log::Fields| event["message"] == "OIDC_BACKCHANNEL_LOGOUT";
        for _ in 0..50 {
            if log::about(&scene.id).iter().any(told) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let events = log::about(&scene.id);
        let event = events.iter().find(|event| told(event)).unwrap_or_else(|| panic!("{events:?}"));
        assert_eq!(event["sub"], format!("{sub:?}"));
    });
}

/// Signs out of the site and the provider, and checks where that leads.
fn sign_out(scene: &mut Scene) {
    let query = "token_type_hint=session_token&redirect=false&redirectTo=/bye";
    let (status, body) = scene.post(&format!("/auth/signOut?{query}"));
    assert_eq!(status, 202, "{body}");
    let end = Url::parse(body["redirectURL"].as_str().unwrap()).unwrap();
    let page = scene.browse(|browser, web| browser.navigate(web, &end));
    let page = (scene.row.leave)(scene, page);
    assert_eq!(page.url, scene.url("/bye"), "{} {}", page.status, page.text());
    assert_eq!(scene.get("/auth/session").0, 401);
}

/// Sends the form by which a user refuses, and checks that the site shows it on its error page.
fn expect_refused(scene: &mut Scene, form: &Form) {
    let page = scene.submit(form);
    assert_eq!(failure(&page).as_deref(), Some("access_denied"), "{}", page.url);
}
