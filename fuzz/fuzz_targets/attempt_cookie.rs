//! Invariant: a sealed attempt opens with the values it was sealed with.
//!
//! An altered cookie does not open, and neither does text that was not sealed. Authenticated plaintext opens only if
//! every member of it is valid.
#![no_main]

use arbitrary::Arbitrary;
use aura_fuzz::{alter, auth};
use aura_proto::internals::{
    Attempt, CodeVerifier, Expected, ExpectedIssuer, MaxAge, Nonce, PURPOSE, State, keyring, seal,
};
use aura_proto::{Auth, UnixTime};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);

/// The members of an attempt, in their order.
const MEMBERS: [&str; 9] = [
    "provider",
    "issuer",
    "openid",
    "state",
    "code_verifier",
    "redirect_uri",
    "redirect_to",
    "issued_at",
    "acr_values",
];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    texts: [&'a str; 5],
    issuer: Option<(&'a str, bool)>,
    issued_at: u64,
    iv: [u8; 12],
    altered: u16,
    openid: Option<(&'a str, Option<u64>)>,
    text: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let [provider, state, code_verifier, redirect_uri, redirect_to] = input.texts.map(str::to_owned);
    let attempt = Attempt {
        provider,
        issuer: match input.issuer {
            None => ExpectedIssuer::Unknown,
            Some((issuer, false)) => ExpectedIssuer::IfSent(issuer.to_owned()),
            Some((issuer, true)) => ExpectedIssuer::Always(issuer.to_owned()),
        },
        expected: match input.openid {
            None => Expected::OAuth,
            Some((nonce, max_age)) => Expected::OpenId {
                nonce: Nonce::new(nonce),
                max_age: max_age.map_or(MaxAge::Any, MaxAge::Seconds),
                acr_values: String::new(),
            },
        },
        state: State::new(state),
        code_verifier: CodeVerifier::new(code_verifier),
        redirect_uri,
        redirect_to,
        issued_at: UnixTime::from_secs(input.issued_at).whole_seconds(),
    };
    let keyring = keyring(&AUTH);
    let open = |text: &str| Attempt::open(keyring, text).ok();
    let sealed = attempt.seal(keyring.newest(), input.iv).expect("an attempt can be sealed");
    // Longer than any set of cookies is not looked at.
    let opened = open(&sealed);
    assert!(opened.as_ref() == Some(&attempt) || (opened.is_none() && sealed.len() > 5 * 4096));
    assert_eq!(open(&alter(&sealed, usize::from(input.altered))), None);
    assert_eq!(open(input.text), None);

    // The sealed attempt with the members of the text opens with exactly these values, or does not open.
    let mut members = written(&attempt);
    let json: Option<Value> = serde_json::from_str(input.text).ok();
    if let (Some(members), Some(Value::Object(others))) = (members.as_object_mut(), &json) {
        members.extend(others.clone());
    }
    for json in json.iter().chain([&members]) {
        let Ok(sealed) = seal(keyring.newest(), PURPOSE, input.iv, json) else { continue };
        if let Some(attempt) = open(&sealed) {
            is_an_attempt(json, &attempt);
        }
    }
});

/// The members of an attempt as they are sealed.
fn written(attempt: &Attempt) -> Value {
    let issuer = match &attempt.issuer {
        ExpectedIssuer::Unknown => json!("unknown"),
        ExpectedIssuer::IfSent(issuer) => json!({ "if_sent": issuer }),
        ExpectedIssuer::Always(issuer) => json!({ "always": issuer }),
    };
    let openid = match &attempt.expected {
        Expected::OAuth => Value::Null,
        Expected::OpenId { nonce, max_age: MaxAge::Any, .. } => json!([nonce.expose(), "any"]),
        Expected::OpenId { nonce, max_age: MaxAge::Seconds(seconds), .. } => {
            json!([nonce.expose(), { "seconds": seconds }])
        }
    };
    let mut members = json!({
        "provider": attempt.provider, "issuer": issuer, "openid": openid, "state": attempt.state.expose(),
        "code_verifier": attempt.code_verifier.expose(), "redirect_uri": attempt.redirect_uri,
        "redirect_to": attempt.redirect_to, "issued_at": attempt.issued_at,
    });
    // It is left out where nothing is required.
    if let Expected::OpenId { acr_values, .. } = &attempt.expected
        && !acr_values.is_empty()
    {
        members["acr_values"] = json!(acr_values);
    }
    members
}

/// Checks that JSON has every member of this attempt, and nothing else.
fn is_an_attempt(json: &Value, attempt: &Attempt) {
    let member = |at: usize| match json {
        Value::Object(members) => members.get(MEMBERS[at]).cloned().unwrap_or_default(),
        Value::Array(members) => members.get(at).cloned().unwrap_or_default(),
        _ => Value::Null,
    };
    // A missing value may be written as null.
    let spelt = |value: Value, name: &str| if value == json!({ name: null }) { json!(name) } else { value };
    let written = written(attempt);
    for (at, name) in MEMBERS.iter().enumerate() {
        let mut value = spelt(member(at), "unknown");
        if let Some(max_age) = value.get_mut(1) {
            *max_age = spelt(max_age.take(), "any");
        }
        // A moment beyond the largest one is read as the largest one.
        if *name == "issued_at" {
            value = value.as_u64().map(UnixTime::from_secs).map_or(value, |moment| json!(moment));
        }
        // A plain provider has no ID token, of which anything could be required, and an empty text requires nothing.
        if *name == "acr_values" && (attempt.expected == Expected::OAuth || value == "") {
            continue;
        }
        assert_eq!(value, written[name], "{name}");
    }
    let known = |members: &serde_json::Map<String, Value>| {
        members.keys().all(|name| MEMBERS.contains(&name.as_str()))
    };
    assert!(
        json.as_object().is_none_or(known)
            && json.as_array().is_none_or(|all| all.len() == MEMBERS.len() || all.len() == MEMBERS.len() - 1)
    );
}
