//! Sign-in for hyper: a [`SignIn`] service in front of the application's own, over HTTP/1.1 and HTTP/2.
//!
//! ```no_run
//! use aura_hyper::{Auth, Connection, Driver, DriverError, HttpClient, Scheme, SignIn};
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use hyper::body::Incoming;
//! use hyper::server::conn::http1;
//! use hyper::service::service_fn;
//! use hyper::{Request, Response};
//! use hyper_util::rt::{TokioIo, TokioTimer};
//! use tokio::net::TcpListener;
//!
//! async fn serve(auth: Auth, listener: TcpListener) -> Result<(), DriverError> {
//!     let driver = Driver::new(auth, HttpClient::new())?;
//!     let guard = driver.guard().sign_in_with("github");
//!     let pages = service_fn(move |request: Request<Incoming>| {
//!         let check = guard.check(&request);
//!         async move {
//!             let answer = match check.await {
//!                 Ok(visit) => {
//!                     let page = format!("Hello, {}", visit.session().user().sub());
//!                     visit.finish(Response::new(page.into()))
//!                 }
//!                 Err(refusal) => refusal,
//!             };
//!             Ok::<_, std::convert::Infallible>(answer.map(Full::<Bytes>::new))
//!         }
//!     });
//!     let service = SignIn::new(driver, pages);
//!     loop {
//!         let Ok((stream, address)) = listener.accept().await else {
//!             // Too many open files, most often. Some are closed in a while.
//!             tokio::time::sleep(std::time::Duration::from_secs(1)).await;
//!             continue;
//!         };
//!         let service = service.clone().on(Connection::new(Scheme::Http).with_peer(address.ip()));
//!         // With a timer, a connection that sends no request for 30 seconds is closed.
//!         let mut server = http1::Builder::new();
//!         tokio::spawn(server.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service));
//!     }
//! }
//! ```
#![forbid(unsafe_code)]

// What an application needs of the core, so that one dependency is enough.
#[doc(no_inline)]
pub use aura_http::application::*;

#[cfg(feature = "client")]
pub use aura_http::HttpClient;
#[cfg(feature = "replay")]
pub use aura_http::replay;
pub use aura_http::{AnswerBody, Client, Driver, DriverError, Guard, Limiter, env, now, provider, store};

use aura_http::Answering;
use http::{Request, Response};
use http_body::Body;
use hyper::service::Service;

/// Answers what the core owns, and passes the rest on to an inner service. Cheap to clone where that is.
///
/// ```
/// use aura_hyper::{Driver, DriverError, SignIn};
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use hyper::service::{Service, service_fn};
/// use std::convert::Infallible;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(aura_proto::FetchError::Unreachable);
/// # let driver = Driver::new(auth, client)?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
///
/// let pages = service_fn(async |_: Request<Full<Bytes>>| Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("a page"))));
/// let service = SignIn::new(driver, pages);
/// let get = |path: &str| Request::get(path).body(Full::<Bytes>::default());
/// assert_eq!(runtime.block_on(service.call(get("/")?))?.status(), 200);
/// assert_eq!(runtime.block_on(service.call(get("/auth/session")?))?.status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SignIn<S> {
    driver: Driver,
    inner: S,
    connection: Option<Connection>,
}

impl<S> SignIn<S> {
    /// Puts a driver in front of the application's service.
    pub fn new(driver: Driver, inner: S) -> Self {
        Self { driver, inner, connection: None }
    }

    /// Sets the [`Connection`] of the requests: the core and the inner service find it among their extensions.
    #[must_use]
    pub fn on(mut self, connection: Connection) -> Self {
        self.connection = Some(connection);
        self
    }
}

impl<S, B, A> Service<Request<B>> for SignIn<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = Response<AnswerBody<A>>;
    type Error = S::Error;
    type Future = Answering<A, S::Error>;

    fn call(&self, mut request: Request<B>) -> Self::Future {
        if let Some(connection) = self.connection {
            request.extensions_mut().insert(connection);
        }
        self.driver.answer_or(request, |request| self.inner.call(request))
    }
}
