//! A recording that records nothing, without the feature `replay`.

use aura_proto::store::{Counted, StoreFailed};
use aura_proto::{Action, Admission, Auth, Event, FetchError, SessionDecision, UnixTime};
use bytes::Bytes;
use http::{Request, Response};

/// The application's functions for records of sign-ins: there are none.
#[derive(Clone, Default)]
pub(crate) struct Keep(());

/// What a store answers: anything, since nothing is recorded.
pub(crate) trait StoreAnswer {}

impl<T> StoreAnswer for T {}

/// The record of a request while it is answered: there is none without the feature `replay`.
#[derive(Debug, Default)]
pub struct Recording(());

impl Recording {
    pub(crate) fn new(_: &Auth, _: &Request<Bytes>, _: UnixTime, _: &Keep) -> Self {
        Self(())
    }

    /// Notes the outcome of an exchange, before the flow is resumed with it.
    pub fn outcome(&mut self, _: &Result<Response<Bytes>, FetchError>, _: UnixTime) {}

    /// Notes the application's decision, before the flow is resumed with it.
    pub fn admission(&mut self, _: &Admission, _: UnixTime) {}

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
    pub fn decision(&mut self, _: &SessionDecision, _: UnixTime) {}

    /// Notes the answer of a store of sessions, before the flow is resumed with it.
    pub(crate) fn stored<T>(&mut self, _: &Result<T, StoreFailed>, _: UnixTime) {}

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
    pub fn counted(&mut self, _: &Result<Counted, StoreFailed>, _: UnixTime) {}

    pub(crate) fn action(&mut self, _: &Action) {}

    pub(crate) fn end(&mut self, _: &[Event]) {}
}
