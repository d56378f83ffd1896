//! The findings about what is around a site: the proxy in front of it, and sites that show it in a frame.

use super::{Config, Finding};
use crate::cookie::set::SameSite;
use crate::forwarded::{ForwardedFields, ProxyHeaders};
use crate::origin::{Origin, Scheme};
use crate::provider::ResponseMode;

/// Finds that a client could speak for the proxy.
pub(super) fn forwarded_fields(config: &Config) -> Vec<Finding> {
    match (config.proxy_headers, config.forwarded_fields) {
        (ProxyHeaders::Trusted, ForwardedFields::Either) => vec![Finding::EitherForwarded],
        (ProxyHeaders::Trusted, ForwardedFields::Forwarded | ForwardedFields::XForwarded)
        | (ProxyHeaders::Ignored, _) => Vec::new(),
    }
}

/// Finds what keeps a session for frames from working there.
pub(super) fn frames(config: &Config) -> Vec<Finding> {
    let session = &config.cookies(Scheme::Https).session.attributes;
    let found = |obstacle, remedy| Finding::Frames { obstacle, remedy };
    if session.same_site != SameSite::None {
        let is_for_frames = session.partitioned;
        let lax = found("no cookie is sent that is not SameSite=None", "use Cookies::in_frames");
        return if is_for_frames { vec![lax] } else { Vec::new() };
    }
    let mut findings = Vec::new();
    if config.base_url.as_ref().map(Origin::scheme) == Some(Scheme::Http) {
        findings.push(found("no cookie is sent without https", "give base_url an https origin"));
    }
    if !session.partitioned {
        findings.push(found("browsers drop cookies that are not partitioned", "use Cookies::in_frames"));
    }
    let is_form =
        config.providers.values().any(|provider| provider.response_mode() == ResponseMode::FormPost);
    if is_form {
        findings.push(found(
            "the page of a callback by form_post is not shown",
            "set authorization_parameter response_mode to query",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Builder, CookieOverride, Cookies};
    use crate::provider::test_rows::{APPLE, GITHUB};
    use crate::secret::{ClientSecret, Salt, Secret};

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

    fn found(base_url: &str, cookies: Cookies, form: bool) -> usize {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let row = if form { APPLE } else { GITHUB };
        let builder = Builder::new(secret, salt).base_url(base_url).cookies(cookies);
        let auth = builder.provider(row.with_client("id", ClientSecret::new("secret"))).build().unwrap();
        let is_of_frames = |finding: &&Finding| matches!(finding, Finding::Frames { .. });
        auth.findings(&[]).iter().filter(is_of_frames).count()
    }

    #[test]
    fn a_site_in_frames_is_found_where_it_cannot_work() {
        let session = |session| Cookies::default().session(session);
        let (site, begun) = ("https://app.test", CookieOverride::default);
        assert_eq!(found(site, Cookies::default(), true), 0);
        assert_eq!(found(site, Cookies::default().in_frames(), false), 0);
        assert_eq!(found("http://localhost:3000", Cookies::default().in_frames(), false), 1);
        assert_eq!(found(site, Cookies::default().in_frames(), true), 1);
        assert_eq!(found(site, session(begun().same_site(SameSite::None)), false), 1);
        assert_eq!(found(site, session(begun().partitioned()), false), 1);
    }
}
