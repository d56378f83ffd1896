//! Conversion between the requests and responses of `tiny_http` and those of `http`.

use aura_proto::{Connection, Scheme};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use std::io::{Cursor, Read};
use tiny_http::Header;

/// Takes a request apart; nothing where it is not one of HTTP.
pub(crate) fn request(incoming: &mut tiny_http::Request) -> Option<Request<&mut (dyn Read + '_)>> {
    let mut head = Request::new(());
    *head.method_mut() = Method::from_bytes(incoming.method().as_str().as_bytes()).ok()?;
    *head.uri_mut() = incoming.url().parse().ok()?;
    for header in incoming.headers() {
        let name = HeaderName::from_bytes(header.field.as_str().as_str().as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(header.value.as_str().as_bytes()).ok()?;
        head.headers_mut().append(name, value);
    }
    let connection = Connection::new(if incoming.secure() { Scheme::Https } else { Scheme::Http });
    let peer = incoming.remote_addr().map(|peer| peer.ip());
    head.extensions_mut().insert(peer.map_or(connection, |peer| connection.with_peer(peer)));
    Some(head.map(|()| incoming.as_reader()))
}

/// Builds a response. Header values that are not ASCII are left out, because `tiny_http` cannot send them.
pub(crate) fn response(response: Response<Bytes>) -> tiny_http::Response<Cursor<Bytes>> {
    let (head, body) = response.into_parts();
    let headers = head.headers.iter();
    let headers =
        headers.filter_map(|(name, value)| Header::from_bytes(name.as_str(), value.as_bytes()).ok());
    let length = body.len();
    let answer = tiny_http::Response::new(
        head.status.as_u16().into(),
        Vec::new(),
        Cursor::new(body),
        Some(length),
        None,
    );
    headers.fold(answer, tiny_http::Response::with_header).with_chunked_threshold(usize::MAX)
}
