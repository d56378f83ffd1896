//! Tests of the reading of token answers.

use super::*;
use http::header;

fn response(status: u16, content_type: &str, body: &str) -> Result<TokenResponse, TokenAnswerRefused> {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type)
        .body(Bytes::from(body.to_owned()))
        .unwrap();
    TokenResponse::parse(&response, TokenType::Bearer)
}

fn parse(status: u16, content_type: &str, body: &str) -> Result<String, TokenAnswerRefused> {
    response(status, content_type, body).map(|response| response.access_token.unwrap().expose().to_owned())
}

/// Reads an answer with one more member.
fn with(member: &str) -> Result<TokenResponse, TokenAnswerRefused> {
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
        assert_eq!(expiry(value), Err(TokenAnswerRefused::Malformed), "{value}");
    }
}

#[test]
fn a_scope_may_have_spaces_or_commas_or_be_a_list() {
    let scope =
        |value: &str| with(&format!(r#""scope":{value}"#)).map(|response| response.scope.unwrap_or_default());
    for value in [r#""x y""#, r#""x,y""#, r#""x, y""#, r#"" x  y ""#, r#"["x","y"]"#] {
        assert_eq!(scope(value), Ok(vec!["x".to_owned(), "y".to_owned()]), "{value}");
    }
    assert_eq!(scope(r#""""#), Ok(Vec::new()));
    for value in ["1", "true", "{}", r#"["x",1]"#, "[null]"] {
        assert_eq!(scope(value), Err(TokenAnswerRefused::Malformed), "{value}");
    }
}

#[test]
fn a_token_of_another_type_is_not_a_missing_token() {
    for member in
        [r#""refresh_token":1"#, r#""refresh_token":{}"#, r#""id_token":["a"]"#, r#""id_token":true"#]
    {
        assert_eq!(with(member), Err(TokenAnswerRefused::Malformed), "{member}");
    }
}

#[test]
fn answers_that_grant_nothing_are_told_apart() {
    use TokenAnswerRefused::{ContentType, ErrorAnswer, Malformed, NotJson, Status};
    let refused = TokenAnswerRefused::Request;
    for (status, content_type, body, error) in [
        (400, JSON, r#"{"error":"invalid_grant"}"#, refused(TokenRequestRefused::InvalidGrant)),
        (302, JSON, r#"{"access_token":"a"}"#, Status),
        (500, "text/html", "oops", refused(TokenRequestRefused::Unavailable)),
        (200, JSON, r#"{"error":"bad_verification_code"}"#, ErrorAnswer),
        (200, JSON, r#"{"error":{}}"#, ErrorAnswer),
        (200, FORM, "error=bad_verification_code", ErrorAnswer),
        (200, "text/html", "<p>", ContentType),
        (200, JSON, "access_token=a", NotJson),
        (200, JSON, "[]", Malformed),
        (200, JSON, "{}", Malformed),
        (200, JSON, r#"{"access_token":""}"#, Malformed),
        (200, JSON, r#"{"access_token":1}"#, Malformed),
        (200, JSON, r#"{"access_token":"a","access_token":"b"}"#, Malformed),
        (200, JSON, r#"{"access_token":"a","token_type":"mac"}"#, Malformed),
        (200, JSON, r#"{"access_token":"a","token_type":1}"#, Malformed),
        (200, FORM, "access_token=a&access_token=b", Malformed),
    ] {
        assert_eq!(parse(status, content_type, body), Err(error), "{body}");
    }
}

#[test]
fn hi_05_a_token_that_could_split_a_header_is_refused() {
    for token in ["a b", r"a\r\nx: y", r"a\u0000", "ä", r"a\u2028"] {
        let body = format!(r#"{{"access_token":"{token}"}}"#);
        assert_eq!(parse(200, JSON, &body), Err(TokenAnswerRefused::Malformed), "{token}");
    }
}

#[test]
fn a_length_of_time_is_digits_and_perhaps_a_fraction() {
    for text in ["1.x", "x.1", "+1", "-1", ".5", "1e3", "1.5.5"] {
        assert!(with(&format!(r#""expires_in":"{text}""#)).is_err(), "{text}");
    }
    assert_eq!(with(r#""expires_in":"7.9""#).unwrap().expires_in, Some(Duration::from_secs(7)));
}
