//! How is a code exchanged for a token? (RFC 6749 section 4.1.3, 4.1.4 and 5)

use super::parameters::Parameters;
use super::{MediaType, USER_AGENT};
use crate::cookie::attempt::Attempt;
use crate::error::ProviderError;
use crate::jose::claims::StrictObject;
use crate::provider::ValidProvider;
use crate::secret::{AccessToken, AuthorizationCode, IdToken, RefreshToken};
use bytes::Bytes;
use http::{Method, Request, Response, header};
use serde_json::Value;
use url::form_urlencoded;

/// Makes the token request, with its fields in the contract's order.
pub(crate) fn request(
    provider: &ValidProvider,
    attempt: &Attempt,
    code: &AuthorizationCode,
) -> http::Result<Request<Bytes>> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    provider.client_authentication.add_fields(&provider.client_id, &mut form);
    form.append_pair("code", code.expose())
        .append_pair("redirect_uri", &attempt.redirect_uri)
        .append_pair("grant_type", "authorization_code")
        .append_pair("code_verifier", attempt.code_verifier.expose());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(provider.token_endpoint.as_str())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = provider.client_authentication.header(&provider.client_id) {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    request.body(Bytes::from(form.finish()))
}

/// What the token endpoint grants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: AccessToken,
    pub(crate) expires_in: Option<u64>,
    pub(crate) refresh_token: Option<RefreshToken>,
    pub(crate) refresh_token_expires_in: Option<u64>,
    pub(crate) id_token: Option<IdToken>,
    pub(crate) scopes: Vec<String>,
}

impl TokenResponse {
    /// Reads the token endpoint's answer, leniently where providers err:
    /// * a form instead of JSON (GitHub without `Accept`), and no content type at all;
    /// * no `token_type`;
    /// * `expires_in` as text, `scope` as text or list, unknown members: not looked at.
    ///
    /// An error object is an error whatever its status.
    pub(crate) fn parse(response: &Response<Bytes>) -> Result<Self, ProviderError> {
        if !response.status().is_success() {
            return Err(ProviderError::TokenStatus);
        }
        let mut answer = match MediaType::of(response) {
            MediaType::Json | MediaType::Unsaid => {
                StrictObject::parse(response.body()).map_err(|_| ProviderError::TokenMalformed)?
            }
            MediaType::Form => from_form(response.body())?,
            MediaType::Other => return Err(ProviderError::TokenContentType),
        };
        if answer.contains("error") {
            return Err(ProviderError::TokenErrorAnswer);
        }
        let malformed = |_| ProviderError::TokenMalformed;
        let token_type = answer.take_text("token_type").map_err(malformed)?;
        if token_type.is_some_and(|token_type| !token_type.eq_ignore_ascii_case("bearer")) {
            return Err(ProviderError::TokenMalformed);
        }
        let access_token = answer.take_text("access_token").map_err(malformed)?;
        match access_token {
            Some(token) if is_printable(&token) => Ok(Self {
                access_token: AccessToken::new(token),
                expires_in: None,
                refresh_token: None,
                refresh_token_expires_in: None,
                id_token: None,
                scopes: Vec::new(),
            }),
            Some(_) | None => Err(ProviderError::TokenMalformed),
        }
    }
}

fn from_form(body: &[u8]) -> Result<StrictObject, ProviderError> {
    let parameters = Parameters::parse(body);
    let mut members = Vec::new();
    for name in ["error", "access_token", "token_type"] {
        if let Some(value) = parameters.once(name).map_err(|_| ProviderError::TokenMalformed)? {
            members.push((name.to_owned(), Value::from(value)));
        }
    }
    Ok(members.into_iter().collect())
}

/// Tells whether a token can stand in an `Authorization` header: visible ASCII, no space (RFC 6750 section 2.1, and the
/// characters beyond it that providers use).
fn is_printable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(status: u16, content_type: &str, body: &str) -> Result<String, ProviderError> {
        let response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, content_type)
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        TokenResponse::parse(&response).map(|response| response.access_token.expose().to_owned())
    }

    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn each_leniency_has_its_case() {
        for (content_type, body) in [
            ("Application/JSON; charset=utf-8", r#"{"access_token":"a","token_type":"BEARER"}"#),
            (JSON, r#"{"access_token":"a"}"#),
            (JSON, r#"{"access_token":"a","token_type":null,"expires_in":"3600","scope":["x","y"]}"#),
            (JSON, r#"{"access_token":"a","token_type":"bearer","scope":"x,y","extra":{}}"#),
            ("application/vnd.example+json", r#"{"access_token":"a"}"#),
            (FORM, "access_token=a&scope=user&token_type=bearer"),
        ] {
            assert_eq!(parse(200, content_type, body).as_deref(), Ok("a"), "{body}");
        }
    }

    #[test]
    fn answers_that_grant_nothing_are_told_apart() {
        use ProviderError::{TokenContentType, TokenErrorAnswer, TokenMalformed, TokenStatus};
        for (status, content_type, body, error) in [
            (400, JSON, r#"{"error":"invalid_grant"}"#, TokenStatus),
            (302, JSON, r#"{"access_token":"a"}"#, TokenStatus),
            (500, "text/html", "oops", TokenStatus),
            (200, JSON, r#"{"error":"bad_verification_code"}"#, TokenErrorAnswer),
            (200, FORM, "error=bad_verification_code", TokenErrorAnswer),
            (200, "text/html", "<p>", TokenContentType),
            (200, JSON, "access_token=a", TokenMalformed),
            (200, JSON, "[]", TokenMalformed),
            (200, JSON, "{}", TokenMalformed),
            (200, JSON, r#"{"access_token":""}"#, TokenMalformed),
            (200, JSON, r#"{"access_token":1}"#, TokenMalformed),
            (200, JSON, r#"{"access_token":"a","access_token":"b"}"#, TokenMalformed),
            (200, JSON, r#"{"access_token":"a","token_type":"mac"}"#, TokenMalformed),
            (200, JSON, r#"{"access_token":"a","token_type":1}"#, TokenMalformed),
            (200, FORM, "access_token=a&access_token=b", TokenMalformed),
        ] {
            assert_eq!(parse(status, content_type, body), Err(error), "{body}");
        }
    }

    #[test]
    fn hi_05_a_token_that_could_split_a_header_is_refused() {
        for token in ["a b", r"a\r\nx: y", r"a\u0000", "ä", r"a\u2028"] {
            let body = format!(r#"{{"access_token":"{token}"}}"#);
            assert_eq!(parse(200, JSON, &body), Err(ProviderError::TokenMalformed), "{token}");
        }
    }
}
