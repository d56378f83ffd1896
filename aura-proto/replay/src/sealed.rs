//! Protected values in a transcript: their redacted content, and their protection under other keys.

use crate::redact::{Json, Redactor};
use aura_proto::replay_door::{self, Kind};
use aura_proto::{Auth, Entropy};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A cookie's value or a CSRF token, opened and redacted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sealed {
    Attempt(Value),
    Session(Value),
    ProviderTokens(Value),
    Csrf(Value),
    /// The name of the cookie, which is public.
    Ticket(Value),
}

/// The placeholder of a sealed value in a text.
pub(crate) fn placeholder(at: usize) -> String {
    format!("${at}$")
}

/// Puts sealed values where their placeholders are.
pub(crate) fn fill(text: &str, sealed: &[String]) -> String {
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
    /// Redacts an opened value. A CSRF token that names a ticket of the request has its placeholder as `sub`.
    pub(crate) fn redacted(
        kind: Kind,
        value: Value,
        handles: &[(String, usize)],
        redactor: &mut Redactor,
    ) -> Self {
        match kind {
            Kind::Attempt => Self::Attempt(redactor.json(Json::Attempt, value)),
            Kind::Session => Self::Session(redactor.json(Json::Claims, value)),
            Kind::ProviderTokens => Self::ProviderTokens(redactor.json(Json::Claims, value)),
            Kind::Csrf => {
                let named = value.get("sub").and_then(Value::as_str);
                let ticket = handles.iter().find(|(handle, _)| named == Some(handle)).map(|(_, at)| *at);
                let mut redacted = redactor.json(Json::Claims, value);
                if let (Some(at), Some(named)) = (ticket, redacted.get_mut("sub")) {
                    *named = placeholder(at).into();
                }
                Self::Csrf(redacted)
            }
            Kind::Ticket => Self::Ticket(value),
        }
    }

    /// Protects the value with the keys of a configuration. `before` are those that precede it: tickets precede CSRF tokens.
    pub(crate) fn seal(&self, auth: &Auth, before: &[String], entropy: &mut Entropy) -> Option<String> {
        let (kind, value) = match self {
            Self::Attempt(value) => (Kind::Attempt, value),
            Self::Session(value) => (Kind::Session, value),
            Self::ProviderTokens(value) => (Kind::ProviderTokens, value),
            Self::Csrf(value) => (Kind::Csrf, &naming(auth, value, before)),
            Self::Ticket(value) => (Kind::Ticket, value),
        };
        replay_door::seal(auth, kind, value, entropy)
    }
}

/// Puts the name of a ticket where its placeholder is.
fn naming(auth: &Auth, claims: &Value, before: &[String]) -> Value {
    let named = claims.get("sub").and_then(Value::as_str).filter(|text| text.contains('$'));
    let handle = named.and_then(|text| replay_door::stored(auth).handle(&fill(text, before)));
    let mut claims = claims.clone();
    if let (Some(handle), Some(named)) = (handle, claims.get_mut("sub")) {
        *named = handle.into();
    }
    claims
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
