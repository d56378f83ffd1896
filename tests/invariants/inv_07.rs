//! Every reply that sets a cookie is `no-store`; so is every other.

use crate::any::{callback_scene, scene};
use http::header;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_reply_is_no_store(any in scene(), callback in callback_scene()) {
        for run in [any, callback].iter().filter_map(crate::any::Scene::play) {
            let caching: Vec<_> = run.response.headers().get_all(header::CACHE_CONTROL).iter().collect();
            prop_assert_eq!(caching, ["no-store"]);
        }
    }
}
