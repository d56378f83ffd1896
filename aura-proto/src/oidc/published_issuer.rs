//! Issuers that differ, as they are reported: what a provider publishes is no free text, and how it differs has a remedy.

use crate::origin::parse_http_url;
use std::fmt;
use url::Url;

/// Longest issuer that is reported, in characters.
const MAX_ISSUER: usize = 256;

/// The issuer that a configuration names, as far as it is reported.
///
/// ```
/// use aura_proto::{Event, PublishedIssuer};
/// fn published(event: &Event) -> Option<&str> {
///     match event {
///         Event::IssuerDiffers { published: PublishedIssuer::Url(url), .. } => Some(url),
///         _ => None,
///     }
/// }
/// # let _ = published;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishedIssuer {
    /// An https URL of at most 256 characters, as the URL standard writes it, but for a slash at the end that is not published.
    Url(String),
    /// Anything else.
    Malformed,
}

/// How a published issuer differs from the configured one. `Display` has the remedy.
///
/// ```
/// assert!(aura_proto::IssuerDifference::TrailingSlash.to_string().contains("slash"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerDifference {
    /// By the slash at the end alone.
    #[error("they differ by the slash at the end alone; configure the issuer as it is published")]
    TrailingSlash,
    /// By a tenant that is configured by its domain, and published by its id.
    #[error("the tenant is configured by its domain; configure its id, as in the published issuer")]
    TenantDomain,
    /// In another way.
    #[error(
        "configure the issuer that the provider publishes, or discovery_url where its own configuration is"
    )]
    Other,
}

impl PublishedIssuer {
    /// Reads what a configuration has as its issuer.
    pub(crate) fn read(text: &str) -> Self {
        let plain = |url: &Url| url.scheme() == "https" && url.query().is_none() && url.fragment().is_none();
        let Some(url) = parse_http_url(text).filter(plain) else { return Self::Malformed };
        let written = url.as_str();
        let written =
            if text.ends_with('/') { written } else { written.strip_suffix('/').unwrap_or(written) };
        let is_short = text.len() <= MAX_ISSUER && written.len() <= MAX_ISSUER;
        if is_short { Self::Url(written.to_owned()) } else { Self::Malformed }
    }
}

impl fmt::Display for PublishedIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::Malformed => f.write_str("malformed"),
        }
    }
}

impl IssuerDifference {
    /// Compares the configured issuer and the published one, which is not the same.
    pub(crate) fn between(configured: &str, published: &str) -> Self {
        if configured.strip_suffix('/') == Some(published) || published.strip_suffix('/') == Some(configured)
        {
            return Self::TrailingSlash;
        }
        match (parse_http_url(configured), parse_http_url(published)) {
            (Some(own), Some(other)) if is_tenant_by_domain(&own, &other) => Self::TenantDomain,
            _ => Self::Other,
        }
    }
}

/// Tells whether two URLs differ by one segment, which is a domain in one and a GUID in the other. The host may have the
/// tenant as its first label, too.
fn is_tenant_by_domain(configured: &Url, published: &Url) -> bool {
    let domain =
        |url: &Url| url.domain().and_then(|name| name.split_once('.').map(|(_, rest)| rest.to_owned()));
    let same_site = configured.host() == published.host() || domain(configured) == domain(published);
    let segments =
        |url: &Url| url.path_segments().into_iter().flatten().map(str::to_owned).collect::<Vec<_>>();
    let (own, other) = (segments(configured), segments(published));
    let mut differing = own.iter().zip(&other).filter(|(own, other)| own != other);
    let named = |(own, other): (&String, &String)| own.contains('.') && is_guid(other);
    same_site && own.len() == other.len() && differing.next().is_some_and(named) && differing.next().is_none()
}

fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reported_is_a_short_https_url_or_nothing() {
        let long = format!("https://a.test/{}", "a".repeat(MAX_ISSUER));
        for text in
            ["", "x", "http://a.test", "https://u:p@a.test", "https://a.test/?q", "https://a.test#f", &long]
        {
            assert_eq!(PublishedIssuer::read(text), PublishedIssuer::Malformed, "{text}");
        }
        for (text, url) in [
            ("https://a.test", "https://a.test"),
            ("https://a.test/", "https://a.test/"),
            ("HTTPS://A.test:443/x", "https://a.test/x"),
            ("https://a.test/a\nb\u{1b}[31m", "https://a.test/ab%1B[31m"),
        ] {
            assert_eq!(PublishedIssuer::read(text), PublishedIssuer::Url(url.to_owned()), "{text:?}");
        }
    }
}
