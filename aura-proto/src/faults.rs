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
    /// The callback's `iss` is not looked at.
    IssuerIgnored,
    /// The ID token's nonce is not looked at.
    NonceIgnored,
    /// An attempt that is used up is not cleared.
    AttemptKept,
    /// An attempt lives a second too long.
    AttemptOutlives,
    /// A CSRF token need not belong to who is signed in.
    CsrfUnbound,
    /// CSRF tokens are signed with the key of session tokens.
    PurposesMerged,
    /// A session lives a second too long.
    SessionOutlives,
    /// A sign-out leaves the session's cookie.
    SessionKept,
    /// A redirect may lead anywhere.
    RedirectUnchecked,
    /// Earlier secrets are forgotten.
    RotationForgets,
}

impl Fault {
    /// Every fault.
    #[cfg(aura_faults)]
    pub const ALL: [Self; 12] = [
        Self::StateUnchecked,
        Self::ProviderUnbound,
        Self::IssuerIgnored,
        Self::NonceIgnored,
        Self::AttemptKept,
        Self::AttemptOutlives,
        Self::CsrfUnbound,
        Self::PurposesMerged,
        Self::SessionOutlives,
        Self::SessionKept,
        Self::RedirectUnchecked,
        Self::RotationForgets,
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
