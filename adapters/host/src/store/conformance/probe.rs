//! A store under test, with short questions and expectations, and what the cases ask with.

use crate::store::{BlockingSessionStore, StoreError};
use crate::threads::{sync::Barrier, thread};
use crate::world::now;
use aura_proto::UnixTime;
use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey,
    ProviderSessionKey, ReplaceSession, Replaced, SessionKey, SessionRow,
};
use bytes::Bytes;
use std::fmt::Debug;
use std::time::Duration;

/// A store under test.
pub(super) struct Probe<'a> {
    pub(super) store: &'a dyn BlockingSessionStore,
    pub(super) case: &'static str,
    pub(super) rounds: u32,
}

impl Probe<'_> {
    #[track_caller]
    pub(super) fn same<T: PartialEq + Debug>(&self, what: &str, found: T, expected: T) {
        assert!(found == expected, "{}: {what}: expected {expected:?}, found {found:?}", self.case);
    }

    #[track_caller]
    pub(super) fn holds(&self, expected: &str, holds: bool) {
        assert!(holds, "{}: expected: {expected}", self.case);
    }

    #[track_caller]
    fn answered<T>(&self, answer: Result<T, StoreError>) -> T {
        answer.unwrap_or_else(|error| panic!("{}: expected an answer, the store failed: {error}", self.case))
    }

    #[track_caller]
    pub(super) fn ask(&self, question: BeginSession) -> Begun {
        self.answered(self.store.begin(question))
    }

    /// Begins a session, which has to begin.
    #[track_caller]
    pub(super) fn begin(&self, row: &SessionRow) {
        self.same("the beginning of a session", self.ask(BeginSession::new(row.clone())), Begun::Begun);
    }

    #[track_caller]
    pub(super) fn begin_all(&self, rows: &[&SessionRow]) {
        rows.iter().for_each(|row| self.begin(row));
    }

    #[track_caller]
    pub(super) fn load(&self, key: SessionKey, owner: OwnerKey) -> Option<(SessionRow, u64)> {
        match self.answered(self.store.load(LoadSession::new(key, owner))) {
            Loaded::Found(row, generation) => Some((row, generation)),
            Loaded::Absent => None,
        }
    }

    #[track_caller]
    pub(super) fn row(&self, row: &SessionRow) -> Option<SessionRow> {
        self.load(row.key, row.owner).map(|(row, _)| row)
    }

    #[track_caller]
    pub(super) fn is_there(&self, row: &SessionRow) -> bool {
        self.row(row).is_some()
    }

    /// Tells whether a session would be accepted: its row is there, of a generation that is not below its user's.
    #[track_caller]
    pub(super) fn is_live(&self, row: &SessionRow) -> bool {
        self.load(row.key, row.owner).is_some_and(|(row, generation)| row.generation >= generation)
    }

    #[track_caller]
    pub(super) fn expect_there(&self, rows: &[&SessionRow]) {
        for row in rows {
            self.holds("a session that nothing ended is there", self.is_there(row));
        }
    }

    #[track_caller]
    pub(super) fn expect_gone(&self, rows: &[&SessionRow]) {
        for row in rows {
            self.holds("a session that ended is gone", !self.is_there(row));
        }
    }

    #[track_caller]
    pub(super) fn replace(&self, question: ReplaceSession) -> Replaced {
        self.answered(self.store.replace(question))
    }

    #[track_caller]
    pub(super) fn end(&self, question: EndSessions) -> u64 {
        self.answered(self.store.end(question))
    }

    #[track_caller]
    pub(super) fn revoke(&self, owners: &[OwnerKey], generation: u64) -> u64 {
        self.end(EndSessions::Owner { owners: owners.to_vec(), generation })
    }

    #[track_caller]
    pub(super) fn end_elsewhere(&self, sessions: &[ProviderSessionKey], owners: &[OwnerKey]) -> u64 {
        self.end(EndSessions::Elsewhere { sessions: sessions.to_vec(), owners: owners.to_vec() })
    }

    #[track_caller]
    pub(super) fn list(&self, owners: &[OwnerKey]) -> Listed {
        self.answered(self.store.list(ListSessions::new(owners.to_vec())))
    }

    #[track_caller]
    pub(super) fn listed(&self, owners: &[OwnerKey]) -> Vec<SessionKey> {
        self.list(owners).rows.iter().map(|row| row.key).collect()
    }

    #[track_caller]
    pub(super) fn generation(&self, owner: OwnerKey) -> u64 {
        self.list(&[owner]).generation
    }

    #[track_caller]
    pub(super) fn sweep(&self, now: UnixTime, limit: u32) -> u64 {
        self.answered(self.store.sweep(now, limit))
    }

    /// Runs a race as often as the probe says.
    pub(super) fn rounds(&self, race: impl Fn()) {
        (0..self.rounds).for_each(|_| race());
    }
}

/// Does two things at once.
pub(super) fn both<A: Send, B>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    let start = Barrier::new(2);
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            start.wait();
            first()
        });
        start.wait();
        let second = second();
        match first.join() {
            Ok(first) => (first, second),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap_or_else(|error| panic!("the suite has no random bytes: {error}"));
    bytes
}

pub(super) fn key() -> SessionKey {
    SessionKey::from_bytes(random())
}

pub(super) fn owner() -> OwnerKey {
    OwnerKey::from_bytes(random())
}

pub(super) fn elsewhere() -> ProviderSessionKey {
    ProviderSessionKey::from_bytes(random())
}

/// Makes the row of a session of a user that begins now, with contents.
pub(super) fn row(owner: OwnerKey) -> SessionRow {
    let begun = now().whole_seconds();
    let mut row = SessionRow::new(key(), owner, begun, begun.saturating_add(Duration::from_secs(3600)));
    row.face = Bytes::from_static(b"a face\0\xff");
    row.body = Bytes::from_static(b"a body\0\xff");
    row
}

/// Makes the row of a session that began so many seconds ago.
pub(super) fn row_begun_ago(owner: OwnerKey, seconds: u64) -> SessionRow {
    let mut row = row(owner);
    row.begun = UnixTime::from_secs(row.begun.as_secs() - seconds);
    row.seen = row.begun;
    row
}

/// Makes the row of a session that began with a session at the provider.
pub(super) fn row_elsewhere(owner: OwnerKey, elsewhere: ProviderSessionKey) -> SessionRow {
    let mut row = row(owner);
    row.elsewhere = Some(elsewhere);
    row
}

/// Asks to replace a row by its next version.
pub(super) fn next(row: &SessionRow) -> ReplaceSession {
    let mut row = row.clone();
    row.version += 1;
    ReplaceSession::new(row)
}
