//! Whether the routes are asked where a guard sends people to sign in.

use crate::threads::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many people are sent to sign in before it is reported that nobody arrives. Some do not follow.
const REPORTED: usize = 3;

/// People who were sent to the routes, and whether any request for these has arrived.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    sent: AtomicUsize,
    has_any: AtomicBool,
}

impl Arrivals {
    /// Notes a request for the routes.
    pub(crate) fn note(&self) {
        // Most requests find it noted, and write nothing that other threads read.
        if !self.has_any.load(Ordering::Relaxed) {
            self.has_any.store(true, Ordering::Relaxed);
        }
    }

    /// Notes somebody who is sent there, and reports once that nobody arrives.
    pub(crate) fn expect(&self, entrance: &str) {
        if self.is_reported() {
            tracing::error!(target: "aura", entrance, "a guard sends people to sign in, and no request for the routes arrives here: route their whole paths to the driver; nested, they are at others");
        }
    }

    /// Counts somebody who is sent there, and tells once whether it is to be reported.
    pub(crate) fn is_reported(&self) -> bool {
        !self.has_any.load(Ordering::Relaxed)
            && self.sent.fetch_add(1, Ordering::Relaxed).saturating_add(1) == REPORTED
    }
}
