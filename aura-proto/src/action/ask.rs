//! Questions beside fetches: to the application about a session, and to the stores of sessions and of counts.

use super::Action;
use crate::admission::Candidate;
use crate::error::HostError;
use crate::flow::io::{Ending, Exchange, Question, SessionCheck, Step, Suspended};
use crate::limits::{CountRequest, Counted};
use crate::session::{Session, SessionDecision};
use crate::stored::questions::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession, Replaced,
    StoreFailed,
};
use aura_types::UnixTime;
use std::fmt;

/// The rest of a flow, which needs an answer. It is neither `Clone` nor borrowed, so no answer is given twice.
struct Rest<R, A>(Box<dyn FnOnce(R, UnixTime) -> A + Send + Sync>);

impl<R: 'static, A: 'static> Rest<R, A> {
    fn of<Q: Question<Answer = R> + 'static, T: Ending + 'static>(flow: Suspended<Q, T>) -> Self
    where
        A: From<Step<T>>,
    {
        Self(Box::new(move |answer, now| flow.resume(answer, now).into()))
    }
}

/// A session that a request carries, and what waits for the application's decision on it. It continues with an `A`: an
/// [`Action`], or a [`Reading`].
///
/// ```
/// use aura_proto::{Action, CheckSession, SessionDecision, UnixTime};
/// fn end_earlier(question: CheckSession, banned_at: UnixTime, now: UnixTime) -> Action {
///     let has_ended = question.session.began_before(banned_at);
///     let decision = if has_ended { SessionDecision::end("banned") } else { SessionDecision::Continue };
///     question.pending.resume(decision, now)
/// }
/// ```
#[derive(Debug)]
#[must_use = "decide, then call pending.resume"]
#[non_exhaustive]
pub struct CheckSession<A = Action> {
    /// The session as the browser sent it.
    pub session: Session,
    /// What to resume with the decision.
    pub pending: PendingCheck<A>,
}

/// What waits for the application's check. It is neither `Clone` nor borrowed, so no decision is made twice.
#[must_use = "dropping this abandons the request"]
pub struct PendingCheck<A = Action>(Rest<SessionDecision, A>);

impl<A> PendingCheck<A> {
    /// Continues the request with the application's decision.
    pub fn resume(self, decision: impl Into<SessionDecision>, now: UnixTime) -> A {
        (self.0.0)(decision.into(), now)
    }
}

impl<A> fmt::Debug for PendingCheck<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingCheck(ExpectDecision)")
    }
}

/// A question to the store of sessions, and the flow that waits for its answer. A host that has no store answers with
/// [`StoreFailed`].
///
/// ```
/// use aura_proto::store::StoreFailed;
/// use aura_proto::{StoreQuestion, UnixTime};
///
/// fn without_a_store<A>(question: StoreQuestion<A>, now: UnixTime) -> A {
///     match question {
///         StoreQuestion::Load(ask) => ask.resume(Err(StoreFailed), now),
///         StoreQuestion::Begin(ask) => ask.resume(Err(StoreFailed), now),
///         StoreQuestion::Replace(ask) => ask.resume(Err(StoreFailed), now),
///         StoreQuestion::End(ask) => ask.resume(Err(StoreFailed), now),
///         StoreQuestion::List(ask) => ask.resume(Err(StoreFailed), now),
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "ask the store, then call resume with its answer"]
#[expect(clippy::exhaustive_enums, reason = "a new question must not compile until every host asks it")]
pub enum StoreQuestion<A = Action> {
    /// Read a session.
    Load(Ask<LoadSession, Loaded, A>),
    /// Insert a session.
    Begin(Ask<BeginSession, Begun, A>),
    /// Replace a session.
    Replace(Ask<ReplaceSession, Replaced, A>),
    /// End sessions. The answer is the number of rows that were deleted.
    End(Ask<EndSessions, u64, A>),
    /// List the sessions of a user.
    List(Ask<ListSessions, Listed, A>),
}

/// A question of type `Q` that is answered with an `R`, and the flow that continues with an `A`.
#[must_use = "ask the store, then call resume with its answer"]
pub struct Ask<Q, R, A> {
    question: Q,
    rest: Rest<Result<R, StoreFailed>, A>,
}

impl<Q, R, A> Ask<Q, R, A> {
    /// Returns the question.
    pub fn question(&self) -> &Q {
        &self.question
    }

    /// Continues the flow with the answer.
    pub fn resume(self, answer: Result<R, StoreFailed>, now: UnixTime) -> A {
        (self.rest.0)(answer, now)
    }
}

impl<Q: fmt::Debug, R, A> fmt::Debug for Ask<Q, R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.question.fmt(f)
    }
}

/// The reading of a session for a guard or a handler: done, or waiting for an answer first.
///
/// ```
/// use aura_proto::{Reading, SessionDecision, UnixTime};
///
/// // A host that lets every session go on, and has no store.
/// fn read<T>(mut reading: Reading<T>, now: UnixTime) -> Option<T> {
///     loop {
///         reading = match reading {
///             Reading::Done(found) => return Some(found),
///             Reading::Check(question) => question.pending.resume(SessionDecision::Continue, now),
///             Reading::Store(_) => return None,
///         };
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "a reading tells nothing until it is done"]
#[expect(clippy::exhaustive_enums, reason = "a new question must not compile until every host asks it")]
pub enum Reading<T> {
    /// What was found.
    Done(T),
    /// Let the application decide whether the session goes on, where the configuration asks for [checks of
    /// sessions](crate::Builder::check_sessions).
    Check(CheckSession<Self>),
    /// Ask the store, where the policy keeps sessions in one.
    Store(StoreQuestion<Self>),
}

/// How far a flow has come, with the questions that an `A` continues.
pub(crate) enum Waiting<T, A> {
    Done(T),
    Fetch(Exchange, Suspended<Exchange, T>),
    Admit(Candidate, Suspended<Candidate, T>),
    Check(CheckSession<A>),
    Store(StoreQuestion<A>),
    Count(Ask<CountRequest, Counted, A>),
}

impl<T: Ending + 'static, A: From<Step<T>> + 'static> Waiting<T, A> {
    pub(crate) fn of(step: Step<T>) -> Self {
        use StoreQuestion::{Begin, End, List, Load, Replace};
        match step {
            Step::Done(end) => Self::Done(end),
            Step::Fetch(exchange, flow) => Self::Fetch(exchange, flow),
            Step::Admit(candidate, flow) => Self::Admit(candidate, flow),
            Step::Check(SessionCheck(session), flow) => {
                Self::Check(CheckSession { session, pending: PendingCheck(Rest::of(flow)) })
            }
            Step::Load(question, flow) => Self::Store(Load(Ask { question, rest: Rest::of(flow) })),
            Step::Begin(question, flow) => Self::Store(Begin(Ask { question, rest: Rest::of(flow) })),
            Step::Replace(question, flow) => Self::Store(Replace(Ask { question, rest: Rest::of(flow) })),
            Step::End(question, flow) => Self::Store(End(Ask { question, rest: Rest::of(flow) })),
            Step::List(question, flow) => Self::Store(List(Ask { question, rest: Rest::of(flow) })),
            Step::Count(question, flow) => Self::Count(Ask { question, rest: Rest::of(flow) }),
        }
    }
}

impl<T: Ending + 'static> From<Step<T>> for Reading<T> {
    fn from(step: Step<T>) -> Self {
        match Waiting::of(step) {
            Waiting::Done(found) => Self::Done(found),
            Waiting::Check(question) => Self::Check(question),
            Waiting::Store(question) => Self::Store(question),
            // A reading asks no provider, admits nobody, and is not limited.
            Waiting::Fetch(..) | Waiting::Admit(..) | Waiting::Count(_) => {
                Self::Done(T::ended(HostError::Unreachable))
            }
        }
    }
}
