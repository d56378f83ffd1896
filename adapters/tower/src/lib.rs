//! Sign-in for tower: a layer that answers the routes, and layers that require or renew a session.
//!
//! The layers take any `tower_service::Service` of an `http::Request`, whatever its bodies are: hyper's services, tonic's, and those of
//! every framework on tower. Where the inner service answers, the answer has its own body, trailers included.
//!
//! ```
//! use aura_tower::{Auth, Driver, DriverError, HttpClient, Session, require_session, sign_in};
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use std::convert::Infallible;
//! use tower::{Layer, Service, service_fn};
//!
//! async fn hello<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
//!     let name = request.extensions().get::<Session>().and_then(|session| session.user().name());
//!     Ok(Response::new(format!("Hello, {}", name.unwrap_or("stranger")).into()))
//! }
//!
//! fn app(auth: Auth) -> Result<impl Service<Request<Full<Bytes>>, Error = Infallible> + Clone, DriverError> {
//!     let driver = Driver::new(auth, HttpClient::new())?;
//!     let guard = driver.guard().sign_in_with("github");
//!     let private = require_session(guard).layer(service_fn(hello));
//!     Ok(sign_in(driver).layer(private))
//! }
//! ```
//!
//! # Where a request arrived
//! The core finds a [`Connection`] among the extensions of a request: the peer's address, and whether this server ended TLS. A server
//! sets it for each connection by [`SignIn::on`], or in a layer of its own further out.
//!
//! # gRPC
//! A guard refuses a call by an HTTP status. A client of gRPC reads 401 as `UNAUTHENTICATED`, 403 as `PERMISSION_DENIED`, and 503 as
//! `UNAVAILABLE` (gRPC's mapping of HTTP statuses). The handler of a call finds the [`Session`] in the extensions of tonic's request.
#![forbid(unsafe_code)]

mod check;
mod limit;
mod session;
mod sign_in;

// What an application needs of the core, so that one dependency is enough.
#[doc(no_inline)]
pub use aura_http::application::*;

#[cfg(feature = "client")]
pub use aura_http::HttpClient;
#[cfg(feature = "replay")]
pub use aura_http::replay;
#[cfg(feature = "signing")]
pub use aura_http::signing_key;
pub use aura_http::{AnswerBody, Client, Driver, DriverError, Guard, Limiter, env, now, provider, store};
pub use check::{CheckLayer, Checked};
pub use limit::limit_requests;
pub use session::{renew_sessions, require_session};
pub use sign_in::{SignIn, SignInLayer, sign_in};
