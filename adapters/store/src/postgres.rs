//! Store of sessions and of counts in PostgreSQL, by a pool of sqlx.

use crate::columns::{Columns, Swap, millis, raised};
use aura_host::store::{CountStore, SessionStore, StoreError, StoreFuture};
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey,
    ReplaceSession, Replaced, SessionKey, SwapCount,
};
use sqlx::postgres::PgRow;
use sqlx::{Executor, PgPool, Postgres, Row, Transaction};
use std::collections::BTreeSet;

/// The schema, as [`PostgresStore::create_schema`] executes it. It is also the file `migrations/postgres.sql` of this crate.
///
/// ```
/// assert!(aura_store::POSTGRES_SCHEMA.contains("create table if not exists aura_sessions"));
/// ```
pub const POSTGRES_SCHEMA: &str = include_str!("../migrations/postgres.sql");

/// Statements say what they wait for, so the isolation does not depend on the database's default.
const BEGIN: &str = "begin isolation level read committed";
/// Two servers that start at once would collide in the catalogue.
const LOCK_SCHEMA: &str = "select pg_advisory_xact_lock(4707254012087583)";
/// One statement, so row and generation are of the same moment.
const LOAD: &str = "
    select key, owner, elsewhere, version, generation, begun, seen, ends, face, body,
        coalesce((select generation from aura_generations where owner = $2), 0) as owner_generation
    from aura_sessions where key = $1";
const INSERT: &str = "
    insert into aura_sessions (key, owner, elsewhere, version, begun, seen, ends, face, body, generation)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce((select generation from aura_generations where owner = $2), 0))
    on conflict do nothing";
/// Rows are locked in the order of their keys by whoever deletes several, so that two do not wait for each other.
const DELETE_DISPLACED: &str = "
    with displaced as materialized (
        select key from aura_sessions
        where key <> $1 and (key = $2 or key = any(array(
            select key from aura_sessions
            where owner = $3 and key <> $1 and ends > $4 and key is distinct from $2
            order by begun desc, key desc offset $5)))
        order by key for update)
    delete from aura_sessions using displaced where aura_sessions.key = displaced.key";
const REPLACE: &str = "
    update aura_sessions set owner = $3, elsewhere = $4, version = $5, generation = coalesce($6, generation),
        seen = $7, ends = $8, face = $9, body = $10
    where key = $1 and version = $2";
const EXISTS: &str = "select exists (select from aura_sessions where key = $1)";
const DELETE_ONE: &str = "delete from aura_sessions where key = $1";
const DELETE_ELSEWHERE: &str = "
    with ended as materialized (
        select key from aura_sessions
        where elsewhere = any($1) or (owner = any($2) and elsewhere is null)
        order by key for update)
    delete from aura_sessions using ended where aura_sessions.key = ended.key";
const NAME: &str = "
    insert into aura_generations (owner, generation) select owner, 0 from unnest($1) as names (owner) order by owner
    on conflict do nothing";
const LOCK_NAMES: &str =
    "select generation from aura_generations where owner = any($1) order by owner for update";
const RAISE: &str = "update aura_generations set generation = $2 where owner = any($1)";
const DELETE_OWNERS: &str = "
    with ended as materialized (
        select key from aura_sessions where owner = any($1) and generation < $2 order by key for update)
    delete from aura_sessions using ended where aura_sessions.key = ended.key";
const LIST: &str = "
    select key, owner, elsewhere, version, generation, begun, seen, ends, face, ''::bytea as body
    from aura_sessions where owner = any($1) order by begun desc, key desc limit $2";
const GENERATION: &str = "select coalesce(max(generation), 0) from aura_generations where owner = any($1)";
const SWEEP: &str = "
    with ended as materialized (
        select key from aura_sessions where ends <= $1 order by ends limit $2 for update skip locked)
    delete from aura_sessions using ended where aura_sessions.key = ended.key";
const COUNT: &str = "select number from aura_counts where key = $1";
const INSERT_COUNT: &str =
    "insert into aura_counts (key, number, expires) values ($1, $2, $3) on conflict do nothing";
const UPDATE_COUNT: &str = "update aura_counts set number = $2, expires = $3 where key = $1 and number = $4";
/// More than one of them leave for each that comes.
const TIDY_COUNTS: &str = "
    with expired as materialized (
        select key from aura_counts where expires <= $1 order by expires limit 4 for update skip locked)
    delete from aura_counts using expired where aura_counts.key = expired.key";

/// Sessions in PostgreSQL, for asynchronous hosts. Clones are the same store, and several servers may share one database.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let pool = sqlx::PgPool::connect("postgres://localhost/app").await?;
/// let store = aura_store::PostgresStore::new(pool);
/// store.create_schema().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Makes a store of a pool, which the application may use for anything else, too.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let pool = sqlx::PgPool::connect_lazy("postgres://localhost/app").unwrap();
    /// let store = aura_store::PostgresStore::new(pool.clone());
    /// pool.close().await;
    /// assert!(store.create_schema().await.is_err(), "the pool is closed");
    /// # });
    /// ```
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Creates the tables and indexes that are not there, in the first schema of the search path.
    ///
    /// ```no_run
    /// # async fn f(store: aura_store::PostgresStore) -> Result<(), aura_host::store::StoreError> {
    /// store.create_schema().await?;
    /// store.create_schema().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The database cannot be reached, or the user may not create tables.
    pub async fn create_schema(&self) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query(LOCK_SCHEMA).execute(&mut *transaction).await?;
        transaction.execute(POSTGRES_SCHEMA).await?;
        Ok(transaction.commit().await?)
    }

    async fn write(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.pool.begin_with(BEGIN).await
    }

    async fn insert(&self, question: &BeginSession) -> Result<Begun, StoreError> {
        let row = Columns::of(&question.row)?;
        let mut transaction = self.write().await?;
        let inserted = sqlx::query(INSERT)
            .bind(&row.key)
            .bind(&row.owner)
            .bind(&row.elsewhere)
            .bind(row.version)
            .bind(row.begun)
            .bind(row.seen)
            .bind(row.ends)
            .bind(&row.face)
            .bind(&row.body)
            .execute(&mut *transaction)
            .await?;
        if inserted.rows_affected() == 0 {
            return Ok(Begun::Taken);
        }
        if question.replaces.is_some() || question.at_most.is_some() {
            let others = question.at_most.map_or(i64::MAX, |at_most| i64::from(at_most.saturating_sub(1)));
            sqlx::query(DELETE_DISPLACED)
                .bind(&row.key)
                .bind(question.replaces.map(|key| key.as_bytes().to_vec()))
                .bind(&row.owner)
                .bind(row.begun)
                .bind(others)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(Begun::Begun)
    }

    async fn update(&self, question: &ReplaceSession) -> Result<Replaced, StoreError> {
        let row = Columns::of(&question.row)?;
        let replaced = sqlx::query(REPLACE)
            .bind(&row.key)
            .bind(i64::try_from(question.version)?)
            .bind(&row.owner)
            .bind(&row.elsewhere)
            .bind(row.version)
            .bind(question.generation.map(i64::try_from).transpose()?)
            .bind(row.seen)
            .bind(row.ends)
            .bind(&row.face)
            .bind(&row.body)
            .execute(&self.pool)
            .await?;
        if replaced.rows_affected() > 0 {
            return Ok(Replaced::Replaced);
        }
        let is_there: bool = sqlx::query_scalar(EXISTS).bind(&row.key).fetch_one(&self.pool).await?;
        Ok(if is_there { Replaced::Changed } else { Replaced::Gone })
    }

    async fn delete(&self, question: &EndSessions) -> Result<u64, StoreError> {
        let deleted = match question {
            EndSessions::One(key) => {
                sqlx::query(DELETE_ONE).bind(key.as_bytes().as_slice()).execute(&self.pool).await?
            }
            EndSessions::Elsewhere { sessions, owners } => {
                let sessions: Vec<_> = sessions.iter().map(|session| session.as_bytes().to_vec()).collect();
                sqlx::query(DELETE_ELSEWHERE).bind(sessions).bind(names(owners)).execute(&self.pool).await?
            }
            EndSessions::Owner { owners, generation } | EndSessions::Others { owners, generation } => {
                let owners = names(owners);
                let mut transaction = self.write().await?;
                sqlx::query(NAME).bind(&owners).execute(&mut *transaction).await?;
                let before: Vec<i64> =
                    sqlx::query_scalar(LOCK_NAMES).bind(&owners).fetch_all(&mut *transaction).await?;
                let highest = before.into_iter().max().unwrap_or_default();
                let raised = raised(highest, *generation, question)?;
                sqlx::query(RAISE).bind(&owners).bind(raised).execute(&mut *transaction).await?;
                let deleted =
                    sqlx::query(DELETE_OWNERS).bind(&owners).bind(raised).execute(&mut *transaction).await?;
                transaction.commit().await?;
                deleted
            }
        };
        Ok(deleted.rows_affected())
    }
}

impl SessionStore for PostgresStore {
    fn load(&self, question: LoadSession) -> StoreFuture<'_, Loaded> {
        Box::pin(async move {
            let LoadSession { key, owner, .. } = question;
            let found = sqlx::query(LOAD)
                .bind(SessionKey::as_bytes(&key).as_slice())
                .bind(OwnerKey::as_bytes(&owner).as_slice())
                .fetch_optional(&self.pool)
                .await?;
            let Some(found) = found else { return Ok(Loaded::Absent) };
            let generation = u64::try_from(found.try_get::<i64, _>("owner_generation")?)?;
            Ok(Loaded::Found(columns(&found)?.row()?, generation))
        })
    }

    fn begin(&self, question: BeginSession) -> StoreFuture<'_, Begun> {
        Box::pin(async move { self.insert(&question).await })
    }

    fn replace(&self, question: ReplaceSession) -> StoreFuture<'_, Replaced> {
        Box::pin(async move { self.update(&question).await })
    }

    fn end(&self, question: EndSessions) -> StoreFuture<'_, u64> {
        Box::pin(async move { self.delete(&question).await })
    }

    fn list(&self, question: ListSessions) -> StoreFuture<'_, Listed> {
        Box::pin(async move {
            let owners = names(&question.owners);
            let most = i64::try_from(ListSessions::MAX)?;
            let found = sqlx::query(LIST).bind(&owners).bind(most).fetch_all(&self.pool).await?;
            let rows = found.iter().map(|row| columns(row)?.row()).collect::<Result<_, _>>()?;
            let generation: i64 = sqlx::query_scalar(GENERATION).bind(&owners).fetch_one(&self.pool).await?;
            Ok(Listed { rows, generation: u64::try_from(generation)? })
        })
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            // Every end is below the largest number.
            let now = millis(now).unwrap_or(i64::MAX);
            let swept = sqlx::query(SWEEP).bind(now).bind(i64::from(limit)).execute(&self.pool).await?;
            Ok(swept.rows_affected())
        })
    }
}

impl CountStore for PostgresStore {
    fn get_count(&self, key: CountKey) -> StoreFuture<'_, Option<u64>> {
        Box::pin(async move {
            let key = key.as_bytes().to_vec();
            let found: Option<i64> = sqlx::query_scalar(COUNT).bind(key).fetch_optional(&self.pool).await?;
            Ok(found.map(u64::try_from).transpose()?)
        })
    }

    fn swap_count(&self, swap: SwapCount) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            let Swap { key, old, new, expires, tidied } = Swap::of(&swap)?;
            let statement = if old.is_some() { UPDATE_COUNT } else { INSERT_COUNT };
            let mut query = sqlx::query(statement).bind(key).bind(new).bind(expires);
            if let Some(old) = old {
                query = query.bind(old);
            }
            let written = query.execute(&self.pool).await?.rows_affected() > 0;
            if written && old.is_none() {
                sqlx::query(TIDY_COUNTS).bind(tidied).execute(&self.pool).await?;
            }
            Ok(written)
        })
    }
}

fn names(owners: &[OwnerKey]) -> Vec<Vec<u8>> {
    owners.iter().collect::<BTreeSet<_>>().into_iter().map(|owner| owner.as_bytes().to_vec()).collect()
}

fn columns(row: &PgRow) -> Result<Columns, StoreError> {
    Ok(Columns {
        key: row.try_get("key")?,
        owner: row.try_get("owner")?,
        elsewhere: row.try_get("elsewhere")?,
        version: row.try_get("version")?,
        generation: row.try_get("generation")?,
        begun: row.try_get("begun")?,
        seen: row.try_get("seen")?,
        ends: row.try_get("ends")?,
        face: row.try_get("face")?,
        body: row.try_get("body")?,
    })
}
