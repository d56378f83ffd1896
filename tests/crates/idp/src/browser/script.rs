//! Requests by scripts of the current page (Fetch 4).

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, Method, Response};
use url::Url;

use super::context::Initiator;
use super::flight::{Credentials, Flight, Purpose};
use super::web::Web;
use super::{Browser, MAX_REDIRECTS};

/// Why a script gets no response to read, though a server may have seen the request (Fetch 2.2.6, "network error").
///
/// ```
/// # use {aura_test_idp::browser::{Browser, NetworkError, Web}, bytes::Bytes, http::{HeaderMap, Method}, url::Url};
/// let url = Url::parse("http://localhost:3000/")?;
/// let reply = Browser::new(0).fetch(&mut Web::default(), Method::GET, &url, HeaderMap::new(), Bytes::new());
/// assert_eq!(reply.unwrap_err(), NetworkError::NoPage);
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// The browser shows no page whose script could ask.
    NoPage,
    /// No server has the origin of the URL.
    Unreachable,
    /// The response to a cross-origin request does not allow the page to read it (Fetch 4.10).
    Cors,
    /// The chain of redirects does not end (Fetch 4.4 step 7).
    TooManyRedirects,
}

impl Browser {
    /// Calls `fetch` from a script of the current page, with cookies as long as the origin is the page's own.
    ///
    /// No preflight is modelled: a cross-origin request always goes out, which is an attacker's best case.
    ///
    /// # Errors
    /// [`NetworkError`] where the script would get no response.
    pub fn fetch(
        &mut self,
        web: &mut Web<'_>,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Bytes>, NetworkError> {
        let purpose = Purpose::Script(Credentials::SameOrigin);
        self.fetch_as(web, self.flight(url, method, body, purpose), headers)
    }

    /// Calls `fetch` with `credentials: "include"`, as a script of an attacker does (Fetch 2.2.5).
    ///
    /// # Errors
    /// [`NetworkError`] where the script would get no response.
    pub fn fetch_with_credentials(
        &mut self,
        web: &mut Web<'_>,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Bytes>, NetworkError> {
        let purpose = Purpose::Script(Credentials::Include);
        self.fetch_as(web, self.flight(url, method, body, purpose), headers)
    }

    fn fetch_as(
        &mut self,
        web: &mut Web<'_>,
        mut flight: Flight,
        headers: HeaderMap,
    ) -> Result<Response<Bytes>, NetworkError> {
        if self.document.is_none() {
            return Err(NetworkError::NoPage);
        }
        let mut name = None;
        for (next_name, value) in headers {
            // A map gives a name once and then the further values of that name.
            name = next_name.or(name);
            if let Some(name) = name.as_ref().filter(|name| !is_forbidden(name)) {
                flight.headers.append(name, value);
            }
        }
        loop {
            let response = self.exchange(web, &mut flight).ok_or(NetworkError::Unreachable)?;
            if flight.is_cross_origin() && !may_read(&flight, response.headers()) {
                return Err(NetworkError::Cors);
            }
            let Some(next) = flight.redirected(&response) else { return Ok(response) };
            if next.passed.len() > MAX_REDIRECTS {
                return Err(NetworkError::TooManyRedirects);
            }
            flight = next;
        }
    }
}

/// Returns whether a field is the browser's own and not the script's to set (Fetch 2.2.2).
fn is_forbidden(name: &HeaderName) -> bool {
    const FORBIDDEN: [HeaderName; 10] = [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::COOKIE,
        header::DATE,
        header::EXPECT,
        header::HOST,
        header::ORIGIN,
        header::REFERER,
        header::TE,
        header::TRANSFER_ENCODING,
    ];
    FORBIDDEN.contains(name) || name.as_str().starts_with("sec-") || name.as_str().starts_with("proxy-")
}

/// Returns whether a cross-origin response may be read by the page (Fetch 4.10, "CORS check").
fn may_read(flight: &Flight, headers: &HeaderMap) -> bool {
    let Initiator::Page(page) = &flight.initiator else { return true };
    let with_credentials = flight.has_credentials();
    let allowed = |name, value: &str| headers.get(name).is_some_and(|found| found == value);
    if !with_credentials && allowed(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*") {
        return true;
    }
    allowed(header::ACCESS_CONTROL_ALLOW_ORIGIN, &flight.serialized_origin(page))
        && (!with_credentials || allowed(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"))
}
