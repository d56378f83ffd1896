//! Stores of sessions and of counts: what a host needs of one, for asynchronous and blocking servers, and stores in memory.

#[cfg(feature = "conformance")]
pub mod conformance;
mod counts;
mod memory;
mod memory_counts;

pub use counts::{BlockingCountStore, CountStore, count, count_blocking};
pub use memory::MemoryStore;
pub use memory_counts::MemoryCounts;

// What an application's own store is asked and keeps, so that one dependency is enough.
use crate::recording::{Recording, StoreAnswer};
#[doc(no_inline)]
pub use aura_proto::store::{
    BeginSession, Begun, Cost, CountDecision, CountKey, CountRequest, Counted, EndSessions, ListSessions,
    Listed, LoadSession, Loaded, OwnerKey, ProviderSessionKey, ReplaceSession, Replaced, SessionKey,
    SessionRow, StoreFailed, SwapCount,
};
use aura_proto::{Ask, StoreQuestion, UnixTime};
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

/// Asks an asynchronous store, and continues the flow with its answer. A failure is logged.
///
/// ```
/// # use aura_host::store::{self, SessionStore};
/// # use aura_proto::{Reading, StoreQuestion, UnixTime};
/// # async fn go_on<T>(store: &dyn SessionStore, question: StoreQuestion<Reading<T>>, now: impl Fn() -> UnixTime) -> Reading<T> {
/// store::answer(Some(store), question, now).await
/// # }
/// ```
pub async fn answer<A>(
    store: Option<&dyn SessionStore>,
    question: StoreQuestion<A>,
    now: impl Fn() -> UnixTime,
) -> A {
    answer_recorded(store, question, &mut Recording::default(), now).await
}

/// Does the same, and records the answer.
pub async fn answer_recorded<A>(
    store: Option<&dyn SessionStore>,
    question: StoreQuestion<A>,
    recording: &mut Recording,
    now: impl Fn() -> UnixTime,
) -> A {
    let Some(store) = store else { return refuse(question, recording, now) };
    match question {
        StoreQuestion::Load(ask) => go_on(logged(store.load(*ask.question()).await), ask, recording, &now),
        StoreQuestion::Begin(ask) => {
            go_on(logged(store.begin(ask.question().clone()).await), ask, recording, &now)
        }
        StoreQuestion::Replace(ask) => {
            go_on(logged(store.replace(ask.question().clone()).await), ask, recording, &now)
        }
        StoreQuestion::End(ask) => {
            go_on(logged(store.end(ask.question().clone()).await), ask, recording, &now)
        }
        StoreQuestion::List(ask) => {
            go_on(logged(store.list(ask.question().clone()).await), ask, recording, &now)
        }
    }
}

/// Asks a blocking store, and continues the flow with its answer. A failure is logged.
///
/// ```
/// # use aura_host::store::{self, BlockingSessionStore};
/// # use aura_proto::{Reading, StoreQuestion, UnixTime};
/// # fn go_on<T>(store: &dyn BlockingSessionStore, question: StoreQuestion<Reading<T>>, now: impl Fn() -> UnixTime) -> Reading<T> {
/// store::answer_blocking(Some(store), question, now)
/// # }
/// ```
pub fn answer_blocking<A>(
    store: Option<&dyn BlockingSessionStore>,
    question: StoreQuestion<A>,
    now: impl Fn() -> UnixTime,
) -> A {
    answer_blocking_recorded(store, question, &mut Recording::default(), now)
}

/// Does the same, and records the answer.
pub fn answer_blocking_recorded<A>(
    store: Option<&dyn BlockingSessionStore>,
    question: StoreQuestion<A>,
    recording: &mut Recording,
    now: impl Fn() -> UnixTime,
) -> A {
    let Some(store) = store else { return refuse(question, recording, now) };
    match question {
        StoreQuestion::Load(ask) => go_on(logged(store.load(*ask.question())), ask, recording, &now),
        StoreQuestion::Begin(ask) => go_on(logged(store.begin(ask.question().clone())), ask, recording, &now),
        StoreQuestion::Replace(ask) => {
            go_on(logged(store.replace(ask.question().clone())), ask, recording, &now)
        }
        StoreQuestion::End(ask) => go_on(logged(store.end(ask.question().clone())), ask, recording, &now),
        StoreQuestion::List(ask) => go_on(logged(store.list(ask.question().clone())), ask, recording, &now),
    }
}

/// Answers a question for which there is no store.
fn refuse<A>(question: StoreQuestion<A>, recording: &mut Recording, now: impl Fn() -> UnixTime) -> A {
    tracing::error!(target: "aura", "SESSION_STORE_MISSING: give the host one by session_store");
    match question {
        StoreQuestion::Load(ask) => go_on(Err(StoreFailed), ask, recording, now),
        StoreQuestion::Begin(ask) => go_on(Err(StoreFailed), ask, recording, now),
        StoreQuestion::Replace(ask) => go_on(Err(StoreFailed), ask, recording, now),
        StoreQuestion::End(ask) => go_on(Err(StoreFailed), ask, recording, now),
        StoreQuestion::List(ask) => go_on(Err(StoreFailed), ask, recording, now),
    }
}

/// Records an answer that has arrived, and continues the flow with it.
fn go_on<Q, R: StoreAnswer, A>(
    answer: Result<R, StoreFailed>,
    ask: Ask<Q, R, A>,
    recording: &mut Recording,
    now: impl Fn() -> UnixTime,
) -> A {
    let now = now();
    recording.stored(&answer, now);
    ask.resume(answer, now)
}

/// Logs why a store cannot answer.
///
/// # Errors
/// [`StoreFailed`], where it cannot.
///
/// ```
/// use aura_host::store::logged;
/// assert!(logged::<u64>(Err("no connection".into())).is_err());
/// ```
pub fn logged<T>(answer: Result<T, StoreError>) -> Result<T, StoreFailed> {
    answer.map_err(|error| {
        tracing::error!(target: "aura", %error, "SESSION_STORE_FAILED");
        StoreFailed
    })
}
