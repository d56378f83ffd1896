//! Why no driver can be made of a configuration.

use thiserror::Error;

/// Why no driver can be made of a configuration.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
#[non_exhaustive]
pub enum DriverError {
    /// The [`SessionPolicy`](aura_proto::SessionPolicy) keeps sessions in a store, and the driver has none.
    #[error(
        "the session policy keeps sessions in a store, and this driver has none: make it by \
         Driver::with_session_store, or configure a SessionPolicy without `stored`, `stored_at_most` and `recheck`"
    )]
    NoSessionStore,
}
