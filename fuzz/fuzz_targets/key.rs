//! Invariant: no text makes the key readers panic.
//!
//! A key that is read is of the requested algorithm, shows none of its private parts, and verifies no made-up
//! signature. No private or symmetric JWK is read as a verification key.
#![no_main]

use aura_fuzz::{NOW, auth};
use aura_proto::{Auth, SigningAlgorithm, SigningKey, VerificationKey};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);

const ALGORITHMS: [&str; 13] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
    "ES512", "EdDSA",
];

// The input is a byte that chooses the algorithm, and the key as JWK or PEM.
fuzz_target!(|input: &[u8]| {
    let Some((&choice, text)) = input.split_first() else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    let algorithm: SigningAlgorithm =
        ALGORITHMS[usize::from(choice) % ALGORITHMS.len()].parse().expect("an algorithm");
    let jwk = serde_json::from_str::<Value>(text).ok();
    let has = |name: &str| jwk.as_ref().is_some_and(|jwk| jwk.get(name).is_some());
    for key in [VerificationKey::from_jwk(algorithm, text), VerificationKey::from_pem(algorithm, text)]
        .into_iter()
        .flatten()
    {
        assert_eq!(key.algorithm(), algorithm);
        assert!(!has("d") && !has("k"));
        let token = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJleHAiOjE4MDAwMDAwMDB9.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(AUTH.jose().verify_with::<Value>(&key, token, NOW).is_err());
    }
    for key in
        [SigningKey::from_jwk(algorithm, text), SigningKey::from_pem(algorithm, text)].into_iter().flatten()
    {
        assert_eq!(key.verification_key().algorithm(), SigningAlgorithm::EdDsa);
        assert!(key.is_pair_of(key.verification_key()));
        let shown = format!("{key:?}");
        let private = jwk.as_ref().and_then(|jwk| jwk["d"].as_str());
        let kid = key.verification_key().kid().unwrap_or_default();
        assert!(private.is_none_or(|private| kid.contains(private) || !shown.contains(private)));
    }
});
