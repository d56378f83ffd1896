//! The run of one request: every exchange with a provider, and the answer.

use crate::site::NOW;
pub(crate) use aura_proto::Purpose as Kind;
use aura_proto::{Action, Admission, Auth, Candidate, Entropy, Event, Fetch, FetchError, UnixTime};
use aura_replay::Recorder;
use aura_tests::{Transcript, World, drive};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use std::collections::BTreeMap;
use url::{Url, form_urlencoded};

/// A provider's answer, as a generator draws it.
pub(crate) type Outcome = Result<(u16, String, Bytes), FetchError>;
/// The same answer, as a host receives it.
pub(crate) use aura_tests::Outcome as Fetched;
/// Function that answers for the providers.
pub(crate) type Answering<'a> = dyn FnMut(Kind, &Request<Bytes>) -> Fetched + 'a;

/// One exchange with a provider.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) kind: Kind,
    pub(crate) request: Request<Bytes>,
    pub(crate) outcome: Fetched,
}

/// Result of one request.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) response: Response<Bytes>,
    pub(crate) events: Vec<Event>,
    /// `Debug` of everything on the way.
    pub(crate) shown: String,
    pub(crate) transcript: Transcript,
    /// The record, where one is made.
    pub(crate) recorded: Option<aura_replay::Transcript>,
}

impl Run {
    /// The last exchange of a kind.
    pub(crate) fn last(&self, kind: Kind) -> Option<&Exchange> {
        self.exchanges.iter().rfind(|exchange| exchange.kind == kind)
    }
}

/// Answers in the order of a list; where it ends, the provider is silent.
pub(crate) fn listed(answers: &[Outcome]) -> impl FnMut(Kind, &Request<Bytes>) -> Fetched {
    let mut answers = answers.iter();
    move |_, _| fetched(answers.next().cloned().unwrap_or(Err(FetchError::TimedOut)))
}

/// Makes what a host gets of a drawn answer.
pub(crate) fn fetched(outcome: Outcome) -> Fetched {
    outcome.map(|(status, content_type, body)| {
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
        response.body(body).expect("a response")
    })
}

/// A host that answers one request at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host<'a> {
    pub(crate) auth: &'a Auth,
    pub(crate) now: u64,
    pub(crate) seed: [u8; 32],
    /// Whether the application admits every user, or none.
    pub(crate) admits: bool,
    pub(crate) records: bool,
}

impl<'a> Host<'a> {
    /// One that admits everybody, and records nothing.
    pub(crate) fn at(auth: &'a Auth, now: u64, seed: [u8; 32]) -> Self {
        Self { auth, now, seed, admits: true, records: false }
    }

    /// Answers the request.
    pub(crate) fn answer(self, request: Request<Bytes>, answering: &mut Answering<'_>) -> Run {
        let now = UnixTime::from_secs(self.now);
        let recorder = self.records.then(|| Recorder::new(self.auth, &request, now, self.seed));
        let action = self.auth.handle(request, now, Entropy::from_os_bytes(self.seed));
        let mut watched = Watched {
            host: self,
            answering,
            exchanges: Vec::new(),
            events: Vec::new(),
            shown: String::new(),
            transcript: Transcript::default(),
            recorder,
        };
        let response = drive(action, now, &mut watched);
        let Watched { exchanges, events, shown, transcript, recorder, .. } = watched;
        let recorded = recorder.map(Recorder::finish);
        Run { exchanges, response, events, shown, transcript, recorded }
    }
}

/// A request under way, and everything that is seen of it.
struct Watched<'a, 'b, 'c> {
    host: Host<'a>,
    answering: &'b mut Answering<'c>,
    exchanges: Vec<Exchange>,
    events: Vec<Event>,
    shown: String,
    transcript: Transcript,
    recorder: Option<Recorder>,
}

impl World for Watched<'_, '_, '_> {
    fn fetch(&mut self, kind: Kind, fetch: &Fetch) -> Fetched {
        assert!(self.exchanges.len() < 100, "the flow does not end");
        let outcome = (self.answering)(kind, &fetch.request);
        let now = UnixTime::from_secs(self.host.now);
        self.recorder.iter_mut().for_each(|recorder| recorder.outcome(&outcome, now));
        let request = fetch.request.clone();
        self.exchanges.push(Exchange { kind, request, outcome: outcome.clone() });
        outcome
    }

    fn admit(&mut self, candidate: Candidate) -> Admission {
        let admission = if self.host.admits { candidate.admit() } else { Admission::Refuse };
        let now = UnixTime::from_secs(self.host.now);
        self.recorder.iter_mut().for_each(|recorder| recorder.admission(&admission, now));
        admission
    }

    fn see(&mut self, action: &Action) {
        self.recorder.iter_mut().for_each(|recorder| recorder.action(action));
        self.shown.push_str(&format!("{action:?}\n"));
        self.transcript.record(action);
    }

    fn log(&mut self, events: &[Event]) {
        self.events.extend_from_slice(events);
    }
}

/// Name and value of a cookie that is set.
pub(crate) fn cookie_of(field: &HeaderValue) -> (String, String) {
    let (name, rest) = field.to_str().expect("visible ASCII").split_once('=').expect("a pair");
    (name.to_owned(), rest.split(';').next().unwrap_or_default().to_owned())
}

/// A sign-in that was begun.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) provider: &'static str,
    pub(crate) cookie: (String, String),
    pub(crate) state: String,
    pub(crate) challenge: String,
    /// Where it leads in the end.
    pub(crate) target: String,
    /// Empty where the provider speaks OAuth 2.0.
    pub(crate) nonce: String,
    /// The provider's authorization response.
    pub(crate) code: String,
    /// The issuer, where the provider names it.
    pub(crate) iss: Option<String>,
}

impl Attempt {
    /// Begins a sign-in at [`NOW`], and returns the URL at the provider, too. What the provider gives is not known yet.
    pub(crate) fn begin(
        auth: &Auth,
        provider: &'static str,
        redirect_to: &str,
        seed: u8,
        answering: &mut Answering<'_>,
    ) -> (Self, Url) {
        let request = Request::get(format!("/auth/signIn/{provider}?redirectTo={redirect_to}"));
        let run = Host::at(auth, NOW, [seed; 32]).answer(request.body(Bytes::new()).unwrap(), answering);
        let location = Url::parse(run.response.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        let pushed = run.last(Kind::PushedRequest).map(|exchange| exchange.request.body().clone());
        let said = pushed.unwrap_or_else(|| location.query().unwrap_or_default().to_owned().into());
        let said: BTreeMap<_, _> = form_urlencoded::parse(&said).into_owned().collect();
        let attempt = Self {
            provider,
            cookie: cookie_of(&run.response.headers()[header::SET_COOKIE]),
            state: said["state"].clone(),
            challenge: said["code_challenge"].clone(),
            target: redirect_to.to_owned(),
            nonce: said.get("nonce").cloned().unwrap_or_default(),
            code: String::new(),
            iss: None,
        };
        (attempt, location)
    }
}
