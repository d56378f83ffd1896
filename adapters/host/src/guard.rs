//! Who may see a page that needs a session? Those who have one; others are refused, or sent to sign in.

use crate::host::{Host, Step};
use aura_proto::{Connection, Respond, Session};
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::ops::Deref;

/// Lets requests through that have a session. Cheap to clone.
///
/// It asks the core as `GET /session` does: its refusal is that route's answer, and it renews a session by the same policy.
///
/// ```
/// # fn page(guard: &aura_host::Guard, request: &http::Request<()>) -> http::Response<bytes::Bytes> {
/// match guard.check(request) {
///     Ok(pass) => {
///         let page = format!("Hello, {}", pass.user.sub);
///         pass.seal(http::Response::new(page.into()))
///     }
///     Err(refusal) => refusal,
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    host: Host,
    entrance: Entrance,
}

/// Where a person goes who is not signed in.
#[derive(Clone, Debug)]
enum Entrance {
    /// Nowhere: they are refused as programs are.
    None,
    /// To a URL, which has no query of its own or one that is to be continued.
    Url(String),
}

/// A request's session, and the cookies that renew it.
///
/// ```
/// # fn greet(pass: &aura_host::Pass) {
/// println!("Hello, {}", pass.user.sub);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "seal the response with it, so that a renewed session reaches the browser"]
pub struct Pass {
    session: Session,
    cookies: Vec<HeaderValue>,
}

impl Guard {
    pub(crate) fn new(host: Host) -> Self {
        Self { host, entrance: Entrance::None }
    }

    /// Sends people who are not signed in to this page of the site, with `redirectTo` as a parameter: only where a browser
    /// asks for a page. The page must pass the parameter on to the sign-in, which checks it, and follow it nowhere itself.
    ///
    /// ```
    /// # fn guard(guard: aura_host::Guard) -> aura_host::Guard {
    /// guard.sign_in_page("/sign-in")
    /// # }
    /// ```
    #[must_use]
    pub fn sign_in_page(mut self, path: &str) -> Self {
        self.entrance = Entrance::Url(path.to_owned());
        self
    }

    /// Sends them to a provider at once.
    ///
    /// ```
    /// # fn guard(guard: aura_host::Guard) -> aura_host::Guard {
    /// guard.sign_in_with("github")
    /// # }
    /// ```
    #[must_use]
    pub fn sign_in_with(self, provider: &str) -> Self {
        let provider = utf8_percent_encode(provider, NON_ALPHANUMERIC);
        let url = format!("{}/signIn/{provider}", self.host.auth().base_path());
        self.sign_in_page(&url)
    }

    /// Lets a request pass, or says how to answer it.
    ///
    /// # Errors
    /// The answer: 401 with the body of `GET /session`, 302 to sign in, or 400 where the request's host is not the site's.
    ///
    /// ```
    /// # fn is_signed_in(guard: &aura_host::Guard, request: &http::Request<()>) -> bool {
    /// guard.check(request).is_ok()
    /// # }
    /// ```
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn check<B>(&self, request: &Request<B>) -> Result<Pass, Response<Bytes>> {
        self.check_at(request, request.uri())
    }

    /// Does the same for a request whose URL was rewritten on its way here.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    ///
    /// ```
    /// # fn check(guard: &aura_host::Guard, request: &http::Request<()>, original: &http::Uri) -> bool {
    /// guard.check_at(request, original).is_ok()
    /// # }
    /// ```
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn check_at<B>(&self, request: &Request<B>, original: &Uri) -> Result<Pass, Response<Bytes>> {
        let answer = self.session_route(request);
        if !answer.status().is_success() {
            return Err(self.send_to_sign_in(answer, request, original));
        }
        let session = self.host.auth().session_of(request, self.host.now());
        let session = session.map_err(|error| Respond::refusal(error).into_response())?;
        let cookies = answer.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        Ok(Pass { session, cookies })
    }

    /// Returns what `GET /session` answers to this browser.
    fn session_route<B>(&self, request: &Request<B>) -> Response<Bytes> {
        let mut asked = Request::new(Bytes::new());
        let mut target = request.uri().clone().into_parts();
        target.path_and_query =
            PathAndQuery::try_from(format!("{}/session", self.host.auth().base_path())).ok();
        // Fails for the target of CONNECT, which names no page.
        *asked.uri_mut() = Uri::from_parts(target).unwrap_or_default();
        request.headers().clone_into(asked.headers_mut());
        if let Some(connection) = request.extensions().get::<Connection>() {
            asked.extensions_mut().insert(*connection);
        }
        let (action, mut recording) = self.host.begin(asked);
        match self.host.step(action, &mut recording) {
            Step::Answer(answer) => answer,
            // Cannot happen: the route asks nobody.
            Step::Fetch(_) | Step::Admit(_) => {
                Respond::refusal(aura_proto::SessionError::Missing).into_response()
            }
        }
    }

    /// Turns the refusal of a page into a redirect, where there is somewhere to go.
    fn send_to_sign_in<B>(
        &self,
        mut refusal: Response<Bytes>,
        request: &Request<B>,
        original: &Uri,
    ) -> Response<Bytes> {
        let Entrance::Url(url) = &self.entrance else { return refusal };
        if refusal.status() != StatusCode::UNAUTHORIZED || !is_navigation(request.method(), request.headers())
        {
            return refusal;
        }
        let page = original.path_and_query().map_or("/", PathAndQuery::as_str);
        let separator = if url.contains('?') { '&' } else { '?' };
        let page = utf8_percent_encode(page, NON_ALPHANUMERIC);
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

impl Pass {
    /// Returns the session alone.
    ///
    /// ```
    /// # fn read(pass: &aura_host::Pass) -> &aura_proto::Session {
    /// pass.session()
    /// # }
    /// ```
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Adds the cookies of a renewed session to the page's answer, which then is for nobody to keep.
    ///
    /// ```
    /// # fn page(pass: aura_host::Pass) -> http::Response<&'static str> {
    /// pass.seal(http::Response::new("a page"))
    /// # }
    /// ```
    #[must_use]
    pub fn seal<B>(self, mut response: Response<B>) -> Response<B> {
        if self.cookies.is_empty() {
            return response;
        }
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for cookie in self.cookies {
            headers.append(header::SET_COOKIE, cookie);
        }
        response
    }
}

impl Deref for Pass {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}
