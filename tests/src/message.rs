//! Readers of answers: what tests ask of them again and again.

use bytes::Bytes;
use http::{HeaderMap, Response, header, request};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use url::Url;

/// Cookies that a test keeps by name, where the rules of a browser do not matter. An empty value removes one.
///
/// ```
/// use aura_tests::CookieMap;
/// use http::{HeaderMap, HeaderValue, header};
///
/// let mut cookies = CookieMap::default();
/// cookies.keep(&HeaderMap::from_iter([(header::SET_COOKIE, HeaderValue::from_static("a=b; Path=/"))]));
/// assert_eq!(cookies.header(), "a=b");
/// cookies.keep(&HeaderMap::from_iter([(header::SET_COOKIE, HeaderValue::from_static("a=; Max-Age=0"))]));
/// assert!(cookies.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookieMap(BTreeMap<String, String>);

impl Deref for CookieMap {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for CookieMap {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl CookieMap {
    /// Keeps what an answer sets, and returns it: names and values, none of them empty.
    pub fn keep(&mut self, headers: &HeaderMap) -> Vec<(String, String)> {
        let mut kept = Vec::new();
        for (name, value) in set_cookies(headers) {
            if value.is_empty() {
                self.0.remove(&name);
            } else {
                kept.push((name.clone(), value.clone()));
                self.0.insert(name, value);
            }
        }
        kept
    }

    /// Writes the value of the field `Cookie`.
    pub fn header(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Adds the field to a request, where there are cookies.
    pub fn attach(&self, request: request::Builder) -> request::Builder {
        if self.0.is_empty() { request } else { request.header(header::COOKIE, self.header()) }
    }
}

/// Returns name and value of each cookie that an answer sets; the value is empty where it clears.
pub fn set_cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |field: &http::HeaderValue| {
        let (name, rest) = field.to_str().expect("visible ASCII").split_once('=').expect("a pair");
        (name.to_owned(), rest.split(';').next().unwrap_or_default().to_owned())
    };
    headers.get_all(header::SET_COOKIE).iter().map(pair).collect()
}

/// Returns where an answer leads.
pub fn location<B>(response: &Response<B>) -> String {
    response.headers()[header::LOCATION].to_str().expect("visible ASCII").to_owned()
}

/// Returns the body of an answer as a text.
pub fn text(response: &Response<Bytes>) -> &str {
    str::from_utf8(response.body()).expect("a text")
}

/// Reads the body of an answer as JSON.
pub fn read_json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).expect("JSON")
}

/// Finds a parameter of a URL.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
