//! Invariant: a token that was encrypted with the right key decrypts only with exactly the expected header.
//!
//! The header has `dir`, A256GCM and the type JWT. It names no key, repeats no claim and has no other requirement. The
//! token decrypts to its own plaintext. An altered token does not decrypt, and neither does text that was not
//! encrypted.
#![no_main]

use aura_fuzz::{alter, encode, says};
use aura_jose::{ContentKey, MAX_TOKEN};
use libfuzzer_sys::fuzz_target;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde_json::Value;

const SECRET: [u8; 32] = [7; 32];

const REFUSED: [&str; 11] = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c", "kid", "iss", "sub", "aud"];

// The input is the header, a line end, and the plaintext.
fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    assert_eq!(decrypt(&text), None);
    let (header, plaintext) = text.split_once('\n').unwrap_or((&text, ""));
    let iv = [u8::try_from(plaintext.len() % 256).unwrap_or_default(); 12];
    let token = encrypt(header, iv, plaintext);
    assert_eq!(decrypt(&alter(&token, plaintext.len() * 31)), None);
    assert_eq!(decrypt(&token.replacen("..", ".AAAA.", 1)), None);
    for joined in [format!("{token}."), format!(".{token}"), format!("{token}="), format!(" {token}")] {
        assert_eq!(decrypt(&joined), None);
    }
    match decrypt(&token) {
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
            header != r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}"# || token.len() > MAX_TOKEN
        ),
    }
});

/// Encrypts any plaintext under any header.
fn encrypt(header: &str, iv: [u8; 12], plaintext: &str) -> String {
    let header = encode(header);
    let mut ciphertext = plaintext.as_bytes().to_vec();
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &SECRET).expect("32 bytes"));
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(&header), &mut ciphertext).expect("short");
    let [iv, ciphertext, tag] = [&iv, ciphertext.as_slice(), tag.as_ref()].map(encode);
    format!("{header}..{iv}.{ciphertext}.{tag}")
}

fn decrypt(token: &str) -> Option<Vec<u8>> {
    ContentKey::new(&SECRET).expect("32 bytes").decrypt(token).ok()
}
