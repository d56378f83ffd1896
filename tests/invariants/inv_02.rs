//! Invariant 2: equal inputs give equal transcripts.

use crate::any::any_scene;
use crate::site::HELD;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn equal_inputs_give_equal_transcripts(scene in any_scene()) {
        let [first, second] = [scene.play(), scene.play()].map(|run| run.map(|run| run.transcript));
        prop_assert_eq!(first, second);
    }

    /// Entropy is an input: where something is drawn, another seed gives other values.
    #[test]
    fn another_seed_gives_another_attempt(seed: [u8; 32], other: [u8; 32], provider in "(dev|other)") {
        prop_assume!(seed != other);
        let play = |seed| {
            let request = http::Request::get(format!("/auth/signIn/{provider}")).body(bytes::Bytes::new()).unwrap();
            crate::site::run(request, &[], true, crate::site::NOW, seed).transcript
        };
        prop_assert_ne!(play(seed), play(other));
        prop_assert_ne!(&HELD.attempts[0].state, &HELD.attempts[1].state);
    }
}
