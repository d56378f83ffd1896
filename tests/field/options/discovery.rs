//! Where the configuration of an OpenID Provider is read, and whose it must be.

use super::site::{ISSUER, Site, answered, builder, document, work};
use aura_proto::ConfigError;
use aura_proto::Purpose;
use aura_proto::provider::{Provider, ProviderProblem};
use serde_json::json;

const ELSEWHERE: &str = "https://id.test/t.onmicrosoft.com/B2C_1_x/v2.0/.well-known/openid-configuration";

fn asked(site: &Site) -> String {
    site.asked[0].1.uri().to_string()
}

#[test]
fn fr_06_the_configuration_is_read_at_discovery_url_and_is_the_issuers() {
    for issuer in ["https://id.test/7f58/v2.0/", "https://id.test", "https://id.test/"] {
        let provider = work(issuer).discovery_url(ELSEWHERE);
        let mut site = Site::new(provider).publishing(document(issuer));
        assert_eq!(site.sign_in().status, 302);
        assert_eq!(asked(&site), ELSEWHERE);
    }
    let json = format!(
        r#"{{"id":"work","name":"Work","kind":"oidc","client_id":"client","issuer":"{ISSUER}",
            "pushed_requests":"never","discovery_url":"{ELSEWHERE}"}}"#
    );
    let mut site = Site::new(serde_json::from_str(&json).unwrap());
    assert_eq!(site.sign_in().status, 302);
    assert_eq!(asked(&site), ELSEWHERE);
}

#[test]
fn fr_06_discovery_url_comes_from_the_environment_too() {
    let lookup = |name: &str| match name {
        "KEYCLOAK_CLIENT_ID" | "KEYCLOAK_CLIENT_SECRET" => Some("client".to_owned()),
        "KEYCLOAK_ISSUER" => Some(ISSUER.to_owned()),
        "AURA_KEYCLOAK_DISCOVERY_URL" => Some(ELSEWHERE.to_owned()),
        _ => None,
    };
    let provider =
        aura_http::env::Environment::new(&lookup).provider(&aura_providers::KEYCLOAK).unwrap().unwrap();
    let mut site = Site::new(provider.with_id("work"));
    site.sign_in();
    assert_eq!(asked(&site), ELSEWHERE);
}

#[test]
fn fr_06_another_issuer_at_discovery_url_is_refused_and_so_are_its_tokens() {
    for published in ["https://id.test/other", "https://id.test/", "https://evil.test"] {
        let mut site = Site::new(work(ISSUER).discovery_url(ELSEWHERE)).publishing(document(published));
        assert_eq!(site.sign_in().reason(), "discovery_issuer", "{published}");
    }
    let mut site = Site::new(work(ISSUER).discovery_url(ELSEWHERE));
    site.claims = json!({ "iss": "https://id.test/t.onmicrosoft.com/B2C_1_x/v2.0" });
    assert_eq!(site.sign_in().reason(), "id_token_issuer");
    for url in
        ["http://id.test/c", "ftp://id.test/c", "https://u@id.test/c", "https://id.test/c#f", "id.test", ""]
    {
        let error = builder().provider(work(ISSUER).discovery_url(url)).build().unwrap_err();
        let problem = ProviderProblem::DiscoveryUrl;
        assert_eq!(error, ConfigError::Provider { id: "work".to_owned(), problem }, "{url}");
    }
    let json = r#"{"id":"a","name":"A","kind":"oauth","client_id":"c","authorize_url":"https://a.test/a",
        "token_url":"https://a.test/t","userinfo_url":"https://a.test/u","discovery_url":"https://a.test/d"}"#;
    assert!(serde_json::from_str::<Provider>(json).is_err());
}

#[test]
fn fr_27_a_redirect_of_the_configuration_is_refused_and_the_reason_names_the_option() {
    for status in [301, 302, 303, 307, 308] {
        let mut redirect = answered(status, "{}").unwrap();
        let target = "https://id.test/index.php/.well-known/openid-configuration".parse().unwrap();
        redirect.headers_mut().insert("location", target);
        let mut site = Site::new(work(ISSUER)).answering(Purpose::Discovery, Ok(redirect));
        let end = site.sign_in();
        assert_eq!((end.status, end.reason()), (502, "discovery_redirected"));
        assert!(end.message().contains("discovery_url") && !end.message().contains("index.php"));
        assert_eq!(site.asked.len(), 1, "nobody followed");
    }
    let mut site = Site::new(work(ISSUER)).answering(Purpose::Discovery, answered(404, "{}"));
    assert_eq!(site.sign_in().reason(), "discovery_status");
}
