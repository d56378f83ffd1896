//! What the log says of providers that cannot be reached, where networks have proxies.

use super::site::{ISSUER, logged, logged_by, work};
use aura_blocking::Client;
use aura_proto::FetchError;
use aura_tests::Outcome;
use bytes::Bytes;
use http::{Request, Uri};
use std::time::Duration;

/// A client that reaches nobody, by way of a proxy or not.
struct Nobody(bool);

impl Client for Nobody {
    fn call(&self, _: Request<Bytes>, _: Duration, _: usize) -> Outcome {
        Err(FetchError::TimedOut)
    }

    fn is_proxied(&self, uri: &Uri) -> Option<bool> {
        assert_eq!(uri.host(), Some("id.test"));
        Some(self.0)
    }
}

#[test]
fn fr_16_an_unreachable_provider_says_in_the_log_whether_a_proxy_was_used() {
    for is_proxied in [true, false] {
        let log = logged_by(work(ISSUER), Nobody(is_proxied));
        let line = log.lines().find(|line| line.contains("EXCHANGE_WITHOUT_ANSWER")).expect("a line");
        assert!(line.contains(&format!("proxy={is_proxied}")) && line.contains("id.test"), "{line}");
        assert!(line.contains("no answer within the time allowed"), "{line}");
        assert!(!line.contains(".well-known"), "no path: {line}");
    }
    let log = logged(work(ISSUER), Err(FetchError::Unreachable));
    assert!(log.contains("EXCHANGE_WITHOUT_ANSWER") && !log.contains("proxy="), "it is not known: {log}");
}
