//! The conformance suite on a Redis server that the test starts.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod servers;

use aura_host::store::BlockingSessionStore;
use aura_host::store::conformance::{self, Blocking};
use aura_store::{BlockingRedisStore, RedisStore};
use redis::Client;
use servers::{InTurn, Server};
use std::sync::Arc;

#[test]
fn redis_conforms() {
    let Some(server) = servers::redis("redis", &[]) else { return };
    run(&awaited(&server), conformance::ROUNDS);
}

#[test]
fn redis_conforms_where_it_blocks() {
    let Some(server) = servers::redis("redis-blocking", &[]) else { return };
    run(&blocking(&server), conformance::ROUNDS);
}

/// A node of a cluster refuses a script that uses a key that it does not name.
#[test]
fn a_cluster_conforms() {
    let Some(server) = servers::redis("redis-cluster", &["--cluster-enabled", "yes"]) else { return };
    let mut connection = client(&server).get_connection().unwrap();
    let slots = redis::cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16_383).query::<()>(&mut connection);
    slots.unwrap();
    let state =
        || redis::cmd("CLUSTER").arg("INFO").query::<String>(&mut client(&server).get_connection().unwrap());
    while !state().unwrap().contains("cluster_state:ok") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    run(&awaited(&server), 20);
}

#[test]
fn an_awaited_and_a_blocking_instance_conform() {
    let Some(server) = servers::redis("redis-two", &[]) else { return };
    let instances: Vec<Box<dyn BlockingSessionStore>> =
        vec![Box::new(awaited(&server)), Box::new(blocking(&server))];
    run(&InTurn::new(instances), 30);
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

fn awaited(server: &Server) -> impl BlockingSessionStore + use<> {
    let runtime = Arc::new(servers::runtime());
    let manager = runtime.block_on(client(server).get_connection_manager()).unwrap();
    Blocking::new(RedisStore::new(manager), move |future| runtime.block_on(future))
}
