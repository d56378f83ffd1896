//! Invariant 14: a store or a provider that fails ends no session and clears no cookie.
//!
//! The store may fail at any question of any request, before or after it has carried the question out.

use crate::devices::{Devices, Failure, Step, clears_session, step};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::collections::{BTreeSet, HashSet};
use std::mem::discriminant;

/// A step, how many seconds later it happens, how the store fails meanwhile, and whether the provider does.
type History = Vec<(Step, u64, Option<Failure>, bool)>;

fn history() -> BoxedStrategy<History> {
    let failure = (0..3_usize, any::<bool>()).prop_map(|(at, is_carried_out)| Failure { at, is_carried_out });
    let later = prop_oneof![2 => 0..60_u64, 1 => 60..4000_u64];
    let fails = prop::bool::weighted(0.2);
    prop::collection::vec((step(), later, prop::option::of(failure), fails), 1..20).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_fails_signs_nobody_out(history in history(), rechecks: bool) {
        carry_out(&history, rechecks)?;
    }
}

/// A store that never fails would hold anything.
#[test]
fn every_step_meets_a_store_and_a_provider_that_fail() {
    let mut runner = TestRunner::deterministic();
    let mut failed = BTreeSet::new();
    for number in 0..300 {
        let history = history().new_tree(&mut runner).unwrap().current();
        failed.extend(carry_out(&history, number % 2 == 0).unwrap());
    }
    let kinds = |status| {
        let steps = failed.iter().filter(|(_, _, found)| *found == status);
        steps.map(|(step, _, _)| discriminant(step)).collect::<HashSet<_>>().len()
    };
    // All steps ask the store, two ask the provider.
    assert_eq!((kinds(503), kinds(502)), (9, 2), "{failed:?}");
    assert!([false, true].iter().all(|carried_out| failed.iter().any(|(_, is, _)| is == carried_out)));
}

/// Carries a history out, and returns each step that failed, whether the store carried it out, and the status.
fn carry_out(history: &History, rechecks: bool) -> Result<Vec<(Step, bool, u16)>, TestCaseError> {
    let (mut site, mut failed) = (Devices::new(rechecks), Vec::new());
    for (step, later, failure, provider_fails) in history {
        site.now += later;
        site.provider_fails = *provider_fails;
        let Some(answer) = site.take(*step, *failure) else { continue };
        if answer.status().is_server_error() {
            let is_carried_out = failure.is_some_and(|failure| failure.is_carried_out);
            failed.push((*step, is_carried_out, answer.status().as_u16()));
            prop_assert!(failure.is_some() || *provider_fails, "{:?}: {:?}", step, answer);
            prop_assert!(!clears_session(&answer), "{:?}: {:?}", step, answer);
        }
        check_sessions(&mut site, *step, failure.is_some())?;
    }
    Ok(failed)
}

/// Compares which sessions live with the model. What a step was to end may have ended where it failed, if the store had carried it out.
fn check_sessions(site: &mut Devices, step: Step, failed: bool) -> Result<(), TestCaseError> {
    let ends = !matches!(step, Step::Read(_) | Step::Rename(_) | Step::List(_) | Step::Profile(_));
    for session in 0..site.sessions.len() {
        let latest = site.kept.iter().rfind(|(_, of)| *of == session).map(|(cookies, _)| cookies.clone());
        let Some(cookies) = latest else { continue };
        let is_live = site.is_certain(&cookies);
        if failed && ends && !is_live && site.sessions[session].ended.is_none() {
            site.sessions[session].ended = Some(site.now);
        }
        prop_assert_eq!(is_live, site.sessions[session].ended.is_none(), "{:?}", step);
    }
    Ok(())
}
