//! Limits: how often a client may sign in, fail a callback, report a logout and use provider tokens.

mod count;
mod quota;

pub use count::{Cost, CountDecision, CountRequest, Counted, SwapCount, Throttled};
pub use quota::{Quota, QuotaDecision};

use crate::config::Config;
use crate::connection::{RequestHead, client_address};
use crate::session::Session;
use crate::stored::questions::CountKey;
use crate::stored::ticket::code;
use aura_types::UnixTime;
use core::net::IpAddr;
use std::collections::BTreeMap;
use std::time::Duration;

/// A minute.
const MINUTE: Duration = Duration::from_secs(60);

/// What a limit is for.
///
/// ```
/// assert_eq!(aura_proto::LimitRule::SignIn.name(), "signIn");
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
/// use aura_proto::{LimitRule, Limits, Quota};
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
    /// assert_eq!(aura_proto::Limits::none().quota(aura_proto::LimitRule::SignIn), None);
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
    pub(crate) fn needs_addresses(&self) -> bool {
        self.0.keys().any(|rule| *rule != LimitRule::Tokens)
    }
}

/// What is counted: by a rule of this crate, or of the application's own.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Kind {
    SignIn = 0,
    Callback = 1,
    BackchannelLogout = 2,
    Tokens = 3,
    Application = 4,
}

impl From<LimitRule> for Kind {
    fn from(rule: LimitRule) -> Self {
        match rule {
            LimitRule::SignIn => Self::SignIn,
            LimitRule::Callback => Self::Callback,
            LimitRule::BackchannelLogout => Self::BackchannelLogout,
            LimitRule::Tokens => Self::Tokens,
        }
    }
}

/// Asks about a request by its client's address, where the rule is on.
pub(crate) fn of_client(
    config: &Config,
    rule: LimitRule,
    name: &str,
    request: RequestHead<'_>,
) -> Option<CountRequest> {
    Some(by_address(config, rule.into(), name, config.limits.quota(rule)?, request))
}

/// Asks about a request to the application's own routes.
pub(crate) fn of_application(
    config: &Config,
    name: &str,
    quota: Quota,
    request: RequestHead<'_>,
) -> CountRequest {
    by_address(config, Kind::Application, name, quota, request)
}

/// Asks about a request of a session, where the rule is on.
pub(crate) fn of_session(
    config: &Config,
    rule: LimitRule,
    name: &str,
    session: &Session,
) -> Option<CountRequest> {
    let quota = config.limits.quota(rule)?;
    let (provider, sub) = session.identity();
    let provider = provider.unwrap_or_default();
    let began = session.began_at.map_or(0, UnixTime::as_millis).to_be_bytes();
    let who = [&provider.len().to_be_bytes(), provider.as_bytes(), &began, sub.as_bytes()].concat();
    Some(CountRequest::new(key(config, rule.into(), name, &who), quota))
}

/// Clients of unknown addresses cannot be told apart: they share one count.
fn by_address(
    config: &Config,
    kind: Kind,
    name: &str,
    quota: Quota,
    request: RequestHead<'_>,
) -> CountRequest {
    let (who, quota) = match client_address(config, request) {
        Some(IpAddr::V4(address)) => (address.octets().to_vec(), quota),
        Some(IpAddr::V6(address)) => (address.octets().to_vec(), quota),
        None => (Vec::new(), quota.of_many()),
    };
    CountRequest::new(key(config, kind, name, &who), quota)
}

fn key(config: &Config, kind: Kind, name: &str, who: &[u8]) -> CountKey {
    let parts = [&[kind as u8][..], &name.len().to_be_bytes(), name.as_bytes(), who];
    CountKey::from_bytes(code(&config.keyring.newest().count, &parts))
}
