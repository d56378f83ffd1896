//! Pushed authorization requests (RFC 9126).

use super::authorization::AuthorizationRequest;
use super::client_auth::{Credentials, Fields};
use super::{Format, client_request, with_query};
use crate::refused::{NoRequest, PushRefused};
use aura_jose::StrictObject;
use bytes::Bytes;
use http::{Request, Response, Uri};
use serde::Serialize;
use url::Url;

/// Longest reference that is passed on, in bytes.
const MAX_REFERENCE: usize = 1024;

#[derive(Serialize)]
struct PushedRequest<'a> {
    #[serde(flatten)]
    client: Fields<'a>,
    #[serde(flatten)]
    authorization: AuthorizationRequest<'a>,
}

/// Makes the push (section 2.1): the parameters of the authorization request, with the client's authentication.
///
/// # Errors
/// [`NoRequest::Unwritable`], which does not happen.
pub fn request(
    endpoint: &Uri,
    credentials: &Credentials,
    authorization: AuthorizationRequest<'_>,
) -> Result<Request<Bytes>, NoRequest> {
    let client = Fields(&credentials.fields);
    // The client is named once.
    let client_id = authorization.client_id.filter(|_| client.0.is_empty());
    let message =
        PushedRequest { client, authorization: AuthorizationRequest { client_id, ..authorization } };
    client_request(credentials, endpoint, &message)
}

/// Reads the reference to what was pushed (section 2.2).
pub fn parse(response: &Response<Bytes>) -> Result<String, PushRefused> {
    if !response.status().is_success() {
        return Err(PushRefused::Status);
    }
    let malformed = PushRefused::Malformed;
    if Format::of(response) != Format::Json {
        return Err(malformed);
    }
    let mut answer = StrictObject::parse(response.body()).map_err(|_| malformed)?;
    let reference = answer.take_text("request_uri").map_err(|_| malformed)?.ok_or(malformed)?;
    let is_sound = !reference.is_empty()
        && reference.len() <= MAX_REFERENCE
        && reference.bytes().all(|byte| byte.is_ascii_graphic());
    if is_sound { Ok(reference) } else { Err(malformed) }
}

/// Makes the URL that the browser is sent to (section 4).
///
/// # Errors
/// [`NoRequest::Unwritable`], which does not happen.
pub fn authorization_url(endpoint: &Url, client_id: &str, request_uri: &str) -> Result<Url, NoRequest> {
    #[derive(Serialize)]
    struct Reference<'a> {
        client_id: &'a str,
        request_uri: &'a str,
    }
    with_query(endpoint, &Reference { client_id, request_uri })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;

    fn read(status: u16, media_type: &str, body: &str) -> Result<String, PushRefused> {
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, media_type);
        parse(&response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap())
    }

    #[test]
    fn a_reference_is_read_from_a_success_alone() {
        let malformed = Err(PushRefused::Malformed);
        let long = format!(r#"{{"request_uri":"{}"}}"#, "a".repeat(MAX_REFERENCE + 1));
        let good = r#"{"request_uri":"urn:x:1","expires_in":60}"#;
        assert_eq!(read(201, "application/json", good), Ok("urn:x:1".to_owned()));
        assert_eq!(read(400, "application/json", good), Err(PushRefused::Status));
        assert_eq!(read(302, "application/json", good), Err(PushRefused::Status));
        assert_eq!(read(201, "text/html", good), malformed);
        for body in
            ["{}", "", r#"{"request_uri":7}"#, r#"{"request_uri":""}"#, r#"{"request_uri":"a b"}"#, &long]
        {
            assert_eq!(read(201, "application/json", body), malformed, "{body}");
        }
    }
}
