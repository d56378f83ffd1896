//! Errors of a configuration: the option, and the remedy.

use crate::jose::KeyError;

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
    /// A length of the session's policy is zero or longer than ten years, or its threshold no percentage.
    #[error(
        "session: max_age and max_duration must be from one second to ten years, the threshold from 0 to 100 percent"
    )]
    SessionLength,
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
        "cookies: the max_age of {cookie} must be whole seconds, from one to ten years (for state: ten minutes)"
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
    /// A provider's id is not a plain word.
    #[error("provider id {id:?} must have 1 to 64 letters, digits, '-' and '_'")]
    ProviderId {
        /// The value given.
        id: String,
    },
    /// A provider has no client id, or an empty secret.
    #[error("provider {id}: client_id or client_secret is empty; copy both from the provider's console")]
    ProviderCredentials {
        /// The provider.
        id: String,
    },
    /// A provider signs ID tokens with the client's secret, and there is none.
    #[error(
        "provider {id}: its ID tokens are signed with the client's secret, and there is none; give it one, or say id_token_key(IdTokenKey::Published)"
    )]
    ProviderIdTokenKey {
        /// The provider.
        id: String,
    },
    /// A provider's endpoint is not an https URL, nor http on this machine.
    #[error(
        "provider {id}: {option} must be an https URL (http only for localhost), and none where the issuer publishes it"
    )]
    ProviderEndpoint {
        /// The provider.
        id: String,
        /// The option.
        option: &'static str,
    },
    /// A parameter of a provider's authorization request is the sign-in's own, or is there twice.
    #[error(
        "provider {id}: authorization parameter {name:?} is set already, by the sign-in itself or by authorize_url, or has a value that is not understood; remove it (a scope belongs into the option scope)"
    )]
    ProviderParameter {
        /// The provider.
        id: String,
        /// The parameter's name.
        name: String,
    },
    /// A header of a provider's userinfo request is malformed, or not the provider's to set.
    #[error(
        "provider {id}: userinfo header {name:?} is malformed, or set by the sign-in itself; correct or remove it"
    )]
    ProviderHeader {
        /// The provider.
        id: String,
        /// The header's name.
        name: String,
    },
    /// A provider's issuer is not a URL as RFC 9207 has it, or is missing though `iss` is `always`.
    #[error(
        "provider {id}: issuer must be an https URL without query and fragment, and be there where iss is always"
    )]
    ProviderIssuer {
        /// The provider.
        id: String,
    },
    /// A part of an OpenID Provider's issuer is left open.
    #[error(
        "provider {id}: the issuer leaves {name} open; set <ID>_{} in the environment, or call issuer_parameter({name:?}, ..)",
        .name.to_ascii_uppercase()
    )]
    ProviderIssuerParameter {
        /// The provider.
        id: String,
        /// The part's name.
        name: String,
    },
    /// An OpenID Provider is not asked for the scope `openid` (OpenID Connect Core 1.0 section 3.1.2.1).
    #[error("provider {id}: scope must have openid, as in: openid profile email")]
    ProviderScope {
        /// The provider.
        id: String,
    },
    /// A provider's profile has a text that is no JSON pointer (RFC 6901 section 3).
    #[error("provider {id}: profile has {pointer:?}; a JSON pointer begins with '/', as in /user/id")]
    ProviderPointer {
        /// The provider.
        id: String,
        /// The text.
        pointer: String,
    },
    /// Two providers have the same id.
    #[error("provider {id} is configured twice; give one of them another id")]
    DuplicateProvider {
        /// The id.
        id: String,
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
        "tokens has a key that nothing uses: signing_key needs the mode sealed or signed, and previous_key needs signing_key"
    )]
    UnusedTokenKey,
}
