//! The end of a session at the provider, as its ID token states it (`session_expiry`, OpenID IPSIE SL1).

use crate::assert_ended;
use crate::forge::{arrive, claims, pair as forged};
use crate::step_up::{HEADER, HOUR, at, pair, rolling, session};
use aura_proto::SessionPolicy;
use aura_test_idp::Behaviour;
use aura_tests::forge::{jwk, sign};
use serde_json::{Value, json};

#[test]
fn the_end_of_the_session_at_the_provider_caps_the_session_across_renewals() {
    for policy in [rolling(), rolling().stored(), rolling().max_duration(HOUR * 24)] {
        let mut pair = pair(policy, Behaviour::default().session_lifetime(5000));
        let ends = at(pair.browser.now + 5000);
        pair.sign_in("dev", "ada");
        for _ in 0..4 {
            assert_eq!(pair.session().status, 200);
            assert!(session(&pair).expires_at() <= ends);
            pair.browser.advance(1200);
        }
        assert_eq!(pair.session().status, 200);
        assert_eq!(session(&pair).expires_at(), ends);
        pair.browser.advance(199);
        assert_eq!(pair.session().status, 200);
        pair.browser.advance(1);
        assert_eq!(pair.session().status, 401);
    }
    // A later end lengthens nothing.
    let mut pair = pair(SessionPolicy::default().max_age(HOUR), Behaviour::default().session_lifetime(9999));
    pair.sign_in("dev", "ada");
    assert_eq!(session(&pair).expires_at(), at(pair.browser.now + 3600));
}

#[test]
fn a_session_that_has_ended_at_the_provider_begins_none_here() {
    for (end, reason) in [
        (json!(1), None),
        (json!(0), Some("id_token_session_expiry")),
        (json!(-1), Some("id_token_session_expiry")),
        (json!("soon"), Some("id_token_claim_type")),
        (Value::Null, Some("id_token_claim_type")),
    ] {
        let mut pair = forged();
        let (mut claims, callback) = claims(&mut pair, "/auth/signIn/dev");
        let at = |by: i64| json!(pair.browser.now.saturating_add_signed(by));
        claims["session_expiry"] = end.as_i64().map_or(end.clone(), at);
        let page = arrive(&mut pair, &callback, &sign(HEADER, &claims.to_string()), &json!([jwk("a")]));
        match reason {
            Some(reason) => assert_ended(&mut pair, &page, 401, reason),
            None => assert_eq!(session(&pair).expires_at().as_secs(), pair.browser.now + 1, "{end}"),
        }
    }
}
