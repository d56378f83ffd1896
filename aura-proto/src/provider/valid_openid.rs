//! Is what an application says of an OpenID Provider sound? Its issuer is, and what it publishes is checked in each flow.

use super::Provider;
use super::openid::{IdTokenKey, IdTokens, OpenId, TenantOption, open_parameters};
use crate::config::ConfigError;
use crate::oidc::issuer::{Issuer, Tenants};

/// What stands in an issuer's path for more than one tenant (Microsoft Entra ID).
const SHARED_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

impl Provider {
    /// Checks what is said of an OpenID Provider. Its endpoints are not: they are those that it publishes.
    pub(super) fn check_openid(&self) -> Result<OpenId, ConfigError> {
        for (option, endpoint) in
            [("authorize_url", &self.authorization_endpoint), ("token_url", &self.token_endpoint)]
        {
            if !endpoint.is_empty() {
                return Err(ConfigError::ProviderEndpoint { id: self.id.clone(), option });
            }
        }
        if !self.scope.split(' ').any(|name| name == "openid") {
            return Err(ConfigError::ProviderScope { id: self.id.clone() });
        }
        let wrong = || ConfigError::ProviderIssuer { id: self.id.clone() };
        let text = self.issuer.clone().ok_or_else(wrong)?;
        if let Some(name) = open_parameters(&text).next() {
            return Err(ConfigError::ProviderIssuerParameter { id: self.id.clone(), name: name.to_owned() });
        }
        self.issuer_url(&text)?;
        let shared = text.split('/').any(|segment| SHARED_TENANTS.contains(&segment));
        let issuer = match &self.openid.tenants {
            // An issuer that names a tenant is that tenant's own.
            TenantOption::Any if shared => Issuer::PerTenant { published_at: text, tenants: Tenants::Any },
            TenantOption::Listed(listed) if shared => {
                Issuer::PerTenant { published_at: text, tenants: Tenants::Listed(listed.clone()) }
            }
            TenantOption::OneIssuer | TenantOption::Any | TenantOption::Listed(_) => Issuer::Exactly(text),
        };
        let optional =
            |option, text: &str| (!text.is_empty()).then(|| self.request_endpoint(option, text)).transpose();
        let revocation = self.revocation_endpoint.as_deref().unwrap_or_default();
        Ok(OpenId {
            discovery_url: issuer.discovery_url().ok_or_else(wrong)?,
            issuer,
            iss: self.iss,
            claims_source: self.openid.claims_source,
            id_tokens: self.check_id_token_key()?,
            pushed_requests: self.openid.pushed_requests,
            sign_out: self.openid.sign_out,
            userinfo_endpoint: optional("userinfo_url", &self.userinfo_endpoint)?,
            revocation_endpoint: optional("revocation_url", revocation)?,
        })
    }

    fn check_id_token_key(&self) -> Result<IdTokens, ConfigError> {
        match (self.openid.id_token_key, self.client_authentication.secret()) {
            (IdTokenKey::Published, _) => Ok(IdTokens::SignedByPublishedKey),
            (IdTokenKey::ClientSecret, Some(secret)) => Ok(IdTokens::SignedBySecret(secret.clone())),
            (IdTokenKey::ClientSecret, None) => Err(ConfigError::ProviderIdTokenKey { id: self.id.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{SigningAlgorithm, SigningKey};
    use crate::provider::{AUTHENTIK, GOOGLE, KEYCLOAK, LINE, MICROSOFT_ENTRA_ID, Row};
    use crate::secret::ClientSecret;

    fn of(row: Row) -> Provider {
        row.with_client("client", ClientSecret::new("secret"))
    }

    fn error(provider: Provider) -> ConfigError {
        provider.validate().unwrap_err()
    }

    fn issuer(provider: Provider) -> Issuer {
        provider.validate().unwrap().openid().unwrap().issuer.clone()
    }

    #[test]
    fn an_issuer_is_given_and_whole() {
        let id = || "authentik".to_owned();
        let name = "application_slug".to_owned();
        assert_eq!(error(of(AUTHENTIK)), ConfigError::ProviderIssuerParameter { id: id(), name });
        assert_eq!(error(of(KEYCLOAK)), ConfigError::ProviderIssuer { id: "keycloak".to_owned() });
        for text in ["", "id.test", "http://id.test", "https://id.test?x", "https://id.test#x"] {
            assert_eq!(error(of(AUTHENTIK).issuer(text)), ConfigError::ProviderIssuer { id: id() }, "{text}");
        }
        let whole = of(AUTHENTIK).issuer_parameter("application_slug", "my-app");
        let text = "https://authentik.company/application/o/my-app/".to_owned();
        assert_eq!(issuer(whole), Issuer::Exactly(text));
    }

    #[test]
    fn endpoints_are_the_issuers_to_say_and_the_scope_has_openid() {
        let id = || "google".to_owned();
        assert_eq!(
            error(of(GOOGLE).token_endpoint("https://evil.test/token")),
            ConfigError::ProviderEndpoint { id: id(), option: "token_url" }
        );
        assert_eq!(error(of(GOOGLE).scope("profile")), ConfigError::ProviderScope { id: id() });
        for name in ["state", "nonce", "response_mode", "request_uri", "redirectTo"] {
            let error = error(of(GOOGLE).request_parameters([name]));
            assert_eq!(error, ConfigError::ProviderParameter { id: id(), name: name.to_owned() });
        }
        for (name, value) in [("max_age", "soon"), ("response_mode", "fragment")] {
            let error = error(of(GOOGLE).authorization_parameter(name, value));
            assert_eq!(error, ConfigError::ProviderParameter { id: id(), name: name.to_owned() });
        }
    }

    #[test]
    fn a_secret_that_signs_id_tokens_is_there() {
        let id = || "line".to_owned();
        assert_eq!(error(LINE.with_public_client("client")), ConfigError::ProviderIdTokenKey { id: id() });
        // RFC 8037 appendix A.1.
        let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let key = SigningKey::from_jwk(SigningAlgorithm::EdDsa, jwk).unwrap();
        assert_eq!(error(of(LINE).private_key_jwt(key)), ConfigError::ProviderIdTokenKey { id: id() });
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
