//! Shared code of the fuzz targets: one configuration, and an independent JSON reader.
#![forbid(unsafe_code)]

pub mod story;

use aura_proto::{Auth, Builder, ClientSecret, Entropy, Salt, Secret, UnixTime};
use aura_providers::GITHUB;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

/// The time of every run.
pub const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

/// Begins the configuration that every target has.
pub fn builder() -> Builder {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").expect("strong");
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").expect("strong");
    Auth::builder(secret, salt)
        .base_url("https://app.test")
        .provider(GITHUB.with_client("id", ClientSecret::new("secret")))
}

/// Builds the configuration.
pub fn auth() -> Auth {
    builder().build().expect("sound")
}

/// Makes entropy of one byte.
pub fn entropy(seed: u8) -> Entropy {
    Entropy::from_os_bytes([seed; 32])
}

/// Makes `Cookie` fields of bytes, those that no server accepts left out.
pub fn cookie_fields<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> HeaderMap {
    let fields = fields.into_iter().filter_map(|field| HeaderValue::from_bytes(field).ok());
    fields.map(|field| (header::COOKIE, field)).collect()
}

/// Replaces one character of a token by another one that tokens have.
pub fn alter(token: &str, at: usize) -> String {
    let mut bytes = token.as_bytes().to_vec();
    let at = at % bytes.len().max(1);
    if let Some(byte) = bytes.get_mut(at) {
        *byte = if *byte == b'A' { b'B' } else { b'A' };
    }
    String::from_utf8(bytes).expect("tokens are ASCII")
}

/// Tells whether a header, read by `serde_json` alone, has a member of this name and text.
pub fn says(header: &Value, name: &str, text: &str) -> bool {
    header.get(name).and_then(Value::as_str) == Some(text)
}

/// Writes base64url without padding (RFC 7515 section 2).
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
