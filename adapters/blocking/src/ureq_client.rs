//! The default client: ureq with rustls, and the system's trusted certificates.

use crate::client::Client;
use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response, Uri};
use rustls::crypto::ring;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error, Proxy};

/// Performs exchanges over HTTP/1.1 with pooled connections. Redirects are answers; bodies are read up to the limit.
///
/// Certificates are trusted as the system trusts them (`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured). No encoding of answers is
/// asked for, and none is undone.
///
/// At `log`'s level TRACE, `ureq` logs the paths of requests, and the path of HubSpot's userinfo holds the access token. Keep `ureq`
/// below it: `RUST_LOG=trace,ureq=debug`.
#[derive(Clone)]
pub struct UreqClient {
    agent: Agent,
    /// The proxy of the environment, where it is used.
    proxy: Option<Proxy>,
}

impl UreqClient {
    /// Makes a client. Where the system has no trusted certificates, only exchanges with this machine succeed.
    #[must_use]
    pub fn new() -> Self {
        Self::with_proxy(None)
    }

    /// Makes a client that reaches providers through the proxy of the environment: `HTTPS_PROXY`, but for the hosts of
    /// `NO_PROXY`. For networks without a direct way out. The proxy sees which hosts are asked, and nothing else: TLS begins
    /// behind it. It is an `http://` URL; requests by plain http stay direct.
    #[must_use]
    pub fn with_environment_proxy() -> Self {
        Self::with_proxy(Proxy::try_from_env())
    }

    fn with_proxy(proxy: Option<Proxy>) -> Self {
        let trusted = rustls_native_certs::load_native_certs().certs;
        if trusted.is_empty() {
            tracing::warn!(target: "aura", "no trusted certificates; install ca-certificates or set SSL_CERT_FILE");
        }
        let trusted = trusted.iter().map(|certificate| Certificate::from_der(certificate).to_owned());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(trusted.collect())))
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build();
        Self { agent: config.new_agent(), proxy }
    }
}

impl Default for UreqClient {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for UreqClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UreqClient(..)")
    }
}

impl UreqClient {
    /// Returns the proxy of a request. Plain http leads to this machine, or to an origin inside the network.
    fn proxy_of(&self, uri: &Uri) -> Option<&Proxy> {
        let is_secure = uri.scheme_str() == Some("https");
        self.proxy.as_ref().filter(|proxy| is_secure && !proxy.is_no_proxy(uri))
    }
}

impl Client for UreqClient {
    fn is_proxied(&self, uri: &Uri) -> Option<bool> {
        Some(self.proxy_of(uri).is_some())
    }

    fn call(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
        max_response: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        let request = request.map(Vec::from);
        let proxy = self.proxy_of(request.uri()).cloned();
        let request =
            self.agent.configure_request(request).timeout_global(Some(timeout)).proxy(proxy).build();
        let answer = if request.body().is_empty() {
            self.agent.run(request.map(drop))
        } else {
            self.agent.run(request)
        };
        let (head, body) = answer.map_err(|error| diagnose(&error))?.into_parts();
        let limit = u64::try_from(max_response).unwrap_or(u64::MAX);
        let body = body.into_with_config().limit(limit).read_to_vec().map_err(|error| diagnose(&error))?;
        Ok(Response::from_parts(head, body.into()))
    }
}

/// Tells the reasons apart that an operator can do something about.
#[expect(clippy::wildcard_enum_match_arm, reason = "all the others are no connection")]
fn diagnose(error: &Error) -> FetchError {
    match error {
        Error::Timeout(_) => FetchError::TimedOut,
        Error::BodyExceedsLimit(_) => FetchError::TooLarge,
        Error::Rustls(rustls::Error::InvalidCertificate(_)) => FetchError::Untrusted,
        Error::Io(error) => diagnose_io(error),
        _ => FetchError::Unreachable,
    }
}

fn diagnose_io(error: &io::Error) -> FetchError {
    let held = error.get_ref();
    match held.and_then(|held| held.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => FetchError::Untrusted,
        Some(_) => FetchError::Unreachable,
        None => held.and_then(|held| held.downcast_ref()).map_or(FetchError::Unreachable, diagnose),
    }
}
