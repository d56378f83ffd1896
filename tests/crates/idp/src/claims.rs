//! Claims about a person, selected by the scope (OpenID Connect Core section 5.4).

use serde_json::{Value, json};

use crate::account::Account;
use crate::request::Scope;

/// Claims of the scopes `profile` and `email`.
pub(crate) fn by_scope(account: &Account, scope: Option<&Scope>) -> Vec<(String, Value)> {
    let has = |token| scope.is_some_and(|scope| scope.contains(token));
    let mut claims = Vec::new();
    if has("profile") {
        claims.push(("name".to_owned(), json!(account.name())));
        claims.push(("picture".to_owned(), json!(account.picture())));
    }
    if has("email") {
        claims.push(("email".to_owned(), json!(account.email())));
        claims.push(("email_verified".to_owned(), json!(account.is_email_verified())));
    }
    claims
}
