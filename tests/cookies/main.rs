//! Cookies of sessions of any size, of any configuration, and of the recorded table.
#![cfg(test)]

mod overrides;
mod planted;
mod recorded;
mod sizes;

use aura_tests::Pair;
use http::header;

/// Returns every `Set-Cookie` that the site has sent, in order.
fn set_cookies(pair: &Pair) -> Vec<String> {
    let history = pair.browser.history.iter();
    let fields = history.flat_map(|exchange| exchange.response_headers.get_all(header::SET_COOKIE));
    fields.map(|field| field.to_str().unwrap().to_owned()).collect()
}
