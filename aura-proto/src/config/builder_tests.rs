//! Tests of the builder.

use super::*;
use crate::provider::ProviderProblem;
use crate::secret::ClientSecret;
use aura_providers::GITHUB;
use std::time::Duration;

fn builder() -> Builder {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    Builder::new(secret, Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap())
}

fn github() -> Provider {
    GITHUB.with_client("id", ClientSecret::new("secret"))
}

#[test]
fn each_mistake_is_one_error() {
    let value = |text: &str| text.to_owned();
    let lives = |max_age| SessionPolicy::default().max_age(max_age);
    for (builder, error) in [
        (builder().base_url("https://a.test/x"), ConfigError::BaseUrl { value: value("https://a.test/x") }),
        (builder().base_path("auth"), ConfigError::BasePath { value: value("auth") }),
        (builder().base_path("/"), ConfigError::BasePath { value: value("/") }),
        (builder().base_path("/a/"), ConfigError::BasePath { value: value("/a/") }),
        (builder().base_path("/a/../b"), ConfigError::BasePath { value: value("/a/../b") }),
        (builder().trusted_origins(["*"]), ConfigError::TrustedOrigin { value: value("*") }),
        (
            builder().base_url("https://a.test").trusted_proxy_headers(),
            ConfigError::ProxyHeadersWithoutOrigins,
        ),
        (
            builder().cookies(Cookies::default().prefix("a;b")),
            ConfigError::CookiePrefix { value: value("a;b") },
        ),
        (builder().session(lives(Duration::ZERO)), ConfigError::SessionLength),
        (builder().session(lives(Duration::MAX)), ConfigError::SessionLength),
        (
            builder().provider(GITHUB.with_client("", ClientSecret::new("s"))),
            ConfigError::Provider { id: value("github"), problem: ProviderProblem::Credentials },
        ),
        (
            builder().provider(GITHUB.with_client("id", ClientSecret::new(""))),
            ConfigError::Provider { id: value("github"), problem: ProviderProblem::Credentials },
        ),
        (
            builder().provider(github()).provider(github()),
            ConfigError::Provider { id: value("github"), problem: ProviderProblem::Duplicate },
        ),
    ] {
        assert_eq!(builder.build().unwrap_err(), error);
    }
}

#[test]
fn ts_03_endpoints_are_https_or_on_this_machine() {
    for (url, sound) in [
        ("https://mock.test/t", true),
        ("http://localhost:1/t", true),
        ("http://127.0.0.1:1/t", true),
        ("http://mock.test/t", false),
        ("http://localhost.mock.test/t", false),
        ("ftp://localhost/t", false),
        ("file:///etc/passwd", false),
        ("https://user@mock.test/t", false),
        ("", false),
    ] {
        let data = format!(
            r#"{{"id":"m","name":"M","kind":"oauth","authorize_url":"https://m.test","token_url":"{url}",
                "userinfo_url":"https://m.test","client_id":"id"}}"#
        );
        let provider: Provider = serde_json::from_str(&data).unwrap();
        assert_eq!(builder().provider(provider).build().is_ok(), sound, "{url}");
    }
}
