//! No input panics; a failure is 4xx where the browser erred, 5xx where the provider did.

use crate::any::{Scene, callback_scene, scene};
use crate::site::{AUTH, HELD, Run};
use aura_proto::{Entropy, Error, Event, UnixTime};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_status_says_whose_fault_it_is(any in scene(), callback in callback_scene()) {
        for scene in [any, callback] {
            if let Some(run) = scene.play() {
                check(&scene, &run)?;
            }
        }
    }

    #[test]
    fn any_bytes_get_an_answer(
        method in "[!-~]{1,8}",
        target in "[!-~]{1,60}",
        headers in prop::collection::vec(("[a-z-]{1,20}", prop::collection::vec(any::<u8>(), 0..60)), 0..6),
        body: Vec<u8>,
        now: u64,
        seed: [u8; 32],
    ) {
        let Ok(mut request) = Request::builder().method(method.as_str()).uri(target).body(Bytes::from(body)) else {
            return Ok(());
        };
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(&value)) {
                request.headers_mut().append(name, value);
            }
        }
        let action = AUTH.handle(request, UnixTime::from_secs(now), Entropy::from_os_bytes(seed));
        let shown = format!("{action:?}");
        prop_assert!(!shown.is_empty());
    }
}

fn check(scene: &Scene, run: &Run) -> Result<(), TestCaseError> {
    let status = run.response.status().as_u16();
    prop_assert!(matches!(status, 200 | 202 | 204 | 302 | 303 | 400..=499 | 502), "{status}");
    let errors = run.events.iter().filter_map(|event| {
        if let Event::SignInFailed { error, .. }
        | Event::ProviderRequestFailed { error, .. }
        | Event::RequestRefused { error }
        | Event::SessionRejected { error } = event
        {
            Some(error)
        } else {
            None
        }
    });
    let errors: Vec<_> = errors.collect();
    let by_provider = errors.iter().any(|error| matches!(error, Error::Provider(_)));
    let by_browser = errors.iter().any(|error| matches!(error, Error::Request(_)));
    prop_assert!(
        !errors.iter().any(|error| matches!(error, Error::Host(_))),
        "the host is sound: {errors:?}"
    );
    prop_assert_eq!(status >= 500, by_provider, "{:?}", errors);
    // That nobody is signed in is an answer, and no event.
    let nobody = status == 401 && scene.target.starts_with("/auth/session") && errors.is_empty();
    prop_assert_eq!((400..500).contains(&status), by_browser || nobody, "{:?} {:?}", errors, scene.target);
    // A provider errs only where it was asked, or sent the browser back with an error.
    let sent_back = scene.target.contains("error=")
        && HELD.attempts.iter().any(|attempt| scene.target.contains(&attempt.state));
    prop_assert!(!by_provider || !run.fetches.is_empty() || sent_back);
    if status >= 400 && scene.method != "HEAD" {
        let json: serde_json::Value = serde_json::from_slice(run.response.body()).unwrap();
        prop_assert!(
            ["type", "code", "message", "reason"].iter().all(|name| json[name].is_string()),
            "{json}"
        );
    }
    Ok(())
}
