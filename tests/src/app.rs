//! The site: the core, driven without a socket, and its providers.

use crate::browser::Site;
use crate::cache::Cache;
use crate::fault::Fault;
use crate::transcript::Transcript;
use aura_proto::{
    Action, Admission, Auth, Caching, Candidate, Entropy, Event, Fetch, FetchError, Pending, UnixTime,
};
use aura_replay::Recorder;
use aura_test_idp::{Delay, Idp, State};
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;

type Outcome = Result<Response<Bytes>, FetchError>;

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
    /// The application's decision on each user.
    pub admit: fn(Candidate) -> Admission,
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
            admit: Candidate::admit,
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
        let mut recorder = self.records.is_some().then(record);
        let mut action = self.auth.handle(request, now, Entropy::from_os_bytes(entropy));
        let mut exchanges = 0;
        let response = loop {
            self.transcript.record(&action);
            recorder.iter_mut().for_each(|recorder| recorder.action(&action));
            let fault = self.fault(&action);
            action = match action {
                Action::Redirect(redirect) => {
                    self.events.extend(redirect.events.iter().cloned());
                    break redirect.into_response();
                }
                Action::Respond(respond) => {
                    self.events.extend(respond.events.iter().cloned());
                    break respond.into_response();
                }
                Action::AdmitUser(question) => {
                    let admission = (self.admit)(question.candidate);
                    recorder.iter_mut().for_each(|recorder| recorder.admission(&admission, now));
                    question.pending.resume(admission, now)
                }
                Action::FetchDiscovery(fetch)
                | Action::FetchJwks(fetch)
                | Action::FetchPushedRequest(fetch)
                | Action::FetchToken(fetch)
                | Action::FetchUserInfo(fetch)
                | Action::FetchRevocation(fetch) => {
                    exchanges += 1;
                    self.longest_flow = self.longest_flow.max(exchanges);
                    let (pending, outcome) = self.fetch(fetch, fault, now);
                    recorder.iter_mut().for_each(|recorder| recorder.outcome(&outcome, now));
                    pending.resume(outcome, now)
                }
            };
        };
        if let Some((records, recorder)) = self.records.as_mut().zip(recorder) {
            records.push(recorder.finish());
        }
        response
    }

    /// Takes what replaces the answer that an action asks for.
    fn fault(&mut self, action: &Action) -> Option<Fault> {
        match action {
            Action::FetchDiscovery(_) => self.discovery_fault.take(),
            Action::FetchJwks(_) => self.jwks_fault.take(),
            Action::FetchPushedRequest(_) => self.pushed_request_fault.take(),
            Action::FetchToken(_) => self.token_fault.take(),
            Action::FetchUserInfo(_) => self.userinfo_fault.take(),
            Action::FetchRevocation(_) => self.revocation_fault.take(),
            Action::AdmitUser(_) | Action::Redirect(_) | Action::Respond(_) => None,
        }
    }

    fn fetch(&mut self, fetch: Fetch, fault: Option<Fault>, now: UnixTime) -> (Pending, Outcome) {
        let url = fetch.request.uri().to_string();
        if let (None, Some(kept)) = (&fault, self.cache.find(&url, fetch.caching, now.as_secs())) {
            return (fetch.pending, Ok(kept));
        }
        self.fetches.push(format!("{} {url}", fetch.request.method()));
        let outcome = match fault {
            Some(fault) => fault.outcome(),
            None => self.call_provider(fetch.request, now.as_secs()),
        };
        let outcome = outcome.and_then(|response| arrived(response, fetch.timeout, fetch.max_response));
        if let Ok(response) = &outcome {
            self.answers.push(response.clone());
            if fetch.caching != Caching::Never && fetch.pending.keeps(response) {
                self.cache.keep(&url, now.as_secs(), response);
            }
        }
        (fetch.pending, outcome)
    }

    fn call_provider(&mut self, request: Request<Bytes>, now: u64) -> Outcome {
        let entropy = self.entropy();
        let url = request.uri().to_string();
        let served = |provider: &&mut Provider| url.starts_with(provider.idp.issuer());
        let provider = self.providers.iter_mut().find(served).ok_or(FetchError::Unreachable)?;
        Ok(provider.idp.handle(&mut provider.state, request, now, entropy))
    }
}

/// Applies a host's limits to an answer: one that is too late or too long is an error.
fn arrived(
    response: Response<Bytes>,
    timeout: Duration,
    longest: usize,
) -> Result<Response<Bytes>, FetchError> {
    if response.extensions().get::<Delay>().is_some_and(|delay| delay.0 > timeout) {
        return Err(FetchError::TimedOut);
    }
    if response.body().len() > longest {
        return Err(FetchError::TooLarge);
    }
    Ok(response)
}

impl Site for App {
    fn answer(&mut self, request: Request<Bytes>, now: u64) -> Response<Bytes> {
        if !self.auth.owns(request.uri().path()) {
            return Response::new(Bytes::from_static(b"<h1>A page of the application</h1>"));
        }
        let entropy = self.entropy();
        self.answer_with(request, now, entropy)
    }
}
