//! Sessions in memory: the races of the conformance suite, and the limit of rows.

use super::explore::{fails, holds, holds_always};
use crate::store::conformance::{CASES, Case};
use crate::store::{BlockingSessionStore, MemoryStore, StoreError};
use crate::threads::sync::{Mutex, MutexGuard};
use crate::threads::thread;
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey, ReplaceSession,
    Replaced, SessionKey, SessionRow,
};
use std::collections::BTreeMap;

/// The cases of the suite that race: those of the files `races` and `races_of_users`, which are the last ones.
const RACES: [&str; 15] = [
    "of_two_beginnings_with_one_key_one_begins",
    "of_two_replacements_of_a_version_one_replaces",
    "no_replacement_is_lost",
    "a_replacement_under_way_brings_no_ended_session_back",
    "a_replacement_under_way_brings_no_session_back_that_ended_elsewhere",
    "a_session_that_changes_its_names_outlives_no_end_elsewhere_of_both",
    "a_session_ends_once",
    "two_sessions_may_replace_the_same_one",
    "a_session_that_is_prolonged_is_not_swept",
    "a_revocation_ends_all_that_began_before_and_nothing_that_began_after",
    "a_replacement_under_way_outlives_no_revocation",
    "a_session_that_changes_its_user_outlives_no_revocation_of_both",
    "revocations_under_way_leave_one_generation_under_all_names",
    "a_revocation_under_way_lowers_no_generation",
    "at_most_holds_after_sessions_that_began_at_once",
];

/// A mistake of a store: what has to be done under one lock is done under two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// To look for a row of the key, and to insert one.
    Begin,
    /// To compare the version, and to write the row.
    Replace,
    /// To read the generations of a user, and to raise them.
    Raise,
    /// To look for what ends, and to delete it.
    End,
    /// To look for rows that have ended, and to delete them.
    Sweep,
}

/// Which case of the suite finds a mistake.
const FOUND: [(Mistake, &str); 6] = [
    (Mistake::Begin, "of_two_beginnings_with_one_key_one_begins"),
    (Mistake::Replace, "of_two_replacements_of_a_version_one_replaces"),
    (Mistake::Replace, "a_replacement_under_way_brings_no_ended_session_back"),
    (Mistake::Raise, "a_revocation_under_way_lowers_no_generation"),
    (Mistake::End, "a_session_ends_once"),
    (Mistake::Sweep, "a_session_that_is_prolonged_is_not_swept"),
];

fn case(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).unwrap()
}

#[test]
fn the_races_of_the_suite_hold_for_the_store_in_memory() {
    let races = CASES.iter().map(|case| case.name).skip_while(|name| *name != RACES[0]);
    assert_eq!(races.collect::<Vec<_>>(), RACES, "the races of the suite");
    for name in RACES {
        holds(name, move || case(name).run(&MemoryStore::default(), 1));
    }
}

#[test]
fn the_races_of_the_suite_find_every_mistake() {
    for (mistake, name) in FOUND {
        assert!(RACES.contains(&name));
        holds(&format!("plain: {name}"), move || case(name).run(&Plain::default(), 1));
        let story = move || case(name).run(&Plain { mistake: Some(mistake), ..Plain::default() }, 1);
        fails(&format!("{mistake:?}: {name}"), name, story);
    }
}

fn row(key: u8, owner: u8) -> SessionRow {
    let (begun, ends) = (UnixTime::from_secs(1_790_000_000), UnixTime::from_secs(1_790_003_600));
    SessionRow::new(SessionKey::from_bytes([key; 32]), OwnerKey::from_bytes([owner; 16]), begun, ends)
}

/// So many sessions begin at once in a store for one.
fn one_of(store: &dyn BlockingSessionStore, sessions: u8) {
    let begin = |key| store.begin(BeginSession::new(row(key, key))).is_ok();
    let begun = thread::scope(|scope| {
        let beginning: Vec<_> = (0..sessions).map(|key| scope.spawn(move || begin(key))).collect();
        beginning.into_iter().map(|one| one.join().unwrap()).filter(|begun| *begun).count()
    });
    assert_eq!(begun, 1, "how many begin");
    let is_there =
        |key| store.load(LoadSession::new(row(key, key).key, row(key, key).owner)).unwrap() != Loaded::Absent;
    assert_eq!((0..sessions).filter(|key| is_there(*key)).count(), 1, "how many are there");
}

#[test]
fn a_store_has_no_more_rows_than_its_limit() {
    let plain = |mistake| Plain { mistake, limit: Some(1), ..Plain::default() };
    holds_always("two sessions", || one_of(&MemoryStore::with_limit(1), 2));
    holds("three sessions", || one_of(&MemoryStore::with_limit(1), 3));
    holds("plain", move || one_of(&plain(None), 2));
    fails("begins apart", "how many begin", move || one_of(&plain(Some(Mistake::Begin)), 2));
}

/// While a user is revoked twice, another thread sees no generation that is lower than one before, and each revocation raises it.
#[test]
fn generations_never_fall() {
    let story = |store: &dyn BlockingSessionStore| {
        let owner = row(1, 1).owner;
        let generation = || store.list(ListSessions::new(vec![owner])).unwrap().generation;
        let revoke = || store.end(EndSessions::Owner { owners: vec![owner], generation: 0 }).unwrap();
        thread::scope(|scope| {
            scope.spawn(revoke);
            scope.spawn(revoke);
            let seen = [generation(), generation()];
            assert!(seen.is_sorted(), "generations fall: {seen:?}");
        });
        assert_eq!(generation(), 2, "how often the generation was raised");
    };
    holds("two revocations", move || story(&MemoryStore::default()));
    fails("raises apart", "how often the generation was raised", move || {
        story(&Plain { mistake: Some(Mistake::Raise), ..Plain::default() });
    });
}

/// Rows and generations, without indexes.
#[derive(Default)]
struct Plain {
    mistake: Option<Mistake>,
    limit: Option<usize>,
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    rows: BTreeMap<SessionKey, SessionRow>,
    generations: BTreeMap<OwnerKey, u64>,
}

impl Plain {
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap()
    }

    /// Returns the lock, after others may have had it where this is the mistake.
    fn between<'a>(&'a self, mistake: Mistake, tables: MutexGuard<'a, Tables>) -> MutexGuard<'a, Tables> {
        if self.mistake != Some(mistake) {
            return tables;
        }
        drop(tables);
        self.lock()
    }

    /// Deletes what a condition holds for, and counts it.
    fn delete(&self, mistake: Mistake, is_over: impl Fn(&SessionRow) -> bool) -> u64 {
        let tables = self.lock();
        let over: Vec<_> = tables.rows.values().filter(|row| is_over(row)).map(|row| row.key).collect();
        let mut tables = self.between(mistake, tables);
        over.iter().for_each(|key| drop(tables.rows.remove(key)));
        over.len() as u64
    }
}

impl Tables {
    fn highest(&self, owners: &[OwnerKey]) -> u64 {
        owners.iter().filter_map(|owner| self.generations.get(owner)).max().copied().unwrap_or_default()
    }
}

impl BlockingSessionStore for Plain {
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError> {
        let tables = self.lock();
        let generation = tables.highest(&[question.owner]);
        Ok(tables
            .rows
            .get(&question.key)
            .map_or(Loaded::Absent, |row| Loaded::Found(row.clone(), generation)))
    }

    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError> {
        let BeginSession { mut row, .. } = question;
        let tables = self.lock();
        if tables.rows.contains_key(&row.key) {
            return Ok(Begun::Taken);
        }
        if self.limit.is_some_and(|limit| tables.rows.len() >= limit) {
            return Err("it is full".into());
        }
        let mut tables = self.between(Mistake::Begin, tables);
        row.generation = tables.highest(&[row.owner]);
        tables.rows.insert(row.key, row);
        Ok(Begun::Begun)
    }

    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError> {
        let ReplaceSession { version, mut row, .. } = question;
        let tables = self.lock();
        let Some(old) = tables.rows.get(&row.key) else { return Ok(Replaced::Gone) };
        if old.version != version {
            return Ok(Replaced::Changed);
        }
        row.generation = old.generation;
        self.between(Mistake::Replace, tables).rows.insert(row.key, row);
        Ok(Replaced::Replaced)
    }

    fn end(&self, question: EndSessions) -> Result<u64, StoreError> {
        let rise = question.least_rise();
        Ok(match question {
            EndSessions::One(key) => self.delete(Mistake::End, |row| row.key == key),
            EndSessions::Elsewhere { .. } => return Err("no story has sessions elsewhere".into()),
            EndSessions::Owner { owners, generation } | EndSessions::Others { owners, generation } => {
                let tables = self.lock();
                let raised = generation.max(tables.highest(&owners) + rise);
                let mut tables = self.between(Mistake::Raise, tables);
                tables.generations.extend(owners.iter().map(|owner| (*owner, raised)));
                drop(tables);
                self.delete(Mistake::End, |row| owners.contains(&row.owner) && row.generation < raised)
            }
        })
    }

    fn list(&self, question: ListSessions) -> Result<Listed, StoreError> {
        let tables = self.lock();
        let rows = tables.rows.values().filter(|row| question.owners.contains(&row.owner)).cloned().collect();
        Ok(Listed { rows, generation: tables.highest(&question.owners) })
    }

    fn sweep(&self, now: UnixTime, _: u32) -> Result<u64, StoreError> {
        Ok(self.delete(Mistake::Sweep, |row| row.ends <= now))
    }
}
