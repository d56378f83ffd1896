//! Invariant: of what is encrypted with the right key, only a token whose header says `dir`, A256GCM and JWT, names no
//! key, repeats no claim and asks for nothing else decrypts, as its own plaintext; an altered token does not, nor any
//! text that was not encrypted.
#![no_main]

use aura_fuzz::{alter, auth, says};
use aura_proto::Auth;
use aura_proto::fuzzing::{decrypt, encrypt};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);

const REFUSED: [&str; 11] = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c", "kid", "iss", "sub", "aud"];

// The input is the header, a line end, and the plaintext.
fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    assert_eq!(decrypt(&AUTH, &text), None);
    let (header, plaintext) = text.split_once('\n').unwrap_or((&text, ""));
    let iv = [u8::try_from(plaintext.len() % 256).unwrap_or_default(); 12];
    let Some(token) = encrypt(&AUTH, header, iv, plaintext.as_bytes()) else { return };
    assert_eq!(decrypt(&AUTH, &alter(&token, plaintext.len() * 31)), None);
    assert_eq!(decrypt(&AUTH, &token.replacen("..", ".AAAA.", 1)), None);
    for joined in [format!("{token}."), format!(".{token}"), format!("{token}="), format!(" {token}")] {
        assert_eq!(decrypt(&AUTH, &joined), None);
    }
    match decrypt(&AUTH, &token) {
        Some(decrypted) => {
            assert_eq!(decrypted, plaintext.as_bytes());
            let header: Value = serde_json::from_str(header).expect("a header is JSON");
            assert!(says(&header, "alg", "dir") && says(&header, "enc", "A256GCM"));
            for name in ["typ", "cty"] {
                let value = header[name].as_str().expect("it is typed").to_ascii_lowercase();
                assert!(value == "jwt" || value == "application/jwt");
            }
            assert!(REFUSED.iter().all(|name| header.get(name).is_none()));
        }
        None => assert!(
            header != r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}"# || token.len() > 5 * 4096
        ),
    }
});
