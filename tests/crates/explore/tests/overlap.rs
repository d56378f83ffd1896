//! Requests that overlap, on two instances with one store: no order of their steps ends badly.
#![expect(clippy::print_stdout, reason = "the figures are for people to read")]

use aura_explore::overlap::{Bounds, Kind, Mistake, Report, Scene, Wrong, explore};

const EACH_OTHER: [Kind; 2] = [Kind::EndOthers(0), Kind::EndOthers(1)];

/// What may be under way together with what.
fn pairs() -> Vec<[Kind; 2]> {
    let first = [
        Kind::Read(0),
        Kind::Change(0),
        Kind::Tokens(0),
        Kind::Revoke(0),
        Kind::Profile(0),
        Kind::SignOut(0),
        Kind::EndOthers(0),
        Kind::Logout,
        Kind::SignIn,
        Kind::Disable,
    ];
    let second = [
        Kind::Read(1),
        Kind::Change(1),
        Kind::Tokens(1),
        Kind::Revoke(1),
        Kind::Profile(1),
        Kind::SignOut(1),
        Kind::EndOthers(1),
    ];
    let all = first.iter().flat_map(|one| first.iter().chain(&second).map(|other| [*one, *other]));
    // A code is exchanged once, so that the sign-in happens once. Of two sessions that end each other, see the last test.
    let left_out = [[Kind::SignIn; 2], EACH_OTHER];
    all.filter(|pair| !left_out.contains(pair)).collect()
}

/// Tells whether a pair has one of the two requests of the most steps. In their stories nothing fails and no time jumps: they would take
/// minutes.
fn is_long(pair: &[Kind; 2]) -> bool {
    pair.iter().any(|kind| matches!(kind, Kind::Revoke(_) | Kind::Profile(_)))
}

fn search(scene: &Scene, bounds: Bounds) -> Vec<([Kind; 2], Report)> {
    let bounds = |pair: &[Kind; 2]| if is_long(pair) { Bounds::default() } else { bounds };
    pairs().into_iter().map(|pair| (pair, explore(scene, &pair, bounds(&pair)))).collect()
}

/// Prints how much of both groups was searched.
fn tell(of: &str, reports: &[([Kind; 2], Report)]) {
    for long in [false, true] {
        let group: Vec<_> = reports.iter().filter(|(pair, _)| is_long(pair) == long).collect();
        let sum = |of: fn(&Report) -> usize| group.iter().map(|(_, report)| of(report)).sum::<usize>();
        let (worlds, moves) = (sum(|report| report.worlds), sum(|report| report.moves));
        println!("{of}{} pairs: {worlds} worlds, {moves} moves", group.len());
        assert!(group.len() > 60 && worlds > 2000);
    }
}

fn is_deeper() -> bool {
    std::env::var_os("AURA_EXPLORE_DEEPER").is_some()
}

#[test]
fn no_order_of_the_steps_of_two_requests_ends_badly() {
    let bounds = Bounds { failures: u8::from(is_deeper()), jumps: u8::from(is_deeper()) };
    let reports = search(&Scene::new(), bounds);
    let told =
        |(pair, report): &([Kind; 2], Report)| report.story.as_ref().map(|_| format!("{pair:?}: {report}"));
    let stories: Vec<_> = reports.iter().filter_map(told).collect();
    assert!(stories.is_empty(), "{}", stories.join("\n"));
    tell("", &reports);
}

/// Where browsers have copies of their sessions, an ended one is accepted an interval after its end at most, by its own browser alone, and
/// never by who has to be certain.
#[test]
fn no_order_ends_badly_where_sessions_are_looked_up_once_an_interval() {
    let bounds = Bounds { failures: 0, jumps: u8::from(is_deeper()) };
    let reports = search(&Scene::with_copies(), bounds);
    let told =
        |(pair, report): &([Kind; 2], Report)| report.story.as_ref().map(|_| format!("{pair:?}: {report}"));
    let stories: Vec<_> = reports.iter().filter_map(told).collect();
    assert!(stories.is_empty(), "{}", stories.join("\n"));
    tell("with copies, ", &reports);
}

/// A store that makes one of these mistakes brings a session back, or loses what was written.
#[test]
fn every_mistake_of_a_store_is_found() {
    for (mistake, pair, expected) in [
        (Mistake::InsertsOnReplace, [Kind::Change(0), Kind::SignOut(0)], Wrong::LetIn),
        (Mistake::IgnoresVersion, [Kind::Tokens(0), Kind::Tokens(0)], Wrong::SpentTwice),
        (Mistake::RevokesByIndexAlone, [Kind::Disable, Kind::Read(1)], Wrong::LetIn),
        (Mistake::ReadsGenerationLate, [Kind::SignIn, Kind::Disable], Wrong::LetIn),
        (Mistake::ForgetsAtSignIn, [Kind::Disable, Kind::SignIn], Wrong::LetIn),
    ] {
        let report = explore(&Scene::new().with_mistake(mistake), &pair, Bounds::default());
        let found = report.story.as_ref().map(|(_, wrong)| *wrong);
        assert_eq!(found, Some(expected), "{mistake:?}: {report}");
    }
}

/// A known limit: of two sessions that end all others at the same time, the one that is lifted last stays, though the other one was
/// told that it has ended.
#[test]
fn of_two_sessions_that_end_each_other_one_stays() {
    let report = explore(&Scene::new(), &EACH_OTHER, Bounds::default());
    println!("{report}");
    assert_eq!(report.story.map(|(_, wrong)| wrong), Some(Wrong::LetIn));
}
