//! Judgement of tokens of others and key sets by Wycheproof's vectors (see `tests/vectors/README.md`).

use crate::{JwkSet, JwsError, SigningAlgorithm as A, UnverifiedJws, base64url};
use serde_json::{Value, json};

/// By what another party may sign here, and by what a secret may.
const PUBLISHED: &[A] = &[A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512, A::Es256, A::Es384];
const SECRET: &[A] = &[A::Hs256, A::Hs384, A::Hs512];

/// Tests of padding that stand in the file without it: the same token as the valid one of number 357.
const UNPADDED: [u64; 2] = [367, 370];

/// Tells whether a token is accepted, but that its payload is no JSON, which comes out last.
fn is_accepted<T>(token: &str, outcome: &Result<T, JwsError>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(JwsError::Malformed) => {
            token.split('.').nth(1).is_some_and(|part| base64url::decode(part).is_ok())
        }
        Err(JwsError::Encrypted | JwsError::Algorithm | JwsError::UnknownKey | JwsError::Signature) => false,
    }
}

/// Judges a token by keys that are published, and by the secret if there is one.
fn accepts(token: &Value, keys: &[Value]) -> bool {
    // The JSON serializations are no tokens here.
    let Some(text) = token.as_str() else { return false };
    let set = JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    let published = UnverifiedJws::parse(text, &["jwt"], PUBLISHED);
    let secret = keys.iter().find_map(|key| base64url::decode(key["k"].as_str()?).ok());
    let by_secret = UnverifiedJws::parse(text, &["jwt"], SECRET);
    published.is_ok_and(|token| is_accepted(text, &token.verify(&set)))
        || secret
            .zip(by_secret.ok())
            .is_some_and(|(key, token)| is_accepted(text, &token.verify_with_secret(&key)))
}

/// Judges every test of a file; returns how many there were, and the ids of those that are refused for want of an
/// algorithm.
fn judge(file: &str, keys: impl Fn(&Value) -> Vec<Value>) -> (usize, Vec<u64>) {
    let file: Value = serde_json::from_str(file).unwrap();
    let groups = file["groups"].as_array().unwrap().iter();
    let tests =
        groups.flat_map(|group| group["tests"].as_array().unwrap().iter().map(move |test| (group, test)));
    let tests: Vec<_> = tests.collect();
    let mut missing = Vec::new();
    for (group, test) in &tests {
        let accepted = accepts(&test["jws"], &keys(&group["key"]));
        let id = test["id"].as_u64().unwrap();
        let is_valid = test["r"] == "valid" || UNPADDED.contains(&id);
        if is_valid && !accepted && group["tier"] == "optional" {
            missing.push(id);
        } else if test.get("x").is_none_or(|reading| reading != "either") {
            let expected = test.get("x").map_or(is_valid, |reading| reading == "valid");
            assert_eq!(accepted, expected, "{} {test}", group["g"]);
        }
    }
    assert_eq!(file["count"], tests.len());
    (tests.len(), missing)
}

#[test]
fn jo_30_whole_tokens_are_accepted_where_they_are_valid_alone() {
    let (judged, missing) =
        judge(include_str!("../../../tests/vectors/wycheproof_jws.json"), |key| vec![key.clone()]);
    // Two by ES512, which is not offered.
    assert_eq!((judged, missing), (401, vec![347, 351]));
}

#[test]
fn jo_27_jo_30_key_sets_verify_nothing_by_keys_that_are_weak_or_for_something_else() {
    // A published secret is everybody's, so no symmetric key of a set counts.
    let published = |key: &Value| {
        let keys = key["keys"].as_array().unwrap().iter();
        keys.map(|key| {
            let mut key = key.clone();
            if key["kty"] == "oct" {
                key.as_object_mut().unwrap().remove("k");
            }
            key
        })
        .collect()
    };
    let (judged, _) = judge(include_str!("../../../tests/vectors/wycheproof_jwk.json"), published);
    assert_eq!(judged, 26);
}
