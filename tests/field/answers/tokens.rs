//! Token answers, audiences, logout tokens, and what is kept.

use super::{HEADER, arrive, begin, ended, failure, granted, keys, pair, sign_in, success};
use aura_http::env::Environment;
use aura_proto::provider::{ClaimsSource, Provider, PushedRequests, SignOutScope, TokenRetention};
use aura_proto::{Admission, Admitted, Event, ProviderTokensError, UnixTime, User};
use aura_providers::KEYCLOAK;
use aura_tests::forge::sign;
use aura_tests::{Fault, Pair};
use http::{HeaderMap, Method, header};
use serde_json::{Value, json};

/// Delivers a logout token of these claims.
fn log_out(alter: impl FnOnce(&mut Value, u64)) -> (u16, String) {
    log_out_under(r#"{"alg":"EdDSA","kid":"a","typ":"logout+jwt"}"#, alter)
}

/// Delivers a logout token of these claims under a header.
fn log_out_under(header: &str, alter: impl FnOnce(&mut Value, u64)) -> (u16, String) {
    let mut pair = pair(|row| row);
    let now = pair.browser.now;
    let mut claims = json!({
        "iss": "https://idp.test", "aud": ["dev-client"], "iat": now, "jti": "j", "sid": "s",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    alter(&mut claims, now);
    let token = sign(header, &claims.to_string());
    pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": keys() }).to_string()));
    let answer = pair.send_form("/auth/backchannelLogout/dev", &format!("logout_token={token}"));
    let logged_out = pair.app.events.iter().any(|event| matches!(event, Event::LoggedOutByProvider { .. }));
    assert_eq!(logged_out, answer.status == 200);
    (answer.status.as_u16(), answer.json["reason"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn fr_04_fr_13_the_header_of_a_logout_token_is_read_as_that_of_an_id_token() {
    for (more, ends) in [
        (r#""jku":"https://uaa.example/token_keys""#, success()),
        (r#""x5c":["AAAA"],"x5u":"https://uaa.example/x5u","jwk":{}"#, success()),
        (r#""jku":"https://uaa.example/token_keys","crit":["jku"]"#, failure(400, "id_token_malformed")),
        (r#""zip":"DEF""#, failure(400, "id_token_malformed")),
    ] {
        for alg in ["EdDSA", "Ed25519"] {
            let header = format!(r#"{{"alg":"{alg}","kid":"a","typ":"logout+jwt",{more}}}"#);
            assert_eq!(log_out_under(&header, |_, _| ()), ends, "{header}");
        }
    }
}

#[test]
fn fr_12_a_logout_token_without_an_end_counts_for_two_minutes() {
    for age in [0, 1, 119, 120] {
        assert_eq!(log_out(|claims, now| claims["iat"] = (now - age).into()), success(), "{age}");
    }
    for age in [121, 180, 3600] {
        let old = log_out(|claims, now| claims["iat"] = (now - age).into());
        assert_eq!(old, failure(400, "id_token_issued_at"), "{age}");
    }
}

#[test]
fn fr_12_an_end_that_is_there_counts_and_so_does_everything_else() {
    for (name, value, reason) in [
        ("exp", json!(1), "id_token_expired"),
        ("exp", json!("never"), "id_token_claim_type"),
        ("exp", Value::Null, "id_token_claim_type"),
        ("iat", Value::Null, "id_token_claim_type"),
        ("aud", json!("another"), "id_token_audience"),
        ("iss", json!("https://evil.test"), "id_token_issuer"),
        ("nonce", json!("n"), "id_token_event"),
        ("events", json!({}), "id_token_event"),
        ("jti", json!(""), "id_token_malformed"),
    ] {
        let refused = log_out(|claims, _| claims[name] = value.clone());
        assert_eq!(refused, failure(400, reason), "{name}: {value}");
    }
    let without = |claims: &mut Value, _| drop(claims.as_object_mut().unwrap().remove("iat"));
    assert_eq!(log_out(without), failure(400, "id_token_issued_at"));
    let ahead = log_out(|claims, now| claims["iat"] = (now + 61).into());
    assert_eq!(ahead, failure(400, "id_token_issued_at"));
    // An ID token has an end.
    let endless = sign_in(
        &mut pair(|row| row),
        HEADER,
        |claims| drop(claims.as_object_mut().unwrap().remove("exp")),
        &keys(),
    );
    assert_eq!(endless, failure(401, "id_token_expired"));
}

#[test]
fn au_15_the_times_of_a_logout_token_may_have_a_fraction() {
    let number = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    assert_eq!(log_out(|claims, now| claims["iat"] = number(format!("{now}.25"))), success());
    let with_end = |claims: &mut Value, now: u64| {
        claims["iat"] = number(format!("{now}.75"));
        claims["exp"] = number(format!("{}.5", now + 60));
    };
    assert_eq!(log_out(with_end), success());
    let old = log_out(|claims, now| claims["iat"] = number(format!("{}.5", now - 121)));
    assert_eq!(old, failure(400, "id_token_issued_at"));
    assert_eq!(
        log_out(|claims, _| claims["iat"] = number("-0.5".into())),
        failure(400, "id_token_claim_type")
    );
}

const API: &str = "https://api.test";

#[test]
fn fr_25_further_audiences_that_are_listed_are_trusted() {
    let trusting = |row: Provider| row.trusted_audiences([API, "https://other-api.test"]);
    for audience in [json!(["dev-client", API]), json!([API, "dev-client", "https://other-api.test"])] {
        let trusted =
            sign_in(&mut pair(trusting), HEADER, |claims| claims["aud"] = audience.clone(), &keys());
        assert_eq!(trusted, success(), "{audience}");
    }
    for configured in [from_data(), from_environment()] {
        let dev = move |row: Provider| if row.id() == "dev" { configured.clone() } else { row };
        let mut pair = pair(dev);
        let trusted =
            sign_in(&mut pair, HEADER, |claims| claims["aud"] = json!(["dev-client", API]), &keys());
        assert_eq!(trusted, success());
    }
}

/// The provider of a pair that trusts a further audience, as data.
fn from_data() -> Provider {
    let data = json!({
        "kind": "oidc", "id": "dev", "name": "Dev", "issuer": "https://idp.test", "client_id": "dev-client",
        "client_secret": "dev-client-secret", "pushed_requests": "never", "trusted_audiences": [API],
    });
    serde_json::from_value(data).unwrap()
}

/// The same, from the environment.
fn from_environment() -> Provider {
    let lookup = |name: &str| {
        let value = match name {
            "KEYCLOAK_CLIENT_ID" => "dev-client",
            "KEYCLOAK_CLIENT_SECRET" => "dev-client-secret",
            "KEYCLOAK_ISSUER" => "https://idp.test",
            "AURA_KEYCLOAK_TRUSTED_AUDIENCES" => "https://other-api.test, https://api.test",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let keycloak = Environment::new(&lookup).provider(&KEYCLOAK).unwrap().unwrap();
    keycloak.with_id("dev").pushed_requests(PushedRequests::Never)
}

#[test]
fn fr_25_audiences_that_are_not_listed_are_refused_with_the_name_of_the_option() {
    let none = |row| row;
    let trusting = |row: Provider| row.trusted_audiences([API]);
    let untrusted = failure(401, "id_token_trusted_audiences");
    let several = |claims: &mut Value| claims["aud"] = json!(["dev-client", API]);
    assert_eq!(sign_in(&mut pair(none), HEADER, several, &keys()), untrusted);
    for (audience, party, reason) in [
        (json!(["dev-client", API, "https://third.test"]), Value::Null, "id_token_trusted_audiences"),
        (json!(["dev-client", format!("{API}/")]), Value::Null, "id_token_trusted_audiences"),
        (json!([API]), Value::Null, "id_token_audience"),
        (json!(API), Value::Null, "id_token_audience"),
        (json!(["dev-client", API]), json!(API), "id_token_authorized_party"),
        (json!("dev-client"), json!("another"), "id_token_authorized_party"),
    ] {
        let alter = |claims: &mut Value| {
            claims["aud"] = audience.clone();
            claims["azp"] = party.clone();
        };
        assert_eq!(sign_in(&mut pair(trusting), HEADER, alter, &keys()), failure(401, reason), "{audience}");
    }
    let made_for_us = |claims: &mut Value| {
        claims["aud"] = json!(["dev-client", "https://third.test"]);
        claims["azp"] = "dev-client".into();
    };
    assert_eq!(sign_in(&mut pair(none), HEADER, made_for_us, &keys()), success());
    let mut refused = pair(none);
    let begun = begin(&mut refused);
    let claims = {
        let mut claims = begun.claims;
        several(&mut claims);
        claims
    };
    let page = arrive(
        &mut refused,
        &begun.callback,
        &granted(&sign(HEADER, &claims.to_string())),
        &keys(),
        &json!({}),
    );
    assert!(page.text().contains("trusted_audiences"), "{}", page.text());
}

fn by_id_token(row: Provider) -> Provider {
    row.claims_source(ClaimsSource::IdToken)
}

/// Signs in where the token answer has no access token.
fn without_access_token(pair: &mut Pair, alter: impl FnOnce(&mut Value, &mut Value)) -> (u16, String) {
    let mut begun = begin(pair);
    let mut granted =
        json!({ "token_type": "Bearer", "not_before": 1, "id_token_expires_in": 3600, "scope": "openid" });
    alter(&mut begun.claims, &mut granted);
    if granted["id_token"].is_null() {
        granted["id_token"] = sign(HEADER, &begun.claims.to_string()).into();
    }
    ended(&arrive(pair, &begun.callback, &granted, &keys(), &json!({ "sub": "ada" })))
}

#[test]
fn fr_21_where_the_id_token_says_everything_no_access_token_is_needed() {
    for retention in [TokenRetention::Dropped, TokenRetention::Kept, TokenRetention::Readable] {
        let mut pair = pair(move |row| by_id_token(row).tokens(retention));
        assert_eq!(without_access_token(&mut pair, |_, _| ()), success());
        assert_eq!(pair.session().json["user"]["sub"], "ada");
        let headers = HeaderMap::from_iter([(header::COOKIE, pair.cookie_header().parse().unwrap())]);
        let now = UnixTime::from_secs(pair.browser.now);
        let tokens = pair.app.auth.provider_tokens("dev", &headers, now);
        assert_eq!(tokens, Err(ProviderTokensError::Missing), "an ID token opens nothing");
        let connected = pair.fetch(Method::GET, "/auth/providers/dev", &[], "").json;
        assert_eq!(connected["connected"], false);
    }
}

#[test]
fn fr_21_userinfo_needs_one_and_a_hash_belongs_to_one() {
    let malformed = failure(502, "token_malformed");
    assert_eq!(without_access_token(&mut pair(|row| row), |_, _| ()), malformed);
    assert_eq!(
        without_access_token(&mut pair(by_id_token), |_, granted| granted["id_token"] = "".into()),
        malformed
    );
    let number = |_: &mut Value, granted: &mut Value| granted["access_token"] = 7.into();
    assert_eq!(without_access_token(&mut pair(by_id_token), number), malformed);
    let hash = |claims: &mut Value, _: &mut Value| claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
    let refused = without_access_token(&mut pair(by_id_token), hash);
    assert_eq!(refused, failure(401, "id_token_access_token_hash"));
}

/// Signs in with an ID token and an access token of these sizes.
fn with_tokens(pair: &mut Pair, id_token: usize, access_token: usize) -> (u16, String) {
    let begun = begin(pair);
    let mut claims = begun.claims;
    claims["groups"] = "g".repeat(id_token.saturating_mul(3).div_euclid(4)).into();
    let mut granted = granted(&sign(HEADER, &claims.to_string()));
    granted["access_token"] = "a".repeat(access_token).into();
    ended(&arrive(pair, &begun.callback, &granted, &keys(), &json!({ "sub": "ada" })))
}

fn dropped(pair: &Pair) -> bool {
    pair.app.events.iter().any(|event| matches!(event, Event::IdTokenDropped { .. }))
}

/// Signs out, and returns the `id_token_hint` of the provider's page.
fn hint(pair: &mut Pair) -> Option<String> {
    let csrf_token = pair.csrf_token();
    let path = "/auth/signOut?token_type_hint=session_token&redirect=false";
    let answer = pair.fetch(Method::POST, path, &[("x-csrf-token", &csrf_token)], "");
    let page = url::Url::parse(answer.json["redirectURL"].as_str().unwrap()).unwrap();
    assert_eq!((page.host_str(), page.path()), (Some("idp.test"), "/end_session"));
    page.query_pairs().find(|(name, _)| name == "id_token_hint").map(|(_, hint)| hint.into_owned())
}

#[test]
fn fr_33_a_sign_out_at_the_provider_keeps_the_id_token_alone() {
    for (id_token, access_token, kept) in
        [(100, 100, true), (9_000, 9_000, true), (9_000, 100_000, true), (30_000, 9_000, false)]
    {
        let mut pair = pair(|row| row.sign_out(SignOutScope::Provider));
        assert_eq!(with_tokens(&mut pair, id_token, access_token), success(), "{id_token} {access_token}");
        assert_eq!(dropped(&pair), !kept);
        assert_eq!(pair.fetch(Method::GET, "/auth/providers/dev", &[], "").json["connected"], false);
        assert_eq!(hint(&mut pair).is_some(), kept, "{id_token}");
    }
}

#[test]
fn fr_33_what_the_application_asked_for_is_kept_before_the_id_token_and_else_refused() {
    let keeping = |row: Provider| row.sign_out(SignOutScope::Provider).tokens(TokenRetention::Readable);
    let mut both = pair(keeping);
    assert_eq!(with_tokens(&mut both, 9_000, 9_000), success());
    assert!(dropped(&both));
    let tokens = both.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "").json;
    assert_eq!(tokens["tokens"]["accessToken"].as_str().map(str::len), Some(9_000));
    assert_eq!((&tokens["tokens"]["idToken"], hint(&mut both)), (&Value::Null, None));
    let mut small = pair(keeping);
    assert_eq!((with_tokens(&mut small, 1_000, 1_000), dropped(&small)), (success(), false));
    assert!(hint(&mut small).is_some());
    assert_eq!(with_tokens(&mut pair(keeping), 100, 30_000), failure(502, "tokens_too_large"));
}

#[test]
fn fr_33_a_refresh_is_of_the_same_subject_where_the_id_token_was_too_long_to_keep() {
    for (sub, ends) in [("ada", success()), ("eve", failure(401, "id_token_other_subject"))] {
        let mut pair = pair(|row| row.tokens(TokenRetention::Readable));
        // The session names another id than the provider does.
        pair.app.admit =
            |candidate| Admission::Admit(Admitted::new(User::new(format!("7-{}", candidate.user.sub()))));
        let begun = begin(&mut pair);
        let mut claims = begun.claims;
        claims["groups"] = "g".repeat(20_000).into();
        let mut grant = granted(&sign(HEADER, &claims.to_string()));
        grant["expires_in"] = 600.into();
        grant["refresh_token"] = "rt-1".into();
        let page = arrive(&mut pair, &begun.callback, &grant, &keys(), &json!({ "sub": "ada" }));
        assert_eq!((ended(&page), dropped(&pair)), (success(), true));

        pair.browser.advance(500);
        let now = pair.browser.now;
        let claims = json!({
            "iss": "https://idp.test", "aud": "dev-client", "sub": sub, "iat": now, "exp": now + 600,
        });
        let mut grant = granted(&sign(HEADER, &claims.to_string()));
        grant["expires_in"] = 600.into();
        pair.app.token_fault = Some(Fault::json(200, &grant.to_string()));
        pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": keys() }).to_string()));
        let answer = pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "");
        let reason = answer.json["reason"].as_str().unwrap_or_default().to_owned();
        assert_eq!((answer.status.as_u16(), reason), ends, "{sub}");
    }
}
