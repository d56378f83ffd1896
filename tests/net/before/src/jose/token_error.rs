//! Why is an application's own token refused, or not written?

use super::Refused;
use std::fmt;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not a token of this kind, or not of these keys, or it was altered.
    Invalid,
    /// Its `exp` has come, or its `mexp` has passed (RFC 7519 section 4.1.4).
    Expired,
    /// Its `nbf` has not come (RFC 7519 section 4.1.5).
    NotYetValid,
    /// Its `iss` is not the expected one (RFC 7519 section 4.1.1).
    Issuer,
    /// Its `aud` does not name the expected one, or names somebody where nobody is expected (RFC 7519 section 4.1.3).
    Audience,
    /// The claims are not what they should be: read, of another shape than asked for; to be written, no object, an
    /// empty one, or one whose times are not whole seconds.
    Claims,
    /// The token would be longer than any reader accepts.
    TooLarge,
    /// The key given signs the session tokens of this site, which are no tokens of anybody else's.
    SessionKey,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "the token is not one of these keys",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::Issuer => "the token has another issuer",
            Self::Audience => "the token is for another audience",
            Self::Claims => "the claims are not of the expected shape",
            Self::TooLarge => "the token would be too large",
            Self::SessionKey => "the key is the sessions' own; give the key of whoever signed the token",
        })
    }
}

impl std::error::Error for TokenError {}

impl From<Refused> for TokenError {
    fn from(_: Refused) -> Self {
        Self::Invalid
    }
}
