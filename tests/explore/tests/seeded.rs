//! Every fault that is seeded into the core is found, with the shortest story that it ends badly.
#![cfg(aura_faults)]
#![expect(clippy::print_stdout, reason = "the stories are for people to read")]

use aura_explore::deployment::Setting;
use aura_explore::properties::Violation;
use aura_explore::search::explore;
use aura_proto::faults::{Fault, seed};

/// Where each fault shows, and how it shows first.
const FOUND: [(Fault, Setting, Violation); 12] = [
    (Fault::StateUnchecked, Setting::Secure, Violation::AttemptUsedTwice),
    (Fault::ProviderUnbound, Setting::Secure, Violation::ForeignAttempt),
    (Fault::IssuerIgnored, Setting::Secure, Violation::OtherIssuer),
    (Fault::NonceIgnored, Setting::Secure, Violation::ForeignAccount),
    (Fault::AttemptKept, Setting::Secure, Violation::AttemptUsedTwice),
    (Fault::AttemptOutlives, Setting::Secure, Violation::ForeignAttempt),
    (Fault::CsrfUnbound, Setting::Plain, Violation::ForcedSignOut),
    (Fault::PurposesMerged, Setting::Signed, Violation::NoSession),
    (Fault::SessionOutlives, Setting::Secure, Violation::OutlivedSession),
    (Fault::SessionKept, Setting::Secure, Violation::StillSignedIn),
    (Fault::RedirectUnchecked, Setting::Secure, Violation::OpenRedirect),
    (Fault::RotationForgets, Setting::Secure, Violation::LostSession),
];

#[test]
fn every_seeded_fault_is_found() {
    assert_eq!(FOUND.map(|(fault, ..)| fault), Fault::ALL);
    for (fault, setting, end) in FOUND {
        seed(Some(fault));
        let report = explore(setting, 6);
        seed(None);
        println!("{fault:?}: {report}\n");
        assert_eq!(report.story.map(|story| story.end), Some(end), "{fault:?}");
    }
    println!("seeded faults found: {} of {}", FOUND.len(), Fault::ALL.len());
}
