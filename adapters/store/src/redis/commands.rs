//! Keys, rows and commands of the store in Redis.

use super::scripts;
use aura_host::store::StoreError;
use aura_proto::UnixTime;
use aura_proto::store::{CountKey, OwnerKey, ProviderSessionKey, SessionKey, SessionRow, SwapCount};
use bytes::Bytes;
use redis::{Cmd, Pipeline};
use std::time::Duration;

/// How much later than its end Redis deletes a row: its clock is not the host's.
const GRACE: Duration = Duration::from_secs(300);

/// The fields of a row, in the order that [`Fields`] has them.
const FIELDS: [&str; 9] =
    ["owner", "elsewhere", "version", "generation", "begun", "seen", "ends", "face", "body"];

/// The values of a row, each missing where there is none.
pub(super) type Fields = Vec<Option<Vec<u8>>>;

pub(super) fn row_key(key: &SessionKey) -> Vec<u8> {
    [b"aura:session:", key.as_bytes().as_slice()].concat()
}

pub(super) fn owner_key(owner: &OwnerKey) -> Vec<u8> {
    [b"aura:owner:", owner.as_bytes().as_slice()].concat()
}

pub(super) fn elsewhere_key(session: &ProviderSessionKey) -> Vec<u8> {
    [b"aura:elsewhere:", session.as_bytes().as_slice()].concat()
}

pub(super) fn generation_key(owner: &OwnerKey) -> Vec<u8> {
    [b"aura:generation:", owner.as_bytes().as_slice()].concat()
}

fn count_key(key: &CountKey) -> Vec<u8> {
    [b"aura:count:", key.as_bytes().as_slice()].concat()
}

pub(super) fn get_count(key: &CountKey) -> Cmd {
    let mut command = redis::cmd("GET");
    command.arg(count_key(key));
    command
}

pub(super) fn swap_count(swap: &SwapCount) -> Cmd {
    let mut command = script(scripts::SWAP, count_key(&swap.key));
    let old = swap.old.map(|number| number.to_string()).unwrap_or_default();
    command.arg(old).arg(swap.new).arg(expires(swap.expires));
    command
}

/// Runs a script. Its text is sent with each question, so that nothing depends on what a server has cached; it is shorter than a row.
pub(super) fn script(text: &'static str, key: Vec<u8>) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(text).arg(1).arg(key);
    command
}

pub(super) fn read(key: &SessionKey) -> Cmd {
    let mut command = redis::cmd("HMGET");
    command.arg(row_key(key)).arg(&FIELDS);
    command
}

/// Reads a row without its body.
pub(super) fn read_face(key: &SessionKey) -> Cmd {
    let mut command = redis::cmd("HMGET");
    command.arg(row_key(key)).arg(FIELDS.split_last().map_or(&FIELDS[..0], |(_, fields)| fields));
    command
}

pub(super) fn read_generation(owner: &OwnerKey) -> Cmd {
    let mut command = redis::cmd("GET");
    command.arg(generation_key(owner));
    command
}

pub(super) fn begin(row: &SessionRow, generation: u64) -> Cmd {
    let mut command = script(scripts::BEGIN, row_key(&row.key));
    command.arg(expires(row.ends));
    write(&mut command, row);
    command.arg("begun").arg(row.begun.as_millis()).arg("generation").arg(generation);
    command
}

pub(super) fn replace(row: &SessionRow, version: u64, generation: Option<u64>) -> Cmd {
    let mut command = script(scripts::REPLACE, row_key(&row.key));
    command.arg(expires(row.ends)).arg(version);
    write(&mut command, row);
    if let Some(generation) = generation {
        command.arg("generation").arg(generation);
    }
    command
}

fn write(command: &mut Cmd, row: &SessionRow) {
    command.arg("owner").arg(row.owner.as_bytes());
    command.arg("elsewhere").arg(row.elsewhere.as_ref().map_or(&[][..], |session| session.as_bytes()));
    command.arg("version").arg(row.version);
    command.arg("seen").arg(row.seen.as_millis()).arg("ends").arg(row.ends.as_millis());
    command.arg("face").arg(&row.face[..]).arg("body").arg(&row.body[..]);
}

/// Adds a row to its indexes. What ended before `now` leaves them.
pub(super) fn index(commands: &mut Pipeline, row: &SessionRow, now: UnixTime) {
    let keys = [Some(owner_key(&row.owner)), row.elsewhere.as_ref().map(elsewhere_key)];
    for key in keys.into_iter().flatten() {
        let mut command = script(scripts::INDEX, key);
        command.arg(expires(row.ends)).arg(row.key.as_bytes()).arg(now.as_millis());
        commands.add_command(command);
    }
}

/// Which rows are deleted of those that were found.
#[derive(Clone, Copy)]
pub(super) enum Sought<'a> {
    All,
    /// Those of one of these sessions at the provider, and those of these users that name none.
    Elsewhere(&'a [ProviderSessionKey], &'a [OwnerKey]),
    /// Those of these users of a lower generation.
    Owner(&'a [OwnerKey], u64),
}

pub(super) fn delete(key: &SessionKey, sought: Sought<'_>) -> Cmd {
    let mut command = script(scripts::DELETE, row_key(key));
    let (why, generation, sessions, owners) = match sought {
        Sought::All => ("one", 0, &[][..], &[][..]),
        Sought::Elsewhere(sessions, owners) => ("elsewhere", 0, sessions, owners),
        Sought::Owner(owners, generation) => ("owner", generation, &[][..], owners),
    };
    command.arg(why).arg(generation).arg(sessions.len());
    for session in sessions {
        command.arg(session.as_bytes());
    }
    for owner in owners {
        command.arg(owner.as_bytes());
    }
    command
}

/// The moment when Redis deletes what ends then. It has no larger number.
fn expires(ends: UnixTime) -> i64 {
    i64::try_from(ends.saturating_add(GRACE).as_millis()).unwrap_or(i64::MAX)
}

/// Reads the fields of a row, with or without its body. Where there is no row, there is no version.
pub(super) fn row(key: SessionKey, fields: Fields) -> Result<Option<SessionRow>, StoreError> {
    let mut fields = fields.into_iter();
    let mut next = || fields.next().flatten();
    let (Some(owner), elsewhere, Some(version)) = (next(), next(), next()) else { return Ok(None) };
    let (generation, begun, seen, ends) = (next(), next(), next(), next());
    let millis = |text| number(text).map(UnixTime::from_millis);
    let mut row = SessionRow::new(key, OwnerKey::from_bytes(name(&owner)?), millis(begun)?, millis(ends)?);
    row.elsewhere = match elsewhere.filter(|name| !name.is_empty()) {
        Some(session) => Some(ProviderSessionKey::from_bytes(name(&session)?)),
        None => None,
    };
    row.version = number(Some(version))?;
    row.generation = number(generation)?;
    row.seen = millis(seen)?;
    row.face = Bytes::from(next().unwrap_or_default());
    row.body = Bytes::from(next().unwrap_or_default());
    Ok(Some(row))
}

pub(super) fn name<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StoreError> {
    Ok(<[u8; N]>::try_from(bytes)?)
}

fn number(text: Option<Vec<u8>>) -> Result<u64, StoreError> {
    Ok(std::str::from_utf8(&text.ok_or("a row has no such number")?)?.parse()?)
}
