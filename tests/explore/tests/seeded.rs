//! Every fault that is seeded into the core is found, with the shortest story that it ends badly.
#![cfg(aura_faults)]
#![expect(clippy::print_stdout, reason = "the stories are for people to read")]

use aura_explore::deployment::{Deployment, Setting};
use aura_explore::properties::Violation;
use aura_explore::search::explore;
use aura_explore::start::Start;
use aura_proto::faults::{Fault, seed};
use std::collections::BTreeSet;

/// Where each fault shows, and how it shows first.
#[rustfmt::skip]
const FOUND: [(Fault, Setting, Start, Violation); 25] = [
    (Fault::StateUnchecked, Setting::Secure, Start::Fresh, Violation::ForeignAttempt),
    (Fault::ProviderUnbound, Setting::Secure, Start::Fresh, Violation::CodeToOther),
    (Fault::AttemptDecides, Setting::Secure, Start::Fresh, Violation::CodeToOther),
    (Fault::IssuerIgnored, Setting::Secure, Start::Fresh, Violation::OtherIssuer),
    (Fault::NonceIgnored, Setting::Secure, Start::UnderWay, Violation::ForeignAccount),
    (Fault::VerifierShared, Setting::OAuth, Start::UnderWay, Violation::ForeignAccount),
    (Fault::ChallengeOmitted, Setting::OAuth, Start::UnderWay, Violation::ForeignAccount),
    (Fault::ExchangeRetried, Setting::OAuth, Start::Fresh, Violation::CodeUsedTwice),
    (Fault::AttemptKept, Setting::Secure, Start::Fresh, Violation::AttemptUsedTwice),
    (Fault::AttemptOutlives, Setting::Secure, Start::Fresh, Violation::ForeignAttempt),
    (Fault::GuessForgiven, Setting::Secure, Start::Fresh, Violation::ForeignAttempt),
    (Fault::SignInLeavesAttempts, Setting::Secure, Start::UnderWay, Violation::ForeignAttempt),
    (Fault::SignOutLeavesAttempts, Setting::Secure, Start::Fresh, Violation::StillSignedIn),
    (Fault::CsrfUnbound, Setting::Plain, Start::SignedIn, Violation::ForcedSignOut),
    (Fault::CsrfProviderIgnored, Setting::Plain, Start::SignedIn, Violation::ForcedSignOut),
    (Fault::FirstCsrfCookie, Setting::Plain, Start::SignedIn, Violation::StillSignedIn),
    (Fault::PurposesMerged, Setting::Signed, Start::SignedIn, Violation::NoSession),
    (Fault::SessionOutlives, Setting::Secure, Start::SignedIn, Violation::OutlivedSession),
    (Fault::RenewalUnbounded, Setting::Signed, Start::SignedIn, Violation::OutlivedSession),
    (Fault::SessionKept, Setting::Secure, Start::SignedIn, Violation::StillSignedIn),
    (Fault::SessionCleared, Setting::Secure, Start::SignedIn, Violation::ForcedSignOut),
    (Fault::RedirectUnchecked, Setting::Secure, Start::Fresh, Violation::OpenRedirect),
    (Fault::RedirectUnbounded, Setting::Secure, Start::Fresh, Violation::ServerError),
    (Fault::RotationForgets, Setting::Secure, Start::SignedIn, Violation::LostSession),
    (Fault::NeverSealedAnew, Setting::Secure, Start::Rotating, Violation::LostSession),
];

#[test]
fn every_seeded_fault_is_found() {
    assert_eq!(FOUND.map(|(fault, ..)| fault), Fault::ALL);
    for (fault, setting, start, end) in FOUND {
        seed(Some(fault));
        let report = explore(&Deployment::new(setting), start, 5);
        seed(None);
        println!("{fault:?}: {report}\n");
        assert_eq!(report.story.map(|story| story.end), Some(end), "{fault:?}");
    }
    println!("seeded faults found: {} of {}", FOUND.len(), Fault::ALL.len());
}

#[test]
fn every_property_is_broken_by_a_seeded_fault() {
    let broken: BTreeSet<_> = FOUND.iter().map(|(.., end)| *end).collect();
    assert_eq!(broken, BTreeSet::from(Violation::ALL));
}
