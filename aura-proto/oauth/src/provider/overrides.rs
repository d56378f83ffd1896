//! Options of a provider: everything but the protocol.

use super::profile::{Profile, ProfileError, ProfileSource};
use super::{
    AssertionAudience, IssParameter, Provider, TokenRetention, UnsolicitedCallbacks, UserInfoMethod,
};
use crate::oauth::client_auth::{AuthenticationMethod, SecretMethod};
use crate::secret::ClientSecret;
use aura_jose::SigningKey;
use aura_session::setters;
use aura_types::User;
use serde_json::Value;
use std::time::Duration;

impl Provider {
    /// Returns the id, which is the last segment of the provider's routes.
    ///
    /// ```
    /// # use aura_proto::ClientSecret;
    /// # use aura_providers::GITHUB;
    /// assert_eq!(GITHUB.with_client("id", ClientSecret::new("secret")).id(), "github");
    /// ```
    pub fn id(&self) -> &str {
        &self.options.id
    }

    /// Returns the name to show on a button.
    ///
    /// ```
    /// # use aura_proto::ClientSecret;
    /// # use aura_providers::GITHUB;
    /// assert_eq!(GITHUB.with_client("id", ClientSecret::new("secret")).name(), "GitHub");
    /// ```
    pub fn name(&self) -> &str {
        &self.options.name
    }

    setters! {
        /// Sets the id, so that one provider can be configured twice.
        ///
        /// ```
        /// # use aura_proto::ClientSecret;
        /// # use aura_providers::GITLAB;
        /// let work = GITLAB.with_client("id", ClientSecret::new("secret")).with_id("gitlab-work");
        /// assert_eq!(work.id(), "gitlab-work");
        /// ```
        pub fn with_id(id: impl Into<String>) { options.id = id.into() }

        /// Sets the name on the button.
        ///
        /// ```
        /// # use aura_proto::ClientSecret;
        /// # use aura_providers::GITLAB;
        /// let work = GITLAB.with_client("id", ClientSecret::new("secret")).with_name("GitLab at work");
        /// assert_eq!(work.name(), "GitLab at work");
        /// ```
        pub fn with_name(name: impl Into<String>) { options.name = name.into() }

        /// Sets the requested scope: names separated by spaces (RFC 6749 section 3.3); empty for none.
        ///
        /// ```
        /// # use aura_proto::{Action, Auth, ClientSecret};
        /// # use aura_providers::GITHUB;
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// let github = GITHUB.with_client("id", ClientSecret::new("secret")).scope("read:user");
        /// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
        /// # let request = http::Request::get("/auth/signIn/github").body(bytes::Bytes::new())?;
        /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
        /// let Action::Redirect(redirect) = auth.handle(request, now, entropy) else { unreachable!() };
        /// assert!(redirect.location.as_str().contains("scope=read%3Auser"));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn scope(scope: impl Into<String>) { options.scope = scope.into() }

        /// Sets the authorization endpoint (RFC 6749 section 3.1), such as that of an installation of one's own. A row's issuer
        /// stays: give another with [`issuer`](Self::issuer), or none with [`without_issuer`](Self::without_issuer).
        ///
        /// ```
        /// # use aura_proto::{Action, Auth, ClientSecret};
        /// # use aura_providers::GITLAB;
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// let own = GITLAB
        ///     .with_client("id", ClientSecret::new("secret"))
        ///     .authorization_endpoint("https://git.example.com/oauth/authorize")
        ///     .token_endpoint("https://git.example.com/oauth/token")
        ///     .userinfo_endpoint("https://git.example.com/api/v4/user");
        /// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(own).build()?;
        /// # let request = http::Request::get("/auth/signIn/gitlab").body(bytes::Bytes::new())?;
        /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
        /// let Action::Redirect(redirect) = auth.handle(request, now, entropy) else { unreachable!() };
        /// assert!(redirect.location.as_str().starts_with("https://git.example.com/oauth/authorize?"));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn authorization_endpoint(url: impl Into<String>) { options.authorization_endpoint = url.into() }

        /// Sets the token endpoint (RFC 6749 section 3.2).
        pub fn token_endpoint(url: impl Into<String>) { options.token_endpoint = url.into() }

        /// Says what a callback without `state` does. Its code is never exchanged.
        pub fn unsolicited_callbacks(callbacks: UnsolicitedCallbacks) {
            options.unsolicited_callbacks = callbacks
        }

        /// Sets the method of userinfo requests.
        pub fn userinfo_method(method: UserInfoMethod) { options.userinfo_method = method }

        /// Sets the issuer that callbacks name in `iss`: a callback with another one is refused (RFC 9207 section 2.4).
        pub fn issuer(issuer: impl Into<String>) { options.issuer = Some(issuer.into()) }

        /// Sets whether every callback must have `iss` (RFC 9207 section 2.4). An OpenID Provider may publish that it
        /// does, which takes precedence. If each tenant has an issuer, `iss` is not compared.
        pub fn iss(iss: IssParameter) { options.iss = iss }

        /// Sets the JSON pointers to the members of the user.
        pub fn profile(profile: Profile) { options.profile = ProfileSource::Pointers(profile) }

        /// Sets a function that reads the user. An empty id is refused, other empty texts count as absent.
        ///
        /// ```
        /// # use aura_proto::{ClientSecret, User};
        /// # use aura_providers::{GITLAB, ProfileError};
        /// # use serde_json::{Value, json};
        /// let read = |userinfo: &Value| {
        ///     let id = userinfo["id"].as_u64().ok_or(ProfileError::WithoutId)?;
        ///     Ok(User::new(id.to_string()).with_name(userinfo["username"].as_str().unwrap_or_default()))
        /// };
        /// assert_eq!(read(&json!({ "id": 7, "username": "ada" }))?.sub(), "7");
        /// assert_eq!(read(&json!({ "username": "ada" })), Err(ProfileError::WithoutId));
        /// let gitlab = GITLAB.with_client("id", ClientSecret::new("secret")).profile_by(read);
        /// # let _ = gitlab;
        /// # Ok::<(), ProfileError>(())
        /// ```
        pub fn profile_by(function: impl Fn(&Value) -> Result<User, ProfileError> + Send + Sync + 'static) {
            options.profile = ProfileSource::function(function)
        }

        /// Keeps the tokens that the provider grants as long as the session.
        pub fn tokens(retention: TokenRetention) { options.token_retention = retention }

        /// Sets how long before its end a kept access token is refreshed: five minutes by default, and half of the token's life
        /// at most.
        pub fn refresh_window(window: Duration) { options.refresh_window = window }

        /// Sets the URL that revokes tokens: the access token, and then the refresh token if there is one (RFC 7009).
        pub fn revocation_endpoint(url: impl Into<String>) { options.revocation_endpoint = Some(url.into()) }
    }

    /// Adds a parameter to the authorization request (RFC 6749 section 8.2), or replaces the one of this name.
    ///
    /// The protocol's own parameters, `state` for one, are refused when the configuration is built.
    ///
    /// ```
    /// # use aura_proto::{Action, Auth, ClientSecret};
    /// # use aura_providers::DISCORD;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let discord = DISCORD.with_client("id", ClientSecret::new("secret")).authorization_parameter("prompt", "none");
    /// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(discord).build()?;
    /// # let request = http::Request::get("/auth/signIn/discord").body(bytes::Bytes::new())?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let Action::Redirect(redirect) = auth.handle(request, now, entropy) else { unreachable!() };
    /// assert!(redirect.location.as_str().contains("&prompt=none"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn authorization_parameter(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        let mut provider = self.without_authorization_parameter(&name);
        provider.options.authorization_parameters.push((name, value.into()));
        provider
    }

    /// Removes a parameter that the row adds to the authorization request.
    ///
    /// ```
    /// # use aura_proto::{Action, Auth, ClientSecret};
    /// # use aura_providers::ATLASSIAN;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let atlassian = ATLASSIAN.with_client("id", ClientSecret::new("secret")).without_authorization_parameter("prompt");
    /// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(atlassian).build()?;
    /// # let request = http::Request::get("/auth/signIn/atlassian").body(bytes::Bytes::new())?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let Action::Redirect(redirect) = auth.handle(request, now, entropy) else { unreachable!() };
    /// assert!(!redirect.location.as_str().contains("prompt="));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without_authorization_parameter(mut self, name: &str) -> Self {
        self.options.authorization_parameters.retain(|(other, _)| other != name);
        self
    }

    /// Adds a header to the userinfo request, or replaces the one of this name. `{client_id}` in the value is replaced by the
    /// application's id. The value counts as a secret: `Debug` does not show it.
    pub fn userinfo_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.options.userinfo_headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        self.options.userinfo_headers.push((name, ClientSecret::new(value)));
        self
    }

    /// Removes the issuer: `iss` of a callback is ignored and reported. For an installation of one's own
    /// behind the endpoints of a row.
    pub fn without_issuer(mut self) -> Self {
        (self.options.issuer, self.options.iss) = (None, IssParameter::Optional);
        self
    }
}

impl Provider {
    setters! {
        /// Sets the client's secret (RFC 6749 section 2.3.1). It is sent in the form at the token endpoint, or by the method
        /// that an OpenID Provider publishes, unless another method is set.
        ///
        /// ```
        /// # use aura_proto::{ClientSecret, provider::Provider};
        /// let work = Provider::openid("work", "https://id.example.com", "client-id");
        /// let work = work.client_secret(ClientSecret::new("client-secret"));
        /// assert!(!format!("{work:?}").contains("client-secret"));
        /// ```
        pub fn client_secret(secret: ClientSecret) { options.client_secret = Some(secret) }

        /// Authenticates at the token endpoint by HTTP Basic instead of form fields (RFC 6749 section 2.3.1).
        pub fn client_secret_basic() {
            options.authentication = AuthenticationMethod::Secret(SecretMethod::Basic)
        }

        /// Authenticates at the token endpoint by form fields instead of HTTP Basic (RFC 6749 section 2.3.1).
        pub fn client_secret_post() {
            options.authentication = AuthenticationMethod::Secret(SecretMethod::Post)
        }

        /// Authenticates by a token that is signed with the secret, which is not sent: `client_secret_jwt`, by HS256 (OpenID
        /// Connect Core 1.0 section 9).
        pub fn client_secret_jwt() {
            options.authentication = AuthenticationMethod::Secret(SecretMethod::Jwt)
        }

        /// Authenticates by a token that is signed with a private key, whose public key is registered at the provider:
        /// `private_key_jwt` (RFC 7523 section 2.2). The token is for the issuer alone, unless
        /// [`client_assertion_audience`](Self::client_assertion_audience) is set. `aura_http::signing_key` makes RSA and ECDSA
        /// keys of PEM.
        pub fn private_key_jwt(key: SigningKey) {
            options.authentication = AuthenticationMethod::PrivateKeyJwt(key)
        }

        /// Sets the audience of client assertions, for `private_key_jwt` and `client_secret_jwt`. A provider that refuses
        /// the usual one answers `invalid_client`.
        ///
        /// ```
        /// # use aura_proto::{ClientSecret, provider::AssertionAudience};
        /// # use aura_providers::OKTA;
        /// let okta = OKTA.with_client("id", ClientSecret::new("secret")).client_secret_jwt();
        /// let okta = okta.client_assertion_audience(AssertionAudience::TokenEndpoint);
        /// # let _ = okta;
        /// ```
        pub fn client_assertion_audience(audience: AssertionAudience) {
            options.assertion_audience = audience
        }

        /// Sets the name of the parameter `client_id` in the authorization request and at the token endpoint of an OAuth
        /// provider.
        ///
        /// ```
        /// # use aura_proto::{Action, Auth, provider::Provider};
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// let tiktok = Provider::oauth("tiktok", "client-key")
        ///     .client_id_parameter("client_key")
        /// #    .authorization_endpoint("https://www.tiktok.com/v2/auth/authorize/")
        /// #    .token_endpoint("https://open.tiktokapis.com/v2/oauth/token/")
        /// #    .userinfo_endpoint("https://open.tiktokapis.com/v2/user/info/")
        ///     .scope("user.info.basic");
        /// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(tiktok).build()?;
        /// # let request = http::Request::get("/auth/signIn/tiktok").body(bytes::Bytes::new())?;
        /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
        /// let Action::Redirect(redirect) = auth.handle(request, now, entropy) else { unreachable!() };
        /// assert!(redirect.location.as_str().contains("client_key=client-key"));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn client_id_parameter(name: impl Into<String>) { options.client_id_parameter = name.into() }
    }

    /// Adds a parameter to token requests (RFC 6749 section 8.2), or replaces the one of this name. The protocol's own are
    /// refused when the configuration is built. The value counts as a secret.
    ///
    /// ```
    /// # use aura_proto::provider::Provider;
    /// let own = Provider::oauth("own", "client-id").token_parameter("audience", "https://api.example.com");
    /// assert!(!format!("{own:?}").contains("api.example.com"));
    /// ```
    pub fn token_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.options.token_parameters.retain(|(other, _)| *other != name);
        self.options.token_parameters.push((name, ClientSecret::new(value)));
        self
    }

    /// Authenticates as Sign in with Apple requires: by a client secret that is a token, signed with a team's ES256 key, with the
    /// key's id. Each request has a new one.
    pub fn apple_client_secret(mut self, team_id: impl Into<String>, key: SigningKey) -> Self {
        let (team_id, audience) = (team_id.into(), "https://appleid.apple.com");
        self.options.authentication = AuthenticationMethod::TeamKey { team_id, audience, key };
        self
    }
}
