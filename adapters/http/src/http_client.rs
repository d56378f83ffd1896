//! The default client: hyper with rustls, and the system's trusted certificates.

use crate::client::Client;
use crate::connector::{self, Connector};
use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// Performs exchanges over HTTP/1.1 with pooled connections. Redirects are answers; bodies are read up to the limit.
///
/// Certificates are trusted as the system trusts them (`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured). No encoding of answers is
/// asked for, and none is undone.
#[derive(Clone)]
pub struct HttpClient {
    /// Absent where the TLS library cannot be set up at all.
    pool: Option<Pool<HttpsConnector<Connector>, Full<Bytes>>>,
    /// The proxies of the environment, where they are used.
    proxies: Option<Arc<Matcher>>,
}

impl HttpClient {
    /// Makes a client. Where the system has no trusted certificates, only exchanges with this machine succeed.
    #[must_use]
    pub fn new() -> Self {
        Self::with_proxies(None)
    }

    /// Makes a client that reaches providers through the proxy of the environment: `HTTPS_PROXY`, but for the hosts of
    /// `NO_PROXY`. For networks without a direct way out. The proxy sees which hosts are asked, and nothing else: TLS begins
    /// behind it. It is an `http://` URL; requests by plain http stay direct.
    #[must_use]
    pub fn with_environment_proxy() -> Self {
        Self::with_proxies(Some(Arc::new(Matcher::from_env())))
    }

    fn with_proxies(proxies: Option<Arc<Matcher>>) -> Self {
        let builder = HttpsConnectorBuilder::new();
        let builder = match builder.with_provider_and_native_roots(ring::default_provider()) {
            Ok(builder) => Some(builder),
            Err(error) => {
                tracing::warn!(target: "aura", %error, "no trusted certificates; install ca-certificates or set SSL_CERT_FILE");
                trusting_nobody().map(|config| HttpsConnectorBuilder::new().with_tls_config(config))
            }
        };
        let connector = builder.map(|builder| {
            builder.https_or_http().enable_http1().wrap_connector(Connector::new(proxies.clone()))
        });
        let pool = connector.map(|connector| Pool::builder(TokioExecutor::new()).build(connector));
        Self { pool, proxies }
    }
}

fn trusting_nobody() -> Option<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(ring::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions().ok()?;
    Some(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

impl Default for HttpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient(..)")
    }
}

impl Client for HttpClient {
    fn is_proxied(&self, uri: &Uri) -> Option<bool> {
        Some(connector::is_proxied(self.proxies.as_deref(), uri))
    }

    async fn call(
        &self,
        request: Request<Bytes>,
        max_response: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        let pool = self.pool.as_ref().ok_or(FetchError::Unreachable)?;
        let response = pool.request(request.map(Full::new)).await.map_err(|error| diagnose(&error))?;
        let (head, body) = response.into_parts();
        match Limited::new(body, max_response).collect().await {
            Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(FetchError::TooLarge),
            Err(_) => Err(FetchError::Unreachable),
        }
    }
}

/// Tells a certificate that is not trusted from a connection that failed.
fn diagnose(error: &(dyn Error + 'static)) -> FetchError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return FetchError::Untrusted;
        }
        // What an I/O error holds it does not name as its source; those of a TLS handshake hold one another.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = held.map_or_else(|| error.source(), |held| Some(held));
    }
    FetchError::Unreachable
}
