//! Sessions that a store keeps: the ticket in the cookie, the row, and what a flow asks of the store.

pub(crate) mod device;
pub(crate) mod lease;
pub(crate) mod presented;
pub(crate) mod questions;
#[cfg(feature = "replay-door")]
pub(crate) mod replayed;
pub(crate) mod row;
pub(crate) mod snapshot;
pub(crate) mod ticket;
