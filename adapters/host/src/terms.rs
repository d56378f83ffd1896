//! The terms of an exchange with a provider.

use aura_proto::{Caching, Fetch, ProviderCheck};
use std::time::Duration;

/// The core's terms of an exchange, which a driver keeps apart from its request and from the flow that waits for it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a driver has to keep each")]
pub struct Terms {
    /// How long the exchange may take, with the wait for others.
    pub timeout: Duration,
    /// How many bytes of the answer's body to read at most.
    pub max_response: usize,
    /// Whether a cached answer serves.
    pub caching: Caching,
}

impl<P> From<&Fetch<P>> for Terms {
    fn from(fetch: &Fetch<P>) -> Self {
        Self { timeout: fetch.timeout, max_response: fetch.max_response, caching: fetch.caching }
    }
}

impl From<&ProviderCheck> for Terms {
    fn from(check: &ProviderCheck) -> Self {
        Self { timeout: check.timeout, max_response: check.max_response, caching: check.caching }
    }
}
