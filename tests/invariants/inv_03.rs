//! A session cookie is set only if the state matched an attempt of this browser for this provider, the token came from this
//! attempt, and every claim passed; and then it is.

use crate::any::{Scene, callback_scene, holds_session, scene};
use crate::site::{AUTH, Attempt, HELD, MAX_AGE, NOW, PROVIDERS, Run, SESSION, set_cookies};
use aura_proto::UnixTime;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use ring::digest;
use serde_json::Value;
use std::collections::BTreeMap;
use url::{Url, form_urlencoded};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_session_begins_only_from_an_attempt_of_this_browser(scene in callback_scene()) {
        if let Some(run) = scene.play() {
            check(&scene, &run)?;
        }
    }

    #[test]
    fn elsewhere_a_session_is_set_only_where_there_is_one(scene in scene()) {
        let Some(run) = scene.play() else { return Ok(()) };
        if scene.target.starts_with("/auth/callback/") && scene.method == "GET" {
            return check(&scene, &run);
        }
        if let Some(value) = session_of(&run) {
            prop_assert!(holds_session(&scene.jar) && scene.later < MAX_AGE);
            prop_assert_eq!(sub(&value, NOW + scene.later), Some("ada".to_owned()));
        }
    }
}

fn check(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    let expected = expected(scene, run);
    let set = session_of(run).and_then(|value| sub(&value, NOW + scene.later));
    prop_assert_eq!(&set, &expected);
    if let (Some(_), Some(fetch)) = (&set, run.fetches.first()) {
        // The token came from this attempt: it was asked for with its verifier.
        let form: BTreeMap<_, _> = form_urlencoded::parse(fetch.body()).into_owned().collect();
        let digest = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
        let attempt = matched(scene).map(|(_, attempt)| attempt.challenge.clone());
        prop_assert_eq!(Some(URL_SAFE_NO_PAD.encode(digest)), attempt);
        let bearer = |fetch: &http::Request<bytes::Bytes>| {
            let value = fetch.headers().get(header::AUTHORIZATION);
            value.is_some_and(|value| value.as_bytes().starts_with(b"Bearer "))
        };
        prop_assert!(run.fetches.iter().any(bearer));
    }
    Ok(())
}

/// The attempt that a callback belongs to, by a reader of its own.
fn matched(scene: &Scene) -> Option<(&'static str, &'static Attempt)> {
    let url = Url::parse("https://app.test").unwrap().join(&scene.target).unwrap();
    let values = |name: &str| -> Vec<String> {
        url.query_pairs().filter(|(other, _)| other == name).map(|(_, value)| value.into_owned()).collect()
    };
    let at = PROVIDERS.iter().position(|id| url.path() == format!("/auth/callback/{id}"))?;
    let attempt = &HELD.attempts[at];
    let single = ["state", "code", "error", "iss"].iter().all(|name| values(name).len() <= 1);
    let code = values("code").pop().filter(|code| !code.is_empty() && code.len() <= 8192);
    let no_error = values("error").pop().is_none_or(|error| error.is_empty());
    let in_jar = scene.jar.get(&attempt.cookie.0) == Some(&attempt.cookie.1);
    let matches = values("state") == [attempt.state.as_str()];
    (single && code.is_some() && no_error && in_jar && matches && scene.later <= 600)
        .then_some((PROVIDERS[at], attempt))
}

/// Who is signed in after a callback, as the rules have it.
fn expected(scene: &Scene, run: &Run) -> Option<String> {
    matched(scene)?;
    let json = |at: usize| -> Option<Value> {
        let (status, content_type, body) = scene.answers[at].as_ref().ok()?;
        let is_json = content_type.is_empty() || content_type.eq_ignore_ascii_case("application/json");
        ((200..300).contains(status) && is_json).then(|| serde_json::from_slice(body).ok()).flatten()
    };
    if run.fetches.len() < 2 || !scene.admits {
        return None;
    }
    let token = json(0)?;
    token["access_token"].as_str()?;
    let user = json(1)?;
    let text = user["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    text.or_else(|| user["id"].as_number().map(ToString::to_string))
}

fn session_of(run: &Run) -> Option<String> {
    set_cookies(run.response.headers())
        .into_iter()
        .find(|(name, value)| name == SESSION && !value.is_empty())
        .map(|(_, value)| value)
}

fn sub(value: &str, now: u64) -> Option<String> {
    let headers: HeaderMap =
        [(header::COOKIE, format!("{SESSION}={value}").parse().unwrap())].into_iter().collect();
    AUTH.session(&headers, UnixTime::from_secs(now)).ok().map(|session| session.user.sub)
}
