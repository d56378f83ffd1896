//! Invariant 7: every reply is `no-store`, whether it sets a cookie or not.

use crate::any::any_scene;
use http::header;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_reply_is_no_store(scene in any_scene()) {
        let Some(run) = scene.play() else { return Ok(()) };
        let caching: Vec<_> = run.response.headers().get_all(header::CACHE_CONTROL).iter().collect();
        prop_assert_eq!(caching, ["no-store"]);
    }
}
