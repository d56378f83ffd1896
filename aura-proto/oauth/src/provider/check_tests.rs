//! Tests of the check of a provider: each mistake has its problem.

use super::super::check_parameters::RESERVED;
use super::*;
use crate::oidc::issuer::Tenants;
use crate::provider::test_rows::*;
use crate::provider::{Profile, Row};
use crate::secret::ClientSecret;
use aura_jose::{SigningAlgorithm, SigningKey};

fn gitlab() -> Provider {
    GITLAB.with_client("client", ClientSecret::new("secret"))
}

#[test]
fn the_protocols_own_parameters_are_refused() {
    for name in RESERVED.into_iter().chain([""]) {
        let error = gitlab().authorization_parameter(name, "x").validate().unwrap_err();
        assert_eq!(error, ProviderProblem::Parameter { name: name.to_owned() });
    }
    for name in RESERVED {
        let endpoint = format!("https://gitlab.com/oauth/authorize?{name}=x");
        let error = gitlab().authorization_endpoint(endpoint).validate().unwrap_err();
        assert_eq!(error, ProviderProblem::Parameter { name: name.to_owned() });
    }
    let twice = gitlab()
        .authorization_endpoint("https://gitlab.com/oauth/authorize?prompt=none")
        .authorization_parameter("prompt", "consent");
    let name = "prompt".to_owned();
    assert_eq!(twice.validate().unwrap_err(), ProviderProblem::Parameter { name });
}

#[test]
fn parameters_are_added_replaced_removed_and_sorted() {
    let atlassian = ATLASSIAN
        .with_client("client", ClientSecret::new("secret"))
        .authorization_parameter("audience", "other")
        .without_authorization_parameter("prompt")
        .authorization_parameter("zone", "eu")
        .authorization_parameter("empty", "")
        .authorization_parameter("login_hint", "ada");
    let expected = [("login_hint", "ada"), ("audience", "other"), ("zone", "eu")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(atlassian.validate().unwrap().authorization_parameters, expected);
}

#[test]
fn an_issuer_is_a_url_as_it_is_spelled() {
    let issuer =
        |provider: Provider| provider.validate().map(|valid| valid.configured().unwrap().issuer.clone());
    let wrong = Err(ProviderProblem::Issuer);
    let spelled = "https://Example.com/".to_owned();
    assert_eq!(issuer(gitlab()), Ok(ExpectedIssuer::Unknown));
    assert_eq!(issuer(gitlab().issuer(&spelled)), Ok(ExpectedIssuer::IfSent(spelled.clone())));
    let always = gitlab().issuer(&spelled).iss(IssParameter::Always);
    assert_eq!(issuer(always), Ok(ExpectedIssuer::Always(spelled)));
    assert_eq!(issuer(gitlab().iss(IssParameter::Always)), wrong);
    for text in ["", "gitlab.com", "http://gitlab.com", "https://gitlab.com?x", "https://gitlab.com#x"] {
        assert_eq!(issuer(gitlab().issuer(text)), wrong, "{text}");
    }
    let own = GITHUB.with_client("client", ClientSecret::new("secret")).without_issuer();
    assert_eq!(issuer(own), Ok(ExpectedIssuer::Unknown));
}

#[test]
fn headers_are_checked_and_filled_in() {
    let twitch = TWITCH.with_client("me", ClientSecret::new("secret")).validate().unwrap();
    assert_eq!(
        twitch.userinfo_headers,
        [(HeaderName::from_static("client-id"), HeaderValue::from_static("me"))]
    );
    for (name, value) in
        [("Authorization", "x"), ("host", "x"), ("Cookie", "x"), ("a b", "x"), ("a", "x\r\ny: z"), ("", "x")]
    {
        let error = gitlab().userinfo_header(name, value).validate().unwrap_err();
        assert_eq!(error, ProviderProblem::Header { name: name.to_owned() });
    }
}

#[test]
fn se_03_the_token_may_stand_in_the_path_of_userinfo_and_nowhere_else() {
    let hubspot = HUBSPOT.with_client("client", ClientSecret::new("secret")).validate().unwrap();
    assert!(matches!(hubspot.configured().unwrap().userinfo, Some(UserInfoEndpoint::Path(_))));
    for url in [
        "https://x.test/?token={access_token}",
        "https://{access_token}.x.test/",
        "https://x.test/{access_token}/{access_token}",
        "https://x.test/{access_token}?x={access_token}",
        "https://x.test/%7Baccess_token%7D",
    ] {
        let error = gitlab().userinfo_endpoint(url).validate().unwrap_err();
        assert_eq!(error, ProviderProblem::Endpoint { option: "userinfo_url" }, "{url}");
    }
}

#[test]
fn an_endpoint_that_no_request_can_name_is_a_mistake() {
    let long = format!("https://x.test/{}", "a".repeat(70_000));
    for url in ["https://a{b.test/", long.as_str()] {
        let token = gitlab().token_endpoint(url).validate().unwrap_err();
        assert_eq!(token, ProviderProblem::Endpoint { option: "token_url" });
        let revocation = gitlab().revocation_endpoint(url).validate().unwrap_err();
        assert_eq!(revocation, ProviderProblem::Endpoint { option: "revocation_url" });
    }
}

#[test]
fn a_pointer_that_points_nowhere_is_a_mistake() {
    let error = gitlab().profile(Profile::default().name_at(["/a", "name"])).validate().unwrap_err();
    assert_eq!(error, ProviderProblem::Pointer { pointer: "name".to_owned() });
}

#[test]
fn an_id_is_one_to_64_letters_digits_hyphens_and_underscores() {
    for id in ["a", "A-b_9", &"x".repeat(64)] {
        assert!(gitlab().with_id(id).validate().is_ok(), "{id}");
    }
    for id in ["", "a.b", "a/b", "a b", "\u{e9}", &"x".repeat(65)] {
        let error = gitlab().with_id(id).validate().unwrap_err();
        assert_eq!(error, ProviderProblem::Id);
    }
}

#[test]
fn only_response_mode_form_post_is_answered_by_a_form() {
    let mode = |name: &str, value: &str| {
        gitlab().authorization_parameter(name, value).validate().unwrap().response_mode()
    };
    assert!(matches!(mode("response_mode", "form_post"), ResponseMode::FormPost));
    assert!(matches!(mode("display", "form_post"), ResponseMode::Query));
    assert!(matches!(mode("response_mode", "query"), ResponseMode::Query));
}

fn of(row: Row) -> Provider {
    row.with_client("client", ClientSecret::new("secret"))
}

fn error(provider: Provider) -> ProviderProblem {
    provider.validate().unwrap_err()
}

fn issuer(provider: Provider) -> Issuer {
    provider.validate().unwrap().openid().unwrap().issuer.clone()
}

#[test]
fn an_issuer_is_given_and_whole() {
    let name = "application_slug".to_owned();
    assert_eq!(error(of(AUTHENTIK)), ProviderProblem::IssuerParameter { name });
    assert_eq!(error(of(KEYCLOAK)), ProviderProblem::Issuer);
    let document = "https://id.test/realms/main/.well-known/openid-configuration";
    assert_eq!(error(of(KEYCLOAK).issuer(document)), ProviderProblem::Issuer);
    for text in ["", "id.test", "http://id.test", "https://id.test?x", "https://id.test#x"] {
        assert_eq!(error(of(AUTHENTIK).issuer(text)), ProviderProblem::Issuer, "{text}");
    }
    let whole = of(AUTHENTIK).issuer_parameter("application_slug", "my-app");
    let text = "https://authentik.company/application/o/my-app/".to_owned();
    assert_eq!(issuer(whole), Issuer::Exactly(text));
}

#[test]
fn endpoints_are_the_issuers_to_say_and_the_scope_has_openid() {
    assert_eq!(
        error(of(GOOGLE).token_endpoint("https://evil.test/token")),
        ProviderProblem::Endpoint { option: "token_url" }
    );
    assert_eq!(error(of(GOOGLE).scope("profile")), ProviderProblem::Scope);
    for name in ["state", "nonce", "response_mode", "request_uri", "redirectTo"] {
        let error = error(of(GOOGLE).request_parameters([name]));
        assert_eq!(error, ProviderProblem::Parameter { name: name.to_owned() });
    }
    for (name, value) in [("max_age", "soon"), ("response_mode", "fragment")] {
        let error = error(of(GOOGLE).authorization_parameter(name, value));
        assert_eq!(error, ProviderProblem::Parameter { name: name.to_owned() });
    }
}

#[test]
fn a_secret_that_signs_id_tokens_is_there() {
    assert_eq!(error(LINE.with_public_client("client")), ProviderProblem::IdTokenKey);
    // RFC 8037 appendix A.1.
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key = SigningKey::from_jwk(SigningAlgorithm::EdDsa, jwk).unwrap();
    assert_eq!(error(of(LINE).private_key_jwt(key)), ProviderProblem::IdTokenKey);
    assert!(of(LINE).validate().is_ok());
    let published = LINE.with_public_client("client").id_token_key(IdTokenKey::Published);
    assert!(published.validate().is_ok());
}

#[test]
fn mx_05_a_tenant_has_an_issuer_of_its_own_and_the_shared_ones_stand_for_many() {
    let entra = |tenant| of(MICROSOFT_ENTRA_ID).issuer_parameter("tenant", tenant);
    let own = "https://login.microsoftonline.com/7f58/v2.0".to_owned();
    assert_eq!(issuer(entra("7f58")), Issuer::Exactly(own));
    for shared in ["common", "organizations", "consumers"] {
        let published_at = format!("https://login.microsoftonline.com/{shared}/v2.0");
        let any = Issuer::PerTenant { published_at: published_at.clone(), tenants: Tenants::Any };
        assert_eq!(issuer(entra(shared)), any);
        let tenants = Tenants::Listed(vec!["7f58".to_owned()]);
        let listed = Issuer::PerTenant { published_at, tenants };
        assert_eq!(issuer(entra(shared).tenants(["7f58"])), listed);
    }
    let plain = of(KEYCLOAK).issuer("https://id.test/common/x");
    assert_eq!(issuer(plain), Issuer::Exactly("https://id.test/common/x".to_owned()));
}

#[test]
fn an_issuer_that_names_a_tenant_is_that_tenants_own_whatever_is_listed() {
    let one = "https://login.microsoftonline.com/0b5c6f2e-5f0a-4d0b-9f7e-2f3b1c4d5e6f/v2.0";
    let entra = of(MICROSOFT_ENTRA_ID).issuer(one).tenants(["t-1"]);
    assert_eq!(issuer(entra), Issuer::Exactly(one.to_owned()));
}
