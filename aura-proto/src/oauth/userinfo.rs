//! Who does the provider say signed in? (RFC 6750 section 2.1)

use super::{MediaType, USER_AGENT};
use crate::error::ProviderError;
use crate::provider::ValidProvider;
use crate::provider::profile::ProfileError;
use crate::secret::AccessToken;
use crate::session::User;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use serde_json::Value;

/// Makes the userinfo request.
pub(crate) fn request(provider: &ValidProvider, token: &AccessToken) -> http::Result<Request<Bytes>> {
    let mut authorization = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
    authorization.set_sensitive(true);
    Request::builder()
        .uri(provider.userinfo_endpoint.as_str())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, authorization)
        .body(Bytes::new())
}

/// Reads the user out of userinfo's answer, and returns the whole answer beside.
pub(crate) fn parse(
    provider: &ValidProvider,
    response: &Response<Bytes>,
) -> Result<(User, Value), ProviderError> {
    if !response.status().is_success() {
        return Err(ProviderError::UserInfoStatus);
    }
    match MediaType::of(response) {
        MediaType::Json | MediaType::Unsaid => {}
        MediaType::Form | MediaType::Other => return Err(ProviderError::UserInfoContentType),
    }
    let answer: Value =
        serde_json::from_slice(response.body()).map_err(|_| ProviderError::UserInfoMalformed)?;
    if answer.get("error").is_some_and(Value::is_string) {
        return Err(ProviderError::UserInfoMalformed);
    }
    match provider.profile.user(&answer) {
        Ok(user) => Ok((user, answer)),
        Err(ProfileError::WithoutId) => Err(ProviderError::UserInfoWithoutId),
        Err(ProfileError::WrongType) => Err(ProviderError::UserInfoMalformed),
    }
}
