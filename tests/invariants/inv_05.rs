//! The final `Location` is a local path or a trusted origin; on the way, it is the provider's authorization endpoint.

use crate::any::{callback_scene, scene};
use crate::site::{OWN, PROVIDERS};
use http::header;
use proptest::prelude::*;
use url::Url;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_location_is_ours_or_trusted_or_where_the_provider_authorizes(any in scene(), callback in callback_scene()) {
        for scene in [any, callback] {
            let Some(run) = scene.play() else { continue };
            let Some(location) = run.response.headers().get(header::LOCATION) else { continue };
            let location = location.to_str().unwrap();
            let reached = Url::parse(OWN).unwrap().join("/auth/any/page").unwrap().join(location).unwrap();
            let host = reached.host_str().unwrap_or_default();
            let is_own = reached.origin() == Url::parse(OWN).unwrap().origin();
            let label = host.strip_suffix(".friend.test").unwrap_or(".");
            let is_trusted = reached.scheme() == "https" && reached.port().is_none() && !label.contains('.') && !label.is_empty();
            let authorizes = scene.target.starts_with("/auth/signIn/") && PROVIDERS.iter().any(|id| {
                location.starts_with(&format!("https://{id}.idp.test/authorize?own=1&response_type=code&"))
            });
            prop_assert!(is_own || is_trusted || authorizes, "{} leads to {location}", scene.target);
            prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
