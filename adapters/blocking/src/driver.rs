//! The driver: performs the core's actions on the calling thread, until one ends the request.

use crate::body::read;
use crate::client::Client;
use aura_host::store::{BlockingCountStore, BlockingSessionStore};
use aura_host::{DriverError, Host, Outcome, Recording, Step, Terms, Turn};
use aura_proto::{
    Action, Admission, Auth, Candidate, Fetch, FetchError, NoTokens, PendingReading, ProviderError, Reading,
    ReadyTokens, RequestHead, Session, SessionDecision,
};
use bytes::Bytes;
use http::{Method, Request, Response};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::ops::Deref;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

/// Answers requests with an [`Auth`] and a [`Client`]. Cheap to clone.
///
/// A driver is a [`Host`] with a client. Its functions for the application's own requests are those of the host:
/// [`visit`](Host::visit), [`session`](Host::session) and [`update_claims`](Host::update_claims), [`guard`](Host::guard) and
/// [`limiter`](Host::limiter), [`check_csrf`](Host::check_csrf), [`form_token`](Host::form_token) and [`read_form`](Host::read_form),
/// and [`sessions`](Host::sessions) and [`end_sessions`](Host::end_sessions) of a user.
///
/// ```
/// use aura_blocking::Driver;
/// use aura_proto::FetchError;
/// use bytes::Bytes;
/// use http::{Request, Response};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
///
/// // A server has the client `UreqClient::new()`.
/// let client = |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
/// let driver = Driver::new(auth, client)?;
/// let request = Request::get("/auth/session").body(std::io::empty())?;
/// assert!(driver.auth().owns(request.uri().path()));
/// assert_eq!(driver.answer(request).status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Driver(Arc<Shared>);

/// The shared state of clones.
#[derive(Clone)]
struct Shared {
    host: Host,
    client: Arc<dyn Client>,
    admit: Arc<Admit>,
}

/// The application's decision on each user who signs in.
type Admit = dyn Fn(Candidate) -> Admission + Send + Sync;

impl Deref for Driver {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.0.host
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("host", self.host()).finish_non_exhaustive()
    }
}

impl Driver {
    /// Joins a configuration and a client, and logs each of [`Auth::findings`] once, as `CONFIGURATION_FINDING`.
    ///
    /// # Errors
    /// [`DriverError::NoSessionStore`], where the policy keeps sessions in a store:
    /// [`with_session_store`](Self::with_session_store) takes one.
    pub fn new(auth: Auth, client: impl Client) -> Result<Self, DriverError> {
        Ok(Self::of(Host::without_session_store(auth)?, client))
    }

    /// Joins a configuration, a client and a store, which keeps sessions where the policy says so; see
    /// [`SessionPolicy::stored`](aura_proto::SessionPolicy::stored). Findings are logged as by [`new`](Self::new).
    /// Where it does not say so, sessions stay in cookies, a warning is logged, and [`end_sessions`](Host::end_sessions) ends none.
    ///
    /// ```
    /// # fn join(auth: aura_proto::Auth) {
    /// use aura_blocking::{Driver, UreqClient};
    /// use aura_host::store::MemoryStore;
    ///
    /// let driver = Driver::with_session_store(auth, UreqClient::new(), MemoryStore::default());
    /// # let _ = driver;
    /// # }
    /// ```
    #[must_use]
    pub fn with_session_store(auth: Auth, client: impl Client, store: impl BlockingSessionStore) -> Self {
        Self::of(Host::new(auth).session_store(store), client)
    }

    fn of(host: Host, client: impl Client) -> Self {
        Self(Arc::new(Shared { host, client: Arc::new(client), admit: Arc::new(Candidate::admit) }))
    }

    /// What [`aura_host::driver_options`] sets up.
    fn host(&self) -> &Host {
        self
    }

    fn with_host(mut self, change: impl FnOnce(Host) -> Host) -> Self {
        let shared = Arc::make_mut(&mut self.0);
        shared.host = change(shared.host.clone());
        self
    }

    /// Sets the function that decides on each user who signs in, and again on each refresh of the profile: it admits the user,
    /// with the claims of the session, or refuses, which ends an existing session. By default every user is admitted.
    ///
    /// ```
    /// # use aura_blocking::Driver;
    /// # use aura_proto::{Admission, Candidate};
    /// # use bytes::Bytes;
    /// # use http::{Request, Response};
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let github = aura_blocking::provider::GITHUB.with_client("id", aura_proto::ClientSecret::new("secret"));
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
    /// # let client = |request: Request<Bytes>| Ok::<_, aura_proto::FetchError>(Response::new(match request.uri().path() {
    /// #     "/login/oauth/access_token" => r#"{"access_token":"gho_x","token_type":"bearer"}"#.into(),
    /// #     _ => r#"{"id":583231,"login":"ada"}"#.into(),
    /// # }));
    /// let driver = Driver::new(auth, client)?.admit(|candidate: Candidate| {
    ///     if candidate.user.email().is_some() { candidate.admit() } else { Admission::Refuse }
    /// });
    /// # let to_github = driver.answer(Request::get("/auth/signIn/github").body(std::io::empty())?);
    /// # let state = to_github.headers()["location"].to_str()?.split_once("state=").unwrap().1.split('&').next().unwrap();
    /// # let cookie = to_github.headers()["set-cookie"].to_str()?.split(';').next().unwrap();
    /// # let callback = Request::get(format!("/auth/callback/github?code=c0de&state={state}")).header("cookie", cookie);
    /// # let callback = callback.body(std::io::empty())?;
    /// // GitHub names no e-mail address of this user.
    /// assert_eq!(driver.answer(callback).status(), 403);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn admit(mut self, decide: impl Fn(Candidate) -> Admission + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.0).admit = Arc::new(decide);
        self
    }

    /// Asks the application about every session that a request carries, before it counts: whether it goes on, or has ended
    /// (`false`, or [`SessionDecision`]). Guards, readings of a session and routes ask, once a request. An ended session is
    /// refused as a missing one, and its cookies are cleared where cookies can be. Keep it fast: it is asked on every page.
    ///
    /// Set it before guards are made. A clone of the `Auth` that was taken earlier asks nobody, unless the configuration says
    /// [`check_sessions`](aura_proto::Builder::check_sessions); then it refuses every session.
    ///
    /// ```
    /// # fn join(auth: aura_proto::Auth, banned_at: aura_proto::UnixTime) -> Result<(), aura_blocking::DriverError> {
    /// use aura_blocking::{Driver, UreqClient};
    ///
    /// let driver = Driver::new(auth, UreqClient::new())?
    ///     .check_session(move |session| session.identity() != (Some("github"), "583231") || !session.began_before(banned_at));
    /// # let _ = driver;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn check_session<D: Into<SessionDecision>>(
        self,
        check: impl Fn(&Session) -> D + Send + Sync + 'static,
    ) -> Self {
        self.with_host(|host| host.check_session(check))
    }

    /// Counts in a store, where the configuration has [limits](aura_proto::Builder::limits), so that servers that share it count
    /// together. By default each process counts in its memory.
    ///
    /// ```
    /// # use aura_blocking::{Driver, UreqClient};
    /// use aura_host::store::MemoryCounts;
    ///
    /// # fn driver(auth: aura_proto::Auth) -> Result<(), aura_blocking::DriverError> {
    /// let driver = Driver::new(auth, UreqClient::new())?.count_store(MemoryCounts::with_limit(1_000_000));
    /// # let _ = driver;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn count_store(self, store: impl BlockingCountStore) -> Self {
        self.with_host(|host| host.count_store(store))
    }

    aura_host::driver_options!("aura_blocking::Driver::new(auth, aura_blocking::UreqClient::new())?");

    /// Answers a request under the base path. How long its body may take to arrive is the server's to say.
    pub fn answer<B: Read>(&self, request: Request<B>) -> Response<Bytes> {
        self.answer_with(request, &*self.0.admit)
    }

    /// Does the same, with a decision function for this request alone, which may borrow, such as from a database transaction.
    ///
    /// ```
    /// # use aura_blocking::Driver;
    /// # use bytes::Bytes;
    /// # use http::{Request, Response};
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let github = aura_blocking::provider::GITHUB.with_client("id", aura_proto::ClientSecret::new("secret"));
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
    /// # let client = |request: Request<Bytes>| Ok::<_, aura_proto::FetchError>(Response::new(match request.uri().path() {
    /// #     "/login/oauth/access_token" => r#"{"access_token":"gho_x","token_type":"bearer"}"#.into(),
    /// #     _ => r#"{"id":583231,"login":"ada"}"#.into(),
    /// # }));
    /// # let driver = Driver::new(auth, client)?;
    /// # let to_github = driver.answer(Request::get("/auth/signIn/github").body(std::io::empty())?);
    /// # let state = to_github.headers()["location"].to_str()?.split_once("state=").unwrap().1.split('&').next().unwrap();
    /// # let cookie = to_github.headers()["set-cookie"].to_str()?.split(';').next().unwrap();
    /// # let callback = Request::get(format!("/auth/callback/github?code=c0de&state={state}")).header("cookie", cookie);
    /// # let callback = callback.body(std::io::empty())?;
    /// let mut seen = Vec::new();
    /// let response = driver.answer_with(callback, |candidate| {
    ///     seen.push(candidate.user.sub().to_owned());
    ///     candidate.admit()
    /// });
    /// assert_eq!(response.status(), 302);
    /// assert_eq!(seen, ["583231"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer_with<B: Read>(
        &self,
        request: Request<B>,
        mut admit: impl FnMut(Candidate) -> Admission,
    ) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let span = self.host().span(head.uri.path());
        let _entered = span.enter();
        let body = match head.method {
            Method::GET | Method::HEAD => Ok(Bytes::new()),
            _ => read(body),
        };
        let (mut action, mut recording) = match body {
            Ok(body) => self.host().begin(Request::from_parts(head, body)),
            Err(error) => self.host().refuse(head.uri.path(), error),
        };
        loop {
            action = match self.host().step(action, &mut recording) {
                Step::Answer(response) => return response,
                Step::Fetch(fetch) => self.fetch(*fetch, &mut recording),
                Step::Store(question) => self.host().ask_store_recorded(question, &mut recording),
                Step::Pause(length, rest) => {
                    thread::sleep(length);
                    rest.resume(self.now())
                }
                // A thread cannot be abandoned.
                Step::RunToEnd(rest) => rest.resume(self.now()),
                Step::Count(question) => {
                    let counted = self.host().count(question.question());
                    let now = self.now();
                    recording.counted(&counted, now);
                    question.resume(counted, now)
                }
                Step::Check(question) => {
                    let decision = self.host().decide(Some(&question.session));
                    let now = self.now();
                    recording.decision(&decision, now);
                    question.pending.resume(decision, now)
                }
                Step::Admit(question) => {
                    let admission = admit(*question.candidate);
                    let now = self.now();
                    recording.admission(&admission, now);
                    question.pending.resume(admission, now)
                }
            };
        }
    }

    /// Makes tokens ready that a provider granted for the signed-in user, to call its API as this user. Where their access token has
    /// ended or is about to, they are refreshed: where a [store](Self::with_session_store) keeps them, one request spends a refresh
    /// token, on any number of instances, and the others go on with the earlier token while it serves. Finish the answer with them:
    /// without a store, cookies keep refreshed tokens.
    ///
    /// # Errors
    /// [`NoTokens`] says why there are none, and whether the user has to sign in again
    /// ([`needs_sign_in`](NoTokens::needs_sign_in)), or the same request may succeed later. Answer by a refusal of it, or finish another
    /// answer with it: where the refresh token is spent, cookies make the browser forget it.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let driver = aura_blocking::Driver::new(auth, |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable))?;
    /// let request = http::Request::get("/repositories").body(())?;
    /// let none = driver.provider_tokens("github", &request).err();
    /// assert!(none.is_some_and(|none| none.needs_sign_in()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn provider_tokens<'a>(
        &self,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
    ) -> Result<ReadyTokens, NoTokens> {
        let reading = self.host().begin_provider_tokens(provider, request);
        self.host().end_provider_tokens(self.host().read_with(reading, |fetch| self.fetch_reading(fetch)))
    }

    /// Checks, without a browser, that each OpenID Provider publishes a configuration that sign-ins can use: for health checks.
    /// Answers are kept as those of sign-ins are: a good one for an hour, a failure for five seconds, so that a check may be made often.
    /// Providers are asked one after another. Those that are no OpenID Providers are asked nothing, and are `Ok`.
    ///
    /// ```
    /// # fn is_healthy(driver: &aura_blocking::Driver) -> bool {
    /// driver.check_providers().values().all(Result::is_ok)
    /// # }
    /// ```
    pub fn check_providers(&self) -> BTreeMap<String, Result<(), ProviderError>> {
        let mut found: BTreeMap<_, _> =
            self.auth().providers().map(|(id, _)| (id.to_owned(), Ok(()))).collect();
        for check in self.auth().provider_checks() {
            let outcome =
                self.outcome(check.request.clone(), Terms::from(&check), |answer| check.keeps(answer));
            found.insert(check.provider.clone(), check.read(outcome));
        }
        found
    }

    fn fetch(&self, fetch: Fetch, recording: &mut Recording) -> Action {
        let (terms, pending) = (Terms::from(&fetch), fetch.pending);
        let outcome = self.outcome(fetch.request, terms, |answer| pending.keeps(answer));
        let now = self.now();
        recording.outcome(&outcome, now);
        pending.resume(outcome, now)
    }

    fn fetch_reading<T>(&self, fetch: Fetch<PendingReading<T>>) -> Reading<T> {
        let (terms, pending) = (Terms::from(&fetch), fetch.pending);
        let outcome = self.outcome(fetch.request, terms, |answer| pending.keeps(answer));
        pending.resume(outcome, self.now())
    }

    /// Returns the outcome of an exchange within its time, which covers waiting for others.
    fn outcome(
        &self,
        request: Request<Bytes>,
        terms: Terms,
        keeps: impl Fn(&Response<Bytes>) -> bool,
    ) -> Outcome {
        let start = Instant::now();
        let left = || terms.timeout.saturating_sub(start.elapsed());
        let mut turn = self.host().ask(&request, terms.caching);
        let lead = loop {
            match turn {
                Turn::Answered(outcome) => return outcome,
                Turn::Lead(lead) => break lead,
                Turn::Wait(wait) => turn = wait.block(left()).ok_or(FetchError::TimedOut)?,
            }
        };
        let uri = request.uri().clone();
        // A request that is not sent reveals nothing about the provider: others may find room.
        let Some(_passage) = self.host().enter(&uri) else { return Err(FetchError::Unreachable) };
        let outcome = self.0.client.call(request, left(), terms.max_response);
        self.host().report_exchange(&uri, &outcome, self.0.client.is_proxied(&uri));
        lead.finish(&outcome, outcome.as_ref().is_ok_and(keeps), self.now());
        outcome
    }
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;
