//! Authorization responses with the right issuer, a wrong one, or none (RFC 9207).

use crate::{arrive, assert_refused, attempts};
use aura_proto::provider::{IssParameter, Provider};
use aura_proto::{ClientSecret, Event};
use aura_tests::{Fault, Pair};

const ISSUER: &str = "https://as.test/login";

/// A site with three providers: one whose issuer is unknown, one that may name itself, and one that always does.
fn pair() -> Pair {
    let provider = |id: &str, issuer: Option<&str>, iss| {
        let provider = Provider::oauth(id, "client")
            .authorization_endpoint("https://as.test/authorize")
            .token_endpoint("https://as.test/token")
            .userinfo_endpoint("https://as.test/userinfo")
            .client_secret(ClientSecret::new("secret"))
            .iss(iss);
        match issuer {
            Some(issuer) => provider.issuer(issuer),
            None => provider,
        }
    };
    Pair::at("https://app.test", |builder| {
        builder
            .provider(provider("unknown", None, IssParameter::Optional))
            .provider(provider("may", Some(ISSUER), IssParameter::Optional))
            .provider(provider("always", Some(ISSUER), IssParameter::Always))
    })
}

/// Begins a sign-in and returns the path of its callback.
fn callback(pair: &mut Pair, provider: &str, more: &str) -> String {
    let authorize = pair.begin(provider, "/");
    let state = authorize.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    format!("/auth/callback/{provider}?state={state}{more}")
}

fn assert_signs_in(provider: &str, more: &str, events: &[Event]) {
    let mut pair = pair();
    let callback = callback(&mut pair, provider, &format!("&code=c{more}"));
    pair.app.token_fault = Some(Fault::json(200, r#"{"access_token":"t"}"#));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"1"}"#));
    pair.app.events.clear();
    assert_eq!(arrive(&mut pair, &callback).0, 200, "{provider} {more}");
    assert_eq!(pair.session().json["user"]["sub"], "1");
    let signed_in = Event::SignedIn { provider: provider.to_owned(), sub: "1".to_owned() };
    let granted = Event::TokenGranted { provider: provider.to_owned() };
    let received = Event::UserInfoReceived { provider: provider.to_owned() };
    assert_eq!(pair.app.events, [events, &[granted, received, signed_in]].concat());
}

#[test]
fn an_issuer_that_is_right_or_rightly_absent_signs_in() {
    assert_signs_in("may", "", &[]);
    assert_signs_in("may", "&iss=https://as.test/login", &[]);
    assert_signs_in("may", "&iss=https%3A%2F%2Fas.test%2Flogin", &[]);
    assert_signs_in("always", "&iss=https://as.test/login", &[]);
    assert_signs_in("unknown", "", &[]);
}

#[test]
fn an_issuer_that_cannot_be_compared_is_ignored_and_reported() {
    let ignored = Event::IssuerIgnored { provider: "unknown".to_owned() };
    assert_signs_in("unknown", "&iss=https://anyone.test", std::slice::from_ref(&ignored));
    assert_signs_in("unknown", "&iss=", std::slice::from_ref(&ignored));

    for (more, status) in [("&error=access_denied", 403), ("&code=c", 502)] {
        let mut pair = pair();
        let callback = callback(&mut pair, "unknown", &format!("{more}&iss=https://anyone.test"));
        pair.app.token_fault = Some(Fault::json(500, "{}"));
        pair.app.events.clear();
        assert_eq!(arrive(&mut pair, &callback).0, status);
        assert_eq!(pair.app.events.first(), Some(&ignored), "a failure does not hide it");
    }
}

#[test]
fn mx_03_mx_04_another_issuer_is_refused_before_the_exchange() {
    for provider in ["may", "always"] {
        for iss in [
            "",
            "https://evil.test/login",
            "https://as.test/login/",
            "https://as.test/Login",
            "HTTPS://as.test/login",
            "https://as.test:443/login",
            "https://as.test",
            "https://as.test/login%20",
            "https://as.test/%6Cogin%00",
        ] {
            for answer in ["&code=c", "&error=access_denied"] {
                let mut pair = pair();
                let callback = callback(&mut pair, provider, &format!("{answer}&iss={iss}"));
                assert_refused(&mut pair, &callback, 400, "AUTH_PROVIDER_MISMATCH", "issuer_mismatch");
                assert_eq!(attempts(&pair), 0, "the attempt is cleared");
            }
        }
    }
}

#[test]
fn mx_04_a_missing_issuer_is_refused_where_it_is_always_sent() {
    for answer in ["&code=c", "&error=access_denied"] {
        let mut pair = pair();
        let callback = callback(&mut pair, "always", answer);
        assert_refused(&mut pair, &callback, 400, "AUTH_CALLBACK_MISSING_PARAMETERS", "issuer_missing");
        assert_eq!(attempts(&pair), 0);
    }
}

#[test]
fn mx_04_a_repeated_issuer_is_refused_whoever_the_provider_is() {
    for provider in ["unknown", "may", "always"] {
        for iss in ["&iss=https://as.test/login&iss=https://as.test/login", "&iss=&iss=https://as.test/login"]
        {
            let mut pair = pair();
            let callback = callback(&mut pair, provider, &format!("&code=c{iss}"));
            assert_refused(&mut pair, &callback, 422, "UNPROCESSABLE_ENTITY", "invalid_parameters");
        }
    }
}

#[test]
fn mx_03_the_attempts_own_issuer_counts_not_that_of_a_later_configuration() {
    let mut before = pair();
    let callback = callback(&mut before, "may", "&code=c&iss=https://other.test");
    let mut after = Pair::at("https://app.test", |builder| {
        let may = Provider::oauth("may", "client")
            .authorization_endpoint("https://other.test/authorize")
            .token_endpoint("https://other.test/token")
            .userinfo_endpoint("https://other.test/userinfo")
            .issuer("https://other.test");
        builder.provider(may)
    });
    after.browser = before.browser;
    assert_refused(&mut after, &callback, 400, "AUTH_PROVIDER_MISMATCH", "issuer_mismatch");
}
