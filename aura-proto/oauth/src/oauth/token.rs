//! Token request and answer (RFC 6749 sections 4.1.3, 4.1.4, 5 and 6), and revocation request (RFC 7009).

use super::client_auth::{Credentials, Fields};
use super::{Format, client_request};
use crate::query::Parameters;
use crate::refused::{NoRequest, TokenAnswerRefused, TokenRequestRefused};
use crate::secret::{AccessToken, AuthorizationCode, ClientSecret, CodeVerifier, IdToken, RefreshToken};
use aura_jose::{Refused, StrictObject};
use bytes::Bytes;
use http::{Request, Response, Uri};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// Longest life of a token, in seconds: ten years. A longer one is no date that can be compared.
const MAX_LIFETIME: u64 = 10 * 365 * 24 * 3600;

/// The grant of a token request.
#[derive(Debug)]
pub enum Grant<'a> {
    /// A code, and its proof key where the provider takes one (RFC 6749 section 4.1.3).
    Code {
        /// The code.
        code: AuthorizationCode,
        /// Where the code was delivered.
        redirect_uri: &'a str,
        /// The proof key.
        code_verifier: Option<&'a CodeVerifier>,
    },
    /// The refresh token of an earlier grant (RFC 6749 section 6).
    Refresh(&'a RefreshToken),
}

/// The token request with an authorization code. The fields are in the order of Aura Auth's wire contract.
#[derive(Serialize)]
struct CodeRequest<'a> {
    #[serde(flatten)]
    client: Fields<'a>,
    code: &'a str,
    redirect_uri: &'a str,
    grant_type: &'static str,
    code_verifier: Option<&'a str>,
    #[serde(flatten)]
    further: Fields<'a>,
}

/// The token request with a refresh token, likewise.
#[derive(Serialize)]
struct RefreshRequest<'a> {
    grant_type: &'static str,
    refresh_token: &'a str,
    #[serde(flatten)]
    client: Fields<'a>,
    #[serde(flatten)]
    further: Fields<'a>,
}

/// Makes the token request, with further parameters that the provider requires.
///
/// # Errors
/// [`NoRequest::Unwritable`], which does not happen.
pub fn request(
    endpoint: &Uri,
    credentials: &Credentials,
    grant: &Grant<'_>,
    further: &[(String, ClientSecret)],
) -> Result<Request<Bytes>, NoRequest> {
    let (client, further) = (Fields(&credentials.fields), Fields(further));
    match grant {
        Grant::Code { code, redirect_uri, code_verifier } => {
            let (code, code_verifier) = (code.expose(), code_verifier.map(CodeVerifier::expose));
            let grant_type = "authorization_code";
            let message = CodeRequest { client, code, redirect_uri, grant_type, code_verifier, further };
            client_request(credentials, endpoint, &message)
        }
        Grant::Refresh(token) => {
            let (grant_type, refresh_token) = ("refresh_token", token.expose());
            let message = RefreshRequest { grant_type, refresh_token, client, further };
            client_request(credentials, endpoint, &message)
        }
    }
}

/// A token response (RFC 6749 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenResponse {
    /// `None` beside an ID token: some providers grant none if no resource is requested (Azure AD B2C).
    pub access_token: Option<AccessToken>,
    /// The lifetime of the access token (`expires_in`); `None` if it is absent or zero.
    pub expires_in: Option<Duration>,
    /// By what new tokens are requested.
    pub refresh_token: Option<RefreshToken>,
    /// How long the refresh token lives, likewise.
    pub refresh_token_expires_in: Option<Duration>,
    /// The granted scope; `None` means the requested one.
    pub scope: Option<Vec<String>>,
    /// Who signed in.
    pub id_token: Option<IdToken>,
}

/// The expected type of the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// A bearer token (RFC 6750).
    Bearer,
    /// It is bound to a key (RFC 9449).
    Dpop,
}

impl TokenType {
    /// Returns the name that the token goes by in `Authorization` (RFC 6750 section 2.1, RFC 9449 section 7.1).
    pub fn name(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}

/// The members that are read.
const MEMBERS: [&str; 8] = [
    "error",
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "refresh_token_expires_in",
    "scope",
    "id_token",
];

impl TokenResponse {
    /// Reads the token endpoint's answer, leniently where providers err:
    /// * a form instead of JSON (GitHub without `Accept`), and no content type at all;
    /// * no `token_type`;
    /// * an expiry as text or with a fraction; zero for "never" (Mailchimp);
    /// * a scope separated by commas (GitHub, Strava) or as a list (Twitch);
    /// * empty texts and `null` where a member is absent (but an empty scope grants nothing); unknown members.
    ///
    /// An error object is an error whatever its status.
    pub fn parse(response: &Response<Bytes>, expected: TokenType) -> Result<Self, TokenAnswerRefused> {
        if !response.status().is_success() {
            let refusal = TokenRequestRefused::of(response.status(), super::error_word(response));
            return Err(refusal.map_or(TokenAnswerRefused::Status, TokenAnswerRefused::Request));
        }
        let answer = match Format::of(response) {
            Format::Json => {
                let (not_json, malformed) = (TokenAnswerRefused::NotJson, TokenAnswerRefused::Malformed);
                StrictObject::parse_or(response.body(), not_json, malformed)?
            }
            Format::Form => from_form(response.body())?,
            Format::Jwt | Format::Other => return Err(TokenAnswerRefused::ContentType),
        };
        if answer.get("error").is_some_and(|error| !error.is_null() && error != "") {
            return Err(TokenAnswerRefused::ErrorAnswer);
        }
        Self::read(answer, expected).map_err(|_| TokenAnswerRefused::Malformed)
    }

    fn read(mut answer: StrictObject, expected: TokenType) -> Result<Self, Refused> {
        let mut text = |name: &str| Ok(answer.take_text(name)?.filter(|text| !text.is_empty()));
        let token_type = text("token_type")?;
        let suits = match (expected, token_type) {
            (TokenType::Bearer, None) => true,
            // RFC 9449 section 5: a token that is not bound is not what was asked for.
            (TokenType::Dpop, None) => false,
            (TokenType::Bearer, Some(own)) => own.eq_ignore_ascii_case("bearer"),
            (TokenType::Dpop, Some(own)) => own.eq_ignore_ascii_case("dpop"),
        };
        if !suits {
            return Err(Refused);
        }
        let access_token = text("access_token")?;
        let (refresh_token, id_token) = (text("refresh_token")?, text("id_token")?);
        if !access_token.as_ref().or(id_token.as_ref()).is_some_and(|token| is_printable(token)) {
            return Err(Refused);
        }
        Ok(Self {
            access_token: access_token.map(AccessToken::new),
            expires_in: duration(answer.get("expires_in"))?,
            refresh_token: refresh_token.map(RefreshToken::new),
            refresh_token_expires_in: duration(answer.get("refresh_token_expires_in"))?,
            scope: scope(answer.get("scope"))?,
            id_token: id_token.map(IdToken::new),
        })
    }
}

fn from_form(body: &[u8]) -> Result<StrictObject, TokenAnswerRefused> {
    let parameters = Parameters::parse(body);
    let mut members = Map::new();
    for name in MEMBERS {
        if let Some(value) = parameters.once(name).map_err(|_| TokenAnswerRefused::Malformed)? {
            members.insert(name.to_owned(), Value::from(value));
        }
    }
    Ok(members.into())
}

/// Reads a number of seconds, or text that is one; a fraction is cut off.
fn duration(value: Option<&Value>) -> Result<Option<Duration>, Refused> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => return Err(Refused),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return Err(Refused);
    }
    let seconds = whole.parse::<u64>().map_err(|_| Refused)?;
    Ok(Some(Duration::from_secs(seconds.min(MAX_LIFETIME))).filter(|duration| !duration.is_zero()))
}

/// Reads a list of names, separated or as a list.
fn scope(value: Option<&Value>) -> Result<Option<Vec<String>>, Refused> {
    let split =
        |text: &str| text.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(split(text))),
        Some(Value::Array(names)) => {
            let names = names.iter().map(|name| name.as_str().map(str::to_owned).ok_or(Refused));
            names.collect::<Result<_, _>>().map(Some)
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Err(Refused),
    }
}

/// Tells whether a token can be in an `Authorization` header: visible ASCII, no space (RFC 6750 section 2.1, and the
/// characters beyond it that providers use).
fn is_printable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;

/// The token that is revoked.
#[derive(Clone, Copy, Debug)]
pub enum Revoked<'a> {
    /// An access token.
    Access(&'a AccessToken),
    /// A refresh token.
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
/// [`NoRequest::Unwritable`], which does not happen.
pub fn revocation_request(
    credentials: &Credentials,
    endpoint: &Uri,
    token: Revoked<'_>,
) -> Result<Request<Bytes>, NoRequest> {
    let (token, token_type_hint) = match token {
        Revoked::Access(token) => (token.expose(), "access_token"),
        Revoked::Refresh(token) => (token.expose(), "refresh_token"),
    };
    let message = RevocationRequest { token, token_type_hint, client: Fields(&credentials.fields) };
    client_request(credentials, endpoint, &message)
}
