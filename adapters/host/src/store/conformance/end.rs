//! Cases of ending sessions.

use super::probe::{Probe, elsewhere, key, next, owner, row, row_elsewhere};
use aura_proto::store::{EndSessions, Replaced};

pub(super) fn ending_one_session_leaves_the_others(probe: &Probe<'_>) {
    let (user, session) = (owner(), elsewhere());
    let (ended, other) = (row_elsewhere(user, session), row_elsewhere(user, session));
    probe.begin_all(&[&ended, &other]);
    probe.same("what ended", probe.end(EndSessions::One(ended.key)), 1);
    probe.expect_gone(&[&ended]);
    probe.expect_there(&[&other]);
    probe.same("the generation", probe.generation(user), 0);
}

pub(super) fn ending_twice_is_no_error(probe: &Probe<'_>) {
    let (user, session) = (owner(), elsewhere());
    for question in [
        |row, _, _| EndSessions::One(row),
        |_, session, _| EndSessions::Elsewhere { sessions: vec![session], owners: vec![] },
        |_, _, user| EndSessions::Owner { owners: vec![user], generation: 5 },
    ] {
        let row = row_elsewhere(user, session);
        probe.begin(&row);
        let question = question(row.key, session, user);
        probe.same("what ended", probe.end(question.clone()), 1);
        probe.same("what ended again", probe.end(question), 0);
        probe.expect_gone(&[&row]);
    }
}

pub(super) fn ending_what_is_unknown_ends_nothing(probe: &Probe<'_>) {
    let row = row_elsewhere(owner(), elsewhere());
    probe.begin(&row);
    probe.same("what ended", probe.end(EndSessions::One(key())), 0);
    probe.same("what ended elsewhere", probe.end_elsewhere(&[elsewhere()], &[owner()]), 0);
    probe.same("what ended of a user", probe.revoke(&[owner()], 1), 0);
    probe.holds("the session is live", probe.is_live(&row));
}

pub(super) fn elsewhere_ends_the_sessions_of_a_provider_session(probe: &Probe<'_>) {
    let (first, second) = (elsewhere(), elsewhere());
    let user = owner();
    let rows = [row_elsewhere(user, first), row_elsewhere(owner(), first), row_elsewhere(user, second)];
    let (other, unnamed) = (row_elsewhere(user, elsewhere()), row(user));
    rows.iter().chain([&other, &unnamed]).for_each(|row| probe.begin(row));
    probe.same("what ended", probe.end_elsewhere(&[elsewhere(), first, second], &[]), 3);
    rows.iter().for_each(|row| probe.expect_gone(&[row]));
    probe.expect_there(&[&other, &unnamed]);
    probe.same("the generation", probe.generation(user), 0);
}

pub(super) fn elsewhere_ends_the_sessions_of_a_user_that_name_none(probe: &Probe<'_>) {
    let (old_name, new_name, session) = (owner(), owner(), elsewhere());
    let ended = [row(old_name), row(new_name), row_elsewhere(new_name, session)];
    let (named, stranger) = (row_elsewhere(new_name, elsewhere()), row(owner()));
    ended.iter().chain([&named, &stranger]).for_each(|row| probe.begin(row));
    probe.same("what ended", probe.end_elsewhere(&[session], &[old_name, new_name]), 3);
    ended.iter().for_each(|row| probe.expect_gone(&[row]));
    probe.expect_there(&[&named, &stranger]);
}

pub(super) fn owner_ends_every_session_of_a_user(probe: &Probe<'_>) {
    let (old_name, new_name) = (owner(), owner());
    let rows = [row(old_name), row(new_name), row_elsewhere(new_name, elsewhere())];
    let stranger = row(owner());
    rows.iter().chain([&stranger]).for_each(|row| probe.begin(row));
    probe.same("what ended", probe.revoke(&[old_name, new_name], 1_790_000_000_000), 3);
    rows.iter().for_each(|row| probe.expect_gone(&[row]));
    probe.same("the sessions", probe.listed(&[old_name, new_name]), vec![]);
    probe.holds("the session of another user is live", probe.is_live(&stranger));
}

pub(super) fn owner_raises_the_generation_to_what_is_given_or_by_one(probe: &Probe<'_>) {
    let user = owner();
    for (given, expected) in
        [(0, 1), (1, 2), (10, 10), (10, 11), (3, 12), (1 << 52, 1 << 52), (9, (1 << 52) + 1)]
    {
        probe.revoke(&[user], given);
        probe.same("the generation", probe.generation(user), expected);
        let row = row(user);
        probe.begin(&row);
        let found = probe.load(row.key, user).map(|(row, generation)| (row.generation, generation));
        probe.same("the generations of a session and its user", found, Some((expected, expected)));
    }
}

pub(super) fn owner_raises_all_names_of_a_user_to_the_same_generation(probe: &Probe<'_>) {
    let names = [owner(), owner(), owner()];
    let [first, second, _] = names;
    probe.revoke(&[first], 20);
    probe.revoke(&[second], 7);
    let row = row(first);
    probe.begin(&row);
    probe.same("what ended", probe.revoke(&names, 10), 1);
    names.iter().for_each(|name| probe.same("the generation of a name", probe.generation(*name), 21));
    probe.revoke(&names, 30);
    names.iter().for_each(|name| probe.same("the generation of a name", probe.generation(*name), 30));
}

pub(super) fn owner_leaves_sessions_that_have_the_generation(probe: &Probe<'_>) {
    let user = owner();
    let (kept, above, ended) = (row(user), row(user), row(user));
    probe.begin_all(&[&kept, &above, &ended]);
    for (row, generation) in [(&kept, 50), (&above, 51)] {
        let mut question = next(row);
        question.generation = Some(generation);
        probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    }
    probe.same("what ended", probe.revoke(&[user], 50), 1);
    probe.expect_gone(&[&ended]);
    probe.holds(
        "sessions of that generation and above are live",
        probe.is_live(&kept) && probe.is_live(&above),
    );
    probe.same("what ended by one more", probe.revoke(&[user], 50), 1);
    probe.expect_gone(&[&kept]);
    probe.holds("a session of the raised generation is live", probe.is_live(&above));
}

pub(super) fn others_leaves_the_session_that_was_lifted_however_often_it_is_asked(probe: &Probe<'_>) {
    let (old_name, user) = (owner(), owner());
    let (own, other, newer) = (row(user), row(user), row(user));
    probe.begin_all(&[&own, &other]);
    // Two requests of one session that ends the others: each lifts it, and the first one asks last.
    for (generation, version) in [(50, 1), (51, 2)] {
        let mut question = next(&own);
        (question.version, question.row.version) = (version - 1, version);
        question.generation = Some(generation);
        probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    }
    let ends = |generation| EndSessions::Others { owners: vec![old_name, user], generation };
    probe.same("what ended", probe.end(ends(51)), 1);
    probe.begin(&newer);
    probe.same("what ended by the first request", probe.end(ends(50)), 0);
    probe.same("what ended by the second one again", probe.end(ends(51)), 0);
    probe.expect_gone(&[&other]);
    probe.holds("the session and a later one are live", probe.is_live(&own) && probe.is_live(&newer));
    for name in [old_name, user] {
        probe.same("the generation", probe.generation(name), 51);
    }
}

/// A session that the index of its user has lost is found under that user in no other way than by its key.
pub(super) fn what_the_deletion_does_not_find_has_a_lower_generation(probe: &Probe<'_>) {
    let row = row(owner());
    probe.begin(&row);
    let mut question = next(&row);
    question.row.owner = owner();
    probe.same("the replacement", probe.replace(question), Replaced::Replaced);
    probe.same("what ended", probe.revoke(&[row.owner], 5), 0);
    probe.holds(
        "the session is there and not live for the user",
        probe.is_there(&row) && !probe.is_live(&row),
    );
}

pub(super) fn a_generation_is_kept_after_the_last_session(probe: &Probe<'_>) {
    let user = owner();
    let row = row(user);
    probe.begin(&row);
    probe.revoke(&[user], 5);
    probe.same("the generation", probe.generation(user), 5);
    probe.begin(&row);
    probe.end(EndSessions::One(row.key));
    probe.same("the generation after a session", probe.generation(user), 5);
}

pub(super) fn empty_lists_end_nothing(probe: &Probe<'_>) {
    let row = row(owner());
    probe.begin(&row);
    probe.same("what ended of nobody", probe.revoke(&[], 1_790_000_000_000), 0);
    probe.same("what ended nowhere", probe.end_elsewhere(&[], &[]), 0);
    probe.same("the sessions of nobody", probe.list(&[]), Default::default());
    probe.holds("the session is live", probe.is_live(&row));
}

pub(super) fn names_given_twice_count_once(probe: &Probe<'_>) {
    let (user, session) = (owner(), elsewhere());
    let rows = [row(user), row_elsewhere(user, session), row(user)];
    rows.iter().for_each(|row| probe.begin(row));
    probe.same("the number of sessions", probe.listed(&[user, user]).len(), 3);
    probe.same("what ended elsewhere", probe.end_elsewhere(&[session, session], &[user, user]), 3);
    rows.iter().for_each(|row| probe.begin(row));
    probe.same("what ended of the user", probe.revoke(&[user, user], 0), 3);
    probe.same("the generation", probe.generation(user), 1);
}
