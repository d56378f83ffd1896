//! Invariant: a key set is one JSON object with a list of keys, a token that names none of them finds no candidate, and few
//! are tried in any case.
#![no_main]

use aura_proto::SigningAlgorithm;
use aura_proto::fuzzing::key_set;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const ALGORITHMS: [SigningAlgorithm; 4] =
    [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::Es384, SigningAlgorithm::EdDsa];

fuzz_target!(|body: &[u8]| {
    let read = key_set(body, SigningAlgorithm::EdDsa, None);
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let keys = json.as_ref().and_then(|json| json.get("keys")).and_then(Value::as_array);
    assert!(read.is_none() || keys.is_some());
    let Some(keys) = keys.filter(|_| read.is_some()) else { return };
    for algorithm in ALGORITHMS {
        let tried = key_set(body, algorithm, None).expect("it was read before");
        assert!(tried <= keys.len() && tried <= 10);
        assert_eq!(key_set(body, algorithm, Some("a key that nobody publishes \u{1f511}")), Some(0));
    }
    assert_eq!(key_set(body, SigningAlgorithm::Hs256, None), Some(0), "a published key is no secret");
});
