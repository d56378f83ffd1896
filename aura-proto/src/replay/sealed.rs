//! What does a sealed value hold, and how is it sealed anew? So that a transcript runs under other keys.

use super::redact::{Redactor, TIMES};
use crate::auth::Auth;
use crate::cookie::attempt;
use crate::entropy::{Draw, Entropy};
use crate::jose::sealed;
use crate::provider_tokens;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A cookie's value or a CSRF token, opened and redacted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sealed {
    Attempt(Value),
    Session(Value),
    ProviderTokens(Value),
    Csrf(Value),
}

/// What stands in a text for a sealed value.
pub(super) fn placeholder(at: usize) -> String {
    format!("${at}$")
}

impl Sealed {
    /// Opens a value of any kind; no value is of two.
    pub(super) fn open(auth: &Auth, text: &str) -> Option<Self> {
        let keyring = &auth.config().keyring;
        let json = |bytes: Vec<u8>| serde_json::from_slice(&bytes).ok();
        if let Ok((attempt, _)) = sealed::open(keyring, attempt::PURPOSE, text) {
            return Some(Self::Attempt(attempt));
        }
        if let Ok((tokens, _)) = sealed::open(keyring, provider_tokens::PURPOSE, text) {
            return Some(Self::ProviderTokens(tokens));
        }
        if let Ok((claims, _)) = keyring.open_token(text, |keys| keys.csrf.verify(text)) {
            return json(claims).map(Self::Csrf);
        }
        keyring.read_session(text).ok().and_then(|(claims, _)| json(claims)).map(Self::Session)
    }

    /// Seals the value under the keys of a configuration.
    pub(super) fn seal(&self, auth: &Auth, entropy: &mut Entropy) -> Option<String> {
        let keys = auth.config().keyring.newest();
        match self {
            Self::Attempt(json) => sealed::seal(keys, attempt::PURPOSE, entropy.draw(Draw::Iv), json).ok(),
            Self::ProviderTokens(json) => {
                sealed::seal(keys, provider_tokens::PURPOSE, entropy.draw(Draw::Iv), json).ok()
            }
            Self::Csrf(json) => Some(keys.csrf.sign(json.to_string().as_bytes())),
            Self::Session(json) => keys.write_session(json.to_string().as_bytes(), entropy).ok(),
        }
    }

    /// The state of an attempt.
    pub(super) fn state(&self) -> Option<&str> {
        match self {
            Self::Attempt(json) => json.get("state")?.as_str(),
            Self::Session(_) | Self::ProviderTokens(_) | Self::Csrf(_) => None,
        }
    }

    pub(super) fn redacted(&self, redactor: &Redactor) -> Self {
        match self {
            Self::Attempt(json) => Self::Attempt(redact("", json, redactor)),
            Self::Session(json) => Self::Session(redact("", json, redactor)),
            Self::ProviderTokens(json) => Self::ProviderTokens(redact("", json, redactor)),
            Self::Csrf(json) => Self::Csrf(redact("", json, redactor)),
        }
    }
}

pub(super) fn redact(name: &str, json: &Value, redactor: &Redactor) -> Value {
    match json {
        Value::String(text) => redactor.text(text).into(),
        Value::Number(_) if !TIMES.contains(&name) => {
            serde_json::from_str(&redactor.text(&json.to_string())).unwrap_or_else(|_| 0.into())
        }
        Value::Array(values) => values.iter().map(|value| redact(name, value, redactor)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (redactor.text(name), redact(name, value, redactor))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => json.clone(),
    }
}

/// Reads JSON that is written as it was read, but for its order and spaces: no name occurs twice.
pub(super) fn canonical(text: &str) -> Option<Value> {
    let json: Value = serde_json::from_str(text).ok()?;
    let names = |text: &str| text.matches("\":").count();
    (names(text) == names(&json.to_string())).then_some(json)
}
