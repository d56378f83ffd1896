//! The driver: performs the core's actions until one ends the request.

use crate::client::{Client, ErasedClient};
use crate::guard::Guard;
use aura_host::store::{CountStore, SessionStore};
use aura_host::{DriverError, Host, Outcome, Recording, Step, Terms, Turn};
use aura_proto::{Action, Admission, Auth, Candidate, Fetch, FetchError, Session, SessionDecision};
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

/// Answers requests with an [`Auth`] and a [`Client`]. Cheap to clone.
///
/// ```
/// use aura_http::Driver;
/// use aura_proto::FetchError;
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
///
/// // A server has the client `HttpClient::new()`.
/// let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
/// let driver = Driver::new(auth, client)?;
/// let request = Request::get("/auth/session").body(Full::<Bytes>::default())?;
/// assert!(driver.auth().owns(request.uri().path()));
/// assert_eq!(driver.answer(request).await.status(), 401);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Driver(pub(crate) Arc<Shared>);

/// The shared state of clones. Frameworks clone one for each request, which writes one counter.
#[derive(Clone)]
pub(crate) struct Shared {
    host: Host,
    client: Arc<dyn ErasedClient>,
    admit: Arc<Admit>,
    check: Option<Arc<Check>>,
    pub(crate) store: Option<Arc<dyn SessionStore>>,
    /// Without one, the host's memory counts.
    pub(crate) counts: Option<Arc<dyn CountStore>>,
    /// Each refresh in a task of its own holds a receiver.
    pub(crate) refreshes: watch::Sender<()>,
}

/// A future whose type is erased.
pub(crate) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The application's decision on each user who signs in.
type Admit = dyn Fn(Candidate) -> Boxed<Admission> + Send + Sync;

/// The application's decision on each session that a request carries.
pub(crate) type Check = dyn Fn(Session) -> Boxed<SessionDecision> + Send + Sync;

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
        Ok(Self::of(Host::without_session_store(auth)?, client, None))
    }

    /// Joins a configuration, a client and a store, which keeps sessions where the policy says so; see
    /// [`SessionPolicy::stored`](aura_proto::SessionPolicy::stored). Findings are logged as by [`new`](Self::new).
    /// Where it does not say so, sessions stay in cookies, a warning is logged, and [`end_sessions`](Self::end_sessions) ends none.
    ///
    /// ```
    /// # fn join(auth: aura_proto::Auth) {
    /// use aura_host::store::MemoryStore;
    /// use aura_http::{Driver, HttpClient};
    ///
    /// let driver = Driver::with_session_store(auth, HttpClient::new(), MemoryStore::default());
    /// # let _ = driver;
    /// # }
    /// ```
    #[must_use]
    pub fn with_session_store(auth: Auth, client: impl Client, store: impl SessionStore) -> Self {
        Self::of(Host::new(auth).beside_store(), client, Some(Arc::new(store)))
    }

    fn of(host: Host, client: impl Client, store: Option<Arc<dyn SessionStore>>) -> Self {
        let everybody =
            |candidate: Candidate| -> Boxed<Admission> { Box::pin(std::future::ready(candidate.admit())) };
        Self(Arc::new(Shared {
            host,
            client: Arc::new(client),
            admit: Arc::new(everybody),
            check: None,
            store,
            counts: None,
            refreshes: watch::Sender::default(),
        }))
    }

    pub(crate) fn host(&self) -> &Host {
        &self.0.host
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
    /// # use aura_http::Driver;
    /// # use aura_proto::{Admission, Candidate};
    /// # use bytes::Bytes;
    /// # use http::{Request, Response};
    /// # use http_body_util::Full;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let github = aura_http::provider::GITHUB.with_client("id", aura_proto::ClientSecret::new("secret"));
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
    /// # let client = async |request: Request<Bytes>| Ok::<_, aura_proto::FetchError>(Response::new(match request.uri().path() {
    /// #     "/login/oauth/access_token" => r#"{"access_token":"gho_x","token_type":"bearer"}"#.into(),
    /// #     _ => r#"{"id":583231,"login":"ada"}"#.into(),
    /// # }));
    /// let driver = Driver::new(auth, client)?.admit(async |candidate: Candidate| {
    ///     if candidate.user.email().is_some() { candidate.admit() } else { Admission::Refuse }
    /// });
    /// # let to_github = driver.answer(Request::get("/auth/signIn/github").body(Full::<Bytes>::default())?).await;
    /// # let state = to_github.headers()["location"].to_str()?.split_once("state=").unwrap().1.split('&').next().unwrap();
    /// # let cookie = to_github.headers()["set-cookie"].to_str()?.split(';').next().unwrap();
    /// # let callback = Request::get(format!("/auth/callback/github?code=c0de&state={state}")).header("cookie", cookie);
    /// # let callback = callback.body(Full::<Bytes>::default())?;
    /// // GitHub names no e-mail address of this user.
    /// assert_eq!(driver.answer(callback).await.status(), 403);
    /// # Ok(()) }
    /// ```
    ///
    /// A function that needs the application's state is not `async` itself: it clones the state for each user, and returns a future
    /// that owns the clone.
    ///
    /// ```
    /// # fn join(auth: aura_proto::Auth, banned: std::sync::Arc<std::collections::HashSet<String>>) -> Result<(), aura_http::DriverError> {
    /// use aura_http::{Driver, HttpClient};
    /// use aura_proto::{Admission, Candidate};
    ///
    /// let driver = Driver::new(auth, HttpClient::new())?.admit(move |candidate: Candidate| {
    ///     let banned = banned.clone();
    ///     async move {
    ///         if banned.contains(candidate.user.sub()) { Admission::refuse("banned") } else { candidate.admit() }
    ///     }
    /// });
    /// # let _ = driver;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn admit<F, Decision>(mut self, decide: F) -> Self
    where
        F: Fn(Candidate) -> Decision + Send + Sync + 'static,
        Decision: Future<Output = Admission> + Send + 'static,
    {
        Arc::make_mut(&mut self.0).admit = Arc::new(move |candidate| Box::pin(decide(candidate)));
        self
    }

    /// Asks the application about every session that a request carries, before it counts: whether it goes on, or has ended
    /// (`false`, or [`SessionDecision`]). Guards, extractors and routes ask, once a request. An ended session is refused as a
    /// missing one, and its cookies are cleared where cookies can be. Keep it fast: it is asked on every page.
    ///
    /// Set it before guards are made. A clone of the `Auth` that was taken earlier asks nobody, unless the configuration says
    /// [`check_sessions`](aura_proto::Builder::check_sessions); then it refuses every session.
    ///
    /// ```
    /// # fn join(auth: aura_proto::Auth) -> Result<(), aura_http::DriverError> {
    /// use aura_http::{Driver, HttpClient};
    /// use aura_proto::{Session, UnixTime};
    /// use std::collections::HashMap;
    /// use std::sync::{Arc, RwLock};
    ///
    /// // Whoever is banned, and whoever logged out everywhere, with the moment, by provider and `sub`.
    /// let ended: Arc<RwLock<HashMap<(Option<String>, String), UnixTime>>> = Arc::default();
    /// let driver = Driver::new(auth, HttpClient::new())?.check_session(move |session: Session| {
    ///     let ended = Arc::clone(&ended);
    ///     async move {
    ///         let ended = ended.read().unwrap_or_else(|poison| poison.into_inner());
    ///         let (provider, sub) = session.identity();
    ///         let user = (provider.map(str::to_owned), sub.to_owned());
    ///         !ended.get(&user).is_some_and(|moment| session.began_before(*moment))
    ///     }
    /// });
    /// # let _ = driver;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn check_session<F, Decision>(self, check: F) -> Self
    where
        F: Fn(Session) -> Decision + Send + Sync + 'static,
        Decision: Future<Output: Into<SessionDecision>> + Send + 'static,
    {
        let mut driver = self.with_host(Host::ask_about_sessions);
        Arc::make_mut(&mut driver.0).check = Some(Arc::new(move |session| {
            let decision = check(session);
            Box::pin(async move { decision.await.into() })
        }));
        driver
    }

    aura_host::driver_options!("aura_http::Driver::new(auth, aura_http::HttpClient::new())?");

    /// Makes a guard of pages that need a session, with the driver's clock and events.
    pub fn guard(&self) -> Guard {
        Guard::new(self.host().guard(), self.clone())
    }

    /// Asks the application about a session, if there is one to ask about.
    pub(crate) async fn decide(&self, session: Option<&Session>) -> SessionDecision {
        match (session, &self.0.check) {
            (Some(session), Some(check)) => check(session.clone()).await,
            _ => self.host().decide(session),
        }
    }

    /// Carries out steps until one is the answer.
    pub(crate) async fn carry_out(&self, mut step: Step, mut recording: Recording) -> Response<Bytes> {
        loop {
            let action = match step {
                Step::Answer(response) => return response,
                // The longest future of all, which sessions that are looked up do not need.
                Step::Fetch(fetch) => Box::pin(self.fetch(*fetch, &mut recording)).await,
                Step::Admit(question) => {
                    let admission = (self.0.admit)(*question.candidate).await;
                    let now = self.now();
                    recording.admission(&admission, now);
                    question.pending.resume(admission, now)
                }
                Step::Store(question) => self.ask_store(question, &mut recording).await,
                Step::Count(question) => {
                    let counted = self.count(question.question()).await;
                    let now = self.now();
                    recording.counted(&counted, now);
                    question.resume(counted, now)
                }
                Step::Check(question) => {
                    let decision = self.decide(Some(&question.session)).await;
                    let now = self.now();
                    recording.decision(&decision, now);
                    question.pending.resume(decision, now)
                }
                Step::Pause(length, rest) => {
                    sleep(length).await;
                    rest.resume(self.now())
                }
                Step::RunToEnd(rest) => {
                    let action = rest.resume(self.now());
                    let step = self.host().step(action, &mut recording);
                    return self.to_end(self.clone().carry_on(step, recording)).await;
                }
            };
            step = self.host().step(action, &mut recording);
        }
    }

    /// Does the same for a task of its own: a future that would contain itself is boxed.
    fn carry_on(self, step: Step, recording: Recording) -> Boxed<Response<Bytes>> {
        Box::pin(async move { self.carry_out(step, recording).await })
    }

    async fn fetch(&self, fetch: Fetch, recording: &mut Recording) -> Action {
        let (terms, pending) = (Terms::from(&fetch), fetch.pending);
        let outcome = self.outcome(fetch.request, terms, |answer| pending.keeps(answer)).await;
        let now = self.now();
        recording.outcome(&outcome, now);
        pending.resume(outcome, now)
    }

    /// Finds what an exchange brings within its time, which covers waiting for others, connecting and the whole body.
    pub(crate) async fn outcome(
        &self,
        request: Request<Bytes>,
        terms: Terms,
        keeps: impl Fn(&Response<Bytes>) -> bool,
    ) -> Outcome {
        let deadline = Instant::now().checked_add(terms.timeout).unwrap_or_else(Instant::now);
        let mut turn = self.host().ask(&request, terms.caching);
        let lead = loop {
            match turn {
                Turn::Answered(outcome) => return outcome,
                Turn::Lead(lead) => break lead,
                Turn::Wait(wait) => {
                    turn = timeout_at(deadline, wait).await.map_err(|_| FetchError::TimedOut)?;
                }
            }
        };
        let uri = request.uri().clone();
        // A request that is not sent reveals nothing about the provider: others may find room.
        let Some(_passage) = self.host().enter(&uri) else { return Err(FetchError::Unreachable) };
        let exchange = timeout_at(deadline, self.0.client.call_erased(request, terms.max_response));
        let outcome = exchange.await.unwrap_or(Err(FetchError::TimedOut));
        self.host().report_exchange(&uri, &outcome, self.0.client.is_proxied_erased(&uri));
        lead.finish(&outcome, outcome.as_ref().is_ok_and(keeps), self.now());
        outcome
    }
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;
