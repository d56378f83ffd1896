//! Invariant 1: a flow ends within eight fetches.
//!
//! `reach.rs` checks that flows with every number of fetches from none to six occur.

use crate::any::any_scene;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_flow_ends_within_eight_fetches(scene in any_scene()) {
        // That it ends at all is part of playing it.
        let exchanges = scene.play().map_or(0, |run| run.exchanges.len());
        prop_assert!(exchanges <= 8, "{exchanges}");
    }
}
