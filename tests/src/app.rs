//! The site: the core, driven without a socket, and its providers.

use crate::cache::Cache;
use crate::drive::{Outcome, World, drive};
use crate::fault::Fault;
use crate::transcript::Transcript;
use aura_host::store::{BlockingSessionStore, MemoryCounts, MemoryStore, count_blocking};
use aura_proto::store::{CountRequest, Counted, StoreFailed};
use aura_proto::{
    Action, Admission, Auth, Caching, Candidate, Entropy, Event, Fetch, FetchError, Purpose, Session,
    SessionDecision, UnixTime,
};
use aura_replay::Recorder;
use aura_test_idp::browser::Site;
use aura_test_idp::{Delay, Idp, State};
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Request, Response};
use std::time::Duration;

/// A site that runs an [`Auth`] and answers every other path with a page.
#[derive(Debug)]
pub struct App {
    /// The core.
    pub auth: Auth,
    /// The providers, by origin.
    pub providers: Vec<Provider>,
    /// Replaces the next discovery answer.
    pub discovery_fault: Option<Fault>,
    /// Replaces the next key set.
    pub jwks_fault: Option<Fault>,
    /// Replaces the next answer to a pushed authorization request.
    pub pushed_request_fault: Option<Fault>,
    /// Replaces the next token answer.
    pub token_fault: Option<Fault>,
    /// Replaces the next userinfo answer.
    pub userinfo_fault: Option<Fault>,
    /// Replaces the next revocation answer.
    pub revocation_fault: Option<Fault>,
    /// Whether navigations of the browser are answered by pages for people. By default they are answered as a program's
    /// requests are, so that a test reads the error.
    pub shows_pages: bool,
    /// The application's decision on each user.
    pub admit: fn(Candidate) -> Admission,
    /// The application's decision on each session, where the configuration asks for checks.
    pub check: fn(&Session) -> SessionDecision,
    /// The store of sessions, where the configuration keeps them in one. Without one, each question fails.
    pub store: Option<MemoryStore>,
    /// The store of counts, where the configuration has limits. Without one, each question fails.
    pub counts: Option<MemoryCounts>,
    /// Every request that was sent to a provider, as `METHOD URL`.
    pub fetches: Vec<String>,
    /// The providers' answers to those requests.
    pub answers: Vec<Response<Bytes>>,
    /// The answers that serve again.
    pub cache: Cache,
    /// How many exchanges with a provider one request asked for at most, those that the cache answered included.
    pub longest_flow: usize,
    /// Everything that the core reported.
    pub events: Vec<Event>,
    /// Everything that the core decided.
    pub transcript: Transcript,
    /// The record of every request, where they are recorded.
    pub records: Option<Vec<aura_replay::Transcript>>,
    entropy: u64,
}

/// A provider and what it remembers.
#[derive(Debug)]
pub struct Provider {
    /// Its id at the site.
    pub id: String,
    /// The authorization server.
    pub idp: Idp,
    /// Its codes and tokens.
    pub state: State,
}

impl App {
    /// Puts a core and its providers together.
    pub fn new(auth: Auth, providers: Vec<Provider>) -> Self {
        Self {
            auth,
            providers,
            discovery_fault: None,
            jwks_fault: None,
            pushed_request_fault: None,
            token_fault: None,
            userinfo_fault: None,
            revocation_fault: None,
            shows_pages: false,
            admit: Candidate::admit,
            check: |_| SessionDecision::Continue,
            store: Some(MemoryStore::default()),
            counts: Some(MemoryCounts::default()),
            fetches: Vec::new(),
            answers: Vec::new(),
            cache: Cache::default(),
            longest_flow: 0,
            events: Vec::new(),
            transcript: Transcript::default(),
            records: None,
            entropy: 0,
        }
    }

    /// Finds a provider by its id.
    pub fn provider(&mut self, id: &str) -> &mut Provider {
        self.providers.iter_mut().find(|provider| provider.id == id).expect("a provider of this pair")
    }

    /// Draws 32 bytes that differ each time and are the same in each run.
    pub fn entropy(&mut self) -> [u8; 32] {
        self.entropy += 1;
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.entropy.to_be_bytes());
        bytes
    }

    /// Carries out the core's actions until one ends the request.
    pub fn answer_with(&mut self, request: Request<Bytes>, now: u64, entropy: [u8; 32]) -> Response<Bytes> {
        let now = UnixTime::from_secs(now);
        let record = || Recorder::new(&self.auth, &request, now, entropy);
        let recorder = self.records.is_some().then(record);
        let action = self.auth.handle(request, now, Entropy::from_os_bytes(entropy));
        let mut request = UnderWay { app: self, now, recorder, exchanges: 0 };
        let response = drive(action, now, &mut request);
        let recorder = request.recorder;
        if let Some((records, recorder)) = self.records.as_mut().zip(recorder) {
            records.push(recorder.finish());
        }
        response
    }

    /// Takes what replaces the answer of an endpoint.
    fn fault(&mut self, purpose: Purpose) -> Option<Fault> {
        match purpose {
            Purpose::Discovery => self.discovery_fault.take(),
            Purpose::Jwks => self.jwks_fault.take(),
            Purpose::PushedRequest => self.pushed_request_fault.take(),
            Purpose::Token => self.token_fault.take(),
            Purpose::UserInfo => self.userinfo_fault.take(),
            Purpose::Revocation => self.revocation_fault.take(),
            _ => unreachable!("a new purpose needs a fault"),
        }
    }

    fn fetch(&mut self, fetch: &Fetch, fault: Option<Fault>, now: UnixTime) -> Outcome {
        let url = fetch.request.uri().to_string();
        if let (None, Some(kept)) = (&fault, self.cache.find(&url, fetch.caching, now.as_secs())) {
            return Ok(kept);
        }
        self.fetches.push(format!("{} {url}", fetch.request.method()));
        let outcome = match fault {
            Some(fault) => fault.outcome(),
            None => self.call_provider(fetch.request.clone(), now.as_secs()),
        };
        let outcome = outcome.and_then(|response| arrived(response, fetch.timeout, fetch.max_response));
        if let Ok(response) = &outcome {
            self.answers.push(response.clone());
            if fetch.caching != Caching::Never && fetch.pending.keeps(response) {
                self.cache.keep(&url, now.as_secs(), response);
            }
        }
        outcome
    }

    fn call_provider(&mut self, request: Request<Bytes>, now: u64) -> Outcome {
        let entropy = self.entropy();
        let url = request.uri().to_string();
        let served = |provider: &&mut Provider| url.starts_with(provider.idp.issuer());
        let provider = self.providers.iter_mut().find(served).ok_or(FetchError::Unreachable)?;
        Ok(provider.idp.handle(&mut provider.state, request, now, entropy))
    }
}

/// A request that the site answers.
struct UnderWay<'a> {
    app: &'a mut App,
    now: UnixTime,
    recorder: Option<Recorder>,
    exchanges: usize,
}

impl World for UnderWay<'_> {
    fn fetch(&mut self, purpose: Purpose, fetch: &Fetch) -> Outcome {
        self.exchanges += 1;
        self.app.longest_flow = self.app.longest_flow.max(self.exchanges);
        let fault = self.app.fault(purpose);
        let outcome = self.app.fetch(fetch, fault, self.now);
        self.recorder.iter_mut().for_each(|recorder| recorder.outcome(&outcome, self.now));
        outcome
    }

    fn admit(&mut self, candidate: Candidate) -> Admission {
        let admission = (self.app.admit)(candidate);
        self.recorder.iter_mut().for_each(|recorder| recorder.admission(&admission, self.now));
        admission
    }

    fn store(&mut self) -> Option<&dyn BlockingSessionStore> {
        self.app.store.as_ref().map(|store| store as &dyn BlockingSessionStore)
    }

    fn count(&mut self, question: &CountRequest, now: UnixTime) -> Result<Counted, StoreFailed> {
        count_blocking(self.app.counts.as_ref().ok_or(StoreFailed)?, question, || now)
    }

    fn check(&mut self, session: &Session) -> SessionDecision {
        let decision = (self.app.check)(session);
        if let Some(recorder) = &mut self.recorder {
            recorder.decision(&decision, self.now);
        }
        decision
    }

    fn see(&mut self, action: &Action) {
        self.app.transcript.record(action);
        self.recorder.iter_mut().for_each(|recorder| recorder.action(action));
    }

    fn log(&mut self, events: &[Event]) {
        self.app.events.extend_from_slice(events);
    }
}

/// Applies a host's limits to an answer: one that is too late or too long is an error.
fn arrived(response: Response<Bytes>, timeout: Duration, longest: usize) -> Outcome {
    if response.extensions().get::<Delay>().is_some_and(|delay| delay.0 > timeout) {
        return Err(FetchError::TimedOut);
    }
    if response.body().len() > longest {
        return Err(FetchError::TooLarge);
    }
    Ok(response)
}

impl Site for App {
    fn answer(&mut self, mut request: Request<Bytes>, now: u64) -> Response<Bytes> {
        if !self.shows_pages {
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        }
        if !self.auth.owns(request.uri().path()) {
            return Response::new(Bytes::from_static(b"<h1>A page of the application</h1>"));
        }
        let entropy = self.entropy();
        self.answer_with(request, now, entropy)
    }
}
