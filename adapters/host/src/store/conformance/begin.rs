//! Cases of beginning and loading sessions.

use super::probe::{Probe, elsewhere, key, owner, row, row_begun_ago, row_elsewhere};
use aura_proto::store::{BeginSession, Begun, SessionKey, SessionRow};
use bytes::Bytes;
use std::time::Duration;

pub(super) fn a_session_that_began_is_found_as_it_was_written(probe: &Probe<'_>) {
    let mut row = row_elsewhere(owner(), elsewhere());
    row.seen = row.begun.saturating_add(Duration::from_secs(7));
    probe.begin(&row);
    probe.same("the session", probe.load(row.key, row.owner), Some((row, 0)));
}

pub(super) fn begin_never_overwrites(probe: &Probe<'_>) {
    let (first, other) = (row(owner()), row(owner()));
    probe.begin(&first);
    probe.begin(&other);
    let mut second = row(first.owner);
    second.key = first.key;
    second.body = Bytes::from_static(b"another");
    let question = question(&second, Some(other.key), Some(1));
    probe.same("the second beginning", probe.ask(question), Begun::Taken);
    probe.same("the session", probe.row(&first), Some(first.clone()));
    probe.expect_there(&[&other]);
    let mut stranger = second;
    stranger.owner = owner();
    probe.same("a user's beginning", probe.ask(BeginSession::new(stranger.clone())), Begun::Taken);
    probe.same("the sessions of that user", probe.listed(&[stranger.owner]), vec![]);
}

pub(super) fn begin_writes_the_generation_of_its_user(probe: &Probe<'_>) {
    let mut row = row(owner());
    row.generation = 99;
    probe.revoke(&[row.owner], 7);
    probe.begin(&row);
    row.generation = 7;
    probe.same("session and generation", probe.load(row.key, row.owner), Some((row, 7)));
}

pub(super) fn begin_deletes_the_session_that_it_replaces(probe: &Probe<'_>) {
    let (old, new) = (row_elsewhere(owner(), elsewhere()), row(owner()));
    probe.begin(&old);
    probe.same("the beginning", probe.ask(question(&new, Some(old.key), None)), Begun::Begun);
    probe.expect_gone(&[&old]);
    probe.expect_there(&[&new]);
    probe.same("the sessions of the user before", probe.listed(&[old.owner]), vec![]);
}

pub(super) fn begin_replacing_nothing_that_is_there_begins(probe: &Probe<'_>) {
    let new = row(owner());
    probe.same("the beginning", probe.ask(question(&new, Some(key()), None)), Begun::Begun);
    probe.expect_there(&[&new]);
}

pub(super) fn begin_replacing_itself_leaves_the_session(probe: &Probe<'_>) {
    let new = row(owner());
    probe.same("the beginning", probe.ask(question(&new, Some(new.key), None)), Begun::Begun);
    probe.expect_there(&[&new]);
}

pub(super) fn at_most_drops_the_sessions_that_began_first(probe: &Probe<'_>) {
    let owner = owner();
    let [oldest, old, recent] = [30, 20, 10].map(|ago| row_begun_ago(owner, ago));
    probe.begin_all(&[&old, &recent, &oldest]);
    let new = row(owner);
    probe.same("the beginning", probe.ask(question(&new, None, Some(3))), Begun::Begun);
    probe.same("the sessions", probe.listed(&[owner]), vec![new.key, recent.key, old.key]);
    probe.expect_gone(&[&oldest]);
    let newer = row(owner);
    probe.same("the beginning", probe.ask(question(&newer, Some(old.key), Some(3))), Begun::Begun);
    probe.expect_there(&[&recent, &new, &newer]);
    probe.expect_gone(&[&old]);
}

pub(super) fn at_most_counts_no_session_that_has_ended(probe: &Probe<'_>) {
    let owner = owner();
    let [live, mut ended] = [30, 20].map(|ago| row_begun_ago(owner, ago));
    ended.ends = ended.begun.saturating_add(Duration::from_secs(10));
    probe.begin_all(&[&live, &ended]);
    let new = row(owner);
    probe.same("the beginning", probe.ask(question(&new, None, Some(2))), Begun::Begun);
    probe.expect_there(&[&live, &new]);
}

pub(super) fn at_most_leaves_the_session_that_begins(probe: &Probe<'_>) {
    let owner = owner();
    for at_most in [1, 0] {
        let (other, new) = (row(owner), row_begun_ago(owner, 5));
        probe.begin(&other);
        probe.same("the beginning", probe.ask(question(&new, None, Some(at_most))), Begun::Begun);
        probe.same("the sessions", probe.listed(&[owner]), vec![new.key]);
    }
    let new = row(owner);
    probe.same("the beginning", probe.ask(question(&new, None, Some(u32::MAX))), Begun::Begun);
    probe.same("the number of sessions", probe.listed(&[owner]).len(), 2);
}

pub(super) fn at_most_leaves_other_users_alone(probe: &Probe<'_>) {
    let (other, new) = (row_begun_ago(owner(), 20), row(owner()));
    probe.begin(&other);
    probe.same("the beginning", probe.ask(question(&new, None, Some(1))), Begun::Begun);
    probe.expect_there(&[&other, &new]);
}

pub(super) fn unknown_sessions_are_absent(probe: &Probe<'_>) {
    let owner = owner();
    probe.same("a session", probe.load(key(), owner), None);
    probe.revoke(&[owner], 5);
    probe.same("a session of a user who was revoked", probe.load(key(), owner), None);
}

pub(super) fn load_tells_the_generation_of_the_user_that_was_asked_for(probe: &Probe<'_>) {
    let (row, other) = (row(owner()), owner());
    probe.begin(&row);
    probe.revoke(&[other], 5);
    probe.same("session and generation", probe.load(row.key, other), Some((row.clone(), 5)));
    probe.same("session and generation", probe.load(row.key, row.owner), Some((row, 0)));
}

fn question(row: &SessionRow, replaces: Option<SessionKey>, at_most: Option<u32>) -> BeginSession {
    let mut question = BeginSession::new(row.clone());
    question.replaces = replaces;
    question.at_most = at_most;
    question
}
