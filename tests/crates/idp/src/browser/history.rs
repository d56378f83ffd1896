//! History of exchanges, and the page that the user finally sees.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{COOKIE, LOCATION};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use url::Url;

use super::refused::Refused;

/// One request with its response, as seen on the wire (RFC 9110 3.4).
///
/// ```
/// # use {aura_test_idp::browser::{Browser, Web}, bytes::Bytes, http::{Request, Response}, url::Url};
/// let mut app = |_: Request<Bytes>, _: u64| Response::new(Bytes::new());
/// let mut web = Web::default().with("http://localhost:3000", &mut app);
/// let mut browser = Browser::new(0);
/// browser.open(&mut web, &Url::parse("http://localhost:3000/")?);
/// assert_eq!(browser.history[0].request_header("host"), Some("localhost:3000"));
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// The URL the request went to, with its fragment, which was not sent.
    pub url: Url,
    /// The request method.
    pub method: Method,
    /// The request fields, `Cookie` included.
    pub request_headers: HeaderMap,
    /// The request body.
    pub request_body: Bytes,
    /// The status of the response.
    pub status: StatusCode,
    /// The response fields, `Set-Cookie` included.
    pub response_headers: HeaderMap,
    /// The response body.
    pub response_body: Bytes,
    /// Why cookies of the response were not stored, in their order.
    pub refused: Vec<Refused>,
}

impl Exchange {
    /// Returns a request field, if it is there and is text (RFC 9110 5.5).
    #[must_use]
    pub fn request_header(&self, name: &str) -> Option<&str> {
        header(&self.request_headers, name)
    }

    /// Returns a response field, if it is there and is text (RFC 9110 5.5).
    #[must_use]
    pub fn response_header(&self, name: &str) -> Option<&str> {
        header(&self.response_headers, name)
    }

    /// Returns the value of the first cookie of this name that the request carried (RFC 6265bis 4.2.1).
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.request_headers.get(COOKIE)?.to_str().ok()?.split("; ");
        pairs
            .filter_map(|pair| pair.split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }
}

/// Where a navigation ended (HTML 7.4).
///
/// ```
/// # use {aura_test_idp::browser::{Browser, Web}, url::Url};
/// let elsewhere = Url::parse("https://provider.example/authorize?state=1")?;
/// let page = Browser::new(0).open(&mut Web::default(), &elsewhere);
/// assert_eq!(page.left_for, Some(elsewhere));
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page {
    /// The URL of the last response, or the URL asked for if no server was reached.
    pub url: Url,
    /// The status of the last response; 204 if no server was reached.
    pub status: StatusCode,
    /// The fields of the last response.
    pub headers: HeaderMap,
    /// The body of the last response.
    pub body: Bytes,
    /// The URL that the browser went on to, if no server here has its origin.
    pub left_for: Option<Url>,
    /// How many redirects were followed to `url`.
    pub hops: usize,
}

impl Page {
    /// Returns the body as text, with bytes that are no UTF-8 replaced (Encoding 6, "UTF-8 decode").
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Returns a response field, if it is there and is text (RFC 9110 5.5).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Returns the URL that the `Location` field names, resolved and with its fragment (RFC 9110 10.2.2).
    #[must_use]
    pub fn location(&self) -> Option<Url> {
        location(&self.url, &self.headers)
    }
}

/// Resolves a `Location` field; without a fragment of its own it takes that of `base` (RFC 9110 10.2.2).
pub(super) fn location(base: &Url, headers: &HeaderMap) -> Option<Url> {
    let mut url = base.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    if url.fragment().is_none() {
        url.set_fragment(base.fragment());
    }
    Some(url)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn resolved(base: &str, to: &'static str) -> String {
        let headers = [(LOCATION, HeaderValue::from_static(to))].into_iter().collect();
        location(&Url::parse(base).unwrap(), &headers).map(String::from).unwrap_or_default()
    }

    #[test]
    fn a_location_is_resolved_against_the_current_url() {
        assert_eq!(resolved("http://a.test/x/y?z", "w"), "http://a.test/x/w");
        assert_eq!(resolved("http://a.test/x/y?z", "/w?v"), "http://a.test/w?v");
        assert_eq!(resolved("http://a.test/x", "//b.test/w"), "http://b.test/w");
        assert_eq!(resolved("http://a.test/x", "\\\\b.test/w"), "http://b.test/w");
        assert_eq!(resolved("http://a.test/x", "http://["), "");
    }

    #[test]
    fn a_fragment_survives_a_redirect_that_names_none() {
        assert_eq!(resolved("http://a.test/x#f", "/w"), "http://a.test/w#f");
        assert_eq!(resolved("http://a.test/x#f", "/w#g"), "http://a.test/w#g");
        assert_eq!(resolved("http://a.test/x#f", "/w#"), "http://a.test/w#");
    }
}
