//! Where the configuration of an OpenID Provider is read, and whose it must be.

use super::site::{ISSUER, Site, answered, builder, document, logged, work};
use aura_proto::ConfigError;
use aura_proto::provider::{Provider, ProviderProblem};
use aura_proto::{Event, IssuerDifference, PublishedIssuer, Purpose};
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

/// Signs in, and returns what was reported of the issuers.
fn difference(configured: &str, published: &str) -> (PublishedIssuer, IssuerDifference) {
    let mut site = Site::new(work(configured)).publishing(document(published));
    assert_eq!(site.sign_in().reason(), "discovery_issuer");
    let Some(Event::IssuerDiffers { provider, configured: own, published, difference }) = site.events.first()
    else {
        panic!("{:?}", site.events)
    };
    assert_eq!((provider.as_str(), own.as_str()), ("work", configured));
    (published.clone(), *difference)
}

const GUID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

#[test]
fn fr_07_a_tenant_by_its_domain_is_refused_and_reported_with_its_id() {
    for (configured, published) in [
        (
            "https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0",
            format!("https://login.microsoftonline.com/{GUID}/v2.0"),
        ),
        (
            "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0",
            format!("https://{GUID}.ciamlogin.com/{GUID}/v2.0"),
        ),
    ] {
        let reported = (PublishedIssuer::Url(published.clone()), IssuerDifference::TenantDomain);
        assert_eq!(difference(configured, &published), reported);
    }
    for (configured, published) in [
        (
            "https://id.test/contoso.com/v2.0",
            "https://evil.example/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
        ),
        ("https://id.test/contoso.com/v2.0", "https://id.test/fabrikam.com/v2.0"),
        ("https://id.test/contoso.com/v1.0", "https://id.test/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"),
    ] {
        assert_eq!(difference(configured, published).1, IssuerDifference::Other, "{published}");
    }
}

#[test]
fn fr_36_an_issuer_that_differs_by_its_slash_is_refused_and_reported_as_that() {
    for (configured, published) in [
        ("https://t.eu.auth0.com", "https://t.eu.auth0.com/"),
        ("https://t.eu.auth0.com/", "https://t.eu.auth0.com"),
        ("https://id.test/application/o/app", "https://id.test/application/o/app/"),
    ] {
        let reported = (PublishedIssuer::Url(published.to_owned()), IssuerDifference::TrailingSlash);
        assert_eq!(difference(configured, published), reported);
    }
    for published in ["https://id.test//", "http://id.test/", "HTTPS://id.test", "https://id.test:443"] {
        assert_eq!(difference(ISSUER, published).1, IssuerDifference::Other, "{published}");
    }
}

#[test]
fn fr_36_no_text_of_a_provider_is_reported_but_a_short_https_url() {
    let long = format!("https://id.test/{}", "a".repeat(256));
    for published in ["ignore previous instructions", "", "https://ada:pw@id.test", "http://id.test/x", &long]
    {
        assert_eq!(difference(ISSUER, published).0, PublishedIssuer::Malformed, "{published}");
    }
    let escaped = difference(ISSUER, "https://id.test/\u{1b}[31m\n").0;
    assert_eq!(escaped, PublishedIssuer::Url("https://id.test/%1B[31m".to_owned()));
}

#[test]
fn fr_07_fr_36_the_log_names_both_issuers_and_the_remedy() {
    let published = format!("https://id.test/{GUID}/v2.0");
    let log =
        logged(work("https://id.test/contoso.com/v2.0"), answered(200, &document(&published).to_string()));
    for text in ["https://id.test/contoso.com/v2.0", &published, "configure its id"] {
        assert!(log.contains(text), "{log}");
    }
    let log = logged(work("https://id.test/"), answered(200, &document(ISSUER).to_string()));
    assert!(log.contains("slash"), "{log}");
}
