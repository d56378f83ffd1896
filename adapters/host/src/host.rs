//! Shared host state: clock, event hook, response cache.

use crate::arrivals::Arrivals;
use crate::driver_error::DriverError;
use crate::entropy::entropy;
use crate::flight::{FetchCache, Outcome, Turn};
use crate::gate::{Gate, Passage};
use crate::guard::Guard;
use crate::record::{record, record_finding};
use crate::recording::{Keep, Recording};
use crate::store::{BlockingCountStore, BlockingSessionStore, MemoryCounts};
use crate::visit::{Check, undecided};
use crate::world::now;
use aura_proto::store::{CountRequest, Counted};
use aura_proto::{
    Action, AdmitUser, Ask, Auth, Caching, CheckSession, Error, Event, Fetch, GoOn, Respond, Session,
    SessionDecision, StoreQuestion, UnixTime,
};
use aura_providers::ROWS;
use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response, Uri};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tracing::Span;
use tracing::field::Empty;

/// A configuration with what every host of it keeps. Cheap to clone; clones share what is kept.
///
/// ```
/// use aura_host::{Host, Step};
/// use aura_proto::FetchError;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
///
/// let host = Host::new(auth);
/// let request = http::Request::get("/auth/session").body(bytes::Bytes::new())?;
/// let (mut action, mut recording) = host.begin(request);
/// let response = loop {
///     action = match host.step(action, &mut recording) {
///         Step::Answer(response) => break response,
///         Step::Fetch(fetch) => fetch.pending.resume(Err(FetchError::Unreachable), host.now()),
///         Step::Admit(question) => question.admit(host.now()),
///         Step::Check(question) => question.pending.resume(true, host.now()),
///         Step::Store(question) => aura_host::store::answer_blocking(None, question, || host.now()),
///         Step::Pause(_, rest) | Step::RunToEnd(rest) => rest.resume(host.now()),
///         Step::Count(question) => {
///             let counted = host.count(question.question());
///             question.resume(counted, host.now())
///         }
///     };
/// };
/// assert_eq!(response.status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Host(Arc<Inner>);

/// The shared state of clones: a clone writes one counter, and not one for each part.
#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) auth: Auth,
    clock: Arc<Clock>,
    hear: Arc<Hear>,
    pub(crate) check: Arc<Check>,
    pub(crate) store: Option<Arc<dyn BlockingSessionStore>>,
    pub(crate) counts: Arc<dyn BlockingCountStore>,
    pub(crate) keep: Keep,
    cache: FetchCache,
    gate: Gate,
    arrivals: Arc<Arrivals>,
}

type Clock = dyn Fn() -> UnixTime + Send + Sync;
type Hear = dyn Fn(&Event) + Send + Sync;

/// The next step of a host.
#[derive(Debug)]
#[must_use = "a step does nothing until it is carried out"]
#[expect(clippy::exhaustive_enums, reason = "a host must carry out every one")]
pub enum Step {
    /// Send this to the browser. The request has ended.
    Answer(Response<Bytes>),
    /// Perform an exchange with a provider, then resume.
    Fetch(Box<Fetch>),
    /// Ask the application, then resume.
    Admit(AdmitUser),
    /// Ask the application whether a session goes on, then resume.
    Check(CheckSession),
    /// Ask the store of sessions, then resume; see [`store::answer`](crate::store::answer).
    Store(StoreQuestion),
    /// Wait this long, then resume.
    Pause(Duration, GoOn),
    /// Resume at once, and carry every following step out, even if the browser hangs up; see [`Action::RunToEnd`].
    RunToEnd(GoOn),
    /// Count the request, then resume; see [`store::count`](crate::store::count).
    Count(Ask<CountRequest, Counted, Action>),
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("auth", self.auth()).finish_non_exhaustive()
    }
}

impl Host {
    /// Makes a host with the system's clock, and logs each of [`Auth::findings`] once, as `CONFIGURATION_FINDING` at the level
    /// of its severity. Where the policy keeps sessions in a store, the host has to answer [`Step::Store`] from one: a server that
    /// has none begins with [`without_session_store`](Self::without_session_store).
    pub fn new(auth: Auth) -> Self {
        auth.findings(ROWS).iter().for_each(record_finding);
        Self(Arc::new(Inner {
            auth,
            clock: Arc::new(now),
            hear: Arc::new(|_| {}),
            check: Arc::new(undecided),
            store: None,
            counts: Arc::new(MemoryCounts::default()),
            keep: Keep::default(),
            cache: FetchCache::default(),
            gate: Gate::default(),
            arrivals: Arc::default(),
        }))
    }

    /// Makes a host of a server that has no store of sessions.
    ///
    /// # Errors
    /// [`DriverError::NoSessionStore`], where the policy keeps sessions in one.
    ///
    /// ```
    /// use aura_host::{DriverError, Host};
    /// use aura_proto::SessionPolicy;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let builder = aura_proto::Auth::builder(secret, salt).base_url("https://example.com");
    /// let auth = builder.session(SessionPolicy::default().stored()).build()?;
    /// assert_eq!(Host::without_session_store(auth).err(), Some(DriverError::NoSessionStore));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without_session_store(auth: Auth) -> Result<Self, DriverError> {
        if auth.needs_store() {
            return Err(DriverError::NoSessionStore);
        }
        Ok(Self::new(auth))
    }

    /// Gives what an option changes. Clones that there are already keep what they have.
    pub(crate) fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// Replaces the clock, for tests.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// let host = aura_host::Host::new(auth).clock(|| aura_proto::UnixTime::from_secs(1_790_000_000));
    /// assert_eq!(host.now().as_secs(), 1_790_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.inner().clock = Arc::new(clock);
        self
    }

    /// Calls a function with every event, beside logging it. The answer waits for the function.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// let (sender, events) = std::sync::mpsc::channel();
    /// let host = aura_host::Host::new(auth).on_event(move |event| drop(sender.send(event.name())));
    /// let request = http::Request::get("/auth/csrfToken").body(bytes::Bytes::new())?;
    /// let (action, mut recording) = host.begin(request);
    /// let answer = host.step(action, &mut recording);
    /// assert!(matches!(answer, aura_host::Step::Answer(_)));
    /// assert_eq!(events.try_recv()?, "CSRF_TOKEN_ISSUED");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_event(mut self, hear: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.inner().hear = Arc::new(hear);
        self
    }

    /// Sets how many exchanges may be under way at once; see [`Gate`].
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// let uri = http::Uri::from_static("https://provider.test/token");
    /// assert!(aura_host::Host::new(auth).max_exchanges(0).enter(&uri).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn max_exchanges(mut self, limit: usize) -> Self {
        self.inner().gate = Gate::new(limit);
        self
    }

    /// Lets one more exchange with this URI begin, if there is room; it is under way until the passage is dropped.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let host = aura_host::Host::new(auth);
    /// let uri = http::Uri::from_static("https://provider.test/token");
    /// assert!(host.enter(&uri).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn enter(&self, uri: &Uri) -> Option<Passage> {
        self.0.gate.enter(uri.authority().map_or("", Authority::as_str))
    }

    /// Returns the configuration.
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// Decides on a session, if there is one to ask about, by the function of [`check_session`](Self::check_session). Without
    /// one it is undecided, and an error is logged.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth, session: &aura_proto::Session) {
    /// use aura_proto::SessionDecision;
    /// assert_eq!(aura_host::Host::new(auth).decide(Some(session)), SessionDecision::Unavailable);
    /// # }
    /// ```
    pub fn decide(&self, session: Option<&Session>) -> SessionDecision {
        session.map_or(SessionDecision::Continue, &*self.0.check)
    }

    pub(crate) fn store(&self) -> Option<&dyn BlockingSessionStore> {
        self.0.store.as_deref()
    }

    pub(crate) fn counts(&self) -> &dyn BlockingCountStore {
        &*self.0.counts
    }

    /// Reads the clock.
    pub fn now(&self) -> UnixTime {
        (self.0.clock)()
    }

    /// Makes the span of a request: `aura.request`, with the name of the route and the id of the configured provider as the fields
    /// `route` and `provider`. Nothing of the request is in it.
    ///
    /// ```
    /// # fn answer(host: &aura_host::Host, request: http::Request<bytes::Bytes>) {
    /// let (action, recording) = host.span(request.uri().path()).in_scope(|| host.begin(request));
    /// # let _ = (action, recording);
    /// # }
    /// ```
    pub fn span(&self, path: &str) -> Span {
        let span = tracing::info_span!(target: "aura", "aura.request", route = Empty, provider = Empty);
        if !span.is_disabled()
            && let Some((route, provider)) = self.auth().route_name(path)
        {
            span.record("route", route);
            if let Some(provider) = provider {
                span.record("provider", provider);
            }
        }
        span
    }

    /// Begins to answer a request.
    pub fn begin(&self, request: Request<Bytes>) -> (Action, Recording) {
        self.0.arrivals.note();
        let now = self.now();
        match entropy() {
            Ok(entropy) => {
                let recording = Recording::new(self.auth(), &request, now, &self.0.keep);
                (self.auth().handle(request, now, entropy), recording)
            }
            Err(error) => self.refuse(request.uri().path(), error),
        }
    }

    /// Answers a request that the host itself refuses.
    ///
    /// ```
    /// # use aura_host::Step;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let host = aura_host::Host::new(auth);
    /// let (action, mut recording) = host.refuse("/auth/signOut", aura_proto::RequestError::BodyTooLarge);
    /// let Step::Answer(response) = host.step(action, &mut recording) else { unreachable!() };
    /// assert_eq!(response.status(), 413);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refuse(&self, path: &str, error: impl Into<Error>) -> (Action, Recording) {
        (Action::Respond(self.auth().refuse(path, error)), Recording::default())
    }

    /// Performs what needs no runtime: logs an answer's events, and calls the event hook.
    pub fn step(&self, action: Action, recording: &mut Recording) -> Step {
        recording.action(&action);
        match action {
            Action::Redirect(redirect) => {
                self.report(&redirect.events);
                recording.end(&redirect.events);
                Step::Answer(redirect.into_response())
            }
            Action::Respond(respond) => {
                self.report(&respond.events);
                recording.end(&respond.events);
                Step::Answer(respond.into_response())
            }
            Action::FetchDiscovery(fetch)
            | Action::FetchJwks(fetch)
            | Action::FetchPushedRequest(fetch)
            | Action::FetchToken(fetch)
            | Action::FetchUserInfo(fetch)
            | Action::FetchRevocation(fetch) => Step::Fetch(fetch),
            Action::AdmitUser(question) => Step::Admit(question),
            Action::CheckSession(question) => Step::Check(question),
            Action::AskStore(question) => Step::Store(question),
            Action::Pause(length, rest) => Step::Pause(length, rest),
            Action::RunToEnd(rest) => Step::RunToEnd(rest),
            Action::CountRequest(question) => Step::Count(question),
        }
    }

    /// Returns how to get a fetch's answer.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let host = aura_host::Host::new(auth);
    /// let request = http::Request::get("https://provider.test/jwks").body(bytes::Bytes::new())?;
    /// let turn = host.ask(&request, aura_proto::Caching::Never);
    /// assert!(matches!(turn, aura_host::Turn::Lead(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ask(&self, request: &Request<Bytes>, caching: Caching) -> Turn {
        self.0.cache.ask(request, caching, self.now())
    }

    /// Logs an exchange that brought no answer: the host, the authority that was asked, the cause, and whether it went through a proxy,
    /// where that is known. One that was refused is logged at the level DEBUG, with authority and status: the event of the refusal says
    /// what it was for.
    pub fn report_exchange(&self, uri: &Uri, outcome: &Outcome, is_proxied: Option<bool>) {
        let authority = uri.authority().map(tracing::field::display);
        match outcome {
            Err(cause) => {
                let host = uri.host().map(tracing::field::debug);
                tracing::warn!(target: "aura", host, authority, %cause, proxy = is_proxied, "EXCHANGE_WITHOUT_ANSWER");
            }
            Ok(response) if !response.status().is_success() => {
                let status = response.status().as_u16();
                tracing::debug!(target: "aura", authority, status, proxy = is_proxied, "EXCHANGE_REFUSED");
            }
            Ok(_) => {}
        }
    }

    /// Makes a guard of pages that need a session, with the host's clock and events.
    pub fn guard(&self) -> Guard {
        Guard::new(self.clone())
    }

    /// Notes that a guard sends somebody to one of the routes.
    pub(crate) fn expect_at(&self, entrance: &str) {
        self.0.arrivals.expect(entrance);
    }

    /// Reports a refusal, and makes its answer.
    pub(crate) fn answer(&self, refusal: Respond) -> Response<Bytes> {
        self.report(&refusal.events);
        refusal.into_response()
    }

    /// Reports events: logs each, and calls the event hook.
    ///
    /// ```
    /// # fn report(host: &aura_host::Host) {
    /// host.report(&[aura_proto::Event::CsrfTokenIssued]);
    /// # }
    /// ```
    pub fn report(&self, events: &[Event]) {
        for event in events {
            record(event);
            (self.0.hear)(event);
        }
    }
}
