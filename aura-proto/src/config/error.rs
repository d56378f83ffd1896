//! What can be wrong with a configuration? Each mistake names the option and the remedy.

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
    /// A parameter of a provider's authorization request is the sign-in's own, or is there twice.
    ProviderParameter {
        /// The provider.
        id: String,
        /// The parameter's name.
        name: String,
    },
    /// A header of a provider's userinfo request is malformed, or not the provider's to set.
    ProviderHeader {
        /// The provider.
        id: String,
        /// The header's name.
        name: String,
    },
    /// A provider's issuer is not a URL as RFC 9207 has it, or is missing though `iss` is `always`.
    ProviderIssuer {
        /// The provider.
        id: String,
    },
    /// A provider's profile has a text that is no JSON pointer (RFC 6901 section 3).
    ProviderPointer {
        /// The provider.
        id: String,
        /// The text.
        pointer: String,
    },
    /// Two providers have the same id.
    DuplicateProvider {
        /// The id.
        id: String,
    },
    /// The cryptography library refused a key.
    Keys,
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
            Self::ProviderParameter { id, name } => write!(
                f,
                "provider {id}: authorization parameter {name:?} is set already, by the sign-in itself or by authorize_url; remove it (a scope belongs into the option scope)"
            ),
            Self::ProviderHeader { id, name } => write!(
                f,
                "provider {id}: userinfo header {name:?} is malformed, or set by the sign-in itself; correct or remove it"
            ),
            Self::ProviderIssuer { id } => write!(
                f,
                "provider {id}: issuer must be an https URL without query and fragment, and be there where iss is always"
            ),
            Self::ProviderPointer { id, pointer } => {
                write!(
                    f,
                    "provider {id}: profile has {pointer:?}; a JSON pointer begins with '/', as in /user/id"
                )
            }
            Self::DuplicateProvider { id } => {
                write!(f, "provider {id} is configured twice; give one of them another id")
            }
            Self::Keys => f.write_str("the keys cannot be derived from this secret and salt; make new ones"),
        }
    }
}

impl std::error::Error for ConfigError {}
