//! Invariant: a token response is a grant only if its status is a success and it contains the access token or an ID token.
//!
//! An independent reader finds the same access token in the response. That token is valid in a header field. No expiry
//! is zero. A grant that is written reads back.
#![no_main]

use aura_proto::internals::{TokenResponse, TokenType};
use bytes::Bytes;
use http::{Response, header};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use url::form_urlencoded;

// The input is `status content-type`, a line end, and the body; no content type where there is no space.
fuzz_target!(|input: &[u8]| {
    let at = input.iter().position(|&byte| byte == b'\n').unwrap_or(input.len());
    let (head, body) = (String::from_utf8_lossy(&input[..at]), input.get(at + 1..).unwrap_or_default());
    let (status, content_type) =
        head.split_once(' ').map_or((head.as_ref(), None), |(status, rest)| (status, Some(rest)));
    let mut response = Response::builder().status(status);
    if let Some(content_type) = content_type {
        response = response.header(header::CONTENT_TYPE, content_type);
    }
    let Ok(response) = response.body(Bytes::copy_from_slice(body)) else { return };
    let Some(granted) = parse(&response) else { return };

    assert!(response.status().is_success());
    let Some(token) = &granted.access_token else {
        assert!(granted.id_token.as_ref().is_some_and(|token| !token.expose().is_empty()));
        assert_eq!(parse(&write(&granted)), Some(granted));
        return;
    };
    let token = token.expose();
    assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
    match serde_json::from_slice::<Value>(body) {
        Ok(json) if json.is_object() => {
            assert_eq!(json["access_token"], token);
            assert!(json["error"].is_null() || json["error"] == "");
        }
        _ => {
            let values = form_urlencoded::parse(body).filter(|(name, _)| name == "access_token");
            assert_eq!(values.map(|(_, value)| value.into_owned()).collect::<Vec<_>>(), [token]);
        }
    }
    for length in [granted.expires_in, granted.refresh_token_expires_in].into_iter().flatten() {
        assert!(!length.is_zero());
    }
    assert_eq!(parse(&write(&granted)), Some(granted));
});

fn parse(response: &Response<Bytes>) -> Option<TokenResponse> {
    TokenResponse::parse(response, TokenType::Bearer).ok()
}

/// Writes what was granted as RFC 6749 section 5.1 does; a scope as a list, since its names may hold anything in one.
fn write(granted: &TokenResponse) -> Response<Bytes> {
    let body = json!({
        "access_token": granted.access_token.as_ref().map(|token| token.expose()),
        "token_type": "Bearer",
        "expires_in": granted.expires_in.map(|length| length.as_secs()),
        "refresh_token": granted.refresh_token.as_ref().map(|token| token.expose()),
        "refresh_token_expires_in": granted.refresh_token_expires_in.map(|length| length.as_secs()),
        "scope": granted.scope,
        "id_token": granted.id_token.as_ref().map(|token| token.expose()),
    });
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    response.body(Bytes::from(body.to_string())).expect("a response")
}
