//! Known limits: moves that `stories.rs` leaves out, because each leads to a story that ends badly.
#![expect(clippy::print_stdout, reason = "the stories are for people to read")]

use aura_explore::deployment::{Deployment, Setting};
use aura_explore::properties::Violation;
use aura_explore::search::explore;
use aura_explore::start::Start;

fn end(deployment: &Deployment, start: Start, depth: usize) -> Option<Violation> {
    let report = explore(deployment, start, depth);
    println!("{report}\n");
    report.story.map(|story| story.end)
}

#[test]
fn a_neighbours_session_passes_for_ones_own_where_its_cookie_is_not_bound_to_the_host() {
    let deployment = Deployment::new(Setting::Secure).with_planted_sessions();
    assert_eq!(end(&deployment, Start::Fresh, 4), Some(Violation::ForeignAccount));
}

#[test]
fn a_neighbours_session_beside_ones_own_hides_it() {
    let deployment = Deployment::new(Setting::Secure).with_planted_sessions();
    assert_eq!(end(&deployment, Start::SignedIn, 1), Some(Violation::LostSession));
}

#[test]
fn an_instance_that_does_not_know_the_new_secret_yet_ends_the_sessions_of_one_that_uses_it() {
    let deployment = Deployment::new(Setting::Secure).rotated_at_once();
    assert_eq!(end(&deployment, Start::SignedIn, 4), Some(Violation::ForcedSignOut));
}

#[test]
fn an_instance_whose_clock_is_six_seconds_behind_does_not_know_the_sessions_of_the_other_yet() {
    let deployment = Deployment::new(Setting::Secure).with_lagging_clock(6);
    assert_eq!(end(&deployment, Start::Fresh, 3), Some(Violation::LostSession));
}

#[test]
fn a_renewal_whose_answer_is_overtaken_by_the_sign_out_brings_the_session_back() {
    let deployment = Deployment::new(Setting::Signed).with_overtaken_answers();
    assert_eq!(end(&deployment, Start::SignedIn, 4), Some(Violation::StillSignedIn));
}
