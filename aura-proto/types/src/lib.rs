//! Values that both ends of Aura's routes speak of.
//!
//! `aura-proto` and `aura-client` export what their users need of it.
#![forbid(unsafe_code)]

mod time;

pub use time::UnixTime;
