//! The questions in Redis's commands. A row's script is what decides; what is done before and after it may be left undone.

use super::commands::{
    self, Fields, Sought, delete, elsewhere_key, name, owner_key, read, read_face, read_generation,
};
use super::{Link, scripts};
use aura_host::store::StoreError;
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, CountKey, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey,
    ProviderSessionKey, ReplaceSession, Replaced, SessionKey, SessionRow, SwapCount,
};
use redis::Pipeline;
use std::cmp::Reverse;
use std::collections::BTreeSet;

pub(super) async fn load(link: &impl Link, question: LoadSession) -> Result<Loaded, StoreError> {
    let mut commands = Pipeline::new();
    commands.add_command(read(&question.key)).add_command(read_generation(&question.owner));
    let (fields, generation): (Fields, Option<u64>) = link.send(commands).await?;
    let row = commands::row(question.key, fields)?;
    Ok(row.map_or(Loaded::Absent, |row| Loaded::Found(row, generation.unwrap_or_default())))
}

/// 1. The generation is read: a revocation from here on ends this session. 2. The indexes get the row before it is there, so
///    that no row lacks its entries; an entry without a row shows nothing. 3. The row is inserted. 4. Others are deleted.
pub(super) async fn begin(link: &impl Link, question: BeginSession) -> Result<Begun, StoreError> {
    let row = &question.row;
    let mut commands = Pipeline::new();
    commands.add_command(read_generation(&row.owner)).cmd("EXISTS").arg(commands::row_key(&row.key));
    let (generation, is_there): (Option<u64>, bool) = link.send(commands).await?;
    if is_there {
        return Ok(Begun::Taken);
    }
    let mut commands = Pipeline::new();
    commands::index(&mut commands, row, row.begun);
    link.send::<()>(commands).await?;
    let mut commands = Pipeline::new();
    commands.add_command(commands::begin(row, generation.unwrap_or_default()));
    let (is_inserted,): (bool,) = link.send(commands).await?;
    if !is_inserted {
        return Ok(Begun::Taken);
    }
    let mut displaced: Vec<_> = question.replaces.filter(|key| *key != row.key).into_iter().collect();
    if let Some(at_most) = question.at_most {
        let mut others = rows_of(link, &[row.owner]).await?;
        others.retain(|other| {
            other.key != row.key && !displaced.contains(&other.key) && other.ends > row.begun
        });
        let kept = usize::try_from(at_most.saturating_sub(1))?;
        displaced.extend(others.iter().skip(kept).map(|other| other.key));
    }
    delete_all(link, displaced, Sought::All).await?;
    Ok(Begun::Begun)
}

/// The indexes get the row before it is replaced. Entries under its names before stay until its end, and show nothing.
pub(super) async fn replace(link: &impl Link, question: ReplaceSession) -> Result<Replaced, StoreError> {
    let ReplaceSession { version, row, generation, .. } = question;
    let mut commands = Pipeline::new();
    commands::index(&mut commands, &row, UnixTime::from_secs(0));
    link.send::<()>(commands).await?;
    let mut commands = Pipeline::new();
    commands.add_command(commands::replace(&row, version, generation));
    match link.send(commands).await? {
        (2_u8,) => Ok(Replaced::Replaced),
        (1,) => Ok(Replaced::Changed),
        _ => Ok(Replaced::Gone),
    }
}

pub(super) async fn end(link: &impl Link, question: EndSessions) -> Result<u64, StoreError> {
    let rises = question.least_rise() > 0;
    match question {
        EndSessions::One(key) => delete_all(link, [key], Sought::All).await,
        EndSessions::Elsewhere { sessions, owners } => {
            let indexes = sessions.iter().map(elsewhere_key).chain(owners.iter().map(owner_key));
            let found = members(link, indexes).await?;
            delete_all(link, found, Sought::Elsewhere(&sessions, &owners)).await
        }
        EndSessions::Owner { owners, generation } | EndSessions::Others { owners, generation } => {
            let owners = unique(&owners);
            let raised = raise(link, &owners, generation, rises).await?;
            let found = members(link, owners.iter().map(owner_key)).await?;
            delete_all(link, found, Sought::Owner(&owners, raised)).await
        }
    }
}

pub(super) async fn list(link: &impl Link, question: ListSessions) -> Result<Listed, StoreError> {
    let owners = unique(&question.owners);
    let mut rows = rows_of(link, &owners).await?;
    rows.truncate(ListSessions::MAX);
    let mut commands = Pipeline::new();
    for owner in &owners {
        commands.add_command(read_generation(owner));
    }
    let generations: Vec<Option<u64>> = send_all(link, commands).await?;
    Ok(Listed { rows, generation: generations.into_iter().flatten().max().unwrap_or_default() })
}

pub(super) async fn get_count(link: &impl Link, key: CountKey) -> Result<Option<u64>, StoreError> {
    let mut commands = Pipeline::new();
    commands.add_command(commands::get_count(&key));
    let (number,) = link.send(commands).await?;
    Ok(number)
}

pub(super) async fn swap_count(link: &impl Link, swap: SwapCount) -> Result<bool, StoreError> {
    let mut commands = Pipeline::new();
    commands.add_command(commands::swap_count(&swap));
    let (is_swapped,) = link.send(commands).await?;
    Ok(is_swapped)
}

/// Raises all names to the highest generation that one of them got. Two revocations at once end with the same: each one raises
/// all names to what it saw, and no generation falls.
async fn raise(link: &impl Link, owners: &[OwnerKey], least: u64, rises: bool) -> Result<u64, StoreError> {
    let mut highest = least;
    for more in [if rises { "more" } else { "no more" }, "no more"] {
        let mut commands = Pipeline::new();
        for owner in owners {
            let mut command = commands::script(scripts::RAISE, commands::generation_key(owner));
            command.arg(highest).arg(more);
            commands.add_command(command);
        }
        let raised: Vec<u64> = send_all(link, commands).await?;
        highest = raised.into_iter().max().unwrap_or(highest).max(highest);
        if owners.len() < 2 {
            break;
        }
    }
    Ok(highest)
}

/// Reads the rows of users without their bodies, those that began last first.
async fn rows_of(link: &impl Link, owners: &[OwnerKey]) -> Result<Vec<SessionRow>, StoreError> {
    let keys = members(link, owners.iter().map(owner_key)).await?;
    let mut commands = Pipeline::new();
    for key in &keys {
        commands.add_command(read_face(key));
    }
    let fields: Vec<Fields> = send_all(link, commands).await?;
    let rows = keys.into_iter().zip(fields).map(|(key, fields)| commands::row(key, fields));
    let mut rows: Vec<_> = rows.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    // An index keeps a row that has another user since.
    rows.retain(|row| owners.contains(&row.owner));
    rows.sort_by_key(|row| Reverse((row.begun, row.key)));
    Ok(rows)
}

/// Returns the sessions that indexes name.
async fn members(
    link: &impl Link,
    indexes: impl Iterator<Item = Vec<u8>>,
) -> Result<BTreeSet<SessionKey>, StoreError> {
    let mut commands = Pipeline::new();
    for index in indexes {
        commands.cmd("ZRANGE").arg(index).arg(0).arg(-1);
    }
    let found: Vec<Vec<Vec<u8>>> = send_all(link, commands).await?;
    found.iter().flatten().map(|key| Ok(SessionKey::from_bytes(name(key)?))).collect()
}

/// Deletes the rows that are what was looked for, counts them, and drops their entries in the indexes.
async fn delete_all(
    link: &impl Link,
    found: impl IntoIterator<Item = SessionKey>,
    sought: Sought<'_>,
) -> Result<u64, StoreError> {
    let keys: Vec<_> = found.into_iter().collect();
    let mut commands = Pipeline::new();
    for key in &keys {
        commands.add_command(delete(key, sought));
    }
    let found: Vec<(bool, Vec<u8>, Vec<u8>)> = send_all(link, commands).await?;
    let mut commands = Pipeline::new();
    let mut deleted: u64 = 0;
    for (key, (_, owner, session)) in keys.iter().zip(found).filter(|(_, (is_deleted, ..))| *is_deleted) {
        deleted = deleted.saturating_add(1);
        let owner = OwnerKey::from_bytes(name(&owner)?);
        commands.cmd("ZREM").arg(owner_key(&owner)).arg(key.as_bytes()).ignore();
        if !session.is_empty() {
            let session = ProviderSessionKey::from_bytes(name(&session)?);
            commands.cmd("ZREM").arg(elsewhere_key(&session)).arg(key.as_bytes()).ignore();
        }
    }
    if deleted > 0 {
        link.send::<()>(commands).await?;
    }
    Ok(deleted)
}

/// Sends commands of which there may be none.
async fn send_all<T: redis::FromRedisValue + Send>(
    link: &impl Link,
    commands: Pipeline,
) -> Result<Vec<T>, StoreError> {
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    Ok(link.send(commands).await?)
}

fn unique<T: Copy + Ord>(names: &[T]) -> Vec<T> {
    names.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}
