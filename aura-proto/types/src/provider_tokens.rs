//! Tokens that a provider granted for the signed-in user.

use crate::secret::{AccessToken, IdToken, RefreshToken};
use crate::time::UnixTime;

/// The tokens that a provider granted for the signed-in user.
///
/// ```
/// use aura_types::{AccessToken, ProviderTokens, UnixTime};
/// let tokens = ProviderTokens::new(AccessToken::new("a"), UnixTime::from_secs(1_790_000_000));
/// assert_eq!(format!("Bearer {}", tokens.access_token.expose()), "Bearer a");
/// assert_eq!(format!("{:?}", tokens.access_token), "AccessToken(..)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderTokens {
    /// Opens the provider's resources.
    pub access_token: AccessToken,
    /// When the access token ends, if the provider said so.
    pub expires_at: Option<UnixTime>,
    /// Gets new access tokens.
    pub refresh_token: Option<RefreshToken>,
    /// When the refresh token ends, if the provider said so.
    pub refresh_token_expires_at: Option<UnixTime>,
    /// Describes the user.
    pub id_token: Option<IdToken>,
    /// What the access token is good for.
    pub scopes: Vec<String>,
    /// When the access token was granted.
    pub issued_at: UnixTime,
    /// The id of the secret from which the key is derived that the tokens are bound to (RFC 9449).
    #[doc(hidden)]
    pub dpop_kid: Option<String>,
    /// Subject and issuer of an ID token that was too long to keep.
    #[doc(hidden)]
    pub subject: Option<(String, String)>,
}

impl ProviderTokens {
    /// Makes tokens of which only the access token is known, and when it was granted.
    ///
    /// ```
    /// use aura_types::{AccessToken, ProviderTokens, RefreshToken, UnixTime};
    /// let mut tokens = ProviderTokens::new(AccessToken::new("a"), UnixTime::from_secs(1_790_000_000));
    /// tokens.refresh_token = Some(RefreshToken::new("r"));
    /// assert_eq!(tokens.expires_at, None);
    /// ```
    pub const fn new(access_token: AccessToken, issued_at: UnixTime) -> Self {
        Self {
            access_token,
            expires_at: None,
            refresh_token: None,
            refresh_token_expires_at: None,
            id_token: None,
            scopes: Vec::new(),
            issued_at,
            dpop_kid: None,
            subject: None,
        }
    }
}
