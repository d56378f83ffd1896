//! Names of parameters and members, as the page shows them: those of the specifications, and how many others there are.
//!
//! Anyone can write a link with a secret in the place of a name, so a name that is not in the list is counted and not shown.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use serde_json::Value;
use std::fmt;

/// The names that are shown: those of requests and answers of OAuth 2.0 and OpenID Connect, and of Aura's own routes.
const KNOWN: &[&str] = &[
    "access_token",
    "acr_values",
    "acrValues",
    "authorization_endpoint",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "email",
    "email_verified",
    "end_session_endpoint",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "grant_type",
    "id",
    "id_token",
    "iss",
    "issuer",
    "jwks_uri",
    "keys",
    "login",
    "login_hint",
    "maxAge",
    "max_age",
    "name",
    "nonce",
    "picture",
    "prompt",
    "pushed_authorization_request_endpoint",
    "redirect",
    "redirectTo",
    "redirect_uri",
    "refresh_token",
    "request_uri",
    "response_mode",
    "response_type",
    "revocation_endpoint",
    "scope",
    "session_state",
    "state",
    "sub",
    "token",
    "token_endpoint",
    "token_type",
    "token_type_hint",
    "user",
    "userinfo_endpoint",
];

/// The names in a query, a form or a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    shown: Vec<&'static str>,
    others: usize,
}

impl Names {
    fn collect<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut collected = Self::default();
        for name in names {
            match KNOWN.iter().find(|known| **known == name) {
                Some(known) if collected.shown.contains(known) => {}
                Some(known) => collected.shown.push(known),
                None => collected.others = collected.others.saturating_add(1),
            }
        }
        collected
    }

    /// Reads the names of a query or a form. None of the list needs an escape.
    pub(crate) fn of_form(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self::collect(pairs.map(|pair| pair.split('=').next().unwrap_or_default()))
    }

    /// Reads the names of a request's query, and of its body where that is a form.
    pub(crate) fn of_request(query: Option<&str>, headers: &HeaderMap, body: &Bytes) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
        let form = match str::from_utf8(body) {
            Ok(body) if content_type.starts_with(b"application/x-www-form-urlencoded") => body,
            Ok(_) | Err(_) => "",
        };
        Self::of_form(&[query.unwrap_or_default(), form].join("&"))
    }

    /// Reads the names of the members of a JSON object.
    pub(crate) fn of_json(body: &Bytes) -> Self {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::collect(members.keys().map(String::as_str)),
            Ok(_) | Err(_) => Self::default(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.others == 0
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown.join(", "))?;
        match (self.shown.is_empty(), self.others) {
            (_, 0) => Ok(()),
            (true, others) => write!(f, "{others} unknown"),
            (false, others) => write!(f, " and {others} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_specifications_are_shown_and_others_are_counted() {
        let names = Names::of_form("code=c0de&state=x&code=again&hunter2=&&eyJhbGciOiJIUzI1NiJ9");
        assert_eq!(names.to_string(), "code, state and 2 more");
        assert_eq!(Names::of_form("hunter2").to_string(), "1 unknown");
        assert!(Names::of_form("").is_empty());
        let names = Names::of_json(&Bytes::from_static(br#"{"access_token":"t0ken","hunter2":1}"#));
        assert_eq!(names.to_string(), "access_token and 1 more");
        assert!(Names::of_json(&Bytes::from_static(b"no JSON")).is_empty());
    }

    #[test]
    fn a_body_that_is_no_form_has_no_names() {
        let mut headers = HeaderMap::new();
        let body = Bytes::from_static(b"grant_type=x");
        assert_eq!(Names::of_request(Some("code=c"), &headers, &body).to_string(), "code");
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        headers.insert(header::CONTENT_TYPE, form.parse().unwrap());
        assert_eq!(Names::of_request(Some("code=c"), &headers, &body).to_string(), "code, grant_type");
    }
}
