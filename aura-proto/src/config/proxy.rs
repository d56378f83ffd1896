//! The finding about forwarding headers that a client could write itself.

use super::{Config, Finding};
use crate::forwarded::{ForwardedFields, ProxyHeaders};

/// Finds that a client could speak for the proxy.
pub(super) fn forwarded_fields(config: &Config) -> Vec<Finding> {
    match (config.proxy_headers, config.forwarded_fields) {
        (ProxyHeaders::Trusted, ForwardedFields::Either) => vec![Finding::EitherForwarded],
        (ProxyHeaders::Trusted, ForwardedFields::Forwarded | ForwardedFields::XForwarded)
        | (ProxyHeaders::Ignored, _) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Builder;
    use crate::secret::{Salt, Secret};

    fn builder() -> Builder {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        Builder::new(secret, salt).trusted_origins(["https://app.test"])
    }

    #[test]
    fn proxy_headers_without_a_base_url_and_without_a_family_are_found() {
        let found = builder().trusted_proxy_headers().build().unwrap().findings(&[]);
        let proxied = [Finding::ProxyHeadersWithoutBaseUrl, Finding::EitherForwarded];
        assert_eq!(found, [&proxied[..], &[Finding::NoProvider]].concat());
        for finding in found {
            let sentence = finding.to_string();
            assert!(sentence.contains(finding.option()) && sentence.contains("; "), "{sentence}");
        }
    }

    #[test]
    fn hh_06_a_family_that_is_named_or_not_believed_leaves_nothing_to_find() {
        for fields in [ForwardedFields::Forwarded, ForwardedFields::XForwarded] {
            let found =
                builder().trusted_proxy_headers().forwarded_fields(fields).build().unwrap().findings(&[]);
            assert!(!found.contains(&Finding::EitherForwarded), "{fields:?}");
        }
        assert!(!builder().build().unwrap().findings(&[]).contains(&Finding::EitherForwarded));
    }
}
