//! Answers to the browser: a fixed set of headers, among them `no-store`, then cookies and a body.

use crate::cookie::set::SetCookie;
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::html;
use crate::json::{self, Object};
use crate::limits::Throttled;
use crate::parameters::ParameterIssue;
use crate::quoted::Quoted;
use crate::reader::Reader;
use crate::redirect::Location;
use crate::refusal::Refusal;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt;

/// The headers of every answer.
const HEADERS: [(HeaderName, HeaderValue); 8] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
    (header::EXPIRES, HeaderValue::from_static("0")),
    (header::VARY, HeaderValue::from_static("Cookie")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; frame-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
];

/// The body of an answer.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// No body.
    Empty,
    /// `application/json`.
    Json(Bytes),
    /// `text/html; charset=utf-8`, written by this crate.
    Html(Bytes),
    /// No body, in the answer to `HEAD`. `Content-Length` is this length, that of the JSON body of `GET`.
    Omitted(usize),
}

impl Body {
    /// Writes a value into one buffer, in which most answers have room.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        let mut body = Vec::with_capacity(512);
        json::write(&mut body, value);
        Self::Json(body.into())
    }

    /// Writes an object into one buffer, in which most answers have room.
    pub(crate) fn object(write: impl FnOnce(Object<'_>) -> Object<'_>) -> Self {
        let mut json = Vec::with_capacity(512);
        write(Object::begin(&mut json)).end();
        Self::Json(json.into())
    }

    pub(crate) fn omitted(self) -> Self {
        match self {
            Self::Json(bytes) => Self::Omitted(bytes.len()),
            Self::Empty | Self::Html(_) | Self::Omitted(_) => self,
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Empty | Self::Omitted(_) => Bytes::new(),
            Self::Json(bytes) | Self::Html(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Body {
    /// Shows the length of the body, not its content, which may hold a CSRF token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Self::Html(bytes) => write!(f, "Html({} bytes)", bytes.len()),
            Self::Omitted(length) => write!(f, "Omitted({length} bytes)"),
        }
    }
}

/// An answer that redirects the browser.
///
/// ```
/// # use aura_proto::{Action, Auth, ClientSecret};
/// # use aura_providers::GITHUB;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let github = GITHUB.with_client("id", ClientSecret::new("secret"));
/// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
/// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
/// let request = http::Request::get("/auth/signIn/github").body(bytes::Bytes::new())?;
/// let Action::Redirect(redirect) = auth.handle(request, now, entropy) else { unreachable!() };
/// assert_eq!(redirect.status, 302);
/// assert!(redirect.location.as_str().starts_with("https://github.com/login/oauth/authorize?"));
/// assert_eq!(redirect.into_response().headers()["cache-control"], "no-store");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "send it to the browser with into_response"]
#[non_exhaustive]
pub struct Redirect {
    /// 302 after `GET`, 303 after `POST` and `PATCH` (RFC 9110 section 15.4).
    pub status: StatusCode,
    /// The value of `Location`.
    pub location: Location,
    /// The body, for clients that do not follow redirects.
    pub body: Body,
    /// The cookies to set and clear.
    pub cookies: Vec<SetCookie>,
    /// The events of this request.
    pub events: Vec<Event>,
}

/// An answer that is not a redirect.
///
/// ```
/// # use aura_proto::Action;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
/// let request = http::Request::get("/auth/session").body(bytes::Bytes::new())?;
/// let Action::Respond(respond) = auth.handle(request, now, entropy) else { unreachable!() };
/// assert_eq!(respond.status, 401);
/// assert_eq!(respond.into_response().headers()["x-content-type-options"], "nosniff");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "send it to the browser with into_response"]
#[non_exhaustive]
pub struct Respond {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Body,
    /// The cookies to set and clear.
    pub cookies: Vec<SetCookie>,
    /// The events of this request.
    pub events: Vec<Event>,
    /// The value of `Allow`, if the method is not allowed.
    pub allow: Option<&'static str>,
    /// What `Retry-After` and `X-RateLimit-*` say, if there were too many requests.
    pub throttled: Option<Throttled>,
}

/// How a request ends.
#[derive(Debug)]
pub(crate) enum Reply {
    Redirect(Redirect),
    Respond(Respond),
}

impl Reply {
    /// Puts cookies and events before those that the answer has.
    pub(crate) fn prepend(&mut self, cookies: Vec<SetCookie>, events: Vec<Event>) {
        let (own_cookies, own_events) = match self {
            Self::Redirect(redirect) => (&mut redirect.cookies, &mut redirect.events),
            Self::Respond(respond) => (&mut respond.cookies, &mut respond.events),
        };
        *own_cookies = concat(cookies, std::mem::take(own_cookies));
        *own_events = concat(events, std::mem::take(own_events));
    }

    /// Puts the public path in front of the paths of cookies.
    pub(crate) fn put_under(&mut self, public_path: &str) {
        let (Self::Redirect(Redirect { cookies, .. }) | Self::Respond(Respond { cookies, .. })) = self;
        SetCookie::put_under(public_path, cookies);
    }

    /// Replaces a JSON body by its length.
    pub(crate) fn without_body(self) -> Self {
        match self {
            Self::Respond(respond) => Self::Respond(Respond { body: respond.body.omitted(), ..respond }),
            Self::Redirect(_) => self,
        }
    }
}

fn concat<T>(mut first: Vec<T>, mut second: Vec<T>) -> Vec<T> {
    if first.is_empty() {
        return second;
    }
    first.append(&mut second);
    first
}

impl From<Redirect> for Reply {
    fn from(redirect: Redirect) -> Self {
        Self::Redirect(redirect)
    }
}

impl From<Respond> for Reply {
    fn from(respond: Respond) -> Self {
        Self::Respond(respond)
    }
}

impl Redirect {
    pub(crate) fn new(status: StatusCode, location: Location, body: &impl Serialize) -> Self {
        Self::with_body(status, location, Body::json(body))
    }

    pub(crate) fn with_body(status: StatusCode, location: Location, body: Body) -> Self {
        Self { status, location, body, cookies: Vec::new(), events: Vec::new() }
    }

    /// Renders the answer: status, the fixed headers, `Location`, cookies, body.
    pub fn into_response(self) -> Response<Bytes> {
        let mut response = render(self.status, self.body, &self.cookies);
        response.headers_mut().insert(header::LOCATION, self.location.into_header_value());
        response
    }
}

impl Respond {
    /// Reports which host was refused, if the answer refuses one.
    pub(crate) fn of_host(mut self, host: Option<Quoted>) -> Self {
        let refused = Event::RequestRefused { error: RequestError::UntrustedHost.into() };
        if self.events.contains(&refused) {
            self.events.splice(0..0, host.map(|host| Event::HostUnknown { host }));
        }
        self
    }

    pub(crate) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self { body: Body::json(body), ..Self::empty(status) }
    }

    /// Makes an HTML answer.
    pub(crate) fn page(status: StatusCode, html: String) -> Self {
        Self { body: Body::Html(html.into()), ..Self::empty(status) }
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            body: Body::Empty,
            cookies: Vec::new(),
            events: Vec::new(),
            allow: None,
            throttled: None,
        }
    }

    /// Makes the answer to a request that is refused, for guards and for hosts: a session that is missing, too long a body.
    ///
    /// ```
    /// use aura_proto::{Respond, SessionError};
    /// assert_eq!(Respond::refusal(SessionError::Missing).into_response().status(), 401);
    /// ```
    pub fn refusal(refusal: impl Into<Refusal>) -> Self {
        let Refusal { error, cookies } = refusal.into();
        Self { cookies, ..Self::refusal_with(error, Map::new()) }
    }

    /// Makes the answer to a person whose request is refused: a page, where [`refusal`](Self::refusal) is JSON.
    ///
    /// ```
    /// use aura_proto::{RequestError, Respond};
    /// let page = Respond::refusal_page(RequestError::NotAllowed).into_response();
    /// assert_eq!((page.status().as_u16(), page.headers()["content-type"].as_bytes()), (403, &b"text/html; charset=utf-8"[..]));
    /// ```
    pub fn refusal_page(refusal: impl Into<Refusal>) -> Self {
        let Refusal { error, cookies } = refusal.into();
        let page = Self { cookies, ..Self::page(error.status(), html::refusal(&error)) };
        Self { throttled: error.throttled().cloned(), events: vec![Event::RequestRefused { error }], ..page }
    }

    /// Makes the answer to a refused request for its reader: a page for a person, JSON for a program.
    ///
    /// ```
    /// use aura_proto::{Reader, RequestError, Respond};
    /// let body_of = |reader| Respond::refusal_to(reader, RequestError::NotAllowed).into_response().into_body();
    /// assert!(body_of(Reader::Person).starts_with(b"<!doctype html>"));
    /// assert!(body_of(Reader::Program).starts_with(b"{"));
    /// ```
    pub fn refusal_to(reader: Reader, refusal: impl Into<Refusal>) -> Self {
        match reader {
            Reader::Person => Self::refusal_page(refusal),
            Reader::Program => Self::refusal(refusal),
        }
    }

    /// Makes the answer to a refused request, with the members that its route's failures have.
    pub(crate) fn refusal_with(error: impl Into<Error>, fields: Map<String, Value>) -> Self {
        let error = error.into();
        let mut respond = Self::new(error.status(), &Value::Object(error_body(&error, fields)));
        respond.throttled = error.throttled().cloned();
        respond.events.push(Event::RequestRefused { error });
        respond
    }

    /// Renders the answer: status, the fixed headers, cookies, body.
    pub fn into_response(self) -> Response<Bytes> {
        let mut response = render(self.status, self.body, &self.cookies);
        if let Some(allow) = self.allow {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(throttled) = self.throttled {
            throttled.write(response.headers_mut());
        }
        response
    }
}

/// Returns the members of an error body. An error with status 422 has `details` about the parameters. A missing session has
/// the members that both generations of clients read.
fn error_body(error: &Error, fields: Map<String, Value>) -> Map<String, Value> {
    let mut body = Map::new();
    let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
    add("type", error.kind().into());
    add("code", error.code().into());
    add("message", error.message().into());
    add("reason", error.reason().into());
    if let Error::Request(
        RequestError::SessionMissing
        | RequestError::SessionInvalid
        | RequestError::SessionNotYet
        | RequestError::SessionEnded,
    ) = error
    {
        add("authenticated", false.into());
        add("success", false.into());
        add("session", Value::Null);
    }
    let details = details(error);
    if !details.is_empty() {
        add("details", Value::Object(details));
    }
    body.extend(fields);
    body.extend(error.throttled().map(Throttled::members).unwrap_or_default());
    body
}

fn details(error: &Error) -> Map<String, Value> {
    let detail = |code: &str, message: &str| json!({ "code": code, "message": message });
    match error {
        Error::Request(RequestError::UnknownProvider) => {
            Map::from_iter([("oauth".to_owned(), detail("invalid_value", error.message()))])
        }
        Error::Request(RequestError::NotEditable(member)) => {
            Map::from_iter([(member.as_str().to_owned(), detail("invalid_value", error.message()))])
        }
        Error::Request(RequestError::StateMissing) => {
            Map::from_iter([("state".to_owned(), detail("invalid_type", ParameterIssue::Missing.message()))])
        }
        Error::Request(RequestError::InvalidParameters(parameters)) => parameters
            .iter()
            .map(|parameter| {
                (parameter.name.to_owned(), detail(parameter.issue.code(), parameter.issue.message()))
            })
            .collect(),
        Error::Request(_) | Error::Provider(_) | Error::Host(_) => Map::new(),
    }
}

fn render(status: StatusCode, body: Body, cookies: &[SetCookie]) -> Response<Bytes> {
    // Room for all, and for a content type and a location: a map that grows costs 700 instructions.
    let mut headers = HeaderMap::with_capacity(HEADERS.len().saturating_add(cookies.len()).saturating_add(2));
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    match body {
        Body::Empty => {}
        Body::Json(_) | Body::Omitted(_) => {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Body::Html(_) => {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(html::POLICY));
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        }
    }
    if let Body::Omitted(length) = body {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie.to_header_value());
    }
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
