//! Errors of a configuration: the option, and the remedy.

use crate::provider::ProviderProblem;
use aura_jose::KeyError;
use aura_session::{meaning, problems};

problems! {
    /// An error in a configuration: the option, and the remedy.
    #[non_exhaustive]
    pub enum ConfigError {
        /// `base_url` is not an origin.
        BaseUrl { value: String } =
            ["base_url {value:?} is not an origin; give scheme and host, as in https://example.com"],

        /// `base_path` is not a plain path.
        BasePath { value: String } =
            ["base_path {value:?} is not a plain path; give one such as /auth or /api/v1/auth"],

        /// `public_path` is not a plain path.
        PublicPath { value: String } =
            ["public_path {value:?} is not a plain path; give the one that the proxy takes off, such as /app"],

        /// `forwarded_prefix` is set, but no trusted proxy writes the field.
        ForwardedPrefix =
            ["forwarded_prefix needs trusted_proxy_headers, and a proxy that writes X-Forwarded-*; or set public_path"],

        /// An entry of `trusted_origins` is not an origin or a pattern of one.
        TrustedOrigin { value: String } =
            ["trusted_origins has {value:?}; give origins such as https://example.com, https://*.example.com or https://example.com:*"],

        /// `trusted_proxy_headers` is set without `trusted_origins`, so that a header could name any host.
        ProxyHeadersWithoutOrigins =
            ["trusted_proxy_headers needs trusted_origins; list every public origin of this site there, such as https://example.com"],

        /// `Cookies::prefix` has characters that a cookie's name cannot have.
        CookiePrefix { value: String } =
            ["cookie_prefix {value:?} cannot name cookies; use letters, digits, '-', '_' and '.', and no leading \"__\" or trailing dot"],

        /// A length of the session's policy is zero or longer than ten years, its threshold no percentage, or its size no
        /// token's.
        SessionLength =
            ["session: max_age and max_duration must be from one second to ten years, the interval of recheck at least a second and shorter than max_age, the threshold from 0 to 100 percent, max_size from 1024 to 20480 bytes"],

        /// `attempt_lifetime` is too short for a sign-in, or too long for what an attempt protects.
        AttemptLifetime = ["attempt_lifetime must be whole seconds, from ten to sixty minutes"],

        /// A name on the session policy's lists is one that session tokens need for themselves.
        SessionClaims =
            ["session: editable and public_claims cannot list sub, provider, iss, aud, iat, nbf, exp, mexp or jti, \
         nor public_claims name, image or email"],

        /// `error_page` is not a path of this site.
        ErrorPage { value: String } =
            ["error_page {value:?} is not a path of this site; give one such as /sign-in-failed"],
        /// `sign_in_page` is not a path of this site.
        SignInPage { value: String } =
            ["sign_in_page {value:?} is not a path of this site; give one such as /sign-in"],

        /// A cookie's name has characters that it cannot have, or is, or begins like, another one's.
        CookieName { cookie: &'static str, value: String } =
            ["cookies: {cookie} cannot be named {value:?}; use letters, digits, '-', '_' and '.', and another name for each cookie"],

        /// A cookie's `Max-Age` is not in whole seconds, is zero, or is longer than that cookie may live.
        CookieMaxAge { cookie: &'static str } =
            ["cookies: the max_age of {cookie} must be whole seconds, from 1 s to ten years (for state: at most attempt_lifetime)"],

        /// A cookie's path is not one that the base path lies under.
        CookiePath { cookie: &'static str, value: String } =
            ["cookies: {cookie} has the path {value:?}, where the routes would not see it; give / or a path that base_path lies under"],

        /// A cookie's domain is not a domain that this site is in. `*` is none.
        CookieDomain { cookie: &'static str, value: String } =
            ["cookies: {cookie} has the domain {value:?}; give the host of base_url or a parent of it, such as example.com, or none"],

        /// A provider cannot be used as it is configured.
        Provider { id: String, problem: ProviderProblem } = ["{} {problem}", .problem.subject(.id)],

        /// The cryptography library refused a key.
        Keys = ["the keys cannot be derived from this secret and salt; make new ones"],

        /// An algorithm for session tokens cannot be used.
        Algorithm { algorithm: &'static str, remedy: &'static str } =
            ["session tokens cannot use {algorithm}: {remedy}"],

        /// A key for session tokens cannot be used.
        TokenKey(#[from] KeyError) = ["a key for session tokens is refused: {0}"],

        /// A key for session tokens would never be used.
        UnusedTokenKey =
            ["session_token_format has a key that nothing uses: signing_key needs the mode sealed or signed, and previous_key needs signing_key"],
    }
}

impl From<aura_session::ConfigError> for ConfigError {
    fn from(error: aura_session::ConfigError) -> Self {
        use aura_session::internal::config::ConfigProblem as Below;
        match error.complete() {
            Below::BaseUrl { value } => Self::BaseUrl { value },
            Below::BasePath { value } => Self::BasePath { value },
            Below::ForwardedPrefix => Self::ForwardedPrefix,
            Below::TrustedOrigin { value } => Self::TrustedOrigin { value },
            Below::ProxyHeadersWithoutOrigins => Self::ProxyHeadersWithoutOrigins,
            Below::CookiePrefix { value } => Self::CookiePrefix { value },
            Below::SessionLength => Self::SessionLength,
            Below::SessionClaims => Self::SessionClaims,
            Below::CookieName { cookie, value } => Self::CookieName { cookie, value },
            Below::CookieMaxAge { cookie } => Self::CookieMaxAge { cookie },
            Below::CookiePath { cookie, value } => Self::CookiePath { cookie, value },
            Below::CookieDomain { cookie, value } => Self::CookieDomain { cookie, value },
            Below::Keys => Self::Keys,
            Below::Algorithm { algorithm, remedy } => Self::Algorithm { algorithm, remedy },
            Below::UnusedTokenKey => Self::UnusedTokenKey,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_sessions_options_reads_the_same_here() {
        use aura_session::ConfigError as Below;
        let (value, cookie) = ("v".to_owned(), "state");
        for error in [
            Below::BaseUrl { value: value.clone() },
            Below::BasePath { value: value.clone() },
            Below::ForwardedPrefix,
            Below::TrustedOrigin { value: value.clone() },
            Below::ProxyHeadersWithoutOrigins,
            Below::CookiePrefix { value: value.clone() },
            Below::SessionLength,
            Below::SessionClaims,
            Below::CookieName { cookie, value: value.clone() },
            Below::CookieMaxAge { cookie },
            Below::CookiePath { cookie, value: value.clone() },
            Below::CookieDomain { cookie, value },
            Below::Keys,
            Below::Algorithm { algorithm: "ES512", remedy: "use HS512" },
            Below::UnusedTokenKey,
        ] {
            assert_eq!(ConfigError::from(error.clone()).to_string(), error.to_string());
        }
    }

    #[test]
    fn a_problem_completes_a_sentence_about_the_provider() {
        let sentence = |id: &str, problem| ConfigError::Provider { id: id.to_owned(), problem }.to_string();
        assert_eq!(
            sentence("a b", ProviderProblem::Id),
            "provider id \"a b\" must have 1 to 64 letters, digits, '-' and '_'"
        );
        assert_eq!(
            sentence("work", ProviderProblem::Duplicate),
            "provider work is configured twice; give one of them another id"
        );
        assert_eq!(
            sentence("work", ProviderProblem::IssuerParameter { name: "tenant".to_owned() }),
            "provider work: the issuer leaves tenant open; set <ID>_TENANT in the environment, or call issuer_parameter(\"tenant\", ..)"
        );
    }
}
