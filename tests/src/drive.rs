//! The loop that carries out the core's actions, for tests, benchmarks and fuzz targets that need no host.

use aura_host::store::{BlockingSessionStore, answer_blocking};
use aura_proto::store::{CountRequest, Counted, StoreFailed};
use aura_proto::{
    Action, Admission, Candidate, Event, Fetch, FetchError, Purpose, Session, SessionDecision, UnixTime,
};
use bytes::Bytes;
use http::{Response, header};

/// The outcome of an exchange with a provider.
pub type Outcome = Result<Response<Bytes>, FetchError>;

/// The world around a request: the providers, the application, and whoever watches. Every function that answers fetches
/// is one, which admits every user.
pub trait World {
    /// Performs an exchange.
    fn fetch(&mut self, purpose: Purpose, fetch: &Fetch) -> Outcome;

    /// Decides on a user.
    fn admit(&mut self, candidate: Candidate) -> Admission {
        candidate.admit()
    }

    /// Decides on a session, where the configuration asks for checks.
    fn check(&mut self, _session: &Session) -> SessionDecision {
        SessionDecision::Continue
    }

    /// The store of sessions. Without one, each question fails.
    fn store(&mut self) -> Option<&dyn BlockingSessionStore> {
        None
    }

    /// Counts a request, where the configuration has limits. By default every request is allowed.
    fn count(&mut self, _question: &CountRequest, _now: UnixTime) -> Result<Counted, StoreFailed> {
        Ok(Counted::Allowed)
    }

    /// Sees each action before it is carried out, the last one included.
    fn see(&mut self, _action: &Action) {}

    /// Takes the events that the last action reports.
    fn log(&mut self, _events: &[Event]) {}
}

impl<F: FnMut(Purpose, &Fetch) -> Outcome> World for F {
    fn fetch(&mut self, purpose: Purpose, fetch: &Fetch) -> Outcome {
        self(purpose, fetch)
    }
}

/// Carries out actions, each at the same moment, until one answers the browser. A pause moves that moment, and takes no time.
///
/// ```
/// use aura_proto::{Entropy, FetchError, UnixTime};
/// use aura_tests::{SECRET, builder, drive};
/// use http::Request;
///
/// let auth = builder(SECRET, "https://app.test", |provider| provider).build().unwrap();
/// let request = Request::get("/auth/session").body(bytes::Bytes::new()).unwrap();
/// let now = UnixTime::from_secs(1_795_500_000);
/// let action = auth.handle(request, now, Entropy::from_os_bytes([7; 32]));
/// let response = drive(action, now, &mut |_, _: &_| Err(FetchError::Unreachable));
/// assert_eq!(response.status(), 401);
/// ```
pub fn drive(mut action: Action, mut now: UnixTime, world: &mut impl World) -> Response<Bytes> {
    loop {
        world.see(&action);
        action = match action.into_fetch() {
            Ok((purpose, fetch)) => {
                let outcome = world.fetch(purpose, &fetch);
                fetch.pending.resume(outcome, now)
            }
            Err(Action::AdmitUser(question)) => {
                let admission = world.admit(*question.candidate);
                question.pending.resume(admission, now)
            }
            Err(Action::CheckSession(question)) => {
                let decision = world.check(&question.session);
                question.pending.resume(decision, now)
            }
            Err(Action::AskStore(question)) => answer_blocking(world.store(), question, || now),
            Err(Action::Pause(length, rest)) => {
                now = now.saturating_add(length);
                rest.resume(now)
            }
            Err(Action::RunToEnd(rest)) => rest.resume(now),
            Err(Action::CountRequest(question)) => {
                let counted = world.count(question.question(), now);
                question.resume(counted, now)
            }
            Err(Action::Redirect(redirect)) => {
                world.log(&redirect.events);
                return redirect.into_response();
            }
            Err(Action::Respond(respond)) => {
                world.log(&respond.events);
                return respond.into_response();
            }
            Err(fetch) => unreachable!("{fetch:?} is a fetch"),
        };
    }
}

/// Makes an answer of a provider.
pub fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Bytes> {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
    response.body(body.into()).expect("a test gives a valid status and content type")
}

/// Makes an answer of a provider in JSON.
pub fn json_answer(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    answer(status, "application/json", body)
}
