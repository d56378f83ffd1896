//! What can be wrong with a token that a provider signed about a user? (OpenID Connect Core 1.0 section 3.1.3.7)

use super::{Row, row};
use http::StatusCode;

/// Why an ID token, or another token that a provider signed, is not believed.
///
/// ```
/// use aura_proto::{Error, IdTokenError, ProviderError};
/// let error = Error::from(ProviderError::IdToken(IdTokenError::Audience));
/// assert_eq!((error.code(), error.reason()), ("OIDC_ID_TOKEN_INVALID", "id_token_audience"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdTokenError {
    /// The token answer has none.
    Missing,
    /// It is no compact JWS of one JSON object, or its header has members that nobody may send.
    Malformed,
    /// It is encrypted, and no key was registered for that.
    Encrypted,
    /// It is signed by `none`, by a secret, or by another algorithm that the provider does not announce.
    Algorithm,
    /// It is signed by a key that the provider does not publish, not even when asked again.
    UnknownKey,
    /// The key that it names did not make its signature.
    Signature,
    /// A claim has another JSON type than its definition gives it.
    ClaimType,
    /// Its issuer is not the provider (step 2).
    Issuer,
    /// Its tenant is not one of those that may sign in here.
    Tenant,
    /// It is for another client (step 3).
    Audience,
    /// It is for several clients, or was handed to another one (steps 4 and 5).
    AuthorizedParty,
    /// It has ended, or does not say when it ends (step 9).
    Expired,
    /// It was issued in the future, or does not say when (step 10).
    IssuedAt,
    /// It is not valid yet (RFC 7519 section 4.1.5).
    NotYetValid,
    /// It belongs to another sign-in (step 11).
    Nonce,
    /// The user's authentication is older than was asked for, or it is not said how old (step 13).
    AuthenticationTime,
    /// It belongs to another access token (section 3.1.3.8).
    AccessTokenHash,
    /// It does not say who the user is, or in more than 255 characters (section 2).
    Subject,
    /// It is about another user than the tokens that it renews (section 12.2).
    OtherSubject,
    /// It is no logout token: it has no event, or not that of a logout, or a nonce (OpenID Connect Back-Channel Logout
    /// 1.0 section 2.6).
    Event,
}

impl IdTokenError {
    #[rustfmt::skip]
    pub(super) fn row(self) -> Row {
        const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
        const INVALID: &str = "OIDC_ID_TOKEN_INVALID";
        match self {
            Self::Missing => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_missing", "The provider sent no ID token."),
            Self::Malformed => row(UNAUTHORIZED, "VALIDATION", "JWT_MALFORMED", "id_token_malformed", "The provider's ID token cannot be read."),
            Self::Encrypted => row(UNAUTHORIZED, "VALIDATION", "JWT_MALFORMED", "id_token_encrypted", "The provider's ID token is encrypted. Register the client without encryption."),
            Self::Algorithm => row(UNAUTHORIZED, "VALIDATION", "JWT_ALGORITHM_MISMATCH", "id_token_algorithm", "The provider's ID token is signed in a way that is not permitted."),
            Self::UnknownKey => row(UNAUTHORIZED, "AUTH_FLOW", "JWT_INVALID_SIGNATURE", "id_token_unknown_key", "The provider's ID token is signed by a key that it does not publish."),
            Self::Signature => row(UNAUTHORIZED, "AUTH_FLOW", "JWT_INVALID_SIGNATURE", "id_token_signature", "The signature of the provider's ID token is wrong."),
            Self::ClaimType => row(UNAUTHORIZED, "VALIDATION", "JWT_MALFORMED", "id_token_claim_type", "A claim of the provider's ID token is of the wrong type."),
            Self::Issuer => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_issuer", "The ID token is from another provider."),
            Self::Tenant => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_tenant", "This organization may not sign in here."),
            Self::Audience => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_audience", "The ID token is for another application."),
            Self::AuthorizedParty => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_authorized_party", "The ID token was handed to another application."),
            Self::Expired => row(UNAUTHORIZED, "AUTH_FLOW", "JWT_EXPIRED", "id_token_expired", "The ID token has ended. Check the clocks, and try again."),
            Self::IssuedAt => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_issued_at", "The ID token is from the future, or of no time. Check the clocks."),
            Self::NotYetValid => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_not_yet_valid", "The ID token is not valid yet. Check the clocks."),
            Self::Nonce => row(StatusCode::BAD_REQUEST, "PROTOCOL", "OIDC_NONCE_MISMATCH", "id_token_nonce", "The ID token belongs to another sign-in. Begin again."),
            Self::AuthenticationTime => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_authentication_time", "The provider did not ask the user again, as it was to."),
            Self::AccessTokenHash => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_access_token_hash", "The ID token belongs to another access token."),
            Self::Subject => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_subject", "The ID token does not say who signed in."),
            Self::OtherSubject => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_other_subject", "The renewed ID token is about another user."),
            Self::Event => row(UNAUTHORIZED, "PROTOCOL", INVALID, "id_token_event", "The token is no logout token."),
        }
    }
}
