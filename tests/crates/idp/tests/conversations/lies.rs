//! Effects of the lies outside of tokens.

use std::time::Duration;

use aura_test_idp::{Behaviour, Delay, Idp, Lie, Place, State};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::common::{BASE, Conversation, json, location, parameter, text};
use crate::relying_party::{OPENID, lying, url};

#[test]
fn lies_in_the_metadata_change_what_they_name() {
    let private = "http://169.254.169.254/dev";
    let told = [
        (Lie::DiscoveryOtherIssuer, "issuer", json!("https://other-idp.example")),
        (Lie::DiscoveryIssuerWithTrailingSlash, "issuer", json!(format!("{BASE}/"))),
        (Lie::DiscoveryHttpEndpoints, "token_endpoint", json!("http://insecure.example/dev/token")),
        (Lie::DiscoveryPrivateAddress, "token_endpoint", json!(format!("{private}/token"))),
        (Lie::DiscoveryPrivateAddress, "jwks_uri", json!(format!("{private}/jwks"))),
        (Lie::DiscoveryPrivateAddress, "authorization_endpoint", json!(format!("{BASE}/authorize"))),
        (Lie::DiscoveryWithoutJwksUri, "jwks_uri", Value::Null),
        (Lie::DiscoveryWithoutAuthorizationEndpoint, "authorization_endpoint", Value::Null),
        (Lie::DiscoveryWithoutTokenEndpoint, "token_endpoint", Value::Null),
    ];
    for (lie, name, value) in told {
        assert_eq!(json(&discovery(lie))[name], value, "{lie:?}");
    }
}

#[test]
fn https_endpoints_become_http_at_the_same_host() {
    let idp = Idp::new("https://idp.example/dev").unwrap();
    let idp = idp.behaviour(Behaviour::default().lie(Lie::DiscoveryHttpEndpoints));
    let request = Request::get(idp.discovery_endpoint()).body(Bytes::new()).unwrap();
    let document = json(&idp.handle(&mut State::default(), request, 0, [7; 32]));
    assert_eq!(document["jwks_uri"], "http://idp.example/dev/jwks");
    assert_eq!(document["issuer"], "https://idp.example/dev");
}

#[test]
fn there_may_be_no_metadata_to_read() {
    assert_eq!(discovery(Lie::DiscoveryNotFound).status(), 404);
    assert_eq!(discovery(Lie::DiscoveryNotJson).headers()["content-type"], "text/html; charset=utf-8");
    let twice = discovery(Lie::DiscoveryDuplicateMembers);
    assert_eq!(text(&twice).matches("\"issuer\":").count(), 2);
    assert_eq!(json(&twice)["issuer"], "https://other-idp.example");
}

#[test]
fn key_sets_may_be_no_use() {
    let keys = |lie| {
        let mut conversation = lying(lie);
        let url = conversation.idp.jwks_uri();
        let response = conversation.get(&url);
        serde_json::from_slice::<Value>(response.body()).map(|set| set["keys"].as_array().unwrap().clone())
    };
    assert!(keys(Lie::JwksNotJson).is_err());
    assert_eq!(keys(Lie::JwksEmpty).unwrap(), [] as [Value; 0]);
    assert_eq!(keys(Lie::JwksTenThousandKeys).unwrap().len(), 10_006);
    assert!(keys(Lie::JwksWithPrivateKey).unwrap()[5]["d"].is_string());
    assert_eq!(keys(Lie::JwksWrongUse).unwrap()[5]["use"], "enc");
}

#[test]
fn a_redirect_leads_to_the_usual_answer() {
    for (lie, endpoint) in [
        (Lie::DiscoveryRedirects, "/.well-known/openid-configuration"),
        (Lie::JwksRedirects, "/jwks"),
        (Lie::UserinfoRedirects, "/userinfo"),
    ] {
        let mut conversation = lying(lie);
        let response = conversation.get(&format!("{BASE}{endpoint}"));
        assert_eq!(response.status(), 302, "{lie:?}");
        let followed = conversation.get(location(&response));
        assert!([200, 401].contains(&followed.status().as_u16()), "{lie:?}");
    }
    let mut conversation = lying(Lie::TokenRedirects);
    let code = conversation.code_for(&url(&OPENID));
    assert_eq!(conversation.redeem(&code).status(), 302);
    conversation.idp.set_behaviour(Behaviour::default());
    assert_eq!(conversation.redeem(&code).status(), 200);
}

#[test]
fn the_callback_may_name_any_issuer() {
    for (lie, issuers) in [
        (Lie::CallbackOtherIss, &["https://other-idp.example"][..]),
        (Lie::CallbackWithoutIss, &[]),
        (Lie::CallbackEmptyIss, &[""]),
        (Lie::CallbackIssTwice, &[BASE, BASE]),
    ] {
        let location = url::Url::parse(&lying(lie).approve()).unwrap();
        let iss = location.query_pairs().filter(|(name, _)| name == "iss").map(|(_, value)| value);
        assert_eq!(iss.collect::<Vec<_>>(), issuers, "{lie:?}");
        let promised = &json(&discovery(lie))["authorization_response_iss_parameter_supported"];
        assert_eq!(promised, true, "{lie:?}");
    }
}

#[test]
fn token_answers_may_be_odd() {
    let honest = Conversation::new().sign_in(&OPENID);
    let told = [
        (Lie::TokenWithoutTokenType, "token_type", Value::Null),
        (Lie::TokenTypeMac, "token_type", json!("mac")),
        (Lie::TokenTypeNumber, "token_type", json!(1)),
        (Lie::TokenExpiresInString, "expires_in", json!("3600")),
        (Lie::TokenScopeArray, "scope", json!(["openid", "profile", "email"])),
        (Lie::TokenScopeWithCommas, "scope", json!("openid,profile,email")),
        (Lie::TokenWithoutAccessToken, "access_token", Value::Null),
        (Lie::TokenIdTokenNumber, "id_token", json!(42)),
    ];
    for (lie, name, value) in told {
        let mut answer = lying(lie).sign_in(&OPENID);
        assert_eq!(answer[name], value, "{lie:?}");
        answer[name] = honest[name].clone();
        assert_eq!(answer, honest, "{lie:?}");
    }
}

#[test]
fn a_form_encoded_token_answer_says_the_same() {
    let mut conversation = lying(Lie::TokenFormEncoded);
    let code = conversation.code_for(&url(&OPENID));
    let response = conversation.redeem(&code);
    assert!(
        response.headers()["content-type"].to_str().unwrap().starts_with("application/x-www-form-urlencoded")
    );
    let honest = Conversation::new().sign_in(&OPENID);
    for (name, value) in url::form_urlencoded::parse(response.body()) {
        let expected = &honest[&*name];
        assert_eq!(value, expected.as_str().map_or_else(|| expected.to_string(), str::to_owned));
    }
}

#[test]
fn an_error_may_come_with_status_200() {
    let mut conversation = lying(Lie::TokenErrorWithStatus200);
    for code in [conversation.code(), "guess".to_owned()] {
        let response = conversation.redeem(&code);
        assert_eq!((response.status().as_u16(), &json(&response)["error"]), (200, &json!("invalid_grant")));
    }
}

#[test]
fn userinfo_may_be_about_somebody_else_or_nobody() {
    let userinfo = |lie| {
        let mut conversation = lying(lie);
        let token = conversation.sign_in(&OPENID)["access_token"].as_str().unwrap().to_owned();
        conversation.userinfo(&token)
    };
    assert_eq!(json(&userinfo(Lie::UserinfoOtherSub))["sub"], "mallory");
    assert_eq!(json(&userinfo(Lie::UserinfoWithoutSub)).get("sub"), None);
    assert!(text(&userinfo(Lie::UserinfoNotJson)).starts_with("<!doctype html>"));
}

#[test]
fn answers_to_servers_may_be_slow_or_endless_and_pages_are_not() {
    for endpoint in ["/.well-known/openid-configuration", "/jwks", "/userinfo"] {
        let url = format!("{BASE}{endpoint}");
        let slow = lying(Lie::SlowAnswer).get(&url);
        assert_eq!(slow.extensions().get(), Some(&Delay(Duration::from_secs(60))), "{endpoint}");
        let endless = lying(Lie::EndlessBody).get(&url);
        assert_eq!(endless.body().len(), 2 * 1024 * 1024, "{endpoint}");
        assert!(json(&endless).is_object(), "{endpoint}");
    }
    assert_eq!(lying(Lie::SlowAnswer).get(&url(&OPENID)).extensions().get::<Delay>(), None);
    assert!(lying(Lie::EndlessBody).get(&url(&OPENID)).body().len() < 10_000);
}

#[test]
fn a_lie_ends_when_the_behaviour_is_changed() {
    let mut conversation = lying(Lie::JwksEmpty);
    let url = conversation.idp.jwks_uri();
    assert_eq!(json(&conversation.get(&url))["keys"], json!([]));
    conversation.idp.set_behaviour(Behaviour::default());
    assert_ne!(json(&conversation.get(&url))["keys"], json!([]));
}

#[test]
fn every_lie_to_a_relying_party_changes_its_conversation() {
    let honest = transcript(Conversation::new());
    let elsewhere = [Place::Refresh, Place::EndSession, Place::LogoutToken];
    for lie in Lie::ALL.iter().filter(|lie| !elsewhere.contains(&lie.place())) {
        assert_ne!(transcript(lying(*lie)), honest, "{lie:?}");
    }
}

/// All that a relying party learns in a sign-in.
fn transcript(mut conversation: Conversation) -> Vec<String> {
    let show = |response: Response<Bytes>| {
        format!("{} {} {:?}", response.status(), response.body().len(), response.extensions().get::<Delay>())
            + text(&response)
    };
    let (discovery, jwks) = (conversation.idp.discovery_endpoint(), conversation.idp.jwks_uri());
    let first = [conversation.get(&discovery), conversation.get(&jwks)].map(show);
    let entropy = conversation.fresh_entropy();
    let callback =
        conversation.idp.approve(&mut conversation.state, &url(&OPENID), "ada", conversation.now, entropy);
    let callback = callback.unwrap();
    let token = conversation.redeem(&parameter(&callback, "code").unwrap());
    let body = serde_json::from_slice::<Value>(token.body()).unwrap_or_default();
    let userinfo = conversation.userinfo(body["access_token"].as_str().unwrap_or_default());
    let last = [callback, show(token), show(userinfo)];
    first.into_iter().chain(last).collect()
}

fn discovery(lie: Lie) -> Response<Bytes> {
    let mut conversation = lying(lie);
    let url = conversation.idp.discovery_endpoint();
    conversation.get(&url)
}
