//! Tests of `aura sessions` with servers of PostgreSQL and Redis that the tests start.

#[path = "../../../store/tests/servers/mod.rs"]
mod servers;

use super::{aura_with, sign_in_at};
use aura_blocking::store::BlockingSessionStore;
use aura_blocking::{FetchError, now};

/// Signs in twice, and lists and ends the sessions by the URL of their store.
fn lists_and_ends<S: BlockingSessionStore>(store: impl Fn() -> S, variable: &str, url: &str) {
    // Redis ends rows by a clock of its own.
    let now = now();
    (0..2).for_each(|_| drop(sign_in_at(Some(store()), now)));
    let run = |action| {
        let arguments = ["sessions", action, "github", "583231", "--json"];
        aura_with(&arguments, &[(variable, url)], "", now, &|_| Err(FetchError::Unreachable))
    };
    let listed = run("list");
    assert_eq!((listed.status, listed.json().as_array().unwrap().len()), (0, 2), "{}", listed.output);
    let ended = [run("end"), run("end")].map(|ran| (ran.status, ran.json().pointer("/ended").cloned()));
    assert_eq!(ended, [(0, Some(2.into())), (1, Some(0.into()))]);
}

#[cfg(feature = "redis")]
#[test]
fn sessions_in_redis_are_listed_and_ended() {
    let Some(server) = servers::redis("cli-redis", &[]) else { return };
    let url = format!("redis://127.0.0.1:{}/", server.port);
    let store = aura_store::BlockingRedisStore::new(redis::Client::open(url.as_str()).unwrap());
    lists_and_ends(|| store.clone(), "REDIS_URL", &url);
}

#[cfg(feature = "postgres")]
#[test]
fn sessions_in_postgresql_are_listed_and_ended() {
    use aura_host::store::conformance::Blocking;
    use std::sync::Arc;

    let Some(server) = servers::postgres("cli-postgres") else { return };
    let url = format!("postgres://aura@127.0.0.1:{}/postgres", server.port);
    let runtime = Arc::new(servers::runtime());
    let store = runtime.block_on(async {
        let store = aura_store::PostgresStore::new(sqlx::PgPool::connect(&url).await.unwrap());
        store.create_schema().await.unwrap();
        store
    });
    let blocking = || {
        let runtime = Arc::clone(&runtime);
        Blocking::new(store.clone(), move |future| runtime.block_on(future))
    };
    lists_and_ends(blocking, "DATABASE_URL", &url);
}
