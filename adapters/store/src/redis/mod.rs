//! Stores of sessions in Redis, by a connection manager or by a client.

mod blocking;
mod commands;
mod questions;
mod scripts;

pub use blocking::BlockingRedisStore;

use aura_host::store::{SessionStore, StoreFuture};
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession, Replaced,
};
use redis::aio::ConnectionManager;
use redis::{FromRedisValue, Pipeline, RedisResult};
use std::fmt;

/// Sessions in Redis, for asynchronous hosts. Clones are the same store, and several servers may share one database.
///
/// * Redis 6.2 or later, or Valkey. It must not evict keys: `maxmemory-policy noeviction`, its default. An evicted
///   generation would let sessions live on that were revoked.
/// * A session is a hash, which Redis deletes five minutes after its end: the difference of the clocks that a session survives.
///   A user's generation stays.
/// * Every script names one key, so Redis Cluster runs them. Sessions are as durable as Redis is configured: where it
///   forgets its last second, it forgets who was signed out in it.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let manager = redis::Client::open("redis://127.0.0.1/")?.get_connection_manager().await?;
/// let store = aura_store::RedisStore::new(manager);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    manager: ConnectionManager,
}

impl RedisStore {
    /// Makes a store of a connection manager, which the application may use for anything else, too.
    ///
    /// ```no_run
    /// # async fn f(manager: redis::aio::ConnectionManager) {
    /// let store = aura_store::RedisStore::new(manager.clone());
    /// # let _ = store;
    /// # }
    /// ```
    pub const fn new(manager: ConnectionManager) -> Self {
        Self { manager }
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

/// A way to Redis. The future of one that blocks is ready when it is polled first.
trait Link: Sync {
    fn send<T: FromRedisValue + Send>(
        &self,
        commands: Pipeline,
    ) -> impl Future<Output = RedisResult<T>> + Send;
}

impl Link for RedisStore {
    async fn send<T: FromRedisValue + Send>(&self, commands: Pipeline) -> RedisResult<T> {
        commands.query_async(&mut self.manager.clone()).await
    }
}

impl SessionStore for RedisStore {
    fn load(&self, question: LoadSession) -> StoreFuture<'_, Loaded> {
        Box::pin(questions::load(self, question))
    }

    fn begin(&self, question: BeginSession) -> StoreFuture<'_, Begun> {
        Box::pin(questions::begin(self, question))
    }

    fn replace(&self, question: ReplaceSession) -> StoreFuture<'_, Replaced> {
        Box::pin(questions::replace(self, question))
    }

    fn end(&self, question: EndSessions) -> StoreFuture<'_, u64> {
        Box::pin(questions::end(self, question))
    }

    fn list(&self, question: ListSessions) -> StoreFuture<'_, Listed> {
        Box::pin(questions::list(self, question))
    }

    /// Redis deletes the rows itself.
    fn sweep(&self, _: UnixTime, _: u32) -> StoreFuture<'_, u64> {
        Box::pin(std::future::ready(Ok(0)))
    }
}
