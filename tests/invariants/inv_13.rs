//! Invariant 13: a session that was ended is never accepted again, at once or after the interval of `recheck`.
//!
//! This holds for every set of cookies that a browser ever had, whatever else happens. A session that was not ended is accepted.

use crate::devices::{Devices, INTERVAL, Step, step};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::collections::BTreeMap;

/// A step, how many seconds later it happens, which cookies are replayed after it, and what else they are sent with.
type History = Vec<(Step, u64, Index, Step)>;

fn history() -> BoxedStrategy<History> {
    let later = prop_oneof![3 => 0..INTERVAL, 1 => INTERVAL..4000];
    prop::collection::vec((step(), later, any::<Index>(), step()), 1..24).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_cookies_of_an_ended_session_sign_in_again(history in history(), rechecks: bool) {
        carry_out(&history, rechecks)?;
    }
}

/// Histories in which nothing ends, or nobody is signed in, would hold anything.
#[test]
fn sessions_end_in_every_way_and_others_live() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeMap::<(bool, &str), usize>::new();
    for number in 0..400 {
        let history = history().new_tree(&mut runner).unwrap().current();
        for what in carry_out(&history, number % 2 == 0).unwrap() {
            *reached.entry((number % 2 == 0, what)).or_default() += 1;
        }
    }
    for rechecks in [false, true] {
        for what in ["signed in again", "signed out", "others", "all", "disabled", "live", "ended", "refused"]
        {
            let count = reached.get(&(rechecks, what)).copied().unwrap_or_default();
            assert!(count >= 5, "{what}: {reached:?}");
        }
    }
    let copies = reached.get(&(true, "ended a moment ago")).copied().unwrap_or_default();
    assert!(copies >= 20, "{reached:?}");
}

/// Carries a history out, replays cookies after each step and all of them at the end, and tells what was reached.
fn carry_out(history: &History, rechecks: bool) -> Result<Vec<&'static str>, TestCaseError> {
    let (mut site, mut reached) = (Devices::new(rechecks), Vec::new());
    for (step, later, chosen, more) in history {
        site.now += later;
        let before = site.sessions.iter().filter(|known| known.ended.is_some()).count();
        let Some(answer) = site.take(*step, None) else { continue };
        prop_assert!(answer.status().as_u16() < 400, "{:?}: {:?}", step, answer);
        let ended = site.sessions.iter().filter(|known| known.ended.is_some()).count() - before;
        if ended > 0 {
            reached.extend(match step {
                Step::SignIn(_) => Some("signed in again"),
                Step::SignOut(_) => Some("signed out"),
                Step::EndOthers(_) => Some("others"),
                Step::EndAll(_) => Some("all"),
                Step::Disable(_) => Some("disabled"),
                Step::Read(_) | Step::Rename(_) | Step::List(_) | Step::Profile(_) | Step::Tokens(_) => None,
            });
        }
        if !site.kept.is_empty() {
            let at = chosen.index(site.kept.len());
            reached.push(replay(&mut site, at, rechecks)?);
            reached.extend(refused(&mut site, *more, at)?);
            reached.push(replay(&mut site, at, rechecks)?);
        }
    }
    // A copy that a copy made would be younger than the end of its session.
    for _ in 0..3 {
        for at in 0..site.kept.len() {
            reached.push(replay(&mut site, at, rechecks)?);
        }
        site.now += INTERVAL / 2 + 1;
    }
    Ok(reached)
}

/// Sends what is more than reading with cookies of an ended session.
fn refused(site: &mut Devices, step: Step, at: usize) -> Result<Option<&'static str>, TestCaseError> {
    let has_ended = site.sessions[site.kept[at].1].ended.is_some();
    if !has_ended || matches!(step, Step::Read(_)) {
        return Ok(None);
    }
    let Some((status, _)) = site.replay(step, at) else { return Ok(None) };
    // Who signs out has what was asked for.
    let expected = if matches!(step, Step::SignOut(_)) { 202 } else { 401 };
    prop_assert_eq!(status, expected, "{:?} with cookies of an ended session", step);
    Ok(Some("refused"))
}

fn replay(site: &mut Devices, at: usize, rechecks: bool) -> Result<&'static str, TestCaseError> {
    let (cookies, session) = site.kept[at].clone();
    let (status, user) = site.replay(Step::Read(0), at).expect("reading needs a session");
    let is_certain = site.is_certain(&cookies);
    let Some(ended) = site.sessions[session].ended else {
        prop_assert_eq!((status, user.as_deref()), (200, Some(site.user(session))));
        prop_assert!(is_certain);
        return Ok("live");
    };
    prop_assert!(!is_certain, "a guard that is certain lets an ended session in");
    if rechecks && site.now < ended + INTERVAL {
        prop_assert!(status == 401 || user.as_deref() == Some(site.user(session)), "{status} {user:?}");
        return Ok(if status == 200 { "ended a moment ago" } else { "ended" });
    }
    prop_assert_eq!(status, 401, "an ended session is back");
    Ok("ended")
}
