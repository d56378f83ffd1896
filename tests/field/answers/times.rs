//! Lifetimes and times that are none, no end, or before the beginning.

use super::{HEADER, begin, ended, failure, keys, pair, sign_in, success};
use aura_proto::provider::{Provider, TokenRetention};
use aura_tests::forge::sign;
use aura_tests::{Fault, Pair};
use http::Method;
use serde_json::{Value, json};

fn readable(row: Provider) -> Provider {
    row.tokens(TokenRetention::Readable)
}

/// Signs in with a token answer that says a lifetime.
fn living(pair: &mut Pair, lifetime: &str) -> (u16, String) {
    let begun = begin(pair);
    let id_token = sign(HEADER, &begun.claims.to_string());
    let granted = format!(
        r#"{{"access_token":"at","refresh_token":"rt","id_token":"{id_token}","expires_in":{lifetime},"refresh_token_expires_in":{lifetime}}}"#
    );
    pair.app.token_fault = Some(Fault::json(200, &granted));
    pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": keys() }).to_string()));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"sub":"ada"}"#));
    pair.app.fetches.clear();
    ended(&pair.visit(&begun.callback))
}

fn asked(pair: &Pair, endpoint: &str) -> usize {
    pair.app.fetches.iter().filter(|fetch| fetch.ends_with(endpoint)).count()
}

#[test]
fn p_12_no_lifetime_makes_a_flood_or_a_token_for_ever() {
    for (lifetime, ends) in [
        ("0", Some(None)),
        (r#""0""#, Some(None)),
        ("18446744073709551615", Some(Some(10 * 365 * 24 * 3600))),
        ("9999999999", Some(Some(10 * 365 * 24 * 3600))),
        ("3600.5", Some(Some(3600))),
        ("-1", None),
        (r#""-3600""#, None),
        ("1e30", None),
        ("-1e30", None),
        (r#""99999999999999999999999""#, None),
    ] {
        let mut pair = pair(readable);
        let found = living(&mut pair, lifetime);
        let Some(ends) = ends else {
            assert_eq!(found, failure(502, "token_malformed"), "{lifetime}");
            continue;
        };
        assert_eq!(found, success(), "{lifetime}");
        for _ in 0..25 {
            let tokens = pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "").json["tokens"].take();
            let expected = ends.map_or(Value::Null, |length| json!(pair.browser.now + length));
            assert_eq!((&tokens["expiresAt"], &tokens["refreshTokenExpiresAt"]), (&expected, &expected));
        }
        assert_eq!((asked(&pair, "/token"), asked(&pair, "/jwks"), asked(&pair, "/userinfo")), (1, 1, 1));
    }
}

#[test]
fn p_12_cache_headers_of_a_provider_decide_nothing() {
    let mut pair = Pair::openid();
    for _ in 0..10 {
        assert_eq!(pair.sign_in("dev", "ada").status, 200);
    }
    assert_eq!((asked(&pair, "openid-configuration"), asked(&pair, "/jwks")), (1, 1));
    pair.browser.advance(3601);
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    assert_eq!(
        (asked(&pair, "openid-configuration"), asked(&pair, "/jwks")),
        (2, 2),
        "nothing is kept for ever"
    );
}

#[test]
fn p_12_a_time_of_authentication_that_is_none_or_no_end_is_refused_where_one_was_asked_for() {
    let asking = |row: Provider| row.authorization_parameter("max_age", "60");
    let too_old = failure(401, "id_token_authentication_time");
    let odd = failure(401, "id_token_claim_type");
    for (time, plain, asked) in [
        (json!(0), success(), too_old.clone()),
        (json!(u64::MAX), success(), too_old.clone()),
        (json!(-1), odd.clone(), odd.clone()),
        (json!(1e30), odd.clone(), odd.clone()),
    ] {
        let alter = |claims: &mut Value| claims["auth_time"] = time.clone();
        assert_eq!(sign_in(&mut pair(|row| row), HEADER, alter, &keys()), plain, "{time}");
        assert_eq!(sign_in(&mut pair(asking), HEADER, alter, &keys()), asked, "{time}");
    }
    let old = |claims: &mut Value| claims["exp"] = 0.into();
    assert_eq!(sign_in(&mut pair(|row| row), HEADER, old, &keys()), failure(401, "id_token_expired"));
    let endless = |claims: &mut Value| claims["exp"] = u64::MAX.into();
    let mut for_ever = pair(|row| row);
    assert_eq!(sign_in(&mut for_ever, HEADER, endless, &keys()), success());
    for_ever.browser.advance(400 * 24 * 3600);
    assert_eq!(for_ever.session().status, 401, "a session has its own end");
}
