//! Invariant 8: no secret appears in a body, event, error, `Debug`, or a header that it does not belong in.
//!
//! `tests/invariants/secrecy` checks in full where each secret may appear. This module checks for any input that it appears
//! nowhere else.

use crate::any::{Scene, any_scene};
use crate::believed::granted;
use crate::play::{Kind, Run};
use crate::site::{CLIENT_SECRET, SESSION};
use aura_tests::{SALT, SECRET};
use http::header;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// The tokens of plain providers.
const TOKENS: [&str; 4] =
    ["held-access-token-1", "held-refresh-token-1", "given-access-token-2", "given-refresh-token-2"];
/// No token of a provider is as short; a member that is bent may be any word.
const SHORTEST: usize = 20;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_secret_stands_where_it_does_not_belong(scene in any_scene()) {
        if let Some(run) = scene.play() {
            check(&scene, &run)?;
        }
    }
}

fn check(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    let held = &scene.site().held;
    let body = String::from_utf8_lossy(run.response.body()).into_owned();
    let others = run.response.headers().iter().filter(|(name, _)| *name != header::SET_COOKIE);
    let others: String =
        others.map(|(name, value)| format!("{name}: {}\n", value.as_bytes().escape_ascii())).collect();
    let events = format!("{:?}", run.events);
    let urls: String = run.exchanges.iter().map(|exchange| format!("{}\n", exchange.request.uri())).collect();
    let places =
        [("header", &others), ("event", &events), ("debug", &run.shown), ("body", &body), ("URL", &urls)];
    let mut nowhere: Vec<&str> = vec![SECRET, SALT, CLIENT_SECRET, &held.other_session];
    nowhere.extend(held.session.get(SESSION).map(String::as_str));
    nowhere.extend(held.attempts.iter().map(|attempt| attempt.cookie.1.as_str()));
    let codes = held.attempts.iter().map(|attempt| attempt.code.as_str());
    // A form that a provider posts is submitted again by a page of this site.
    let takes_home = scene.method == "POST" && scene.path().starts_with("/auth/callback/");
    let hands_out = scene.path().ends_with("/tokens");
    let given = given(run);
    for (place, text) in places {
        for secret in &nowhere {
            prop_assert!(!text.contains(secret), "{secret} in {place}: {text}");
        }
        for code in codes.clone().filter(|_| !(takes_home && place == "body")) {
            prop_assert!(!text.contains(code), "{code} in {place}: {text}");
        }
        for token in TOKENS.iter().copied().chain(given.iter().map(String::as_str)) {
            prop_assert!(!text.contains(token) || hands_out && place == "body", "{token} in {place}: {text}");
        }
    }
    for csrf in &held.csrf {
        let elsewhere = [&others, &events, &run.shown, &urls];
        prop_assert!(elsewhere.iter().all(|text| !text.contains(csrf.as_str())));
        prop_assert!(!body.contains(csrf.as_str()) || scene.target.starts_with("/auth/csrfToken"));
    }
    Ok(())
}

/// Tokens granted in a run.
fn given(run: &Run) -> Vec<String> {
    let answers = run.exchanges.iter().filter(|exchange| exchange.kind == Kind::Token);
    let names = ["access_token", "refresh_token", "id_token"];
    let given = answers.flat_map(|exchange| names.into_iter().filter_map(|name| granted(exchange, name)));
    given.filter(|token| token.len() >= SHORTEST).collect()
}
