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
    /// `trusted_proxy_headers` stands without `trusted_origins`, so that a header could name any host.
    ProxyHeadersWithoutOrigins,
    /// `cookie_prefix` has characters that a cookie's name cannot have.
    CookiePrefix {
        /// The value given.
        value: String,
    },
    /// A length of the session's policy is zero or longer than ten years, or its threshold no percentage.
    SessionLength,
    /// A name on the session policy's lists is one that session tokens need for themselves.
    SessionClaims,
    /// `error_page` is not a path of this site.
    ErrorPage {
        /// The value given.
        value: String,
    },
    /// A cookie's name has characters that it cannot have, or is, or begins like, another one's.
    CookieName {
        /// The cookie, as the contract calls it.
        cookie: &'static str,
        /// The value given.
        value: String,
    },
    /// A cookie's `Max-Age` is not in whole seconds, is zero, or is longer than that cookie may live.
    CookieMaxAge {
        /// The cookie, as the contract calls it.
        cookie: &'static str,
    },
    /// A cookie's path is not one that the base path lies under.
    CookiePath {
        /// The cookie, as the contract calls it.
        cookie: &'static str,
        /// The value given.
        value: String,
    },
    /// A cookie's domain is not a domain that this site is in. `*` is none.
    CookieDomain {
        /// The cookie, as the contract calls it.
        cookie: &'static str,
        /// The value given.
        value: String,
    },
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
    /// A provider signs ID tokens with the client's secret, and there is none.
    ProviderIdTokenKey {
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
    /// A part of an OpenID Provider's issuer is left open.
    ProviderIssuerParameter {
        /// The provider.
        id: String,
        /// The part's name.
        name: String,
    },
    /// An OpenID Provider is not asked for the scope `openid` (OpenID Connect Core 1.0 section 3.1.2.1).
    ProviderScope {
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
        // Each of them writes the mistakes of its own group and nothing else.
        self.fmt_site(f)?;
        self.fmt_cookies(f)?;
        self.fmt_providers(f)?;
        self.fmt_tokens(f)
    }
}

impl std::error::Error for ConfigError {}

/// The variants of a group, for the groups that leave them to it: no wildcard, so that none can be forgotten.
macro_rules! group {
    (site) => {
        Self::BaseUrl { .. }
            | Self::BasePath { .. }
            | Self::TrustedOrigin { .. }
            | Self::ProxyHeadersWithoutOrigins
            | Self::SessionLength
            | Self::SessionClaims
            | Self::ErrorPage { .. }
    };
    (cookies) => {
        Self::CookiePrefix { .. }
            | Self::CookieName { .. }
            | Self::CookieMaxAge { .. }
            | Self::CookiePath { .. }
            | Self::CookieDomain { .. }
    };
    (providers) => {
        Self::ProviderId { .. }
            | Self::ProviderCredentials { .. }
            | Self::ProviderIdTokenKey { .. }
            | Self::ProviderEndpoint { .. }
            | Self::ProviderParameter { .. }
            | Self::ProviderHeader { .. }
            | Self::ProviderIssuer { .. }
            | Self::ProviderIssuerParameter { .. }
            | Self::ProviderScope { .. }
            | Self::ProviderPointer { .. }
            | Self::DuplicateProvider { .. }
    };
    (tokens) => {
        Self::Keys | Self::Algorithm { .. } | Self::TokenKey(_) | Self::UnusedTokenKey
    };
}

impl ConfigError {
    fn fmt_site(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseUrl { value } => write!(
                f,
                "base_url {value:?} is not an origin; give scheme and host, as in https://example.com"
            ),
            Self::BasePath { value } => {
                write!(f, "base_path {value:?} is not a plain path; give one such as /auth or /api/v1/auth")
            }
            Self::TrustedOrigin { value } => write!(
                f,
                "trusted_origins has {value:?}; give origins such as https://example.com, https://*.example.com or https://example.com:*"
            ),
            Self::ProxyHeadersWithoutOrigins => f.write_str(
                "trusted_proxy_headers needs trusted_origins; list every public origin of this site there, such as https://example.com"
            ),
            Self::SessionLength => f.write_str(
                "session: max_age and max_duration must be from one second to ten years, the threshold from 0 to 100 percent",
            ),
            Self::SessionClaims => f.write_str(
                "session: editable and public_claims cannot list sub, provider, iss, aud, iat, nbf, exp, mexp or jti",
            ),
            Self::ErrorPage { value } => {
                write!(f, "error_page {value:?} is not a path of this site; give one such as /sign-in-failed")
            }
            group!(cookies) | group!(providers) | group!(tokens) => Ok(()),
        }
    }

    fn fmt_cookies(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CookiePrefix { value } => write!(
                f,
                "cookie_prefix {value:?} cannot name cookies; use letters, digits, '-', '_' and '.', and no leading \"__\" or trailing dot"
            ),
            Self::CookieName { cookie, value } => write!(
                f,
                "cookies: {cookie} cannot be named {value:?}; use letters, digits, '-', '_' and '.', and another name for each cookie"
            ),
            Self::CookieMaxAge { cookie } => write!(
                f,
                "cookies: the max_age of {cookie} must be whole seconds, from one to ten years (for state: ten minutes)"
            ),
            Self::CookiePath { cookie, value } => write!(
                f,
                "cookies: {cookie} has the path {value:?}, where the routes would not see it; give / or a path that base_path lies under"
            ),
            Self::CookieDomain { cookie, value } => write!(
                f,
                "cookies: {cookie} has the domain {value:?}; give the host of base_url or a parent of it, such as example.com, or none"
            ),
            group!(site) | group!(providers) | group!(tokens) => Ok(()),
        }
    }

    fn fmt_providers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProviderId { id } => {
                write!(f, "provider id {id:?} must have 1 to 64 letters, digits, '-' and '_'")
            }
            Self::ProviderCredentials { id } => write!(
                f,
                "provider {id}: client_id or client_secret is empty; copy both from the provider's console"
            ),
            Self::ProviderIdTokenKey { id } => write!(
                f,
                "provider {id}: its ID tokens are signed with the client's secret, and there is none; give it one, or say \
                 id_token_key(IdTokenKey::Published)"
            ),
            Self::ProviderEndpoint { id, option } => {
                write!(
                    f,
                    "provider {id}: {option} must be an https URL (http only for localhost), and none where the issuer publishes it"
                )
            }
            Self::ProviderParameter { id, name } => write!(
                f,
                "provider {id}: authorization parameter {name:?} is set already, by the sign-in itself or by authorize_url, or has a value that is not understood; remove it (a scope belongs into the option scope)"
            ),
            Self::ProviderHeader { id, name } => write!(
                f,
                "provider {id}: userinfo header {name:?} is malformed, or set by the sign-in itself; correct or remove it"
            ),
            Self::ProviderIssuer { id } => write!(
                f,
                "provider {id}: issuer must be an https URL without query and fragment, and be there where iss is always"
            ),
            Self::ProviderIssuerParameter { id, name } => write!(
                f,
                "provider {id}: the issuer leaves {name} open; set <ID>_{} in the environment, or call issuer_parameter({name:?}, ..)",
                name.to_ascii_uppercase()
            ),
            Self::ProviderScope { id } => {
                write!(f, "provider {id}: scope must have openid, as in: openid profile email")
            }
            Self::ProviderPointer { id, pointer } => {
                write!(
                    f,
                    "provider {id}: profile has {pointer:?}; a JSON pointer begins with '/', as in /user/id"
                )
            }
            Self::DuplicateProvider { id } => {
                write!(f, "provider {id} is configured twice; give one of them another id")
            }
            group!(site) | group!(cookies) | group!(tokens) => Ok(()),
        }
    }

    fn fmt_tokens(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys => f.write_str("the keys cannot be derived from this secret and salt; make new ones"),
            Self::Algorithm { algorithm, remedy } => {
                write!(f, "session tokens cannot use {algorithm}: {remedy}")
            }
            Self::TokenKey(error) => write!(f, "a key for session tokens is refused: {error}"),
            Self::UnusedTokenKey => f.write_str(
                "tokens has a key that nothing uses: signing_key needs the mode sealed or signed, and previous_key needs signing_key",
            ),
            group!(site) | group!(cookies) | group!(providers) => Ok(()),
        }
    }
}
