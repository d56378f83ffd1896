//! Store of sessions and of counts in SQLite, in a file or in memory.

mod statements;

use aura_host::store::{
    BlockingCountStore, BlockingSessionStore, CountStore, SessionStore, StoreError, StoreFuture,
};
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession,
    Replaced, SwapCount,
};
use futures_channel::oneshot;
use rusqlite::{Connection, ErrorCode};
use std::fmt;
use std::path::Path;
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::time::Duration;

/// The schema, as [`SqliteStore::create_schema`] executes it. It is also the file `migrations/sqlite.sql` of this crate.
///
/// ```
/// assert!(aura_store::SQLITE_SCHEMA.contains("create table if not exists aura_sessions"));
/// ```
pub const SQLITE_SCHEMA: &str = include_str!("../../migrations/sqlite.sql");

/// How long a statement waits for another process that writes the file.
const BUSY: Duration = Duration::from_secs(5);
/// How often, and after which time, a file is asked again for a log where another process opens it, too.
const OPENINGS: u32 = 500;
const PAUSE: Duration = Duration::from_millis(10);

/// Sessions in SQLite, for asynchronous and blocking hosts. Clones are the same store.
///
/// One connection, on a thread of its own, answers in the order of the questions; the thread ends with the last clone. A file
/// has a write-ahead log, and each answer is on disk before it is given, so a session that was ended stays ended after a power cut.
/// Other processes may use the same file: a statement waits for them for up to five seconds.
///
/// ```
/// use aura_host::store::BlockingSessionStore;
/// use aura_proto::UnixTime;
/// use aura_proto::store::{BeginSession, Begun, EndSessions, OwnerKey, SessionKey, SessionRow};
///
/// let store = aura_store::SqliteStore::in_memory()?;
/// store.create_schema()?;
/// let (key, owner) = (SessionKey::from_bytes([1; 32]), OwnerKey::from_bytes([2; 16]));
/// let row = SessionRow::new(key, owner, UnixTime::from_secs(1_790_000_000), UnixTime::from_secs(1_790_003_600));
/// assert_eq!(BlockingSessionStore::begin(&store, BeginSession::new(row))?, Begun::Begun);
/// assert_eq!(BlockingSessionStore::end(&store, EndSessions::One(key))?, 1);
/// # Ok::<(), aura_host::store::StoreError>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    jobs: Sender<Job>,
}

/// What the connection's thread does next.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

impl SqliteStore {
    /// Opens a file, which is made where there is none.
    ///
    /// ```
    /// let folder = std::env::temp_dir().join("no such folder");
    /// assert!(aura_store::SqliteStore::open(folder.join("sessions.sqlite")).is_err());
    /// ```
    ///
    /// # Errors
    /// The file cannot be opened, or is none of SQLite.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::new(Connection::open(path)?)
    }

    /// Makes a store in memory, which ends with its last clone.
    ///
    /// ```
    /// let store = aura_store::SqliteStore::in_memory()?;
    /// assert!(store.create_schema().is_ok());
    /// # Ok::<(), aura_host::store::StoreError>(())
    /// ```
    ///
    /// # Errors
    /// There is no memory, or no thread, for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::new(Connection::open_in_memory()?)
    }

    fn new(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY)?;
        // The journal of a store in memory stays in memory.
        log_ahead(&connection)?;
        connection.pragma_update(None, "synchronous", "full")?;
        let (jobs, next) = channel::<Job>();
        std::thread::Builder::new().name("aura-sqlite".to_owned()).spawn(move || {
            for job in next {
                job(&mut connection);
            }
        })?;
        Ok(Self { jobs })
    }

    /// Creates the tables and indexes that are not there.
    ///
    /// ```
    /// let store = aura_store::SqliteStore::in_memory()?;
    /// store.create_schema()?;
    /// store.create_schema()?;
    /// # Ok::<(), aura_host::store::StoreError>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create_schema(&self) -> Result<(), StoreError> {
        self.wait(statements::create_schema)
    }

    fn wait<T: Send + 'static>(&self, answer: impl Answer<T>) -> Result<T, StoreError> {
        let (sender, receiver) = sync_channel(1);
        self.send(move |connection| drop(sender.send(answer(connection))))?;
        receiver.recv()?
    }

    fn ask<T: Send + 'static>(&self, answer: impl Answer<T>) -> StoreFuture<'_, T> {
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            self.send(move |connection| drop(sender.send(answer(connection))))?;
            receiver.await?
        })
    }

    fn send(&self, job: impl FnOnce(&mut Connection) + Send + 'static) -> Result<(), StoreError> {
        self.jobs.send(Box::new(job)).map_err(|_| "the thread of SQLite has ended".into())
    }
}

/// Switches to a write-ahead log. SQLite itself does not wait for another process that does so at the same time.
fn log_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let switch = || connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()));
    for _ in 0..OPENINGS {
        match switch() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                std::thread::sleep(PAUSE);
            }
            answer => return answer,
        }
    }
    switch()
}

/// Answers a question on the connection's thread.
trait Answer<T>: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static {}

impl<T, F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static> Answer<T> for F {}

impl BlockingSessionStore for SqliteStore {
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError> {
        self.wait(move |connection| statements::load(connection, &question))
    }

    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError> {
        self.wait(move |connection| statements::begin(connection, &question))
    }

    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError> {
        self.wait(move |connection| statements::replace(connection, &question))
    }

    fn end(&self, question: EndSessions) -> Result<u64, StoreError> {
        self.wait(move |connection| statements::end(connection, &question))
    }

    fn list(&self, question: ListSessions) -> Result<Listed, StoreError> {
        self.wait(move |connection| statements::list(connection, &question))
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> Result<u64, StoreError> {
        self.wait(move |connection| statements::sweep(connection, now, limit))
    }
}

impl SessionStore for SqliteStore {
    fn load(&self, question: LoadSession) -> StoreFuture<'_, Loaded> {
        self.ask(move |connection| statements::load(connection, &question))
    }

    fn begin(&self, question: BeginSession) -> StoreFuture<'_, Begun> {
        self.ask(move |connection| statements::begin(connection, &question))
    }

    fn replace(&self, question: ReplaceSession) -> StoreFuture<'_, Replaced> {
        self.ask(move |connection| statements::replace(connection, &question))
    }

    fn end(&self, question: EndSessions) -> StoreFuture<'_, u64> {
        self.ask(move |connection| statements::end(connection, &question))
    }

    fn list(&self, question: ListSessions) -> StoreFuture<'_, Listed> {
        self.ask(move |connection| statements::list(connection, &question))
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> StoreFuture<'_, u64> {
        self.ask(move |connection| statements::sweep(connection, now, limit))
    }
}

impl BlockingCountStore for SqliteStore {
    fn get_count(&self, key: CountKey) -> Result<Option<u64>, StoreError> {
        self.wait(move |connection| statements::get_count(connection, key))
    }

    fn swap_count(&self, swap: SwapCount) -> Result<bool, StoreError> {
        self.wait(move |connection| statements::swap_count(connection, &swap))
    }
}

impl CountStore for SqliteStore {
    fn get_count(&self, key: CountKey) -> StoreFuture<'_, Option<u64>> {
        self.ask(move |connection| statements::get_count(connection, key))
    }

    fn swap_count(&self, swap: SwapCount) -> StoreFuture<'_, bool> {
        self.ask(move |connection| statements::swap_count(connection, &swap))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}
