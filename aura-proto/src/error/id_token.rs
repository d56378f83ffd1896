//! Errors of ID tokens and logout tokens (OpenID Connect Core 1.0 section 3.1.3.7).

use super::table::errors;
use crate::refused::IdTokenRefused;

errors! {
    /// Why an ID token, or another token that a provider signed, is rejected.
    ///
    /// ```
    /// use aura_proto::{Error, IdTokenError, ProviderError};
    /// let error = Error::from(ProviderError::IdToken(IdTokenError::Audience));
    /// assert_eq!((error.code(), error.reason()), ("OIDC_ID_TOKEN_INVALID", "id_token_audience"));
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum IdTokenError from IdTokenRefused {
        /// The token response has no ID token.
        Missing            = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_missing             OIDC_ID_TOKEN_INVALID Error / REFRESH "The provider sent no ID token."],
        /// It is not a compact JWS of one JSON object, or its header has a member that is not allowed.
        Malformed          = [401 VALIDATION JWT_MALFORMED          id_token_malformed           OIDC_ID_TOKEN_INVALID Error / REFRESH "The provider's ID token cannot be read."],
        /// It is encrypted, and no key was registered for that.
        Encrypted          = [401 VALIDATION JWT_MALFORMED          id_token_encrypted           OIDC_ID_TOKEN_INVALID Error / REFRESH "The provider's ID token is encrypted. Register the client without encryption."],
        /// It is signed by `none`, by a secret, or by another algorithm that the provider does not announce.
        Algorithm          = [401 VALIDATION JWT_ALGORITHM_MISMATCH id_token_algorithm           OIDC_ID_TOKEN_INVALID Error / REFRESH "The provider's ID token is signed in a way that is not permitted."],
        /// It is signed by a key that the provider does not publish, even after the keys were fetched again.
        UnknownKey         = [401 AUTH_FLOW  JWT_INVALID_SIGNATURE  id_token_unknown_key         OIDC_ID_TOKEN_INVALID Error / REFRESH "The provider's ID token is signed by a key that it does not publish."],
        /// Its signature does not verify with the key that it names.
        Signature          = [401 AUTH_FLOW  JWT_INVALID_SIGNATURE  id_token_signature           OIDC_ID_TOKEN_INVALID Error / REFRESH "The signature of the provider's ID token is wrong."],
        /// A claim has another JSON type than its definition gives it.
        ClaimType          = [401 VALIDATION JWT_MALFORMED          id_token_claim_type          OIDC_ID_TOKEN_INVALID Error / REFRESH "A claim of the provider's ID token is of the wrong type."],
        /// Its issuer is not the provider (step 2).
        Issuer             = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_issuer              OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token is from another provider."],
        /// Its tenant is not one of those that may sign in here.
        Tenant             = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_tenant              OIDC_ID_TOKEN_INVALID Error / REFRESH "This organization may not sign in here."],
        /// Its `aud` does not contain this client (step 3).
        Audience           = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_audience            OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token is for another application."],
        /// Its `aud` contains an audience that is not trusted, and it has no `azp` (step 3).
        UntrustedAudience  = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_trusted_audiences   OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token is for further applications. List those that are trusted as trusted_audiences."],
        /// Its `azp` is another client (step 4).
        AuthorizedParty    = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_authorized_party    OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token was issued to another application."],
        /// It has expired, or has no `exp` (step 9).
        Expired            = [401 AUTH_FLOW  JWT_EXPIRED            id_token_expired             OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token has expired. Check the clocks, and try again."],
        /// Its `iat` is in the future, or is missing (step 10).
        IssuedAt           = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_issued_at           OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token was issued in the future, or has no time of issue. Check the clocks."],
        /// It is not valid yet (RFC 7519 section 4.1.5).
        NotYetValid        = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_not_yet_valid       OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token is not valid yet. Check the clocks."],
        /// It belongs to another sign-in (step 11).
        Nonce              = [400 PROTOCOL   OIDC_NONCE_MISMATCH    id_token_nonce               OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token belongs to another sign-in. Begin again."],
        /// Its `auth_time` is older than `max_age` allows, or is missing (step 13).
        AuthenticationTime = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_authentication_time OIDC_ID_TOKEN_INVALID Error / REFRESH "The provider did not authenticate the user again, as max_age requires."],
        /// Its `acr` is none of those that a step-up asked for, or is missing (step 12).
        Acr                = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_acr                 OIDC_ID_TOKEN_INVALID Error / REFRESH "The provider did not authenticate the user as strongly as acr_values requires."],
        /// The session at the provider has ended (`session_expiry`, IPSIE SL1).
        SessionExpiry      = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_session_expiry      OIDC_ID_TOKEN_INVALID Error / REFRESH "The session at the provider has ended. Sign in there again, and check the clocks."],
        /// It belongs to another access token (section 3.1.3.8).
        AccessTokenHash    = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_access_token_hash   OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token belongs to another access token."],
        /// Its `sub` is missing, empty, or longer than 255 characters (section 2).
        Subject            = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_subject             OIDC_ID_TOKEN_INVALID Error / REFRESH "The ID token does not say who signed in."],
        /// It is about another user than the tokens that it renews (section 12.2).
        OtherSubject       = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_other_subject       OIDC_ID_TOKEN_INVALID Error / REFRESH "The renewed ID token is about another user."],
        /// It is no logout token: it has no event, or not that of a logout, or a nonce (OpenID Connect Back-Channel Logout
        /// 1.0 section 2.6).
        Event              = [401 PROTOCOL   OIDC_ID_TOKEN_INVALID  id_token_event               OIDC_ID_TOKEN_INVALID Error / REFRESH "The token is no logout token."],
    }
}
