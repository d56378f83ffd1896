//! Invariant: every row of the provider table reads a user only from a JSON answer without an error.
//!
//! The user's id is, character for character, a string or an integer of the answer.
#![no_main]

use aura_proto::ClientSecret;
use aura_proto::fuzzing::user;
use aura_providers::{Provider, ROWS};
use bytes::Bytes;
use http::{Response, header};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

// The input is a byte that chooses the row, and the body.
fuzz_target!(|input: &[u8]| {
    let Some((&choice, body)) = input.split_first() else { return };
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    let response = response.body(Bytes::copy_from_slice(body)).expect("a response");
    let Some(user) = user(provider(choice), &response) else { return };

    assert!(!user.sub.is_empty());
    let json: Value = serde_json::from_slice(body).expect("userinfo is JSON");
    assert!(!json.get("error").is_some_and(Value::is_string));
    assert!(holds(&json, &user.sub), "{} is not in {json}", user.sub);
});

fn provider(choice: u8) -> Provider {
    match ROWS.get(usize::from(choice) % (ROWS.len() + 1)) {
        Some(row) => row.with_client("id", ClientSecret::new("secret")),
        None => Provider::oauth("custom", "id")
            .with_name("Custom")
            .authorization_endpoint("https://idp.test/authorize")
            .token_endpoint("https://idp.test/token")
            .userinfo_endpoint("https://idp.test/userinfo")
            .client_secret(ClientSecret::new("secret")),
    }
}

fn holds(json: &Value, id: &str) -> bool {
    match json {
        Value::String(text) => text == id,
        Value::Number(number) => (number.is_u64() || number.is_i64()) && number.to_string() == id,
        Value::Array(values) => values.iter().any(|value| holds(value, id)),
        Value::Object(members) => members.values().any(|value| holds(value, id)),
        Value::Null | Value::Bool(_) => false,
    }
}
