//! Blocking view of an asynchronous store, for the suite.

use crate::store::{
    BlockingCountStore, BlockingSessionStore, CountStore, SessionStore, StoreError, StoreFuture,
};
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession,
    Replaced, SwapCount,
};
use std::fmt;
use std::pin::{Pin, pin};

/// An asynchronous store whose answers are waited for, with the `block_on` of a runtime.
///
/// ```
/// use aura_host::store::{MemoryStore, conformance};
/// use std::task::{Context, Waker};
///
/// // With tokio: `conformance::Blocking::new(store, move |future| runtime.block_on(future))`.
/// let store = conformance::Blocking::new(MemoryStore::default(), |mut future| {
///     while future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
/// });
/// conformance::run(&store);
/// ```
pub struct Blocking<S, F> {
    store: S,
    block_on: F,
}

impl<S, F> Blocking<S, F>
where
    F: Fn(Pin<&mut (dyn Future<Output = ()> + Send)>) + Send + Sync + 'static,
{
    /// Makes the view of a store. `block_on` returns when the future is ready, and is called by several threads at once.
    ///
    /// ```
    /// use aura_host::store::conformance::Blocking;
    /// use aura_host::store::{BlockingSessionStore, MemoryStore};
    /// use aura_proto::UnixTime;
    ///
    /// let never = Blocking::new(MemoryStore::default(), |_| {});
    /// assert!(never.sweep(UnixTime::from_secs(0), 1).is_err());
    /// ```
    pub const fn new(store: S, block_on: F) -> Self {
        Self { store, block_on }
    }

    fn wait<T: Send>(&self, future: StoreFuture<'_, T>) -> Result<T, StoreError> {
        let mut answer = None;
        (self.block_on)(pin!(async { answer = Some(future.await) }));
        answer.unwrap_or_else(|| Err("block_on returned before the future was ready".into()))
    }
}

impl<S, F> BlockingSessionStore for Blocking<S, F>
where
    S: SessionStore,
    F: Fn(Pin<&mut (dyn Future<Output = ()> + Send)>) + Send + Sync + 'static,
{
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError> {
        self.wait(self.store.load(question))
    }

    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError> {
        self.wait(self.store.begin(question))
    }

    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError> {
        self.wait(self.store.replace(question))
    }

    fn end(&self, question: EndSessions) -> Result<u64, StoreError> {
        self.wait(self.store.end(question))
    }

    fn list(&self, question: ListSessions) -> Result<Listed, StoreError> {
        self.wait(self.store.list(question))
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> Result<u64, StoreError> {
        self.wait(self.store.sweep(now, limit))
    }
}

impl<S, F> BlockingCountStore for Blocking<S, F>
where
    S: CountStore,
    F: Fn(Pin<&mut (dyn Future<Output = ()> + Send)>) + Send + Sync + 'static,
{
    fn get_count(&self, key: CountKey) -> Result<Option<u64>, StoreError> {
        self.wait(self.store.get_count(key))
    }

    fn swap_count(&self, swap: SwapCount) -> Result<bool, StoreError> {
        self.wait(self.store.swap_count(swap))
    }
}

impl<S, F> fmt::Debug for Blocking<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking").finish_non_exhaustive()
    }
}
