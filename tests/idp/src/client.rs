//! Which applications may ask? Registered ones, at registered addresses.

use std::fmt;

use url::Url;

use crate::digest::Fingerprint;

/// One registered confidential client (RFC 6749 section 2).
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
    secret: ClientSecret,
    redirect_uris: Vec<RedirectUri>,
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
        Self { id: id.to_owned(), name: id.to_owned(), secret, redirect_uris: Vec::new() }
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

    /// Gives the `client_id` (RFC 6749 section 2.2).
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

    pub(crate) const fn secret(&self) -> &ClientSecret {
        &self.secret
    }

    pub(crate) fn registered(&self, redirect_uri: &str) -> Option<&RedirectUri> {
        self.redirect_uris.iter().find(|registered| registered.as_str() == redirect_uri)
    }
}

/// A client's password, kept as its digest (RFC 6749 section 2.3.1).
///
/// ```
/// use aura_test_idp::ClientSecret;
///
/// assert_eq!(format!("{:?}", ClientSecret::new("app-secret")), "ClientSecret(redacted)");
/// ```
#[derive(Clone)]
pub struct ClientSecret(Fingerprint);

impl ClientSecret {
    /// Takes in a secret; there is no way to read it again.
    ///
    /// ```
    /// let secret = aura_test_idp::ClientSecret::new("app-secret");
    /// assert!(!format!("{secret:?}").contains("app-secret"));
    /// ```
    #[must_use = "give the secret to Client::new"]
    pub fn new(secret: &str) -> Self {
        Self(Fingerprint::of(secret))
    }

    pub(crate) fn matches(&self, secret: &str) -> bool {
        self.0.matches(secret)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientSecret(redacted)")
    }
}

/// A registered redirection endpoint, exactly as registered; always visible ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RedirectUri(String);

impl RedirectUri {
    fn parse(value: &str) -> Result<Self, RedirectUriError> {
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(RedirectUriError::NotVisibleAscii);
        }
        let url = Url::parse(value).map_err(|_| RedirectUriError::NotAbsolute)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(RedirectUriError::Scheme);
        }
        if url.fragment().is_some() {
            return Err(RedirectUriError::Fragment);
        }
        Ok(Self(value.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Adds encoded response parameters and keeps the query there is (RFC 6749 section 3.1.2).
    pub(crate) fn with_query(&self, encoded: &str) -> String {
        let separator = if self.0.contains('?') { '&' } else { '?' };
        format!("{}{separator}{encoded}", self.0)
    }
}

/// Says why a `redirect_uri` cannot be registered (RFC 6749 section 3.1.2).
///
/// ```
/// use aura_test_idp::{Client, ClientSecret, RedirectUriError};
///
/// let client = Client::new("app", ClientSecret::new("app-secret"));
/// assert_eq!(client.with_redirect_uri("https://app.example/#here").err(), Some(RedirectUriError::Fragment));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectUriError {
    /// It contains a space, a control character or one outside ASCII.
    NotVisibleAscii,
    /// It is not an absolute URL.
    NotAbsolute,
    /// Its scheme is neither `http` nor `https`.
    Scheme,
    /// It has a fragment.
    Fragment,
}

impl fmt::Display for RedirectUriError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotVisibleAscii => "the redirect_uri has a character that is not visible ASCII",
            Self::NotAbsolute => "the redirect_uri is not an absolute URL",
            Self::Scheme => "the redirect_uri is neither http nor https",
            Self::Fragment => "the redirect_uri has a fragment",
        })
    }
}

impl std::error::Error for RedirectUriError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_web_addresses_without_a_fragment_are_redirect_uris() {
        let refused = [
            ("/callback", RedirectUriError::NotAbsolute),
            ("https://", RedirectUriError::NotAbsolute),
            ("javascript:alert(1)", RedirectUriError::Scheme),
            ("https://app.example/#", RedirectUriError::Fragment),
            ("https://app.example/a b", RedirectUriError::NotVisibleAscii),
            ("https://app.example/\r\nSet-Cookie:a", RedirectUriError::NotVisibleAscii),
            ("https://é.example/", RedirectUriError::NotVisibleAscii),
        ];
        for (value, error) in refused {
            assert_eq!(RedirectUri::parse(value), Err(error), "{value}");
        }
    }

    #[test]
    fn redirect_uris_are_compared_character_by_character() {
        let client =
            Client::new("app", ClientSecret::new("s")).with_redirect_uri("https://app.example/cb").unwrap();
        assert!(client.registered("https://app.example/cb").is_some());
        for other in ["https://app.example/cb/", "https://app.example/CB", "https://app.example/cb?", ""] {
            assert!(client.registered(other).is_none(), "{other}");
        }
    }

    #[test]
    fn response_parameters_join_the_query_that_is_there() {
        let plain = RedirectUri::parse("https://app.example/cb").unwrap();
        assert_eq!(plain.with_query("code=1"), "https://app.example/cb?code=1");
        let tenant = RedirectUri::parse("https://app.example/cb?tenant=a").unwrap();
        assert_eq!(tenant.with_query("code=1"), "https://app.example/cb?tenant=a&code=1");
    }
}
