//! Servers that a test starts on free ports in folders of their own, and ends.
#![allow(dead_code, reason = "each test uses a part")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests")]
#![expect(clippy::arithmetic_side_effects, clippy::print_stdout, reason = "helpers of tests")]

use aura_host::store::conformance::COUNT_CASES;
use aura_host::store::{BlockingCountStore, BlockingSessionStore, StoreError};
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey,
    ReplaceSession, Replaced, SessionKey, SessionRow, SwapCount,
};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A folder that is deleted with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("aura-store-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a server is recognised by.
struct Asked<'a> {
    process: u32,
    port: u16,
    folder: &'a Folder,
}

/// A server that ends with the test, also where the test panics.
pub(crate) struct Server {
    child: Child,
    command: Command,
    is_ready: fn(&Asked<'_>) -> bool,
    pub(crate) port: u16,
    // Dropped after the server has ended.
    pub(crate) folder: Folder,
}

impl Server {
    /// Ends the server, does something, and starts it again.
    pub(crate) fn restart(mut self, meanwhile: impl FnOnce()) -> Self {
        self.end();
        meanwhile();
        self.child = self.command.spawn().unwrap();
        assert!(self.wait(), "the server ended: {}", self.log());
        self
    }

    /// Returns whether the server is ready: false where it has ended. Another server may answer at the port of one that has ended.
    fn wait(&mut self) -> bool {
        let begun = Instant::now();
        loop {
            if self.has_ended() {
                return false;
            }
            let asked = Asked { process: self.child.id(), port: self.port, folder: &self.folder };
            if (self.is_ready)(&asked) {
                return !self.has_ended();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "the server is not ready: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path("log")).unwrap_or_default()
    }

    fn end(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // PostgreSQL ends its processes at SIGINT; SIGKILL would leave some behind.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(10) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts Redis, or says that it is left out.
pub(crate) fn redis(name: &str, options: &[&str]) -> Option<Server> {
    redis_with(name, || options.iter().map(|option| (*option).to_owned()).collect())
}

/// Starts Redis with options that are made anew at each start.
pub(crate) fn redis_with(name: &str, options: impl Fn() -> Vec<String>) -> Option<Server> {
    let binary = binary("redis-server", &[])?;
    let folder = Folder::new(name);
    let place = folder.0.clone();
    let command = |port: u16| {
        let mut command = Command::new(&binary);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(&place);
        command.args(["--maxmemory-policy", "noeviction"]).args(options());
        command
    };
    Some(start(command, folder, is_loaded))
}

/// Redis listens before it has loaded its file, and names its process.
fn is_loaded(asked: &Asked<'_>) -> bool {
    let Ok(mut connection) = TcpStream::connect((Ipv4Addr::LOCALHOST, asked.port)) else { return false };
    connection.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut answer = String::new();
    let questions = connection.write_all(b"PING\r\nINFO server\r\nQUIT\r\n");
    let is_answered = questions.and_then(|()| connection.read_to_string(&mut answer)).is_ok();
    let process = format!("process_id:{}", asked.process);
    is_answered && answer.starts_with("+PONG") && answer.lines().any(|line| line == process)
}

/// PostgreSQL writes its process and its port into a file, in the first and the fourth line, and the eighth line once it is ready.
fn is_started(asked: &Asked<'_>) -> bool {
    let file = std::fs::read_to_string(asked.folder.path("data").join("postmaster.pid")).unwrap_or_default();
    let line = |number: usize| file.lines().nth(number).map(str::trim).unwrap_or_default();
    line(0) == asked.process.to_string() && line(3) == asked.port.to_string() && line(7) == "ready"
}

/// Starts PostgreSQL with an empty database, or says that it is left out.
pub(crate) fn postgres(name: &str) -> Option<Server> {
    let folders = postgres_folders();
    let (initdb, postgres) = (binary("initdb", &folders)?, binary("postgres", &folders)?);
    let folder = Folder::new(name);
    let data = folder.path("data");
    std::fs::create_dir_all(&data).unwrap();
    // PostgreSQL refuses to run as root.
    let user = is_root().then(unprivileged_user);
    if let Some(user) = user {
        let own = Command::new("chown").args(["-R", user]).arg(&folder.0).status().unwrap();
        assert!(own.success(), "{user} gets the folder");
    }
    let mut init = as_user(user, &initdb);
    init.args(["--auth=trust", "--username=aura", "--no-sync", "--encoding=UTF8", "--pgdata"]).arg(&data);
    let made = init.output().unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let command = |port: u16| {
        let mut command = as_user(user, &postgres);
        command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        command.args(["-c", "unix_socket_directories=", "-c", "max_connections=50"]);
        command
    };
    Some(start(command, folder, is_started))
}

/// Starts the command for a free port, and for another where a connection of another test has taken it first.
fn start(command: impl Fn(u16) -> Command, folder: Folder, is_ready: fn(&Asked<'_>) -> bool) -> Server {
    let prepare = |folder: &Folder| {
        let port = free_port();
        let mut command = command(port);
        let log = std::fs::File::create(folder.path("log")).unwrap();
        let output = log.try_clone().unwrap();
        command.current_dir(&folder.0).stdin(Stdio::null()).stdout(output).stderr(log);
        (command, port)
    };
    let (mut command, port) = prepare(&folder);
    let mut server = Server { child: command.spawn().unwrap(), command, is_ready, port, folder };
    for _ in 1..5 {
        if server.wait() {
            return server;
        }
        (server.command, server.port) = prepare(&server.folder);
        server.child = server.command.spawn().unwrap();
    }
    assert!(server.wait(), "the server ends at each start: {}", server.log());
    server
}

/// Finds a program. Where there is none, the test says so and is left out, or fails if `AURA_STORES_REQUIRED` is set.
fn binary(name: &str, more: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = more.iter().cloned().chain(std::env::split_paths(&path)).collect();
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("AURA_STORES_REQUIRED").is_none(), "{name} is not installed");
        println!("LEFT OUT: the tests of a store, because {name} is not installed");
    }
    found
}

/// Debian's folders of PostgreSQL, which are not in the path; the newest release first.
fn postgres_folders() -> Vec<PathBuf> {
    let releases = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = releases.map(|release| release.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

fn unprivileged_user() -> &'static str {
    let is_known = |user: &&str| Command::new("id").arg(user).output().is_ok_and(|id| id.status.success());
    ["postgres", "nobody"].into_iter().find(is_known).expect("a user that is not root")
}

/// A command as a user. `setpriv` becomes the program, so a signal reaches it.
fn as_user(user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    let group = Command::new("id").args(["-g", user]).output().unwrap();
    let group = String::from_utf8(group.stdout).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", group.trim(), "--clear-groups"]).arg(program);
    command
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// How often a race is repeated: as often as the test says, or as `AURA_STORE_ROUNDS` does.
pub(crate) fn rounds(by_default: u32) -> u32 {
    std::env::var("AURA_STORE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(by_default)
}

pub(crate) fn row() -> SessionRow {
    let begun = aura_host::now().whole_seconds();
    let ends = begun.saturating_add(Duration::from_secs(600));
    SessionRow::new(SessionKey::from_bytes([1; 32]), OwnerKey::from_bytes([2; 16]), begun, ends)
}

pub(crate) fn begin(store: &dyn BlockingSessionStore, row: &SessionRow) {
    assert_eq!(store.begin(BeginSession::new(row.clone())).unwrap(), Begun::Begun);
}

pub(crate) fn is_there(store: &dyn BlockingSessionStore, row: &SessionRow) -> bool {
    matches!(store.load(LoadSession::new(row.key, row.owner)).unwrap(), Loaded::Found(..))
}

/// Runs the suite of stores of counts.
pub(crate) fn count(store: &dyn BlockingCountStore, by_default: u32) {
    COUNT_CASES.iter().for_each(|case| case.run(store, rounds(by_default)));
}

/// Instances with the same contents, which are asked in turn.
pub(crate) struct InTurn<S: ?Sized> {
    instances: Vec<Box<S>>,
    next: AtomicUsize,
}

impl<S: ?Sized> InTurn<S> {
    pub(crate) fn new(instances: Vec<Box<S>>) -> Self {
        Self { instances, next: AtomicUsize::new(0) }
    }

    fn next(&self) -> &S {
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.instances.len();
        self.instances[next].as_ref()
    }
}

impl BlockingCountStore for InTurn<dyn BlockingCountStore> {
    fn get_count(&self, key: CountKey) -> Result<Option<u64>, StoreError> {
        self.next().get_count(key)
    }

    fn swap_count(&self, swap: SwapCount) -> Result<bool, StoreError> {
        self.next().swap_count(swap)
    }
}

impl BlockingSessionStore for InTurn<dyn BlockingSessionStore> {
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError> {
        self.next().load(question)
    }

    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError> {
        self.next().begin(question)
    }

    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError> {
        self.next().replace(question)
    }

    fn end(&self, question: EndSessions) -> Result<u64, StoreError> {
        self.next().end(question)
    }

    fn list(&self, question: ListSessions) -> Result<Listed, StoreError> {
        self.next().list(question)
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> Result<u64, StoreError> {
        self.next().sweep(now, limit)
    }
}
