//! Findings that compare the configured providers with built-in rows.

use super::{Config, Finding};
use crate::oauth::authorization::ExpectedIssuer;
use crate::oidc::issuer::Issuer;
use crate::origin::parse_http_url;
use crate::provider::{CheckedProvider, Protocol, ResponseMode, Row};
use url::Url;

/// Looks for providers that answer by a form, and for issuers that nobody compares.
pub(super) fn issuers(config: &Config, rows: &[Row]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for provider in config.providers.values() {
        if provider.response_mode() != ResponseMode::FormPost && answers_by_form(provider, rows) {
            findings.push(Finding::FormPost { provider: provider.id.clone() });
        }
        let Some(endpoints) = provider.configured() else { continue };
        let is_known = |row: &Row| row.issuer.is_some() && is_at(&endpoints.authorization, row);
        if endpoints.issuer == ExpectedIssuer::Unknown && rows.iter().any(is_known) {
            findings.push(Finding::IssuerUnchecked { provider: provider.id.clone() });
        }
    }
    findings
}

/// Tells whether a provider is one whose row answers by a form, and is asked for more than an id.
fn answers_by_form(provider: &CheckedProvider, rows: &[Row]) -> bool {
    let asks = |row: &&Row| row.authorization_parameters.contains(&("response_mode", "form_post"));
    let is_its = |row: &Row| match (provider.openid(), provider.configured()) {
        (Some(openid), _) => {
            row.issuer.is_some_and(|known| openid.issuer == Issuer::Exactly(known.to_owned()))
        }
        (None, Some(endpoints)) => is_at(&endpoints.authorization, row),
        (None, None) => false,
    };
    rows.iter().filter(asks).any(is_its) && !matches!(provider.scope.as_str(), "" | "openid")
}

/// Tells whether an authorization endpoint is that of a row: of an OpenID Provider it is known on which origin it is.
fn is_at(endpoint: &Url, row: &Row) -> bool {
    match row.protocol {
        Protocol::OAuth => endpoint.as_str().starts_with(row.authorization_endpoint),
        Protocol::OpenId => {
            row.issuer.and_then(parse_http_url).is_some_and(|issuer| issuer.origin() == endpoint.origin())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Builder;
    use crate::provider::Provider;
    use crate::provider::test_rows::{APPLE, GITHUB, GOOGLE};
    use crate::secret::{ClientSecret, Salt, Secret};

    fn findings(provider: Provider) -> Vec<Finding> {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let builder =
            Builder::new(secret, salt).base_url("https://app.test").provider(provider.with_id("two"));
        builder.build().unwrap().findings(&[APPLE, GITHUB, GOOGLE])
    }

    fn of(row: Row) -> Provider {
        row.with_client("id", ClientSecret::new("secret"))
    }

    /// Describes a provider by its endpoint, as if no row were known.
    fn by_hand(authorize_url: &str, scope: &str) -> Provider {
        Provider::oauth("two", "id")
            .authorization_endpoint(authorize_url)
            .token_endpoint("https://two.test/token")
            .userinfo_endpoint("https://two.test/userinfo")
            .scope(scope)
    }

    fn unchecked() -> Finding {
        Finding::IssuerUnchecked { provider: "two".to_owned() }
    }

    fn form_post() -> Finding {
        Finding::FormPost { provider: "two".to_owned() }
    }

    #[test]
    fn a_provider_that_answers_by_a_form_is_to_be_asked_for_one() {
        assert_eq!(findings(of(APPLE).without_authorization_parameter("response_mode")), [form_post()]);
        let only_the_id = of(APPLE).without_authorization_parameter("response_mode").scope("openid");
        assert_eq!(findings(only_the_id), []);
        let apple =
            |scope| by_hand("https://appleid.apple.com/auth/authorize", scope).issuer("https://a.test");
        assert_eq!(findings(apple("name email")), [form_post()]);
        assert_eq!(findings(apple("name email").authorization_parameter("response_mode", "form_post")), []);
        assert_eq!(findings(apple("")), []);
    }

    #[test]
    fn a_provider_that_may_name_itself_is_to_have_an_issuer() {
        assert_eq!(findings(of(GITHUB).without_issuer()), [unchecked()]);
        let google = || by_hand("https://accounts.google.com/o/oauth2/v2/auth", "profile");
        assert_eq!(findings(google()), [unchecked()]);
        assert_eq!(findings(google().issuer(GOOGLE.issuer.unwrap())), []);
        assert_eq!(findings(by_hand("https://accounts.google.com.two.test/auth", "profile")), []);
    }
}
