//! The conformance suite on SQLite.
#![cfg(feature = "sqlite")]

mod servers;

use aura_host::store::conformance::{self, Blocking};
use aura_host::store::{BlockingCountStore, BlockingSessionStore};
use aura_proto::UnixTime;
use aura_proto::store::{CountKey, SwapCount};
use aura_store::{SQLITE_SCHEMA, SqliteStore};
use servers::Folder;

#[test]
fn sqlite_in_memory_conforms() {
    let store = SqliteStore::in_memory().unwrap();
    store.create_schema().unwrap();
    conformance::run(&store);
}

#[test]
fn sqlite_in_a_file_conforms() {
    let folder = Folder::new("sqlite-file");
    let store = SqliteStore::open(folder.path("sessions.sqlite")).unwrap();
    store.create_schema().unwrap();
    run(&store, 10);
}

#[test]
fn sqlite_conforms_where_it_is_awaited() {
    let store = SqliteStore::in_memory().unwrap();
    store.create_schema().unwrap();
    let runtime = servers::runtime();
    run(&Blocking::new(store, move |future| runtime.block_on(future)), 30);
}

#[test]
fn two_connections_to_one_file_conform() {
    let folder = Folder::new("sqlite-two");
    let stores = [1, 2].map(|_| SqliteStore::open(folder.path("sessions.sqlite")).unwrap());
    stores.iter().for_each(|store| store.create_schema().unwrap());
    let sessions = stores.clone().map(|store| Box::new(store) as Box<dyn BlockingSessionStore>);
    run(&servers::InTurn::new(sessions.into()), 10);
    let counts = stores.map(|store| Box::new(store) as Box<dyn BlockingCountStore>);
    servers::count(&servers::InTurn::new(counts.into()), 10);
}

#[test]
fn counts_of_sqlite_conform_where_they_block_and_where_they_are_awaited() {
    let store = SqliteStore::in_memory().unwrap();
    store.create_schema().unwrap();
    servers::count(&store, conformance::ROUNDS);
    let runtime = servers::runtime();
    servers::count(&Blocking::new(store, move |future| runtime.block_on(future)), 30);
}

#[test]
fn counts_that_have_expired_leave_the_table() {
    let store = SqliteStore::in_memory().unwrap();
    store.create_schema().unwrap();
    let key = |at: u32| CountKey::from_bytes([at.to_be_bytes(); 4].concat().try_into().unwrap());
    let swap = |at: u32| {
        let now = UnixTime::from_secs(1_790_000_000 + u64::from(at) * 1_000);
        let swap = SwapCount::new(key(at), None, (now.as_millis() + 1_000) * 1_000, now);
        assert!(BlockingCountStore::swap_count(&store, swap).unwrap());
    };
    (0..50).for_each(swap);
    let left = (0..50).filter(|at| BlockingCountStore::get_count(&store, key(*at)).unwrap().is_some());
    assert_eq!(left.count(), 1);
}

#[test]
fn sessions_are_there_after_a_restart() {
    let folder = Folder::new("sqlite-restart");
    let open = || SqliteStore::open(folder.path("sessions.sqlite")).unwrap();
    let row = servers::row();
    let store = open();
    store.create_schema().unwrap();
    servers::begin(&store, &row);
    drop(store);
    let store = open();
    store.create_schema().unwrap();
    assert!(servers::is_there(&store, &row));
}

#[test]
fn servers_that_open_a_new_file_at_once_share_it() {
    for round in 0..20 {
        let folder = Folder::new(&format!("sqlite-new-{round}"));
        let file = folder.path("sessions.sqlite");
        let start = std::sync::Barrier::new(8);
        let open = || {
            start.wait();
            let store = SqliteStore::open(&file)?;
            store.create_schema()?;
            BlockingSessionStore::sweep(&store, aura_proto::UnixTime::from_secs(0), 1)
        };
        std::thread::scope(|scope| {
            let opened: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            for opened in opened {
                assert_eq!(opened.join().unwrap().unwrap(), 0);
            }
        });
    }
}

#[test]
fn the_migration_is_the_schema() {
    let file =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite.sql")).unwrap();
    assert_eq!(file, SQLITE_SCHEMA);
}

fn run(store: &dyn BlockingSessionStore, rounds: u32) {
    conformance::CASES.iter().for_each(|case| case.run(store, servers::rounds(rounds)));
}
