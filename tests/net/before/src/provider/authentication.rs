//! How does the application prove itself to a provider? By what it says here, if a secret in the usual place will not do.

use super::{Provider, SecretPlacement};
use crate::jose::SigningKey;
use crate::oauth::client_auth::ClientAuthentication;

impl Provider {
    /// Authenticates at the token endpoint by HTTP Basic instead of form fields (RFC 6749 section 2.3.1).
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::GITHUB};
    /// let github = GITHUB.with_client("id", ClientSecret::new("secret")).client_secret_basic();
    /// # let _ = github;
    /// ```
    #[must_use]
    pub fn client_secret_basic(mut self) -> Self {
        self.client_authentication = self.client_authentication.placed(SecretPlacement::Basic);
        self
    }

    /// Authenticates at the token endpoint by form fields instead of HTTP Basic (RFC 6749 section 2.3.1).
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::SPOTIFY};
    /// let spotify = SPOTIFY.with_client("id", ClientSecret::new("secret")).client_secret_post();
    /// # let _ = spotify;
    /// ```
    #[must_use]
    pub fn client_secret_post(mut self) -> Self {
        self.client_authentication = self.client_authentication.placed(SecretPlacement::Post);
        self
    }

    /// Authenticates by a token that is signed with the secret, which is not sent: `client_secret_jwt`, by HS256 (OpenID
    /// Connect Core 1.0 section 9).
    ///
    /// ```
    /// # use aura_proto::{ClientSecret, provider::KEYCLOAK};
    /// let keycloak = KEYCLOAK.with_client("id", ClientSecret::new("secret")).client_secret_jwt();
    /// # let _ = keycloak;
    /// ```
    #[must_use]
    pub fn client_secret_jwt(mut self) -> Self {
        self.client_authentication = self.client_authentication.signing();
        self
    }

    /// Authenticates by a token that is signed with a private key, whose public half the provider knows: `private_key_jwt`
    /// (RFC 7523 section 2.2). The token is for the issuer alone. `aura_http::signing_key` makes RSA and ECDSA keys of PEM.
    ///
    /// ```
    /// # use aura_proto::{SigningKey, provider::KEYCLOAK};
    /// # fn join(key: SigningKey) {
    /// let keycloak = KEYCLOAK.with_public_client("id").private_key_jwt(key);
    /// # let _ = keycloak;
    /// # }
    /// ```
    #[must_use]
    pub fn private_key_jwt(mut self, key: SigningKey) -> Self {
        self.client_authentication = ClientAuthentication::PrivateKeyJwt(key);
        self
    }

    /// Authenticates as Sign in with Apple wants it: by a client secret that is a token of a team's key of ES256, with the
    /// key's id. It is made anew for every request.
    ///
    /// ```
    /// # use aura_proto::{SigningKey, provider::APPLE};
    /// # fn join(key: SigningKey) {
    /// let apple = APPLE.with_public_client("com.example.app").apple_client_secret("TEAM123456", key.with_kid("KEY1234567"));
    /// # let _ = apple;
    /// # }
    /// ```
    #[must_use]
    pub fn apple_client_secret(mut self, team_id: impl Into<String>, key: SigningKey) -> Self {
        let audience = "https://appleid.apple.com";
        self.client_authentication = ClientAuthentication::TeamKey { team_id: team_id.into(), audience, key };
        self
    }
}
