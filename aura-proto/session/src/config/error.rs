//! Errors of the options of sessions: the option, and the remedy.

use crate::tables::{meaning, open_problems, problems};

open_problems! {
    /// An error in the options of sessions: the option, and the remedy.
    pub enum ConfigError, complete ConfigProblem {
        /// `base_url` is not an origin.
        BaseUrl { value: String } =
            ["base_url {value:?} is not an origin; give scheme and host, as in https://example.com"],

        /// `base_path` is not a plain path.
        BasePath { value: String } =
            ["base_path {value:?} is not a plain path; give one such as /auth or /api/v1/auth"],

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

        /// A name on the session policy's lists is one that session tokens need for themselves.
        SessionClaims =
            ["session: editable and public_claims cannot list sub, provider, iss, aud, iat, nbf, exp, mexp or jti, \
         nor public_claims name, image or email"],

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

        /// The cryptography library refused a key.
        Keys = ["the keys cannot be derived from this secret and salt; make new ones"],

        /// An algorithm for session tokens cannot be used.
        Algorithm { algorithm: &'static str, remedy: &'static str } =
            ["session tokens cannot use {algorithm}: {remedy}"],

        /// A key for session tokens would never be used.
        UnusedTokenKey =
            ["session_token_format has a key that nothing uses: signing_key needs the mode sealed or signed, and previous_key needs signing_key"],
    }
}
