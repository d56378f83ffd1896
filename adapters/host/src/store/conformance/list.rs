//! Cases of listing and sweeping sessions.

use super::probe::{Probe, elsewhere, key, next, owner, row, row_begun_ago, row_elsewhere};
use aura_proto::store::{EndSessions, ListSessions, Listed, Replaced, SessionRow};
use bytes::Bytes;
use std::time::Duration;

pub(super) fn list_shows_those_that_began_last_first(probe: &Probe<'_>) {
    let user = owner();
    let [first, mut second, third] = [3000, 2000, 1000].map(|ago| row_begun_ago(user, ago));
    second.elsewhere = Some(elsewhere());
    probe.begin_all(&[&second, &third, &first]);
    // That a session was seen since, or ends later, does not move it.
    let mut question = next(&first);
    question.row.seen = third.seen.saturating_add(Duration::from_secs(500));
    question.row.ends = third.ends.saturating_add(Duration::from_secs(500));
    let first = question.row.clone();
    probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    let rows = probe.list(&[user]).rows.into_iter().map(without_body).collect();
    probe.same("the rows", rows, [third, second, first].map(without_body).to_vec());
}

pub(super) fn list_shows_a_hundred_at_most(probe: &Probe<'_>) {
    let names = [owner(), owner()];
    let [first, second] = names;
    let rows: Vec<_> =
        (0..120).map(|n| row_begun_ago(if n % 3 == 0 { first } else { second }, 1000 - n)).collect();
    rows.iter().for_each(|row| probe.begin(row));
    let expected: Vec<_> = rows.iter().rev().take(ListSessions::MAX).map(|row| row.key).collect();
    probe.same("the sessions", probe.listed(&names), expected);
    probe.same("what ended", probe.revoke(&names, 1), 120);
}

pub(super) fn list_shows_the_sessions_of_all_names_and_the_highest_generation(probe: &Probe<'_>) {
    let names = [owner(), owner(), owner()];
    let [first, second, _] = names;
    probe.revoke(&[first], 5);
    probe.revoke(&[second], 3);
    let (older, newer) = (row_begun_ago(second, 10), row(first));
    probe.begin_all(&[&older, &newer, &row(owner())]);
    let listed = probe.list(&names);
    probe.same("the generation", listed.generation, 5);
    let found: Vec<_> = listed.rows.iter().map(|row| (row.key, row.owner, row.generation)).collect();
    probe.same("the sessions", found, vec![(newer.key, first, 5), (older.key, second, 3)]);
}

pub(super) fn list_of_an_unknown_user_is_empty(probe: &Probe<'_>) {
    let user = owner();
    probe.same("the list", probe.list(&[user]), Listed::default());
    probe.revoke(&[user], 5);
    probe.same(
        "the list of a user who was revoked",
        probe.list(&[user]),
        Listed { rows: vec![], generation: 5 },
    );
}

pub(super) fn list_shows_no_session_that_was_deleted(probe: &Probe<'_>) {
    let (user, session) = (owner(), elsewhere());
    let rows = [row(user), row_elsewhere(user, session), row_begun_ago(user, 10)];
    let [one, other, left] = &rows;
    rows.iter().for_each(|row| probe.begin(row));
    probe.end(EndSessions::One(one.key));
    probe.end_elsewhere(&[session], &[]);
    probe.same("the sessions", probe.listed(&[user]), vec![left.key]);
    probe.expect_gone(&[one, other]);
}

/// A store whose rows end by themselves deletes none.
pub(super) fn sweep_deletes_what_has_ended_up_to_its_limit(probe: &Probe<'_>) {
    let user = owner();
    let rows: Vec<_> = (0..5).map(|_| soon_ended(row_elsewhere(user, elsewhere()))).collect();
    rows.iter().for_each(|row| probe.begin(row));
    let now = row(user).begun.saturating_add(Duration::from_secs(120));
    let swept: Vec<_> =
        std::iter::repeat_with(|| probe.sweep(now, 2)).take_while(|swept| *swept > 0).collect();
    probe.holds("a sweep keeps its limit", swept.iter().all(|swept| *swept <= 2));
    if !swept.is_empty() {
        probe.same("the sessions", probe.listed(&[user]), vec![]);
        rows.iter().for_each(|row| probe.expect_gone(&[row]));
    }
    probe.same("what a sweep of nothing deletes", probe.sweep(now, 0), 0);
}

pub(super) fn sweep_leaves_sessions_that_have_not_ended(probe: &Probe<'_>) {
    let user = owner();
    let (live, prolonged) = (row(user), soon_ended(row(user)));
    probe.begin_all(&[&live, &prolonged]);
    let mut question = next(&prolonged);
    question.row.ends = live.ends;
    probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    probe.sweep(prolonged.ends.saturating_add(Duration::from_secs(10)), 1000);
    probe.expect_there(&[&live, &prolonged]);
    probe.same("an unknown session", probe.load(key(), user), None);
}

fn soon_ended(mut row: SessionRow) -> SessionRow {
    row.ends = row.begun.saturating_add(Duration::from_secs(60));
    row
}

fn without_body(mut row: SessionRow) -> SessionRow {
    row.body = Bytes::new();
    row
}
