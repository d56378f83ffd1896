//! The guard of pages that need a session: a request without one is refused, or redirected to the sign-in.

use crate::host::Host;
use crate::passed;
use aura_proto::{Auth, Reader, Reading, RequestError, Respond, Session, StepUp, Visit};
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A request at a [`Guard`] whose session is still read.
#[derive(Debug)]
#[must_use = "end the entry with what was read"]
pub struct Entry {
    /// Where the browser goes, should there be no session.
    way_in: Option<HeaderValue>,
    /// Where the browser is, should it have to step up: the path in front of this site's, and the page.
    page: Option<(String, String)>,
    /// What the guard requires, and those in front of it.
    required: Result<StepUp, RequestError>,
    /// To whom the answer to a session that is not allowed is written.
    reader: Reader,
}

/// Whom a guard lets through.
#[derive(Clone)]
struct Rule(Arc<dyn Fn(&Session) -> bool + Send + Sync>);

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rule(..)")
    }
}

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
    /// The provider that people are sent to at once.
    provider: Option<Arc<str>>,
    step_up: StepUp,
    /// Whether the store is asked about each request.
    is_certain: bool,
    /// All of them have to allow a session.
    rules: Vec<Rule>,
}

impl Guard {
    pub(crate) fn new(host: Host) -> Self {
        let entrance = format!("{}/signIn", host.auth().base_path()).into();
        Self {
            host,
            entrance,
            provider: None,
            step_up: StepUp::default(),
            is_certain: false,
            rules: Vec::new(),
        }
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
        Self { provider: Some(provider.into()), ..self.sign_in_page(&url) }
    }

    /// Asks the store about the session of each request, even where the policy asks once in a while
    /// ([`SessionPolicy::recheck`](aura_proto::SessionPolicy::recheck)): a session that was ended is refused at once.
    ///
    /// ```
    /// # fn guard(guard: aura_host::Guard) -> aura_host::Guard {
    /// guard.certain()
    /// # }
    /// ```
    #[must_use]
    pub fn certain(self) -> Self {
        Self { is_certain: true, ..self }
    }

    /// Lets those through alone whom the provider authenticated at most this long ago (RFC 9470); see [`StepUp::fresh`]. A browser that
    /// asks for a page is sent to sign in with [`sign_in_with`](Self::sign_in_with)'s provider, or the session's, which is asked to
    /// authenticate the user again (`max_age`); the sign-in ends on the error page if it does not. Others are refused (401).
    ///
    /// Providers that are no OpenID Providers cannot state when they authenticated a user, and that somebody came back from one says
    /// nothing of it: their sessions are refused (403), and an error is logged that names the provider.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # fn guard(guard: aura_host::Guard) -> aura_host::Guard {
    /// guard.fresh(Duration::from_secs(300))
    /// # }
    /// ```
    #[must_use]
    pub fn fresh(self, max_age: Duration) -> Self {
        Self { step_up: self.step_up.fresh(max_age), ..self }
    }

    /// Lets those through alone whose authentication met one of these context classes, the preferred one first (`acr_values`); see
    /// [`StepUp::acr`]. Others are sent to sign in, or refused, as by [`fresh`](Self::fresh).
    ///
    /// ```
    /// # fn guard(guard: aura_host::Guard) -> aura_host::Guard {
    /// guard.acr(["phr", "phrh"])
    /// # }
    /// ```
    #[must_use]
    pub fn acr<A: AsRef<str>>(self, values: impl IntoIterator<Item = A>) -> Self {
        Self { step_up: self.step_up.acr(values), ..self }
    }

    /// Lets those through alone whose session a rule allows: others who are signed in are refused (403), by a page where a
    /// browser asks for one. Where there are several rules, each has to allow the session.
    ///
    /// ```
    /// # fn guard(guard: aura_host::Guard) -> aura_host::Guard {
    /// guard.when(|session| session.claim_is("role", "admin"))
    /// # }
    /// ```
    #[must_use]
    pub fn when(mut self, allows: impl Fn(&Session) -> bool + Send + Sync + 'static) -> Self {
        self.rules.push(Rule(Arc::new(allows)));
        self
    }

    /// Returns the configuration whose sessions the guard lets through.
    pub fn auth(&self) -> &Auth {
        self.host.auth()
    }

    /// Takes note among a request's extensions that it has passed this guard. Another guard behind it sends a browser to sign in for
    /// what both require, so that neither sends it back for its own; where they accept no class in common, it is refused (403). The
    /// layers of the adapters do so by themselves. Whoever checks several guards in a handler does it after each, or has one guard.
    ///
    /// ```
    /// # fn enter(outer: &aura_host::Guard, inner: &aura_host::Guard, mut request: http::Request<()>) -> bool {
    /// if outer.check(&request).is_err() {
    ///     return false;
    /// }
    /// outer.note_passed(request.extensions_mut());
    /// inner.check(&request).is_ok()
    /// # }
    /// ```
    pub fn note_passed(&self, extensions: &mut Extensions) {
        if !self.step_up.is_empty() {
            passed::keep(extensions, self.auth(), &self.step_up);
        }
    }

    /// Returns the visit of a request with a session, or the answer to one without.
    ///
    /// # Errors
    /// The answer: 401 with the body of `GET /session` or where the authentication is too old or too weak, 302 to sign in, 403 where
    /// a rule does not allow the session, or its provider cannot step up, 400 where
    /// the request's host is not the site's, 500 where the system gives no random bytes, or 503 where the application cannot
    /// check the session.
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
        let (reading, entry) = self.begin_at(request, original);
        self.end(entry, self.host.read(reading))
    }

    /// Reads the session of a request, to the first question; for hosts that await the answer.
    ///
    /// ```
    /// # fn enter(host: &aura_host::Host, guard: &aura_host::Guard, request: &http::Request<()>) -> bool {
    /// let (reading, entry) = guard.begin_at(request, request.uri());
    /// guard.end(entry, host.read(reading)).is_ok()
    /// # }
    /// ```
    pub fn begin_at<B>(
        &self,
        request: &Request<B>,
        original: &Uri,
    ) -> (Reading<Result<Visit, Respond>>, Entry) {
        let reading = match self.is_certain {
            true => self.host.begin_certain_visit(request),
            false => self.host.begin_visit(request),
        };
        // Of most visits neither is asked.
        let way_in = match reading {
            Reading::Done(Ok(_)) => None,
            Reading::Done(Err(ref refusal)) if refusal.status != StatusCode::UNAUTHORIZED => None,
            Reading::Done(Err(_))
            | Reading::Check(_)
            | Reading::Store(_)
            | Reading::Fetch(..)
            | Reading::Pause(..)
            | Reading::RunToEnd(_) => self.way_in(request, original),
        };
        let (page, required) = match self.step_up.is_empty() {
            true => (None, Ok(StepUp::default())),
            false => {
                let required = passed::join(request.extensions(), self.auth(), &self.step_up);
                (self.page(request, original), required)
            }
        };
        let has_rules = !(self.rules.is_empty() && self.step_up.is_empty());
        let reader = if has_rules { Reader::of(request.headers()) } else { Reader::Program };
        (reading, Entry { way_in, page, required, reader })
    }

    /// Lets a request with a session pass, if every rule of the guard allows the session, and its authentication is as required.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn end(&self, entry: Entry, visited: Result<Visit, Respond>) -> Result<Visit, Response<Bytes>> {
        let Entry { way_in, page, required, reader } = entry;
        let visit = self.host.end_visit(visited).map_err(|refusal| redirect(refusal, way_in))?;
        let session = visit.session();
        let (error, way) = if !self.rules.iter().all(|Rule(allows)| allows(session)) {
            (RequestError::NotAllowed, None)
        } else if self.step_up.is_empty() {
            // Most guards need no clock.
            return Ok(visit);
        } else {
            match self.step_up.check(session, self.host.now()) {
                Ok(()) => return Ok(visit),
                Err(error) => match required {
                    Ok(required) => self.way_up(session, error, page, &required),
                    Err(conflict) => {
                        tracing::error!(target: "aura", "guards one behind the other accept no acr in common: no session passes them");
                        (conflict, None)
                    }
                },
            }
        };
        let refusal = Respond::refusal_to(reader, error);
        Err(visit.finish(redirect(self.host.answer(refusal), way)))
    }

    /// Finds where a browser that asks for a page goes to step up, or why it cannot.
    fn way_up(
        &self,
        session: &Session,
        error: RequestError,
        page: Option<(String, String)>,
        required: &StepUp,
    ) -> (RequestError, Option<HeaderValue>) {
        let provider = self.provider.as_deref().or(session.provider());
        let path = match self.auth().step_up_path(provider, required) {
            Ok(path) => path,
            Err(unsupported) => {
                tracing::error!(target: "aura", provider, "a guard requires a fresh or strong authentication, which this provider cannot state: sign in with an OpenID Provider");
                return (unsupported, None);
            }
        };
        let Some((public_path, page)) = page else { return (error, None) };
        self.host.expect_at(&path);
        (error, HeaderValue::try_from(format!("{public_path}{path}&redirectTo={page}")).ok())
    }

    /// Finds where a browser that asks for a page goes to sign in.
    fn way_in<B>(&self, request: &Request<B>, original: &Uri) -> Option<HeaderValue> {
        let url = &*self.entrance;
        let (public_path, page) = self.page(request, original)?;
        let url = if url.starts_with('/') { format!("{public_path}{url}") } else { url.to_owned() };
        let separator = if url.contains('?') { '&' } else { '?' };
        if self.auth().owns(url.split('?').next().unwrap_or_default()) {
            self.host.expect_at(&self.entrance);
        }
        HeaderValue::try_from(format!("{url}{separator}redirectTo={page}")).ok()
    }

    /// Finds the page that a browser asks for, as a parameter, and the path that it sees in front of this site's.
    fn page<B>(&self, request: &Request<B>, original: &Uri) -> Option<(String, String)> {
        let url = &*self.entrance;
        // What was sent with another method is lost on the way to sign in and back.
        if request.method() != Method::GET || Reader::of(request.headers()) == Reader::Program {
            return None;
        }
        let path = original.path();
        if self.auth().owns(path) || self.auth().is_entrance(path) || url.split('?').next() == Some(path) {
            tracing::error!(target: "aura", path, "a guard stands before the way to sign in: leave this path out of it");
            return None;
        }
        let public_path = self.auth().public_path(request);
        let page = original.path_and_query().map_or("/", PathAndQuery::as_str);
        let page = format!("{public_path}{page}");
        Some((public_path, utf8_percent_encode(&page, NON_ALPHANUMERIC).to_string()))
    }
}

/// Sends whoever is refused for want of a session, or of a better one, to sign in, if there is somewhere to go.
fn redirect(mut refusal: Response<Bytes>, way_in: Option<HeaderValue>) -> Response<Bytes> {
    if let (StatusCode::UNAUTHORIZED, Some(location)) = (refusal.status(), way_in) {
        refusal.headers_mut().insert(header::LOCATION, location);
        *refusal.status_mut() = StatusCode::FOUND;
    }
    refusal
}
