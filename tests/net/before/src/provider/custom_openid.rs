//! How is an OpenID Provider described that the table lacks? As data: its issuer says the rest.

use super::openid::{ClaimsSource, IdTokenKey, PushedRequests, SignOutScope};
use super::{KEYCLOAK, Profile, Provider, SecretPlacement, TokenRetention};
use crate::secret::ClientSecret;
use serde::Deserialize;
use std::collections::BTreeMap;

/// An OpenID Provider as data (OpenID Connect Discovery 1.0). Members that it does not know are refused, so that no mistake
/// goes unnoticed.
///
/// ```
/// use aura_proto::provider::{CustomOpenIdProvider, Provider};
/// use aura_proto::ClientSecret;
///
/// let provider = Provider::from(CustomOpenIdProvider {
///     id: "work".into(),
///     name: "Work".into(),
///     issuer: "https://id.example.com".into(),
///     client_id: "client-id".into(),
///     client_secret: Some(ClientSecret::new("client-secret")),
///     ..CustomOpenIdProvider::default()
/// });
/// assert_eq!(provider.name(), "Work");
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "written out by applications, completed by the default")]
pub struct CustomOpenIdProvider {
    /// The id, which is the last segment of the provider's routes: letters, digits, `-` and `_`.
    pub id: String,
    /// The name to show on a button.
    pub name: String,
    /// The issuer, character for character as the provider spells it.
    pub issuer: String,
    /// The application's id at the provider.
    pub client_id: String,
    /// The application's secret at the provider; public clients have none (RFC 6749 section 2.1).
    #[serde(default)]
    pub client_secret: Option<ClientSecret>,
    /// Where the secret goes at the token endpoint; unsaid, where the provider publishes that it goes.
    #[serde(default)]
    pub client_authentication: Option<SecretPlacement>,
    /// The scope asked for: names separated by spaces, `openid` among them.
    #[serde(default = "default_scope")]
    pub scope: String,
    /// Further parameters of the authorization request, but for the protocol's own.
    #[serde(default)]
    pub authorization_parameters: BTreeMap<String, String>,
    /// Which further parameters each sign-in may say by its query, such as `login_hint`.
    #[serde(default)]
    pub request_parameters: Vec<String>,
    /// Where the claims hold the user; unsaid, where OpenID Connect Core 1.0 section 5.1 has them.
    #[serde(default)]
    pub profile: Option<Profile>,
    /// Where the claims about the user are read: `userinfo` or `idtoken`.
    #[serde(default)]
    pub claims_source: ClaimsSource,
    /// By which key ID tokens are signed: `published` or `client_secret`.
    #[serde(default)]
    pub id_token_key: IdTokenKey,
    /// Whether authorization requests are handed over first: `offered` or `never`.
    #[serde(default)]
    pub pushed_requests: PushedRequests,
    /// Whose sessions a sign-out ends: `site` or `provider`.
    #[serde(default)]
    pub sign_out: SignOutScope,
    /// Whether access tokens are bound to a key: `bearer` or `dpop`.
    #[serde(default)]
    pub access_tokens: AccessTokenBinding,
    /// Whether the tokens are kept with the session, and for whom: `dropped`, `kept` or `readable`.
    #[serde(default)]
    pub tokens: TokenRetention,
}

/// Whether access tokens are bound to a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AccessTokenBinding {
    /// Whoever has one may use it (RFC 6750).
    #[default]
    Bearer,
    /// To a key that is derived from the secret (RFC 9449).
    Dpop,
}

fn default_scope() -> String {
    KEYCLOAK.scope.to_owned()
}

impl Default for CustomOpenIdProvider {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            client_secret: None,
            client_authentication: None,
            scope: default_scope(),
            authorization_parameters: BTreeMap::new(),
            request_parameters: Vec::new(),
            profile: None,
            claims_source: ClaimsSource::default(),
            id_token_key: IdTokenKey::default(),
            pushed_requests: PushedRequests::default(),
            sign_out: SignOutScope::default(),
            access_tokens: AccessTokenBinding::default(),
            tokens: TokenRetention::default(),
        }
    }
}

impl From<CustomOpenIdProvider> for Provider {
    fn from(custom: CustomOpenIdProvider) -> Self {
        // What the row says of itself is what every OpenID Provider is taken for.
        let row = match custom.client_secret {
            None => KEYCLOAK.with_public_client(custom.client_id),
            Some(secret) => KEYCLOAK.with_client(custom.client_id, secret),
        };
        let mut provider = row
            .with_id(custom.id)
            .with_name(custom.name)
            .issuer(custom.issuer)
            .scope(custom.scope)
            .claims_source(custom.claims_source)
            .id_token_key(custom.id_token_key)
            .pushed_requests(custom.pushed_requests)
            .request_parameters(custom.request_parameters)
            .tokens(custom.tokens)
            .sign_out(custom.sign_out);
        provider = match custom.client_authentication {
            None => provider,
            Some(SecretPlacement::Post) => provider.client_secret_post(),
            Some(SecretPlacement::Basic) => provider.client_secret_basic(),
        };
        provider = match custom.access_tokens {
            AccessTokenBinding::Bearer => provider,
            AccessTokenBinding::Dpop => provider.dpop(),
        };
        provider = match custom.profile {
            None => provider,
            Some(profile) => provider.profile(profile),
        };
        let parameters = custom.authorization_parameters.into_iter();
        parameters.fold(provider, |provider, (name, value)| provider.authorization_parameter(name, value))
    }
}

#[cfg(test)]
mod tests {
    use crate::provider::{Provider, ProviderData};

    fn read(members: &str) -> Result<Provider, String> {
        let data = format!(
            r#"{{"kind":"oidc","id":"m","name":"M","issuer":"https://m.test","client_id":"id"{members}}}"#
        );
        let data: Result<ProviderData, _> = serde_json::from_str(&data);
        data.map(Provider::from).map_err(|error| error.to_string())
    }

    #[test]
    fn every_member_can_be_said_as_data() {
        let provider = read(
            r#","client_secret":"s","client_authentication":"client_secret_post","scope":"openid","claims_source":"idtoken",
               "id_token_key":"client_secret","pushed_requests":"never","sign_out":"provider","access_tokens":"dpop",
               "authorization_parameters":{"prompt":"login"},"request_parameters":["login_hint"],"profile":{"sub":["/oid"]}"#,
        );
        let valid = provider.unwrap().validate().unwrap();
        assert_eq!(valid.authorization_parameters, [("prompt".to_owned(), "login".to_owned())]);
        assert_eq!(valid.request_parameters, ["login_hint"]);
        assert!(valid.is_bound());
        assert_eq!(valid.profile.user(&serde_json::json!({ "oid": "7" })).unwrap().sub, "7");
    }

    #[test]
    fn a_member_that_is_not_known_is_named() {
        for (members, named) in [
            (r#","authorize_url":"https://m.test""#, "unknown field `authorize_url`"),
            (r#","claims_source":"both""#, "unknown variant `both`"),
        ] {
            let error = read(members).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
        let error = read(r#","scope":"profile""#).unwrap().validate().unwrap_err().to_string();
        assert!(error.contains("openid"), "{error}");
    }
}
