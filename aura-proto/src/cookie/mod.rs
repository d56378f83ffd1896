//! Which cookies are ours, and what are they called?

pub(crate) mod attempt;
pub(crate) mod parse;
pub(crate) mod set;

use crate::origin::Scheme;
use crate::secret::State;

/// How many characters of the state name an attempt's cookie.
const STATE_CHARACTERS: usize = 8;

/// The names of our cookies on one scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookieNames {
    /// Holds the session token.
    pub(crate) session: String,
    /// Holds the CSRF token.
    pub(crate) csrf: String,
    /// Begins the name of every attempt's cookie.
    attempt: String,
    /// Begins the name of every provider's token cookie.
    access_token: String,
}

impl CookieNames {
    /// The markers that browsers enforce (RFC 6265bis section 4.1.3) need `Secure`, so plain http has none.
    pub(crate) fn new(prefix: &str, scheme: Scheme) -> Self {
        let (host, secure) = match scheme {
            Scheme::Https => ("__Host-", "__Secure-"),
            Scheme::Http => ("", ""),
        };
        Self {
            session: format!("{secure}{prefix}.session_token"),
            csrf: format!("{host}{prefix}.csrf_token"),
            attempt: format!("{host}{prefix}.state."),
            access_token: format!("{secure}{prefix}.access_token."),
        }
    }

    /// Names the cookie of a provider's tokens.
    pub(crate) fn access_token(&self, provider: &str) -> String {
        format!("{}{provider}", self.access_token)
    }

    /// Names the cookie of the attempt that has this state.
    pub(crate) fn attempt(&self, state: &State) -> String {
        let characters: String = state.expose().chars().take(STATE_CHARACTERS).collect();
        format!("{}{characters}", self.attempt)
    }

    /// Tells whether a cookie's name is one that [`Self::attempt`] could have given.
    pub(crate) fn is_attempt(&self, name: &str) -> bool {
        name.strip_prefix(&self.attempt).is_some_and(|rest| {
            rest.len() == STATE_CHARACTERS
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
    }
}
