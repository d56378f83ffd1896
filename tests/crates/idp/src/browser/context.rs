//! Context of a request, as the cookie rules use it: initiator and kind of request.

use http::Method;
use url::Url;

use super::origin::same_site;

/// Initiator of a request (RFC 6265bis 5.2).
///
/// ```
/// # use {aura_test_idp::browser::Initiator, url::Url};
/// let link_on = Initiator::Page(Url::parse("https://evil.example/")?);
/// assert_ne!(link_on, Initiator::User);
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Initiator {
    /// The user, by the address bar or a bookmark; counts as same-site.
    User,
    /// The page with this URL, by a link, a form or a script.
    Page(Url),
}

/// Kind of a request, by the use of its response (RFC 6265bis 5.2).
///
/// ```
/// # use aura_test_idp::browser::RequestKind;
/// assert_ne!(RequestKind::TopLevelNavigation, RequestKind::Subresource);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestKind {
    /// The page in the address bar.
    TopLevelNavigation,
    /// A part of a page: an image, a frame, the answer to a script.
    Subresource,
}

/// A request as cookie rules see it (RFC 6265bis 5.2 and 5.8.3).
///
/// The initiator is that of the first request of a redirect chain: like browsers and unlike early drafts, the hops
/// between it and the target do not count.
///
/// ```
/// # use {aura_test_idp::browser::{Initiator, RequestContext, RequestKind}, http::Method, url::Url};
/// let context = RequestContext {
///     target: Url::parse("https://app.example/")?,
///     initiator: Initiator::User,
///     kind: RequestKind::TopLevelNavigation,
///     method: Method::GET,
/// };
/// assert!(context.is_same_site());
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContext {
    /// The URL the request goes to.
    pub target: Url,
    /// The initiator.
    pub initiator: Initiator,
    /// The kind of request.
    pub kind: RequestKind,
    /// The request method.
    pub method: Method,
}

impl RequestContext {
    /// Describes a visit by the address bar (RFC 6265bis 5.2: a request without a client is same-site).
    #[must_use]
    pub fn typed(target: &Url) -> Self {
        Self {
            target: target.clone(),
            initiator: Initiator::User,
            kind: RequestKind::TopLevelNavigation,
            method: Method::GET,
        }
    }

    /// Returns whether the request is same-site (RFC 6265bis 5.2).
    #[must_use]
    pub fn is_same_site(&self) -> bool {
        match &self.initiator {
            Initiator::User => true,
            Initiator::Page(page) => same_site(page, &self.target),
        }
    }

    /// Returns whether `Lax` cookies go with the request (RFC 6265bis 5.8.3 step 1).
    #[must_use]
    pub fn carries_lax(&self) -> bool {
        self.is_same_site() || (self.kind == RequestKind::TopLevelNavigation && self.method.is_safe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cross_site(kind: RequestKind, method: Method) -> RequestContext {
        let page = Url::parse("https://evil.example/").unwrap();
        RequestContext {
            target: Url::parse("https://app.test/").unwrap(),
            initiator: Initiator::Page(page),
            kind,
            method,
        }
    }

    #[test]
    fn a_visit_by_the_address_bar_is_same_site() {
        assert!(RequestContext::typed(&Url::parse("https://app.test/").unwrap()).is_same_site());
    }

    #[test]
    fn lax_crosses_sites_with_safe_top_level_navigations_only() {
        assert!(cross_site(RequestKind::TopLevelNavigation, Method::GET).carries_lax());
        assert!(cross_site(RequestKind::TopLevelNavigation, Method::HEAD).carries_lax());
        assert!(!cross_site(RequestKind::TopLevelNavigation, Method::POST).carries_lax());
        assert!(!cross_site(RequestKind::Subresource, Method::GET).carries_lax());
    }
}
