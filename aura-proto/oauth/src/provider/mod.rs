//! Providers: their options, their rows, and the checked form.

pub(crate) mod check;
mod check_parameters;
pub(crate) mod configured;
mod data;
mod emails;
pub(crate) mod endpoints;
mod openid;
mod options;
mod overrides;
mod problem;
pub(crate) mod profile;
mod row;
#[cfg(test)]
pub(crate) mod test_rows;

pub use crate::oauth::authorization::ProofKey;
pub use crate::oauth::client_auth::SecretPlacement;
pub use options::{
    AssertionAudience, ClaimsSource, EndSession, IdTokenKey, IssParameter, Protocol, PushedRequests,
    SignOutScope, TokenRetention, UnsolicitedCallbacks, UserInfoMethod,
};
pub use problem::ProviderProblem;
pub use profile::{Profile, ProfileError, RowPointers};
pub use row::{Row, RowProfile};

use configured::ProviderOptions;

/// A provider as the application configures it: a built-in [`Row`] with credentials, or one that [`Provider::oauth`] or
/// [`Provider::openid`] begins. Methods complete it, in any order.
///
/// ```
/// use aura_providers::GITHUB;
/// use aura_proto::ClientSecret;
///
/// let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret")).scope("read:user");
/// assert_eq!((github.id(), github.name()), ("github", "GitHub"));
/// ```
///
/// It is read from JSON, too. A member that is unknown, or that does not fit the `kind`, is refused by name.
///
/// | Member | `kind` | Value |
/// |---|---|---|
/// | `kind` | | `oauth` (OAuth 2.0) or `oidc` (OpenID Connect); required |
/// | `id`, `name`, `client_id` | both | required; `id` has letters, digits, `-` and `_` |
/// | `authorize_url`, `token_url`, `userinfo_url` | `oauth` | required; `{access_token}` in the path of `userinfo_url` is replaced by the token |
/// | `issuer` | both | required for `oidc`; how the provider names itself in callbacks (RFC 9207) |
/// | `discovery_url` | `oidc` | where the configuration is read, if it is not below the issuer |
/// | `client_secret` | both | public clients have none (RFC 6749 section 2.1) |
/// | `client_authentication` | both | `client_secret_post`, `client_secret_basic` or `client_secret_jwt`; unset: the first, or as an OpenID Provider publishes |
/// | `backchannel_origins` | both | a list of origins where this server may reach endpoints by http, such as `http://keycloak:8080` |
/// | `scope` | both | names separated by spaces; unset: none, or `openid profile email` |
/// | `authorization_parameters` | both | an object of further parameters (RFC 6749 section 8.2) |
/// | `request_parameters` | both | a list of the parameters that each sign-in may set by its query |
/// | `token_parameters` | both | an object of further parameters of token requests |
/// | `unsolicited_callbacks` | both | `refused` or `sign_in`: what a callback without `state` does |
/// | `profile` | both | an object of lists of JSON pointers: `sub`, `name`, `email`, `image` |
/// | `tokens` | both | `dropped`, `kept` or `readable` |
/// | `refresh_window` | both | how many seconds before its end a kept access token is refreshed; 300, and half of the token's life at most |
/// | `client_id_parameter` | `oauth` | the name of the parameter `client_id`, by default `client_id`: `client_key` at TikTok |
/// | `userinfo_method` | `oauth` | `GET` or `POST` |
/// | `userinfo_headers` | `oauth` | an object; `{client_id}` in a value stands for the client's id; values count as secrets |
/// | `emails_url` | `oauth` | a list of e-mail addresses, asked where userinfo has none: objects with `email`, `primary` and `verified` |
/// | `emails_scope` | `oauth` | names of scopes, of which one must be asked for; unset: none |
/// | `iss` | `oauth` | `optional` or `always` |
/// | `revocation_url` | `oauth` | where tokens are revoked (RFC 7009) |
/// | `claims_source` | `oidc` | `userinfo` or `idtoken` |
/// | `id_token_key` | `oidc` | `published` or `client_secret` |
/// | `client_assertion_audience` | `oidc` | `issuer` or `token_endpoint`, of a client assertion (RFC 7523) |
/// | `pushed_requests` | `oidc` | `offered`, `required` or `never` (RFC 9126) |
/// | `sign_out` | `oidc` | `site` or `provider` |
/// | `end_session` | `oidc` | `rp_initiated`, or `logout_uri` for Amazon Cognito |
/// | `trusted_audiences` | `oidc` | a list of the further audiences that ID tokens may have |
/// | `access_tokens` | `oidc` | `bearer` or `dpop` (RFC 9449) |
///
/// ```
/// use aura_proto::provider::Provider;
/// let providers: Vec<Provider> = serde_json::from_str(r#"[{
///     "id": "mock", "name": "Mock", "kind": "oauth",
///     "authorize_url": "https://mock.test/authorize", "token_url": "https://mock.test/token",
///     "userinfo_url": "https://mock.test/userinfo", "scope": "profile",
///     "authorization_parameters": { "prompt": "consent" }, "issuer": "https://mock.test",
///     "client_id": "id", "client_secret": "secret", "client_authentication": "client_secret_basic"
/// }]"#)?;
/// assert_eq!(providers[0].id(), "mock");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to Builder::provider"]
pub struct Provider {
    pub(crate) options: ProviderOptions,
}

impl Provider {
    /// Begins an OAuth 2.0 provider, which needs an [authorization](Self::authorization_endpoint), a
    /// [token](Self::token_endpoint) and a [userinfo endpoint](Self::userinfo_endpoint). The client is public until it has a
    /// [secret](Self::client_secret), and the name on the button is the id until there is [another](Self::with_name).
    ///
    /// ```
    /// use aura_proto::ClientSecret;
    /// use aura_proto::provider::{Profile, Provider};
    ///
    /// let provider = Provider::oauth("mock", "client-id")
    ///     .client_secret(ClientSecret::new("client-secret"))
    ///     .authorization_endpoint("https://mock.test/authorize")
    ///     .token_endpoint("https://mock.test/token")
    ///     .userinfo_endpoint("https://mock.test/userinfo")
    ///     .scope("profile email")
    ///     .profile(Profile::default().sub_at(["/data/id"]));
    /// assert_eq!(provider.name(), "mock");
    /// ```
    pub fn oauth(id: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self::of_row(Row::oauth("", ""), client_id.into()).named(id.into())
    }

    /// Begins an OpenID Provider, which publishes its endpoints at the issuer (OpenID Connect Discovery 1.0). The issuer is
    /// spelled character for character as the provider spells it. The client is public until it has a
    /// [secret](Self::client_secret), and the name on the button is the id until there is [another](Self::with_name).
    ///
    /// ID tokens are verified that are signed by RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA (`Ed25519` in
    /// RFC 9864), and by HS256 with [`IdTokenKey::ClientSecret`]. A sign-in at a provider that announces none of them does not
    /// begin.
    ///
    /// ```
    /// use aura_proto::ClientSecret;
    /// use aura_proto::provider::Provider;
    ///
    /// let provider = Provider::openid("work", "https://id.example.com", "client-id")
    ///     .client_secret(ClientSecret::new("client-secret"))
    ///     .with_name("Work");
    /// assert_eq!((provider.id(), provider.name()), ("work", "Work"));
    /// ```
    pub fn openid(id: impl Into<String>, issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self::of_row(Row::openid("", ""), client_id.into()).named(id.into()).issuer(issuer)
    }

    fn named(self, id: String) -> Self {
        self.with_name(id.as_str()).with_id(id)
    }
}
