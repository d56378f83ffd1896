//! Errors of the application's own tokens.

use aura_jose::Refused;

/// Why an application's token is refused, or not written.
///
/// ```
/// # use aura_proto::{Auth, TokenError, UnixTime};
/// # fn read(auth: &Auth, token: &str, now: UnixTime) {
/// match auth.jose().verify::<serde_json::Value>(token, now) {
///     Ok(claims) => println!("{claims}"),
///     Err(TokenError::Expired) => println!("ask for a new link"),
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not a token of this kind, or not of these keys, or it was altered.
    #[error("the token is not one of these keys")]
    Invalid,
    /// Its `exp` has come, or its `mexp` has passed (RFC 7519 section 4.1.4).
    #[error("the token has expired")]
    Expired,
    /// Its `nbf` has not come (RFC 7519 section 4.1.5).
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Its `iss` is not the expected one (RFC 7519 section 4.1.1).
    #[error("the token has another issuer")]
    Issuer,
    /// Its `aud` does not name the expected audience, or there is one where none is expected (RFC 7519 section 4.1.3).
    #[error("the token is for another audience")]
    Audience,
    /// The claims have another shape than asked for; or, where a token is made, they are no object, an empty one, or one whose
    /// times are not whole seconds.
    #[error("the claims are not of the expected shape")]
    Claims,
    /// The token would be longer than any reader accepts.
    #[error("the token would be too large")]
    TooLarge,
    /// The key signs the session tokens of this site, which are not those of another party.
    #[error("the key is the sessions' own; give the key of whoever signed the token")]
    SessionKey,
}

impl From<Refused> for TokenError {
    fn from(_: Refused) -> Self {
        Self::Invalid
    }
}
