//! Requests on their way through redirects, and the header fields of each hop.

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use url::Url;

use super::context::{Initiator, RequestContext, RequestKind};
use super::history::location;
use super::origin::{is_trustworthy, same_origin, same_site};
use super::referrer::ReferrerPolicy;

/// Whether a script's request carries and stores cookies (Fetch 2.2.5, "credentials mode").
///
/// ```
/// # use aura_test_idp::browser::Credentials;
/// assert_eq!(Credentials::default(), Credentials::SameOrigin);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Only as long as every URL on the way has the origin of the page.
    #[default]
    SameOrigin,
    /// Always, within what `SameSite` allows.
    Include,
}

/// Purpose of a request (Fetch 2.2.5, "mode" and "destination").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Navigation,
    Script(Credentials),
}

/// A request on its way through redirects (Fetch 2.2.5).
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) body: Bytes,
    pub(super) initiator: Initiator,
    pub(super) purpose: Purpose,
    /// The fields that page or script gave, such as `Content-Type`.
    pub(super) headers: HeaderMap,
    pub(super) referrer: Option<Url>,
    pub(super) policy: ReferrerPolicy,
    /// The URLs of the redirects so far, first to last.
    pub(super) passed: Vec<Url>,
}

/// The `Sec-Fetch-*` fields (Fetch Metadata 2).
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_USER: HeaderName = HeaderName::from_static("sec-fetch-user");

impl Flight {
    /// Describes the request to the cookie jar (RFC 6265bis 5.2).
    pub(super) fn context(&self) -> RequestContext {
        let kind = match self.purpose {
            Purpose::Navigation => RequestKind::TopLevelNavigation,
            Purpose::Script(_) => RequestKind::Subresource,
        };
        RequestContext {
            target: self.url.clone(),
            initiator: self.initiator.clone(),
            kind,
            method: self.method.clone(),
        }
    }

    /// Returns whether cookies are sent and stored (Fetch 4.5, "includeCredentials").
    pub(super) fn has_credentials(&self) -> bool {
        match self.purpose {
            Purpose::Navigation | Purpose::Script(Credentials::Include) => true,
            Purpose::Script(Credentials::SameOrigin) => !self.is_cross_origin(),
        }
    }

    /// Returns whether any URL on the way has another origin than the page (Fetch 2.2.5, "response tainting").
    pub(super) fn is_cross_origin(&self) -> bool {
        match &self.initiator {
            Initiator::User => false,
            Initiator::Page(page) => self.way().any(|url| !same_origin(page, url)),
        }
    }

    /// Writes the request for the current hop; none if the URL does not fit into a request line (RFC 9112 3.2.1).
    pub(super) fn request(&mut self, cookies: Option<HeaderValue>) -> Option<Request<Bytes>> {
        // Each hop can only shorten the referrer (Fetch 4.1 step 8).
        self.referrer = self.referrer.take().and_then(|from| self.policy.referrer(&from, &self.url));
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = Uri::from(PathAndQuery::try_from(request_target(&self.url)).ok()?);
        *request.headers_mut() = self.headers.clone();
        let headers = request.headers_mut();
        put(headers, header::HOST, &authority(&self.url));
        if !self.body.is_empty() || self.method == Method::POST || self.method == Method::PUT {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
        if let Some(origin) = self.origin() {
            put(headers, header::ORIGIN, &origin);
        }
        if let Some(referrer) = &self.referrer {
            put(headers, header::REFERER, referrer.as_str());
        }
        if let Some(cookies) = cookies {
            headers.insert(header::COOKIE, cookies);
        }
        self.put_metadata(headers);
        Some(request)
    }

    /// Turns to where a redirect leads (Fetch 4.4), or gives none if the response is no redirect.
    pub(super) fn redirected(&self, response: &Response<Bytes>) -> Option<Self> {
        let status = response.status();
        let is_post = self.method == Method::POST;
        let becomes_get = match status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => is_post,
            StatusCode::SEE_OTHER => self.method != Method::GET && self.method != Method::HEAD,
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => false,
            _ => return None,
        };
        let mut next = self.clone();
        next.url = location(&self.url, response.headers())?;
        next.passed.push(self.url.clone());
        next.policy = ReferrerPolicy::of_response(response.headers()).unwrap_or(self.policy);
        if becomes_get {
            next.method = Method::GET;
            next.body = Bytes::new();
            for name in [
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
                header::CONTENT_LOCATION,
                header::CONTENT_TYPE,
            ] {
                next.headers.remove(name);
            }
        }
        if !same_origin(&self.url, &next.url) {
            next.headers.remove(header::AUTHORIZATION);
        }
        Some(next)
    }

    /// Returns every URL of the way so far, the current one last.
    fn way(&self) -> impl Iterator<Item = &Url> {
        self.passed.iter().chain([&self.url])
    }

    /// Returns the `Origin` field, if the request has one (Fetch 3.2).
    fn origin(&self) -> Option<String> {
        let is_safe = self.method == Method::GET || self.method == Method::HEAD;
        let is_cross_origin_script = matches!(self.purpose, Purpose::Script(_)) && self.is_cross_origin();
        if is_safe && !is_cross_origin_script {
            return None;
        }
        let Initiator::Page(page) = &self.initiator else { return Some("null".to_owned()) };
        let hides = self.purpose == Purpose::Navigation && self.policy.hides_origin(page, &self.url);
        Some(if hides { "null".to_owned() } else { self.serialized_origin(page) })
    }

    /// Writes the origin of the page, or `null` if another origin redirected the request (Fetch 2.2.5, "serializing a request
    /// origin").
    pub(super) fn serialized_origin(&self, page: &Url) -> String {
        if self.is_tainted(page) { "null".to_owned() } else { page.origin().ascii_serialization() }
    }

    /// Returns whether another origin redirected the request (Fetch 2.2.5, "redirect-tainted origin").
    fn is_tainted(&self, page: &Url) -> bool {
        self.passed
            .iter()
            .zip(self.way().skip(1))
            .any(|(last, url)| !same_origin(url, last) && !same_origin(page, last))
    }

    /// Returns `Sec-Fetch-Site` over the whole way (Fetch Metadata 2.3).
    fn sec_fetch_site(&self) -> &'static str {
        let Initiator::Page(page) = &self.initiator else { return "none" };
        if self.way().all(|url| same_origin(page, url)) {
            "same-origin"
        } else if self.way().all(|url| same_origin(page, url) || same_site(page, url)) {
            "same-site"
        } else {
            "cross-site"
        }
    }

    fn put_metadata(&self, headers: &mut HeaderMap) {
        let (accept, mode, destination) = match self.purpose {
            Purpose::Navigation => ("text/html,application/xhtml+xml,*/*;q=0.8", "navigate", "document"),
            Purpose::Script(_) => ("*/*", "cors", "empty"),
        };
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static(accept));
        if !is_trustworthy(&self.url) {
            return;
        }
        headers.insert(SEC_FETCH_SITE, HeaderValue::from_static(self.sec_fetch_site()));
        headers.insert(SEC_FETCH_MODE, HeaderValue::from_static(mode));
        headers.insert(SEC_FETCH_DEST, HeaderValue::from_static(destination));
        if self.purpose == Purpose::Navigation {
            headers.insert(SEC_FETCH_USER, HeaderValue::from_static("?1"));
        }
    }
}

/// Writes path and query, which is the request target in origin-form (RFC 9112 3.2.1).
fn request_target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// Writes host and port as `Host` has them: the scheme's own port is left out (RFC 9110 7.2).
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Sets a field to a text that came out of a URL and so is printable ASCII.
fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}
