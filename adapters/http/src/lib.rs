//! Drives [`aura_proto`] over any async HTTP server.
//!
//! [`Driver`] is the loop: it reads a request's body up to a limit, supplies clock and entropy, performs the exchanges
//! that the core asks for through a [`Client`], and turns the core's events into `tracing` events. The adapters of the
//! frameworks are a few lines around it.
#![forbid(unsafe_code)]

mod client;
mod driver;
mod guard;

#[cfg(feature = "client")]
mod connector;
#[cfg(feature = "client")]
mod http_client;
mod requests;

#[cfg(feature = "replay")]
pub use aura_host::replay;
pub use aura_host::{env, now, provider};
pub use client::Client;
pub use driver::Driver;
pub use guard::Guard;

#[cfg(feature = "client")]
pub use http_client::HttpClient;

#[cfg(feature = "signing")]
pub use aura_host::signing_key;
