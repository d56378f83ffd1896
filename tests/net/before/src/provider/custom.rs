//! How is a provider described that the table lacks? As data.

use super::openid::{Dpop, OpenIdOptions};
use super::profile::ProfileSource;
use super::{
    CustomOpenIdProvider, IssParameter, Profile, ProofKey, Provider, ProviderProtocol, SecretPlacement,
    TokenRetention, UserInfoMethod,
};
use crate::oauth::client_auth::ClientAuthentication;
use crate::secret::ClientSecret;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A provider in a configuration file, told apart by `kind`.
///
/// ```
/// use aura_proto::provider::{Provider, ProviderData};
/// let data: Vec<ProviderData> = serde_json::from_str(r#"[{
///     "id": "mock", "name": "Mock", "kind": "oauth",
///     "authorize_url": "https://mock.test/authorize", "token_url": "https://mock.test/token",
///     "userinfo_url": "https://mock.test/userinfo", "scope": "profile",
///     "authorization_parameters": { "prompt": "consent" }, "issuer": "https://mock.test",
///     "client_id": "id", "client_secret": "secret", "client_authentication": "client_secret_basic"
/// }]"#)?;
/// let providers: Vec<Provider> = data.into_iter().map(Provider::from).collect();
/// assert_eq!(providers[0].id(), "mock");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum ProviderData {
    /// An OAuth 2.0 provider, which describes the user at a userinfo URL of its own.
    OAuth(CustomProvider),
    /// An OpenID Provider, whose issuer publishes the rest.
    #[serde(rename = "oidc")]
    OpenId(CustomOpenIdProvider),
}

/// An OAuth 2.0 provider as data. Members that it does not know are refused, so that no mistake goes unnoticed.
///
/// ```
/// use aura_proto::provider::{CustomProvider, Profile, Provider};
/// use aura_proto::ClientSecret;
///
/// let provider = Provider::from(CustomProvider {
///     id: "mock".into(),
///     name: "Mock".into(),
///     authorize_url: "https://mock.test/authorize".into(),
///     token_url: "https://mock.test/token".into(),
///     userinfo_url: "https://mock.test/userinfo".into(),
///     scope: "profile email".into(),
///     client_id: "client-id".into(),
///     client_secret: Some(ClientSecret::new("client-secret")),
///     profile: Profile::default().sub_at(["/data/id"]),
///     ..CustomProvider::default()
/// });
/// assert_eq!(provider.name(), "Mock");
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "written out by applications, completed by the default")]
pub struct CustomProvider {
    /// The id, which is the last segment of the provider's routes: letters, digits, `-` and `_`.
    pub id: String,
    /// The name to show on a button.
    pub name: String,
    /// Where the browser is sent; its query is kept.
    pub authorize_url: String,
    /// Where the code is exchanged.
    pub token_url: String,
    /// Where the user is described; `{access_token}` in its path stands for the token, which then is in no header.
    pub userinfo_url: String,
    /// The scope asked for: names separated by spaces; empty for none.
    #[serde(default)]
    pub scope: String,
    /// The application's id at the provider.
    pub client_id: String,
    /// The application's secret at the provider; public clients have none (RFC 6749 section 2.1).
    #[serde(default)]
    pub client_secret: Option<ClientSecret>,
    /// Where the secret goes at the token endpoint: `client_secret_post` or `client_secret_basic`.
    #[serde(default)]
    pub client_authentication: SecretPlacement,
    /// Further parameters of the authorization request, but for the protocol's own (RFC 6749 section 8.2).
    #[serde(default)]
    pub authorization_parameters: BTreeMap<String, String>,
    /// How userinfo is asked: `GET` or `POST`.
    #[serde(default)]
    pub userinfo_method: UserInfoMethod,
    /// Further headers of the userinfo request; `{client_id}` in a value stands for the application's id.
    #[serde(default)]
    pub userinfo_headers: BTreeMap<String, String>,
    /// How the provider names itself in callbacks (RFC 9207).
    #[serde(default)]
    pub issuer: Option<String>,
    /// Whether it names itself in every callback: `always` or `optional`.
    #[serde(default)]
    pub iss: IssParameter,
    /// Where the userinfo answer holds the user.
    #[serde(default)]
    pub profile: Profile,
    /// Whether the tokens are kept with the session, and for whom: `dropped`, `kept` or `readable`.
    #[serde(default)]
    pub tokens: TokenRetention,
    /// Where access tokens are given back (RFC 7009).
    #[serde(default)]
    pub revocation_url: Option<String>,
    /// Which further parameters of the authorization request each sign-in may say by its query.
    #[serde(default)]
    pub request_parameters: Vec<String>,
}

impl From<ProviderData> for Provider {
    fn from(data: ProviderData) -> Self {
        match data {
            ProviderData::OAuth(provider) => provider.into(),
            ProviderData::OpenId(provider) => provider.into(),
        }
    }
}

impl From<CustomProvider> for Provider {
    fn from(custom: CustomProvider) -> Self {
        Self {
            id: custom.id,
            name: custom.name,
            authorization_endpoint: custom.authorize_url,
            token_endpoint: custom.token_url,
            userinfo_endpoint: custom.userinfo_url,
            scope: custom.scope,
            authorization_parameters: custom.authorization_parameters.into_iter().collect(),
            client_id: custom.client_id,
            client_authentication: custom.client_secret.map_or(ClientAuthentication::None, |secret| {
                ClientAuthentication::with_secret(custom.client_authentication, secret)
            }),
            proof_key: ProofKey::S256,
            userinfo_method: custom.userinfo_method,
            userinfo_headers: custom.userinfo_headers.into_iter().collect(),
            issuer: custom.issuer,
            iss: custom.iss,
            profile: ProfileSource::Pointers(custom.profile),
            token_retention: custom.tokens,
            revocation_endpoint: custom.revocation_url,
            request_parameters: custom.request_parameters,
            dpop: Dpop::Off,
            protocol: ProviderProtocol::OAuth,
            openid: OpenIdOptions::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(members: &str) -> Result<Provider, String> {
        let data = format!(
            r#"{{"id":"m","name":"M","kind":"oauth","authorize_url":"https://m.test/a","token_url":"https://m.test/t",
                "userinfo_url":"https://m.test/u","client_id":"id"{members}}}"#
        );
        let data: Result<ProviderData, _> = serde_json::from_str(&data);
        data.map(Provider::from).map_err(|error| error.to_string())
    }

    #[test]
    fn every_member_can_be_said_as_data() {
        let provider = read(
            r#","client_secret":"s","client_authentication":"client_secret_basic","userinfo_method":"POST",
               "userinfo_headers":{"X-Client":"{client_id}"},"authorization_parameters":{"audience":"x"},
               "issuer":"https://m.test","iss":"always","profile":{"sub":["/a/b"]}"#,
        );
        let valid = provider.unwrap().validate().unwrap();
        assert_eq!(valid.userinfo_method, http::Method::POST);
        assert_eq!(valid.userinfo_headers[0].1, "id");
        assert_eq!(valid.authorization_parameters, [("audience".to_owned(), "x".to_owned())]);
        assert_eq!(
            valid.configured().unwrap().issuer,
            crate::provider::ExpectedIssuer::Always("https://m.test".to_owned())
        );
        assert!(matches!(valid.client_authentication, ClientAuthentication::SecretBasic(_)));
        let user = valid.profile.user(&serde_json::json!({ "a": { "b": 7 } }));
        assert_eq!(user.unwrap().sub, "7");
    }

    #[test]
    fn a_member_that_is_not_known_is_named() {
        for (members, named) in [
            (r#","scopes":"x""#, "unknown field `scopes`"),
            (r#","userinfo_method":"PUT""#, "unknown variant `PUT`"),
            (r#","iss":"never""#, "unknown variant `never`"),
            (r#","client_authentication":"none""#, "unknown variant `none`"),
            (r#","profile":{"id":["/id"]}"#, "unknown field `id`"),
        ] {
            let error = read(members).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_client_without_a_secret_is_public() {
        let valid = read("").unwrap().validate().unwrap();
        assert!(matches!(valid.client_authentication, ClientAuthentication::None));
    }
}
