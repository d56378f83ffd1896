//! The questions in SQLite's statements. Each one that writes is one transaction, which is begun as a writer's.

use super::SQLITE_SCHEMA;
use crate::columns::{Columns, Swap, millis, raised};
use aura_host::store::StoreError;
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey,
    ReplaceSession, Replaced, SessionRow, SwapCount,
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::collections::BTreeSet;

/// One statement, so row and generation are of the same moment.
const LOAD: &str = "
    select key, owner, elsewhere, version, generation, begun, seen, ends, face, body,
        coalesce((select generation from aura_generations where owner = ?2), 0)
    from aura_sessions where key = ?1";
const INSERT: &str = "
    insert into aura_sessions (key, owner, elsewhere, version, begun, seen, ends, face, body, generation)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce((select generation from aura_generations where owner = ?2), 0))
    on conflict do nothing";
const DELETE_REPLACED: &str = "delete from aura_sessions where key = ?1 and key <> ?2";
const DELETE_OLDEST: &str = "
    delete from aura_sessions where key in (
        select key from aura_sessions where owner = ?1 and key <> ?2 and ends > ?3
        order by begun desc, key desc limit -1 offset ?4)";
const REPLACE: &str = "
    update aura_sessions set owner = ?3, elsewhere = ?4, version = ?5, generation = coalesce(?6, generation),
        seen = ?7, ends = ?8, face = ?9, body = ?10
    where key = ?1 and version = ?2";
const EXISTS: &str = "select 1 from aura_sessions where key = ?1";
const DELETE_ONE: &str = "delete from aura_sessions where key = ?1";
const DELETE_ELSEWHERE: &str = "delete from aura_sessions where elsewhere = ?1";
const DELETE_UNNAMED: &str = "delete from aura_sessions where owner = ?1 and elsewhere is null";
const GENERATION: &str = "select generation from aura_generations where owner = ?1";
const RAISE: &str = "
    insert into aura_generations (owner, generation) values (?1, ?2)
    on conflict (owner) do update set generation = excluded.generation";
const DELETE_OWNER: &str = "delete from aura_sessions where owner = ?1 and generation < ?2";
const LIST: &str = "
    select key, owner, elsewhere, version, generation, begun, seen, ends, face, x''
    from aura_sessions where owner = ?1 order by begun desc, key desc limit ?2";
const SWEEP: &str = "
    delete from aura_sessions where key in (select key from aura_sessions where ends <= ?1 order by ends limit ?2)";
const COUNT: &str = "select number from aura_counts where key = ?1";
const INSERT_COUNT: &str =
    "insert into aura_counts (key, number, expires) values (?1, ?2, ?3) on conflict do nothing";
const UPDATE_COUNT: &str = "update aura_counts set number = ?2, expires = ?3 where key = ?1 and number = ?4";
/// More than one of them leave for each that comes.
const TIDY_COUNTS: &str = "
    delete from aura_counts where key in (
        select key from aura_counts where expires <= ?1 order by expires limit 4)";

pub(super) fn create_schema(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = write(connection)?;
    transaction.execute_batch(SQLITE_SCHEMA)?;
    Ok(transaction.commit()?)
}

pub(super) fn load(connection: &mut Connection, question: &LoadSession) -> Result<Loaded, StoreError> {
    let names = params![question.key.as_bytes(), question.owner.as_bytes()];
    let found = connection
        .prepare_cached(LOAD)?
        .query_row(names, |row| Ok((columns(row)?, row.get::<_, i64>(10)?)))
        .optional()?;
    let Some((columns, generation)) = found else { return Ok(Loaded::Absent) };
    Ok(Loaded::Found(columns.row()?, u64::try_from(generation)?))
}

pub(super) fn begin(connection: &mut Connection, question: &BeginSession) -> Result<Begun, StoreError> {
    let row = Columns::of(&question.row)?;
    let transaction = write(connection)?;
    let inserted = transaction.prepare_cached(INSERT)?.execute(params![
        row.key,
        row.owner,
        row.elsewhere,
        row.version,
        row.begun,
        row.seen,
        row.ends,
        row.face,
        row.body
    ])?;
    if inserted == 0 {
        return Ok(Begun::Taken);
    }
    if let Some(replaces) = question.replaces {
        transaction.prepare_cached(DELETE_REPLACED)?.execute(params![replaces.as_bytes(), row.key])?;
    }
    if let Some(at_most) = question.at_most {
        let others = at_most.saturating_sub(1);
        transaction.prepare_cached(DELETE_OLDEST)?.execute(params![row.owner, row.key, row.begun, others])?;
    }
    transaction.commit()?;
    Ok(Begun::Begun)
}

pub(super) fn replace(
    connection: &mut Connection,
    question: &ReplaceSession,
) -> Result<Replaced, StoreError> {
    let row = Columns::of(&question.row)?;
    let version = i64::try_from(question.version)?;
    let generation = question.generation.map(i64::try_from).transpose()?;
    let transaction = write(connection)?;
    let replaced = transaction.prepare_cached(REPLACE)?.execute(params![
        row.key,
        version,
        row.owner,
        row.elsewhere,
        row.version,
        generation,
        row.seen,
        row.ends,
        row.face,
        row.body
    ])?;
    if replaced == 0 {
        let is_there = transaction.prepare_cached(EXISTS)?.exists(params![row.key])?;
        return Ok(if is_there { Replaced::Changed } else { Replaced::Gone });
    }
    transaction.commit()?;
    Ok(Replaced::Replaced)
}

pub(super) fn end(connection: &mut Connection, question: &EndSessions) -> Result<u64, StoreError> {
    let transaction = write(connection)?;
    let mut ended: usize = 0;
    match question {
        EndSessions::One(key) => {
            ended = transaction.prepare_cached(DELETE_ONE)?.execute(params![key.as_bytes()])?;
        }
        EndSessions::Elsewhere { sessions, owners } => {
            for session in sessions {
                let deleted =
                    transaction.prepare_cached(DELETE_ELSEWHERE)?.execute(params![session.as_bytes()])?;
                ended = ended.saturating_add(deleted);
            }
            for owner in owners {
                let deleted =
                    transaction.prepare_cached(DELETE_UNNAMED)?.execute(params![owner.as_bytes()])?;
                ended = ended.saturating_add(deleted);
            }
        }
        EndSessions::Owner { owners, generation } | EndSessions::Others { owners, generation } => {
            let raised = raised(highest_generation(&transaction, owners)?, *generation, question)?;
            for owner in owners {
                transaction.prepare_cached(RAISE)?.execute(params![owner.as_bytes(), raised])?;
                let deleted =
                    transaction.prepare_cached(DELETE_OWNER)?.execute(params![owner.as_bytes(), raised])?;
                ended = ended.saturating_add(deleted);
            }
        }
    }
    transaction.commit()?;
    Ok(u64::try_from(ended)?)
}

pub(super) fn list(connection: &mut Connection, question: &ListSessions) -> Result<Listed, StoreError> {
    let snapshot = connection.transaction()?;
    let mut rows: Vec<SessionRow> = Vec::new();
    for owner in question.owners.iter().collect::<BTreeSet<_>>() {
        let mut statement = snapshot.prepare_cached(LIST)?;
        for found in
            statement.query_map(params![owner.as_bytes(), i64::try_from(ListSessions::MAX)?], columns)?
        {
            rows.push(found?.row()?);
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.begun, row.key)));
    rows.truncate(ListSessions::MAX);
    let generation = u64::try_from(highest_generation(&snapshot, &question.owners)?)?;
    Ok(Listed { rows, generation })
}

pub(super) fn sweep(connection: &mut Connection, now: UnixTime, limit: u32) -> Result<u64, StoreError> {
    // Every end is below the largest number.
    let now = millis(now).unwrap_or(i64::MAX);
    Ok(u64::try_from(connection.prepare_cached(SWEEP)?.execute(params![now, limit])?)?)
}

pub(super) fn get_count(connection: &mut Connection, key: CountKey) -> Result<Option<u64>, StoreError> {
    let mut statement = connection.prepare_cached(COUNT)?;
    let found = statement.query_row(params![key.as_bytes()], |row| row.get::<_, i64>(0)).optional()?;
    Ok(found.map(u64::try_from).transpose()?)
}

pub(super) fn swap_count(connection: &mut Connection, swap: &SwapCount) -> Result<bool, StoreError> {
    let Swap { key, old, new, expires, tidied } = Swap::of(swap)?;
    let transaction = write(connection)?;
    let written = match old {
        Some(old) => transaction.prepare_cached(UPDATE_COUNT)?.execute(params![key, new, expires, old])?,
        None => {
            transaction.prepare_cached(TIDY_COUNTS)?.execute(params![tidied])?;
            transaction.prepare_cached(INSERT_COUNT)?.execute(params![key, new, expires])?
        }
    };
    transaction.commit()?;
    Ok(written > 0)
}

/// Begins a transaction that writes: none that has read would wait for another writer in vain.
fn write(connection: &mut Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

fn highest_generation(transaction: &Transaction<'_>, owners: &[OwnerKey]) -> Result<i64, StoreError> {
    let mut statement = transaction.prepare_cached(GENERATION)?;
    let mut highest = 0;
    for owner in owners {
        let found = statement.query_row(params![owner.as_bytes()], |row| row.get::<_, i64>(0)).optional()?;
        highest = highest.max(found.unwrap_or_default());
    }
    Ok(highest)
}

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok(Columns {
        key: row.get(0)?,
        owner: row.get(1)?,
        elsewhere: row.get(2)?,
        version: row.get(3)?,
        generation: row.get(4)?,
        begun: row.get(5)?,
        seen: row.get(6)?,
        ends: row.get(7)?,
        face: row.get(8)?,
        body: row.get(9)?,
    })
}
