//! Why what a provider or a browser sent is refused, for each message.
#![expect(
    clippy::exhaustive_enums,
    reason = "the table of errors has a row for each, and must not compile before it has one for a new variant"
)]

use aura_session::InvalidParameter;

/// Why there is no request to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRequest {
    /// A message cannot be written. It does not happen.
    Unwritable,
    /// The key of the host gave no signature.
    Unsigned,
    /// The access token is too long for a URL.
    TokenTooLong,
}

/// Why a callback is refused (RFC 6749 section 4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackRefused {
    /// Parameters are missing, repeated or malformed.
    Parameters(Vec<InvalidParameter>),
    /// It has no state.
    StateMissing,
    /// It has no state, and says that the user or the provider refused.
    Denied,
}

/// Why a published configuration is refused (OpenID Connect Discovery 1.0 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscoveryRefused {
    /// The answer is a redirect, which is not followed.
    Redirected,
    /// Its status is not a success.
    Status,
    /// It is not JSON.
    NotJson,
    /// It lacks a member that is required, or has one of the wrong type.
    Malformed,
    /// It is that of another issuer.
    Issuer,
    /// It names an endpoint that is not https, or inside a network.
    Endpoint,
    /// It announces no algorithm that is supported.
    Algorithms,
}

/// Why published keys are refused (RFC 7517 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysRefused {
    /// The status is not a success.
    Status,
    /// They are no JWK Set.
    Malformed,
}

/// Why the answer to a pushed authorization request is refused (RFC 9126 section 2.2 and 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushRefused {
    /// The status is not a success.
    Status,
    /// It has no usable `request_uri`.
    Malformed,
}

/// Why the answer of a token endpoint is refused (RFC 6749 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAnswerRefused {
    /// The provider refused the request; the error code or the status gives the cause.
    Request(TokenRequestRefused),
    /// The status is another one that is not a success.
    Status,
    /// It is neither JSON nor a form.
    ContentType,
    /// It has an error under a success status.
    ErrorAnswer,
    /// It is not JSON.
    NotJson,
    /// It has no usable access token.
    Malformed,
}

/// Why a provider refused a token request (RFC 6749 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRequestRefused {
    /// It lacks a parameter, or has one that is wrong.
    InvalidRequest,
    /// The client is unknown, or its secret or assertion is wrong.
    InvalidClient,
    /// The same, where HTTP Basic changes the client's secret (section 2.3.1).
    InvalidClientBasic,
    /// The code or the refresh token is not valid, or is another client's.
    InvalidGrant,
    /// The client may not use this kind of grant.
    UnauthorizedClient,
    /// The server does not support this grant type.
    UnsupportedGrantType,
    /// The scope is unknown, or more than was granted.
    InvalidScope,
    /// The resource is unknown (RFC 8707 section 2).
    InvalidTarget,
    /// The DPoP proof is not accepted (RFC 9449 section 5).
    InvalidDpopProof,
    /// The provider is overloaded, is being maintained, or fails.
    Unavailable,
}

/// Why an answer of userinfo is refused (OpenID Connect Core 1.0 section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserInfoRefused {
    /// The status is not a success.
    Status,
    /// An OpenID Provider does not accept the access token.
    Unauthorized,
    /// It is not JSON by its type.
    ContentType,
    /// It is not JSON.
    NotJson,
    /// It is not an object, or has a member of the wrong type.
    Malformed,
    /// It has no id of the user.
    WithoutId,
    /// It is about another user than the ID token.
    OtherSubject,
    /// It is signed, and not by this provider for this client.
    Untrusted,
}

/// Why a token that a provider signed is refused (OpenID Connect Core 1.0 section 3.1.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenRefused {
    /// There is none.
    Missing,
    /// It is not a compact JWS of one JSON object.
    Malformed,
    /// It is encrypted.
    Encrypted,
    /// It is signed by an algorithm that is not permitted.
    Algorithm,
    /// It is signed by a key that is not published.
    UnknownKey,
    /// Its signature does not verify.
    Signature,
    /// A claim has the wrong type.
    ClaimType,
    /// Its issuer is another one (step 2).
    Issuer,
    /// Its tenant is not listed.
    Tenant,
    /// It is not for this client (step 3).
    Audience,
    /// It has an audience that is not trusted, and no `azp` (step 3).
    UntrustedAudience,
    /// It was issued to another client (step 4).
    AuthorizedParty,
    /// It has expired (step 9).
    Expired,
    /// It was issued in the future, or has no `iat` (step 10).
    IssuedAt,
    /// It is not valid yet (RFC 7519 section 4.1.5).
    NotYetValid,
    /// It belongs to another sign-in (step 11).
    Nonce,
    /// The authentication is older than `max_age` (step 13).
    AuthenticationTime,
    /// The authentication is not as strong as was required (step 12).
    Acr,
    /// The session at the provider has ended.
    SessionExpiry,
    /// It belongs to another access token (section 3.1.3.8).
    AccessTokenHash,
    /// It does not say who signed in (section 2).
    Subject,
    /// It is about another user than the tokens that it renews (section 12.2).
    OtherSubject,
    /// It is no logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6).
    Event,
}
