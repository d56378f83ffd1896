//! Cases of the longest contents and of the largest numbers.

use super::probe::{Probe, key, next, owner, row};
use aura_proto::UnixTime;
use aura_proto::store::{BeginSession, Begun, EndSessions, OwnerKey, ReplaceSession, Replaced, SessionKey};
use bytes::Bytes;

/// The largest numbers of signed and unsigned columns, and those that floating-point numbers keep exactly.
const LARGE: [u64; 5] = [1 << 53, (1 << 53) + 1, i64::MAX as u64 - 1, i64::MAX as u64, u64::MAX];

pub(super) fn contents_of_all_bytes_and_64_kib_are_kept(probe: &Probe<'_>) {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for body in [vec![], vec![0; 65_536], vec![0xff; 65_536], all.repeat(256)] {
        let mut row = row(owner());
        row.face = Bytes::from(all.repeat(2));
        row.body = Bytes::from(body);
        probe.begin(&row);
        probe.holds("the session is as it was written", probe.row(&row).as_ref() == Some(&row));
        let mut question = next(&row);
        question.row.face = row.body.slice(..row.body.len().min(512));
        question.row.body = Bytes::from(all.clone());
        let expected = question.row.clone();
        probe.same("the replacement", probe.replace(question), Replaced::Replaced);
        probe.holds("the session is as it was replaced", probe.row(&row).as_ref() == Some(&expected));
    }
}

pub(super) fn keys_of_all_bytes_are_kept_apart(probe: &Probe<'_>) {
    let keys = [[0; 32], [0xff; 32]].map(SessionKey::from_bytes);
    let owners = [[0; 16], [0xff; 16]].map(OwnerKey::from_bytes);
    for key in keys {
        probe.end(EndSessions::One(key));
    }
    for (key, owner) in keys.into_iter().zip(owners) {
        let mut row = row(owner);
        row.key = key;
        probe.begin(&row);
        probe.same("the sessions of the user", probe.listed(&[owner]), vec![key]);
    }
    let [zero, ones] = keys;
    probe.same("what ended", probe.end(EndSessions::One(zero)), 1);
    probe.same("what ended", probe.end(EndSessions::One(ones)), 1);
    probe.same("the session", probe.load(key(), owner()), None);
}

pub(super) fn extreme_times_are_refused_or_kept(probe: &Probe<'_>) {
    let large = LARGE.map(|millis| UnixTime::from_millis(millis).whole_seconds());
    for extreme in [UnixTime::from_secs(0)].into_iter().chain(large) {
        let mut row = row(owner());
        (row.begun, row.seen) = (extreme, extreme);
        row.ends = row.ends.max(extreme);
        if probe.store.begin(BeginSession::new(row.clone())).is_ok() {
            probe.same("the session", probe.row(&row), Some(row.clone()));
            probe.same("the sessions", probe.listed(&[row.owner]), vec![row.key]);
            probe.same("what ended", probe.revoke(&[row.owner], 1), 1);
        }
        probe.expect_gone(&[&row]);
    }
}

pub(super) fn extreme_versions_are_refused_or_kept(probe: &Probe<'_>) {
    for version in LARGE {
        let mut row = row(owner());
        row.version = version - 1;
        if probe.store.begin(BeginSession::new(row.clone())).is_err() {
            probe.expect_gone(&[&row]);
            continue;
        }
        let mut other = next(&row);
        other.version -= 1;
        probe.same("the replacement of another version", probe.replace(other), Replaced::Changed);
        let question = next(&row);
        let mut expected = row.clone();
        if let Ok(answer) = probe.store.replace(question.clone()) {
            probe.same("the replacement", answer, Replaced::Replaced);
            expected = question.row;
        }
        probe.same("the session", probe.row(&row), Some(expected));
    }
}

pub(super) fn extreme_generations_are_refused_or_kept(probe: &Probe<'_>) {
    for large in LARGE {
        let user = owner();
        let row = row(user);
        probe.begin(&row);
        let raised = probe.store.end(EndSessions::Owner { owners: vec![user], generation: large });
        probe.same("the generation", probe.generation(user), if raised.is_ok() { large } else { 0 });
        probe.same("whether the session ended", probe.is_live(&row), raised.is_err());
        let again = probe.store.end(EndSessions::Owner { owners: vec![user], generation: 0 });
        let before = if raised.is_ok() { large } else { 0 };
        let expected = if again.is_ok() { before.saturating_add(1) } else { before };
        probe.same("the generation", probe.generation(user), expected);
        probe.holds("what cannot be raised is refused", again.is_err() || before < u64::MAX);
        replaced_with_generation(probe, large);
    }
}

fn replaced_with_generation(probe: &Probe<'_>, generation: u64) {
    let row = row(owner());
    probe.same("the beginning", probe.ask(BeginSession::new(row.clone())), Begun::Begun);
    let mut question: ReplaceSession = next(&row);
    question.generation = Some(generation);
    let expected = if probe.store.replace(question).is_ok() { generation } else { 0 };
    probe.same("the session's generation", probe.row(&row).map(|row| row.generation), Some(expected));
}
