//! How are all the stories told? Shortest first, and each world once.

use crate::deployment::{Deployment, Setting};
use crate::moves::{Move, make, moves};
use crate::properties::Violation;
use crate::world::World;
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What an exploration found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The configuration.
    pub setting: Setting,
    /// How many moves the longest story has.
    pub depth: usize,
    /// How many worlds were reached.
    pub worlds: usize,
    /// How many moves were made.
    pub moves: usize,
    /// The shortest story that ends badly.
    pub story: Option<Story>,
}

/// A story that ends badly.
#[derive(Clone, Debug)]
pub struct Story {
    /// What happened, move by move.
    pub moves: Vec<Move>,
    /// How it ended.
    pub end: Violation,
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, one) in self.moves.iter().enumerate() {
            writeln!(f, "  {}. {one}", number + 1)?;
        }
        write!(f, "  => {}", self.end)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, depth, worlds, moves, story } = self;
        write!(f, "{setting:?}: depth {depth}, {worlds} worlds, {moves} moves")?;
        story.iter().try_for_each(|story| write!(f, "\n{story}"))
    }
}

/// A step of a story, and the one before it.
struct Step {
    before: usize,
    one: Move,
}

/// Explores every story of so many moves, or until one ends badly.
pub fn explore(setting: Setting, depth: usize) -> Report {
    let deployment = Deployment::new(setting);
    let mut seen = HashSet::from([fingerprint(&World::default())]);
    let mut steps: Vec<Step> = Vec::new();
    let mut level = vec![(World::default(), usize::MAX)];
    let mut report = Report { setting, depth, worlds: 1, moves: 0, story: None };
    for length in 1..=depth {
        let mut next = Vec::new();
        for (world, before) in &level {
            for one in moves(world, setting) {
                let mut after = world.clone();
                report.moves += 1;
                let judged = make(&mut after, &deployment, &one);
                steps.push(Step { before: *before, one });
                if let Err(end) = judged {
                    let moves = story(&steps);
                    report.story = Some(Story { moves, end });
                    return report;
                }
                if seen.insert(fingerprint(&after)) {
                    report.worlds += 1;
                    // Nothing comes after the last moves.
                    if length < depth {
                        next.push((after, steps.len() - 1));
                    }
                } else {
                    steps.pop();
                }
            }
        }
        level = next;
    }
    report
}

/// Reads the story of the last step backwards.
fn story(steps: &[Step]) -> Vec<Move> {
    let mut moves = Vec::new();
    let mut at = steps.len() - 1;
    while let Some(step) = steps.get(at) {
        moves.push(step.one.clone());
        at = step.before;
    }
    moves.reverse();
    moves
}

/// Tells worlds apart by 128 bits of two hashes, which do not collide in a few million worlds.
fn fingerprint(world: &World) -> (u64, u64) {
    let hash = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        world.hash(&mut hasher);
        hasher.finish()
    };
    (hash(0), hash(1))
}
