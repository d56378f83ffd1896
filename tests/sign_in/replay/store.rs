//! A store in memory that does as a test wants, and whose rows the test sees.

use aura_host::store::{BlockingSessionStore, MemoryStore, StoreError};
use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession, Replaced,
    SessionRow, StoreFailed,
};
use std::sync::Mutex;

/// What a store does with a question.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Answers,
    Fails,
    /// Every replacement comes too late.
    Overtaken,
    /// Every key is taken.
    Full,
    /// Every user's sessions were ended.
    Revoked,
    /// Every row was written by somebody else.
    Foreign,
}

/// A store in memory, whose rows a test sees.
pub(super) struct Store {
    pub(super) memory: MemoryStore,
    pub(super) mood: Mood,
    pub(super) rows: Mutex<Vec<SessionRow>>,
}

impl Store {
    fn ask<T>(&self, ask: impl FnOnce(&MemoryStore) -> Result<T, StoreError>) -> Result<T, StoreFailed> {
        if self.mood == Mood::Fails { Err(StoreFailed) } else { ask(&self.memory).map_err(|_| StoreFailed) }
    }

    pub(super) fn load(&self, question: &LoadSession) -> Result<Loaded, StoreFailed> {
        let loaded = self.ask(|store| BlockingSessionStore::load(store, *question));
        if let Ok(Loaded::Found(row, _)) = &loaded {
            self.rows.lock().unwrap().push(row.clone());
        }
        match (loaded, self.mood) {
            (Ok(Loaded::Found(row, generation)), Mood::Revoked) => {
                Ok(Loaded::Found(row, generation.saturating_add(1)))
            }
            (Ok(Loaded::Found(mut row, generation)), Mood::Foreign) => {
                row.body = row.face.clone();
                Ok(Loaded::Found(row, generation))
            }
            (loaded, _) => loaded,
        }
    }

    pub(super) fn begin(&self, question: &BeginSession) -> Result<Begun, StoreFailed> {
        self.rows.lock().unwrap().push(question.row.clone());
        if self.mood == Mood::Full {
            return Ok(Begun::Taken);
        }
        self.ask(|store| BlockingSessionStore::begin(store, question.clone()))
    }

    pub(super) fn replace(&self, question: &ReplaceSession) -> Result<Replaced, StoreFailed> {
        self.rows.lock().unwrap().push(question.row.clone());
        if self.mood == Mood::Overtaken {
            return Ok(Replaced::Changed);
        }
        self.ask(|store| BlockingSessionStore::replace(store, question.clone()))
    }

    pub(super) fn end(&self, question: &EndSessions) -> Result<u64, StoreFailed> {
        self.ask(|store| BlockingSessionStore::end(store, question.clone()))
    }

    pub(super) fn list(&self, question: &ListSessions) -> Result<Listed, StoreFailed> {
        let listed = self.ask(|store| BlockingSessionStore::list(store, question.clone()));
        self.rows.lock().unwrap().extend(listed.iter().flat_map(|listed| listed.rows.clone()));
        listed
    }
}
