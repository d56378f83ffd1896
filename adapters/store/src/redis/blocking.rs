//! The store in Redis for blocking hosts.

use super::{Link, questions};
use aura_host::store::{BlockingCountStore, BlockingSessionStore, StoreError};
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession,
    Replaced, SwapCount,
};
use redis::{Client, Connection, FromRedisValue, Pipeline, RedisResult};
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// How long it takes to connect, to write and to read, at most.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections are kept open that nobody uses, and for how long: firewalls forget connections that are idle.
const IDLE: usize = 32;
const IDLE_FOR: Duration = Duration::from_secs(30);

/// Sessions in Redis, for blocking hosts. Clones are the same store. What [`RedisStore`](crate::RedisStore) says of Redis holds
/// here, too.
///
/// Each question takes a connection that was used in the last 30 seconds, or opens one. A connection that failed is closed.
///
/// ```
/// use aura_host::store::BlockingSessionStore;
/// use aura_proto::store::{ListSessions, OwnerKey};
///
/// // Nothing listens at this port.
/// let store = aura_store::BlockingRedisStore::new(redis::Client::open("redis://127.0.0.1:1/")?);
/// assert!(store.list(ListSessions::new(vec![OwnerKey::from_bytes([1; 16])])).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct BlockingRedisStore {
    client: Client,
    /// Those that were used last are the last.
    idle: Arc<Mutex<Vec<(Connection, Instant)>>>,
}

impl BlockingRedisStore {
    /// Makes a store of a client, without connecting.
    ///
    /// ```
    /// let store = aura_store::BlockingRedisStore::new(redis::Client::open("redis://127.0.0.1/")?);
    /// # let _ = store;
    /// # Ok::<(), redis::RedisError>(())
    /// ```
    pub fn new(client: Client) -> Self {
        Self { client, idle: Arc::default() }
    }

    /// Nothing panics while it holds the lock but the allocator.
    fn idle(&self) -> MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self) -> RedisResult<Connection> {
        let connection = self.client.get_connection_with_timeout(TIMEOUT)?;
        connection.set_read_timeout(Some(TIMEOUT))?;
        connection.set_write_timeout(Some(TIMEOUT))?;
        Ok(connection)
    }
}

impl Link for BlockingRedisStore {
    async fn send<T: FromRedisValue + Send>(&self, commands: Pipeline) -> RedisResult<T> {
        let idle = self.idle().pop();
        let mut connection = match idle {
            Some((connection, used)) if used.elapsed() < IDLE_FOR => connection,
            _ => self.connect()?,
        };
        let answer = commands.query(&mut connection);
        let mut idle = self.idle();
        match &answer {
            Ok(_) if idle.len() < IDLE => idle.push((connection, Instant::now())),
            Ok(_) => {}
            // The others are of the same server, which may have ended since.
            Err(_) => idle.clear(),
        }
        answer
    }
}

fn wait<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        // Cannot happen: this link blocks instead.
        Poll::Pending => Err("a blocking question was not answered at once".into()),
    }
}

impl BlockingSessionStore for BlockingRedisStore {
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError> {
        wait(questions::load(self, question))
    }

    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError> {
        wait(questions::begin(self, question))
    }

    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError> {
        wait(questions::replace(self, question))
    }

    fn end(&self, question: EndSessions) -> Result<u64, StoreError> {
        wait(questions::end(self, question))
    }

    fn list(&self, question: ListSessions) -> Result<Listed, StoreError> {
        wait(questions::list(self, question))
    }

    /// Redis deletes the rows itself.
    fn sweep(&self, _: UnixTime, _: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

impl BlockingCountStore for BlockingRedisStore {
    fn get_count(&self, key: CountKey) -> Result<Option<u64>, StoreError> {
        wait(questions::get_count(self, key))
    }

    fn swap_count(&self, swap: SwapCount) -> Result<bool, StoreError> {
        wait(questions::swap_count(self, swap))
    }
}

impl fmt::Debug for BlockingRedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingRedisStore").finish_non_exhaustive()
    }
}
