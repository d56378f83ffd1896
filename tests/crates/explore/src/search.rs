//! Breadth-first search over all stories, visiting each world once.

use crate::choices::moves;
use crate::deployment::{Deployment, Setting};
use crate::fingerprint::fingerprint;
use crate::making::make;
use crate::moves::Move;
use crate::properties::Violation;
use crate::start::Start;
use crate::world::World;
use std::collections::HashSet;
use std::fmt;

/// Result of an exploration.
#[derive(Clone, Debug)]
pub struct Report {
    /// The configuration.
    pub setting: Setting,
    /// Where the stories start.
    pub start: Start,
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
    /// The moves that lead to its start.
    pub before: Vec<String>,
    /// The moves of the story.
    pub moves: Vec<String>,
    /// How it ended.
    pub end: Violation,
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for one in &self.before {
            writeln!(f, "  -  {one}")?;
        }
        for (number, one) in self.moves.iter().enumerate() {
            writeln!(f, "  {}. {one}", number + 1)?;
        }
        write!(f, "  => {}", self.end)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, start, depth, worlds, moves, story } = self;
        write!(f, "{setting:?}, {start:?}: depth {depth}, {worlds} worlds, {moves} moves")?;
        story.iter().try_for_each(|story| write!(f, "\n{story}"))
    }
}

/// A step of a story, and the one before it.
struct Step {
    before: usize,
    one: Move,
}

/// Explores every story of so many moves, or until one ends badly.
pub fn explore(deployment: &Deployment, start: Start, depth: usize) -> Report {
    let setting = deployment.setting;
    let mut report = Report { setting, start, depth, worlds: 1, moves: 0, story: None };
    let (told, first) = start.world(deployment);
    let first = match first {
        Ok(first) => first,
        Err(end) => {
            report.story = Some(Story { before: Vec::new(), moves: told, end });
            return report;
        }
    };
    let mut seen = HashSet::from([fingerprint(&first)]);
    let mut steps: Vec<Step> = Vec::new();
    let mut level = vec![(first.clone(), usize::MAX)];
    for length in 1..=depth {
        let mut next = Vec::new();
        for (world, before) in &level {
            for one in moves(world, deployment) {
                report.moves += 1;
                let made = make(world, deployment, &one);
                steps.push(Step { before: *before, one });
                let after = match made {
                    Ok(after) => after,
                    Err(end) => {
                        let moves = tell(first, deployment, &steps);
                        report.story = Some(Story { before: told, moves, end });
                        return report;
                    }
                };
                if seen.insert(fingerprint(&after)) {
                    report.worlds += 1;
                    // Nothing comes after the last moves.
                    if length < depth {
                        next.push((after, steps.len() - 1));
                        continue;
                    }
                }
                steps.pop();
            }
        }
        level = next;
    }
    report
}

/// Tells the story of the last step, by making its moves once more.
fn tell(mut world: World, deployment: &Deployment, steps: &[Step]) -> Vec<String> {
    let mut moves = Vec::new();
    let mut at = steps.len() - 1;
    while let Some(step) = steps.get(at) {
        moves.push(&step.one);
        at = step.before;
    }
    let mut told = Vec::new();
    for one in moves.into_iter().rev() {
        told.push(one.describe(&world));
        if let Ok(after) = make(&world, deployment, one) {
            world = after;
        }
    }
    told
}
