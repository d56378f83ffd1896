//! The conformance suite on a PostgreSQL server that the test starts.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod servers;

use aura_host::store::conformance::{self, Blocking};
use aura_host::store::{BlockingCountStore, BlockingSessionStore, SessionStore};
use aura_proto::UnixTime;
use aura_store::{POSTGRES_SCHEMA, PostgresStore};
use servers::{InTurn, Server};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgPool};
use std::sync::Arc;
use tokio::runtime::Runtime;

#[test]
fn postgresql_conforms() {
    let Some(server) = servers::postgres("postgres") else { return };
    let runtime = Arc::new(servers::runtime());
    let store = blocking(&runtime, &server);
    conformance::CASES.iter().for_each(|case| case.run(&store, servers::rounds(conformance::ROUNDS)));
    servers::count(&store, conformance::ROUNDS);
}

#[test]
fn two_pools_of_one_database_conform() {
    let Some(server) = servers::postgres("postgres-two") else { return };
    let runtime = Arc::new(servers::runtime());
    let instances = (0..2).map(|_| Box::new(blocking(&runtime, &server)) as Box<dyn BlockingCountStore>);
    servers::count(&InTurn::new(instances.collect()), 30);
    let instances = (0..2).map(|_| Box::new(blocking(&runtime, &server)) as Box<dyn BlockingSessionStore>);
    let store = InTurn::new(instances.collect());
    conformance::CASES.iter().for_each(|case| case.run(&store, servers::rounds(30)));
}

#[test]
fn a_server_that_starts_again_still_has_the_sessions_and_one_that_is_away_is_an_error() {
    let Some(server) = servers::postgres("postgres-away") else { return };
    let runtime = Arc::new(servers::runtime());
    let store = blocking(&runtime, &server);
    let row = servers::row();
    servers::begin(&store, &row);
    assert!(servers::is_there(&blocking(&runtime, &server), &row));
    drop(server);
    assert!(store.sweep(UnixTime::from_secs(0), 1).is_err());
}

#[test]
fn servers_that_start_at_once_create_one_schema_which_is_the_migration() {
    let file =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres.sql")).unwrap();
    assert_eq!(file, POSTGRES_SCHEMA);
    let Some(server) = servers::postgres("postgres-schema") else { return };
    servers::runtime().block_on(async {
        let created: Vec<_> = (0..8)
            .map(|_| {
                let pool = pool(&server);
                tokio::spawn(async move { PostgresStore::new(pool).create_schema().await })
            })
            .collect();
        for created in created {
            created.await.unwrap().unwrap();
        }
        let pool = pool(&server);
        pool.execute(file.as_str()).await.expect("the migration is applied where the schema is there");
        let swept = PostgresStore::new(pool).sweep(UnixTime::from_secs(0), 1).await;
        assert_eq!(swept.unwrap(), 0);
    });
}

fn blocking(
    runtime: &Arc<Runtime>,
    server: &Server,
) -> impl BlockingSessionStore + BlockingCountStore + use<> {
    let store = runtime.block_on(async {
        let store = PostgresStore::new(pool(server));
        store.create_schema().await.unwrap();
        store
    });
    let runtime = Arc::clone(runtime);
    Blocking::new(store, move |future| runtime.block_on(future))
}

fn pool(server: &Server) -> PgPool {
    let options =
        PgConnectOptions::new().host("127.0.0.1").port(server.port).username("aura").database("postgres");
    PgPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(std::time::Duration::from_secs(5))
        .connect_lazy_with(options)
}
