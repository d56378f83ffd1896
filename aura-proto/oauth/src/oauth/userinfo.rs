//! Userinfo request and answer (RFC 6750 section 2.1, OpenID Connect Core 1.0 section 5.3).

use super::Format;
use super::token::TokenType;
use crate::oidc;
use crate::provider::UserInfoMethod;
use crate::refused::{NoRequest, UserInfoRefused};
use crate::secret::{AccessToken, IdToken};
use aura_jose::StrictObject;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;
use url::form_urlencoded;

/// The placeholder of the access token in the path of userinfo, as it is and as the URL standard writes it.
const PLACEHOLDER: &str = "{access_token}";
const ENCODED_PLACEHOLDER: &str = "%7Baccess_token%7D";

/// Where the user is described, and where the access token goes in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserInfoEndpoint {
    /// Into the header `Authorization` (RFC 6750 section 2.1).
    Header(Uri),
    /// In place of the placeholder in the URI's path.
    Path(Uri),
}

impl UserInfoEndpoint {
    /// Reads an endpoint as it is parsed and as it is configured. The placeholder may be in the path, once, and nowhere else.
    pub fn new(uri: Uri, configured: &str) -> Option<Self> {
        let in_path = uri.path().matches(ENCODED_PLACEHOLDER).count();
        match (configured.matches(PLACEHOLDER).count(), in_path) {
            (0, 0) => Some(Self::Header(uri)),
            (1, 1) => Some(Self::Path(uri)),
            _ => None,
        }
    }

    /// Returns the URI, with the placeholder if it has one.
    pub fn uri(&self) -> &Uri {
        match self {
            Self::Header(uri) | Self::Path(uri) => uri,
        }
    }
}

/// Makes the userinfo request: the contract's headers, then the provider's own, which may replace them.
pub fn request(
    method: UserInfoMethod,
    endpoint: &UserInfoEndpoint,
    headers: &[(HeaderName, HeaderValue)],
    token: &AccessToken,
    token_type: TokenType,
) -> Result<Request<Bytes>, NoRequest> {
    let mut request = super::get(endpoint.uri());
    *request.method_mut() = match method {
        UserInfoMethod::Get => Method::GET,
        UserInfoMethod::Post => Method::POST,
    };
    match endpoint {
        UserInfoEndpoint::Header(_) => {
            let authorization = HeaderValue::try_from(format!("{} {}", token_type.name(), token.expose()));
            // A token that was granted is visible ASCII.
            let mut authorization = authorization.map_err(|_| NoRequest::Unwritable)?;
            authorization.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, authorization);
        }
        UserInfoEndpoint::Path(uri) => {
            let segment: String = form_urlencoded::byte_serialize(token.expose().as_bytes()).collect();
            let uri = Uri::try_from(uri.to_string().replace(ENCODED_PLACEHOLDER, &segment));
            // The token may be too long for a URL.
            *request.uri_mut() = uri.map_err(|_| NoRequest::TokenTooLong)?;
        }
    }
    for (name, value) in headers {
        request.headers_mut().insert(name, value.clone());
    }
    Ok(request)
}

/// The answer of an OpenID Provider.
#[derive(Debug, PartialEq)]
pub enum UserInfo {
    /// Members.
    Plain(Value),
    /// A token to be verified (OpenID Connect Core 1.0 section 5.3.2).
    Signed(IdToken),
}

/// Reads the answer of an OAuth provider.
pub fn parse(answer: &Response<Bytes>) -> Result<Value, UserInfoRefused> {
    if format(answer)? != Format::Json {
        return Err(UserInfoRefused::ContentType);
    }
    let not_json = |_| UserInfoRefused::NotJson;
    if !StrictObject::has_few_values(answer.body()) {
        serde_json::from_slice::<IgnoredAny>(answer.body()).map_err(not_json)?;
        return Err(UserInfoRefused::Malformed);
    }
    plain(serde_json::from_slice(answer.body()).map_err(not_json)?)
}

/// Longest e-mail address that is read: a longer one would fill the cookie (RFC 5321 section 4.5.3.1 allows 64 and 255 octets).
const MAX_EMAIL: usize = 320;

/// An entry of a list of e-mail addresses.
#[derive(Deserialize)]
struct Email {
    email: String,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    verified: bool,
}

/// Reads a list of e-mail addresses: the one that is primary and verified, if there is one.
pub fn parse_emails(answer: &Response<Bytes>) -> Result<Option<String>, UserInfoRefused> {
    if format(answer)? != Format::Json {
        return Err(UserInfoRefused::ContentType);
    }
    if !StrictObject::has_few_values(answer.body()) {
        return Err(UserInfoRefused::Malformed);
    }
    let emails: Vec<Email> =
        serde_json::from_slice(answer.body()).map_err(|error| match error.classify() {
            Category::Data => UserInfoRefused::Malformed,
            Category::Io | Category::Syntax | Category::Eof => UserInfoRefused::NotJson,
        })?;
    let mut found = emails.into_iter().filter(|entry| entry.primary && entry.verified);
    match (found.next().map(|entry| entry.email), found.next()) {
        (None, _) => Ok(None),
        (Some(email), None) if email.contains('@') && email.len() <= MAX_EMAIL => Ok(Some(email)),
        // Two that are primary, or one that is no address: nobody knows what the list means.
        (Some(_), _) => Err(UserInfoRefused::Malformed),
    }
}

/// Reads the answer of an OpenID Provider, which may be signed (OpenID Connect Core 1.0 section 5.3.2).
pub fn parse_openid(answer: &Response<Bytes>) -> Result<UserInfo, UserInfoRefused> {
    if answer.status() == StatusCode::UNAUTHORIZED {
        return Err(UserInfoRefused::Unauthorized);
    }
    match format(answer)? {
        Format::Json => {}
        Format::Jwt => {
            let token = str::from_utf8(answer.body()).map_err(|_| UserInfoRefused::Untrusted)?;
            return Ok(UserInfo::Signed(IdToken::new(token.trim())));
        }
        Format::Form | Format::Other => return Err(UserInfoRefused::ContentType),
    }
    Ok(UserInfo::Plain(plain(oidc::userinfo::parse(answer.body())?)?))
}

fn format(answer: &Response<Bytes>) -> Result<Format, UserInfoRefused> {
    if answer.status().is_success() { Ok(Format::of(answer)) } else { Err(UserInfoRefused::Status) }
}

fn plain(answer: Value) -> Result<Value, UserInfoRefused> {
    // Some providers answer errors with the status 200.
    if answer.get("error").is_some_and(Value::is_string) {
        return Err(UserInfoRefused::Malformed);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Provider;
    use crate::provider::check::CheckedProvider;
    use crate::provider::test_rows::{HUBSPOT, NOTION};
    use crate::secret::ClientSecret;

    fn known(provider: Provider) -> CheckedProvider {
        provider.validate().unwrap()
    }

    fn request(provider: &CheckedProvider, token: &str) -> Result<Request<Bytes>, NoRequest> {
        super::request(
            provider.userinfo_method,
            provider.configured().unwrap().userinfo.as_ref().unwrap(),
            &provider.userinfo_headers,
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
        let error = request(&hubspot, &"a".repeat(70_000)).unwrap_err();
        assert_eq!(error, NoRequest::TokenTooLong);
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
