//! Cases of replacing sessions.

use super::probe::{Probe, elsewhere, key, next, owner, row, row_elsewhere};
use aura_proto::store::{EndSessions, Replaced, SessionRow};
use bytes::Bytes;
use std::time::Duration;

pub(super) fn replace_writes_every_column_but_generation_and_begun(probe: &Probe<'_>) {
    let user = owner();
    probe.revoke(&[user], 3);
    let before = row(user);
    probe.begin(&before);
    let mut expected = next(&before).row;
    expected.owner = owner();
    expected.elsewhere = Some(elsewhere());
    expected.seen = before.seen.saturating_add(Duration::from_secs(300));
    expected.ends = before.ends.saturating_add(Duration::from_secs(300));
    expected.face = Bytes::from_static(b"another face");
    expected.body = Bytes::new();
    let mut question = next(&before);
    question.row = expected.clone();
    question.row.begun = before.begun.saturating_add(Duration::from_secs(99));
    question.row.generation = 99;
    probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    expected.generation = 3;
    probe.same("the session", probe.row(&expected), Some(expected.clone()));
}

pub(super) fn replace_never_inserts(probe: &Probe<'_>) {
    let row = row_elsewhere(owner(), elsewhere());
    probe.same("the replacement of nothing", probe.replace(next(&row)), Replaced::Gone);
    probe.expect_gone(&[&row]);
    probe.same("the sessions of the user", probe.listed(&[row.owner]), vec![]);
    let mut question = next(&row);
    question.version = 0;
    question.row.version = 0;
    question.generation = Some(1);
    probe.same("the replacement of nothing", probe.replace(question), Replaced::Gone);
    probe.expect_gone(&[&row]);
}

pub(super) fn replace_of_another_version_changes_nothing(probe: &Probe<'_>) {
    let row = row_elsewhere(owner(), elsewhere());
    probe.begin(&row);
    for version in [1, 2, 255, 256, 1 << 40] {
        let mut question = next(&row);
        question.version = version;
        question.row.version = version + 1;
        question.row.owner = owner();
        question.row.elsewhere = Some(elsewhere());
        question.row.body = Bytes::from_static(b"another");
        let (other, session) = (question.row.owner, question.row.elsewhere);
        probe.same("the replacement", probe.replace(question), Replaced::Changed);
        probe.same("the session", probe.row(&row), Some(row.clone()));
        probe.same("the sessions of the other user", probe.listed(&[other]), vec![]);
        probe.same("what ends with the other session", probe.end_elsewhere(session.as_slice(), &[]), 0);
    }
}

pub(super) fn a_version_is_replaced_once(probe: &Probe<'_>) {
    let row = row(owner());
    probe.begin(&row);
    probe.same("the first replacement", probe.replace(next(&row)), Replaced::Replaced);
    probe.same("the same one again", probe.replace(next(&row)), Replaced::Changed);
    let second = next(&row).row;
    probe.same("the next one", probe.replace(next(&second)), Replaced::Replaced);
    probe.same("the version", probe.row(&row).map(|row| row.version), Some(2));
}

pub(super) fn replace_writes_a_generation_that_is_given(probe: &Probe<'_>) {
    let row = row(owner());
    probe.begin(&row);
    let mut question = next(&row);
    question.generation = Some(1_790_000_000_123);
    probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    let mut expected = next(&row).row;
    expected.generation = 1_790_000_000_123;
    probe.same("session and generation", probe.load(row.key, row.owner), Some((expected, 0)));
}

pub(super) fn an_ended_session_is_not_replaced(probe: &Probe<'_>) {
    let row = row(owner());
    probe.begin(&row);
    probe.end(EndSessions::One(row.key));
    probe.same("the replacement", probe.replace(next(&row)), Replaced::Gone);
    probe.expect_gone(&[&row]);
}

pub(super) fn a_changed_user_moves_the_session(probe: &Probe<'_>) {
    let before = row(owner());
    probe.begin(&before);
    let mut question = next(&before);
    question.row.owner = owner();
    let after = question.row.clone();
    probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    probe.same("the sessions of the user before", probe.listed(&[before.owner]), vec![]);
    probe.same("the sessions of the user after", probe.listed(&[after.owner]), vec![after.key]);
    probe.same("what ends with the user before", probe.revoke(&[before.owner], 5), 0);
    probe.same("what ends elsewhere", probe.end_elsewhere(&[], &[before.owner]), 0);
    probe.holds("the session is live", probe.is_live(&after));
    probe.same("what ends with the user after", probe.revoke(&[after.owner], 5), 1);
    probe.expect_gone(&[&after]);
}

pub(super) fn a_changed_provider_session_moves_the_session(probe: &Probe<'_>) {
    let (first, second) = (elsewhere(), elsewhere());
    let before = row_elsewhere(owner(), first);
    probe.begin(&before);
    let mut question = next(&before);
    question.row.elsewhere = Some(second);
    probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    probe.same("what ends with the session before", probe.end_elsewhere(&[first], &[]), 0);
    probe.expect_there(&[&before]);
    probe.same("what ends with the session after", probe.end_elsewhere(&[second], &[]), 1);
    probe.expect_gone(&[&before]);
}

pub(super) fn a_provider_session_may_be_dropped_and_added(probe: &Probe<'_>) {
    let (user, session) = (owner(), elsewhere());
    let (named, unnamed) = (row_elsewhere(user, session), row(user));
    probe.begin_all(&[&named, &unnamed]);
    let with = |row: &SessionRow, elsewhere| {
        let mut question = next(row);
        question.row.elsewhere = elsewhere;
        probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    };
    with(&named, None);
    with(&unnamed, Some(elsewhere()));
    probe.same("what ends with the session before", probe.end_elsewhere(&[session], &[]), 0);
    probe.same("what names none", probe.end_elsewhere(&[session], &[user]), 1);
    probe.expect_gone(&[&named]);
    probe.expect_there(&[&unnamed]);
}

/// An index whose entries end by themselves has to follow a session that ends later.
pub(super) fn a_session_that_was_prolonged_is_still_found_by_its_user(probe: &Probe<'_>) {
    let (user, session) = (owner(), elsewhere());
    let mut short = row_elsewhere(user, session);
    short.ends = short.begun.saturating_add(Duration::from_secs(60));
    probe.begin(&short);
    let mut question = next(&short);
    question.row.ends = short.begun.saturating_add(Duration::from_secs(7200));
    probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    // The clock of the next beginning is after the first end.
    let mut later = row_elsewhere(user, session);
    later.begun = short.begun.saturating_add(Duration::from_secs(600));
    probe.begin(&later);
    probe.same("the sessions", probe.listed(&[user]), vec![later.key, short.key]);
    probe.same("the sessions of nobody", probe.row(&row(owner())), None);
    probe.same("what ends elsewhere", probe.end_elsewhere(&[session], &[]), 2);
    probe.same("an unknown one", probe.load(key(), user), None);
}
