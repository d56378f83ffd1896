//! Errors of a configuration: the option, and the remedy.

use crate::provider::ProviderProblem;
use aura_jose::KeyError;

/// What is wrong with a configuration: the option, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// `base_url` is not an origin.
    #[error("base_url {value:?} is not an origin; give scheme and host, as in https://example.com")]
    BaseUrl {
        /// The value given.
        value: String,
    },
    /// `base_path` is not a plain path.
    #[error("base_path {value:?} is not a plain path; give one such as /auth or /api/v1/auth")]
    BasePath {
        /// The value given.
        value: String,
    },
    /// `public_path` is not a plain path.
    #[error("public_path {value:?} is not a plain path; give the one that the proxy takes off, such as /app")]
    PublicPath {
        /// The value given.
        value: String,
    },
    /// `forwarded_prefix` is set where nobody trustworthy writes the field.
    #[error(
        "forwarded_prefix needs trusted_proxy_headers, and a proxy that writes X-Forwarded-*; or set public_path"
    )]
    ForwardedPrefix,
    /// An entry of `trusted_origins` is not an origin or a pattern of one.
    #[error(
        "trusted_origins has {value:?}; give origins such as https://example.com, https://*.example.com or https://example.com:*"
    )]
    TrustedOrigin {
        /// The value given.
        value: String,
    },
    /// `trusted_proxy_headers` stands without `trusted_origins`, so that a header could name any host.
    #[error(
        "trusted_proxy_headers needs trusted_origins; list every public origin of this site there, such as https://example.com"
    )]
    ProxyHeadersWithoutOrigins,
    /// `cookie_prefix` has characters that a cookie's name cannot have.
    #[error(
        "cookie_prefix {value:?} cannot name cookies; use letters, digits, '-', '_' and '.', and no leading \"__\" or trailing dot"
    )]
    CookiePrefix {
        /// The value given.
        value: String,
    },
    /// A length of the session's policy is zero or longer than ten years, its threshold no percentage, or its size no token's.
    #[error(
        "session: max_age and max_duration must be from one second to ten years, the threshold from 0 to 100 percent, max_size from 1024 to 20480 bytes"
    )]
    SessionLength,
    /// `attempt_lifetime` is too short for a sign-in, or too long for what an attempt protects.
    #[error("attempt_lifetime must be whole seconds, from ten to sixty minutes")]
    AttemptLifetime,
    /// A name on the session policy's lists is one that session tokens need for themselves.
    #[error(
        "session: editable and public_claims cannot list sub, provider, iss, aud, iat, nbf, exp, mexp or jti"
    )]
    SessionClaims,
    /// `error_page` is not a path of this site.
    #[error("error_page {value:?} is not a path of this site; give one such as /sign-in-failed")]
    ErrorPage {
        /// The value given.
        value: String,
    },
    /// A cookie's name has characters that it cannot have, or is, or begins like, another one's.
    #[error(
        "cookies: {cookie} cannot be named {value:?}; use letters, digits, '-', '_' and '.', and another name for each cookie"
    )]
    CookieName {
        /// The cookie, as the contract calls it.
        cookie: &'static str,
        /// The value given.
        value: String,
    },
    /// A cookie's `Max-Age` is not in whole seconds, is zero, or is longer than that cookie may live.
    #[error(
        "cookies: the max_age of {cookie} must be whole seconds, from one to ten years (for state: at most attempt_lifetime)"
    )]
    CookieMaxAge {
        /// The cookie, as the contract calls it.
        cookie: &'static str,
    },
    /// A cookie's path is not one that the base path lies under.
    #[error(
        "cookies: {cookie} has the path {value:?}, where the routes would not see it; give / or a path that base_path lies under"
    )]
    CookiePath {
        /// The cookie, as the contract calls it.
        cookie: &'static str,
        /// The value given.
        value: String,
    },
    /// A cookie's domain is not a domain that this site is in. `*` is none.
    #[error(
        "cookies: {cookie} has the domain {value:?}; give the host of base_url or a parent of it, such as example.com, or none"
    )]
    CookieDomain {
        /// The cookie, as the contract calls it.
        cookie: &'static str,
        /// The value given.
        value: String,
    },
    /// A provider cannot be used as it is configured.
    #[error("{} {problem}", .problem.subject(.id))]
    Provider {
        /// The provider's id.
        id: String,
        /// What is wrong with it.
        problem: ProviderProblem,
    },
    /// The cryptography library refused a key.
    #[error("the keys cannot be derived from this secret and salt; make new ones")]
    Keys,
    /// An algorithm for session tokens cannot be used.
    #[error("session tokens cannot use {algorithm}: {remedy}")]
    Algorithm {
        /// Its registered name.
        algorithm: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// A key for session tokens cannot be used.
    #[error("a key for session tokens is refused: {0}")]
    TokenKey(#[from] KeyError),
    /// A key for session tokens would never be used.
    #[error(
        "session_token_format has a key that nothing uses: signing_key needs the mode sealed or signed, and previous_key needs signing_key"
    )]
    UnusedTokenKey,
}
