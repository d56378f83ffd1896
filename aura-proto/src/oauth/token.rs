//! Token request and response (RFC 6749 section 4.1.3, 4.1.4 and 5).

#![allow(unreachable_pub, reason = "fuzz targets reach this module through `internals`")]

use super::authorization::ProofKey;
use super::client_auth::{ClientFields, Credentials};
use super::{Format, client_request};
use crate::error::{HostError, ProviderError, TokenRefusal};
use crate::query::Parameters;
use crate::secret::{AccessToken, AuthorizationCode, CodeVerifier, IdToken, RefreshToken};
use aura_jose::Refused;
use aura_jose::StrictObject;
use bytes::Bytes;
use http::{Request, Response, Uri};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// Longest life of a token, in seconds: ten years. What is said beyond that is no date that anything can be compared with.
const MAX_LIFETIME: u64 = 10 * 365 * 24 * 3600;

/// The token request, with its fields in the contract's order.
#[derive(Serialize)]
struct TokenRequest<'a> {
    #[serde(flatten)]
    client: Option<ClientFields<'a>>,
    code: &'a str,
    redirect_uri: &'a str,
    grant_type: &'static str,
    code_verifier: Option<&'a str>,
}

/// Makes the token request.
///
/// # Errors
/// [`HostError::Unreachable`], which does not happen.
pub(crate) fn request(
    endpoint: &Uri,
    proof_key: ProofKey,
    credentials: &Credentials,
    redirect_uri: &str,
    code_verifier: &CodeVerifier,
    code: &AuthorizationCode,
) -> Result<Request<Bytes>, HostError> {
    let message = TokenRequest {
        client: credentials.fields(),
        code: code.expose(),
        redirect_uri,
        grant_type: "authorization_code",
        code_verifier: match proof_key {
            ProofKey::S256 => Some(code_verifier.expose()),
            ProofKey::Refused => None,
        },
    };
    client_request(credentials, endpoint, &message)
}

/// What the token endpoint grants (RFC 6749 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenResponse {
    /// `None` beside an ID token: some providers grant none where nobody asked for a resource (Azure AD B2C).
    pub access_token: Option<AccessToken>,
    /// How long the access token lives; `None` where the provider does not say, or says zero.
    pub expires_in: Option<Duration>,
    pub refresh_token: Option<RefreshToken>,
    /// How long the refresh token lives, likewise.
    pub refresh_token_expires_in: Option<Duration>,
    /// What was granted; `None` is what was asked for.
    pub scope: Option<Vec<String>>,
    pub id_token: Option<IdToken>,
}

/// What kind of access token is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
    /// It is bound to a key (RFC 9449).
    Dpop,
}

impl TokenType {
    /// Returns the name that the token goes by in `Authorization` (RFC 6750 section 2.1, RFC 9449 section 7.1).
    pub(crate) fn name(self) -> &'static str {
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
    pub fn parse(response: &Response<Bytes>, expected: TokenType) -> Result<Self, ProviderError> {
        if !response.status().is_success() {
            let refusal = TokenRefusal::of(response.status(), super::error_word(response));
            return Err(refusal.map_or(ProviderError::TokenStatus, ProviderError::TokenRefused));
        }
        let answer = match Format::of(response) {
            Format::Json => {
                let (not_json, malformed) = (ProviderError::TokenNotJson, ProviderError::TokenMalformed);
                StrictObject::parse_or(response.body(), not_json, malformed)?
            }
            Format::Form => from_form(response.body())?,
            Format::Jwt | Format::Other => return Err(ProviderError::TokenContentType),
        };
        if answer.get("error").is_some_and(|error| !error.is_null() && error != "") {
            return Err(ProviderError::TokenErrorAnswer);
        }
        Self::read(answer, expected).map_err(|_| ProviderError::TokenMalformed)
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

fn from_form(body: &[u8]) -> Result<StrictObject, ProviderError> {
    let parameters = Parameters::parse(body);
    let mut members = Map::new();
    for name in MEMBERS {
        if let Some(value) = parameters.once(name).map_err(|_| ProviderError::TokenMalformed)? {
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

/// Tells whether a token can stand in an `Authorization` header: visible ASCII, no space (RFC 6750 section 2.1, and the
/// characters beyond it that providers use).
fn is_printable(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;

    fn response(status: u16, content_type: &str, body: &str) -> Result<TokenResponse, ProviderError> {
        let response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, content_type)
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        TokenResponse::parse(&response, TokenType::Bearer)
    }

    fn parse(status: u16, content_type: &str, body: &str) -> Result<String, ProviderError> {
        response(status, content_type, body)
            .map(|response| response.access_token.unwrap().expose().to_owned())
    }

    /// Reads an answer with one more member.
    fn with(member: &str) -> Result<TokenResponse, ProviderError> {
        response(200, JSON, &format!(r#"{{"access_token":"a",{member}}}"#))
    }

    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn each_leniency_has_its_case() {
        for (content_type, body) in [
            ("Application/JSON; charset=utf-8", r#"{"access_token":"a","token_type":"BEARER"}"#),
            (JSON, r#"{"access_token":"a"}"#),
            (JSON, r#"{"access_token":"a","error":null}"#),
            (JSON, r#"{"access_token":"a","error":""}"#),
            (JSON, r#"{"access_token":"a","token_type":null,"expires_in":"3600","scope":["x","y"]}"#),
            (JSON, r#"{"access_token":"a","token_type":"bearer","scope":"x,y","extra":{}}"#),
            ("application/vnd.example+json", r#"{"access_token":"a"}"#),
            (FORM, "access_token=a&scope=user&token_type=bearer"),
        ] {
            assert_eq!(parse(200, content_type, body).as_deref(), Ok("a"), "{body}");
        }
    }

    #[test]
    fn an_answer_is_read_in_full_and_shows_no_secret() {
        let full = r#"{"access_token":"s3cret-a","token_type":"bearer","expires_in":3600,"refresh_token":"s3cret-r",
            "refresh_token_expires_in":15897600,"scope":"read write","id_token":"s3cret-i"}"#;
        let form = "access_token=s3cret-a&expires_in=3600&refresh_token=s3cret-r&refresh_token_expires_in=15897600\
            &scope=read+write&id_token=s3cret-i";
        let expected = TokenResponse {
            access_token: Some(AccessToken::new("s3cret-a")),
            expires_in: Some(Duration::from_secs(3600)),
            refresh_token: Some(RefreshToken::new("s3cret-r")),
            refresh_token_expires_in: Some(Duration::from_secs(15_897_600)),
            scope: Some(vec!["read".to_owned(), "write".to_owned()]),
            id_token: Some(IdToken::new("s3cret-i")),
        };
        assert_eq!(response(200, JSON, full).as_ref(), Ok(&expected));
        assert_eq!(response(200, FORM, form).as_ref(), Ok(&expected));
        assert!(!format!("{expected:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_not_said_is_absent() {
        let expected = TokenResponse {
            access_token: Some(AccessToken::new("a")),
            expires_in: None,
            refresh_token: None,
            refresh_token_expires_in: None,
            scope: None,
            id_token: None,
        };
        for body in [
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"a","expires_in":null,"refresh_token":null,"scope":null,"id_token":null}"#,
            r#"{"access_token":"a","expires_in":"","refresh_token":"","id_token":"","token_type":""}"#,
        ] {
            assert_eq!(response(200, JSON, body).as_ref(), Ok(&expected), "{body}");
        }
    }

    #[test]
    fn an_expiry_may_be_text_and_zero_is_never() {
        let expiry = |value: &str| {
            let access = with(&format!(r#""expires_in":{value}"#))?.expires_in;
            let refresh = with(&format!(r#""refresh_token_expires_in":{value}"#))?.refresh_token_expires_in;
            assert_eq!(access, refresh);
            Ok(access.map(|duration| duration.as_secs()))
        };
        for (value, seconds) in
            [("3600", 3600), (r#""3600""#, 3600), ("3600.0", 3600), ("0.5e1", 5), (r#""1.9""#, 1)]
        {
            assert_eq!(expiry(value), Ok(Some(seconds)), "{value}");
        }
        for value in ["0", r#""0""#, "0.0", r#""""#, "null"] {
            assert_eq!(expiry(value), Ok(None), "{value}");
        }
        for value in [
            "-1",
            r#""-1""#,
            r#""soon""#,
            "true",
            "[3600]",
            "{}",
            "1e30",
            r#""18446744073709551616""#,
            r#"" 1""#,
            r#"".5""#,
        ] {
            assert_eq!(expiry(value), Err(ProviderError::TokenMalformed), "{value}");
        }
    }

    #[test]
    fn a_scope_may_have_spaces_or_commas_or_be_a_list() {
        let scope = |value: &str| {
            with(&format!(r#""scope":{value}"#)).map(|response| response.scope.unwrap_or_default())
        };
        for value in [r#""x y""#, r#""x,y""#, r#""x, y""#, r#"" x  y ""#, r#"["x","y"]"#] {
            assert_eq!(scope(value), Ok(vec!["x".to_owned(), "y".to_owned()]), "{value}");
        }
        assert_eq!(scope(r#""""#), Ok(Vec::new()));
        for value in ["1", "true", "{}", r#"["x",1]"#, "[null]"] {
            assert_eq!(scope(value), Err(ProviderError::TokenMalformed), "{value}");
        }
    }

    #[test]
    fn a_token_of_another_type_is_not_a_missing_token() {
        for member in
            [r#""refresh_token":1"#, r#""refresh_token":{}"#, r#""id_token":["a"]"#, r#""id_token":true"#]
        {
            assert_eq!(with(member), Err(ProviderError::TokenMalformed), "{member}");
        }
    }

    #[test]
    fn answers_that_grant_nothing_are_told_apart() {
        use ProviderError::{TokenContentType, TokenErrorAnswer, TokenMalformed, TokenNotJson, TokenStatus};
        let refused = ProviderError::TokenRefused;
        for (status, content_type, body, error) in [
            (400, JSON, r#"{"error":"invalid_grant"}"#, refused(TokenRefusal::InvalidGrant)),
            (302, JSON, r#"{"access_token":"a"}"#, TokenStatus),
            (500, "text/html", "oops", refused(TokenRefusal::Unavailable)),
            (200, JSON, r#"{"error":"bad_verification_code"}"#, TokenErrorAnswer),
            (200, JSON, r#"{"error":{}}"#, TokenErrorAnswer),
            (200, FORM, "error=bad_verification_code", TokenErrorAnswer),
            (200, "text/html", "<p>", TokenContentType),
            (200, JSON, "access_token=a", TokenNotJson),
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

    #[test]
    fn a_length_of_time_is_digits_and_perhaps_a_fraction() {
        for text in ["1.x", "x.1", "+1", "-1", ".5", "1e3", "1.5.5"] {
            assert!(with(&format!(r#""expires_in":"{text}""#)).is_err(), "{text}");
        }
        assert_eq!(with(r#""expires_in":"7.9""#).unwrap().expires_in, Some(Duration::from_secs(7)));
    }
}
