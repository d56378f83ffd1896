//! A provider with its memory, the machine's clock and entropy.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::Request;

use crate::idp::Idp;
use crate::response::{self, Response};
use crate::state::State;

/// A provider and what it remembers, for `serve_shared` and [`InMemory`](crate::InMemory).
///
/// ```
/// use aura_test_idp::{Idp, Provider, State};
///
/// let provider = Provider { idp: Idp::new("http://localhost:3000")?, state: State::default() };
/// assert_eq!(provider.idp.issuer(), "http://localhost:3000");
/// # Ok::<(), aura_test_idp::BaseUrlError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Provider {
    /// The provider.
    pub idp: Idp,
    /// The provider's state.
    pub state: State,
}

/// Answers a request at a moment. Holds the provider no longer than the pure function takes; a test that panicked with it
/// has not broken it.
pub(crate) fn answer(provider: &Mutex<Provider>, request: Request<Bytes>, now: u64) -> Response {
    let mut entropy = [0; 32];
    if getrandom::fill(&mut entropy).is_err() {
        return response::no_entropy();
    }
    let mut provider = provider.lock().unwrap_or_else(PoisonError::into_inner);
    let Provider { idp, state } = &mut *provider;
    idp.handle(state, request, now, entropy)
}
