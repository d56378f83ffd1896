//! Refresh request (RFC 6749 section 6).

use super::client_auth::Credentials;
use super::client_request;
use crate::secret::RefreshToken;
use bytes::Bytes;
use http::{Request, Uri};
use url::form_urlencoded;

/// Makes the refresh request; its answer is read as that of the token request.
pub(crate) fn request(endpoint: &Uri, credentials: &Credentials, token: &RefreshToken) -> Request<Bytes> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", token.expose());
    credentials.add_fields(&mut form);
    client_request(credentials, endpoint, form.finish())
}
