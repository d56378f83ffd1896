//! What an answer is refused with: an error, and the cookies that go with it.

use crate::cookie::set::SetCookie;
use crate::error::Error;

/// An error, and the cookies that its answer sets. Every error is one without cookies; [`NoTokens`](crate::NoTokens) may have some.
///
/// ```
/// use aura_proto::{Refusal, SessionError};
/// assert_eq!(Refusal::from(SessionError::Missing).error().status(), 401);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(crate) error: Error,
    pub(crate) cookies: Vec<SetCookie>,
}

impl Refusal {
    /// Returns why the request is refused.
    pub const fn error(&self) -> &Error {
        &self.error
    }
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self { error: error.into(), cookies: Vec::new() }
    }
}
