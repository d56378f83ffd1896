//! The parts that all hosts of [`aura_proto`] share, without a runtime.
//!
//! [`Host`] supplies clock and entropy, passes the core's events on, and caches the answers of providers that may be used
//! again. What is left to a host is to read a request's body ([`Received`]), to perform exchanges ([`Turn`]) and to ask the
//! application: a loop over [`Step`]. The loops are `aura_http::Driver`, which awaits, and `aura_blocking::Driver`, which
//! blocks.
//!
//! [`Guard`] lets requests with a session through, and [`Limiter`] as many of a client as a quota allows. [`env`](mod@env) begins a configuration with the environment's settings.
#![forbid(unsafe_code)]

pub mod application;
mod arrivals;
mod body;
mod cache;
mod driver_error;
mod entropy;
pub mod env;
mod flight;
mod forms;
mod gate;
mod guard;
mod host;
mod limiter;
mod options;
mod passed;
#[cfg(aura_shuttle)]
#[cfg(test)]
mod races;
mod record;
#[cfg(feature = "replay")]
mod recording;
#[cfg(not(feature = "replay"))]
#[path = "no_recording.rs"]
mod recording;
pub mod store;
mod terms;
mod threads;
mod visit;
mod world;

#[cfg(feature = "signing")]
mod signing;

pub use aura_providers as provider;
#[cfg(feature = "replay")]
pub use aura_replay as replay;
pub use body::Received;
pub use driver_error::DriverError;
pub use flight::{FetchCache, Lead, Outcome, Turn, Wait};
pub use gate::{Gate, Passage};
pub use guard::{Entry, Guard};
pub use host::{Host, Step};
pub use limiter::Limiter;
pub use recording::Recording;
pub use terms::Terms;
pub use world::now;

#[cfg(feature = "signing")]
pub use signing::signing_key;
