//! Invariant 14: a store or a provider that fails ends no session and clears no cookie.
//!
//! The store may fail at any question of any request, once or until the request ends, before or after it has carried the question out.
//! The provider may fail in any exchange.

use crate::devices::{Devices, Step, clears_session, step};
use crate::failing::{Failure, Lasts, Question, Report, Unwell};
use crate::play::Kind;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::collections::{BTreeSet, HashSet};
use std::mem::discriminant;

/// A step, how many seconds later it happens, how the store fails meanwhile, and how the provider does.
type History = Vec<(Step, u64, Option<Failure>, Option<(Kind, Unwell)>)>;

fn history() -> BoxedStrategy<History> {
    let lasts = prop_oneof![Just(Lasts::OneQuestion), Just(Lasts::UntilTheEnd)];
    let failure = (0..4_usize, any::<bool>(), lasts).prop_map(|(at, is_carried_out, lasts)| Failure {
        at,
        is_carried_out,
        lasts,
    });
    let later = prop_oneof![2 => 0..60_u64, 1 => 60..4000_u64];
    let kind = prop_oneof![Just(Kind::Token), Just(Kind::UserInfo), Just(Kind::Revocation)];
    let how = prop_oneof![Just(Unwell::Unreachable), Just(Unwell::Status500), Just(Unwell::Malformed)];
    let unwell = prop::option::weighted(0.3, (kind, how));
    prop::collection::vec((step(), later, prop::option::of(failure), unwell), 1..20).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_fails_signs_nobody_out(history in history(), rechecks: bool) {
        carry_out(&history, rechecks)?;
    }
}

/// A step that failed, what happened in it, and the status.
type Failed = (Step, Report, u16);

/// A store that never fails would hold anything.
#[test]
fn every_step_meets_a_store_and_a_provider_that_fail() {
    let mut runner = TestRunner::deterministic();
    let mut failed: Vec<Failed> = Vec::new();
    for number in 0..400 {
        let history = history().new_tree(&mut runner).unwrap().current();
        failed.extend(carry_out(&history, number % 2 == 0).unwrap());
    }
    let kinds = |status| {
        let steps = failed.iter().filter(|(_, _, found)| *found == status);
        steps.map(|(step, _, _)| discriminant(step)).collect::<HashSet<_>>().len()
    };
    // All steps ask the store, three ask the provider.
    assert_eq!((kinds(503), kinds(502)), (10, 3), "{failed:?}");
    for may_have_ended in [false, true] {
        assert!(failed.iter().any(|(_, report, _)| report.may_have_ended == may_have_ended));
    }
    // The exchanges that a failure of the provider ended.
    let exchanges: BTreeSet<_> = failed.iter().filter_map(|(_, report, _)| report.provider_failed).collect();
    assert!(exchanges.len() >= 6, "{exchanges:?}");
}

/// Carries a history out, and returns the steps that failed.
fn carry_out(history: &History, rechecks: bool) -> Result<Vec<Failed>, TestCaseError> {
    let (mut site, mut failed) = (Devices::new(rechecks), Vec::new());
    for (step, later, failure, unwell) in history {
        site.now += later;
        site.unwell = *unwell;
        let Some(answer) = site.take(*step, *failure) else { continue };
        let (status, report) = (answer.status().as_u16(), site.report);
        prop_assert!(!(400..500).contains(&status), "{:?}: {:?}", step, answer);
        let has_failed = status >= 500;
        if report.store_failed.is_some_and(|question| !may_succeed(*step, question)) {
            prop_assert!(has_failed, "{:?}: {:?} {:?}", step, answer, report);
        }
        if has_failed {
            failed.push((*step, report, status));
            prop_assert!(
                report.store_failed.is_some() || report.provider_failed.is_some(),
                "{:?}: {:?}",
                step,
                answer
            );
            prop_assert!(!clears_session(&answer), "{:?}: {:?}", step, answer);
        }
        check_sessions(
            &mut site,
            *step,
            has_failed && report.store_failed.is_some() && report.may_have_ended,
        )?;
    }
    Ok(failed)
}

/// Tells whether a step may succeed where the store failed at a question: a session serves without its renewal, and the store is asked
/// again to keep new tokens.
fn may_succeed(step: Step, question: Question) -> bool {
    question == Question::Replace && matches!(step, Step::Read(_) | Step::Profile(_) | Step::Tokens(_))
}

/// Compares which sessions live with the model. What a step was to end may have ended where it failed, if the store had carried out
/// a question that ends sessions.
fn check_sessions(site: &mut Devices, step: Step, may_have_ended: bool) -> Result<(), TestCaseError> {
    for session in 0..site.sessions.len() {
        let kept: Vec<_> = site.kept.iter().filter(|(_, of)| *of == session).cloned().collect();
        let is_live = kept.iter().any(|(cookies, _)| site.is_certain(cookies));
        if may_have_ended && !is_live && site.sessions[session].ended.is_none() && site.ends(step, session) {
            site.sessions[session].ended = Some(site.now);
        }
        prop_assert_eq!(is_live, site.sessions[session].ended.is_none(), "{:?}", step);
    }
    Ok(())
}
