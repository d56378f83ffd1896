//! Words of the protocols, which are public.

/// Words of OAuth, OpenID Connect, HTTP and the routes.
#[rustfmt::skip]
pub(crate) const WORDS: &[&str] = &[
    // Methods, URLs, headers and media types.
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
    "http", "https", "localhost", "text", "html", "application", "json", "x-www-form-urlencoded", "charset", "utf-8",
    "same-origin", "same-site", "cross-site", "navigate", "cors", "no-cors", "document", "empty", "iframe",
    "frame", "none", "null", "true", "false", "prefetch", "prerender", "for", "host",
    "proto", "by", "test", "example", "443",
    // Routes and their parameters.
    "auth", "signIn", "signOut", "signedOut", "backchannelLogout", "callback", "session", "sessions", "csrfToken", "providers",
    "tokens", "revoke", "user", "refresh", "redirectTo", "redirect", "undefined", "token_type_hint", "session_token", "oauth",
    "yes", "no", "on", "off", "y", "n", "enabled", "disabled",
    // OAuth 2.0.
    "code", "state", "iss", "error", "error_description", "error_uri", "access_token", "token_type", "bearer",
    "expires_in", "refresh_token", "refresh_token_expires_in", "scope", "id_token", "access_denied", "invalid_request",
    "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "server_error",
    "temporarily_unavailable", "bad_verification_code", "openid", "profile", "email", "read", "write",
    // Profiles, sessions and sealed cookies; the users of some providers are read by a function.
    "id", "sub", "name", "login", "username", "picture", "image", "avatar_url", "data", "exp", "iat", "nbf", "mexp", "began", "jti",
    "aud", "token", "provider", "issuer", "unknown", "if_sent", "always", "code_verifier", "redirect_uri", "redirect_to",
    "issued_at", "session_provider", "expires_at", "refresh_token_expires_at", "scopes", "firstName", "lastName",
    "global_name", "avatar", "discriminator", "dpop_kid", "subject",
    // OpenID Connect and JOSE.
    "nonce", "azp", "at_hash", "auth_time", "tid", "acr", "amr", "email_verified", "max_age", "seconds", "any", "prompt",
    "login_required", "consent_required", "interaction_required", "account_selection_required", "request_uri",
    "use_dpop_nonce", "DPoP", "alg", "typ", "kid", "crit", "jwk", "jku",
    "x5u", "x5c", "x5t", "b64", "zip", "enc", "cty", "JWT", "at", "logout", "HS256", "HS384", "HS512", "RS256", "RS384",
    "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    // What a provider publishes of itself, beside the names in `METADATA`.
    "client_secret_basic", "client_secret_post",
];

/// The members of a published configuration that the core reads. Others are left out, and their words are not public.
pub(crate) const METADATA: [&str; 11] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "revocation_endpoint",
    "end_session_endpoint",
    "pushed_authorization_request_endpoint",
    "authorization_response_iss_parameter_supported",
    ALGORITHMS,
    "token_endpoint_auth_methods_supported",
];
/// The member of a configuration that lists algorithms.
pub(crate) const ALGORITHMS: &str = "id_token_signing_alg_values_supported";
