//! Kept provider tokens, and what hosts share between requests.

mod client;
mod refresh;
mod renewal;
mod rotation;

use aura_proto::Builder;
use aura_proto::provider::TokenRetention;
use aura_tests::{Answer, Fault, Pair};
use http::Method;

/// A pair in which `ada` has signed in, with tokens that a test gives and pages may read.
fn signed_in(granted: &str) -> Pair {
    signed_in_with(granted, |builder| builder)
}

fn signed_in_with(granted: &str, configure: impl FnOnce(Builder) -> Builder) -> Pair {
    let mut pair =
        Pair::with("https://app.test", |provider| provider.tokens(TokenRetention::Readable), configure);
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.token_fault = Some(Fault::json(200, granted));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada","name":"Ada"}"#));
    assert_eq!(pair.visit(&callback).status, 200);
    pair
}

fn read(pair: &mut Pair) -> Answer {
    pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "")
}
