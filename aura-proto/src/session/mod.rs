//! Sessions, and what applications require of them: a step-up, and a decision on each.

mod decision;
mod step_up;

pub(crate) use aura_session::internal::session::*;
pub use decision::SessionDecision;
pub use step_up::StepUp;
pub(crate) use step_up::{ACR_VALUES, MAX_AGE};
