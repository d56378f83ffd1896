//! Steps of one request: from outlines and notes.

use super::*;
use aura_axum::FetchError;
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

fn exchange(path: &str, authorization: Option<&'static str>) -> Exchange {
    let answer = Err(FetchError::TimedOut);
    let (method, host, parameters) = (Method::GET, "id.test".to_owned(), Names::default());
    Exchange { method, host, path: path.to_owned(), parameters, authorization, answer }
}

/// The steps of a callback with these actions and notes, the first of which begins after 10 ms and each of which takes 5.
fn steps(actions: &[&str], whats: &[What]) -> Vec<Value> {
    let began = Instant::now();
    let after = |millis| began.checked_add(Duration::from_millis(millis)).unwrap();
    let notes = whats.iter().zip([(10, 15), (20, 25)]).map(|(what, (from, to))| Note {
        began: after(from),
        ended: after(to),
        what: what.clone(),
    });
    let request = Answered {
        part: Part::Callback,
        method: Method::GET,
        path: "/auth/callback/work".to_owned(),
        parameters: Names::of_form("code=c&state=s"),
        began,
        ended: after(90),
        notes: notes.collect(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        destination: None,
    };
    let sequence = serde_json::to_value(Sequence::of(&[request], false)).unwrap();
    sequence["phases"][0]["steps"].as_array().unwrap().clone()
}

fn shown(steps: &[Value]) -> Vec<(&str, u64)> {
    let pairs = steps.iter().map(|step| (step["label"].as_str().unwrap(), step["at"].as_u64().unwrap()));
    pairs.collect()
}

#[test]
fn steps_have_the_moments_of_the_exchanges_and_questions_that_were_noted() {
    let actions = [
        "FetchDiscovery GET id.test",
        "FetchUserInfo GET id.test",
        "BeginSession",
        "Redirect 302 to https://app.test/account, sets session, clears attempt, OAUTH_CALLBACK_SUCCESS",
    ];
    let whats = [What::Exchange(exchange("/me", Some("Bearer"))), What::Session(Asked::Failed)];
    let steps = steps(&actions, &whats);
    assert_eq!(
        shown(&steps),
        [
            ("GET /auth/callback/work", 0),
            // The cache answers: the exchange has credentials, so it is that of the next action.
            ("read the provider's configuration", 0),
            ("GET /me", 10),
            ("no answer: no answer within the time allowed", 15),
            ("insert the session", 20),
            ("failed", 25),
            ("302 to /account", 90),
        ]
    );
    assert_eq!(steps[6]["cookies"], json!(["sets session", "clears attempt"]));
    assert_eq!(steps[6]["details"][5], json!(["Events", "OAUTH_CALLBACK_SUCCESS"]));
    assert_eq!(steps[0]["details"][2], json!(["Parameters", "code, state"]));
}

#[test]
fn a_path_that_may_hold_the_access_token_is_not_shown() {
    let whats = [What::Exchange(exchange("/tokens/t0ken", None))];
    let steps = steps(&["FetchUserInfo GET id.test"], &whats);
    assert_eq!(shown(&steps)[1], ("GET id.test", 10));
    assert!(!steps.iter().any(|step| step.to_string().contains("t0ken")));
}

#[test]
fn an_action_without_a_note_has_the_moment_of_the_step_before() {
    let steps = steps(&["LoadSession", "CountRequest", "FetchToken POST id.test", "NewAction"], &[]);
    assert_eq!(
        shown(&steps),
        [
            ("GET /auth/callback/work", 0),
            ("read the session", 0),
            ("done", 0),
            ("count the request, for its limit", 0),
            ("exchange the code for tokens", 0),
            ("NewAction", 0),
        ]
    );
}
