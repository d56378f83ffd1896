//! Who does the provider say signed in? (RFC 6750 section 2.1)

use super::{MediaType, USER_AGENT};
use crate::error::{FetchError, ProviderError};
use crate::provider::{ENCODED_PLACEHOLDER, ProfileError, UserInfoToken, ValidProvider};
use crate::secret::AccessToken;
use crate::session::User;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use serde_json::Value;
use url::form_urlencoded;

/// Makes the userinfo request: the contract's headers, then the provider's own, which may replace them.
pub(crate) fn request(provider: &ValidProvider, token: &AccessToken) -> http::Result<Request<Bytes>> {
    let mut request = Request::builder()
        .method(provider.userinfo_method.clone())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "application/json");
    request = match provider.userinfo_token {
        UserInfoToken::Bearer => {
            let mut authorization = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
            authorization.set_sensitive(true);
            request.uri(provider.userinfo_endpoint.as_str()).header(header::AUTHORIZATION, authorization)
        }
        UserInfoToken::Path => {
            let segment: String = form_urlencoded::byte_serialize(token.expose().as_bytes()).collect();
            request.uri(provider.userinfo_endpoint.as_str().replace(ENCODED_PLACEHOLDER, &segment))
        }
    };
    let mut request = request.body(Bytes::new())?;
    for (name, value) in &provider.userinfo_headers {
        request.headers_mut().insert(name, value.clone());
    }
    Ok(request)
}

/// Reads the user out of what came of asking, and returns the whole answer beside.
pub(crate) fn parse(
    provider: &ValidProvider,
    outcome: Result<Response<Bytes>, FetchError>,
) -> Result<(User, Value), ProviderError> {
    let response = outcome.map_err(ProviderError::UserInfoUnreachable)?;
    if !response.status().is_success() {
        return Err(ProviderError::UserInfoStatus);
    }
    match MediaType::of(&response) {
        MediaType::Json | MediaType::Unsaid => {}
        MediaType::Form | MediaType::Other => return Err(ProviderError::UserInfoContentType),
    }
    let answer: Value =
        serde_json::from_slice(response.body()).map_err(|_| ProviderError::UserInfoNotJson)?;
    if answer.get("error").is_some_and(Value::is_string) {
        return Err(ProviderError::UserInfoMalformed);
    }
    match provider.profile.user(&answer) {
        Ok(user) => Ok((user, answer)),
        Err(ProfileError::WithoutId) => Err(ProviderError::UserInfoWithoutId),
        Err(ProfileError::WrongType) => Err(ProviderError::UserInfoMalformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{HUBSPOT, NOTION};
    use crate::secret::ClientSecret;

    #[test]
    fn hi_05_a_token_in_the_path_stays_one_segment() {
        let hubspot = HUBSPOT.with_client("id", ClientSecret::new("secret")).validate().unwrap();
        let request = request(&hubspot, &AccessToken::new("a/b?c#d%2F")).unwrap();
        assert_eq!(
            request.uri().to_string(),
            "https://api.hubapi.com/oauth/v1/access-tokens/a%2Fb%3Fc%23d%252F"
        );
        assert!(!request.headers().contains_key(header::AUTHORIZATION));
    }

    #[test]
    fn a_token_too_long_for_a_url_is_an_error() {
        let hubspot = HUBSPOT.with_client("id", ClientSecret::new("secret")).validate().unwrap();
        assert!(request(&hubspot, &AccessToken::new("a".repeat(70_000))).is_err());
    }

    #[test]
    fn a_providers_headers_replace_the_usual_ones() {
        let notion = NOTION.with_client("id", ClientSecret::new("secret"));
        let notion = notion.userinfo_header("user-agent", "mine").validate().unwrap();
        let request = request(&notion, &AccessToken::new("t")).unwrap();
        let values: Vec<_> = request.headers().get_all(header::USER_AGENT).iter().collect();
        assert_eq!(values, ["mine"]);
        assert_eq!(request.headers()["notion-version"], "2022-06-28");
    }
}
