//! A driver of [`aura_proto`] for any async HTTP server.
//!
//! [`Driver`] is the loop: it reads a request's body up to a limit, supplies clock and entropy, performs the exchanges
//! that the core asks for through a [`Client`], and turns the core's events into `tracing` events. The adapters of the
//! frameworks are a few lines around it.
//!
//! # Logs, metrics, health checks
//! Events are `tracing` events of the target `aura`, under their stable names, in a span `aura.request` with the fields `route` and
//! `provider`. Neither holds a secret. [`Driver::new`] logs the findings about the configuration, and
//! [`Driver::check_providers`] asks the providers whether they can be used. Counters are one call in [`Driver::on_event`], here with
//! the crate `metrics`, whose exporters include Prometheus:
//!
//! ```
//! # fn join(auth: aura_proto::Auth) -> Result<(), aura_http::DriverError> {
//! use aura_http::{Driver, HttpClient};
//!
//! let driver = Driver::new(auth, HttpClient::new())?.on_event(|event| {
//!     metrics::counter!("aura_events_total", "event" => event.name()).increment(1);
//! });
//! # let _ = driver;
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

mod answering;
mod check;
mod client;
mod driver;
mod guard;
mod kept_session;
mod limiter;
mod outliving;
mod passing;
mod requests;
mod stored;
mod subtree;

#[cfg(feature = "client")]
mod connector;
#[cfg(feature = "client")]
mod http_client;

#[cfg(feature = "replay")]
pub use aura_host::replay;
pub use aura_host::{DriverError, application, env, now, provider, store};
pub use client::Client;
pub use driver::Driver;
pub use guard::Guard;
pub use kept_session::KeptSession;
pub use limiter::Limiter;
pub use passing::{AnswerBody, Answering, own};
pub use subtree::SubtreeGuard;

#[cfg(feature = "client")]
pub use http_client::HttpClient;

#[cfg(feature = "signing")]
pub use aura_host::signing_key;
