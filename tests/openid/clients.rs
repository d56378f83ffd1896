//! Client authentication, pushed authorization requests and DPoP.

use crate::tokens::announcing;
use crate::{asked, assert_ended, callback, said};
use aura_proto::provider::{Provider, PushedRequests, TokenRetention};
use aura_proto::{FetchError, SigningAlgorithm, SigningKey};
use aura_test_idp::ClientAuthenticationMethod as Method;
use aura_test_idp::{Behaviour, Client, ClientSecret, DpopNonce, PushedAuthorizationRequests};
use aura_tests::forge::encode;
use aura_tests::{Fault, OpenId, Pair, parameter};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A pair whose providers take one way of authentication only.
fn only_by(method: Method, shape: impl Fn(Provider) -> Provider + 'static) -> Pair {
    let client = move |id: &str| Client::new(id, ClientSecret::new(&format!("{id}-secret"))).only_by(method);
    OpenId::new().client(client).provider(shape).pair()
}

/// The public key of RFC 8037 section A.2, with more members.
fn jwk(more: &str) -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"{more}}}"#)
}

fn signing_key() -> SigningKey {
    let pair = jwk(r#","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A""#);
    SigningKey::from_jwk(SigningAlgorithm::EdDsa, &pair).unwrap()
}

fn by_private_key() -> Pair {
    let client = |id: &str| Client::with_public_key(id, &jwk("")).unwrap();
    OpenId::new().client(client).provider(|row| row.private_key_jwt(signing_key())).pair()
}

fn public() -> Pair {
    OpenId::new().client(Client::public).public().pair()
}

#[test]
fn se_03_every_way_of_client_authentication_signs_in_and_shows_the_secret_in_no_url() {
    for (name, mut pair, sent) in [
        ("basic", only_by(Method::ClientSecretBasic, |row| row), "authorization: Basic"),
        (
            "post",
            only_by(Method::ClientSecretPost, Provider::client_secret_post),
            "&client_secret=dev-client-secret",
        ),
        ("secret jwt", only_by(Method::ClientSecretJwt, Provider::client_secret_jwt), "&client_assertion="),
        ("private key jwt", by_private_key(), "&client_assertion="),
        ("none", public(), "client_id=dev-client"),
    ] {
        for _ in 0..2 {
            let page = pair.sign_in("dev", "ada");
            assert_eq!(page.status, 200, "{name}: {}", page.text());
        }
        let transcript = pair.app.transcript.as_str();
        assert!(transcript.contains(sent), "{name}");
        let secrets = transcript.matches("dev-client-secret").count();
        // Two pushed requests and two exchanges of a code, each once.
        assert_eq!(secrets, if name == "post" { 4 } else { 0 }, "{name}");
        for fetch in &pair.app.fetches {
            assert!(!fetch.contains('?'), "{name}: {fetch}");
        }
    }
}

#[test]
fn an_assertion_is_for_the_issuer_lives_for_minutes_and_never_comes_twice() {
    let mut pair = by_private_key();
    pair.sign_in("dev", "ada");
    pair.sign_in("dev", "grace");
    let transcript = pair.app.transcript.as_str();
    let assertions = transcript.split("client_assertion=").skip(1).map(|rest| {
        let payload = rest.split('.').nth(1).unwrap();
        let payload = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload);
        serde_json::from_slice::<Value>(&payload.unwrap()).unwrap()
    });
    let assertions: Vec<_> = assertions.collect();
    assert_eq!(assertions.len(), 4);
    for claims in &assertions {
        let own = (&claims["iss"], &claims["sub"], &claims["aud"]);
        assert_eq!(own, (&"dev-client".into(), &"dev-client".into(), &"https://idp.test".into()));
        assert!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap() <= 300);
    }
    let mut ids: Vec<_> = assertions.iter().map(|claims| claims["jti"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
fn a_secret_goes_where_the_provider_publishes_that_it_goes_unless_the_application_says() {
    let posts = json!(["client_secret_post"]);
    let mut pair = announcing("token_endpoint_auth_methods_supported", &posts);
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    assert!(pair.app.transcript.as_str().contains("client_secret=dev-client-secret"));
    assert!(!pair.app.transcript.as_str().contains("Basic"));
    let mut pair = OpenId::new().provider(Provider::client_secret_post).pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    assert!(!pair.app.transcript.as_str().contains("Basic"));
}

#[test]
fn a_client_that_the_provider_does_not_believe_is_refused_at_each_step() {
    let mut pair = only_by(Method::PrivateKeyJwt, |row| row);
    let required = PushedAuthorizationRequests::Required;
    pair.set_behaviour("dev", Behaviour::default().pushed_authorization_requests(required));
    pair.app.events.clear();
    let page = pair.visit("/auth/signIn/dev");
    assert_ended(&mut pair, &page, 502, "pushed_request_status");
    let mut pair = only_by(Method::PrivateKeyJwt, |row| row.pushed_requests(PushedRequests::Never));
    let callback = callback(&mut pair);
    pair.app.events.clear();
    let page = pair.visit(&callback);
    assert_ended(&mut pair, &page, 502, "token_invalid_client");
}

#[test]
fn a_request_is_handed_over_where_that_is_offered_and_never_where_it_is_not_wanted() {
    let required = Behaviour::default().pushed_authorization_requests(PushedAuthorizationRequests::Required);
    for behaviour in [Behaviour::default(), required] {
        let mut pair = OpenId::new().behaviour(behaviour).pair();
        let authorize = pair.begin("dev", "/");
        let names: Vec<_> = authorize.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["client_id", "request_uri"]);
        assert_eq!(asked(&pair), ["openid-configuration", "par"]);
        let callback = pair.approve("dev", &authorize, "ada");
        assert_eq!(pair.visit(&callback).status, 200);
    }
    let never = |row: Provider| row.pushed_requests(PushedRequests::Never);
    let mut pair = OpenId::new().provider(never).pair();
    let authorize = pair.begin("dev", "/");
    assert_eq!(asked(&pair), ["openid-configuration"]);
    assert!(parameter(&authorize, "nonce").is_some() && parameter(&authorize, "request_uri").is_none());
    let mut pair = announcing("pushed_authorization_request_endpoint", &Value::Null);
    let authorize = pair.begin("dev", "/");
    assert_eq!(asked(&pair), ["openid-configuration"]);
    assert!(parameter(&authorize, "code_challenge").is_some());
}

#[test]
fn a_request_that_cannot_be_handed_over_ends_the_sign_in_and_the_next_one_works() {
    let reference = |text: &str| Fault::json(201, &json!({ "request_uri": text }).to_string());
    for (fault, reason) in [
        (Fault::Lost(FetchError::TimedOut), "pushed_request_unreachable"),
        (Fault::Lost(FetchError::Unreachable), "pushed_request_unreachable"),
        (Fault::Lost(FetchError::Untrusted), "pushed_request_unreachable"),
        (Fault::Lost(FetchError::TooLarge), "pushed_request_too_large"),
        (Fault::json(400, r#"{"error":"invalid_request"}"#), "pushed_request_status"),
        (Fault::json(302, "{}"), "pushed_request_status"),
        (Fault::json(201, "{}"), "pushed_request_malformed"),
        (Fault::answered(201, "text/html", "<p>"), "pushed_request_malformed"),
        (reference(""), "pushed_request_malformed"),
        (reference("a b"), "pushed_request_malformed"),
        (reference("a\r\nb"), "pushed_request_malformed"),
    ] {
        let required = PushedAuthorizationRequests::Required;
        let behaviour = Behaviour::default().pushed_authorization_requests(required);
        let mut pair = OpenId::new().behaviour(behaviour).pair();
        pair.app.pushed_request_fault = Some(fault);
        let page = pair.visit("/auth/signIn/dev");
        assert_eq!(said(&page).1, "AUTH_SIGN_IN_FAILED");
        assert_ended(&mut pair, &page, 502, reason);
        assert_eq!(pair.sign_in("dev", "ada").status, 200, "{reason}");
    }
    let mut pair = Pair::openid();
    pair.app.pushed_request_fault = Some(reference("urn:x&redirect_uri=https://evil.test#f"));
    let authorize = pair.begin("dev", "/");
    assert_eq!(
        parameter(&authorize, "request_uri").as_deref(),
        Some("urn:x&redirect_uri=https://evil.test#f")
    );
    assert_eq!(parameter(&authorize, "redirect_uri"), None, "a reference is a value and nothing else");
}

/// A pair whose tokens are bound to a key.
fn bound(nonce: DpopNonce) -> Pair {
    let behaviour = Behaviour::default().dpop_nonce(nonce);
    let shape = |row: Provider| {
        row.dpop().tokens(TokenRetention::Readable).scope("openid profile email offline_access")
    };
    OpenId::new().behaviour(behaviour).provider(shape).pair()
}

#[test]
fn bound_tokens_are_proven_at_each_endpoint_and_the_nonce_is_taken_once() {
    for (nonce, fetched) in [
        (DpopNonce::NotRequired, &["openid-configuration", "par", "token", "jwks", "userinfo"][..]),
        (DpopNonce::Required, &["openid-configuration", "par", "token", "token", "jwks", "userinfo"]),
    ] {
        let mut pair = bound(nonce);
        assert_eq!(pair.sign_in("dev", "ada").status, 200);
        assert_eq!(asked(&pair), fetched);
        let transcript = pair.app.transcript.as_str().to_owned();
        assert!(transcript.contains("authorization: DPoP ") && !transcript.contains("Bearer"));
        pair.browser.advance(3590);
        pair.app.fetches.clear();
        let answer = pair.fetch(http::Method::GET, "/auth/providers/dev/tokens", &[], "");
        assert_eq!((answer.status.as_u16(), &answer.json["success"]), (200, &true.into()), "{}", answer.json);
        assert_eq!(pair.app.longest_flow, if nonce == DpopNonce::Required { 5 } else { 4 });
    }
}

#[test]
fn a_token_that_is_not_bound_where_it_was_to_be_is_refused() {
    for (kind, reason) in [("Bearer", "token_malformed"), ("mac", "token_malformed")] {
        let mut pair = bound(DpopNonce::NotRequired);
        let callback = callback(&mut pair);
        let granted = json!({ "access_token": "at", "token_type": kind, "id_token": encode("x") });
        pair.app.token_fault = Some(Fault::json(200, &granted.to_string()));
        pair.app.events.clear();
        let page = pair.visit(&callback);
        assert_ended(&mut pair, &page, 502, reason);
    }
}

#[test]
fn a_provider_that_wants_a_nonce_at_userinfo_alone_gets_it_there() {
    let mut pair = bound(DpopNonce::Required);
    pair.sign_in("dev", "ada");
    let csrf_token = pair.csrf_token();
    pair.browser.advance(400);
    pair.app.fetches.clear();
    let path = "/auth/providers/dev/user/refresh";
    let answer = pair.fetch(http::Method::POST, path, &[("x-csrf-token", &csrf_token)], "");
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(asked(&pair), ["userinfo", "userinfo"]);
}

#[test]
fn only_who_binds_tokens_is_asked_again_and_only_once() {
    let tokens = |pair: &Pair| asked(pair).into_iter().filter(|path| *path == "token").count();
    for (mut pair, fetched) in
        [(Pair::openid(), 1), (bound(DpopNonce::NotRequired), 2), (bound(DpopNonce::Required), 2)]
    {
        let callback = callback(&mut pair);
        pair.app.events.clear();
        pair.app.fetches.clear();
        // Nobody gave this nonce, so the proof that holds it is refused.
        pair.app.token_fault = Some(Fault::DpopNonce("unheard-of"));
        let page = pair.visit(&callback);
        assert_ended(&mut pair, &page, 502, "token_status");
        assert_eq!(tokens(&pair), fetched);
    }
}

#[test]
fn where_every_tenant_has_an_issuer_an_assertion_is_for_the_token_endpoint() {
    let mut pair = Pair::with_tenants(|row| row.private_key_jwt(signing_key()));
    let authorize = pair.begin("entra", "/");
    let state = parameter(&authorize, "state").unwrap();
    pair.visit(&format!("/auth/callback/entra?code=c&state={state}"));
    let transcript = pair.app.transcript.as_str();
    let assertion = transcript.split("client_assertion=").nth(1).unwrap();
    let claims = assertion.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["aud"], "https://login.test/token");
}
