//! A call: a request to send, and a reader for its answer.

use crate::answered::{Answered, Parse, parse_list};
use crate::cookies::Cookies;
use crate::csrf_token::CsrfToken;
use crate::error::{CallError, ClientError};
use aura_types::StrictObject;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, Uri};
use std::fmt;
use url::form_urlencoded;

/// Longest body of an answer that is read, in bytes: tell your HTTP client, so that it stops there.
pub const MAX_RESPONSE: usize = 1024 * 1024;

/// Longest `redirectTo` that servers take, in bytes.
const MAX_REDIRECT_TO: usize = 2048;

/// One call of a route: the request, and how to read its answer.
///
/// ```
/// use aura_client::{Call, Client, Cookies, PageSession};
/// let client = Client::new("https://example.com/auth")?;
/// let call: Call<Option<PageSession>> = client.get_session();
/// assert_eq!(call.request(&Cookies::default()).uri(), "https://example.com/auth/session");
///
/// let response = http::Response::builder().status(401).header("content-type", "application/json");
/// let answer = call.read(response.body(r#"{"success":false}"#.into())?);
/// assert_eq!(answer.outcome, Ok(None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "send the request, then call read with what came back"]
pub struct Call<A> {
    method: Method,
    url: String,
    query: &'static str,
    redirect_to: Option<String>,
    csrf_token: Option<CsrfToken>,
    body: Bytes,
    parse: Parse,
    read: fn(Answered) -> Result<A, ClientError>,
}

/// An answer: the outcome, and the cookies to forward to the browser whatever the outcome.
///
/// ```
/// # use aura_client::Client;
/// # let client = Client::new("https://example.com/auth")?;
/// let response = http::Response::builder()
///     .header("content-type", "application/json")
///     .header("set-cookie", "__Host-aura-auth.csrf_token=t")
///     .body(r#"{"csrfToken":"t"}"#.into())?;
/// let answer = client.csrf_token().read(response);
/// assert_eq!(answer.set_cookies, ["__Host-aura-auth.csrf_token=t"]);
/// assert_eq!(answer.outcome?.expose(), "t");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "forward its cookies to the browser, then use the outcome"]
#[non_exhaustive]
pub struct Answer<A> {
    /// The content of the answer, or why it is unusable.
    pub outcome: Result<A, ClientError>,
    /// Every `Set-Cookie` of the answer, marked as sensitive. None in a browser, which keeps them to itself.
    pub set_cookies: Vec<HeaderValue>,
}

impl<A> Call<A> {
    /// Begins a call of a URL that is short and of our own making.
    pub(crate) fn new(method: Method, url: String, read: fn(Answered) -> Result<A, ClientError>) -> Self {
        let (csrf_token, body, parse) = (None, Bytes::new(), StrictObject::parse as Parse);
        Self { method, url, query: "", redirect_to: None, csrf_token, body, parse, read }
    }

    /// Adds a query that is already encoded.
    pub(crate) fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    pub(crate) fn presenting(self, csrf_token: &CsrfToken) -> Self {
        Self { csrf_token: Some(csrf_token.clone()), ..self }
    }

    pub(crate) fn sending(self, json: impl Into<Bytes>) -> Self {
        Self { body: json.into(), ..self }
    }

    /// Expects a list.
    pub(crate) fn listing(self) -> Self {
        Self { parse: parse_list, ..self }
    }

    pub(crate) fn leading_to(self, target: &str) -> Result<Self, CallError> {
        if target.len() > MAX_REDIRECT_TO {
            return Err(CallError::RedirectTo);
        }
        Ok(Self { redirect_to: Some(target.to_owned()), ..self })
    }

    /// Makes the request, with the cookies of the browser on whose behalf it is sent.
    ///
    /// ```
    /// use aura_client::{Client, Cookies};
    /// let browser = http::Request::get("/").header("cookie", "aura-auth.session_token=t").body(()).unwrap();
    /// let client = Client::new("http://localhost:3000/auth")?;
    /// let request = client.get_session().request(&Cookies::of(browser.headers()));
    /// assert_eq!(request.headers()["cookie"], "aura-auth.session_token=t");
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn request(&self, cookies: &Cookies) -> Request<Bytes> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        // Cannot fail: base URL and id were checked, the query is encoded, and all of it is shorter than 16 KiB.
        *request.uri_mut() = Uri::try_from(self.url()).unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if !self.body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(cookies) = cookies.to_header_value() {
            headers.insert(header::COOKIE, cookies);
        }
        if let Some(csrf_token) = &self.csrf_token {
            headers.insert(HeaderName::from_static("x-csrf-token"), csrf_token.to_header_value());
        }
        request
    }

    fn url(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.redirect_to.iter().map(|target| ("redirectTo", target)));
        let parts = [query.finish(), self.query.to_owned()];
        let query = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
        if query.is_empty() { self.url.clone() } else { format!("{}?{query}", self.url) }
    }

    /// Reads what came back. Whatever it is, its cookies are kept beside the outcome.
    ///
    /// ```
    /// use aura_client::{Client, ClientError};
    /// use bytes::Bytes;
    /// let client = Client::new("https://example.com/auth")?;
    /// let response = http::Response::new(Bytes::from("<h1>Down for maintenance</h1>"));
    /// assert_eq!(client.get_session().read(response).outcome, Err(ClientError::NotJson(http::StatusCode::OK)));
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "an answer is read once")]
    pub fn read(&self, response: Response<Bytes>) -> Answer<A> {
        let sensitive = |value: &HeaderValue| {
            let mut value = value.clone();
            value.set_sensitive(true);
            value
        };
        let set_cookies = response.headers().get_all(header::SET_COOKIE).iter().map(sensitive).collect();
        Answer { outcome: Answered::open(&response, self.parse).and_then(self.read), set_cookies }
    }
}

impl<A> Answer<A> {
    /// Adds the cookies to the headers of the answer that the browser gets, and returns the outcome.
    ///
    /// # Errors
    /// The outcome's own, after the cookies were added.
    ///
    /// ```
    /// # use aura_client::Client;
    /// # let client = Client::new("https://example.com/auth")?;
    /// let response = http::Response::builder()
    ///     .header("content-type", "application/json")
    ///     .header("set-cookie", "__Host-aura-auth.csrf_token=t")
    ///     .body(r#"{"csrfToken":"t"}"#.into())?;
    /// let mut page = http::Response::new("a form with a token");
    /// let csrf_token = client.csrf_token().read(response).forward(page.headers_mut())?;
    /// assert_eq!(csrf_token.expose(), "t");
    /// assert_eq!(page.headers()["set-cookie"], "__Host-aura-auth.csrf_token=t");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn forward(self, headers: &mut HeaderMap) -> Result<A, ClientError> {
        if !self.set_cookies.is_empty() {
            // A cache that kept this answer would hand one user's cookies to the next.
            let _ = headers.try_insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for cookie in self.set_cookies {
            // Fails if there are tens of thousands of fields, which no browser would take either.
            let _ = headers.try_append(header::SET_COOKIE, cookie);
        }
        self.outcome
    }
}

impl<A> fmt::Debug for Call<A> {
    /// Omits the query and the body: they have data about the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({} {})", self.method, self.url)
    }
}
