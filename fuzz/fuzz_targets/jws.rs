//! Invariant: a token that was signed with the right key verifies only with exactly the expected header.
//!
//! The header has HS256 and the type JWT. It names no key and has no other requirement. The token verifies to its own
//! payload. An altered token does not verify, and neither does text that was not signed.
#![no_main]

use aura_fuzz::{alter, encode, says};
use aura_jose::{MAX_TOKEN, MacAlgorithm, MacKey};
use libfuzzer_sys::fuzz_target;
use ring::hmac;
use serde_json::Value;

const SECRET: [u8; 32] = [7; 32];

const REFUSED: [&str; 9] = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c", "kid", "cty"];

// The input is the header, a line end, and the payload.
fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    assert_eq!(verify(&text), None);
    let (header, payload) = text.split_once('\n').unwrap_or((&text, ""));
    let token = sign(header, payload);
    assert_eq!(verify(&alter(&token, payload.len() * 31)), None);
    for joined in [format!("{token}."), format!(".{token}"), format!("{token}="), format!(" {token}")] {
        assert_eq!(verify(&joined), None);
    }
    match verify(&token) {
        Some(verified) => {
            assert_eq!(verified, payload.as_bytes());
            let header: Value = serde_json::from_str(header).expect("a header is JSON");
            assert!(says(&header, "alg", "HS256"));
            let typ = header["typ"].as_str().expect("it is typed").to_ascii_lowercase();
            assert!(typ == "jwt" || typ == "application/jwt");
            assert!(REFUSED.iter().all(|name| header.get(name).is_none()));
        }
        None => assert!(header != r#"{"alg":"HS256","typ":"JWT"}"# || token.len() > MAX_TOKEN),
    }
});

/// Signs any payload under any header.
fn sign(header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &SECRET), signed.as_bytes());
    format!("{signed}.{}", encode(signature))
}

fn verify(token: &str) -> Option<Vec<u8>> {
    MacKey::new(MacAlgorithm::Hs256, &SECRET).verify_jwt(token).ok()
}
