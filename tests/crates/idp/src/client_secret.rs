//! Client secrets, which are compared and never shown.

use std::fmt;

use ring::hmac;

use crate::digest::Fingerprint;

/// A client's password, kept as its digest and as a key that cannot be read (RFC 6749 section 2.3.1).
///
/// ```
/// use aura_test_idp::ClientSecret;
///
/// assert_eq!(format!("{:?}", ClientSecret::new("app-secret")), "ClientSecret(redacted)");
/// ```
#[derive(Clone)]
pub struct ClientSecret {
    fingerprint: Fingerprint,
    key: hmac::Key,
}

impl ClientSecret {
    /// Takes in a secret; there is no way to read it again.
    ///
    /// ```
    /// let secret = aura_test_idp::ClientSecret::new("app-secret");
    /// assert!(!format!("{secret:?}").contains("app-secret"));
    /// ```
    #[must_use = "give the secret to Client::new"]
    pub fn new(secret: &str) -> Self {
        Self {
            fingerprint: Fingerprint::of(secret),
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
        }
    }

    pub(crate) fn matches(&self, secret: &str) -> bool {
        self.fingerprint.matches(secret)
    }

    /// Checks a tag by HS256 (RFC 7518 section 3.2).
    pub(crate) fn has_signed(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.key, message, tag).is_ok()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientSecret(redacted)")
    }
}
