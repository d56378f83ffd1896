//! Comparison with what the reference recorded: challenges, hashes, and credentials of clients.

use super::authorization::code_challenge;
use crate::secret::{ClientSecret, CodeVerifier};
use aura_jose::base64url;
use ring::digest;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/golden/jose.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn cases<'a>(golden: &'a Value, name: &str) -> &'a [Value] {
    golden[name].as_array().unwrap()
}

#[test]
fn recorded_challenges_and_hashes_are_ours() {
    let golden = golden();
    for case in cases(&golden, "pkce") {
        let verifier = text(&case["verifier"]);
        if case["accepted"] == true {
            let challenge = code_challenge(&CodeVerifier::new(verifier));
            assert_eq!(challenge, text(&case["result"]["codeChallenge"]), "{verifier}");
        } else {
            // Verifiers are drawn, never taken: 43 characters always, so that these cannot arise.
            assert!(!(43..=128).contains(&verifier.len()), "{verifier}");
        }
    }
    for case in cases(&golden, "hash") {
        let hash = digest::digest(&digest::SHA256, text(&case["input"]).as_bytes());
        assert_eq!(base64url::encode(hash), text(&case["base64url_sha256"]));
    }
}

#[test]
fn basic_credentials_are_the_recorded_ones_where_form_encoding_changes_nothing() {
    let golden = golden();
    let mut differing = 0;
    for case in cases(&golden, "basic_auth").iter().filter(|case| case["accepted"] == true) {
        let (id, secret) = (text(&case["username"]), text(&case["password"]));
        let header = super::client_auth::basic(id, &ClientSecret::new(secret)).unwrap();
        let recorded = text(&case["result"]);
        if format!("{id}{secret}").bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            assert_eq!(header, recorded);
        } else {
            // A documented difference: RFC 6749 section 2.3.1 form-encodes both first.
            assert_eq!(header, "Basic JUMzJUJDbiVDMyVBRjpwJUMzJUE0JTNBc3M=");
            differing += 1;
        }
    }
    assert_eq!(differing, 1);
}
