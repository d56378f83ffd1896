//! Which fault is seeded? None, in any build that ships.
//!
//! The explorer (`tests/explore`) shows that it would find a missing check by leaving one out at a time. Only builds with
//! `--cfg aura_faults` can: no feature of Cargo's switches it on, and elsewhere [`is_seeded`] is the constant `false`.

/// A check to be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(aura_faults), expect(unreachable_pub, reason = "public in builds that seed them alone"))]
#[non_exhaustive]
pub enum Fault {
    /// The callback's state need not be that of the attempt.
    StateUnchecked,
    /// An attempt need not have been begun at the callback's provider.
    ProviderUnbound,
    /// A callback's code goes to the provider of the attempt, whoever's path it came to.
    AttemptDecides,
    /// The callback's `iss` is not looked at.
    IssuerIgnored,
    /// The ID token's nonce is not looked at.
    NonceIgnored,
    /// Every attempt has the same verifier.
    VerifierShared,
    /// The authorization request brings no challenge.
    ChallengeOmitted,
    /// An exchange whose answer does not come is tried once more.
    ExchangeRetried,
    /// An attempt that is used up is not cleared.
    AttemptKept,
    /// An attempt lives a second too long.
    AttemptOutlives,
    /// A state that fits nothing leaves the browser's attempts alone.
    GuessForgiven,
    /// A sign-in leaves the browser's other attempts alone.
    SignInLeavesAttempts,
    /// A sign-out leaves the browser's attempts alone.
    SignOutLeavesAttempts,
    /// A CSRF token need not belong to who is signed in.
    CsrfUnbound,
    /// A CSRF token belongs to a subject, whichever provider's.
    CsrfProviderIgnored,
    /// Of several CSRF cookies the first one alone is looked at.
    FirstCsrfCookie,
    /// CSRF tokens are signed with the key of session tokens.
    PurposesMerged,
    /// A session lives a second too long.
    SessionOutlives,
    /// A renewal moves a session's end as far as it likes.
    RenewalUnbounded,
    /// A sign-out leaves the session's cookie.
    SessionKept,
    /// A sign-in that fails clears the session's cookie.
    SessionCleared,
    /// A redirect may lead anywhere.
    RedirectUnchecked,
    /// A redirect's target may be of any length.
    RedirectUnbounded,
    /// Earlier secrets are forgotten.
    RotationForgets,
    /// A session stays under the secret that it began with.
    NeverSealedAnew,
}

impl Fault {
    /// Every fault.
    #[cfg(aura_faults)]
    pub const ALL: [Self; 25] = [
        Self::StateUnchecked,
        Self::ProviderUnbound,
        Self::AttemptDecides,
        Self::IssuerIgnored,
        Self::NonceIgnored,
        Self::VerifierShared,
        Self::ChallengeOmitted,
        Self::ExchangeRetried,
        Self::AttemptKept,
        Self::AttemptOutlives,
        Self::GuessForgiven,
        Self::SignInLeavesAttempts,
        Self::SignOutLeavesAttempts,
        Self::CsrfUnbound,
        Self::CsrfProviderIgnored,
        Self::FirstCsrfCookie,
        Self::PurposesMerged,
        Self::SessionOutlives,
        Self::RenewalUnbounded,
        Self::SessionKept,
        Self::SessionCleared,
        Self::RedirectUnchecked,
        Self::RedirectUnbounded,
        Self::RotationForgets,
        Self::NeverSealedAnew,
    ];
}

/// Tells whether a check is to be left out.
#[cfg(not(aura_faults))]
pub(crate) const fn is_seeded(_fault: Fault) -> bool {
    false
}

#[cfg(aura_faults)]
pub(crate) use seeded::is_seeded;
#[cfg(aura_faults)]
pub use seeded::seed;

#[cfg(aura_faults)]
mod seeded {
    use super::Fault;
    use std::cell::Cell;

    thread_local! {
        static SEEDED: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    /// Leaves one check out, in this thread, from here on.
    pub fn seed(fault: Option<Fault>) {
        SEEDED.set(fault);
    }

    pub(crate) fn is_seeded(fault: Fault) -> bool {
        SEEDED.get() == Some(fault)
    }
}
