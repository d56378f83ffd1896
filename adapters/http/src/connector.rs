//! Connections of the default client: direct ones, or by way of the proxy of the environment.

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tower_service::Service;

type BoxError = Box<dyn Error + Send + Sync>;

/// Connects, below TLS.
#[derive(Clone)]
pub(crate) struct Connector {
    direct: HttpConnector,
    /// Absent where no proxy is used.
    proxies: Option<Arc<Matcher>>,
}

impl Connector {
    pub(crate) fn new(proxies: Option<Arc<Matcher>>) -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        Self { direct, proxies }
    }
}

/// Tells whether a request goes through a proxy. Plain http leads to this machine, or to an origin inside the network.
pub(crate) fn is_proxied(proxies: Option<&Matcher>, uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTPS) && proxies.is_some_and(|proxies| proxies.intercept(uri).is_some())
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let proxies = self.proxies.as_deref().filter(|proxies| is_proxied(Some(proxies), &uri));
        let Some(proxy) = proxies.and_then(|proxies| proxies.intercept(&uri)) else {
            let connecting = self.direct.call(uri);
            return Box::pin(async { connecting.await.map_err(Into::into) });
        };
        if proxy.uri().scheme() != Some(&Scheme::HTTP) {
            // CONNECT, and credentials with it, would go to it in the clear.
            let unsupported = io::Error::new(io::ErrorKind::Unsupported, "the proxy is no http:// URL");
            return Box::pin(std::future::ready(Err(unsupported.into())));
        }
        let tunnel = Tunnel::new(proxy.uri().clone(), self.direct.clone());
        let mut tunnel = match proxy.basic_auth() {
            Some(credentials) => tunnel.with_auth(credentials.clone()),
            None => tunnel,
        };
        let connecting = tunnel.call(uri);
        Box::pin(async { connecting.await.map_err(Into::into) })
    }
}
