//! Errors of the provider's side.

use super::table::errors;
use super::{IdTokenError, TokenRefusal};

errors! {
    /// An error of the provider's side.
    ///
    /// ```
    /// use aura_proto::{FetchError, ProviderError};
    /// use std::error::Error;
    /// let error = ProviderError::TokenUnreachable(FetchError::TimedOut);
    /// let source = error.source().and_then(|source| source.downcast_ref());
    /// assert_eq!(source, Some(&FetchError::TimedOut));
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ProviderError {
        /// The provider sent the browser back with an error of its own (RFC 6749 section 4.1.2.1).
        AuthorizationFailed                         = [502 PROTOCOL   AUTH_PROVIDER_REJECTED                 authorization_failed         OAUTH_AUTHORIZATION_ERROR Error                     "The provider could not complete the sign-in. Try again."],
        /// The provider's configuration could not be fetched (OpenID Connect Discovery 1.0 section 4).
        DiscoveryUnreachable(error: FetchError)     = [504 NETWORK    OIDC_DISCOVERY_NETWORK_FAILED          discovery + error            OIDC_DISCOVERY_FAILED Error / REFRESH],
        /// The provider's configuration was answered with a status that is not a success.
        DiscoveryStatus                             = [502 PROTOCOL   OIDC_DISCOVERY_INVALID_RESPONSE        discovery_status             OIDC_DISCOVERY_FAILED Error / REFRESH               "The provider does not publish its configuration at its issuer. Set discovery_url where it is published elsewhere."],
        /// The request for the provider's configuration was answered with a redirect, which is not followed.
        DiscoveryRedirected                         = [502 PROTOCOL   OIDC_DISCOVERY_INVALID_RESPONSE        discovery_redirected         OIDC_DISCOVERY_FAILED Error / REFRESH               "The provider redirects the request for its configuration, and redirects are not followed. Set discovery_url to where it leads."],
        /// The provider's configuration is not JSON.
        DiscoveryNotJson                            = [502 PROTOCOL   OIDC_DISCOVERY_INVALID_FORMAT_RESPONSE discovery_not_json           OIDC_DISCOVERY_FAILED Error / REFRESH               "The provider's configuration is not JSON."],
        /// The provider's configuration lacks a member that is required, or has one of the wrong type.
        DiscoveryMalformed                          = [502 VALIDATION OIDC_DISCOVERY_INVALID_SCHEMA          discovery_malformed          OIDC_DISCOVERY_FAILED Error / REFRESH               "The provider's configuration is incomplete."],
        /// The provider's configuration is that of another issuer (section 4.3).
        DiscoveryIssuer                             = [502 PROTOCOL   OIDC_DISCOVERY_ISSUER_MISMATCH         discovery_issuer             OIDC_DISCOVERY_FAILED Error / REFRESH               "The provider's configuration is that of another issuer. Configure the issuer as the provider spells it: a slash at its end counts, and a tenant is named by its id."],
        /// The provider's configuration names an endpoint that is not https, or inside a network.
        DiscoveryEndpoint                           = [502 VALIDATION OIDC_DISCOVERY_INVALID_SCHEMA          discovery_endpoint           OIDC_DISCOVERY_FAILED Error / REFRESH               "The provider's configuration names an endpoint that is not allowed. List its origin in backchannel_origins if it is in this network."],
        /// The provider signs ID tokens by no algorithm that is supported here.
        DiscoveryAlgorithms                         = [502 VALIDATION OIDC_DISCOVERY_INVALID_SCHEMA          discovery_algorithms         OIDC_DISCOVERY_FAILED Error / REFRESH               "The provider signs ID tokens by no algorithm that is supported: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA, Ed25519; HS256 with id_token_key client_secret."],
        /// The provider's keys could not be fetched.
        JwksUnreachable(error: FetchError)          = [502 PROTOCOL   OIDC_JWKS_INVALID_RESPONSE             jwks + error                 OIDC_JWKS_FAILED Error / REFRESH],
        /// The provider's keys were answered with a status that is not a success.
        JwksStatus                                  = [502 PROTOCOL   OIDC_JWKS_INVALID_RESPONSE             jwks_status                  OIDC_JWKS_FAILED Error / REFRESH                    "The provider does not publish its keys."],
        /// The provider's keys are no JWK Set (RFC 7517 section 5).
        JwksMalformed                               = [502 VALIDATION OIDC_JWKS_INVALID_SCHEMA               jwks_malformed               OIDC_JWKS_FAILED Error / REFRESH                    "The provider's keys cannot be read."],
        /// The pushed authorization request endpoint could not be reached (RFC 9126).
        PushedRequestUnreachable(error: FetchError) = [502 PROTOCOL   AUTH_SIGN_IN_FAILED                    pushed_request + error       OAUTH_PUSHED_REQUEST_FAILED Error],
        /// The provider refused the pushed authorization request (RFC 9126 section 2.3).
        PushedRequestStatus                         = [502 PROTOCOL   AUTH_SIGN_IN_FAILED                    pushed_request_status        OAUTH_PUSHED_REQUEST_FAILED Error                   "The provider refused the pushed authorization request."],
        /// The answer to the pushed authorization request has no usable `request_uri` (RFC 9126 section 2.2).
        PushedRequestMalformed                      = [502 PROTOCOL   AUTH_SIGN_IN_FAILED                    pushed_request_malformed     OAUTH_PUSHED_REQUEST_FAILED Error                   "The provider's answer to the pushed authorization request is malformed."],
        /// An ID token or a logout token of the provider is rejected.
        IdToken(error: IdTokenError)                = [error],
        /// The token endpoint could not be reached.
        TokenUnreachable(error: FetchError)         = [502 PROTOCOL   UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR       token + error                OAUTH_ACCESS_TOKEN_REQUEST_FAILED Error / REFRESH],
        /// The token endpoint refused the request; the error code or the status gives the cause.
        TokenRefused(error: TokenRefusal)           = [error],
        /// The token endpoint answered with another status that is not a success.
        TokenStatus                                 = [502 PROTOCOL   INVALID_OAUTH_ACCESS_TOKEN_RESPONSE    token_status                 INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider refused to exchange the code."],
        /// The token endpoint answered in another format than JSON or a form.
        TokenContentType                            = [502 PROTOCOL   OAUTH_INVALID_CONTENT_TYPE             token_content_type           OAUTH_INVALID_CONTENT_TYPE Error / REFRESH          "The provider's token answer is not JSON."],
        /// The token endpoint answered with an error under a success status.
        TokenErrorAnswer                            = [502 PROTOCOL   INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT  token_error_answer           OAUTH_ACCESS_TOKEN_ERROR Error / REFRESH            "The provider refused to exchange the code."],
        /// The token endpoint's answer is not JSON.
        TokenNotJson                                = [502 PROTOCOL   UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR       token_not_json               OAUTH_ACCESS_TOKEN_REQUEST_FAILED Error / REFRESH   "The provider's token answer is not JSON."],
        /// The token endpoint's answer has no usable access token (RFC 6749 section 5.1).
        TokenMalformed                              = [502 PROTOCOL   INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT  token_malformed              INVALID_OAUTH_ACCESS_TOKEN_RESPONSE Error / REFRESH "The provider's token answer is malformed."],
        /// Userinfo could not be reached.
        UserInfoUnreachable(error: FetchError)      = [502 PROTOCOL   UNKNOWN_OAUTH_USER_INFO_ERROR          userinfo + error             OAUTH_USERINFO_REQUEST_FAILED Error / PROFILE],
        /// Userinfo answered with a status that is not a success.
        UserInfoStatus                              = [502 PROTOCOL   INVALID_OAUTH_USER_INFO_RESPONSE       userinfo_status              OAUTH_USERINFO_INVALID_RESPONSE Error / PROFILE     "The provider refused the userinfo request."],
        /// Userinfo of an OpenID Provider does not accept the access token, which may be for another API.
        UserInfoUnauthorized                        = [502 PROTOCOL   INVALID_OAUTH_USER_INFO_RESPONSE       userinfo_unauthorized        OAUTH_USERINFO_INVALID_RESPONSE Error / PROFILE     "The provider does not accept the access token at userinfo: it may be for another API. Configure claims_source: idtoken to read the ID token alone."],
        /// Userinfo answered in another format than JSON.
        UserInfoContentType                         = [502 PROTOCOL   OAUTH_INVALID_CONTENT_TYPE             userinfo_content_type        OAUTH_INVALID_CONTENT_TYPE Error / PROFILE          "The provider's userinfo answer is not JSON."],
        /// Userinfo's answer is not JSON.
        UserInfoNotJson                             = [502 PROTOCOL   UNKNOWN_OAUTH_USER_INFO_ERROR          userinfo_not_json            OAUTH_USERINFO_REQUEST_FAILED Error / PROFILE       "The provider's userinfo answer is not JSON."],
        /// Userinfo's answer is not an object, or has a member of the wrong type.
        UserInfoMalformed                           = [502 PROTOCOL   INVALID_OAUTH_USER_INFO_RES_FORMAT     userinfo_malformed           OAUTH_USERINFO_ERROR Error / PROFILE                "The provider's userinfo answer is malformed."],
        /// Userinfo's answer has no id of the user.
        UserInfoWithoutId                           = [502 PROTOCOL   INVALID_USER_INFO                      userinfo_without_id          OAUTH_USERINFO_ERROR Error / PROFILE                "The provider's userinfo answer has no id of the user."],
        /// Userinfo's answer is about another user than the ID token (OpenID Connect Core 1.0 section 5.3.2).
        UserInfoOtherSubject                        = [502 VALIDATION OIDC_USERINFO_INVALID_SCHEMA           userinfo_other_subject       OAUTH_USERINFO_ERROR Error / PROFILE                "The provider described another user than the one who signed in."],
        /// Userinfo's answer is signed, and not by this provider for this client (section 5.3.2).
        UserInfoUntrusted                           = [502 VALIDATION OIDC_USERINFO_INVALID_SCHEMA           userinfo_untrusted_signature OAUTH_USERINFO_ERROR Error / PROFILE                "The provider's userinfo answer is not signed by it for this application."],
        /// The revocation endpoint could not be reached.
        RevocationUnreachable(error: FetchError)    = [502 PROTOCOL   UNKNOWN_REVOKE_TOKEN_ERROR             revocation_unreachable       REVOKE_TOKEN_ERROR Error                            "The provider could not be reached. Try again."],
        /// The revocation endpoint answered with a status that is not a success.
        RevocationStatus                            = [502 PROTOCOL   OAUTH_INVALID_REVOKE_TOKEN_RESPONSE    revocation_status            REVOKE_TOKEN_ERROR Error                            "The provider did not revoke the token."],
        /// The tokens do not fit into cookies.
        TokensTooLarge                              = [502 PROTOCOL   INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT  tokens_too_large             AUTH_SIGN_IN_FAILED Error / REFRESH                 "The provider's tokens are too large to be kept."],
        /// The user's profile does not fit into a session cookie.
        ProfileTooLarge                             = [502 PROTOCOL   INVALID_USER_INFO                      profile_too_large            AUTH_SIGN_IN_FAILED Error / REFRESH                 "The provider's profile of the user is too large for a session. Keep less of it, or raise max_size."],
    }
}

/// Why an exchange with a provider has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No answer within the time allowed.
    #[error("no answer within the time allowed")]
    TimedOut,
    /// No connection, or it broke.
    #[error("no connection")]
    Unreachable,
    /// The provider's certificate is not trusted.
    #[error("the certificate is not trusted")]
    Untrusted,
    /// The answer is longer than allowed.
    #[error("the answer is longer than allowed")]
    TooLarge,
    /// The answer has a `Content-Encoding`, though none was asked for (RFC 9110 section 12.5.3).
    #[error("the answer is encoded")]
    Encoded,
}
