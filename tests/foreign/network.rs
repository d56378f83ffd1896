//! Real connections of the model browser to servers on this machine.

use aura_test_idp::browser::Site;
use bytes::Bytes;
use http::{Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

/// Runtime of servers and clients. Scenarios stay on their own threads.
pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

// No connection is kept: each one that idles holds a thread of tiny_http's, which has few.
static CLIENT: LazyLock<Client<HttpConnector, Full<Bytes>>> =
    LazyLock::new(|| Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http());

/// The server at a port of this machine.
pub(crate) struct Server(pub(crate) u16);

impl Site for Server {
    fn answer(&mut self, mut request: Request<Bytes>, _now: u64) -> Response<Bytes> {
        let path = request.uri().path_and_query().unwrap();
        *request.uri_mut() = format!("http://127.0.0.1:{}{path}", self.0).parse::<Uri>().unwrap();
        // The connection counts what it sends.
        request.headers_mut().remove(header::CONTENT_LENGTH);
        RUNTIME.block_on(send(request))
    }
}

async fn send(request: Request<Bytes>) -> Response<Bytes> {
    let response = CLIENT.request(request.map(Full::new)).await.unwrap();
    let (head, body) = response.into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}
