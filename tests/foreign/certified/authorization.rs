//! Authorization requests and responses (RFC 9126, OAuth 2.0 Form Post Response Mode).

use super::scene::{Scene, on_every_host};
use crate::failure;
use aura_proto::provider::{IdTokenKey, Provider, PushedRequests};
use aura_test_idp::browser::Form;
use serde_json::json;
use std::collections::BTreeMap;

/// The parameters with which the browser came to the provider.
fn request(scene: &Scene) -> BTreeMap<String, String> {
    let authorize = format!("{}/auth?", scene.provider.issuer);
    let visit =
        scene.browser.history.iter().find(|visit| visit.url.as_str().starts_with(&authorize)).unwrap();
    visit.url.query_pairs().into_owned().collect()
}

fn names(request: &BTreeMap<String, String>) -> Vec<&str> {
    request.keys().map(String::as_str).collect()
}

#[test]
fn a_request_is_pushed_where_the_provider_offers_it() {
    for metadata in [json!({}), json!({ "require_pushed_authorization_requests": true })] {
        on_every_host(
            &metadata,
            |row| row,
            |scene| {
                scene.sign_in();
                assert_eq!(names(&request(scene)), ["client_id", "request_uri"]);
            },
        );
    }
}

#[test]
fn a_request_that_is_not_pushed_carries_its_challenge() {
    on_every_host(
        &json!({}),
        |row| row.pushed_requests(PushedRequests::Never),
        |scene| {
            scene.sign_in();
            let request = request(scene);
            assert_eq!(request["code_challenge_method"], "S256");
            assert_eq!((request["response_type"].as_str(), request["nonce"].len()), ("code", 43));
        },
    );
}

#[test]
fn a_provider_that_wants_requests_pushed_refuses_others() {
    let metadata = json!({ "require_pushed_authorization_requests": true });
    on_every_host(
        &metadata,
        |row| row.pushed_requests(PushedRequests::Never),
        |scene| {
            let page = scene.begin("");
            assert_eq!(failure(&page).as_deref(), Some("authorization_failed"), "{}", page.url);
        },
    );
}

#[test]
fn an_answer_comes_by_a_form_that_the_browser_posts() {
    on_every_host(
        &json!({}),
        |row| row.authorization_parameter("response_mode", "form_post"),
        |scene| {
            let login = scene.begin("");
            let answer = scene.consent(&login);
            let form = Form::of(&answer).expect("a form");
            assert_eq!(form.action, scene.url(&format!("/auth/callback/{}", scene.id)));
            assert_eq!(form.field("iss"), Some(scene.provider.issuer.as_str()));

            let between = scene.submit(&form);
            let posted = scene.browser.history.last().unwrap();
            assert_eq!(posted.request_header("cookie"), None, "the post comes from another site");
            let page =
                scene.browse(|browser, web| browser.navigate(web, &between.refresh().expect("a way on")));
            scene.expect_signed_in(&page);
        },
    );
}

#[test]
fn a_user_who_cancels_at_the_provider_is_not_signed_in() {
    on_every_host(
        &json!({}),
        |row| row,
        |scene| {
            let login = scene.begin("");
            let abort = login.url.join(&format!("{}/abort", login.url.path())).unwrap();
            let page = scene.browse(|browser, web| browser.navigate(web, &abort));
            assert_eq!(failure(&page).as_deref(), Some("access_denied"), "{}", page.url);
            assert_eq!(scene.get("/auth/session").0, 401);
        },
    );
}

#[test]
fn a_silent_sign_in_needs_a_session_at_the_provider() {
    let silent = |row: Provider| row.request_parameters(["prompt"]);
    on_every_host(&json!({}), silent, |scene| {
        let page = scene.begin("&prompt=none");
        assert_eq!(failure(&page).as_deref(), Some("interaction_required"), "{}", page.url);

        scene.sign_in();
        let page = scene.begin("&prompt=none");
        scene.expect_signed_in(&page);
    });
}

#[test]
fn a_sign_in_says_who_the_user_is_likely_and_how_fresh_their_password_must_be() {
    on_every_host(
        &json!({}),
        |row| row.request_parameters(["login_hint", "max_age"]),
        |scene| {
            let login = scene.begin("&login_hint=ada&max_age=60");
            assert!(login.text().contains("value=\"ada\""), "{}", login.text());
            let page = scene.consent(&login);
            scene.expect_signed_in(&page);
        },
    );
}

#[test]
fn an_id_token_is_verified_by_whatever_signs_it() {
    for name in ["RS256", "PS256", "ES256", "EdDSA"] {
        let metadata = json!({ "id_token_signed_response_alg": name });
        on_every_host(&metadata, |row| row, |scene| scene.sign_in());
    }
    let metadata = json!({ "id_token_signed_response_alg": "HS256" });
    on_every_host(&metadata, |row| row.id_token_key(IdTokenKey::ClientSecret), |scene| scene.sign_in());
}
