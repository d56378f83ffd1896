//! Every fetch goes to an endpoint of the configured provider, over https.

use crate::any::{callback_scene, scene};
use crate::site::PROVIDERS;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_fetch_goes_to_an_endpoint_of_the_provider_of_the_route(any in scene(), callback in callback_scene()) {
        for scene in [any, callback] {
            for fetch in scene.play().into_iter().flat_map(|run| run.fetches) {
                let of_route = PROVIDERS.iter().find(|id| {
                    let path = scene.target.split('?').next().unwrap_or_default();
                    path.split('/').nth(3) == Some(id)
                });
                let Some(id) = of_route else { return Err(TestCaseError::fail(format!("{} fetches", scene.target))) };
                let endpoints = ["token", "userinfo", "revoke"].map(|path| format!("https://{id}.idp.test/{path}"));
                prop_assert!(endpoints.contains(&fetch.uri().to_string()), "{}", fetch.uri());
            }
        }
    }
}
