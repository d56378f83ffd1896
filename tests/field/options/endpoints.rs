//! Endpoints that a provider publishes and that are not allowed, and those behind a container network.

use super::site::{ISSUER, Site, builder, document, work};
use aura_proto::provider::{Provider, ProviderProblem, PushedRequests, TokenRetention};
use aura_proto::{ConfigError, Event, Purpose};
use http::Method;
use serde_json::{Value, json};

const KEYCLOAK: &str = "http://keycloak:8080";

/// Keycloak with a dynamic back channel: every endpoint that servers ask is inside.
fn inside() -> Value {
    let mut document = document(ISSUER);
    for (name, path) in [
        ("token_endpoint", "token"),
        ("jwks_uri", "certs"),
        ("userinfo_endpoint", "userinfo"),
        ("revocation_endpoint", "revoke"),
        ("pushed_authorization_request_endpoint", "par"),
    ] {
        document[name] = format!("{KEYCLOAK}/realms/m/{path}").into();
    }
    document
}

fn publishing(name: &str, value: &Value) -> Site {
    let mut document = document(ISSUER);
    document[name] = value.clone();
    Site::new(work(ISSUER).pushed_requests(PushedRequests::Offered)).publishing(document)
}

/// Endpoints that are not allowed.
const ODD: [&str; 10] = [
    "http://id.test/x",
    "http://keycloak:8080/x",
    "https://10.0.0.1/x",
    "https://169.254.169.254/latest",
    "https://localhost/x",
    "https://u:p@id.test/x",
    "https://id.test/x#f",
    "file:///etc/passwd",
    "/relative",
    "",
];

#[test]
fn fr_24_an_odd_endpoint_that_is_optional_counts_as_absent() {
    for odd in ODD {
        for member in [
            "userinfo_endpoint",
            "revocation_endpoint",
            "end_session_endpoint",
            "pushed_authorization_request_endpoint",
        ] {
            let mut site = publishing(member, &json!(odd));
            assert_eq!(site.sign_in().status, 302, "{member} {odd}");
            assert_eq!(site.events[0], Event::EndpointIgnored { provider: "work".to_owned(), member });
            assert!(site.asked.iter().all(|(_, request)| request.uri().host() == Some("id.test")));
        }
    }
}

#[test]
fn fr_24_an_odd_endpoint_that_is_required_and_one_of_another_type_refuse() {
    for odd in ODD {
        for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let mut site = publishing(member, &json!(odd));
            let end = site.sign_in();
            assert_eq!((end.status, end.reason()), (502, "discovery_endpoint"), "{member} {odd}");
            assert!(end.message().contains("backchannel_origins"));
            assert_eq!(site.events[0], Event::EndpointRefused { provider: "work".to_owned(), member });
        }
        let mut site = publishing("pushed_authorization_request_endpoint", &json!(odd));
        site.document["require_pushed_authorization_requests"] = true.into();
        assert_eq!(site.sign_in().reason(), "discovery_endpoint", "{odd}");
    }
    for member in ["token_endpoint", "userinfo_endpoint", "end_session_endpoint"] {
        assert_eq!(publishing(member, &json!(7)).sign_in().reason(), "discovery_malformed");
    }
}

#[test]
fn fr_24_listed_origins_are_asked_by_http_for_what_servers_ask() {
    let provider = work(ISSUER).pushed_requests(PushedRequests::Offered).tokens(TokenRetention::Kept);
    let json = format!(
        r#"{{"id":"work","name":"Work","kind":"oidc","client_id":"client","issuer":"{ISSUER}","tokens":"kept",
            "backchannel_origins":["{KEYCLOAK}"]}}"#
    );
    let lookup = |name: &str| match name {
        "KEYCLOAK_CLIENT_ID" | "KEYCLOAK_CLIENT_SECRET" => Some("client".to_owned()),
        "KEYCLOAK_ISSUER" => Some(ISSUER.to_owned()),
        "KEYCLOAK_BACKCHANNEL_ORIGINS" => Some(format!("https://other.test, {KEYCLOAK}")),
        _ => None,
    };
    let environment = aura_http::env::Environment::new(&lookup);
    let of_environment = environment.provider(&aura_providers::KEYCLOAK).unwrap().unwrap().with_id("work");
    for provider in [
        provider.backchannel_origins([KEYCLOAK]),
        serde_json::from_str(&json).unwrap(),
        of_environment.tokens(TokenRetention::Kept),
    ] {
        let mut site = Site::new(provider).publishing(inside());
        assert_eq!(site.sign_in().location.as_deref(), Some("/"));
        let token = site.csrf_token();
        let path = "/auth/providers/work/tokens/revoke";
        site.request(Method::POST, path, &[("x-csrf-token", &token)], "");
        let asked = site.asked.iter().filter(|(_, request)| request.uri().scheme_str() == Some("http"));
        let mut purposes: Vec<_> = asked.map(|(purpose, _)| *purpose).collect();
        purposes.sort();
        assert_eq!(
            purposes,
            [Purpose::Jwks, Purpose::PushedRequest, Purpose::Token, Purpose::UserInfo, Purpose::Revocation,]
        );
    }
    let own = Provider::oauth("work", "client")
        .authorization_endpoint("https://id.test/authorize")
        .token_endpoint(format!("{KEYCLOAK}/token"))
        .userinfo_endpoint(format!("{KEYCLOAK}/userinfo"));
    assert_eq!(Site::new(own.backchannel_origins([KEYCLOAK])).sign_in().status, 302);
}

#[test]
fn fr_24_a_listed_origin_allows_no_page_and_no_other_origin() {
    let listed = || work(ISSUER).backchannel_origins([KEYCLOAK]);
    for (member, url) in [
        ("authorization_endpoint", "http://keycloak:8080/authorize"),
        ("token_endpoint", "http://keycloak:8081/token"),
        ("token_endpoint", "http://keycloak/token"),
        ("token_endpoint", "https://keycloak.evil.test:8080@10.0.0.1/token"),
        ("jwks_uri", "http://keycloak:8080/certs#f"),
        ("jwks_uri", "http://u@keycloak:8080/certs"),
    ] {
        let mut site = Site::new(listed()).publishing(inside());
        site.document[member] = url.into();
        assert_eq!(site.sign_in().reason(), "discovery_endpoint", "{url}");
    }
    let mut site =
        Site::new(listed().sign_out(aura_proto::provider::SignOutScope::Provider)).publishing(inside());
    site.document["end_session_endpoint"] = "http://keycloak:8080/logout".into();
    assert_eq!(site.sign_in().status, 302);
    let member = "end_session_endpoint";
    assert_eq!(site.events[0], Event::EndpointIgnored { provider: "work".to_owned(), member });
    for origin in ["keycloak:8080", "http://keycloak:8080/realms", "http://*", "", "http://u@keycloak"] {
        let error = builder().provider(work(ISSUER).backchannel_origins([origin])).build().unwrap_err();
        let problem = ProviderProblem::BackchannelOrigin { origin: origin.to_owned() };
        assert_eq!(error, ConfigError::Provider { id: "work".to_owned(), problem });
    }
    let end = Site::new(work(ISSUER)).publishing(inside()).sign_in();
    assert_eq!(end.reason(), "discovery_endpoint", "not without the option");
}
