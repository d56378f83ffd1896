//! Refresh request (RFC 6749 section 6).

use super::client_auth::{ClientFields, Credentials};
use super::client_request;
use crate::error::HostError;
use crate::secret::RefreshToken;
use bytes::Bytes;
use http::{Request, Uri};
use serde::Serialize;

#[derive(Serialize)]
struct RefreshRequest<'a> {
    grant_type: &'static str,
    refresh_token: &'a str,
    #[serde(flatten)]
    client: Option<ClientFields<'a>>,
}

/// Makes the refresh request; its answer is read as that of the token request.
///
/// # Errors
/// [`HostError::Unreachable`], which does not happen.
pub(crate) fn request(
    endpoint: &Uri,
    credentials: &Credentials,
    token: &RefreshToken,
) -> Result<Request<Bytes>, HostError> {
    let message = RefreshRequest {
        grant_type: "refresh_token",
        refresh_token: token.expose(),
        client: credentials.fields(),
    };
    client_request(credentials, endpoint, &message)
}
