//! What was recorded of any scene runs again under other keys to the same actions, and shows nothing that is secret.

use crate::any::{MARK, callback_scene, scene};
use crate::site::{CLIENT_SECRET, HELD, SESSION, site};
use aura_proto::Auth;
use aura_proto::replay::Transcript;
use aura_tests::{SALT, SECRET};
use proptest::prelude::*;
use std::sync::LazyLock;

static OTHER: LazyLock<Auth> = LazyLock::new(|| site("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK"));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_recorded_scene_runs_again_and_shows_no_secret(any in scene(), callback in callback_scene()) {
        for run in [any, callback].iter().filter_map(crate::any::Scene::play) {
            let text = run.recorded.to_string();
            let again: Transcript = text.parse().unwrap();
            prop_assert_eq!(again.replay(&OTHER), Ok(()), "{}", text);
            let mut secrets = vec![SECRET, SALT, CLIENT_SECRET, MARK, "the-code-0123456789"];
            secrets.extend(["held-access-token-1", "given-access-token-2", "given-refresh-token-2"]);
            secrets.extend(HELD.session.get(SESSION).map(String::as_str));
            secrets.extend(HELD.csrf.iter().map(String::as_str));
            secrets.extend(HELD.attempts.iter().flat_map(|attempt| [attempt.state.as_str(), attempt.cookie.1.as_str()]));
            for secret in secrets {
                prop_assert!(!text.contains(secret), "{} is shown in {}", secret, text);
            }
        }
    }
}
