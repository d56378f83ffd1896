//! What the guards in front of a guard require, kept among a request's extensions.

use aura_proto::{Auth, RequestError, StepUp};
use http::Extensions;

/// The step-up that guards require which a request has passed, and of whose sessions.
#[derive(Clone)]
struct Passed {
    auth: Auth,
    step_up: StepUp,
}

/// Joins what a guard requires with what those in front of it do.
pub(crate) fn join(extensions: &Extensions, auth: &Auth, own: &StepUp) -> Result<StepUp, RequestError> {
    match extensions.get::<Passed>().filter(|passed| passed.auth.is_same(auth)) {
        Some(passed) => own.and(&passed.step_up),
        None => Ok(own.clone()),
    }
}

/// Keeps what a guard requires, for those behind it.
pub(crate) fn keep(extensions: &mut Extensions, auth: &Auth, own: &StepUp) {
    // Who has passed guards that accept no class in common has passed the last one at least.
    let step_up = join(extensions, auth, own).unwrap_or_else(|_| own.clone());
    extensions.insert(Passed { auth: auth.clone(), step_up });
}
