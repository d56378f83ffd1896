//! A model of a store of sessions: what the contract of each question says, and the mistakes that stores make.

use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, OwnerKey, ReplaceSession,
    Replaced, SessionKey, SessionRow,
};
use std::collections::BTreeMap;

/// A mistake of a store. Each is one that a store of a known library has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistake {
    /// A change inserts a row that is gone.
    InsertsOnReplace,
    /// A change is written whatever the version is.
    IgnoresVersion,
    /// A revocation deletes the rows of its index, and raises no generation.
    RevokesByIndexAlone,
    /// The generation of a session that begins is read after its row was inserted.
    ReadsGenerationLate,
    /// A revocation is forgotten when the user signs in again.
    ForgetsAtSignIn,
}

impl Mistake {
    /// Every mistake.
    pub const ALL: [Self; 5] = [
        Self::InsertsOnReplace,
        Self::IgnoresVersion,
        Self::RevokesByIndexAlone,
        Self::ReadsGenerationLate,
        Self::ForgetsAtSignIn,
    ];
}

/// A row, and which request wrote it last.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) row: SessionRow,
    pub(super) by: usize,
}

/// The rows and generations. Its index of users has lost the rows that it is told to lose, as indexes do.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) rows: BTreeMap<SessionKey, Kept>,
    pub(super) generations: BTreeMap<OwnerKey, u64>,
    pub(super) mistake: Option<Mistake>,
    /// The rows that no index has.
    pub(super) unlisted: Vec<SessionKey>,
    /// A row whose generation is still to be read.
    pub(super) unsettled: Option<SessionKey>,
}

impl Store {
    fn generation(&self, owner: &OwnerKey) -> u64 {
        self.generations.get(owner).copied().unwrap_or(0)
    }

    fn is(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    pub(super) fn load(&self, question: LoadSession) -> Loaded {
        match self.rows.get(&question.key) {
            Some(kept) => Loaded::Found(kept.row.clone(), self.generation(&question.owner)),
            None => Loaded::Absent,
        }
    }

    pub(super) fn begin(&mut self, question: BeginSession, by: usize) -> Begun {
        let BeginSession { mut row, replaces, .. } = question;
        if let Some(replaces) = replaces {
            self.rows.remove(&replaces);
        }
        if self.is(Mistake::ForgetsAtSignIn) {
            self.generations.remove(&row.owner);
        }
        row.generation = self.generation(&row.owner);
        if self.is(Mistake::ReadsGenerationLate) {
            self.unsettled = Some(row.key);
        }
        // The index loses what begins, too.
        self.unlisted.push(row.key);
        self.rows.insert(row.key, Kept { row, by });
        Begun::Begun
    }

    /// Reads the generation that a beginning left unread.
    pub(super) fn settle(&mut self) {
        let Some(key) = self.unsettled.take() else { return };
        let owner = self.rows.get(&key).map(|kept| kept.row.owner);
        let generation = owner.map_or(0, |owner| self.generation(&owner));
        if let Some(kept) = self.rows.get_mut(&key) {
            kept.row.generation = generation;
        }
    }

    pub(super) fn replace(&mut self, question: ReplaceSession, by: usize) -> Replaced {
        let ReplaceSession { version, mut row, generation, .. } = question;
        let Some(old) = self.rows.get(&row.key) else {
            if self.is(Mistake::InsertsOnReplace) {
                self.rows.insert(row.key, Kept { row, by });
                return Replaced::Replaced;
            }
            return Replaced::Gone;
        };
        if old.row.version != version && !self.is(Mistake::IgnoresVersion) {
            return Replaced::Changed;
        }
        row.generation = generation.unwrap_or(old.row.generation);
        row.begun = old.row.begun;
        self.rows.insert(row.key, Kept { row, by });
        Replaced::Replaced
    }

    pub(super) fn end(&mut self, question: &EndSessions) -> u64 {
        let before = self.rows.len();
        match question {
            EndSessions::One(key) => {
                self.rows.remove(key);
            }
            EndSessions::Elsewhere { sessions, owners } => self.rows.retain(|_, kept| {
                let is_named = kept.row.elsewhere.is_some_and(|elsewhere| sessions.contains(&elsewhere));
                !(is_named || kept.row.elsewhere.is_none() && owners.contains(&kept.row.owner))
            }),
            EndSessions::Owner { owners, generation } | EndSessions::Others { owners, generation } => {
                let highest = owners.iter().map(|owner| self.generation(owner)).max().unwrap_or(0);
                let raised = (highest + question.least_rise()).max(*generation);
                if !self.is(Mistake::RevokesByIndexAlone) {
                    self.generations.extend(owners.iter().map(|owner| (*owner, raised)));
                }
                let unlisted = self.unlisted.clone();
                self.rows.retain(|key, kept| {
                    unlisted.contains(key)
                        || !owners.contains(&kept.row.owner)
                        || kept.row.generation >= raised
                });
            }
        }
        (before - self.rows.len()) as u64
    }

    pub(super) fn list(&self, question: &ListSessions) -> Listed {
        let listed = self.rows.values().filter(|kept| {
            question.owners.contains(&kept.row.owner) && !self.unlisted.contains(&kept.row.key)
        });
        let rows = listed.map(|kept| kept.row.clone()).collect();
        let generation = question.owners.iter().map(|owner| self.generation(owner)).max().unwrap_or(0);
        Listed { rows, generation }
    }
}
