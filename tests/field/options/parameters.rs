//! Providers that call the client's id otherwise, or want further parameters at the token endpoint.

use super::site::{Site, answered, builder, field, work};
use aura_proto::provider::{Provider, ProviderProblem, TokenRetention};
use aura_proto::{ClientSecret, ConfigError, Purpose};
use http::Method;

fn tiktok() -> Provider {
    Provider::oauth("work", "the-key")
        .client_secret(ClientSecret::new("the-secret"))
        .authorization_endpoint("https://id.test/authorize")
        .token_endpoint("https://id.test/token")
        .userinfo_endpoint("https://id.test/userinfo")
        .revocation_endpoint("https://id.test/revoke")
}

fn of_json(more: &str) -> Result<Provider, serde_json::Error> {
    serde_json::from_str(&format!(
        r#"{{"id":"work","name":"W","kind":"oauth","client_id":"the-key","client_secret":"the-secret",
            "authorize_url":"https://id.test/authorize","token_url":"https://id.test/token",
            "userinfo_url":"https://id.test/userinfo"{more}}}"#
    ))
}

#[test]
fn fr_22_the_clients_id_goes_by_its_name_at_both_endpoints() {
    for provider in [
        tiktok().client_id_parameter("client_key"),
        of_json(r#","client_id_parameter":"client_key""#).unwrap(),
    ] {
        let mut site = Site::new(provider);
        let begun = site.request(Method::GET, "/auth/signIn/work", &[], "").location.unwrap();
        assert_eq!(field(&begun, "client_key").as_deref(), Some("the-key"));
        assert!(field(&begun, "client_id").is_none() && !begun.contains("client_id"));
        assert_eq!(site.sign_in().status, 302);
        let form = site.form(Purpose::Token);
        assert_eq!((form["client_key"].as_str(), form["client_secret"].as_str()), ("the-key", "the-secret"));
        assert!(!form.contains_key("client_id") && form.contains_key("code_verifier"));
    }
}

#[test]
fn fr_22_further_parameters_go_to_the_token_endpoint_in_every_grant() {
    let json = r#","token_parameters":{"resource":"r","audience":"https://api.test/?a=b&c"},"tokens":"kept""#;
    for provider in [
        tiktok()
            .token_parameter("resource", "r")
            .token_parameter("audience", "x")
            .token_parameter("audience", "https://api.test/?a=b&c"),
        of_json(json).unwrap(),
    ] {
        let grant = r#"{"access_token":"at","token_type":"Bearer","expires_in":3600,"refresh_token":"rt"}"#;
        let site = Site::new(provider.tokens(TokenRetention::Kept));
        let mut site = site.answering(Purpose::Token, answered(200, grant));
        assert_eq!(site.sign_in().status, 302);
        let form = site.form(Purpose::Token);
        assert_eq!((form["audience"].as_str(), form["resource"].as_str()), ("https://api.test/?a=b&c", "r"));
        assert_eq!(form["client_id"], "the-key");
        site.advance(3595);
        site.asked.clear();
        let token = site.csrf_token();
        site.request(Method::POST, "/auth/providers/work/user/refresh", &[("x-csrf-token", &token)], "");
        let form = site.form(Purpose::Token);
        assert_eq!(
            (form["grant_type"].as_str(), form["audience"].as_str()),
            ("refresh_token", "https://api.test/?a=b&c")
        );
        assert!(!String::from_utf8_lossy(site.asked.last().unwrap().1.body()).contains("audience"));
    }
    assert!(!format!("{:?}", tiktok().token_parameter("key", "s3cret")).contains("s3cret"));
}

#[test]
fn fr_22_the_protocols_own_parameters_are_refused_by_name() {
    let refused = |provider: Provider, name: &str| {
        let problem = ProviderProblem::TokenParameter { name: name.to_owned() };
        let error = builder().provider(provider).build().unwrap_err();
        assert_eq!(error, ConfigError::Provider { id: "work".to_owned(), problem });
    };
    for name in [
        "",
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "state",
    ] {
        refused(tiktok().token_parameter(name, "x"), name);
        if name != "client_id" {
            refused(tiktok().client_id_parameter(name), name);
        }
    }
    refused(tiktok().client_id_parameter("client_key").token_parameter("client_key", "x"), "client_key");
    refused(
        tiktok().client_id_parameter("client_key").authorization_parameter("client_key", "x"),
        "client_key",
    );
    refused(tiktok().client_id_parameter("client_key").request_parameters(["client_key"]), "client_key");
    refused(work("https://id.test").client_id_parameter("client_key"), "client_key");
    assert!(of_json(r#","token_parameters":{"a":7}"#).is_err());
}
