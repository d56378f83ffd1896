//! The recording of sign-ins, of every one or of those that fail, if the application enables it.

use crate::host::Host;
use aura_proto::store::{Counted, StoreFailed};
use aura_proto::{
    Action, Admission, Auth, Error, Event, FetchError, RequestError, SessionDecision, UnixTime,
};
pub(crate) use aura_replay::StoreAnswer;
use aura_replay::{Recorder, Transcript};
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;
use std::sync::Arc;

pub(crate) type Function = Arc<dyn Fn(Transcript) + Send + Sync>;

/// The application's functions for records, if any: of every sign-in, and of those that fail.
#[derive(Clone, Default)]
pub(crate) struct Keep {
    pub(crate) every: Option<Function>,
    pub(crate) failed: Option<Function>,
}

/// The record of a request while it is answered. It is a box, because it is moved with every step, and most requests have none.
#[derive(Default)]
pub struct Recording(Option<Box<(Recorder, Keep)>>);

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recording").field(&self.0.is_some()).finish()
    }
}

impl Recording {
    /// Begins the record of a request to a sign-in route. Nothing is redacted before it has ended. Without randomness for its
    /// stand-ins there is none.
    pub(crate) fn new(auth: &Auth, request: &Request<Bytes>, now: UnixTime, keep: &Keep) -> Self {
        let mut key = [0; 32];
        let is_kept = keep.every.is_some() || keep.failed.is_some();
        if !is_kept || !auth.is_sign_in(request.uri().path()) || getrandom::fill(&mut key).is_err() {
            return Self::default();
        }
        Self(Some(Box::new((Recorder::new(auth, request, now, key), keep.clone()))))
    }

    /// Notes the outcome of an exchange, before the flow is resumed with it.
    pub fn outcome(&mut self, outcome: &Result<Response<Bytes>, FetchError>, now: UnixTime) {
        if let Some((recorder, _)) = self.0.as_deref_mut() {
            recorder.outcome(outcome, now);
        }
    }

    /// Notes the application's decision, before the flow is resumed with it.
    pub fn admission(&mut self, admission: &Admission, now: UnixTime) {
        if let Some((recorder, _)) = self.0.as_deref_mut() {
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
        if let Some((recorder, _)) = self.0.as_deref_mut() {
            recorder.decision(decision, now);
        }
    }

    /// Notes the answer of a store of sessions, before the flow is resumed with it.
    pub(crate) fn stored<T: StoreAnswer>(&mut self, answer: &Result<T, StoreFailed>, now: UnixTime) {
        if let Some((recorder, _)) = self.0.as_deref_mut() {
            recorder.stored(answer, now);
        }
    }

    /// Notes the answer about a limit, before the flow is resumed with it.
    ///
    /// ```
    /// # fn go_on(host: &aura_host::Host, question: aura_proto::Ask<aura_proto::store::CountRequest, aura_proto::store::Counted, aura_proto::Action>, recording: &mut aura_host::Recording) {
    /// let (counted, now) = (host.count(question.question()), host.now());
    /// recording.counted(&counted, now);
    /// let action = question.resume(counted, now);
    /// # let _ = action;
    /// # }
    /// ```
    pub fn counted(&mut self, answer: &Result<Counted, StoreFailed>, now: UnixTime) {
        if let Some((recorder, _)) = self.0.as_deref_mut() {
            recorder.counted(answer, now);
        }
    }

    pub(crate) fn action(&mut self, action: &Action) {
        if let Some((recorder, _)) = self.0.as_deref_mut() {
            recorder.action(action);
        }
    }

    /// Hands the record over, to each function that asks for it. What a limit refuses has not begun, and recording it costs more
    /// than refusing it.
    pub(crate) fn end(&mut self, events: &[Event]) {
        let Some((recorder, keep)) = self.0.take().map(|kept| *kept) else { return };
        let is_refused = |error: &Error| matches!(error, Error::Request(RequestError::TooManyRequests(_)));
        let (refused, errors): (Vec<_>, Vec<_>) =
            events.iter().filter_map(error_of).partition(|error| is_refused(error));
        let has_failed = !errors.is_empty();
        if !refused.is_empty() && !has_failed {
            return;
        }
        let failed = keep.failed.filter(|_| has_failed);
        if keep.every.is_none() && failed.is_none() {
            return;
        }
        let transcript = recorder.finish();
        match (keep.every, failed) {
            (Some(every), Some(failed)) => {
                failed(transcript.clone());
                every(transcript);
            }
            (Some(keep), None) | (None, Some(keep)) => keep(transcript),
            (None, None) => {}
        }
    }
}

/// Returns the error that fails a sign-in.
fn error_of(event: &Event) -> Option<&Error> {
    if let Event::SignInFailed { error, .. } | Event::RequestRefused { error } = event {
        Some(error)
    } else {
        None
    }
}

impl Host {
    /// Records every request to begin or end a sign-in that fails, without its secrets, and hands the [`Transcript`] over;
    /// [`aura_replay`] documents what it shows. Requests that [`Host::refuse`] answers are not recorded. The function is called
    /// synchronously, once for each failed sign-in. Attackers can trigger it, so limit what is stored.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// let (sender, transcripts) = std::sync::mpsc::channel();
    /// let host = aura_host::Host::new(auth).on_failed_sign_in(move |transcript| drop(sender.send(transcript)));
    /// let request = http::Request::get("/auth/signIn/unknown").body(bytes::Bytes::new())?;
    /// let (action, mut recording) = host.begin(request);
    /// let answer = host.step(action, &mut recording);
    /// assert!(matches!(answer, aura_host::Step::Answer(_)));
    /// assert_eq!(transcripts.try_recv()?.actions().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_failed_sign_in(mut self, keep: impl Fn(Transcript) + Send + Sync + 'static) -> Self {
        self.inner().keep.failed = Some(Arc::new(keep));
        self
    }

    /// Records every request to begin or end a sign-in, whether it succeeds or fails, as
    /// [`on_failed_sign_in`](Self::on_failed_sign_in) records those that fail: to show what a sign-in does. To redact a record costs
    /// more than to answer the request, so do not enable it where many users sign in. Requests above a limit are not recorded.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let github = aura_providers::GITHUB.with_client("id", aura_proto::ClientSecret::new("secret"));
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
    /// let (sender, transcripts) = std::sync::mpsc::channel();
    /// let host = aura_host::Host::new(auth).on_sign_in(move |transcript| drop(sender.send(transcript)));
    /// let request = http::Request::get("/auth/signIn/github").body(bytes::Bytes::new())?;
    /// let (action, mut recording) = host.begin(request);
    /// let answer = host.step(action, &mut recording);
    /// assert!(matches!(answer, aura_host::Step::Answer(_)));
    /// let begun = "Redirect 302 to https://github.com/login/oauth/authorize, sets";
    /// assert!(transcripts.try_recv()?.actions()[0].starts_with(begun));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_sign_in(mut self, keep: impl Fn(Transcript) + Send + Sync + 'static) -> Self {
        self.inner().keep.every = Some(Arc::new(keep));
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::{Host, Step};
    use aura_proto::provider::Provider;
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
    fn a_sign_in_that_begins_is_recorded_for_the_function_of_every_sign_in_alone() {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let work = Provider::oauth("work", "id")
            .authorization_endpoint("https://id.test/authorize")
            .token_endpoint("https://id.test/token")
            .userinfo_endpoint("https://id.test/user");
        let auth = Auth::builder(secret, salt).base_url("https://app.test").provider(work).build().unwrap();
        let (every, failed) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (keep, keep_failed) = (Arc::clone(&every), Arc::clone(&failed));
        let host = Host::new(auth)
            .on_sign_in(move |transcript| keep.lock().unwrap().push(transcript))
            .on_failed_sign_in(move |transcript| keep_failed.lock().unwrap().push(transcript));
        for path in ["/auth/signIn/work", "/auth/signIn/nobody", "/auth/session"] {
            let (action, mut recording) = host.begin(Request::get(path).body(Bytes::new()).unwrap());
            assert!(matches!(host.step(action, &mut recording), Step::Answer(_)));
        }
        assert_eq!(every.lock().unwrap().len(), 2);
        assert!(
            every.lock().unwrap()[0].actions()[0].starts_with("Redirect 302 to https://id.test/authorize")
        );
        assert_eq!(*failed.lock().unwrap(), every.lock().unwrap()[1..]);
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
