//! Token revocation requests (RFC 7009).

use super::client_auth::{Credentials, Fields};
use super::client_request;
use crate::error::HostError;
use crate::secret::{AccessToken, RefreshToken};
use bytes::Bytes;
use http::{Request, Uri};
use serde::Serialize;

/// The token that is revoked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    Access(&'a AccessToken),
    Refresh(&'a RefreshToken),
}

#[derive(Serialize)]
struct RevocationRequest<'a> {
    token: &'a str,
    token_type_hint: &'static str,
    #[serde(flatten)]
    client: Fields<'a>,
}

/// Makes the revocation request. Every success means that the token is revoked (RFC 7009 section 2.2).
///
/// # Errors
/// [`HostError::Unreachable`], which does not happen.
pub(crate) fn request(
    credentials: &Credentials,
    endpoint: &Uri,
    token: Token<'_>,
) -> Result<Request<Bytes>, HostError> {
    let (token, token_type_hint) = match token {
        Token::Access(token) => (token.expose(), "access_token"),
        Token::Refresh(token) => (token.expose(), "refresh_token"),
    };
    let message = RevocationRequest { token, token_type_hint, client: Fields(&credentials.fields) };
    client_request(credentials, endpoint, &message)
}
