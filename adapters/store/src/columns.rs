//! Columns of SQL, whose integers have a sign.

use aura_host::store::StoreError;
use aura_proto::UnixTime;
use aura_proto::store::{EndSessions, OwnerKey, ProviderSessionKey, SessionKey, SessionRow, SwapCount};
use bytes::Bytes;
use std::time::Duration;

/// How much later than its end a count is deleted: the difference of the instances' clocks.
const GRACE: Duration = Duration::from_secs(300);

/// A swap of counts as SQL takes it.
pub(crate) struct Swap {
    pub(crate) key: Vec<u8>,
    pub(crate) old: Option<i64>,
    pub(crate) new: i64,
    pub(crate) expires: i64,
    /// What expired before it may be deleted.
    pub(crate) tidied: i64,
}

impl Swap {
    pub(crate) fn of(swap: &SwapCount) -> Result<Self, StoreError> {
        let now = millis(swap.now).unwrap_or(i64::MAX);
        Ok(Self {
            key: swap.key.as_bytes().to_vec(),
            old: swap.old.map(i64::try_from).transpose()?,
            new: i64::try_from(swap.new)?,
            expires: millis(swap.expires)?,
            tidied: now.saturating_sub(i64::try_from(GRACE.as_millis())?),
        })
    }
}

/// A row as SQL keeps it, but for its key.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    pub(crate) key: Vec<u8>,
    pub(crate) owner: Vec<u8>,
    pub(crate) elsewhere: Option<Vec<u8>>,
    pub(crate) version: i64,
    pub(crate) generation: i64,
    pub(crate) begun: i64,
    pub(crate) seen: i64,
    pub(crate) ends: i64,
    pub(crate) face: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Columns {
    /// Writes a row, without its generation, which the store supplies. What does not fit is an error.
    pub(crate) fn of(row: &SessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            key: row.key.as_bytes().to_vec(),
            owner: row.owner.as_bytes().to_vec(),
            elsewhere: row.elsewhere.map(|elsewhere| elsewhere.as_bytes().to_vec()),
            version: i64::try_from(row.version)?,
            generation: 0,
            begun: millis(row.begun)?,
            seen: millis(row.seen)?,
            ends: millis(row.ends)?,
            face: row.face.to_vec(),
            body: row.body.to_vec(),
        })
    }

    /// Reads a row. What the core did not write is an error.
    pub(crate) fn row(self) -> Result<SessionRow, StoreError> {
        let key = SessionKey::from_bytes(name(&self.key)?);
        let (begun, ends) = (time(self.begun)?, time(self.ends)?);
        let mut row = SessionRow::new(key, OwnerKey::from_bytes(name(&self.owner)?), begun, ends);
        row.elsewhere =
            self.elsewhere.map(|bytes| name(&bytes).map(ProviderSessionKey::from_bytes)).transpose()?;
        row.version = u64::try_from(self.version)?;
        row.generation = u64::try_from(self.generation)?;
        row.seen = time(self.seen)?;
        row.face = Bytes::from(self.face);
        row.body = Bytes::from(self.body);
        Ok(row)
    }
}

pub(crate) fn millis(time: UnixTime) -> Result<i64, StoreError> {
    Ok(i64::try_from(time.as_millis())?)
}

fn time(millis: i64) -> Result<UnixTime, StoreError> {
    Ok(UnixTime::from_millis(u64::try_from(millis)?))
}

fn name<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StoreError> {
    Ok(<[u8; N]>::try_from(bytes)?)
}

/// The generation that a question raises a user's to: `least`, or what it is and the least rise.
pub(crate) fn raised(highest: i64, least: u64, question: &EndSessions) -> Result<i64, StoreError> {
    let (least, rise) = (i64::try_from(least)?, i64::try_from(question.least_rise())?);
    let next =
        highest.checked_add(rise).ok_or("the user's generation is the largest number of the column")?;
    Ok(next.max(least))
}
