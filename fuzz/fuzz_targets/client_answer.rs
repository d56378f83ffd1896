//! Invariant: no answer makes the client's readers panic.
//!
//! A success has a 2xx status, or is the 401 of `GET /session`. A page is sent only to paths of its site and to web
//! pages. Of an answer's headers, only the cookies are passed on to the browser, and `Debug` does not show them.
#![no_main]

use arbitrary::Arbitrary;
use aura_client::{Answer, Call, Client, ClientError, Destination};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use libfuzzer_sys::fuzz_target;
use std::fmt::Debug;
use url::Url;

/// Begins every cookie.
const SECRET: &str = "aura-auth.session_token=Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    status: u16,
    cookies: Vec<&'a [u8]>,
    content_type: Option<&'a [u8]>,
    body: &'a [u8],
}

fn response(input: &Input<'_>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(input.body));
    *response.status_mut() = StatusCode::from_u16(100 + input.status % 500).expect("from 100 to 599");
    let values = |fields: &[&[u8]]| -> Vec<_> {
        fields.iter().filter_map(|field| HeaderValue::from_bytes(field).ok()).collect()
    };
    for value in values(&input.cookies) {
        let value = [SECRET.as_bytes(), value.as_bytes()].concat();
        let value = HeaderValue::from_bytes(&value).expect("two values");
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    let json = HeaderValue::from_static("application/json");
    let given = input.content_type.map_or(vec![json], |field| values(&[field]));
    for value in given {
        response.headers_mut().append(header::CONTENT_TYPE, value);
    }
    response
}

/// Reads the answer to one call, and passes it on.
fn read<A: Debug>(call: &Call<A>, input: &Input<'_>) -> Option<A> {
    let response = response(input);
    let (status, cookies) =
        (response.status(), response.headers().get_all(header::SET_COOKIE).iter().count());
    let answer: Answer<A> = call.read(response);
    let shown = format!("{answer:?}");
    // The body may contain the same text, and a body is not secret.
    let is_said = input.body.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    assert!(is_said || !shown.contains(SECRET), "{shown}");
    let mut headers = HeaderMap::new();
    let outcome: Result<A, ClientError> = answer.forward(&mut headers);
    assert_eq!(headers.get_all(header::SET_COOKIE).iter().count(), cookies);
    assert_eq!(headers.keys().len(), if cookies == 0 { 0 } else { 2 });
    // `GET /session` answers 401 if no user is signed in.
    assert!(outcome.is_err() || status.is_success() || status == StatusCode::UNAUTHORIZED, "{status}");
    outcome.ok()
}

fn judge(destination: &Destination) {
    let text = destination.as_str();
    assert!(HeaderValue::from_str(text).is_ok());
    if text.starts_with('/') {
        let site = Url::parse("https://site.test/page").expect("a URL");
        assert_eq!(site.join(text).expect("a path").origin(), site.origin(), "{text}");
    } else {
        assert!(matches!(Url::parse(text).expect("a URL").scheme(), "http" | "https"), "{text}");
    }
}

fuzz_target!(|input: Input<'_>| {
    let client = Client::new("https://app.test/auth").expect("a base URL");
    let token = read(&client.csrf_token(), &input);
    if let Some(token) = &token {
        assert!(HeaderValue::from_str(token.expose()).is_ok());
        assert_eq!(format!("{token:?}"), "CsrfToken(CsrfText(..))");
    }
    read(&client.get_session(), &input);
    let provider = client.provider("github").expect("an id");
    if let Some(sign_in) = read(&provider.sign_in(), &input) {
        judge(&sign_in.sign_in_url);
    }
    read(&provider.is_connected(), &input);
    read(&provider.tokens(), &input);
    let Some(token) = token else { return };
    if let Some(signed_out) = read(&client.sign_out(&token), &input) {
        signed_out.redirect_url.iter().for_each(judge);
    }
    read(&provider.disconnect(&token), &input);
    read(&provider.revoke_tokens(&token), &input);
    read(&provider.refresh_user(&token), &input);
});
