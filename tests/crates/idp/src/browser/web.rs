//! Servers in memory, each under its origin.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use url::Url;

/// A server in memory (RFC 9110 3.3); every closure of this shape is one.
///
/// ```
/// # use {aura_test_idp::browser::Site, bytes::Bytes, http::{Request, Response}};
/// let mut site = |_: Request<Bytes>, _: u64| Response::new(Bytes::from_static(b"hello"));
/// assert_eq!(site.answer(Request::default(), 0).body(), "hello");
/// ```
pub trait Site {
    /// Answers a request, whose URI is in origin-form, at `now` in seconds since the Unix epoch.
    fn answer(&mut self, request: Request<Bytes>, now: u64) -> Response<Bytes>;
}

impl<F: FnMut(Request<Bytes>, u64) -> Response<Bytes>> Site for F {
    fn answer(&mut self, request: Request<Bytes>, now: u64) -> Response<Bytes> {
        self(request, now)
    }
}

/// All servers that the browser can reach, each under its origin (RFC 6454 4).
///
/// ```
/// # use {aura_test_idp::browser::{Browser, Web}, bytes::Bytes, http::{Request, Response}, url::Url};
/// let mut app = |_: Request<Bytes>, _: u64| Response::new(Bytes::from_static(b"hello"));
/// let mut web = Web::default().with("http://localhost:3000", &mut app);
/// let page = Browser::new(0).open(&mut web, &Url::parse("http://localhost:3000/")?);
/// assert_eq!(page.text(), "hello");
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Default)]
pub struct Web<'a> {
    sites: Vec<(String, &'a mut dyn Site)>,
}

impl<'a> Web<'a> {
    /// Adds a server under an origin such as `http://localhost:3000`; no request reaches what is not an origin.
    #[must_use]
    pub fn with(mut self, origin: &str, site: &'a mut dyn Site) -> Self {
        let origin =
            Url::parse(origin).map_or_else(|_| origin.to_owned(), |url| url.origin().ascii_serialization());
        self.sites.push((origin, site));
        self
    }

    /// Returns whether some server has the origin of a URL.
    #[must_use]
    pub fn serves(&self, url: &Url) -> bool {
        let origin = url.origin();
        origin.is_tuple() && self.sites.iter().any(|(known, _)| *known == origin.ascii_serialization())
    }

    /// Passes a request to the server that has the origin of `url`.
    pub(super) fn answer(&mut self, url: &Url, request: Request<Bytes>, now: u64) -> Option<Response<Bytes>> {
        let origin = url.origin().ascii_serialization();
        let (_, site) = self.sites.iter_mut().find(|(known, _)| *known == origin)?;
        Some(site.answer(request, now))
    }
}

impl fmt::Debug for Web<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sites.iter().map(|(origin, _)| origin)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_reached_by_origin_and_nothing_else() {
        let mut site = |_: Request<Bytes>, _: u64| Response::new(Bytes::new());
        let web = Web::default().with("HTTP://localhost:80/ignored", &mut site);
        for (url, reached) in [
            ("http://localhost/", true),
            ("http://localhost:80/x?y#z", true),
            ("http://localhost:81/", false),
            ("https://localhost/", false),
            ("http://127.0.0.1/", false),
            ("data:,x", false),
        ] {
            assert_eq!(web.serves(&Url::parse(url).unwrap()), reached, "{url}");
        }
    }

    #[test]
    fn an_opaque_origin_reaches_nothing() {
        let mut site = |_: Request<Bytes>, _: u64| Response::new(Bytes::new());
        let web = Web::default().with("null", &mut site);
        assert!(!web.serves(&Url::parse("data:,x").unwrap()));
    }
}
