//! Stories of a few moves, none of which ends badly.
#![expect(clippy::print_stdout, reason = "the figures are for people to read")]

use aura_explore::deployment::{Deployment, Setting};
use aura_explore::search::{Report, explore};
use aura_explore::start::Start;
use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// How many moves the stories from a start have; `AURA_EXPLORE_DEEPER` tells ones that are so much longer.
fn depth(start: Start) -> usize {
    let deeper = std::env::var("AURA_EXPLORE_DEEPER").ok().and_then(|deeper| deeper.parse().ok());
    start.depth().saturating_add(deeper.unwrap_or(0))
}

#[test]
fn no_story_ends_badly_in_any_configuration() {
    let every = Setting::ALL.into_iter().flat_map(|setting| Start::ALL.map(|start| (setting, start)));
    let (waiting, reports) = (Mutex::new(every.collect::<Vec<_>>()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                loop {
                    let Some((setting, start)) = waiting.lock().unwrap().pop() else { break };
                    let report = explore(&Deployment::new(setting), start, depth(start));
                    println!("{report}");
                    reports.lock().unwrap().push(report);
                }
            });
        }
    });
    let reports = reports.into_inner().unwrap();
    let sum = |of: fn(&Report) -> usize| reports.iter().map(of).sum::<usize>();
    println!("in all: {} worlds, {} moves", sum(|report| report.worlds), sum(|report| report.moves));
    assert_eq!(reports.len(), Setting::ALL.len() * Start::ALL.len());
    for report in reports {
        assert!(report.story.is_none(), "{report}");
        assert!(report.worlds > 50, "{report}");
    }
}

/// These stories are too short for a session to end, which it does at one instance before the other.
#[test]
fn no_story_ends_badly_where_a_clock_is_five_seconds_behind() {
    for (start, depth) in [(Start::Fresh, 4), (Start::Answered, 3), (Start::SignedIn, 2)] {
        let report = explore(&Deployment::new(Setting::Secure).with_lagging_clock(5), start, depth);
        assert!(report.story.is_none() && report.worlds > 50, "{report}");
    }
}
