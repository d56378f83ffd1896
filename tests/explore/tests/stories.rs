//! No short story ends badly.
#![expect(clippy::print_stdout, reason = "the figures are for people to read")]

use aura_explore::deployment::Setting;
use aura_explore::search::explore;

/// How many moves the stories have; `AURA_EXPLORE_DEPTH` tells longer ones.
fn depth() -> usize {
    std::env::var("AURA_EXPLORE_DEPTH").ok().and_then(|depth| depth.parse().ok()).unwrap_or(3)
}

#[test]
fn no_story_ends_badly_in_any_configuration() {
    for setting in Setting::ALL {
        let report = explore(setting, depth());
        println!("{report}");
        assert!(report.story.is_none(), "{report}");
        assert!(report.worlds > 100, "{report}");
    }
}
