//! Token responses and token errors (RFC 6749 section 5).

use serde_json::{Map, Value, json};

use crate::entropy::Credential;
use crate::error::TokenError;
use crate::form::encode;
use crate::idp::Idp;
use crate::lie::Lie;
use crate::request::Scope;
use crate::response::{self, Response};
use crate::state::{Binding, TOKEN_LIFETIME};

type Members = Map<String, Value>;

/// Issued tokens.
pub(crate) struct Issued {
    pub(crate) access_token: Credential,
    pub(crate) binding: Binding,
    pub(crate) refresh_token: Option<Credential>,
    pub(crate) id_token: Option<String>,
    pub(crate) scope: Option<Scope>,
}

/// A lie, and what it does to the honest answer.
type Bend = (Lie, fn(&mut Members));

const BENT: [Bend; 8] = [
    (Lie::TokenWithoutTokenType, |members| remove(members, "token_type")),
    (Lie::TokenTypeMac, |members| set(members, "token_type", json!("mac"))),
    (Lie::TokenTypeNumber, |members| set(members, "token_type", json!(1))),
    (Lie::TokenExpiresInString, |members| set(members, "expires_in", json!(TOKEN_LIFETIME.to_string()))),
    (Lie::TokenScopeArray, |members| {
        let scope = text(members, "scope");
        set(members, "scope", scope.split(' ').collect());
    }),
    (Lie::TokenScopeWithCommas, |members| {
        let scope = text(members, "scope");
        set(members, "scope", json!(scope.replace(' ', ",")));
    }),
    (Lie::TokenWithoutAccessToken, |members| remove(members, "access_token")),
    (Lie::TokenIdTokenNumber, |members| set(members, "id_token", json!(42))),
];

impl Issued {
    pub(crate) fn into_response(self, idp: &Idp) -> Response {
        if idp.tells(Lie::TokenErrorWithStatus200) {
            return error(idp, TokenError::NoGrant);
        }
        let mut members = self.into_members();
        for (_, bend) in BENT.iter().filter(|(lie, _)| idp.tells(*lie)) {
            bend(&mut members);
        }
        if idp.tells(Lie::TokenFormEncoded) {
            return form_encoded(&members);
        }
        response::success(&Value::Object(members))
    }

    /// The successful response (RFC 6749 section 5.1).
    fn into_members(self) -> Members {
        let token_type = match self.binding {
            Binding::Bearer => "Bearer",
            Binding::Dpop { .. } => "DPoP",
        };
        let mut members = Members::new();
        set(&mut members, "access_token", json!(self.access_token.as_str()));
        set(&mut members, "token_type", json!(token_type));
        set(&mut members, "expires_in", json!(TOKEN_LIFETIME));
        if let Some(scope) = &self.scope {
            set(&mut members, "scope", json!(scope.as_str()));
        }
        if let Some(refresh_token) = &self.refresh_token {
            set(&mut members, "refresh_token", json!(refresh_token.as_str()));
        }
        if let Some(id_token) = self.id_token {
            set(&mut members, "id_token", json!(id_token));
        }
        members
    }
}

/// The error response (RFC 6749 section 5.2), with the status of the configured behaviour.
pub(crate) fn error(idp: &Idp, error: TokenError) -> Response {
    let (_, code, description) = error.parts();
    if idp.tells(Lie::TokenErrorWithStatus200) {
        return response::success(&json!({ "error": code, "error_description": description }));
    }
    response::token_error(error)
}

fn form_encoded(members: &Members) -> Response {
    let texts: Vec<(&str, String)> =
        members.iter().map(|(name, value)| (name.as_str(), as_text(value))).collect();
    let body = encode(texts.iter().map(|(name, value)| (*name, value.as_str())));
    response::success_text("application/x-www-form-urlencoded; charset=utf-8", body)
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text(members: &Members, name: &str) -> String {
    members.get(name).map(as_text).unwrap_or_default()
}

fn set(members: &mut Members, name: &str, value: Value) {
    members.insert(name.to_owned(), value);
}

fn remove(members: &mut Members, name: &str) {
    members.remove(name);
}
