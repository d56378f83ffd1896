//! How a client proves itself at the token endpoint.

use super::site::{ISSUER, Site, work};
use aura_http::env::{EnvError, Environment};
use aura_proto::provider::{AssertionAudience, Provider, PushedRequests};
use aura_proto::{ClientSecret, Purpose};
use aura_providers::KEYCLOAK;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

const TOKEN_ENDPOINT: &str = "https://id.test/token";

/// Reads the claims of the assertion in a request.
pub(crate) fn assertion(site: &Site, purpose: Purpose) -> Value {
    let form = site.form(purpose);
    let claims = form["client_assertion"].split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

fn by_secret() -> Provider {
    work(ISSUER).client_secret(ClientSecret::new("a-secret")).client_secret_jwt()
}

fn of_json(more: &str) -> Provider {
    let json = format!(
        r#"{{"id":"work","name":"Work","kind":"oidc","client_id":"client","issuer":"{ISSUER}","client_secret":"s",
            "client_authentication":"client_secret_jwt","pushed_requests":"never"{more}}}"#
    );
    serde_json::from_str(&json).unwrap()
}

/// Reads a provider of the environment.
fn of_environment(method: &'static str, audience: &'static str) -> Result<Provider, EnvError> {
    let lookup = |name: &str| match name {
        "KEYCLOAK_CLIENT_ID" | "KEYCLOAK_CLIENT_SECRET" => Some("client".to_owned()),
        "KEYCLOAK_ISSUER" => Some(ISSUER.to_owned()),
        "KEYCLOAK_AUTHENTICATION" => Some(method.to_owned()),
        "KEYCLOAK_ASSERTION_AUDIENCE" => Some(audience.to_owned()),
        _ => None,
    };
    let provider = Environment::new(&lookup).provider(&KEYCLOAK)?.unwrap();
    Ok(provider.with_id("work").pushed_requests(PushedRequests::Never))
}

#[test]
fn fr_05_an_assertion_is_for_the_issuer_or_where_the_provider_says_so_for_the_token_endpoint() {
    let at_the_endpoint = AssertionAudience::TokenEndpoint;
    for (provider, audience) in [
        (by_secret(), ISSUER),
        (by_secret().client_assertion_audience(AssertionAudience::Issuer), ISSUER),
        (by_secret().client_assertion_audience(at_the_endpoint), TOKEN_ENDPOINT),
        (of_json(""), ISSUER),
        (of_json(r#","client_assertion_audience":"issuer""#), ISSUER),
        (of_json(r#","client_assertion_audience":"token_endpoint""#), TOKEN_ENDPOINT),
        (of_environment("client_secret_jwt", "issuer").unwrap(), ISSUER),
        (of_environment("client_secret_jwt", "token_endpoint").unwrap(), TOKEN_ENDPOINT),
    ] {
        let mut site = Site::new(provider);
        assert_eq!(site.sign_in().status, 302);
        assert_eq!(assertion(&site, Purpose::Token)["aud"], audience, "one alone");
    }
}

#[test]
fn fr_05_an_audience_that_is_neither_is_refused_by_name() {
    let json = r#"{"id":"a","name":"A","kind":"oidc","client_id":"c","issuer":"https://a.test","client_assertion_audience":"both"}"#;
    let error = serde_json::from_str::<Provider>(json).unwrap_err().to_string();
    assert!(error.contains("token_endpoint"), "{error}");
    let error = of_environment("client_secret_jwt", "https://id.test").unwrap_err();
    assert_eq!(error.variable(), "KEYCLOAK_ASSERTION_AUDIENCE");
    assert_eq!(of_environment("none", "issuer").unwrap_err().variable(), "KEYCLOAK_AUTHENTICATION");
}
