//! A flow ends within six fetches.

use crate::any::{callback_scene, scene};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_flow_ends_within_six_fetches(any in scene(), callback in callback_scene()) {
        for scene in [any, callback] {
            // That it ends at all is part of playing it.
            let fetches = scene.play().map_or(0, |run| run.fetches.len());
            prop_assert!(fetches <= 6, "{fetches}");
        }
    }
}
