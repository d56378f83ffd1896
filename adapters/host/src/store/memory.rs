//! Store of sessions in the memory of one process, with a limit of rows.

use super::{BlockingSessionStore, SessionStore, StoreError, StoreFuture};
use crate::threads::sync::{Arc, Mutex, MutexGuard, PoisonError};
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey,
    ProviderSessionKey, ReplaceSession, Replaced, SessionKey, SessionRow,
};
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// Default limit of rows.
const LIMIT: usize = 100_000;
/// How many ended rows the beginning of a session deletes at most. It is more than one, so that they become fewer.
const TIDIED: usize = 4;

/// Sessions in memory: for one process, until it ends. Clones are the same store.
///
/// It keeps at most a limit of rows, by default 100,000. In a full store, ended sessions make room for one that begins;
/// where there are none, the beginning fails, and every live session stays.
///
/// ```
/// use aura_host::store::{BlockingSessionStore, MemoryStore};
/// use aura_proto::UnixTime;
/// use aura_proto::store::{BeginSession, Begun, LoadSession, Loaded, OwnerKey, SessionKey, SessionRow};
///
/// let store = MemoryStore::default();
/// let (key, owner) = (SessionKey::from_bytes([1; 32]), OwnerKey::from_bytes([2; 16]));
/// let row = SessionRow::new(key, owner, UnixTime::from_secs(1_790_000_000), UnixTime::from_secs(1_790_003_600));
/// assert_eq!(BlockingSessionStore::begin(&store, BeginSession::new(row.clone()))?, Begun::Begun);
/// assert_eq!(BlockingSessionStore::load(&store.clone(), LoadSession::new(key, owner))?, Loaded::Found(row, 0));
/// # Ok::<(), aura_host::store::StoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryStore {
    limit: usize,
    tables: Arc<Mutex<Tables>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_limit(LIMIT)
    }
}

impl MemoryStore {
    /// Makes an empty store for this many sessions.
    ///
    /// ```
    /// use aura_host::store::{BlockingSessionStore, MemoryStore};
    /// use aura_proto::UnixTime;
    /// use aura_proto::store::{BeginSession, OwnerKey, SessionKey, SessionRow};
    ///
    /// let store = MemoryStore::with_limit(1);
    /// let begin = |key, begun, ends| {
    ///     let (begun, ends) = (UnixTime::from_secs(begun), UnixTime::from_secs(ends));
    ///     let row = SessionRow::new(SessionKey::from_bytes([key; 32]), OwnerKey::from_bytes([0; 16]), begun, ends);
    ///     BlockingSessionStore::begin(&store, BeginSession::new(row))
    /// };
    /// assert!(begin(1, 100, 200).is_ok());
    /// assert!(begin(2, 150, 250).is_err(), "the first has not ended");
    /// assert!(begin(2, 200, 300).is_ok(), "the first has ended");
    /// ```
    pub fn with_limit(limit: usize) -> Self {
        Self { limit, tables: Arc::default() }
    }

    /// Nothing panics while it holds the lock but the allocator.
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a store in memory cannot answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum MemoryStoreError {
    #[error("the store in memory has {0} sessions that have not ended, which is its limit")]
    Full(usize),
    #[error("the user's generation is the largest number")]
    Generation,
}

impl BlockingSessionStore for MemoryStore {
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError> {
        let tables = self.lock();
        let found = tables.rows.get(&question.key).cloned();
        Ok(found.map_or(Loaded::Absent, |row| Loaded::Found(row, tables.generation(&question.owner))))
    }

    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError> {
        let BeginSession { mut row, replaces, at_most, .. } = question;
        let mut tables = self.lock();
        if tables.rows.contains_key(&row.key) {
            return Ok(Begun::Taken);
        }
        tables.sweep(row.begun, TIDIED);
        // The rows that this session displaces make room, too, but only where it then begins.
        let displaced = tables.displaced(&row, replaces, at_most);
        if tables.rows.len().saturating_sub(displaced.len()) >= self.limit {
            return Err(MemoryStoreError::Full(self.limit).into());
        }
        for key in &displaced {
            tables.remove(key);
        }
        row.generation = tables.generation(&row.owner);
        tables.insert(row);
        Ok(Begun::Begun)
    }

    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError> {
        let ReplaceSession { version, mut row, generation, .. } = question;
        let mut tables = self.lock();
        let Some(old) = tables.rows.get(&row.key) else { return Ok(Replaced::Gone) };
        if old.version != version {
            return Ok(Replaced::Changed);
        }
        row.begun = old.begun;
        row.generation = generation.unwrap_or(old.generation);
        tables.remove(&row.key);
        tables.insert(row);
        Ok(Replaced::Replaced)
    }

    fn end(&self, question: EndSessions) -> Result<u64, StoreError> {
        let mut tables = self.lock();
        let rise = question.least_rise();
        let ended: Vec<_> = match question {
            EndSessions::One(key) => vec![key],
            EndSessions::Elsewhere { sessions, owners } => tables.of_provider_sessions(&sessions, &owners),
            EndSessions::Owner { owners, generation } | EndSessions::Others { owners, generation } => {
                let raised = tables.raise(&owners, generation, rise).ok_or(MemoryStoreError::Generation)?;
                tables.forget_generations(self.limit);
                tables.of_owners(&owners).filter(|row| row.generation < raised).map(|row| row.key).collect()
            }
        };
        let count = ended.iter().filter(|key| tables.remove(key).is_some()).count();
        Ok(u64::try_from(count)?)
    }

    fn list(&self, question: ListSessions) -> Result<Listed, StoreError> {
        let tables = self.lock();
        let mut found: Vec<_> = unique(&question.owners)
            .into_iter()
            .filter_map(|owner| tables.owners.get(&owner))
            .flat_map(|keys| keys.iter().rev().take(ListSessions::MAX))
            .collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(ListSessions::MAX);
        let rows = found.into_iter().filter_map(|(_, key)| tables.rows.get(key).cloned()).collect();
        Ok(Listed { rows, generation: tables.highest_generation(&question.owners) })
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> Result<u64, StoreError> {
        let swept = self.lock().sweep(now, usize::try_from(limit)?);
        Ok(u64::try_from(swept)?)
    }
}

/// The lock is held for a few look-ups, so the futures never wait.
impl SessionStore for MemoryStore {
    fn load(&self, question: LoadSession) -> StoreFuture<'_, Loaded> {
        Box::pin(async move { BlockingSessionStore::load(self, question) })
    }

    fn begin(&self, question: BeginSession) -> StoreFuture<'_, Begun> {
        Box::pin(async move { BlockingSessionStore::begin(self, question) })
    }

    fn replace(&self, question: ReplaceSession) -> StoreFuture<'_, Replaced> {
        Box::pin(async move { BlockingSessionStore::replace(self, question) })
    }

    fn end(&self, question: EndSessions) -> StoreFuture<'_, u64> {
        Box::pin(async move { BlockingSessionStore::end(self, question) })
    }

    fn list(&self, question: ListSessions) -> StoreFuture<'_, Listed> {
        Box::pin(async move { BlockingSessionStore::list(self, question) })
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> StoreFuture<'_, u64> {
        Box::pin(async move { BlockingSessionStore::sweep(self, now, limit) })
    }
}

/// The rows, their indexes, and the generations of the users who were revoked.
#[derive(Debug, Default)]
struct Tables {
    rows: HashMap<SessionKey, SessionRow>,
    owners: HashMap<OwnerKey, BTreeSet<(UnixTime, SessionKey)>>,
    elsewhere: HashMap<ProviderSessionKey, BTreeSet<SessionKey>>,
    ends: BTreeSet<(UnixTime, SessionKey)>,
    generations: HashMap<OwnerKey, u64>,
}

impl Tables {
    fn insert(&mut self, row: SessionRow) {
        self.owners.entry(row.owner).or_default().insert((row.begun, row.key));
        if let Some(elsewhere) = row.elsewhere {
            self.elsewhere.entry(elsewhere).or_default().insert(row.key);
        }
        self.ends.insert((row.ends, row.key));
        self.rows.insert(row.key, row);
    }

    fn remove(&mut self, key: &SessionKey) -> Option<SessionRow> {
        let row = self.rows.remove(key)?;
        remove_from(&mut self.owners, &row.owner, &(row.begun, row.key));
        if let Some(elsewhere) = &row.elsewhere {
            remove_from(&mut self.elsewhere, elsewhere, &row.key);
        }
        self.ends.remove(&(row.ends, row.key));
        Some(row)
    }

    fn sweep(&mut self, now: UnixTime, limit: usize) -> usize {
        let ended: Vec<_> =
            self.ends.iter().take_while(|(ends, _)| *ends <= now).take(limit).map(|(_, key)| *key).collect();
        ended.iter().filter(|key| self.remove(key).is_some()).count()
    }

    /// Finds the rows that a session deletes when it begins. It does not delete itself, even where it began before others.
    fn displaced(
        &self,
        row: &SessionRow,
        replaces: Option<SessionKey>,
        at_most: Option<u32>,
    ) -> BTreeSet<SessionKey> {
        let mut displaced: BTreeSet<_> =
            replaces.filter(|key| self.rows.contains_key(key)).into_iter().collect();
        let Some(at_most) = at_most else { return displaced };
        let others = at_most.saturating_sub(1).try_into().unwrap_or(usize::MAX);
        let live = self
            .of_owners(&[row.owner])
            .filter(|other| other.ends > row.begun && Some(other.key) != replaces)
            .map(|other| other.key);
        let oldest: Vec<_> = live.skip(others).collect();
        displaced.extend(oldest);
        displaced
    }

    /// Returns the rows of users, for each user those that began last first.
    fn of_owners(&self, owners: &[OwnerKey]) -> impl Iterator<Item = &SessionRow> + use<'_> {
        unique(owners)
            .into_iter()
            .filter_map(|owner| self.owners.get(&owner))
            .flat_map(|keys| keys.iter().rev())
            .filter_map(|(_, key)| self.rows.get(key))
    }

    fn of_provider_sessions(&self, sessions: &[ProviderSessionKey], owners: &[OwnerKey]) -> Vec<SessionKey> {
        let named = sessions.iter().filter_map(|session| self.elsewhere.get(session)).flatten().copied();
        let unnamed = self.of_owners(owners).filter(|row| row.elsewhere.is_none()).map(|row| row.key);
        named.chain(unnamed).collect()
    }

    fn generation(&self, owner: &OwnerKey) -> u64 {
        self.generations.get(owner).copied().unwrap_or_default()
    }

    fn highest_generation(&self, owners: &[OwnerKey]) -> u64 {
        owners.iter().map(|owner| self.generation(owner)).max().unwrap_or_default()
    }

    fn raise(&mut self, owners: &[OwnerKey], least: u64, rise: u64) -> Option<u64> {
        let raised = if owners.is_empty() {
            least
        } else {
            least.max(self.highest_generation(owners).checked_add(rise)?)
        };
        self.generations.extend(owners.iter().map(|owner| (*owner, raised)));
        Some(raised)
    }

    /// Bounds the generations. A user without rows needs none: what was revoked is deleted, and a session that begins is
    /// inserted under the same lock that its generation is read under.
    fn forget_generations(&mut self, limit: usize) {
        if self.generations.len() > limit.saturating_mul(2) {
            let owners = &self.owners;
            self.generations.retain(|owner, _| owners.contains_key(owner));
        }
    }
}

fn unique(owners: &[OwnerKey]) -> BTreeSet<OwnerKey> {
    owners.iter().copied().collect()
}

fn remove_from<K: Eq + Hash, V: Ord>(index: &mut HashMap<K, BTreeSet<V>>, key: &K, value: &V) {
    if let Some(values) = index.get_mut(key) {
        values.remove(value);
        if values.is_empty() {
            index.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_store_drops_ended_sessions_and_no_live_one() {
        let store = MemoryStore::with_limit(3);
        for key in 0..3 {
            assert_eq!(begin(&store, key, 100, 200 + u64::from(key)).unwrap(), Begun::Begun);
        }
        assert!(begin(&store, 3, 199, 300).is_err());
        assert_eq!(lock(&store).rows.len(), 3);
        assert_eq!(begin(&store, 3, 201, 300).unwrap(), Begun::Begun);
        assert_eq!(lock(&store).rows.len(), 2, "two had ended");
    }

    #[test]
    fn a_session_that_replaces_another_begins_in_a_full_store() {
        let store = MemoryStore::with_limit(1);
        begin(&store, 0, 100, 200).unwrap();
        let mut question = question(1, 100, 200);
        question.replaces = Some(SessionKey::from_bytes([0; 32]));
        assert_eq!(BlockingSessionStore::begin(&store, question).unwrap(), Begun::Begun);
        assert_eq!(lock(&store).rows.len(), 1);
    }

    #[test]
    fn indexes_hold_nothing_of_sessions_that_are_gone() {
        let store = MemoryStore::default();
        let question = question(1, 100, 200);
        let key = question.row.key;
        BlockingSessionStore::begin(&store, question).unwrap();
        assert_eq!(BlockingSessionStore::end(&store, EndSessions::One(key)).unwrap(), 1);
        let tables = lock(&store);
        assert!(tables.rows.is_empty() && tables.owners.is_empty());
        assert!(tables.elsewhere.is_empty() && tables.ends.is_empty());
    }

    #[test]
    fn generations_of_users_without_sessions_are_bounded() {
        let store = MemoryStore::with_limit(4);
        begin(&store, 0, 100, 200).unwrap();
        for owner in 0..100 {
            let owners = vec![OwnerKey::from_bytes([owner; 16])];
            BlockingSessionStore::end(&store, EndSessions::Owner { owners, generation: 1 }).unwrap();
            assert!(lock(&store).generations.len() <= 9);
        }
    }

    fn lock(store: &MemoryStore) -> MutexGuard<'_, Tables> {
        store.lock()
    }

    fn begin(store: &MemoryStore, key: u8, begun: u64, ends: u64) -> Result<Begun, StoreError> {
        BlockingSessionStore::begin(store, question(key, begun, ends))
    }

    fn question(key: u8, begun: u64, ends: u64) -> BeginSession {
        let (begun, ends) = (UnixTime::from_secs(begun), UnixTime::from_secs(ends));
        let mut row =
            SessionRow::new(SessionKey::from_bytes([key; 32]), OwnerKey::from_bytes([7; 16]), begun, ends);
        row.elsewhere = Some(ProviderSessionKey::from_bytes([8; 16]));
        BeginSession::new(row)
    }
}
