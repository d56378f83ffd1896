//! A driver of [`aura_proto`] for any blocking HTTP server, without an async runtime among its dependencies.
//!
//! ```no_run
//! use aura_blocking::{Driver, UreqClient};
//!
//! fn answer(driver: &Driver, request: http::Request<impl std::io::Read>) -> http::Response<bytes::Bytes> {
//!     if driver.auth().owns(request.uri().path()) {
//!         return driver.answer(request);
//!     }
//!     match driver.guard().check(&request) {
//!         Ok(visit) => {
//!             let page = format!("Hello, {}", visit.session().user().sub());
//!             visit.finish(http::Response::new(page.into()))
//!         }
//!         Err(refusal) => refusal,
//!     }
//! }
//! ```
//!
//! A sign-in occupies its thread for as long as the provider takes, five seconds an exchange at most; see
//! [`Driver::max_exchanges`].
#![forbid(unsafe_code)]

mod body;
mod client;
mod driver;

#[cfg(feature = "client")]
mod ureq_client;

// What an application needs of the core, so that one dependency is enough.
#[doc(no_inline)]
pub use aura_host::application::*;

#[cfg(feature = "replay")]
pub use aura_host::replay;
#[cfg(feature = "signing")]
pub use aura_host::signing_key;
pub use aura_host::{DriverError, Guard, Host, Limiter, env, now, provider, store};
pub use client::Client;
pub use driver::Driver;

#[cfg(feature = "client")]
pub use ureq_client::UreqClient;
