//! Registered clients and their redirect URIs.

use std::fmt;

use crate::client_secret::ClientSecret;
use crate::jwk::VerificationKey;
use crate::jws::Jws;
use crate::redirect_uri::{RedirectUri, RedirectUriError};

/// One registered client (RFC 6749 section 2).
///
/// ```
/// use aura_test_idp::{Client, ClientSecret};
///
/// let client = Client::new("app", ClientSecret::new("app-secret"))
///     .with_name("My Application")
///     .with_redirect_uri("http://localhost:3000/callback")?;
/// assert_eq!(client.id(), "app");
/// # Ok::<(), aura_test_idp::RedirectUriError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    id: String,
    name: String,
    credential: ClientCredential,
    method: Option<ClientAuthenticationMethod>,
    redirect_uris: Vec<RedirectUri>,
    post_logout_redirect_uris: Vec<RedirectUri>,
}

/// Credential of a client.
#[derive(Clone, Debug)]
enum ClientCredential {
    Secret(ClientSecret),
    Key(VerificationKey),
    Nothing,
}

/// Names a way of client authentication (OpenID Connect Core section 9).
///
/// ```
/// use aura_test_idp::{Client, ClientAuthenticationMethod, ClientSecret};
///
/// let client = Client::new("app", ClientSecret::new("app-secret"))
///     .only_by(ClientAuthenticationMethod::ClientSecretBasic);
/// assert_eq!(client.id(), "app");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthenticationMethod {
    /// The secret, in the header `Authorization` (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// The secret, in the body (RFC 6749 section 2.3.1).
    ClientSecretPost,
    /// A JWT by HS256, keyed with the secret (RFC 7523 section 2.2).
    ClientSecretJwt,
    /// A JWT by RS256, ES256 or EdDSA, signed with the client's private key (RFC 7523 section 2.2).
    PrivateKeyJwt,
    /// Nothing: the client is public (RFC 6749 section 2.1).
    None,
}

impl Client {
    /// Registers a client, at first without any redirection endpoint (RFC 6749 section 2.2).
    ///
    /// ```
    /// use aura_test_idp::{Client, ClientSecret};
    ///
    /// let client = Client::new("app", ClientSecret::new("app-secret"));
    /// assert_eq!(client.id(), "app");
    /// ```
    #[must_use = "register the client with Idp::client"]
    pub fn new(id: &str, secret: ClientSecret) -> Self {
        Self::with_credential(id, ClientCredential::Secret(secret))
    }

    /// Registers a public client, which proves itself by PKCE alone (RFC 6749 section 2.1).
    ///
    /// ```
    /// use aura_test_idp::Client;
    ///
    /// assert_eq!(Client::public("app").id(), "app");
    /// ```
    #[must_use = "register the client with Idp::client"]
    pub fn public(id: &str) -> Self {
        Self::with_credential(id, ClientCredential::Nothing)
    }

    /// Registers a client that signs with a private key, by the public one as a JWK (RFC 7517 section 4).
    ///
    /// ```
    /// use aura_test_idp::Client;
    ///
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// assert_eq!(Client::with_public_key("app", jwk)?.id(), "app");
    /// # Ok::<(), aura_test_idp::PublicKeyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the value is no JWK with an RSA, P-256, P-384 or Ed25519 key.
    pub fn with_public_key(id: &str, jwk: &str) -> Result<Self, PublicKeyError> {
        let jwk = serde_json::from_str(jwk).map_err(|_| PublicKeyError)?;
        let key = VerificationKey::parse(&jwk).ok_or(PublicKeyError)?;
        Ok(Self::with_credential(id, ClientCredential::Key(key)))
    }

    fn with_credential(id: &str, credential: ClientCredential) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            credential,
            method: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
        }
    }

    /// Insists on one way of client authentication; without it every way that the credential allows will do
    /// (OpenID Connect Core section 9).
    ///
    /// See the example of [`ClientAuthenticationMethod`].
    #[must_use = "register the client with Idp::client"]
    pub const fn only_by(mut self, method: ClientAuthenticationMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// Sets the name that the login page shows; without it that is the `client_id`.
    ///
    /// ```
    /// use aura_test_idp::{Client, ClientSecret};
    ///
    /// let client = Client::new("app", ClientSecret::new("app-secret")).with_name("My Application");
    /// assert_eq!(client.id(), "app");
    /// ```
    #[must_use = "register the client with Idp::client"]
    pub fn with_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Adds a redirection endpoint, compared character by character (RFC 6749 section 3.1.2).
    ///
    /// ```
    /// use aura_test_idp::{Client, ClientSecret, RedirectUriError};
    ///
    /// let client = Client::new("app", ClientSecret::new("app-secret"));
    /// assert_eq!(client.with_redirect_uri("/callback").err(), Some(RedirectUriError::NotAbsolute));
    /// ```
    ///
    /// # Errors
    ///
    /// If the value is not an absolute `http` or `https` URL without a fragment.
    pub fn with_redirect_uri(mut self, redirect_uri: &str) -> Result<Self, RedirectUriError> {
        self.redirect_uris.push(RedirectUri::parse(redirect_uri)?);
        Ok(self)
    }

    /// Adds a place to return to after a sign-out, compared character by character
    /// (OpenID Connect RP-Initiated Logout section 3.1).
    ///
    /// # Errors
    ///
    /// If the value is not an absolute `http` or `https` URL without a fragment.
    pub fn with_post_logout_redirect_uri(mut self, uri: &str) -> Result<Self, RedirectUriError> {
        self.post_logout_redirect_uris.push(RedirectUri::parse(uri)?);
        Ok(self)
    }

    /// Returns the `client_id` (RFC 6749 section 2.2).
    ///
    /// ```
    /// # use aura_test_idp::{Client, ClientSecret};
    /// assert_eq!(Client::new("app", ClientSecret::new("app-secret")).id(), "app");
    /// ```
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn display_name(&self) -> &str {
        &self.name
    }

    /// Tells whether the client may authenticate in this way.
    fn may(&self, method: ClientAuthenticationMethod) -> bool {
        self.method.is_none_or(|only| only == method)
    }

    /// Tells whether a secret that came in this way is the client's.
    pub(crate) fn has_secret(&self, secret: &str, method: ClientAuthenticationMethod) -> bool {
        match &self.credential {
            ClientCredential::Secret(own) => self.may(method) && own.matches(secret),
            ClientCredential::Key(_) | ClientCredential::Nothing => false,
        }
    }

    /// Tells whether the client signed an assertion: with the secret by HS256, or with the private key.
    pub(crate) fn has_signed(&self, jws: &Jws) -> bool {
        match &self.credential {
            ClientCredential::Secret(secret) => {
                self.may(ClientAuthenticationMethod::ClientSecretJwt)
                    && jws.is_signed_by(|alg, input, tag| alg == "HS256" && secret.has_signed(input, tag))
            }
            ClientCredential::Key(key) => {
                self.may(ClientAuthenticationMethod::PrivateKeyJwt)
                    && jws.is_signed_by(|alg, input, signature| key.verifies(alg, input, signature))
            }
            ClientCredential::Nothing => false,
        }
    }

    pub(crate) const fn is_public(&self) -> bool {
        matches!(self.credential, ClientCredential::Nothing)
    }

    pub(crate) fn registered(&self, redirect_uri: &str) -> Option<&RedirectUri> {
        self.redirect_uris.iter().find(|registered| registered.as_str() == redirect_uri)
    }

    pub(crate) fn registered_after_logout(&self, uri: &str) -> Option<&RedirectUri> {
        self.post_logout_redirect_uris.iter().find(|registered| registered.as_str() == uri)
    }
}

/// Error for a client's public key that cannot be used (RFC 7517 section 4).
///
/// ```
/// use aura_test_idp::{Client, PublicKeyError};
///
/// assert_eq!(Client::with_public_key("app", "{}").err(), Some(PublicKeyError));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKeyError;

impl fmt::Display for PublicKeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the key is no JWK with an RSA, P-256, P-384 or Ed25519 key")
    }
}

impl std::error::Error for PublicKeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_compared_character_by_character() {
        let client =
            Client::new("app", ClientSecret::new("s")).with_redirect_uri("https://app.example/cb").unwrap();
        assert!(client.registered("https://app.example/cb").is_some());
        for other in ["https://app.example/cb/", "https://app.example/CB", "https://app.example/cb?", ""] {
            assert!(client.registered(other).is_none(), "{other}");
        }
    }
}
