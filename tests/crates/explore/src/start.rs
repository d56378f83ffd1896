//! Start worlds of the stories.
//!
//! Some starts need many moves to reach. Stories that begin there explore states that are too deep for a search from an
//! empty world.

use crate::deployment::Deployment;
use crate::making::make;
use crate::moves::{Delivery, How, Move};
use crate::properties::Violation;
use crate::provider::Provider;
use crate::site::Fate;
use crate::world::{Person, World};
use std::collections::BTreeMap;

/// Where stories start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// The empty world.
    Fresh,
    /// The victim waits at both providers, the attacker at the honest one.
    UnderWay,
    /// The honest provider has answered both; the victim waits at the attacker's, too.
    Answered,
    /// Both are signed in by the honest provider.
    SignedIn,
    /// Both are signed in; the victim waits at the attacker's provider, the attacker at the honest one.
    SignedInUnderWay,
    /// Both are signed in, and the first of two instances uses a new secret.
    Rotating,
}

/// Something that happens before a story starts.
#[derive(Clone, Copy, Debug)]
enum Cue {
    Begin(Person, Provider),
    Answer(Person, Provider),
    Deliver(Person),
    Rotate,
}

const SIGNED_IN: [Cue; 6] = [
    Cue::Begin(Person::Victim, Provider::Good),
    Cue::Answer(Person::Victim, Provider::Good),
    Cue::Deliver(Person::Victim),
    Cue::Begin(Person::Attacker, Provider::Good),
    Cue::Answer(Person::Attacker, Provider::Good),
    Cue::Deliver(Person::Attacker),
];

impl Start {
    /// Every start.
    pub const ALL: [Self; 6] =
        [Self::Fresh, Self::UnderWay, Self::Answered, Self::SignedIn, Self::SignedInUnderWay, Self::Rotating];

    /// Least number of moves of the stories from here. It is smaller where more moves are possible.
    pub const fn depth(self) -> usize {
        match self {
            Self::Fresh | Self::UnderWay | Self::SignedIn | Self::Rotating => 3,
            Self::Answered | Self::SignedInUnderWay => 2,
        }
    }

    fn cues(self) -> Vec<Cue> {
        match self {
            Self::Fresh => Vec::new(),
            Self::UnderWay => vec![
                Cue::Begin(Person::Victim, Provider::Good),
                Cue::Begin(Person::Victim, Provider::Evil),
                Cue::Begin(Person::Attacker, Provider::Good),
            ],
            Self::Answered => vec![
                Cue::Begin(Person::Victim, Provider::Good),
                Cue::Begin(Person::Victim, Provider::Evil),
                Cue::Begin(Person::Attacker, Provider::Good),
                Cue::Answer(Person::Victim, Provider::Good),
                Cue::Answer(Person::Attacker, Provider::Good),
            ],
            Self::SignedIn => SIGNED_IN.to_vec(),
            Self::SignedInUnderWay => {
                let waiting = [
                    Cue::Begin(Person::Victim, Provider::Evil),
                    Cue::Begin(Person::Attacker, Provider::Good),
                ];
                [SIGNED_IN.as_slice(), &waiting].concat()
            }
            Self::Rotating => [SIGNED_IN.as_slice(), &[Cue::Rotate; 3]].concat(),
        }
    }

    /// Makes the moves that lead to the world where the stories start, and judges them as any others. Returns them as they
    /// are told, and the world, or the property that does not hold.
    pub fn world(self, deployment: &Deployment) -> (Vec<String>, Result<World, Violation>) {
        let (mut told, mut world) = (Vec::new(), World::default());
        for cue in self.cues() {
            let one = cue.to_move(&world);
            told.push(one.describe(&world));
            world = match make(&world, deployment, &one) {
                Ok(world) => world,
                Err(end) => return (told, Err(end)),
            };
        }
        world.made = BTreeMap::new();
        (told, Ok(world))
    }
}

impl Cue {
    fn to_move(self, world: &World) -> Move {
        match self {
            Self::Begin(person, provider) => Move::Begin(person, provider),
            Self::Answer(person, provider) => {
                let mut tabs = world.browser(person).tabs.iter();
                let (state, _) = tabs.find(|(_, tab)| tab.provider == provider).expect("a waiting tab");
                Move::Answer(person, state.clone(), How::Duly)
            }
            Self::Deliver(person) => {
                let mut answers = world.answers.iter();
                let (code, answer) = answers.find(|(_, answer)| answer.person == person).expect("an answer");
                Move::Deliver(Delivery {
                    person,
                    path: answer.provider,
                    code: Some(code.clone()),
                    state: Some(code.clone()),
                    fate: Fate::Whole,
                })
            }
            Self::Rotate => Move::Rotate,
        }
    }
}
