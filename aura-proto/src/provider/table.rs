//! Which providers are built in? One table, a row a provider.

use super::{Profile, Provider, TokenRetention};
use crate::oauth::client_auth::ClientAuthentication;
use crate::secret::ClientSecret;

/// A built-in provider: everything but the application's credentials.
///
/// ```
/// use aura_proto::provider::GITHUB;
/// assert_eq!(GITHUB.id, "github");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Row {
    /// The id, which is the last segment of the provider's routes.
    pub id: &'static str,
    /// The name to show on a button.
    pub name: &'static str,
    /// Where the browser is sent.
    pub authorization_endpoint: &'static str,
    /// Where the code is exchanged.
    pub token_endpoint: &'static str,
    /// Where the user is described.
    pub userinfo_endpoint: &'static str,
    /// The scope asked for: names separated by spaces.
    pub scope: &'static str,
    /// JSON pointers (RFC 6901) to the user's id, name, e-mail and picture; the first that is there counts.
    pub profile: RowProfile,
}

/// Where a provider's userinfo answer holds the profile: for each member the JSON pointers to try, in order.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RowProfile {
    /// To the id.
    pub sub: &'static [&'static str],
    /// To the name.
    pub name: &'static [&'static str],
    /// To the e-mail address.
    pub email: &'static [&'static str],
    /// To the URL of a picture.
    pub image: &'static [&'static str],
}

/// GitHub, as <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps> documents it.
///
/// ```
/// use aura_proto::{ClientSecret, provider::GITHUB};
/// let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret"));
/// assert_eq!(github.id(), "github");
/// ```
pub const GITHUB: Row = Row {
    id: "github",
    name: "GitHub",
    authorization_endpoint: "https://github.com/login/oauth/authorize",
    token_endpoint: "https://github.com/login/oauth/access_token",
    userinfo_endpoint: "https://api.github.com/user",
    scope: "read:user user:email",
    profile: RowProfile {
        sub: &["/id"],
        name: &["/name", "/login"],
        email: &["/email"],
        image: &["/avatar_url"],
    },
};

/// Every built-in provider.
///
/// ```
/// assert!(aura_proto::provider::ROWS.iter().any(|row| row.id == "github"));
/// ```
pub const ROWS: &[Row] = &[GITHUB];

impl Row {
    /// Adds the credentials that the provider gave to the application.
    ///
    /// ```
    /// use aura_proto::{ClientSecret, provider::GITHUB};
    /// let github = GITHUB.with_client("client-id", ClientSecret::new("client-secret"));
    /// assert_eq!(github.name(), "GitHub");
    /// ```
    pub fn with_client(self, client_id: impl Into<String>, client_secret: ClientSecret) -> Provider {
        Provider {
            id: self.id.to_owned(),
            name: self.name.to_owned(),
            authorization_endpoint: self.authorization_endpoint.to_owned(),
            token_endpoint: self.token_endpoint.to_owned(),
            userinfo_endpoint: self.userinfo_endpoint.to_owned(),
            scope: self.scope.to_owned(),
            client_id: client_id.into(),
            client_authentication: ClientAuthentication::SecretPost(client_secret),
            profile: Profile::from(self.profile),
            token_retention: TokenRetention::default(),
            revocation_endpoint: None,
        }
    }
}
