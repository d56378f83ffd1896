//! Stores of sessions and of counts: SQLite, PostgreSQL and Redis, by a feature each, none by default.
//!
//! | feature | store | hosts | given |
//! |---|---|---|---|
//! | `sqlite` | `SqliteStore` | asynchronous and blocking | a file, or nothing for one in memory |
//! | `postgres` | `PostgresStore` | asynchronous | a pool of [sqlx](https://docs.rs/sqlx) |
//! | `redis` | `RedisStore` and `BlockingRedisStore` | asynchronous; blocking | a connection manager or a client of [redis](https://docs.rs/redis) |
//! | `redis-cluster` | `RedisStore` | asynchronous | the connection of a cluster, of redis |
//!
//! Every store passes the suite `aura_host::store::conformance`. Each number in it comes from the host's clock, never from the
//! database's. What does not fit a column is refused: SQL's integers end at 2<sup>63</sup> - 1.
//! Sessions that have ended leave a table of SQL by `sweep`, and counts of limits that have expired as new ones come.
//!
//! # Why these libraries
//! *SQLite* by rusqlite rather than sqlx: a blocking server gets no runtime, and one connection on a thread of its own is the one
//! writer that SQLite has anyway. Exactly one `libsqlite3-sys` can be linked. The range of rusqlite's releases that this
//! crate allows covers those of `libsqlite3-sys` that sqlx 0.8 uses, so that an application with SQLite by sqlx builds:
//! `cargo update --precise` selects rusqlite 0.32 there. *PostgreSQL* by sqlx without its macros, and *Redis* by redis. TLS is
//! the application's choice: it turns on the feature of sqlx or redis that it wants.
#![forbid(unsafe_code)]

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod columns;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "redis")]
pub use crate::redis::{BlockingRedisStore, RedisStore};
#[cfg(feature = "postgres")]
pub use postgres::{POSTGRES_SCHEMA, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SQLITE_SCHEMA, SqliteStore};
