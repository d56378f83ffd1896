//! Who does the provider say signed in? (RFC 6750 section 2.1)

use super::token::TokenType;
use super::{MediaType, USER_AGENT};
use crate::error::{FetchError, ProviderError};
use crate::oidc;
use crate::provider::{ENCODED_PLACEHOLDER, KnownProvider, ProfileError, UserInfoEndpoint};
use crate::secret::{AccessToken, IdToken};
use crate::session::User;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use serde_json::Value;
use url::form_urlencoded;

/// Makes the userinfo request: the contract's headers, then the provider's own, which may replace them.
pub(crate) fn request(
    provider: &KnownProvider,
    endpoint: &UserInfoEndpoint,
    token: &AccessToken,
    token_type: TokenType,
) -> http::Result<Request<Bytes>> {
    let mut request = Request::builder()
        .method(provider.userinfo_method.clone())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "application/json");
    request = match endpoint {
        UserInfoEndpoint::Header(url) => {
            let mut authorization =
                HeaderValue::try_from(format!("{} {}", token_type.name(), token.expose()))?;
            authorization.set_sensitive(true);
            request.uri(url.as_str()).header(header::AUTHORIZATION, authorization)
        }
        UserInfoEndpoint::Path(url) => {
            let segment: String = form_urlencoded::byte_serialize(token.expose().as_bytes()).collect();
            request.uri(url.as_str().replace(ENCODED_PLACEHOLDER, &segment))
        }
    };
    let mut request = request.body(Bytes::new())?;
    for (name, value) in &provider.userinfo_headers {
        request.headers_mut().insert(name, value.clone());
    }
    Ok(request)
}

/// What userinfo answered.
#[derive(Debug, PartialEq)]
pub(crate) enum UserInfo {
    /// Members.
    Plain(Value),
    /// A token to be verified (OpenID Connect Core 1.0 section 5.3.2).
    Signed(IdToken),
}

/// Reads what came of asking.
pub(crate) fn parse(
    provider: &KnownProvider,
    outcome: Result<Response<Bytes>, FetchError>,
) -> Result<UserInfo, ProviderError> {
    let response = outcome.map_err(ProviderError::UserInfoUnreachable)?;
    if !response.status().is_success() {
        return Err(ProviderError::UserInfoStatus);
    }
    match (MediaType::of(&response), provider.openid()) {
        (MediaType::Json | MediaType::Unsaid, _) => {}
        (MediaType::Jwt, Some(_)) => {
            let token = str::from_utf8(response.body()).map_err(|_| ProviderError::UserInfoUntrusted)?;
            return Ok(UserInfo::Signed(IdToken::new(token.trim())));
        }
        (MediaType::Form | MediaType::Jwt | MediaType::Other, _) => {
            return Err(ProviderError::UserInfoContentType);
        }
    }
    let answer = match provider.openid() {
        Some(_) => oidc::userinfo::parse(response.body())?,
        None => serde_json::from_slice(response.body()).map_err(|_| ProviderError::UserInfoNotJson)?,
    };
    if answer.get("error").is_some_and(Value::is_string) {
        return Err(ProviderError::UserInfoMalformed);
    }
    Ok(UserInfo::Plain(answer))
}

/// Reads the user out of what the provider said.
pub(crate) fn user(provider: &KnownProvider, said: &Value) -> Result<User, ProviderError> {
    provider.profile.user(said).map_err(|error| match error {
        ProfileError::WithoutId => ProviderError::UserInfoWithoutId,
        ProfileError::WrongType => ProviderError::UserInfoMalformed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{HUBSPOT, NOTION, Provider};
    use crate::secret::ClientSecret;
    use std::sync::Arc;

    fn known(provider: Provider) -> KnownProvider {
        Arc::new(provider.validate().unwrap()).known().unwrap()
    }

    fn request(provider: &KnownProvider, token: &str) -> http::Result<Request<Bytes>> {
        super::request(
            provider,
            provider.endpoints.userinfo.as_ref().unwrap(),
            &AccessToken::new(token),
            TokenType::Bearer,
        )
    }

    #[test]
    fn hi_05_a_token_in_the_path_stays_one_segment() {
        let hubspot = known(HUBSPOT.with_client("id", ClientSecret::new("secret")));
        let request = request(&hubspot, "a/b?c#d%2F").unwrap();
        assert_eq!(
            request.uri().to_string(),
            "https://api.hubapi.com/oauth/v1/access-tokens/a%2Fb%3Fc%23d%252F"
        );
        assert!(!request.headers().contains_key(header::AUTHORIZATION));
    }

    #[test]
    fn a_token_too_long_for_a_url_is_an_error() {
        let hubspot = known(HUBSPOT.with_client("id", ClientSecret::new("secret")));
        assert!(request(&hubspot, &"a".repeat(70_000)).is_err());
    }

    #[test]
    fn a_providers_headers_replace_the_usual_ones() {
        let notion = NOTION.with_client("id", ClientSecret::new("secret"));
        let notion = known(notion.userinfo_header("user-agent", "mine"));
        let request = request(&notion, "t").unwrap();
        let values: Vec<_> = request.headers().get_all(header::USER_AGENT).iter().collect();
        assert_eq!(values, ["mine"]);
        assert_eq!(request.headers()["notion-version"], "2022-06-28");
    }
}
