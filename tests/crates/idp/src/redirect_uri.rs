//! Redirect URIs, compared exactly with the registered ones.

use std::fmt;

use url::Url;

/// A registered redirection endpoint, exactly as registered; always visible ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RedirectUri(String);

impl RedirectUri {
    pub(crate) fn parse(value: &str) -> Result<Self, RedirectUriError> {
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

/// Reason why a `redirect_uri` cannot be registered (RFC 6749 section 3.1.2).
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
    fn response_parameters_join_the_query_that_is_there() {
        let plain = RedirectUri::parse("https://app.example/cb").unwrap();
        assert_eq!(plain.with_query("code=1"), "https://app.example/cb?code=1");
        let tenant = RedirectUri::parse("https://app.example/cb?tenant=a").unwrap();
        assert_eq!(tenant.with_query("code=1"), "https://app.example/cb?tenant=a&code=1");
    }
}
