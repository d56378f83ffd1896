//! Retention of the tokens that a provider grants, and where they are revoked.

use super::Provider;
use serde::Deserialize;

/// Whether the tokens that a provider grants are kept with the session, and for whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// Keeps the tokens that the provider grants as long as the session.
    ///
    /// ```
    /// # use aura_proto::ClientSecret;
    /// # use aura_providers::{GITHUB, TokenRetention};
    /// let github = GITHUB.with_client("id", ClientSecret::new("secret")).tokens(TokenRetention::Kept);
    /// # let _ = github;
    /// ```
    #[must_use]
    pub fn tokens(mut self, retention: TokenRetention) -> Self {
        self.token_retention = retention;
        self
    }

    /// Says where tokens are given back: the access token, and then the refresh token where there is one (RFC 7009).
    ///
    /// ```
    /// # use aura_proto::ClientSecret;
    /// # use aura_providers::GITHUB;
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
}
