//! The check of an OpenID Provider: its options and its issuer. What it publishes is checked in each flow.

use super::openid::open_parameters;
use super::options::{ClaimsSource, EndSession, IdTokenKey, IssParameter, PushedRequests, SignOutScope};
use super::{Provider, ProviderProblem};
use crate::error::ProviderError;
use crate::oauth::client_auth::ClientAuthentication;
use crate::oidc::discovery::Metadata;
use crate::oidc::issuer::Issuer;
use crate::origin::Origin;
use crate::secret::ClientSecret;
use bytes::Bytes;
use http::{Response, Uri};

/// What stands in an issuer's path for more than one tenant (Microsoft Entra ID).
const SHARED_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// What verifies a provider's ID tokens.
#[derive(Clone, Debug)]
pub(crate) enum IdTokens {
    /// A key that it publishes.
    SignedByPublishedKey,
    /// The client's secret.
    SignedBySecret(ClientSecret),
}

/// What is configured about an OpenID Provider, checked.
#[derive(Clone, Debug)]
pub(crate) struct OpenId {
    pub(crate) issuer: Issuer,
    pub(crate) discovery_url: Uri,
    /// Where endpoints may be that only this server asks.
    pub(crate) backchannel_origins: Vec<Origin>,
    pub(crate) iss: IssParameter,
    pub(crate) claims_source: ClaimsSource,
    pub(crate) id_tokens: IdTokens,
    pub(crate) pushed_requests: PushedRequests,
    pub(crate) sign_out: SignOutScope,
    pub(crate) end_session: EndSession,
    pub(crate) trusted_audiences: Vec<String>,
    pub(crate) userinfo_endpoint: Option<Uri>,
    pub(crate) revocation_endpoint: Option<Uri>,
}

impl OpenId {
    /// Reads a published configuration: one that this provider may publish, and that says how to verify its ID tokens.
    pub(crate) fn read(&self, response: &Response<Bytes>) -> Result<Metadata, ProviderError> {
        let metadata = Metadata::parse(response, &self.issuer, &self.backchannel_origins)?;
        match self.id_tokens {
            IdTokens::SignedByPublishedKey if metadata.id_token_algorithms.is_empty() => {
                Err(ProviderError::DiscoveryAlgorithms)
            }
            IdTokens::SignedByPublishedKey | IdTokens::SignedBySecret(_) => Ok(metadata),
        }
    }
}

impl Provider {
    /// Checks what is said of an OpenID Provider. Its endpoints are not: they are those that it publishes.
    pub(super) fn check_openid(
        &self,
        authentication: &ClientAuthentication,
    ) -> Result<OpenId, ProviderProblem> {
        for (option, endpoint) in
            [("authorize_url", &self.authorization_endpoint), ("token_url", &self.token_endpoint)]
        {
            if !endpoint.is_empty() {
                return Err(ProviderProblem::Endpoint { option });
            }
        }
        if !self.scope.split(' ').any(|name| name == "openid") {
            return Err(ProviderProblem::Scope);
        }
        let text = self.issuer.clone().ok_or(ProviderProblem::Issuer)?;
        if let Some(name) = open_parameters(&text).next() {
            return Err(ProviderProblem::IssuerParameter { name: name.to_owned() });
        }
        Self::issuer_url(&text)?;
        let shared = text.split('/').any(|segment| SHARED_TENANTS.contains(&segment));
        let issuer = match &self.tenants {
            Some(tenants) if shared => Issuer::PerTenant { published_at: text, tenants: tenants.clone() },
            // An issuer that names a tenant is that tenant's own.
            Some(_) | None => Issuer::Exactly(text),
        };
        let optional = |option, text: &str| {
            (!text.is_empty()).then(|| self.backchannel_endpoint(option, text)).transpose()
        };
        let revocation = self.revocation_endpoint.as_deref().unwrap_or_default();
        Ok(OpenId {
            discovery_url: match &self.discovery_url {
                Some(url) => {
                    Self::request_endpoint("discovery_url", url).map_err(|_| ProviderProblem::DiscoveryUrl)?
                }
                None => issuer.discovery_url().ok_or(ProviderProblem::Issuer)?,
            },
            issuer,
            backchannel_origins: self.check_backchannel_origins()?,
            iss: self.iss,
            claims_source: self.claims_source,
            id_tokens: self.check_id_token_key(authentication)?,
            pushed_requests: self.pushed_requests,
            sign_out: self.sign_out,
            end_session: self.end_session,
            trusted_audiences: self.trusted_audiences.clone(),
            userinfo_endpoint: optional("userinfo_url", &self.userinfo_endpoint)?,
            revocation_endpoint: optional("revocation_url", revocation)?,
        })
    }

    fn check_id_token_key(&self, authentication: &ClientAuthentication) -> Result<IdTokens, ProviderProblem> {
        match (self.id_token_key, authentication.secret()) {
            (IdTokenKey::Published, _) => Ok(IdTokens::SignedByPublishedKey),
            (IdTokenKey::ClientSecret, Some(secret)) => Ok(IdTokens::SignedBySecret(secret.clone())),
            (IdTokenKey::ClientSecret, None) => Err(ProviderProblem::IdTokenKey),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::issuer::Tenants;
    use crate::provider::Row;
    use crate::provider::test_rows::{AUTHENTIK, GOOGLE, KEYCLOAK, LINE, MICROSOFT_ENTRA_ID};
    use crate::secret::ClientSecret;
    use aura_jose::{SigningAlgorithm, SigningKey};

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
}
