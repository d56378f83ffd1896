//! Invariant: a callback is accepted only if its query has exactly one non-empty `state` and repeats no protocol parameter.
//!
//! Each value equals the one that the `url` crate reads.
#![no_main]

use aura_proto::internals::{AuthorizationResponse, Outcome};
use libfuzzer_sys::fuzz_target;
use url::form_urlencoded;

/// What providers say for "the user cancelled".
const DENIED: [&str; 3] = ["access_denied", "user_cancelled_login", "user_cancelled_authorize"];

fuzz_target!(|query: &str| {
    let values = |name: &str| {
        let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(other, _)| other == name);
        pairs.map(|(_, value)| value.into_owned()).collect::<Vec<_>>()
    };
    let single = ["state", "code", "error", "iss"].into_iter().all(|name| values(name).len() <= 1);
    let said = |name: &str| values(name).pop().filter(|value| !value.is_empty());
    let code = said("code").filter(|code| code.len() <= 8 * 1024);
    let complete = said("state").is_some() && (said("error").is_some() || said("code").is_some());
    let short = said("code") == code;
    match AuthorizationResponse::parse(query.as_bytes()) {
        Ok(response) => {
            assert!(single && complete && short);
            assert_eq!(Some(response.state.expose()), said("state").as_deref());
            assert_eq!(response.iss, values("iss").pop());
            let is_denied = matches!(response.outcome, Outcome::Denied);
            assert_eq!(is_denied, said("error").is_some_and(|error| DENIED.contains(&error.as_str())));
            let said_code = match &response.outcome {
                Outcome::Code(code) => Some(code.expose()),
                Outcome::Denied | Outcome::InteractionRequired | Outcome::Failed => None,
            };
            assert_eq!(said_code, code.as_deref().filter(|_| said("error").is_none()));
        }
        Err(_) => assert!(!single || !complete || !short),
    }
});
