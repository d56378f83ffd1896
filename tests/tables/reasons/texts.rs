//! Texts of the errors, each of which names the cause, and `Debug` output without secrets.

use aura_client::{CallError, Client, ClientError};
use aura_proto::provider::{ProfileError, ProviderProblem};
use aura_proto::{
    ConfigError, Entropy, Error, FetchError, Finding, KeyError, ProviderTokensError, RequestError, Secret,
    SessionError, SigningAlgorithm, TokenError, UnknownAlgorithm,
};
use aura_replay::Difference;
use bytes::Bytes;
use http::Response;

#[test]
fn every_kind_of_error_has_a_text_that_names_the_cause() {
    let texts: [(String, &str); 16] = [
        (Error::from(RequestError::NoCookie).to_string(), "(no_cookie)"),
        (ProviderTokensError::Missing.to_string(), "token"),
        (SessionError::Expired.to_string(), "ended"),
        (FetchError::Untrusted.to_string(), "certificate"),
        (UnknownAlgorithm.to_string(), "RFC 7518"),
        (KeyError::Unsuitable { algorithm: SigningAlgorithm::EdDsa }.to_string(), "EdDSA"),
        (TokenError::Audience.to_string(), "audience"),
        (ProfileError::WithoutId.to_string(), "id"),
        (Difference::NotATranscript.to_string(), "transcript"),
        (CallError::RedirectTo.to_string(), "redirectTo"),
        (ClientError::TooLong.to_string(), "long"),
        (refusal(), "403"),
        (ConfigError::ErrorPage { value: "//x".to_owned() }.to_string(), "error_page"),
        (ConfigError::CookiePrefix { value: "__".to_owned() }.to_string(), "cookie_prefix"),
        (ConfigError::Provider { id: "a.b".to_owned(), problem: ProviderProblem::Id }.to_string(), "a.b"),
        (ConfigError::UnusedTokenKey.to_string(), "key"),
    ];
    for (text, named) in texts {
        assert!(text.contains(named) && text.contains(' '), "{named}: {text:?}");
    }
}

#[test]
fn a_main_that_returns_an_error_of_the_configuration_prints_its_remedy() {
    let weak = Secret::new("short").unwrap_err();
    let environment =
        aura_http::env::builder(&|name| (name == "AURA_AUTH_SECRET").then(|| "short".to_owned()));
    let errors: [(Box<dyn std::error::Error>, &str); 5] = [
        (Box::new(weak), "a secret or salt needs 32 bytes, and this one is shorter; make one with: openssl"),
        (Box::new(environment.unwrap_err()), "AURA_AUTH_SECRET: a secret or salt needs 32 bytes"),
        (
            Box::new(ConfigError::ProxyHeadersWithoutOrigins),
            "trusted_proxy_headers needs trusted_origins; list",
        ),
        (
            Box::new(ConfigError::Provider { id: "oidc".to_owned(), problem: ProviderProblem::Scope }),
            "provider oidc",
        ),
        (Box::new(ProviderProblem::Scope), "openid"),
    ];
    for (error, remedy) in errors {
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(error.to_string().contains(remedy), "{error}");
    }
    assert_eq!(format!("{:?}", Finding::NoBaseUrl), Finding::NoBaseUrl.to_string());
}

/// The answer to a page without a CSRF token.
fn refusal() -> String {
    let call = Client::new("https://app.test/auth").unwrap().csrf_token();
    let answer = Response::builder().status(403).header("content-type", "application/json");
    let answer = answer.body(Bytes::from_static(br#"{"code":"CSRF_TOKEN_MISSING"}"#)).unwrap();
    let error = call.read(answer).outcome.unwrap_err();
    let ClientError::Refused(refusal) = &error else { panic!("{error:?}") };
    assert_eq!(error.to_string(), refusal.to_string());
    refusal.to_string()
}

#[test]
fn what_is_printed_for_a_look_has_a_name_and_no_secret() {
    assert_eq!(format!("{:?}", Entropy::from_os_bytes([7; 32])), "Entropy(..)");
    assert_eq!(Finding::NoBaseUrl.option(), "base_url");
}
