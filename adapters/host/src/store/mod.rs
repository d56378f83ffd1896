//! Stores of sessions: what a host needs of one, for asynchronous and blocking servers, and a store in memory.

#[cfg(feature = "conformance")]
pub mod conformance;
mod memory;

pub use memory::MemoryStore;

use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession, Replaced,
};
use std::error::Error;
use std::pin::Pin;

/// Why a store cannot answer. It is logged, and no session ends for it.
pub type StoreError = Box<dyn Error + Send + Sync>;

/// The answer of an asynchronous store.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store of sessions for asynchronous servers. Each question is atomic; its type in [`aura_proto::store`] says what it asks.
///
/// Dropping a future may leave the question answered or not, but never half answered.
pub trait SessionStore: Send + Sync + 'static {
    /// Reads a session, and the generation of its user.
    fn load(&self, question: LoadSession) -> StoreFuture<'_, Loaded>;

    /// Inserts a session.
    fn begin(&self, question: BeginSession) -> StoreFuture<'_, Begun>;

    /// Replaces a session of a version.
    fn replace(&self, question: ReplaceSession) -> StoreFuture<'_, Replaced>;

    /// Ends sessions, and counts the rows that it deleted.
    fn end(&self, question: EndSessions) -> StoreFuture<'_, u64>;

    /// Lists the sessions of a user.
    fn list(&self, question: ListSessions) -> StoreFuture<'_, Listed>;

    /// Deletes at most `limit` rows of sessions that ended before `now`, and counts them. A store whose rows end by themselves
    /// deletes none.
    fn sweep(&self, now: UnixTime, limit: u32) -> StoreFuture<'_, u64>;
}

/// A store of sessions for blocking servers.
pub trait BlockingSessionStore: Send + Sync + 'static {
    /// Reads a session, and the generation of its user.
    ///
    /// # Errors
    /// Why the store cannot answer, here and below.
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError>;

    /// Inserts a session.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError>;

    /// Replaces a session of a version.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError>;

    /// Ends sessions, and counts the rows that it deleted.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    fn end(&self, question: EndSessions) -> Result<u64, StoreError>;

    /// Lists the sessions of a user.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    fn list(&self, question: ListSessions) -> Result<Listed, StoreError>;

    /// Deletes at most `limit` rows of sessions that ended before `now`, and counts them.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    fn sweep(&self, now: UnixTime, limit: u32) -> Result<u64, StoreError>;
}
