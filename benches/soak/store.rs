//! Stores of sessions, on servers that the tool starts on free ports and ends.

#[path = "../../adapters/store/tests/servers/mod.rs"]
mod servers;

use crate::site::stored_driver;
use aura_host::store::MemoryStore;
use aura_http::Driver;
use aura_proto::SessionPolicy;
use aura_store::{PostgresStore, RedisStore, SqliteStore};
pub(crate) use servers::{Folder, Server};
use std::error::Error;
use std::net::SocketAddr;

/// What keeps the sessions, and has to live as long as the site.
pub(crate) enum Kept {
    Here,
    File(#[expect(dead_code, reason = "it is deleted when it is dropped")] Folder),
    Server(Box<Server>),
}

/// Makes the driver of a site with a store, and creates the store's schema.
pub(crate) async fn driver(
    address: SocketAddr,
    policy: SessionPolicy,
    store: &str,
) -> Result<(Driver, Kept), Box<dyn Error + Send + Sync>> {
    match store {
        "memory" => Ok((stored_driver(address, policy, MemoryStore::default())?, Kept::Here)),
        "sqlite" => {
            let folder = Folder::new("load");
            let store = SqliteStore::open(folder.path("sessions.sqlite"))?;
            store.create_schema()?;
            Ok((stored_driver(address, policy, store)?, Kept::File(folder)))
        }
        "postgres" => {
            let server = servers::postgres("load").ok_or("postgres is not installed")?;
            let url = format!("postgres://aura@127.0.0.1:{}/postgres", server.port);
            let store = PostgresStore::new(sqlx::PgPool::connect(&url).await?);
            store.create_schema().await?;
            Ok((stored_driver(address, policy, store)?, Kept::Server(Box::new(server))))
        }
        "redis" => {
            let options = ["--appendonly", "yes", "--appendfsync", "always"];
            let server = servers::redis("load", &options).ok_or("redis-server is not installed")?;
            let client = redis::Client::open(format!("redis://127.0.0.1:{}/", server.port))?;
            let store = RedisStore::new(client.get_connection_manager().await?);
            Ok((stored_driver(address, policy, store)?, Kept::Server(Box::new(server))))
        }
        other => Err(format!("{other}: give memory, sqlite, postgres or redis").into()),
    }
}
