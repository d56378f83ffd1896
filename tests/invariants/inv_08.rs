//! No secret appears in any body, header it does not belong in, event, error or `Debug`. Where each may stand is checked in
//! full by `tests/secrecy`; here, that none stands elsewhere whatever is asked.

use crate::any::{Scene, callback_scene, scene};
use crate::site::{CLIENT_SECRET, HELD, Run, SESSION};
use aura_tests::{SALT, SECRET};
use http::header;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

const TOKENS: [&str; 4] =
    ["held-access-token-1", "held-refresh-token-1", "given-access-token-2", "given-refresh-token-2"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_secret_stands_where_it_does_not_belong(any in scene(), callback in callback_scene()) {
        for scene in [any, callback] {
            if let Some(run) = scene.play() {
                check(&scene, &run)?;
            }
        }
    }
}

fn check(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    let body = String::from_utf8_lossy(run.response.body()).into_owned();
    let others = run.response.headers().iter().filter(|(name, _)| *name != header::SET_COOKIE);
    let others: String =
        others.map(|(name, value)| format!("{name}: {}\n", value.as_bytes().escape_ascii())).collect();
    let events = format!("{:?}", run.events);
    let mut nowhere: Vec<&str> = vec![SECRET, SALT, CLIENT_SECRET, "the-code-0123456789"];
    nowhere.extend(HELD.session.get(SESSION).map(String::as_str));
    nowhere.extend(HELD.attempts.iter().map(|attempt| attempt.cookie.1.as_str()));
    let hands_out = scene.target.split('?').next().is_some_and(|path| path.ends_with("/tokens"));
    for (place, text) in [("header", &others), ("event", &events), ("debug", &run.shown), ("body", &body)] {
        for secret in &nowhere {
            prop_assert!(!text.contains(secret), "{secret} in {place}: {text}");
        }
        for token in TOKENS.iter().filter(|_| !(hands_out && place == "body")) {
            prop_assert!(!text.contains(token), "{token} in {place}: {text}");
        }
    }
    for csrf in &HELD.csrf {
        let elsewhere = [&others, &events, &run.shown];
        prop_assert!(elsewhere.iter().all(|text| !text.contains(csrf.as_str())));
        prop_assert!(!body.contains(csrf.as_str()) || scene.target.starts_with("/auth/csrfToken"));
    }
    Ok(())
}
