//! The conformance suite on a Redis cluster of three servers that the test starts.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod servers;

use aura_host::store::conformance::{self, Blocking};
use aura_store::RedisStore;
use redis::cluster::ClusterClient;
use redis::{Client, Cmd, FromRedisValue};
use servers::Server;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A server refuses a script that uses a key that it does not name, and a key that another one keeps.
#[test]
fn a_cluster_conforms() {
    let Some(nodes) = cluster() else { return };
    let runtime = Arc::new(servers::runtime());
    let client = ClusterClient::new(nodes.iter().map(url)).unwrap();
    let store = RedisStore::of_cluster(runtime.block_on(client.get_async_connection()).unwrap());
    let store = Blocking::new(store, move |future| runtime.block_on(future));
    conformance::CASES.iter().for_each(|case| case.run(&store, servers::rounds(20)));
    servers::count(&store, 20);
    for node in &nodes {
        assert!(ask::<u64>(node, &redis::cmd("DBSIZE")) > 0, "every server keeps a part");
    }
}

/// Starts three servers, each of which keeps a third of the keys.
fn cluster() -> Option<Vec<Server>> {
    let slots = [(0, 5_460), (5_461, 10_922), (10_923, 16_383)];
    let mut nodes: Vec<Server> = Vec::new();
    for (from, to) in slots {
        let options = || {
            let bus = servers::free_port().to_string();
            ["--cluster-enabled", "yes", "--cluster-port", &bus].map(str::to_owned).into()
        };
        let node = servers::redis_with(&format!("redis-cluster-{from}"), options)?;
        ask::<()>(&node, redis::cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(from).arg(to));
        for other in &nodes {
            let [_, bus]: [String; 2] = ask(other, redis::cmd("CONFIG").arg("GET").arg("cluster-port"));
            ask::<()>(&node, redis::cmd("CLUSTER").arg("MEET").arg("127.0.0.1").arg(other.port).arg(bus));
        }
        nodes.push(node);
    }
    let is_ready = |node| {
        let state: String = ask(node, redis::cmd("CLUSTER").arg("INFO"));
        state.contains("cluster_state:ok") && state.contains("cluster_slots_assigned:16384")
    };
    let begun = Instant::now();
    while !nodes.iter().all(is_ready) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the cluster is not ready");
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(nodes)
}

fn ask<T: FromRedisValue>(node: &Server, command: &Cmd) -> T {
    command.query(&mut Client::open(url(node)).unwrap().get_connection().unwrap()).unwrap()
}

fn url(node: &Server) -> String {
    format!("redis://127.0.0.1:{}/", node.port)
}
