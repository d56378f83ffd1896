//! Shared host state: clock, event hook, response cache.

use crate::entropy::entropy;
use crate::flight::{FetchCache, Outcome, Turn};
use crate::gate::{Gate, Passage};
use crate::guard::Guard;
use crate::record::record;
use crate::recording::{Keep, Recording};
use crate::visit::{Check, undecided};
use crate::world::now;
use aura_proto::{
    Action, AdmitUser, Auth, Caching, CheckSession, Error, Event, Fetch, FormToken, RequestHead, Respond,
    UnixTime,
};
#[cfg(feature = "replay")]
use aura_replay::Transcript;
use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response, Uri};
use std::fmt;
use std::sync::Arc;

/// A configuration with what every host of it keeps. Cheap to clone; clones share what is kept.
///
/// ```
/// # fn answer(auth: aura_proto::Auth, request: http::Request<bytes::Bytes>) -> http::Response<bytes::Bytes> {
/// use aura_host::{Host, Step};
/// use aura_proto::FetchError;
///
/// let host = Host::new(auth);
/// let (mut action, mut recording) = host.begin(request);
/// loop {
///     action = match host.step(action, &mut recording) {
///         Step::Answer(response) => return response,
///         Step::Fetch(fetch) => fetch.pending.resume(Err(FetchError::Unreachable), host.now()),
///         Step::Admit(question) => question.admit(host.now()),
///         Step::Check(question) => question.pending.resume(true, host.now()),
///     };
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Host(Arc<Inner>);

/// What clones of a host share: one counter is written for a clone, and not one for each part.
#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) auth: Auth,
    clock: Arc<Clock>,
    hear: Arc<Hear>,
    pub(crate) check: Arc<Check>,
    keep: Keep,
    cache: FetchCache,
    gate: Gate,
}

type Clock = dyn Fn() -> UnixTime + Send + Sync;
type Hear = dyn Fn(&Event) + Send + Sync;

/// What is left for a host to do.
///
/// ```
/// # fn show(step: aura_host::Step) {
/// use aura_host::Step;
/// match step {
///     Step::Answer(response) => println!("send {}", response.status()),
///     Step::Fetch(fetch) => println!("perform {fetch:?}"),
///     Step::Admit(question) => println!("ask the application: {question:?}"),
///     Step::Check(question) => println!("ask the application: {question:?}"),
/// }
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a step does nothing until it is carried out"]
#[expect(clippy::exhaustive_enums, reason = "a host must carry out every one")]
pub enum Step {
    /// Send this to the browser, and be done.
    Answer(Response<Bytes>),
    /// Perform an exchange with a provider, then resume.
    Fetch(Fetch),
    /// Ask the application, then resume.
    Admit(AdmitUser),
    /// Ask the application whether a session goes on, then resume.
    Check(CheckSession),
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("auth", self.auth()).finish_non_exhaustive()
    }
}

impl Host {
    /// Makes a host with the system's clock.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let host = aura_host::Host::new(auth);
    /// # let _ = host;
    /// # }
    /// ```
    pub fn new(auth: Auth) -> Self {
        Self(Arc::new(Inner {
            auth,
            clock: Arc::new(now),
            hear: Arc::new(|_| {}),
            check: Arc::new(undecided),
            keep: Keep::default(),
            cache: FetchCache::default(),
            gate: Gate::default(),
        }))
    }

    /// Gives what an option changes. Clones that there are already keep what they have.
    pub(crate) fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// Replaces the clock, for tests.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let host = aura_host::Host::new(auth).clock(|| aura_proto::UnixTime::from_secs(1_790_000_000));
    /// assert_eq!(host.now().as_secs(), 1_790_000_000);
    /// # }
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.inner().clock = Arc::new(clock);
        self
    }

    /// Tells the application of every event, beside recording it. What takes long belongs elsewhere: the answer waits.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let host = aura_host::Host::new(auth).on_event(|event| println!("{}", event.name()));
    /// # let _ = host;
    /// # }
    /// ```
    #[must_use]
    pub fn on_event(mut self, hear: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.inner().hear = Arc::new(hear);
        self
    }

    /// Records every request to begin or end a sign-in that fails, without its secrets, and hands the [`Transcript`] over;
    /// [`aura_replay`] documents what it shows. What [`Host::refuse`] answers leaves none. Anybody can cause many, so keep few;
    /// the answer waits for the function.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let host = aura_host::Host::new(auth).on_failed_sign_in(|transcript| println!("{transcript}"));
    /// # let _ = host;
    /// # }
    /// ```
    #[cfg(feature = "replay")]
    #[must_use]
    pub fn on_failed_sign_in(mut self, keep: impl Fn(Transcript) + Send + Sync + 'static) -> Self {
        self.inner().keep = Keep::new(keep);
        self
    }

    /// Sets how many exchanges may be under way at once; see [`Gate`].
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let uri = http::Uri::from_static("https://provider.test/token");
    /// assert!(aura_host::Host::new(auth).max_exchanges(0).enter(&uri).is_none());
    /// # }
    /// ```
    #[must_use]
    pub fn max_exchanges(mut self, limit: usize) -> Self {
        self.inner().gate = Gate::new(limit);
        self
    }

    /// Lets one more exchange with this URI begin, if there is room; it is under way until the passage is dropped.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let uri = http::Uri::from_static("https://provider.test/token");
    /// assert!(aura_host::Host::new(auth).enter(&uri).is_some());
    /// # }
    /// ```
    pub fn enter(&self, uri: &Uri) -> Option<Passage> {
        self.0.gate.enter(uri.authority().map_or("", Authority::as_str))
    }

    /// Returns the configuration.
    ///
    /// ```
    /// # fn show(host: &aura_host::Host) {
    /// println!("routes under {}", host.auth().base_path());
    /// # }
    /// ```
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    pub(crate) fn check(&self) -> &Check {
        &*self.0.check
    }

    /// Reads the clock.
    ///
    /// ```
    /// # fn show(host: &aura_host::Host) {
    /// println!("{}", host.now().as_secs());
    /// # }
    /// ```
    pub fn now(&self) -> UnixTime {
        (self.0.clock)()
    }

    /// Begins to answer a request.
    ///
    /// ```
    /// # fn begin(host: &aura_host::Host, request: http::Request<bytes::Bytes>) {
    /// let (action, recording) = host.begin(request);
    /// # let _ = (action, recording);
    /// # }
    /// ```
    pub fn begin(&self, request: Request<Bytes>) -> (Action, Recording) {
        let now = self.now();
        match entropy() {
            Ok(entropy) => {
                let recording = Recording::new(self.auth(), &request, now, &self.0.keep);
                (self.auth().handle(request, now, entropy), recording)
            }
            Err(error) => self.refuse(request.uri().path(), error),
        }
    }

    /// Returns a CSRF token for the forms of a page, and reports it if it is new; see [`Auth::form_token`].
    ///
    /// # Errors
    /// The answer to a request for which there is none: 400 if its host is not the site's, 500 if the system gives no random
    /// bytes.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn form_token<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<FormToken, Response<Bytes>> {
        let token = match entropy() {
            Ok(entropy) => self.auth().form_token(request, self.now(), entropy),
            Err(error) => Err(error.into()),
        };
        let mut token = token.map_err(|error| Respond::refusal(error).into_response())?;
        self.report(token.take_event().as_slice());
        Ok(token)
    }

    /// Answers a request that the host itself refuses.
    ///
    /// ```
    /// # fn too_long(host: &aura_host::Host) {
    /// let (action, recording) = host.refuse("/auth/signOut", aura_proto::RequestError::BodyTooLarge);
    /// # let _ = (action, recording);
    /// # }
    /// ```
    pub fn refuse(&self, path: &str, error: impl Into<Error>) -> (Action, Recording) {
        (Action::Respond(self.auth().refuse(path, error)), Recording::default())
    }

    /// Carries out what needs no runtime: an answer's events are recorded and heard.
    ///
    /// ```
    /// # fn step(host: &aura_host::Host, action: aura_proto::Action) -> aura_host::Step {
    /// host.step(action, &mut aura_host::Recording::default())
    /// # }
    /// ```
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
        }
    }

    /// Says what is to be done for a fetch's answer.
    ///
    /// ```
    /// # fn ask(host: &aura_host::Host, fetch: &aura_proto::Fetch) -> aura_host::Turn {
    /// host.ask(&fetch.request, fetch.caching)
    /// # }
    /// ```
    pub fn ask(&self, request: &Request<Bytes>, caching: Caching) -> Turn {
        self.0.cache.ask(request, caching, self.now())
    }

    /// Logs an exchange that brought no answer: the host, the cause, and whether it went through a proxy, where that is known.
    ///
    /// ```
    /// # fn report(host: &aura_host::Host, uri: &http::Uri) {
    /// host.report_exchange(uri, &Err(aura_proto::FetchError::Unreachable), Some(false));
    /// # }
    /// ```
    pub fn report_exchange(&self, uri: &Uri, outcome: &Outcome, is_proxied: Option<bool>) {
        if let Err(cause) = outcome {
            tracing::warn!(target: "aura", host = uri.host().map(tracing::field::debug), %cause, proxy = is_proxied, "EXCHANGE_WITHOUT_ANSWER");
        }
    }

    /// Makes a guard of pages that need a session.
    ///
    /// ```
    /// # fn guard(host: &aura_host::Host) -> aura_host::Guard {
    /// host.guard().sign_in_page("/sign-in")
    /// # }
    /// ```
    pub fn guard(&self) -> Guard {
        Guard::new(self.clone())
    }

    pub(crate) fn report(&self, events: &[Event]) {
        for event in events {
            record(event);
            (self.0.hear)(event);
        }
    }
}
