//! The head of a request, composed of what warp's filters extract.

use aura_proto::{Connection, Scheme};
use bytes::Buf;
use futures_core::Stream;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, Method, Request, Uri, header};
use http_body::{Body, Frame};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use warp::Filter;
use warp::path::FullPath;

/// Extracts everything of a request but its body.
pub(crate) fn head()
-> impl Filter<Extract = (Request<()>,), Error = Infallible> + Clone + Send + Sync + 'static {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    let target = warp::path::full().and(query).map(|path: FullPath, query: String| {
        let separator = if query.is_empty() { "" } else { "?" };
        PathAndQuery::try_from(format!("{}{separator}{query}", path.as_str())).ok()
    });
    let host = warp::host::optional().map(Host::Said).or(warp::any().map(|| Host::Contradicted)).unify();
    warp::method()
        .and(target)
        .and(host)
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Connection>())
        .and(warp::addr::remote())
        .map(assemble)
}

/// The host that a request was sent to.
enum Host {
    Said(Option<Authority>),
    /// Target and field differ, or one of them is malformed.
    Contradicted,
}

fn assemble(
    method: Method,
    path_and_query: Option<PathAndQuery>,
    host: Host,
    mut headers: HeaderMap,
    connection: Option<Connection>,
    peer: Option<SocketAddr>,
) -> Request<()> {
    let mut target = Uri::default().into_parts();
    target.path_and_query = path_and_query;
    match host {
        // HTTP/2 names the host in the target alone (RFC 9113 section 8.3.1); the core checks the fields.
        Host::Said(authority) if !headers.contains_key(header::HOST) => {
            target.scheme = authority.as_ref().map(|_| http::uri::Scheme::HTTP);
            target.authority = authority;
        }
        Host::Said(_) => {}
        // If the core needs a host, it gets none.
        Host::Contradicted => drop(headers.remove(header::HOST)),
    }
    let mut request = Request::new(());
    *request.method_mut() = method;
    // Cannot fail: the parts are those of a URL that has been read before.
    *request.uri_mut() = Uri::from_parts(target).unwrap_or_default();
    *request.headers_mut() = headers;
    let unsaid = || {
        let connection = Connection::new(Scheme::Http);
        peer.map_or(connection, |peer| connection.with_peer(peer.ip()))
    };
    request.extensions_mut().insert(connection.unwrap_or_else(unsaid));
    request
}

/// A body that arrives as warp's stream of pieces.
pub(crate) struct Incoming<S>(Pin<Box<S>>);

impl<S> Incoming<S> {
    pub(crate) fn new(pieces: S) -> Self {
        Self(Box::pin(pieces))
    }
}

impl<S, D> Body for Incoming<S>
where
    S: Stream<Item = Result<D, warp::Error>>,
    D: Buf,
{
    type Data = D;
    type Error = warp::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<D>, warp::Error>>> {
        self.0.as_mut().poll_next(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
