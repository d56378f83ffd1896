//! How is a token given back? (RFC 7009)

use super::client_auth::Credentials;
use super::client_request;
use crate::secret::AccessToken;
use bytes::Bytes;
use http::Request;
use url::{Url, form_urlencoded};

/// Makes the revocation request. Every success means that the token is gone (RFC 7009 section 2.2).
pub(crate) fn request(
    credentials: &Credentials,
    endpoint: &Url,
    token: &AccessToken,
) -> http::Result<Request<Bytes>> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", token.expose()).append_pair("token_type_hint", "access_token");
    credentials.add_fields(&mut form);
    client_request(credentials, endpoint, form.finish())
}
