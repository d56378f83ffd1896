//! Replays of the recorded transcripts of any scene.
//!
//! A replay under other keys gives the same actions, and the transcript shows no secret. `tests/sign_in/replay` does this for
//! OpenID Providers.

use crate::any::{MARK, callback_scene, scene};
use crate::play::Host;
use crate::site::{AUTH, CLIENT_SECRET, CODE, HELD, NOW, SESSION, Which, site};
use aura_proto::Auth;
use aura_replay::Transcript;
use aura_tests::{SALT, SECRET};
use proptest::prelude::*;
use std::sync::LazyLock;

static OTHER: LazyLock<Auth> = LazyLock::new(|| site("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK"));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_recorded_scene_runs_again_and_shows_no_secret(
        scene in prop_oneof![scene(Which::Plain), callback_scene(Which::Plain)],
    ) {
        let host = Host::at(&AUTH, NOW + scene.later, scene.seed);
        let host = Host { admits: scene.admits, records: true, ..host };
        let Some(recorded) = scene.play_at(host).and_then(|run| run.recorded) else { return Ok(()) };
        let text = recorded.to_string();
        let again: Transcript = text.parse().unwrap();
        prop_assert_eq!(again.replay(&OTHER), Ok(()), "{}", text);
        let mut secrets = vec![SECRET, SALT, CLIENT_SECRET, MARK, CODE];
        secrets.extend(["held-access-token-1", "given-access-token-2", "given-refresh-token-2"]);
        secrets.extend(HELD.session.get(SESSION).map(String::as_str));
        secrets.extend(HELD.csrf.iter().map(String::as_str));
        secrets.extend(HELD.attempts.iter().flat_map(|attempt| [attempt.state.as_str(), attempt.cookie.1.as_str()]));
        for secret in secrets {
            prop_assert!(!text.contains(secret), "{} is shown in {}", secret, text);
        }
    }
}
