//! Sealed values of a transcript, opened and sealed again under other keys.

use super::redact::{Json, Redactor};
use crate::auth::Auth;
use crate::entropy::{Draw, Entropy};
use crate::flow::attempt;
use crate::keyring::sealed;
use crate::provider_tokens;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

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

/// Puts sealed values where their placeholders are.
pub(super) fn fill(text: &str, sealed: &[String]) -> String {
    let mut filled = String::new();
    let mut pieces = text.split('$');
    filled.extend(pieces.next());
    while let (Some(number), after) = (pieces.next(), pieces.next()) {
        filled.extend(number.parse().ok().and_then(|number: usize| sealed.get(number)).map(String::as_str));
        filled.extend(after);
    }
    filled
}

impl Sealed {
    /// Opens a value of any kind, and redacts what it holds; no value is of two kinds.
    pub(super) fn open(auth: &Auth, redactor: &Redactor, text: &str) -> Option<Self> {
        let keyring = &auth.config().keyring;
        let json = |bytes: Vec<u8>| serde_json::from_slice(&Zeroizing::new(bytes)).ok();
        let redacted = |of: Json, json: Value| redactor.json(of, json);
        if let Ok((attempt, _)) = sealed::open(keyring, attempt::PURPOSE, text) {
            return Some(Self::Attempt(redacted(Json::Attempt, attempt)));
        }
        if let Ok((tokens, _)) = sealed::open(keyring, provider_tokens::PURPOSE, text) {
            return Some(Self::ProviderTokens(redacted(Json::Claims, tokens)));
        }
        if let Ok((claims, _)) = keyring.open_token(text, |keys| keys.csrf.verify_jwt(text)) {
            return Some(Self::Csrf(redacted(Json::Claims, json(claims)?)));
        }
        let (claims, _) = keyring.read_session(text).ok()?;
        Some(Self::Session(redacted(Json::Claims, json(claims)?)))
    }

    /// Seals the value under the keys of a configuration.
    pub(super) fn seal(&self, auth: &Auth, entropy: &mut Entropy) -> Option<String> {
        let keys = auth.config().keyring.newest();
        match self {
            Self::Attempt(json) => sealed::seal(keys, attempt::PURPOSE, entropy.draw(Draw::Iv), json).ok(),
            Self::ProviderTokens(json) => {
                sealed::seal(keys, provider_tokens::PURPOSE, entropy.draw(Draw::Iv), json).ok()
            }
            Self::Csrf(json) => Some(keys.csrf.sign_jwt(json.to_string().as_bytes())),
            Self::Session(json) => keys.write_session(json.to_string().as_bytes(), entropy).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_everything_else_stays() {
        let sealed = ["zero".to_owned(), "one".to_owned()];
        for (text, filled) in [
            ("", ""),
            ("a=$1$; b=$0$$1$", "a=one; b=zeroone"),
            ("no placeholder", "no placeholder"),
            ("$2$ is none", " is none"),
        ] {
            assert_eq!(fill(text, &sealed), filled);
        }
    }
}
