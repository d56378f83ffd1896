//! Stores of sessions and of counts in Redis, by a connection manager or by a client.

mod blocking;
mod commands;
mod questions;
mod scripts;

pub use blocking::BlockingRedisStore;

use aura_host::store::{CountStore, SessionStore, StoreFuture};
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession,
    Replaced, SwapCount,
};
use redis::aio::ConnectionManager;
#[cfg(feature = "redis-cluster")]
use redis::cluster_async::ClusterConnection;
use redis::{FromRedisValue, Pipeline, RedisResult};
use std::fmt;

/// Sessions in Redis, for asynchronous hosts. Clones are the same store, and several servers may share one database.
///
/// * Redis 6.2 or later, or Valkey. It must not evict keys: `maxmemory-policy noeviction`, its default. An evicted
///   generation would let sessions live on that were revoked.
/// * A session is a hash, which Redis deletes five minutes after its end: the difference of the clocks that a session survives.
///   A user's generation stays.
/// * Sessions are as durable as Redis is configured: where a crash or a failover loses its last second, a session that ended in
///   it is back. Replicas are behind, so no connection may read from them.
/// * A session begins before those that it displaces are deleted. Where the connection fails in between, they stay.
/// * Every command names one key, so that a cluster can keep sessions: with feature `redis-cluster`, `RedisStore::of_cluster`
///   takes its connection, and sends one command after another.
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
    connection: Connection,
}

#[derive(Clone)]
enum Connection {
    One(ConnectionManager),
    #[cfg(feature = "redis-cluster")]
    Cluster(ClusterConnection),
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
        Self { connection: Connection::One(manager) }
    }

    /// Makes a store of the connection of a cluster, which the application may use for anything else, too.
    ///
    /// ```no_run
    /// # async fn f() -> Result<(), redis::RedisError> {
    /// let client = redis::cluster::ClusterClient::new(["redis://10.0.0.1/", "redis://10.0.0.2/"])?;
    /// let store = aura_store::RedisStore::of_cluster(client.get_async_connection().await?);
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "redis-cluster")]
    pub const fn of_cluster(connection: ClusterConnection) -> Self {
        Self { connection: Connection::Cluster(connection) }
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
        match &self.connection {
            Connection::One(manager) => commands.query_async(&mut manager.clone()).await,
            #[cfg(feature = "redis-cluster")]
            Connection::Cluster(cluster) => send_each(&mut cluster.clone(), &commands).await,
        }
    }
}

/// Sends commands one after another, because a cluster keeps their keys on several servers.
#[cfg(feature = "redis-cluster")]
async fn send_each<T: FromRedisValue>(
    cluster: &mut ClusterConnection,
    commands: &Pipeline,
) -> RedisResult<T> {
    let mut answers = Vec::new();
    for command in commands.cmd_iter() {
        answers.push(command.query_async(cluster).await?);
    }
    Ok(T::from_redis_value(redis::Value::Array(answers))?)
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

impl CountStore for RedisStore {
    fn get_count(&self, key: CountKey) -> StoreFuture<'_, Option<u64>> {
        Box::pin(questions::get_count(self, key))
    }

    fn swap_count(&self, swap: SwapCount) -> StoreFuture<'_, bool> {
        Box::pin(questions::swap_count(self, swap))
    }
}
