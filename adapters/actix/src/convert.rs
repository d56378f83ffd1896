//! Requests and answers between actix-web and the driver: actix-web's types are those of http 0.2.

use actix_web::body::{BoxBody, SizedStream};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, dev};
use aura_proto::{Connection, Scheme};
use bytes::Bytes;
use http::{HeaderMap, Method};

/// Returns the head of a request, as the functions of a [`Driver`](crate::Driver) take it: method, URL, fields, and the
/// [`Connection`] that actix-web knows.
///
/// ```
/// use actix_web::test::TestRequest;
/// let request = TestRequest::post().uri("/account?tab=2").insert_header(("host", "example.com")).to_http_request();
/// let head = aura_actix::head(&request);
/// assert_eq!((head.method().as_str(), head.uri().path()), ("POST", "/account"));
/// assert_eq!(head.headers()["host"], "example.com");
/// ```
pub fn head(request: &HttpRequest) -> http::Request<()> {
    let mut head = http::Request::new(());
    // Cannot fail: a method of http 0.2 is one of http 1.
    *head.method_mut() = Method::from_bytes(request.method().as_str().as_bytes()).unwrap_or_default();
    // A URL that http 1 does not read is no route of the sign-in.
    *head.uri_mut() = request.uri().to_string().try_into().unwrap_or_default();
    *head.headers_mut() = fields(request.headers());
    let scheme = if request.app_config().secure() { Scheme::Https } else { Scheme::Http };
    let connection = Connection::new(scheme);
    let connection = request.peer_addr().map_or(connection, |peer| connection.with_peer(peer.ip()));
    head.extensions_mut().insert(connection);
    head
}

/// Adds fields to an answer: the cookies of a [`Visit`](crate::Visit), of a [`FormToken`](crate::FormToken) or of
/// [`ReadyTokens`](crate::ReadyTokens), by its function `add_to`.
///
/// ```
/// use actix_web::{HttpRequest, HttpResponse, web};
/// use aura_actix::{Csrf, Driver, Refused, finish, head};
/// #[derive(serde::Serialize)]
/// struct Claims { theme: &'static str }
///
/// async fn darken(_: Csrf, request: HttpRequest, driver: web::Data<Driver>) -> Result<HttpResponse, Refused> {
///     let head = head(&request);
///     let mut visit = driver.visit(&head).await?;
///     driver.update_claims(&mut visit, &head, &Claims { theme: "dark" }).await?;
///     Ok(finish(HttpResponse::Ok().body("Dark it is."), |fields| visit.add_to(fields)))
/// }
/// # let _: actix_web::App<_> = actix_web::App::new().route("/dark", web::post().to(darken));
/// ```
pub fn finish<B>(mut response: HttpResponse<B>, add: impl FnOnce(&mut HeaderMap)) -> HttpResponse<B> {
    add_to(response.headers_mut(), add);
    response
}

pub(crate) fn add_to(map: &mut header::HeaderMap, add: impl FnOnce(&mut HeaderMap)) {
    let mut fields = fields(map);
    add(&mut fields);
    map.clear();
    append(map, &fields);
}

/// Makes an answer of the driver one of actix-web's.
///
/// ```
/// let answer = http::Response::builder().status(302).header("location", "/sign-in").body(bytes::Bytes::new())?;
/// let answer = aura_actix::answer(answer);
/// assert_eq!(answer.status(), 302);
/// assert_eq!(answer.headers().get("location").unwrap(), "/sign-in");
/// # Ok::<(), http::Error>(())
/// ```
pub fn answer(response: http::Response<Bytes>) -> HttpResponse {
    let (head, body) = response.into_parts();
    let length = head.headers.get(http::header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let nothing: dev::Payload = dev::Payload::None;
    let body = match length {
        // An answer to HEAD has the length of another body, which actix-web takes from the body alone.
        Some(length) if body.is_empty() => BoxBody::new(SizedStream::new(length, nothing)),
        _ => BoxBody::new(body),
    };
    // Cannot fail: a status of http 1 is one of http 0.2.
    let status = StatusCode::from_u16(head.status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = HttpResponse::with_body(status, body);
    append(answer.headers_mut(), &head.headers);
    answer
}

fn fields(map: &header::HeaderMap) -> HeaderMap {
    let mut fields = HeaderMap::with_capacity(map.len());
    for (name, value) in map {
        // Cannot fail: both releases of http allow the same names and values.
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::from_bytes(value.as_bytes())) {
            fields.append(name, value);
        }
    }
    fields
}

fn append(map: &mut header::HeaderMap, fields: &HeaderMap) {
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            map.append(name, value);
        }
    }
}
