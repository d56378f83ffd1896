//! Which requests are recorded? Those of a sign-in, where the application asked for the ones that fail.

use aura_proto::replay::{Recorder, Transcript};
use aura_proto::{Action, Admission, Auth, Event, FetchError, UnixTime};
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;
use std::sync::Arc;

/// What the application does with the record of a failed sign-in.
pub(crate) type Keep = Arc<dyn Fn(Transcript) + Send + Sync>;

/// The record of a request while it is answered; of most requests there is none.
///
/// ```
/// # fn carry_out(host: &aura_host::Host, request: http::Request<bytes::Bytes>) {
/// let (action, mut recording) = host.begin(request);
/// let step = host.step(action, &mut recording);
/// # let _ = step;
/// # }
/// ```
#[derive(Default)]
pub struct Recording(Option<(Recorder, Keep)>);

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recording").field(&self.0.is_some()).finish()
    }
}

impl Recording {
    /// Begins the record of a request to a sign-in route. Without randomness for its stand-ins there is none.
    pub(crate) fn new(auth: &Auth, request: &Request<Bytes>, now: UnixTime, keep: &Keep) -> Self {
        let mut key = [0; 32];
        if !is_sign_in(auth, request.uri().path()) || getrandom::fill(&mut key).is_err() {
            return Self::default();
        }
        Self(Some((Recorder::new(auth, request, now, key), Arc::clone(keep))))
    }

    /// Notes what an exchange brought, before the flow is resumed with it.
    ///
    /// ```
    /// # fn unreachable(fetch: aura_proto::Fetch, recording: &mut aura_host::Recording, now: aura_proto::UnixTime) {
    /// let outcome = Err(aura_proto::FetchError::Unreachable);
    /// recording.outcome(&outcome, now);
    /// let action = fetch.pending.resume(outcome, now);
    /// # let _ = action;
    /// # }
    /// ```
    pub fn outcome(&mut self, outcome: &Result<Response<Bytes>, FetchError>, now: UnixTime) {
        if let Some((recorder, _)) = &mut self.0 {
            recorder.outcome(outcome, now);
        }
    }

    /// Notes the application's decision, before the flow is resumed with it.
    ///
    /// ```
    /// # fn refuse(question: aura_proto::AdmitUser, recording: &mut aura_host::Recording, now: aura_proto::UnixTime) {
    /// let admission = aura_proto::Admission::Refuse;
    /// recording.admission(&admission, now);
    /// let action = question.pending.resume(admission, now);
    /// # let _ = action;
    /// # }
    /// ```
    pub fn admission(&mut self, admission: &Admission, now: UnixTime) {
        if let Some((recorder, _)) = &mut self.0 {
            recorder.admission(admission, now);
        }
    }

    pub(crate) fn action(&mut self, action: &Action) {
        if let Some((recorder, _)) = &mut self.0 {
            recorder.action(action);
        }
    }

    /// Hands the record over, if the sign-in failed.
    pub(crate) fn end(&mut self, events: &[Event]) {
        let failed =
            |event: &Event| matches!(event, Event::SignInFailed { .. } | Event::RequestRefused { .. });
        if let Some((recorder, keep)) = self.0.take()
            && events.iter().any(failed)
        {
            keep(recorder.finish());
        }
    }
}

/// Tells whether a path begins or ends a sign-in.
fn is_sign_in(auth: &Auth, path: &str) -> bool {
    let route = path.strip_prefix(auth.base_path()).unwrap_or_default();
    route.starts_with("/signIn/") || route.starts_with("/callback/")
}
