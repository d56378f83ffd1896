//! Limits: how often a client may sign in, fail a callback, report a logout and use provider tokens.

mod count;
mod quota;

pub use count::{Cost, CountDecision, CountRequest, Counted, SwapCount, Throttled};
pub use quota::{Quota, QuotaDecision};

use std::collections::BTreeMap;
use std::time::Duration;

/// A minute.
const MINUTE: Duration = Duration::from_secs(60);

/// What a limit is for.
///
/// ```
/// assert_eq!(aura_session::LimitRule::SignIn.name(), "signIn");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LimitRule {
    /// Sign-ins that a client begins.
    SignIn,
    /// Callbacks of a client that fail. While there are too many, its callbacks are refused, and their sign-ins stay under way.
    Callback,
    /// Logout tokens that a client sends for a provider.
    BackchannelLogout,
    /// What a session does with the tokens of its providers. Reading them, renewing the profile, and ending them, by revocation or
    /// disconnection, count apart.
    Tokens,
}

impl LimitRule {
    /// Returns the name, stable across versions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "signIn",
            Self::Callback => "callback",
            Self::BackchannelLogout => "backchannelLogout",
            Self::Tokens => "tokens",
        }
    }
}

/// How often the routes may be used: by each client address, and the token routes by each session.
///
/// The default lets an office behind one address begin 120 sign-ins at once and 30 a minute, fail 60 callbacks a minute, lets a
/// provider send 60 logout tokens a minute, and a session use its provider tokens 10 times in a quarter of an hour.
///
/// ```
/// use aura_session::{LimitRule, Limits, Quota};
/// use std::time::Duration;
///
/// let limits = Limits::default()
///     .with(LimitRule::SignIn, Quota::new(20, Duration::from_secs(60)))
///     .without(LimitRule::Tokens);
/// assert_eq!(limits.quota(LimitRule::SignIn).map(Quota::burst), Some(20));
/// assert_eq!(limits.quota(LimitRule::Tokens), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits(BTreeMap<LimitRule, Quota>);

impl Default for Limits {
    fn default() -> Self {
        let tokens = Quota::new(10, MINUTE.saturating_mul(15));
        Self::none()
            .with(LimitRule::SignIn, Quota::new(120, MINUTE.saturating_mul(4)))
            .with(LimitRule::Callback, Quota::new(60, MINUTE))
            .with(LimitRule::BackchannelLogout, Quota::new(60, MINUTE))
            .with(LimitRule::Tokens, tokens)
    }
}

impl Limits {
    /// Limits nothing.
    ///
    /// ```
    /// assert_eq!(aura_session::Limits::none().quota(aura_session::LimitRule::SignIn), None);
    /// ```
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// Sets the quota of a rule.
    #[must_use]
    pub fn with(mut self, rule: LimitRule, quota: Quota) -> Self {
        self.0.insert(rule, quota);
        self
    }

    /// Turns a rule off.
    #[must_use]
    pub fn without(mut self, rule: LimitRule) -> Self {
        self.0.remove(&rule);
        self
    }

    /// Returns the quota of a rule that is on.
    pub fn quota(&self, rule: LimitRule) -> Option<Quota> {
        self.0.get(&rule).copied()
    }

    /// Tells whether a rule that counts by addresses is on.
    #[doc(hidden)]
    pub fn needs_addresses(&self) -> bool {
        self.0.keys().any(|rule| *rule != LimitRule::Tokens)
    }
}
