//! A store in memory and a provider, each of which fails when a step says so.
#![expect(clippy::wildcard_enum_match_arm, reason = "every other exchange asks for the user")]

use crate::play::{Kind, fetched};
use crate::site::json;
use aura_host::store::{BlockingSessionStore, MemoryStore, StoreError};
use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession, Replaced,
};
use aura_proto::{Fetch, FetchError, UnixTime};
use aura_tests::{Outcome, World};
use bytes::Bytes;
use std::sync::Mutex;

/// How long an access token lives, in seconds.
const LIFE: u64 = 600;

/// Questions to the store that fail, and whether the store carries them out all the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    /// The first of them, of a request's.
    pub(crate) at: usize,
    pub(crate) is_carried_out: bool,
    pub(crate) lasts: Lasts,
}

/// How long a store fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lasts {
    OneQuestion,
    UntilTheEnd,
}

/// How a provider fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unwell {
    Unreachable,
    Status500,
    Malformed,
}

/// What happened in a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Report {
    /// The first question at which the store failed.
    pub(crate) store_failed: Option<Question>,
    /// Whether the store carried a question out that may end sessions.
    pub(crate) may_have_ended: bool,
    /// The exchange that failed.
    pub(crate) provider_failed: Option<(Kind, Unwell)>,
}

/// A store in memory, some of whose answers may be failures.
#[derive(Debug, Default)]
pub(crate) struct Store {
    rows: MemoryStore,
    state: Mutex<(Option<Failure>, Report)>,
}

/// A kind of question to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    Load,
    Begin,
    Replace,
    End,
    List,
}

impl Store {
    /// Begins a request.
    pub(crate) fn begin_request(&self, failure: Option<Failure>) {
        *self.state.lock().unwrap() = (failure, Report::default());
    }

    /// Ends a request, and tells what happened in it.
    pub(crate) fn end_request(&self) -> Report {
        std::mem::take(&mut *self.state.lock().unwrap()).1
    }

    /// Answers a question, or fails.
    fn ask<T>(
        &self,
        question: Question,
        carry_out: impl FnOnce(&MemoryStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.state.lock().unwrap();
        let (failure, report) = &mut *state;
        let failing = match failure.as_mut() {
            Some(later) if later.at > 0 => {
                later.at -= 1;
                None
            }
            failing => failing.copied(),
        };
        if failing.is_some_and(|failing| failing.lasts == Lasts::OneQuestion) {
            *failure = None;
        }
        report.store_failed = report.store_failed.or(failing.map(|_| question));
        if failing.is_some_and(|failing| !failing.is_carried_out) {
            return Err("the store fails".into());
        }
        report.may_have_ended |= matches!(question, Question::Begin | Question::End);
        let answer = carry_out(&self.rows)?;
        if failing.is_some() { Err("the store fails".into()) } else { Ok(answer) }
    }
}

impl BlockingSessionStore for Store {
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError> {
        self.ask(Question::Load, |rows| BlockingSessionStore::load(rows, question))
    }

    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError> {
        self.ask(Question::Begin, |rows| BlockingSessionStore::begin(rows, question))
    }

    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError> {
        self.ask(Question::Replace, |rows| BlockingSessionStore::replace(rows, question))
    }

    fn end(&self, question: EndSessions) -> Result<u64, StoreError> {
        self.ask(Question::End, |rows| BlockingSessionStore::end(rows, question))
    }

    fn list(&self, question: ListSessions) -> Result<Listed, StoreError> {
        self.ask(Question::List, |rows| BlockingSessionStore::list(rows, question))
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> Result<u64, StoreError> {
        BlockingSessionStore::sweep(&self.rows, now, limit)
    }
}

/// The world around a request: the store, and a provider that knows one user.
pub(crate) struct Around<'a> {
    pub(crate) store: &'a Store,
    pub(crate) user: &'static str,
    /// The kind of exchange that fails, and how.
    pub(crate) unwell: Option<(Kind, Unwell)>,
}

impl World for Around<'_> {
    fn fetch(&mut self, purpose: Kind, _fetch: &Fetch) -> Outcome {
        if let Some((_, how)) = self.unwell.filter(|(kind, _)| *kind == purpose) {
            self.store.state.lock().unwrap().1.provider_failed = Some((purpose, how));
            return fetched(match how {
                Unwell::Unreachable => Err(FetchError::Unreachable),
                Unwell::Status500 => Ok((500, "text/html".to_owned(), Bytes::from_static(b"<p>It fails."))),
                Unwell::Malformed => json("{"),
            });
        }
        fetched(json(&match purpose {
            Kind::Token => format!(
                r#"{{"access_token":"given-access-token","refresh_token":"given-refresh-token","expires_in":{LIFE}}}"#
            ),
            _ => format!(r#"{{"id":"{}","name":"A name"}}"#, self.user),
        }))
    }

    fn store(&mut self) -> Option<&dyn BlockingSessionStore> {
        Some(self.store)
    }
}
