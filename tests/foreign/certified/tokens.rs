//! Provider tokens: binding, storage, renewal and revocation.

use super::scene::{Scene, on_every_host};
use aura_proto::provider::{Provider, TokenRetention};
use serde_json::{Value, json};
use std::thread::sleep;
use std::time::Duration;

/// Asks for a refresh token, which the provider grants with consent alone (OpenID Connect Core 1.0 section 11).
fn kept(row: Provider) -> Provider {
    row.scope("openid profile email offline_access")
        .authorization_parameter("prompt", "consent")
        .tokens(TokenRetention::Readable)
}

/// Reads the tokens by a script of the site's page.
fn tokens(scene: &mut Scene) -> Value {
    let (status, body) = scene.get(&format!("/auth/providers/{}/tokens", scene.id));
    assert_eq!(status, 200, "{body}");
    body["tokens"].clone()
}

/// How long the provider's access tokens for a [`short_lived`] client live.
const LIFETIME: Duration = Duration::from_secs(4);

/// The metadata of a client whose access tokens soon have to be renewed.
fn short_lived() -> Value {
    json!({ "client_name": "short-lived" })
}

fn refresh_user(scene: &mut Scene) -> (u16, Value) {
    scene.post(&format!("/auth/providers/{}/user/refresh", scene.id))
}

#[test]
fn userinfo_may_be_a_signed_token() {
    for name in ["RS256", "ES256", "EdDSA"] {
        let metadata = json!({ "userinfo_signed_response_alg": name });
        on_every_host(&metadata, |row| row, |scene| scene.sign_in());
    }
}

#[test]
fn a_renewal_keeps_the_refresh_token_that_takes_the_place_of_the_last() {
    on_every_host(&short_lived(), kept, |scene| {
        scene.sign_in();
        let mut seen = Vec::new();
        // The provider takes each refresh token once: a second use ends them all.
        for _ in 0..3 {
            sleep(LIFETIME / 2);
            let (status, body) = refresh_user(scene);
            assert_eq!((status, &body["session"]["user"]["sub"]), (200, &json!("ada")), "{body}");
            seen.push(tokens(scene)["refreshToken"].as_str().unwrap().to_owned());
        }
        seen.dedup();
        assert_eq!(seen.len(), 3);
        let renewed = scene.events().into_iter().filter(|name| name.ends_with("_REFRESH_SUCCESS"));
        assert!(renewed.count() >= 3);
    });
}

#[test]
fn a_refresh_token_that_was_used_before_renews_nothing() {
    on_every_host(&short_lived(), kept, |scene| {
        scene.sign_in();
        let earlier = scene.browser.jar.clone();
        sleep(LIFETIME / 2);
        assert_eq!(refresh_user(scene).0, 200);
        let later = std::mem::replace(&mut scene.browser.jar, earlier);
        // While an access token is valid, it serves where a refresh fails.
        sleep(LIFETIME);
        // A second use may be by a thief, so the provider revokes the tokens that it granted since.
        for jar in [None, Some(later)] {
            scene.browser.jar = jar.unwrap_or_else(|| scene.browser.jar.clone());
            let (status, body) = refresh_user(scene);
            assert_eq!((status, &body["reason"]), (401, &json!("refresh_refused")), "{body}");
            assert_eq!(scene.get("/auth/session").0, 200, "the site's own session goes on");
        }
    });
}

#[test]
fn access_tokens_are_bound_to_a_key_with_the_nonces_that_the_provider_wants() {
    let metadata = json!({ "dpop_bound_access_tokens": true });
    on_every_host(
        &metadata,
        |row| kept(row).dpop(),
        |scene| {
            scene.sign_in();
            let (status, body) = refresh_user(scene);
            assert_eq!((status, &body["session"]["user"]["sub"]), (200, &json!("ada")), "{body}");
            assert_eq!(tokens(scene)["tokenType"], "DPoP");
        },
    );
}

#[test]
fn a_token_that_was_given_back_is_not_renewed() {
    on_every_host(&json!({}), kept, |scene| {
        scene.sign_in();
        let (status, body) = scene.post(&format!("/auth/providers/{}/tokens/revoke", scene.id));
        assert_eq!((status, &body["success"]), (200, &json!(true)), "{body}");
        let (status, body) = refresh_user(scene);
        assert_eq!((status, &body["success"]), (401, &json!(false)), "{body}");
    });
}
