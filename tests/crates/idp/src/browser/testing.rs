//! Two small sites for the tests of the browser.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use url::Url;

use super::{Browser, Web};

pub(super) const NOW: u64 = 1_800_000_000;
pub(super) const APP: &str = "https://app.test";
pub(super) const OTHER: &str = "https://other.example";

/// Answers with what the query asks for: `status`, and every other key as a field; the body tells method and body.
#[expect(clippy::needless_pass_by_value, reason = "a site owns the request")]
pub(super) fn obedient(request: Request<Bytes>, _now: u64) -> Response<Bytes> {
    let told = format!("{} {}", request.method(), String::from_utf8_lossy(request.body()));
    let mut response = Response::new(Bytes::from(told));
    for (key, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        if key == "status" {
            *response.status_mut() = value.parse().unwrap_or_default();
        } else if let (Ok(name), Ok(value)) = (key.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Lets a test use a web where both origins answer what the query asks for.
pub(super) fn on_the_web<T>(test: impl FnOnce(&mut Browser, &mut Web<'_>) -> T) -> T {
    let (mut app, mut other) = (obedient, obedient);
    let mut web = Web::default().with(APP, &mut app).with(OTHER, &mut other);
    test(&mut Browser::new(NOW), &mut web)
}

pub(super) fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A URL of an origin whose server answers with these fields.
pub(super) fn asking(origin: &str, fields: &[(&str, &str)]) -> Url {
    Url::parse_with_params(origin, fields).unwrap()
}

/// A URL of an origin whose server redirects.
pub(super) fn redirecting(origin: &str, status: &str, to: &str) -> Url {
    asking(origin, &[("status", status), ("location", to)])
}

/// The last value of a request field, or an empty text.
pub(super) fn last_sent<'a>(browser: &'a Browser, name: &str) -> &'a str {
    browser.history.last().and_then(|exchange| exchange.request_header(name)).unwrap_or_default()
}

/// Sends a request of a script on the current page and ignores what comes back.
pub(super) fn fetch(browser: &mut Browser, web: &mut Web<'_>, method: Method, to: &Url) {
    let _ = browser.fetch(web, method, to, HeaderMap::new(), Bytes::new());
}
