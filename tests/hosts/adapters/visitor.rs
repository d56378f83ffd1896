//! A browser's requests, and the parts of an answer that are equal on every host.

use super::site::Site;
use aura_tests::{CookieMap, location, read_json, text};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use url::Url;

/// Fields that belong to the connection or to the moment, or name the server's software (RFC 9110 sections 6.6.1, 7.6.1
/// and 10.2.4).
const OF_THE_SERVER: [&str; 4] = ["connection", "date", "server", "transfer-encoding"];

/// A client with a cookie jar of its own; over plain http on one host that is a map.
pub(crate) struct Visitor {
    http: Http<HttpConnector, Full<Bytes>>,
    origin: String,
    pub(crate) cookies: CookieMap,
    /// Everything that was answered, without what differs from run to run.
    pub(crate) answers: Vec<Answer>,
}

/// An answer without what differs from run to run: random values are their lengths, the site's origin is `SITE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    request: String,
    status: u16,
    headers: Vec<String>,
    body: String,
}

impl Visitor {
    pub(crate) fn new(site: &Site) -> Self {
        Self::at(&site.origin)
    }

    pub(crate) fn at(origin: &str) -> Self {
        let http = Http::builder(TokioExecutor::new()).build_http();
        Self { http, origin: origin.to_owned(), cookies: CookieMap::default(), answers: Vec::new() }
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let url = format!("{}{path}", self.origin);
        let request = self.cookies.attach(Request::builder().method(method).uri(url));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Full::new(body.into())).unwrap();
        let (head, body) = self.http.request(request).await.unwrap().into_parts();
        let response = Response::from_parts(head, body.collect().await.unwrap().to_bytes());
        self.cookies.keep(response.headers());
        let answer = self.masked(method, path, &response);
        self.answers.push(answer);
        response
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response<Bytes> {
        self.send("GET", path, &[], "").await
    }

    /// Begins a sign-in; returns the path of the callback, without what the provider adds.
    pub(crate) async fn begin(&mut self, redirect_to: &str) -> String {
        let begun = self.get(&format!("/auth/signIn/dev?redirectTo={redirect_to}")).await;
        assert_eq!(begun.status(), 302, "{}", text(&begun));
        let authorize = Url::parse(&location(&begun)).unwrap();
        let (_, state) = authorize.query_pairs().find(|(name, _)| name == "state").unwrap();
        format!("/auth/callback/dev?state={state}")
    }

    pub(crate) async fn sign_in(&mut self) -> Response<Bytes> {
        let callback = self.begin("/account").await;
        let arrived = self.get(&format!("{callback}&code=c")).await;
        assert_eq!((arrived.status().as_u16(), location(&arrived).as_str()), (302, "/account"));
        arrived
    }

    pub(crate) async fn csrf_token(&mut self) -> String {
        let answer = self.get("/auth/csrfToken").await;
        read_json(&answer)["csrfToken"].as_str().unwrap().to_owned()
    }

    fn masked(&self, method: &str, path: &str, response: &Response<Bytes>) -> Answer {
        let mut headers = Vec::new();
        for (name, value) in response.headers() {
            let value = self.masked_text(value.to_str().unwrap());
            match name.as_str() {
                name if OF_THE_SERVER.contains(&name) => {}
                "set-cookie" => headers.push(format!("set-cookie: {}", masked_cookie(&value))),
                name => headers.push(format!("{name}: {value}")),
            }
        }
        // Fields of different names have no order (RFC 9110 section 5.3); those of one name keep theirs.
        headers.sort_by_key(|line| line.split(':').next().map(str::to_owned));
        let body = match serde_json::from_slice::<Value>(response.body()) {
            Ok(mut value) => {
                if let Some(token) = value.get_mut("csrfToken") {
                    *token = token.as_str().unwrap().len().into();
                }
                value.to_string()
            }
            Err(_) => text(response).to_owned(),
        };
        let (request, body) = (self.masked_text(&format!("{method} {path}")), self.masked_text(&body));
        Answer { request, status: response.status().as_u16(), headers, body }
    }

    /// Leaves the lengths of a URL's random parameters, and takes the site's origin out.
    fn masked_text(&self, text: &str) -> String {
        let encoded: String = url::form_urlencoded::byte_serialize(self.origin.as_bytes()).collect();
        let mut text = text.replace(&self.origin, "SITE").replace(&encoded, "SITE");
        for name in ["state=", "code_challenge=", "name=\"csrfToken\" value=\""] {
            let mut parts = text.split(name);
            let mut masked = parts.next().unwrap().to_owned();
            for part in parts {
                let is_random = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                let end = part.find(|c| !is_random(c)).unwrap_or(part.len());
                let (random, rest) = part.split_at(end);
                masked.push_str(&format!("{name}<{}>{rest}", random.len()));
            }
            text = masked;
        }
        text
    }
}

/// Leaves the value's length of a cookie, and of the name of an attempt its kind.
fn masked_cookie(cookie: &str) -> String {
    let (name, rest) = cookie.split_once('=').unwrap();
    let name = name.split_once(".state.").map_or(name.to_owned(), |(kind, _)| format!("{kind}.state.*"));
    let (value, attributes) = rest.split_once(';').unwrap();
    format!("{name}=<{}>;{attributes}", value.len())
}
