//! Public words of transcripts: those of the protocols, and the public ones of the configuration.

use crate::auth::Auth;
use crate::origin::Scheme;
use http::Uri;
use http::uri::Authority;
use url::Url;

/// Words of the protocols, and of what they are carried by.
#[rustfmt::skip]
pub(super) const WORDS: &[&str] = &[
    // URLs, headers and media types.
    "http", "https", "localhost", "text", "html", "application", "json", "x-www-form-urlencoded", "charset", "utf-8",
    "same-origin", "same-site", "cross-site", "none", "null", "true", "false", "prefetch", "prerender", "for", "host",
    "proto", "by", "test", "example", "443",
    // Routes and their parameters.
    "auth", "signIn", "signOut", "signedOut", "backchannelLogout", "callback", "session", "csrfToken", "providers",
    "tokens", "revoke", "user", "refresh", "redirectTo", "redirect", "undefined", "token_type_hint", "session_token", "oauth",
    "yes", "no", "on", "off", "y", "n", "enabled", "disabled",
    // OAuth 2.0.
    "code", "state", "iss", "error", "error_description", "error_uri", "access_token", "token_type", "bearer",
    "expires_in", "refresh_token", "refresh_token_expires_in", "scope", "id_token", "access_denied", "invalid_request",
    "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "server_error",
    "temporarily_unavailable", "bad_verification_code", "openid", "profile", "email", "read", "write",
    // Profiles, sessions and sealed cookies; the users of some providers are read by a function.
    "id", "sub", "name", "login", "username", "picture", "image", "avatar_url", "data", "exp", "iat", "nbf", "mexp", "jti",
    "aud", "token", "provider", "issuer", "unknown", "if_sent", "always", "code_verifier", "redirect_uri", "redirect_to",
    "issued_at", "session_provider", "expires_at", "refresh_token_expires_at", "scopes", "firstName", "lastName",
    "global_name", "avatar", "discriminator",
    // OpenID Connect and JOSE.
    "nonce", "azp", "at_hash", "auth_time", "tid", "acr", "amr", "email_verified", "max_age", "seconds", "any", "prompt",
    "login_required", "consent_required", "interaction_required", "account_selection_required", "request_uri",
    "use_dpop_nonce", "DPoP", "alg", "typ", "kid", "crit", "jwk", "jku",
    "x5u", "x5c", "x5t", "b64", "zip", "enc", "cty", "JWT", "at", "logout", "HS256", "HS384", "HS512", "RS256", "RS384",
    "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    // What a provider publishes of itself, beside the names in `METADATA`.
    "client_secret_basic", "client_secret_post",
];

/// The texts of a configuration whose words are public: origins, routes, names of cookies, endpoints, and the names that
/// decide what is read of an answer or may be changed.
pub(super) fn texts(auth: &Auth) -> Vec<String> {
    let config = auth.config();
    let mut known = vec![config.base_path.clone()];
    known.extend(config.base_url.as_ref().map(ToString::to_string));
    known.extend(config.trusted_origins.0.iter().map(ToString::to_string));
    known.extend(config.error_page.clone());
    known.extend(config.session.editable.iter().cloned());
    for scheme in [Scheme::Http, Scheme::Https] {
        let table = config.cookies(scheme);
        let cookies = [&table.session, &table.csrf, &table.attempts, &table.access_tokens];
        known.extend(cookies.map(|cookie| cookie.name.clone()));
    }
    for provider in config.providers.values() {
        known.extend([provider.id.clone(), provider.client_id.clone()]);
        known.extend(provider.request_parameters.iter().cloned());
        known.extend(provider.profile.pointers().map(str::to_owned));
        if let Some(endpoints) = provider.configured() {
            known.push(place(&endpoints.authorization));
            known.push(place_of(&endpoints.token));
            known.extend(endpoints.userinfo.as_ref().map(|userinfo| place_of(userinfo.uri())));
            known.extend(endpoints.revocation.as_ref().map(place_of));
            known.extend(endpoints.issuer.text().map(str::to_owned));
        }
        if let Some(openid) = provider.openid() {
            known.push(place_of(&openid.discovery_url));
            known.extend(openid.issuer.words().map(str::to_owned));
        }
    }
    known
}

/// What everybody may know of a URL: where it is, not as whom and with which parameters it is asked.
pub(super) fn place(url: &Url) -> String {
    format!("{} {}", url.authority().rsplit('@').next().unwrap_or_default(), url.path())
}

/// Likewise of the target of a request, which has no credentials.
fn place_of(uri: &Uri) -> String {
    format!("{} {}", uri.authority().map_or("", Authority::as_str), uri.path())
}
