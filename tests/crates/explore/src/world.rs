//! The state outside the core: everything that determines the possible next moves, and nothing else.

use crate::deployment::Key;
use crate::jar::Jar;
use crate::provider::{Bound, Codes, Provider};
use crate::text::Text;
use std::collections::BTreeMap;

/// The user of a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Person {
    /// The owner of the attacked account.
    Victim,
    /// The attacker of that account.
    Attacker,
}

impl Person {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Victim, Self::Attacker];

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Victim => Self::Attacker,
            Self::Attacker => Self::Victim,
        }
    }

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
    /// The authorization requests that wait in its tabs, by their states.
    pub tabs: BTreeMap<Text, Tab>,
    /// The sign-ins that were begun here, by their states.
    pub begun: BTreeMap<Text, Attempt>,
    /// Whether the person signed out, and did not sign in since.
    pub signed_out: bool,
}

/// An authorization request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tab {
    /// The provider that received it.
    pub provider: Provider,
    /// The binding of the answer's code.
    pub bound: Bound,
}

/// A sign-in that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// The provider.
    pub provider: Provider,
    /// When.
    pub at: u64,
    /// Which secret protects it.
    pub key: Key,
    /// How far it is.
    pub phase: Phase,
}

/// How far an attempt is, as its browser was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// It waits for its callback.
    Open,
    /// A code was exchanged for it.
    Exchanged,
    /// Its callback was refused.
    Over,
    /// The person signed out since.
    SignedOut,
}

/// An authorization response, which its receiver may send anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// The person who received it.
    pub person: Person,
    /// The provider of the callback that it leads to.
    pub provider: Provider,
    /// Its state.
    pub state: Text,
    /// The `iss` of the answer, if any. The honest provider sends none, so the other checks have to suffice.
    pub iss: Option<&'static str>,
}

/// A session that the site began or went on with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// In whose browser.
    pub person: Person,
    /// By whose word.
    pub provider: Provider,
    /// The owner.
    pub sub: Text,
    /// When it ends.
    pub ends: u64,
    /// When it ends at the latest, however often it is renewed.
    pub latest: u64,
    /// Which secret protects it, or should.
    pub key: Key,
    /// Whether it began with an attempt that was planted.
    pub is_planted: bool,
}

/// Everything outside of the core.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The victim's browser and the attacker's.
    pub browsers: [Browser; 2],
    /// The authorization responses, by their codes, which the attacker sees: URLs leak.
    pub answers: BTreeMap<Text, Answer>,
    /// The providers' memory.
    pub codes: Codes,
    /// The sessions that there are, by their cookies' values.
    pub sessions: BTreeMap<Text, Session>,
    /// The cookies of answers to the victim's browser that are under way.
    pub late: Vec<Vec<Text>>,
    /// The time.
    pub now: u64,
    /// How many half steps of a rotation were made.
    pub half_steps: u8,
    /// Which of the two instances answers: the first while they are alike.
    pub instance: usize,
    /// How often each kind of move was made that has a limit.
    pub made: BTreeMap<&'static str, u8>,
    /// The names of the attempts that were planted in the victim's browser, and kept there.
    pub planted: Vec<Text>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            browsers: [Browser::default(), Browser::default()],
            answers: BTreeMap::new(),
            codes: Codes::new(),
            sessions: BTreeMap::new(),
            late: Vec::new(),
            now: 1_790_000_000,
            half_steps: 0,
            instance: 0,
            made: BTreeMap::new(),
            planted: Vec::new(),
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

    /// Tells whether an attempt of this state was planted in a browser.
    pub fn has_planted(&self, person: Person, state: &str) -> bool {
        let begins = state.get(..8).unwrap_or(state);
        person == Person::Victim && self.planted.iter().any(|name| name.ends_with(begins))
    }
}
