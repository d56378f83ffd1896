//! Conformance suite of stores of sessions and of counts: what every store has to do, races included.
//!
//! A store of your own runs it in a test. A case that fails panics with its name and with what was expected:
//!
//! ```
//! use aura_host::store::{MemoryStore, conformance};
//!
//! conformance::run(&MemoryStore::default());
//! ```
//!
//! The store may hold other sessions, and nothing else may use it meanwhile. Users, sessions and keys of the suite are random,
//! but for two keys; most of its sessions end an hour after they began, and some at the end of time.

#![expect(clippy::panic, clippy::arithmetic_side_effects, reason = "the suite is a test")]
#![expect(clippy::needless_pass_by_value, reason = "a question is made to be asked once")]

mod begin;
mod blocking;
mod counts;
mod end;
mod extremes;
mod list;
mod probe;
mod races;
mod races_of_users;
mod replace;

pub use blocking::Blocking;
pub use counts::{COUNT_CASES, CountCase, run_counts};

use super::BlockingSessionStore;
use probe::Probe;

/// How often [`run`] repeats each race.
///
/// ```
/// # use aura_host::store::conformance::ROUNDS;
/// assert!(ROUNDS >= 50);
/// ```
pub const ROUNDS: u32 = 100;

/// One case of the suite.
///
/// ```
/// use aura_host::store::{MemoryStore, conformance};
///
/// let case = conformance::CASES.iter().find(|case| case.name == "replace_never_inserts").unwrap();
/// case.run(&MemoryStore::default(), 1);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Case {
    /// What the store has to do.
    pub name: &'static str,
    check: fn(&Probe<'_>),
}

impl Case {
    /// Runs the case; a race as often as `rounds` says.
    ///
    /// ```
    /// use aura_host::store::{MemoryStore, conformance};
    ///
    /// let store = MemoryStore::default();
    /// for case in conformance::CASES {
    ///     case.run(&store, 3);
    /// }
    /// ```
    ///
    /// # Panics
    /// The store does not do what the case says.
    pub fn run(&self, store: &dyn BlockingSessionStore, rounds: u32) {
        (self.check)(&Probe { store, case: self.name, rounds });
    }
}

/// Runs every case, and each race [`ROUNDS`] times.
///
/// ```
/// use aura_host::store::{MemoryStore, conformance};
///
/// conformance::run(&MemoryStore::with_limit(1_000));
/// ```
///
/// # Panics
/// The store does not do what a case says.
pub fn run(store: &dyn BlockingSessionStore) {
    for case in CASES {
        case.run(store, ROUNDS);
    }
}

/// Names cases after their functions.
macro_rules! cases {
    ($($file:ident { $($case:ident),+ $(,)? })+) => {
        &[$($(Case { name: stringify!($case), check: $file::$case }),+),+]
    };
}

/// The cases, in the order of [`run`].
///
/// ```
/// use aura_host::store::conformance::CASES;
///
/// assert!(CASES.len() > 40);
/// assert!(CASES.iter().any(|case| case.name == "a_replacement_under_way_brings_no_ended_session_back"));
/// ```
pub const CASES: &[Case] = cases! {
    begin {
        a_session_that_began_is_found_as_it_was_written,
        begin_never_overwrites,
        begin_writes_the_generation_of_its_user,
        begin_deletes_the_session_that_it_replaces,
        begin_replacing_nothing_that_is_there_begins,
        begin_replacing_itself_leaves_the_session,
        at_most_drops_the_sessions_that_began_first,
        at_most_counts_no_session_that_has_ended,
        at_most_leaves_the_session_that_begins,
        at_most_leaves_other_users_alone,
        unknown_sessions_are_absent,
        load_tells_the_generation_of_the_user_that_was_asked_for,
    }
    replace {
        replace_writes_every_column_but_generation_and_begun,
        replace_never_inserts,
        replace_of_another_version_changes_nothing,
        a_version_is_replaced_once,
        replace_writes_a_generation_that_is_given,
        an_ended_session_is_not_replaced,
        a_changed_user_moves_the_session,
        a_changed_provider_session_moves_the_session,
        a_provider_session_may_be_dropped_and_added,
        a_session_that_was_prolonged_is_still_found_by_its_user,
    }
    end {
        ending_one_session_leaves_the_others,
        ending_twice_is_no_error,
        ending_what_is_unknown_ends_nothing,
        elsewhere_ends_the_sessions_of_a_provider_session,
        elsewhere_ends_the_sessions_of_a_user_that_name_none,
        owner_ends_every_session_of_a_user,
        owner_raises_the_generation_to_what_is_given_or_by_one,
        owner_raises_all_names_of_a_user_to_the_same_generation,
        owner_leaves_sessions_that_have_the_generation,
        others_leaves_the_session_that_was_lifted_however_often_it_is_asked,
        what_the_deletion_does_not_find_has_a_lower_generation,
        a_generation_is_kept_after_the_last_session,
        empty_lists_end_nothing,
        names_given_twice_count_once,
    }
    list {
        list_shows_those_that_began_last_first,
        list_shows_a_hundred_at_most,
        list_shows_the_sessions_of_all_names_and_the_highest_generation,
        list_of_an_unknown_user_is_empty,
        list_shows_no_session_that_was_deleted,
        sweep_deletes_what_has_ended_up_to_its_limit,
        sweep_leaves_sessions_that_have_not_ended,
    }
    extremes {
        contents_of_all_bytes_and_64_kib_are_kept,
        keys_of_all_bytes_are_kept_apart,
        extreme_times_are_refused_or_kept,
        extreme_versions_are_refused_or_kept,
        extreme_generations_are_refused_or_kept,
    }
    races {
        of_two_beginnings_with_one_key_one_begins,
        of_two_replacements_of_a_version_one_replaces,
        no_replacement_is_lost,
        a_replacement_under_way_brings_no_ended_session_back,
        a_replacement_under_way_brings_no_session_back_that_ended_elsewhere,
        a_session_that_changes_its_names_outlives_no_end_elsewhere_of_both,
        a_session_ends_once,
        two_sessions_may_replace_the_same_one,
        a_session_that_is_prolonged_is_not_swept,
    }
    races_of_users {
        a_revocation_ends_all_that_began_before_and_nothing_that_began_after,
        a_replacement_under_way_outlives_no_revocation,
        a_session_that_changes_its_user_outlives_no_revocation_of_both,
        revocations_under_way_leave_one_generation_under_all_names,
        a_revocation_under_way_lowers_no_generation,
        at_most_holds_after_sessions_that_began_at_once,
    }
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryCounts, MemoryStore};
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn the_store_in_memory_conforms() {
        let store = MemoryStore::default();
        CASES.iter().for_each(|case| case.run(&store, 1_000));
    }

    #[test]
    fn the_store_in_memory_conforms_where_it_is_awaited() {
        run(&Blocking::new(MemoryStore::default(), poll_once));
    }

    #[test]
    fn the_counts_in_memory_conform() {
        let counts = MemoryCounts::default();
        COUNT_CASES.iter().for_each(|case| case.run(&counts, 1_000));
        run_counts(&Blocking::new(counts, poll_once));
    }

    fn poll_once(future: Pin<&mut (dyn Future<Output = ()> + Send)>) {
        assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
    }
}
