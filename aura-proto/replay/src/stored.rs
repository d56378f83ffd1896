//! Answers of stores: as they were recorded, as a transcript shows them, and as a replay gives them again.

use crate::answer::{Row, What};
use crate::heard::Heard;
use crate::redact::{Json, Redactor};
use aura_proto::replay_door::{self, RowContents};
use aura_proto::store::{Begun, Counted, Listed, LoadSession, Loaded, Replaced, SessionRow, StoreFailed};
use aura_proto::{Action, Auth, Entropy, StoreQuestion, UnixTime};
use private::Noted;
use std::time::Duration;

/// What a store of sessions answers.
pub trait StoreAnswer: private::Sealed {}

impl<T: private::Sealed> StoreAnswer for T {}

pub(crate) mod private {
    /// What is kept of an answer.
    pub struct Noted(pub(crate) super::Heard);

    impl std::fmt::Debug for Noted {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Noted(..)")
        }
    }

    pub trait Sealed {
        /// Returns what is kept of the answer.
        fn noted(&self) -> Noted;
    }
}

impl private::Sealed for Loaded {
    fn noted(&self) -> Noted {
        Noted(match self {
            Self::Found(row, generation) => Heard::Found(Box::new(row.clone()), row.generation < *generation),
            Self::Absent => Heard::Told(What::Absent),
        })
    }
}

impl private::Sealed for Begun {
    fn noted(&self) -> Noted {
        Noted(Heard::Told(match self {
            Self::Begun => What::Begun,
            Self::Taken => What::Taken,
        }))
    }
}

impl private::Sealed for Replaced {
    fn noted(&self) -> Noted {
        Noted(Heard::Told(match self {
            Self::Replaced => What::Replaced,
            Self::Changed => What::Changed,
            Self::Gone => What::Gone,
        }))
    }
}

/// The number of rows that were deleted. Whether there were some is kept.
impl private::Sealed for u64 {
    fn noted(&self) -> Noted {
        Noted(Heard::Told(if *self == 0 { What::NoneDeleted } else { What::Deleted }))
    }
}

impl private::Sealed for Listed {
    fn noted(&self) -> Noted {
        Noted(Heard::Told(What::Listed))
    }
}

/// Returns what is kept of an answer about a limit; nothing where the request is allowed.
pub(crate) fn counted(answer: &Result<Counted, StoreFailed>) -> Option<What> {
    match answer {
        Ok(Counted::Allowed) => None,
        Ok(Counted::Refused { retry_after }) => Some(What::Throttled(retry_after.as_secs())),
        Err(StoreFailed) => Some(What::Uncounted),
    }
}

impl Row {
    /// Opens and redacts a row.
    pub(crate) fn shown(
        auth: &Auth,
        tickets: &[String],
        (row, revoked): (&SessionRow, bool),
        redactor: &mut Redactor,
    ) -> Self {
        let contents = replay_door::stored(auth).open_row(tickets.iter().map(String::as_str), row);
        let contents = contents.map(|contents| RowContents {
            claims: redactor.json(Json::Claims, contents.claims),
            tokens: contents.tokens.map(|tokens| redactor.json(Json::Claims, tokens)),
            ..contents
        });
        Self { seen: row.seen, ends: row.ends, revoked, contents }
    }

    /// Seals it again, for the ticket that the question is about.
    fn given(&self, again: &mut Again<'_>, question: LoadSession) -> Loaded {
        let texts = again.sealed.iter().map(String::as_str);
        let row = self.contents.as_ref().and_then(|contents| {
            let times = (self.seen, self.ends);
            replay_door::stored(again.auth).seal_row(texts, question, times, contents, &mut again.entropy)
        });
        // A row without contents does not open.
        let row = row.unwrap_or_else(|| SessionRow::new(question.key, question.owner, self.seen, self.ends));
        Loaded::Found(row, u64::from(self.revoked))
    }
}

/// What a replay makes rows with: the configuration, the protected values of the request, and what IVs are drawn from.
pub(crate) struct Again<'a> {
    pub(crate) auth: &'a Auth,
    pub(crate) sealed: Vec<String>,
    pub(crate) entropy: Entropy,
}

impl Again<'_> {
    /// Answers a question to a store of sessions, where what was recorded fits it.
    pub(crate) fn answer(&mut self, question: StoreQuestion, what: &What, now: UnixTime) -> Option<Action> {
        Some(match (question, what) {
            (StoreQuestion::Load(ask), What::StoreFailed) => ask.resume(Err(StoreFailed), now),
            (StoreQuestion::Begin(ask), What::StoreFailed) => ask.resume(Err(StoreFailed), now),
            (StoreQuestion::Replace(ask), What::StoreFailed) => ask.resume(Err(StoreFailed), now),
            (StoreQuestion::End(ask), What::StoreFailed) => ask.resume(Err(StoreFailed), now),
            (StoreQuestion::List(ask), What::StoreFailed) => ask.resume(Err(StoreFailed), now),
            (StoreQuestion::Load(ask), What::Found(row)) => {
                let loaded = row.given(self, *ask.question());
                ask.resume(Ok(loaded), now)
            }
            (StoreQuestion::Load(ask), What::Absent) => ask.resume(Ok(Loaded::Absent), now),
            (StoreQuestion::Begin(ask), What::Begun) => ask.resume(Ok(Begun::Begun), now),
            (StoreQuestion::Begin(ask), What::Taken) => ask.resume(Ok(Begun::Taken), now),
            (StoreQuestion::Replace(ask), What::Replaced) => ask.resume(Ok(Replaced::Replaced), now),
            (StoreQuestion::Replace(ask), What::Changed) => ask.resume(Ok(Replaced::Changed), now),
            (StoreQuestion::Replace(ask), What::Gone) => ask.resume(Ok(Replaced::Gone), now),
            (StoreQuestion::End(ask), What::Deleted) => ask.resume(Ok(1), now),
            (StoreQuestion::End(ask), What::NoneDeleted) => ask.resume(Ok(0), now),
            (StoreQuestion::List(ask), What::Listed) => ask.resume(Ok(Listed::default()), now),
            (_, _) => return None,
        })
    }
}

/// Returns what was answered about a limit, if this is such an answer.
pub(crate) fn count_given(what: &What) -> Option<Result<Counted, StoreFailed>> {
    if let What::Throttled(seconds) = what {
        return Some(Ok(Counted::Refused { retry_after: Duration::from_secs(*seconds) }));
    }
    (*what == What::Uncounted).then_some(Err(StoreFailed))
}
