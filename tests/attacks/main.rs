//! Attacks that fail. The name of each test carries the id of its threat.
#![cfg(test)]

mod codes;
mod cookies;
mod csrf;
mod hosts;
mod identity;
mod issuer;
mod limits;
mod methods;
mod provider;
mod redirects;
mod requests;
mod sockets;
mod state;
mod texts;

use aura_tests::Pair;
use serde_json::Value;

/// Arrives at a callback and returns status, code and reason.
fn arrive(pair: &mut Pair, callback: &str) -> (u16, String, String) {
    let page = pair.visit(callback);
    let json: Value = serde_json::from_slice(&page.body).unwrap_or_default();
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    (page.status.as_u16(), text("code"), text("reason"))
}

fn attempts(pair: &Pair) -> usize {
    pair.cookies().iter().filter(|(name, _)| name.starts_with("__Host-aura-auth.state.")).count()
}

fn assert_refused(pair: &mut Pair, callback: &str, status: u16, code: &str, reason: &str) {
    let fetched = pair.app.fetches.len();
    assert_eq!(arrive(pair, callback), (status, code.to_owned(), reason.to_owned()));
    assert_eq!(pair.app.fetches.len(), fetched, "no exchange");
    assert_eq!(pair.session().status, 401, "no session");
}
