//! A site and OpenID Providers, end to end: honest, unusual, and with every named lie.
#![cfg(test)]

mod callbacks;
mod clients;
mod ecdsa;
mod forge;
mod keys;
mod layers;
mod lies;
mod logout;
mod mix_up;
mod properties;
mod secrets;
mod session_expiry;
mod step_up;
mod tokens;
mod userinfo;

use aura_proto::Event;
use aura_test_idp::browser::Page;
use aura_tests::Pair;
use serde_json::Value;

/// Reads the status, code and reason of a page.
fn said(page: &Page) -> (u16, String, String) {
    let json: Value = serde_json::from_slice(&page.body).unwrap_or_default();
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    (page.status.as_u16(), text("code"), text("reason"))
}

/// Begins a sign-in at `dev` and lets `ada` approve it; returns the callback's path.
fn callback(pair: &mut Pair) -> String {
    let authorize = pair.begin("dev", "/");
    pair.approve("dev", &authorize, "ada")
}

/// The paths that were asked at providers, by the last word of each.
fn asked(pair: &Pair) -> Vec<&str> {
    pair.app.fetches.iter().filter_map(|fetch| fetch.rsplit('/').next()).collect()
}

/// The reasons of the failures that were reported.
fn failures(pair: &Pair) -> Vec<&'static str> {
    let reason = |event: &Event| {
        if let Event::SignInFailed { error, .. }
        | Event::ProviderRequestFailed { error, .. }
        | Event::LogoutRefused { error, .. }
        | Event::RequestRefused { error } = event
        {
            Some(error.reason())
        } else {
            None
        }
    };
    pair.app.events.iter().filter_map(reason).collect()
}

/// Asserts that a sign-in has ended with a reason, and left nothing behind.
fn assert_ended(pair: &mut Pair, page: &Page, status: u16, reason: &str) {
    let (found, _, said) = said(page);
    assert_eq!((found, said.as_str()), (status, reason));
    assert_eq!(failures(pair), [reason]);
    assert_eq!((pair.attempts(), pair.session().status.as_u16()), (0, 401), "{reason}");
}

/// Where a page sends the browser by itself.
fn refreshed(page: &Page) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("content=\"0;url=").unwrap();
    rest.split_once('"').unwrap().0.replace("&amp;", "&")
}
