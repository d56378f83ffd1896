//! The recording of failed sign-ins, if the application enables it.

use aura_proto::{
    Action, Admission, Auth, Error, Event, FetchError, RequestError, SessionDecision, UnixTime,
};
use aura_replay::{Recorder, Transcript};
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;
use std::sync::Arc;

type Function = Arc<dyn Fn(Transcript) + Send + Sync>;

/// The application's function for the record of a failed sign-in, if any.
#[derive(Clone, Default)]
pub(crate) struct Keep(Option<Function>);

impl Keep {
    pub(crate) fn new(keep: impl Fn(Transcript) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(keep)))
    }
}

/// The record of a request while it is answered. Most requests have none.
#[derive(Default)]
pub struct Recording(Option<(Recorder, Function)>);

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recording").field(&self.0.is_some()).finish()
    }
}

impl Recording {
    /// Begins the record of a request to a sign-in route. Nothing is redacted before it has failed. Without randomness for its
    /// stand-ins there is none.
    pub(crate) fn new(auth: &Auth, request: &Request<Bytes>, now: UnixTime, keep: &Keep) -> Self {
        let Some(keep) = &keep.0 else { return Self::default() };
        let mut key = [0; 32];
        if !auth.is_sign_in(request.uri().path()) || getrandom::fill(&mut key).is_err() {
            return Self::default();
        }
        Self(Some((Recorder::new(auth, request, now, key), Arc::clone(keep))))
    }

    /// Notes the outcome of an exchange, before the flow is resumed with it.
    pub fn outcome(&mut self, outcome: &Result<Response<Bytes>, FetchError>, now: UnixTime) {
        if let Some((recorder, _)) = &mut self.0 {
            recorder.outcome(outcome, now);
        }
    }

    /// Notes the application's decision, before the flow is resumed with it.
    pub fn admission(&mut self, admission: &Admission, now: UnixTime) {
        if let Some((recorder, _)) = &mut self.0 {
            recorder.admission(admission, now);
        }
    }

    /// Notes the application's decision on a session, before the flow is resumed with it.
    ///
    /// ```
    /// # fn go_on(question: aura_proto::CheckSession, recording: &mut aura_host::Recording, now: aura_proto::UnixTime) {
    /// let decision = aura_proto::SessionDecision::Continue;
    /// recording.decision(&decision, now);
    /// let action = question.pending.resume(decision, now);
    /// # let _ = action;
    /// # }
    /// ```
    pub fn decision(&mut self, decision: &SessionDecision, now: UnixTime) {
        if let Some((recorder, _)) = &mut self.0 {
            recorder.decision(decision, now);
        }
    }

    pub(crate) fn action(&mut self, action: &Action) {
        if let Some((recorder, _)) = &mut self.0 {
            recorder.action(action);
        }
    }

    /// Hands the record over, if the sign-in failed. What a limit refuses has not begun, and recording it costs more than refusing it.
    pub(crate) fn end(&mut self, events: &[Event]) {
        let is_refused = |error: &Error| matches!(error, Error::Request(RequestError::TooManyRequests(_)));
        let failed = |event: &Event| matches!(event, Event::SignInFailed { error, .. } | Event::RequestRefused { error } if !is_refused(error));
        if let Some((recorder, keep)) = self.0.take()
            && events.iter().any(failed)
        {
            keep(recorder.finish());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Host, Step};
    use aura_proto::{Auth, Salt, Secret};
    use bytes::Bytes;
    use http::Request;
    use std::sync::{Arc, Mutex};

    /// Answers one request, and counts the records that are handed over.
    fn records(path: &str) -> usize {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let auth = Auth::builder(secret, salt).base_url("https://app.test").build().unwrap();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&kept);
        let host = Host::new(auth).on_failed_sign_in(move |transcript| keep.lock().unwrap().push(transcript));
        let (action, mut recording) = host.begin(Request::get(path).body(Bytes::new()).unwrap());
        assert!(matches!(host.step(action, &mut recording), Step::Answer(_)));
        kept.lock().unwrap().len()
    }

    #[test]
    fn what_the_core_takes_for_a_sign_in_is_recorded_and_nothing_else() {
        for path in ["/auth/signIn/nobody", "/auth//callback/nobody", "/auth/callback/%6eobody/"] {
            assert_eq!(records(path), 1, "{path}");
        }
        for path in ["/auth/session", "/auth/signIn", "/auth/providers/nobody", "/elsewhere"] {
            assert_eq!(records(path), 0, "{path}");
        }
    }
}
