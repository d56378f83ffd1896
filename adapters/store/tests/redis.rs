//! The conformance suite on a Redis server that the test starts.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod servers;

use aura_host::store::conformance::{self, Blocking};
use aura_host::store::{BlockingCountStore, BlockingSessionStore};
use aura_store::{BlockingRedisStore, RedisStore};
use redis::Client;
use servers::{InTurn, Server};
use std::sync::Arc;

#[test]
fn redis_conforms() {
    let Some(server) = servers::redis("redis", &[]) else { return };
    run(&awaited(&server), conformance::ROUNDS);
    servers::count(&awaited(&server), conformance::ROUNDS);
}

#[test]
fn redis_conforms_where_it_blocks() {
    let Some(server) = servers::redis("redis-blocking", &[]) else { return };
    run(&blocking(&server), conformance::ROUNDS);
    servers::count(&blocking(&server), conformance::ROUNDS);
}

#[test]
fn an_awaited_and_a_blocking_instance_conform() {
    let Some(server) = servers::redis("redis-two", &[]) else { return };
    let instances: Vec<Box<dyn BlockingSessionStore>> =
        vec![Box::new(awaited(&server)), Box::new(blocking(&server))];
    run(&InTurn::new(instances), 30);
    let counts: Vec<Box<dyn BlockingCountStore>> =
        vec![Box::new(awaited(&server)), Box::new(blocking(&server))];
    servers::count(&InTurn::new(counts), 30);
}

#[test]
fn a_server_that_is_away_is_an_error_until_it_is_back() {
    let Some(server) = servers::redis("redis-away", &["--appendonly", "yes"]) else { return };
    let store = blocking(&server);
    let row = servers::row();
    servers::begin(&store, &row);
    let server = server.restart(|| assert!(store.end(aura_proto::store::EndSessions::One(row.key)).is_err()));
    assert!(servers::is_there(&store, &row));
    drop(server);
}

fn run(store: &dyn BlockingSessionStore, rounds: u32) {
    conformance::CASES.iter().for_each(|case| case.run(store, servers::rounds(rounds)));
}

fn client(server: &Server) -> Client {
    Client::open(format!("redis://127.0.0.1:{}/", server.port)).unwrap()
}

fn blocking(server: &Server) -> BlockingRedisStore {
    BlockingRedisStore::new(client(server))
}

fn awaited(server: &Server) -> impl BlockingSessionStore + BlockingCountStore + use<> {
    let runtime = Arc::new(servers::runtime());
    let manager = runtime.block_on(client(server).get_connection_manager()).unwrap();
    Blocking::new(RedisStore::new(manager), move |future| runtime.block_on(future))
}
