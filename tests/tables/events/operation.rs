//! What an operator sees without a failure: findings at start, spans of requests, and checks of providers.

use super::recorded::Log;
use aura_host::store::MemoryStore;
use aura_proto::provider::Provider;
use aura_proto::{Auth, Builder, ClientSecret, FetchError, ProviderError, SessionPolicy};
use aura_tests::{SECRET, bare_builder, json_answer};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Outcome = Result<Response<Bytes>, FetchError>;

fn auth(configure: impl FnOnce(Builder) -> Builder) -> Auth {
    let oauth = Provider::oauth("forge", "client")
        .authorization_endpoint("https://forge.test/authorize")
        .token_endpoint("https://forge.test/token")
        .userinfo_endpoint("https://forge.test/user")
        .client_secret(ClientSecret::new("secret"));
    let openid = |id: &str| Provider::openid(id, format!("https://{id}.test"), "client");
    let builder = bare_builder(SECRET).base_url("https://app.test");
    configure(builder.provider(oauth).provider(openid("good")).provider(openid("gone"))).build().unwrap()
}

/// What the providers publish: one of them is gone.
fn published(request: &Request<Bytes>) -> Outcome {
    let issuer = "https://good.test";
    match request.uri().host() {
        Some("good.test") => Ok(json_answer(
            200,
            json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
                "id_token_signing_alg_values_supported": ["RS256"],
            })
            .to_string(),
        )),
        _ => Ok(json_answer(503, "{}")),
    }
}

fn hosts(asked: &Mutex<Vec<String>>) -> Vec<String> {
    std::mem::take(&mut asked.lock().unwrap())
}

fn found(found: &BTreeMap<String, Result<(), ProviderError>>) -> Vec<(&str, Result<(), ProviderError>)> {
    found.iter().map(|(id, result)| (id.as_str(), *result)).collect()
}

const FOUND: [(&str, Result<(), ProviderError>); 3] =
    [("forge", Ok(())), ("gone", Err(ProviderError::DiscoveryStatus)), ("good", Ok(()))];

#[tokio::test]
async fn providers_are_checked_without_a_browser_by_what_sign_ins_read() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let driver = aura_http::Driver::new(auth(|builder| builder), move |request: Request<Bytes>| {
        kept.lock().unwrap().push(request.uri().host().unwrap().to_owned());
        let outcome = published(&request);
        async move { outcome }
    })
    .unwrap();
    assert_eq!(found(&driver.check_providers().await), FOUND);
    assert_eq!(hosts(&asked), ["gone.test", "good.test"]);
    assert_eq!(found(&driver.check_providers().await)[2], FOUND[2]);
    let sign_in = Request::get("/auth/signIn/good").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(driver.answer(sign_in).await.status(), 302);
    assert!(!hosts(&asked).contains(&"good.test".to_owned()), "the answer served both");
}

#[test]
fn a_blocking_driver_checks_them_too() {
    let call = |request: Request<Bytes>| published(&request);
    let driver = aura_blocking::Driver::new(auth(|builder| builder), call).unwrap();
    assert_eq!(found(&driver.check_providers()), FOUND);
}

#[test]
fn every_driver_logs_the_findings_once_when_it_is_made() {
    let doubtful = |builder: Builder| builder.base_url("http://app.test").public_path("/app");
    let make: [fn(Auth); 2] = [
        |auth| drop(aura_http::Driver::new(auth, aura_http::HttpClient::new()).unwrap().clone()),
        |auth| drop(aura_blocking::Driver::new(auth, aura_blocking::UreqClient::new()).unwrap().clone()),
    ];
    for make in make {
        let log = Log::default();
        let _listening = log.listen();
        make(auth(doubtful));
        let names: Vec<_> = log.names();
        let finding = |level: &str| (level.to_owned(), "CONFIGURATION_FINDING".to_owned());
        assert_eq!(names, [finding("WARN"), finding("INFO")]);
        assert!(log.text().contains("base_url has http://app.test"), "{}", log.text());
    }
}

#[test]
fn every_driver_warns_of_a_store_that_its_policy_does_not_use() {
    let make: [fn(Auth); 2] = [
        |auth| {
            let store = MemoryStore::default();
            drop(aura_http::Driver::with_session_store(auth, aura_http::HttpClient::new(), store));
        },
        |auth| {
            let store = MemoryStore::default();
            drop(aura_blocking::Driver::with_session_store(auth, aura_blocking::UreqClient::new(), store));
        },
    ];
    let logged = |make: fn(Auth), policy: SessionPolicy| {
        let log = Log::default();
        let _listening = log.listen();
        make(auth(|builder| builder.base_url("https://app.test").session(policy)));
        log.text()
    };
    for make in make {
        assert!(logged(make, SessionPolicy::default()).contains("the driver has a store"));
        assert!(!logged(make, SessionPolicy::default().stored()).contains("the driver has a store"));
    }
}

#[tokio::test]
async fn a_request_has_a_span_with_route_and_provider_and_nothing_from_outside() {
    let log = Log::default();
    let _listening = log.listen();
    let driver = aura_http::Driver::new(auth(|builder| builder), |request: Request<Bytes>| {
        let outcome = published(&request);
        async move { outcome }
    })
    .unwrap();
    for path in ["/auth/signIn/good?login=secret", "/auth/signIn/nob%0aody", "/auth/secret"] {
        driver.answer(Request::get(path).body(Empty::<Bytes>::new()).unwrap()).await;
    }
    let text = log.text();
    for span in [
        r#"aura.request{route="signIn" provider="good"}: aura: SIGN_IN_INITIATED"#,
        r#"aura.request{route="signIn"}: aura: REQUEST_PROVIDER_UNKNOWN"#,
        r#"aura.request: aura: INVALID_REQUEST"#,
    ] {
        assert!(text.contains(span), "{span} is not in {text}");
    }
    assert!(!text.contains("secret"), "{text}");
}
