//! Races for the sessions of one user.

use super::probe::{Probe, both, next, owner, row};
use crate::threads::sync::atomic::{AtomicBool, Ordering};
use crate::threads::thread;
use aura_proto::store::{BeginSession, Begun, Replaced, SessionRow};

/// One thread begins sessions while another one revokes the user. What had begun when the revocation was asked for is not
/// accepted; what began when it had been answered is.
pub(super) fn a_revocation_ends_all_that_began_before_and_nothing_that_began_after(probe: &Probe<'_>) {
    probe.rounds(|| {
        let user = owner();
        let (asked, answered) = (AtomicBool::new(false), AtomicBool::new(false));
        let begin = || {
            let begun = std::iter::repeat_with(|| {
                let is_after = answered.load(Ordering::SeqCst);
                let row = row(user);
                probe.begin(&row);
                (row, !asked.load(Ordering::SeqCst), is_after)
            });
            begun.take(6).collect::<Vec<_>>()
        };
        let revoke = || {
            thread::yield_now();
            asked.store(true, Ordering::SeqCst);
            probe.revoke(&[user], 1_790_000_000_000);
            answered.store(true, Ordering::SeqCst);
        };
        let (begun, ()) = both(begin, revoke);
        for (row, is_before, is_after) in &begun {
            let is_live = probe.is_live(row);
            probe.holds("a session that began before the revocation is not accepted", !is_before || !is_live);
            probe.holds("a session that began after the revocation is accepted", !is_after || is_live);
        }
        probe.revoke(&[user], 0);
        let is_none_live = begun.iter().all(|(row, ..)| !probe.is_live(row));
        probe.holds("no session that began before another revocation is accepted", is_none_live);
    });
}

pub(super) fn a_replacement_under_way_outlives_no_revocation(probe: &Probe<'_>) {
    probe.rounds(|| {
        let row = row(owner());
        probe.begin(&row);
        let (replaced, _) = both(|| probe.replace(next(&row)), || probe.revoke(&[row.owner], 0));
        probe.holds("the session was there, or gone", replaced != Replaced::Changed);
        probe.holds("the session is not accepted", !probe.is_live(&row));
    });
}

/// A ticket that is sealed by another key names its user by another name; a revocation knows both.
pub(super) fn a_session_that_changes_its_user_outlives_no_revocation_of_both(probe: &Probe<'_>) {
    probe.rounds(|| {
        let before = row(owner());
        probe.begin(&before);
        let mut question = next(&before);
        question.row.owner = owner();
        let after = question.row.clone();
        let owners = [before.owner, after.owner];
        both(|| probe.replace(question), || probe.revoke(&owners, 0));
        probe.holds("the session is not accepted", !probe.is_live(&before) && !probe.is_live(&after));
    });
}

pub(super) fn revocations_under_way_leave_one_generation_under_all_names(probe: &Probe<'_>) {
    probe.rounds(|| {
        let (first, second) = (owner(), owner());
        let rows = [row(first), row(second)];
        rows.iter().for_each(|row| probe.begin(row));
        // The names are in another order, so that stores that lock them do not wait for each other.
        let (one, two) = both(|| probe.revoke(&[first, second], 5), || probe.revoke(&[second, first], 5));
        probe.same("what ended", one + two, 2);
        probe.same("the generation of a name", probe.generation(first), probe.generation(second));
        let generation = probe.generation(first);
        probe.holds("each revocation raised the generation", generation >= 6);
    });
}

pub(super) fn a_revocation_under_way_lowers_no_generation(probe: &Probe<'_>) {
    probe.rounds(|| {
        let user = owner();
        // A row that is there is locked otherwise than one that is inserted.
        probe.revoke(&[user], 1);
        both(|| probe.revoke(&[user], 50), || probe.revoke(&[user], 3));
        probe.holds("the generation is the higher one, or above it", probe.generation(user) >= 50);
    });
}

pub(super) fn at_most_holds_after_sessions_that_began_at_once(probe: &Probe<'_>) {
    probe.rounds(|| {
        let user = owner();
        let begin = |row: &SessionRow| {
            let mut question = BeginSession::new(row.clone());
            question.at_most = Some(2);
            probe.same("the beginning", probe.ask(question), Begun::Begun);
        };
        let begin_two = || [row(user), row(user)].iter().for_each(begin);
        both(begin_two, begin_two);
        let last = row(user);
        begin(&last);
        probe.same("the number of sessions", probe.listed(&[user]).len(), 2);
        probe.expect_there(&[&last]);
    });
}
