//! Where can users sign in? A provider is data: endpoints, credentials, scope, and where its answer holds the profile.

mod custom;
pub(crate) mod profile;
mod table;

pub use custom::{CustomProvider, ProviderData};
pub use profile::Profile;
pub use table::{GITHUB, ROWS, Row, RowProfile};

use crate::config::ConfigError;
use crate::oauth::client_auth::ClientAuthentication;
use crate::origin::{is_loopback, parse_http_url};
use url::Url;

/// Longest provider id, in characters.
const MAX_ID: usize = 64;

/// A provider as the application configures it: a row of the table with credentials, or a custom one.
///
/// ```
/// use aura_proto::provider::GITHUB;
/// use aura_proto::ClientSecret;
///
/// let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret")).scope("read:user");
/// assert_eq!((github.id(), github.name()), ("github", "GitHub"));
/// ```
#[derive(Clone, Debug)]
pub struct Provider {
    id: String,
    name: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    scope: String,
    client_id: String,
    client_authentication: ClientAuthentication,
    profile: Profile,
    token_retention: TokenRetention,
    revocation_endpoint: Option<String>,
}

/// Whether the tokens that a provider grants are kept with the session, and for whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRetention {
    /// They are dropped as soon as the user is known.
    #[default]
    Dropped,
    /// They are sealed into a cookie; the server side reads them through [`Auth::provider_tokens`].
    ///
    /// [`Auth::provider_tokens`]: crate::Auth::provider_tokens
    Kept,
    /// They are kept, and scripts of the site's pages may read them by `GET /providers/:oauth/tokens`.
    Readable,
}

impl Provider {
    /// Returns the id, which is the last segment of the provider's routes.
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::GITHUB};
    /// assert_eq!(GITHUB.with_client("id", ClientSecret::new("secret")).id(), "github");
    /// ```
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the name to show on a button.
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::GITHUB};
    /// assert_eq!(GITHUB.with_client("id", ClientSecret::new("secret")).name(), "GitHub");
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Asks for another scope: names separated by spaces (RFC 6749 section 3.3).
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::GITHUB};
    /// let github = GITHUB.with_client("id", ClientSecret::new("secret")).scope("read:user");
    /// # let _ = github;
    /// ```
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Authenticates at the token endpoint by HTTP Basic instead of form fields (RFC 6749 section 2.3.1).
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::GITHUB};
    /// let github = GITHUB.with_client("id", ClientSecret::new("secret")).client_secret_basic();
    /// # let _ = github;
    /// ```
    #[must_use]
    pub fn client_secret_basic(mut self) -> Self {
        if let ClientAuthentication::SecretPost(secret) = self.client_authentication {
            self.client_authentication = ClientAuthentication::SecretBasic(secret);
        }
        self
    }

    /// Keeps the tokens that the provider grants as long as the session.
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::{GITHUB, TokenRetention}};
    /// let github = GITHUB.with_client("id", ClientSecret::new("secret")).tokens(TokenRetention::Kept);
    /// # let _ = github;
    /// ```
    #[must_use]
    pub fn tokens(mut self, retention: TokenRetention) -> Self {
        self.token_retention = retention;
        self
    }

    /// Says where access tokens are given back (RFC 7009).
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::GITHUB};
    /// let provider = GITHUB
    ///     .with_client("id", ClientSecret::new("secret"))
    ///     .revocation_endpoint("https://provider.test/revoke");
    /// # let _ = provider;
    /// ```
    #[must_use]
    pub fn revocation_endpoint(mut self, url: impl Into<String>) -> Self {
        self.revocation_endpoint = Some(url.into());
        self
    }

    /// Checks the provider once, so that a flow meets only parsed URLs.
    pub(crate) fn validate(self) -> Result<ValidProvider, ConfigError> {
        let id_is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.id.is_empty() || self.id.len() > MAX_ID || !self.id.bytes().all(id_is_plain) {
            return Err(ConfigError::ProviderId { id: self.id });
        }
        if self.client_id.is_empty() || self.client_authentication.secret_is_empty() {
            return Err(ConfigError::ProviderCredentials { id: self.id });
        }
        let endpoint = |option: &'static str, text: &str| {
            let url = parse_http_url(text).filter(|url| url.scheme() == "https" || is_loopback(url));
            url.ok_or_else(|| ConfigError::ProviderEndpoint { id: self.id.clone(), option })
        };
        let revocation = self.revocation_endpoint.as_deref().map(|url| endpoint("revocation_url", url));
        Ok(ValidProvider {
            revocation_endpoint: revocation.transpose()?,
            token_retention: self.token_retention,
            authorization_endpoint: endpoint("authorize_url", &self.authorization_endpoint)?,
            token_endpoint: endpoint("token_url", &self.token_endpoint)?,
            userinfo_endpoint: endpoint("userinfo_url", &self.userinfo_endpoint)?,
            id: self.id,
            name: self.name,
            scope: self.scope,
            client_id: self.client_id,
            client_authentication: self.client_authentication,
            profile: self.profile,
        })
    }
}

/// A provider whose every member has been checked.
#[derive(Clone, Debug)]
pub(crate) struct ValidProvider {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) userinfo_endpoint: Url,
    pub(crate) scope: String,
    pub(crate) client_id: String,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) profile: Profile,
    pub(crate) token_retention: TokenRetention,
    pub(crate) revocation_endpoint: Option<Url>,
}
