//! Invariant: a callback is accepted only if its query has exactly one non-empty `state` and repeats no protocol parameter.
//!
//! Each value equals the one that the `url` crate reads.
#![no_main]

use aura_proto::fuzzing::callback;
use libfuzzer_sys::fuzz_target;
use url::form_urlencoded;

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
    match callback(query) {
        Some(callback) => {
            assert!(single && complete && short);
            assert_eq!(Some(callback.state), said("state"));
            assert_eq!(callback.iss, values("iss").pop());
            assert_eq!(callback.denied, said("error").as_deref() == Some("access_denied"));
            assert_eq!(callback.code, if said("error").is_some() { None } else { code });
        }
        None => assert!(!single || !complete || !short),
    }
});
