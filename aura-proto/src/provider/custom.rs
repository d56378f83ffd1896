//! How is a provider described that the table lacks? As data.

use super::{Profile, Provider, TokenRetention};
use crate::oauth::client_auth::ClientAuthentication;
use crate::secret::ClientSecret;
use serde::Deserialize;

/// A provider in a configuration file, told apart by `kind`.
///
/// ```
/// use aura_proto::provider::{Provider, ProviderData};
/// let data: Vec<ProviderData> = serde_json::from_str(r#"[{
///     "id": "mock", "name": "Mock", "kind": "oauth",
///     "authorize_url": "https://mock.test/authorize", "token_url": "https://mock.test/token",
///     "userinfo_url": "https://mock.test/userinfo", "scope": "profile",
///     "client_id": "id", "client_secret": "secret"
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
}

/// An OAuth 2.0 provider as data.
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
/// });
/// assert_eq!(provider.name(), "Mock");
/// ```
#[derive(Clone, Debug, Deserialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "written out by applications; a new member is a new major version"
)]
pub struct CustomProvider {
    /// The id, which is the last segment of the provider's routes: letters, digits, `-` and `_`.
    pub id: String,
    /// The name to show on a button.
    pub name: String,
    /// Where the browser is sent; its query is kept.
    pub authorize_url: String,
    /// Where the code is exchanged.
    pub token_url: String,
    /// Where the user is described.
    pub userinfo_url: String,
    /// The scope asked for: names separated by spaces; empty for none.
    #[serde(default)]
    pub scope: String,
    /// The application's id at the provider.
    pub client_id: String,
    /// The application's secret at the provider; public clients have none (RFC 6749 section 2.1).
    #[serde(default)]
    pub client_secret: Option<ClientSecret>,
    /// Where the userinfo answer holds the user.
    #[serde(default)]
    pub profile: Profile,
}

impl From<ProviderData> for Provider {
    fn from(data: ProviderData) -> Self {
        match data {
            ProviderData::OAuth(provider) => provider.into(),
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
            client_id: custom.client_id,
            client_authentication: custom
                .client_secret
                .map_or(ClientAuthentication::None, ClientAuthentication::SecretPost),
            profile: custom.profile,
            token_retention: TokenRetention::default(),
            revocation_endpoint: None,
        }
    }
}
