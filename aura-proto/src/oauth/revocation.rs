//! Token revocation requests (RFC 7009).

use super::client_auth::Credentials;
use super::client_request;
use crate::secret::{AccessToken, RefreshToken};
use bytes::Bytes;
use http::{Request, Uri};
use url::form_urlencoded;

/// A token to give back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    Access(&'a AccessToken),
    Refresh(&'a RefreshToken),
}

impl Token<'_> {
    /// The text, and what the hint calls it (RFC 7009 section 2.1).
    fn fields(&self) -> (&str, &'static str) {
        match self {
            Self::Access(token) => (token.expose(), "access_token"),
            Self::Refresh(token) => (token.expose(), "refresh_token"),
        }
    }
}

/// Makes the revocation request. Every success means that the token is gone (RFC 7009 section 2.2).
pub(crate) fn request(credentials: &Credentials, endpoint: &Uri, token: Token<'_>) -> Request<Bytes> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let (text, hint) = token.fields();
    form.append_pair("token", text).append_pair("token_type_hint", hint);
    credentials.add_fields(&mut form);
    client_request(credentials, endpoint, form.finish())
}
