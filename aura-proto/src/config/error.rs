//! What can be wrong with a configuration? Each mistake names the option and the remedy.

use crate::jose::KeyError;
use std::fmt;

/// What is wrong with a configuration: the option, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// `base_url` is not an origin.
    BaseUrl {
        /// The value given.
        value: String,
    },
    /// `base_path` is not a plain path.
    BasePath {
        /// The value given.
        value: String,
    },
    /// An entry of `trusted_origins` is not an origin or a pattern of one.
    TrustedOrigin {
        /// The value given.
        value: String,
    },
    /// `cookie_prefix` has characters that a cookie's name cannot have.
    CookiePrefix {
        /// The value given.
        value: String,
    },
    /// `session_max_age` is zero or longer than ten years.
    SessionMaxAge,
    /// A provider's id is not a plain word.
    ProviderId {
        /// The value given.
        id: String,
    },
    /// A provider has no client id, or an empty secret.
    ProviderCredentials {
        /// The provider.
        id: String,
    },
    /// A provider's endpoint is not an https URL, nor http on this machine.
    ProviderEndpoint {
        /// The provider.
        id: String,
        /// The option.
        option: &'static str,
    },
    /// Two providers have the same id.
    DuplicateProvider {
        /// The id.
        id: String,
    },
    /// The cryptography library refused a key.
    Keys,
    /// An algorithm for session tokens cannot be used.
    Algorithm {
        /// Its registered name.
        algorithm: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// A key for session tokens cannot be used.
    TokenKey(KeyError),
    /// A key for session tokens would never be used.
    UnusedTokenKey,
}

impl From<KeyError> for ConfigError {
    fn from(error: KeyError) -> Self {
        Self::TokenKey(error)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseUrl { value } => {
                write!(
                    f,
                    "base_url {value:?} is not an origin; give scheme and host, as in https://example.com"
                )
            }
            Self::BasePath { value } => {
                write!(f, "base_path {value:?} is not a plain path; give one such as /auth or /api/v1/auth")
            }
            Self::TrustedOrigin { value } => write!(
                f,
                "trusted_origins has {value:?}; give origins such as https://example.com, https://*.example.com or https://example.com:*"
            ),
            Self::CookiePrefix { value } => {
                write!(
                    f,
                    "cookie_prefix {value:?} cannot name cookies; use letters, digits, '-', '_' and '.'"
                )
            }
            Self::SessionMaxAge => f.write_str("session_max_age must be from one second to ten years"),
            Self::ProviderId { id } => {
                write!(f, "provider id {id:?} must have 1 to 64 letters, digits, '-' and '_'")
            }
            Self::ProviderCredentials { id } => write!(
                f,
                "provider {id}: client_id or client_secret is empty; copy both from the provider's console"
            ),
            Self::ProviderEndpoint { id, option } => {
                write!(f, "provider {id}: {option} must be an https URL (http only for localhost)")
            }
            Self::DuplicateProvider { id } => {
                write!(f, "provider {id} is configured twice; give one of them another id")
            }
            Self::Keys => f.write_str("the keys cannot be derived from this secret and salt; make new ones"),
            Self::Algorithm { algorithm, remedy } => {
                write!(f, "session tokens cannot use {algorithm}: {remedy}")
            }
            Self::TokenKey(error) => write!(f, "a key for session tokens is refused: {error}"),
            Self::UnusedTokenKey => f.write_str(
                "tokens has a key that nothing uses: signing_key needs the mode sealed or signed, and previous_key needs signing_key",
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
