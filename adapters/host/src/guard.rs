//! The guard of pages that need a session: others are refused, or sent to sign in.

use crate::host::Host;
use aura_proto::{Auth, Visit};
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;

/// Lets requests through that have a session. Cheap to clone.
///
/// It asks the core as `GET /session` does: its refusal is that route's answer, and it renews a session by the same policy.
///
/// ```
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let host = aura_host::Host::new(auth);
/// let guard = host.guard();
/// let request = http::Request::get("/account").body(())?;
/// let page = match guard.check(&request) {
///     Ok(visit) => {
///         let page = format!("Hello, {}", visit.session().user().sub());
///         visit.finish(http::Response::new(page.into()))
///     }
///     Err(refusal) => refusal,
/// };
/// assert_eq!(page.status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    host: Host,
    /// Where people go who are not signed in: a URL without a query, or with one that is continued.
    entrance: Arc<str>,
}

impl Guard {
    pub(crate) fn new(host: Host) -> Self {
        let entrance = format!("{}/signIn", host.auth().base_path()).into();
        Self { host, entrance }
    }

    /// Sends people who are not signed in to this page of the site, as this server sees its path, instead of the built-in one,
    /// with `redirectTo` as a parameter: only where a browser asks for a page. The page must pass the parameter on to the
    /// sign-in, which checks it, and not follow it itself. Text that is neither a path nor a URL is logged as an error, and
    /// changes nothing.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let host = aura_host::Host::new(auth);
    /// let guard = host.guard().sign_in_page("/sign-in");
    /// let request = http::Request::get("/account").header("accept", "text/html").body(())?;
    /// let refusal = guard.check(&request).err().ok_or("a redirect")?;
    /// assert_eq!(refusal.status(), 302);
    /// assert_eq!(refusal.headers()["location"], "/sign-in?redirectTo=%2Faccount");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sign_in_page(mut self, path: &str) -> Self {
        if path.starts_with('/') || path.contains("://") {
            self.entrance = path.into();
        } else {
            tracing::error!(target: "aura", path, "a guard's sign-in page must begin with /: people are sent to the built-in page");
        }
        self
    }

    /// Sends them to a provider at once. The id of a provider that is not configured is logged as an error, and changes nothing.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let github = aura_host::provider::GITHUB.with_client("id", aura_proto::ClientSecret::new("secret"));
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
    /// let guard = aura_host::Host::new(auth).guard().sign_in_with("github");
    /// let request = http::Request::get("/account").header("accept", "text/html").body(())?;
    /// let refusal = guard.check(&request).err().ok_or("a redirect")?;
    /// assert_eq!(refusal.headers()["location"], "/auth/signIn/github?redirectTo=%2Faccount");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sign_in_with(self, provider: &str) -> Self {
        if !self.auth().providers().any(|(id, _)| id == provider) {
            tracing::error!(target: "aura", provider, "a guard names a provider that is not configured: people are sent to the built-in page");
            return self;
        }
        let url = format!("{}/signIn/{provider}", self.auth().base_path());
        self.sign_in_page(&url)
    }

    /// Returns the configuration whose sessions the guard lets through.
    pub fn auth(&self) -> &Auth {
        self.host.auth()
    }

    /// Lets a request pass, or says how to answer it.
    ///
    /// # Errors
    /// The answer: 401 with the body of `GET /session`, 302 to sign in, 400 where the request's host is not the site's, or
    /// 500 where the system gives no random bytes.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn check<B>(&self, request: &Request<B>) -> Result<Visit, Response<Bytes>> {
        self.check_at(request, request.uri())
    }

    /// Does the same for a request whose URL was rewritten on its way here.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let host = aura_host::Host::new(auth);
    /// let original = http::Uri::from_static("/shop/account");
    /// let request = http::Request::get("/account").header("accept", "text/html").body(())?;
    /// let refusal = host.guard().check_at(&request, &original).err().ok_or("a redirect")?;
    /// assert_eq!(refusal.headers()["location"], "/auth/signIn?redirectTo=%2Fshop%2Faccount");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn check_at<B>(&self, request: &Request<B>, original: &Uri) -> Result<Visit, Response<Bytes>> {
        self.host.visit(request).map_err(|refusal| self.send_to_sign_in(refusal, request, original))
    }

    /// Turns the refusal of a page into a redirect, where there is somewhere to go.
    fn send_to_sign_in<B>(
        &self,
        mut refusal: Response<Bytes>,
        request: &Request<B>,
        original: &Uri,
    ) -> Response<Bytes> {
        let url = &*self.entrance;
        if refusal.status() != StatusCode::UNAUTHORIZED || !is_navigation(request.method(), request.headers())
        {
            return refusal;
        }
        let path = original.path();
        if self.auth().owns(path) || self.auth().is_entrance(path) || url.split('?').next() == Some(path) {
            tracing::error!(target: "aura", path, "a guard stands before the way to sign in: leave this path out of it");
            return refusal;
        }
        let public_path = self.auth().public_path(request);
        let page = original.path_and_query().map_or("/", PathAndQuery::as_str);
        let page = format!("{public_path}{page}");
        let url = if url.starts_with('/') { format!("{public_path}{url}") } else { url.to_owned() };
        let separator = if url.contains('?') { '&' } else { '?' };
        let page = utf8_percent_encode(&page, NON_ALPHANUMERIC);
        let Ok(location) = HeaderValue::try_from(format!("{url}{separator}redirectTo={page}")) else {
            return refusal;
        };
        refusal.headers_mut().insert(header::LOCATION, location);
        *refusal.status_mut() = StatusCode::FOUND;
        refusal
    }
}

/// Tells whether a browser asks for a page to show. Browsers without Fetch Metadata do not say what for.
fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter();
    let takes_html = accepted.any(|value| value.to_str().is_ok_and(|value| value.contains("text/html")));
    let navigates = headers.get_all("sec-fetch-mode").iter().all(|mode| mode == "navigate");
    method == Method::GET && takes_html && navigates
}
