//! Races for one session.

use super::probe::{Probe, both, elsewhere, next, owner, row, row_elsewhere};
use aura_proto::store::{BeginSession, Begun, EndSessions, Replaced, SessionRow};
use bytes::Bytes;
use std::time::Duration;

pub(super) fn of_two_beginnings_with_one_key_one_begins(probe: &Probe<'_>) {
    probe.rounds(|| {
        let (first, mut second) = (row(owner()), row(owner()));
        second.key = first.key;
        let begin = |row: &SessionRow| probe.ask(BeginSession::new(row.clone()));
        let answers = both(|| begin(&first), || begin(&second));
        let begun = match answers {
            (Begun::Begun, Begun::Taken) => first,
            (Begun::Taken, Begun::Begun) => second,
            (Begun::Begun, Begun::Begun) | (Begun::Taken, Begun::Taken) => {
                panic!("{}: expected one to begin, found {answers:?}", probe.case)
            }
        };
        probe.same("the session", probe.row(&begun), Some(begun));
    });
}

pub(super) fn of_two_replacements_of_a_version_one_replaces(probe: &Probe<'_>) {
    probe.rounds(|| {
        let row = row(owner());
        probe.begin(&row);
        let bodies = [b"first", b"other"].map(|body| Bytes::from_static(body));
        let replace = |body: &Bytes| {
            let mut question = next(&row);
            question.row.body = body.clone();
            probe.replace(question)
        };
        let [first, second] = &bodies;
        let answers = both(|| replace(first), || replace(second));
        let body = match answers {
            (Replaced::Replaced, Replaced::Changed) => first,
            (Replaced::Changed, Replaced::Replaced) => second,
            _ => panic!("{}: expected one to replace, found {answers:?}", probe.case),
        };
        probe.same("the body", probe.row(&row).map(|row| row.body), Some(body.clone()));
    });
}

pub(super) fn no_replacement_is_lost(probe: &Probe<'_>) {
    const EACH: u64 = 4;
    probe.rounds(|| {
        let row = row(owner());
        probe.begin(&row);
        let replace = || {
            let mut left = EACH;
            while left > 0 {
                let Some(found) = probe.row(&row) else { panic!("{}: the session is gone", probe.case) };
                left -= u64::from(probe.replace(next(&found)) == Replaced::Replaced);
            }
        };
        both(replace, replace);
        probe.same("the version", probe.row(&row).map(|row| row.version), Some(2 * EACH));
    });
}

pub(super) fn a_replacement_under_way_brings_no_ended_session_back(probe: &Probe<'_>) {
    probe.rounds(|| {
        let row = row(owner());
        probe.begin(&row);
        let (replaced, ended) = both(|| probe.replace(next(&row)), || probe.end(EndSessions::One(row.key)));
        probe.holds("the session was there, or gone", replaced != Replaced::Changed);
        probe.same("what ended", ended, 1);
        probe.expect_gone(&[&row]);
        probe.same("the sessions", probe.listed(&[row.owner]), vec![]);
    });
}

pub(super) fn a_replacement_under_way_brings_no_session_back_that_ended_elsewhere(probe: &Probe<'_>) {
    probe.rounds(|| {
        let row = row_elsewhere(owner(), elsewhere());
        probe.begin(&row);
        let session = row.elsewhere;
        let end = || probe.end_elsewhere(session.as_slice(), &[]);
        let (replaced, ended) = both(|| probe.replace(next(&row)), end);
        probe.holds("the session was there, or gone", replaced != Replaced::Changed);
        probe.same("what ended", ended, 1);
        probe.expect_gone(&[&row]);
    });
}

/// A ticket that is sealed by another key names its provider session and its user by other names; a log-out knows both.
pub(super) fn a_session_that_changes_its_names_outlives_no_end_elsewhere_of_both(probe: &Probe<'_>) {
    probe.rounds(|| {
        let (users, sessions) = ([owner(), owner()], [elsewhere(), elsewhere()]);
        let ([user, other_user], [session, other_session]) = (users, sessions);
        let renamed = |row: &SessionRow, user, session| {
            let mut question = next(row);
            (question.row.owner, question.row.elsewhere) = (user, session);
            question
        };
        let (named, unnamed, gets_a_name) = (row_elsewhere(user, session), row(user), row(user));
        let changes = [
            (&named, renamed(&named, other_user, Some(other_session))),
            (&unnamed, renamed(&unnamed, other_user, None)),
            (&gets_a_name, renamed(&gets_a_name, user, Some(session))),
        ];
        for (row, question) in changes {
            probe.begin(row);
            let (replaced, ended) =
                both(|| probe.replace(question), || probe.end_elsewhere(&sessions, &users));
            probe.holds("the session was there, or gone", replaced != Replaced::Changed);
            probe.same("what ended", ended, 1);
            probe.expect_gone(&[row]);
        }
    });
}

pub(super) fn a_session_ends_once(probe: &Probe<'_>) {
    probe.rounds(|| {
        let row = row(owner());
        probe.begin(&row);
        let end_one = || probe.end(EndSessions::One(row.key));
        let (one, all) = both(end_one, || probe.revoke(&[row.owner], 0));
        probe.same("what ended", one + all, 1);
        probe.expect_gone(&[&row]);
    });
}

pub(super) fn two_sessions_may_replace_the_same_one(probe: &Probe<'_>) {
    probe.rounds(|| {
        let old = row(owner());
        let (first, second) = (row(old.owner), row(old.owner));
        probe.begin(&old);
        let begin = |row: &SessionRow| {
            let mut question = BeginSession::new(row.clone());
            question.replaces = Some(old.key);
            probe.ask(question)
        };
        let answers = both(|| begin(&first), || begin(&second));
        probe.same("the beginnings", answers, (Begun::Begun, Begun::Begun));
        probe.expect_gone(&[&old]);
        probe.expect_there(&[&first, &second]);
    });
}

pub(super) fn a_session_that_is_prolonged_is_not_swept(probe: &Probe<'_>) {
    probe.rounds(|| {
        let mut row = row(owner());
        row.ends = row.begun.saturating_add(Duration::from_secs(60));
        probe.begin(&row);
        let mut question = next(&row);
        question.row.ends = row.begun.saturating_add(Duration::from_secs(3600));
        let sweep = || probe.sweep(row.begun.saturating_add(Duration::from_secs(120)), 1000);
        let (replaced, _) = both(|| probe.replace(question), sweep);
        probe.same("whether the session is there", probe.is_there(&row), replaced == Replaced::Replaced);
    });
}
