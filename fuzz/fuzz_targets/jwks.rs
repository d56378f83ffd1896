//! Invariant: a key set is one JSON object with a list of keys.
//!
//! A token that matches none of the keys has no candidate. The number of keys tried is always bounded.
#![no_main]

use aura_jose::{JwkSet, SigningAlgorithm};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const ALGORITHMS: [SigningAlgorithm; 4] =
    [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::Es384, SigningAlgorithm::EdDsa];

fuzz_target!(|body: &[u8]| {
    let read = JwkSet::parse(body).ok();
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let keys = json.as_ref().and_then(|json| json.get("keys")).and_then(Value::as_array);
    // What no key uses is not decoded: a number beyond every range, or half of a surrogate pair.
    assert!(read.is_none() || keys.is_some() || json.is_none());
    let (Some(set), Some(keys)) = (read, keys) else { return };
    let tried = |algorithm, kid| set.candidates(algorithm, kid).count();
    for algorithm in ALGORITHMS {
        assert!(tried(algorithm, None) <= keys.len().min(JwkSet::MAX_TRIED));
        assert_eq!(tried(algorithm, Some("a key that nobody publishes \u{1f511}")), 0);
    }
    assert_eq!(tried(SigningAlgorithm::Hs256, None), 0, "a published key is no secret");
});
