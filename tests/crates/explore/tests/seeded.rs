//! Seeded faults: each removes one check of the core, and has a shortest story that ends badly.
//!
//! `cargo run -p aura-mutants -- --faults` weaves the faults of `tests/crates/explore/faults` into one build of the core, and
//! runs [`the_fault_that_is_on_is_found`] once for each. A test of `aura-mutants` checks that each fault fits the core.

use aura_explore::deployment::{Deployment, Setting};
use aura_explore::overlap::{self, Bounds, Kind, Scene, Wrong};
use aura_explore::properties::Violation;
use aura_explore::search::explore;
use aura_explore::start::Start;
use std::collections::BTreeSet;
use std::path::Path;

/// Where each fault is found, and which property it breaks first.
#[rustfmt::skip]
const FOUND: [(&str, Setting, Start, Violation); 25] = [
    ("state_unchecked", Setting::Secure, Start::Fresh, Violation::AttemptEnded),
    ("provider_unbound", Setting::Secure, Start::Fresh, Violation::CodeToOther),
    ("attempt_decides", Setting::Secure, Start::Fresh, Violation::CodeToOther),
    ("issuer_ignored", Setting::Secure, Start::Fresh, Violation::OtherIssuer),
    ("nonce_ignored", Setting::Secure, Start::UnderWay, Violation::ForeignAccount),
    ("verifier_shared", Setting::OAuth, Start::UnderWay, Violation::ForeignAccount),
    ("challenge_omitted", Setting::OAuth, Start::UnderWay, Violation::ForeignAccount),
    ("exchange_retried", Setting::OAuth, Start::Fresh, Violation::CodeUsedTwice),
    ("attempt_kept", Setting::Secure, Start::Fresh, Violation::AttemptUsedTwice),
    ("attempt_outlives", Setting::Secure, Start::Fresh, Violation::ForeignAttempt),
    ("guess_ends_attempts", Setting::Secure, Start::Fresh, Violation::AttemptEnded),
    ("sign_in_ends_attempts", Setting::Secure, Start::UnderWay, Violation::AttemptEnded),
    ("sign_out_leaves_attempts", Setting::Secure, Start::Fresh, Violation::StillSignedIn),
    ("csrf_unbound", Setting::Plain, Start::SignedIn, Violation::ForcedSignOut),
    ("csrf_provider_ignored", Setting::Plain, Start::SignedIn, Violation::ForcedSignOut),
    ("first_csrf_cookie", Setting::Plain, Start::SignedIn, Violation::StillSignedIn),
    ("purposes_merged", Setting::Signed, Start::SignedIn, Violation::NoSession),
    ("session_outlives", Setting::Secure, Start::SignedIn, Violation::OutlivedSession),
    ("renewal_unbounded", Setting::Signed, Start::SignedIn, Violation::OutlivedSession),
    ("session_kept", Setting::Secure, Start::SignedIn, Violation::StillSignedIn),
    ("session_cleared", Setting::Secure, Start::SignedIn, Violation::ForcedSignOut),
    ("redirect_unchecked", Setting::Secure, Start::Fresh, Violation::OpenRedirect),
    ("redirect_unbounded", Setting::Secure, Start::Fresh, Violation::ServerError),
    ("rotation_forgets", Setting::Secure, Start::SignedIn, Violation::LostSession),
    ("never_sealed_anew", Setting::Secure, Start::Rotating, Violation::LostSession),
];

const NOTHING_FAILS: Bounds = Bounds { failures: 0, jumps: 0 };
const ONE_FAILURE: Bounds = Bounds { failures: 1, jumps: 0 };
const ONE_JUMP: Bounds = Bounds { failures: 0, jumps: 1 };

/// Which overlapping requests find each fault in what is stored, and which property it breaks first.
#[rustfmt::skip]
const OVERLAPPING: [(&str, [Kind; 2], Bounds, Wrong); 9] = [
    ("generation_ignored", [Kind::Disable, Kind::Read(1)], NOTHING_FAILS, Wrong::LetIn),
    ("store_failure_clears", [Kind::Read(0), Kind::Read(0)], ONE_FAILURE, Wrong::ClearedByFailure),
    ("lease_too_short", [Kind::Tokens(0), Kind::Tokens(0)], ONE_JUMP, Wrong::SpentTwice),
    ("sign_out_keeps_row", [Kind::SignOut(0), Kind::Read(0)], NOTHING_FAILS, Wrong::LetIn),
    ("own_session_not_lifted", [Kind::EndOthers(0), Kind::Read(0)], NOTHING_FAILS, Wrong::LostSession),
    ("overtaken_change_kept", [Kind::Tokens(0), Kind::Tokens(0)], NOTHING_FAILS, Wrong::SpentTwice),
    ("change_not_stored", [Kind::Change(0), Kind::Read(0)], NOTHING_FAILS, Wrong::LostChange),
    ("revoke_unleased", [Kind::Tokens(0), Kind::Revoke(0)], NOTHING_FAILS, Wrong::NotRevoked),
    ("granted_tokens_dropped", [Kind::Tokens(0), Kind::Read(0)], NOTHING_FAILS, Wrong::LostTokens),
];

/// The same where browsers have copies of their sessions.
#[rustfmt::skip]
const WITH_COPIES: [(&str, [Kind; 2], Bounds, Wrong); 3] = [
    ("copy_unbound", [Kind::Read(0), Kind::Read(1)], NOTHING_FAILS, Wrong::ForeignCopy),
    ("copy_never_old", [Kind::Disable, Kind::Read(0)], NOTHING_FAILS, Wrong::LetIn),
    ("certain_reads_copy", [Kind::Disable, Kind::Read(0)], NOTHING_FAILS, Wrong::LetIn),
];

#[test]
#[ignore = "only a core that has the seeded faults has one that is on"]
fn the_fault_that_is_on_is_found() {
    let name = std::env::var("AURA_FAULT").expect("the name of a fault");
    for (scene, rows) in [(Scene::new as fn() -> Scene, &OVERLAPPING[..]), (Scene::with_copies, &WITH_COPIES)]
    {
        if let Some((fault, pair, bounds, end)) = rows.iter().find(|(fault, ..)| *fault == name) {
            let report = overlap::explore(&scene(), pair, *bounds);
            eprintln!("{fault}: {report}");
            assert_eq!(report.story.map(|(_, end)| end), Some(*end), "{fault}");
            return;
        }
    }
    let (fault, setting, start, end) =
        FOUND.into_iter().find(|(fault, ..)| *fault == name).expect("a row of it");
    let report = explore(&Deployment::new(setting), start, 5);
    eprintln!("{fault}: {report}");
    assert_eq!(report.story.map(|story| story.end), Some(end), "{fault}");
}

#[test]
fn every_fault_of_the_folder_has_a_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults");
    let files =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let overlapping = OVERLAPPING.iter().chain(&WITH_COPIES).map(|row| row.0);
    let names = FOUND.iter().map(|row| row.0).chain(overlapping);
    let rows = names.map(|fault| format!("{fault}.patch"));
    assert_eq!(files.collect::<BTreeSet<_>>(), rows.collect());
}

#[test]
fn every_property_is_broken_by_a_seeded_fault() {
    let broken: BTreeSet<_> = FOUND.iter().map(|(.., end)| *end).collect();
    assert_eq!(broken, BTreeSet::from(Violation::ALL));
    let broken = OVERLAPPING.iter().chain(&WITH_COPIES).map(|(.., end)| *end).chain([Wrong::ServerError]);
    assert_eq!(broken.collect::<BTreeSet<_>>(), BTreeSet::from(Wrong::ALL));
}
