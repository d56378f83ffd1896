//! Client authentication of a provider, as an application configures it.

use super::{AssertionAudience, Provider};
use crate::oauth::client_auth::{AuthenticationMethod, SecretMethod};
use crate::secret::ClientSecret;
use crate::setters::setters;
use aura_jose::SigningKey;

impl Provider {
    setters! {
        /// Gives the client a secret (RFC 6749 section 2.3.1). It goes into the form at the token endpoint, or where an OpenID
        /// Provider publishes that it goes, unless another method says otherwise.
        ///
        /// ```
        /// # use aura_proto::{ClientSecret, provider::Provider};
        /// let work = Provider::openid("work", "https://id.example.com", "client-id");
        /// let work = work.client_secret(ClientSecret::new("client-secret"));
        /// assert!(!format!("{work:?}").contains("client-secret"));
        /// ```
        pub fn client_secret(secret: ClientSecret) { client_secret = Some(secret) }

        /// Authenticates at the token endpoint by HTTP Basic instead of form fields (RFC 6749 section 2.3.1).
        ///
        /// ```
        /// # use aura_proto::ClientSecret;
        /// # use aura_providers::GITHUB;
        /// let github = GITHUB.with_client("id", ClientSecret::new("secret")).client_secret_basic();
        /// # let _ = github;
        /// ```
        pub fn client_secret_basic() { authentication = AuthenticationMethod::Secret(SecretMethod::Basic) }

        /// Authenticates at the token endpoint by form fields instead of HTTP Basic (RFC 6749 section 2.3.1).
        ///
        /// ```
        /// # use aura_proto::ClientSecret;
        /// # use aura_providers::SPOTIFY;
        /// let spotify = SPOTIFY.with_client("id", ClientSecret::new("secret")).client_secret_post();
        /// # let _ = spotify;
        /// ```
        pub fn client_secret_post() { authentication = AuthenticationMethod::Secret(SecretMethod::Post) }

        /// Authenticates by a token that is signed with the secret, which is not sent: `client_secret_jwt`, by HS256 (OpenID
        /// Connect Core 1.0 section 9).
        ///
        /// ```
        /// # use aura_proto::ClientSecret;
        /// # use aura_providers::KEYCLOAK;
        /// let keycloak = KEYCLOAK.with_client("id", ClientSecret::new("secret")).client_secret_jwt();
        /// # let _ = keycloak;
        /// ```
        pub fn client_secret_jwt() { authentication = AuthenticationMethod::Secret(SecretMethod::Jwt) }

        /// Authenticates by a token that is signed with a private key, whose public half the provider knows: `private_key_jwt`
        /// (RFC 7523 section 2.2). The token is for the issuer alone, unless
        /// [`client_assertion_audience`](Self::client_assertion_audience) says otherwise. `aura_http::signing_key` makes RSA and ECDSA keys of PEM.
        ///
        /// ```
        /// # use aura_proto::SigningKey;
        /// # use aura_providers::KEYCLOAK;
        /// # fn join(key: SigningKey) {
        /// let keycloak = KEYCLOAK.with_public_client("id").private_key_jwt(key);
        /// # let _ = keycloak;
        /// # }
        /// ```
        pub fn private_key_jwt(key: SigningKey) { authentication = AuthenticationMethod::PrivateKeyJwt(key) }

        /// Says whom a token that authenticates the client is for: `private_key_jwt` and `client_secret_jwt`. A provider that refuses
        /// the usual one answers `invalid_client`.
        ///
        /// ```
        /// # use aura_proto::{ClientSecret, provider::AssertionAudience};
        /// # use aura_providers::OKTA;
        /// let okta = OKTA.with_client("id", ClientSecret::new("secret")).client_secret_jwt();
        /// let okta = okta.client_assertion_audience(AssertionAudience::TokenEndpoint);
        /// # let _ = okta;
        /// ```
        pub fn client_assertion_audience(audience: AssertionAudience) { assertion_audience = audience }

        /// Calls the client's id otherwise than `client_id`, in the authorization request and at the token endpoint of an OAuth
        /// provider.
        ///
        /// ```
        /// # use aura_proto::provider::Provider;
        /// let tiktok = Provider::oauth("tiktok", "client-key").client_id_parameter("client_key");
        /// # let _ = tiktok;
        /// ```
        pub fn client_id_parameter(name: impl Into<String>) { client_id_parameter = name.into() }
    }

    /// Adds a parameter to token requests (RFC 6749 section 8.2), or replaces the one of this name. The protocol's own are refused
    /// when the configuration is built. The value counts as a secret.
    ///
    /// ```
    /// # use aura_proto::provider::Provider;
    /// let own = Provider::oauth("own", "client-id").token_parameter("audience", "https://api.example.com");
    /// assert!(!format!("{own:?}").contains("api.example.com"));
    /// ```
    pub fn token_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.token_parameters.retain(|(other, _)| *other != name);
        self.token_parameters.push((name, ClientSecret::new(value)));
        self
    }

    /// Authenticates as Sign in with Apple wants it: by a client secret that is a token of a team's key of ES256, with the
    /// key's id. It is made anew for every request.
    ///
    /// ```
    /// # use aura_proto::SigningKey;
    /// # use aura_providers::APPLE;
    /// # fn join(key: SigningKey) {
    /// let apple = APPLE.with_public_client("com.example.app").apple_client_secret("TEAM123456", key.with_kid("KEY1234567"));
    /// # let _ = apple;
    /// # }
    /// ```
    pub fn apple_client_secret(mut self, team_id: impl Into<String>, key: SigningKey) -> Self {
        let (team_id, audience) = (team_id.into(), "https://appleid.apple.com");
        self.authentication = AuthenticationMethod::TeamKey { team_id, audience, key };
        self
    }
}
