//! What is there beside the core? Everything that decides what can happen next, and nothing else.

use crate::jar::Jar;
use crate::provider::{Codes, Provider};
use std::collections::{BTreeMap, BTreeSet};

/// Who sits in front of a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Person {
    /// The one whose account it is about.
    Victim,
    /// The one who is after it.
    Attacker,
}

impl Person {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Victim, Self::Attacker];

    /// The account at every provider.
    pub const fn account(self) -> &'static str {
        match self {
            Self::Victim => "victim",
            Self::Attacker => "attacker",
        }
    }
}

/// A browser, and what its person did with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Browser {
    /// Its cookies for the site.
    pub jar: Jar,
    /// The authorization requests that wait in its tabs.
    pub tabs: Vec<Tab>,
    /// The sign-ins that were begun here, by their states.
    pub begun: BTreeMap<String, Attempt>,
    /// Whether the person signed out, and did not sign in since.
    pub signed_out: bool,
}

/// An authorization request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tab {
    /// Whom it was sent to.
    pub provider: Provider,
    /// Its state.
    pub state: String,
    /// Its nonce.
    pub nonce: String,
}

/// A sign-in that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// At whom.
    pub provider: Provider,
    /// When.
    pub at: u64,
    /// Whether its code was exchanged.
    pub exchanged: bool,
}

/// An authorization response, which its receiver may send anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// Whose callback it leads to.
    pub provider: Provider,
    /// Its code.
    pub code: String,
    /// Its state.
    pub state: String,
    /// Who says that it answers, if it is said: the honest provider says nothing, so that the rest must hold alone.
    pub iss: Option<String>,
}

/// A session that the site began.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// By whose word.
    pub provider: Provider,
    /// Whose.
    pub sub: String,
    /// When it ends.
    pub ends: u64,
}

/// Everything outside of the core.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The victim's browser and the attacker's.
    pub browsers: [Browser; 2],
    /// The authorization responses, which the attacker sees: URLs leak.
    pub answers: Vec<Answer>,
    /// What the providers remember.
    pub codes: Codes,
    /// The sessions that the site began, by their cookies' values.
    pub sessions: BTreeMap<String, Session>,
    /// The time.
    pub now: u64,
    /// How far the rotation of the secret is.
    pub epoch: u8,
    /// How often each kind of move was made that has a limit.
    pub made: BTreeMap<&'static str, u8>,
    /// Names of cookies that were planted in the victim's browser.
    pub planted: BTreeSet<String>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            browsers: [Browser::default(), Browser::default()],
            answers: Vec::new(),
            codes: Codes::new(),
            sessions: BTreeMap::new(),
            now: 1_790_000_000,
            epoch: 0,
            made: BTreeMap::new(),
            planted: BTreeSet::new(),
        }
    }
}

impl World {
    /// Returns a person's browser.
    pub fn browser(&self, person: Person) -> &Browser {
        &self.browsers[person as usize]
    }

    /// Returns a person's browser, to change it.
    pub fn browser_mut(&mut self, person: Person) -> &mut Browser {
        &mut self.browsers[person as usize]
    }

    /// Counts a move that has a limit.
    pub fn count(&mut self, kind: &'static str) {
        *self.made.entry(kind).or_default() += 1;
    }

    /// Tells how often such a move was made.
    pub fn made(&self, kind: &str) -> u8 {
        self.made.get(kind).copied().unwrap_or_default()
    }
}
