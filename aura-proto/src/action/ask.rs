//! Questions beside fetches: to the application about a session, and to the stores of sessions and of counts.

use super::{Action, Fetch, arrived, unread};
use crate::admission::Candidate;
use crate::error::{FetchError, HostError};
use crate::flow::io::{Ending, Exchange, Keep, Question, RunToEnd, SessionCheck, Step, Suspended};
use crate::limits::{CountRequest, Counted};
use crate::purpose::Purpose;
use crate::session::{Session, SessionDecision};
use crate::stored::questions::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession, Replaced,
    StoreFailed,
};
use aura_types::UnixTime;
use bytes::Bytes;
use http::Response;
use std::fmt;
use std::time::Duration;

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
    question: Box<Q>,
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

/// A flow that continues without an answer.
///
/// ```
/// use aura_proto::{GoOn, UnixTime};
/// use std::time::Duration;
///
/// // What a host that blocks makes of a pause.
/// fn pause<A>(length: Duration, rest: GoOn<A>, now: impl Fn() -> UnixTime) -> A {
///     std::thread::sleep(length);
///     rest.resume(now())
/// }
/// ```
#[must_use = "call resume, or the flow is abandoned"]
pub struct GoOn<A = Action>(Rest<(), A>);

impl<A> GoOn<A> {
    /// Continues the flow, with the time that it is then.
    pub fn resume(self, now: UnixTime) -> A {
        (self.0.0)((), now)
    }
}

impl<A> fmt::Debug for GoOn<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GoOn(..)")
    }
}

/// A reading that waits for the outcome of a fetch, as [`Pending`](super::Pending) waits in the flow of a request.
#[must_use = "dropping this abandons the reading"]
pub struct PendingReading<T> {
    rest: Rest<Result<Response<Bytes>, FetchError>, Reading<T>>,
    purpose: Purpose,
    keep: Keep,
}

impl<T> PendingReading<T> {
    /// Tells whether an answer may be cached; see [`Pending::keeps`](super::Pending::keeps).
    pub fn keeps(&self, response: &Response<Bytes>) -> bool {
        unread(response).is_none() && self.keep.keeps(response)
    }

    /// Continues the reading with the provider's answer, whatever its status, or with the reason why there is none.
    pub fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Reading<T> {
        (self.rest.0)(arrived(self.purpose, outcome), now)
    }
}

impl<T> fmt::Debug for PendingReading<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PendingReading(Expect{:?})", self.purpose)
    }
}

/// The reading of a session, or of the tokens of its user, for a guard or a handler: done, or waiting for an answer first.
///
/// ```
/// use aura_proto::{Reading, SessionDecision, UnixTime};
///
/// // A host that lets every session go on, has no store, and asks no provider.
/// fn read<T>(mut reading: Reading<T>, now: UnixTime) -> Option<T> {
///     loop {
///         reading = match reading {
///             Reading::Done(found) => return Some(found),
///             Reading::Check(question) => question.pending.resume(SessionDecision::Continue, now),
///             Reading::Store(_) | Reading::Fetch(..) => return None,
///             Reading::Pause(_, rest) | Reading::RunToEnd(rest) => rest.resume(now),
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
    /// Ask a provider, to refresh the tokens that it granted.
    Fetch(Purpose, Box<Fetch<PendingReading<T>>>),
    /// Wait this long, and continue.
    Pause(Duration, GoOn<Self>),
    /// Continue at once, and to the end even if nobody waits for it any more; see [`Action::RunToEnd`].
    RunToEnd(GoOn<Self>),
}

/// How far a flow has come, with the questions that an `A` continues.
pub(crate) enum Waiting<T, A> {
    Done(T),
    Fetch(Box<Exchange>, Suspended<Exchange, T>),
    Admit(Box<Candidate>, Suspended<Candidate, T>),
    Check(CheckSession<A>),
    Store(StoreQuestion<A>),
    Pause(Duration, GoOn<A>),
    RunToEnd(GoOn<A>),
    Count(Ask<CountRequest, Counted, A>),
}

impl<T: Ending + 'static, A: From<Step<T>> + 'static> Waiting<T, A> {
    pub(crate) fn of(step: Step<T>) -> Self {
        use StoreQuestion::{Begin, End, List, Load, Replace};
        match step {
            Step::Done(end) => Self::Done(end),
            Step::Fetch(exchange, flow) => Self::Fetch(exchange, flow),
            Step::Admit(candidate, flow) => Self::Admit(candidate, flow),
            Step::Check(check, flow) => {
                let SessionCheck(session) = *check;
                Self::Check(CheckSession { session, pending: PendingCheck(Rest::of(flow)) })
            }
            Step::Load(question, flow) => Self::Store(Load(Ask { question, rest: Rest::of(flow) })),
            Step::Begin(question, flow) => Self::Store(Begin(Ask { question, rest: Rest::of(flow) })),
            Step::Replace(question, flow) => Self::Store(Replace(Ask { question, rest: Rest::of(flow) })),
            Step::End(question, flow) => Self::Store(End(Ask { question, rest: Rest::of(flow) })),
            Step::List(question, flow) => Self::Store(List(Ask { question, rest: Rest::of(flow) })),
            Step::Pause(pause, flow) => Self::Pause(pause.0, GoOn(Rest::of(flow))),
            Step::RunToEnd(question, flow) => {
                // Every question is read, so that none is asked for nothing.
                let RunToEnd = *question;
                Self::RunToEnd(GoOn(Rest::of(flow)))
            }
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
            Waiting::Fetch(exchange, flow) => {
                let (purpose, rest) = (exchange.purpose, Rest::of(flow));
                Self::Fetch(
                    purpose,
                    Box::new(Fetch::of(*exchange, |keep| PendingReading { rest, purpose, keep })),
                )
            }
            Waiting::Pause(length, rest) => Self::Pause(length, rest),
            Waiting::RunToEnd(rest) => Self::RunToEnd(rest),
            // A reading admits nobody, and is not limited.
            Waiting::Admit(..) | Waiting::Count(_) => Self::Done(T::ended(HostError::Unreachable)),
        }
    }
}
