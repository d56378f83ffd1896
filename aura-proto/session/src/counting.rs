//! The questions of limits: which key a request is counted under, by its client's address or by its session.

use crate::config::Site;
use crate::connection::{RequestHead, client_address};
use crate::limits::{CountRequest, LimitRule, Quota};
use crate::session::Session;
use crate::stored::questions::CountKey;
use crate::stored::ticket::code;
use aura_types::UnixTime;
use core::net::IpAddr;

/// Stands for a rule's name where the application has rules of its own.
const APPLICATION: &str = "";

/// Asks about a request by its client's address, where the rule is on.
pub fn of_client(
    config: &Site,
    rule: LimitRule,
    name: &str,
    request: RequestHead<'_>,
) -> Option<CountRequest> {
    Some(by_address(config, rule.name(), name, config.limits.quota(rule)?, request))
}

/// Asks about a request to the application's own routes.
pub fn of_application(config: &Site, name: &str, quota: Quota, request: RequestHead<'_>) -> CountRequest {
    by_address(config, APPLICATION, name, quota, request)
}

/// Asks about a request of a session, where the rule is on.
pub fn of_session(config: &Site, rule: LimitRule, name: &str, session: &Session) -> Option<CountRequest> {
    let quota = config.limits.quota(rule)?;
    let (provider, sub) = session.identity();
    let provider = provider.unwrap_or_default();
    let began = session.began_at().map_or(0, UnixTime::as_millis).to_be_bytes();
    let who = [&provider.len().to_be_bytes(), provider.as_bytes(), &began, sub.as_bytes()].concat();
    Some(CountRequest::new(key(config, rule.name(), name, &who), quota))
}

/// Clients of unknown addresses cannot be told apart: they share one count.
fn by_address(config: &Site, rule: &str, name: &str, quota: Quota, request: RequestHead<'_>) -> CountRequest {
    let (who, quota) = match client_address(config, request) {
        Some(IpAddr::V4(address)) => (address.octets().to_vec(), quota),
        Some(IpAddr::V6(address)) => (address.octets().to_vec(), quota),
        None => (Vec::new(), quota.of_many()),
    };
    CountRequest::new(key(config, rule, name, &who), quota)
}

fn key(config: &Site, rule: &str, name: &str, who: &[u8]) -> CountKey {
    // The lengths separate the parts: none can be lengthened at another's cost.
    let parts =
        [&rule.len().to_be_bytes()[..], rule.as_bytes(), &name.len().to_be_bytes(), name.as_bytes(), who];
    CountKey::from_bytes(code(&config.keyring.newest().count, &parts))
}
