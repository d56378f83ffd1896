//! The engine of the flows: a flow is a future that awaits nothing but its own questions.
//!
//! The compiler writes the state machine. A flow calls [`Io::ask`], which puts a question into a slot and suspends. The
//! engine takes the question out and hands it to the host together with the suspended flow. [`Suspended::resume`] puts
//! the answer into the slot and polls the flow once more. There is no runtime and no waker: a flow makes progress in
//! `resume` alone, so equal inputs give equal questions.
//!
//! Why a slot with a lock, and not a channel: the flow and the engine share one value, and a flow must be `Send`. The
//! lock is held for a `take` or a store, never over a poll, so it is never contended. It is the only lock of the core.

use crate::admission::{Admission, Candidate};
use crate::error::{FetchError, HostError};
use crate::limits::{CountRequest, Counted};
use crate::provider::CheckedProvider;
use crate::purpose::Purpose;
use crate::response::{Reply, Respond};
use crate::session::{Session, SessionDecision};
use crate::stored::questions::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession, Replaced,
    StoreFailed,
};
use aura_types::UnixTime;
use bytes::Bytes;
use http::{Request, Response};
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How long a published configuration, and published keys, serve.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(3600);

/// How long one exchange with a provider may take, from connecting to the last byte.
pub(crate) const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// What a flow asks its host.
pub(crate) trait Question: Sized {
    /// The host's answer.
    type Answer;
    /// Puts the question into the form of the slot.
    fn asked(self) -> Asked;
    /// Puts an answer into the form of the slot.
    fn given(answer: Self::Answer) -> Given;
    /// Takes the answer out of the slot's form; `None` if it answers another question.
    fn answer(given: Given) -> Option<Self::Answer>;
}

/// Declares the questions, by a row each: `Type => Variant(Answer)`.
macro_rules! questions {
    ($($(#[$doc:meta])* $question:ty => $variant:ident($answer:ty),)+) => {
        /// Any question. It is in a box, so that the types in which answers are moved are not as long as the longest question.
        pub(crate) enum Asked {
            $($variant(Box<$question>),)+
        }

        /// Any answer.
        pub(crate) enum Given {
            $($variant($answer),)+
        }

        /// How far a flow has come.
        pub(crate) enum Step<T = Reply> {
            /// It has ended.
            Done(T),
            $($(#[$doc])* $variant(Box<$question>, Suspended<$question, T>),)+
        }

        $(impl Question for $question {
            type Answer = $answer;

            fn asked(self) -> Asked {
                Asked::$variant(Box::new(self))
            }

            fn given(answer: $answer) -> Given {
                Given::$variant(answer)
            }

            fn answer(given: Given) -> Option<$answer> {
                if let Given::$variant(answer) = given { Some(answer) } else { None }
            }
        })+

        impl<T> Step<T> {
            fn waiting(asked: Asked, flow: Flow<T>, io: Io) -> Self {
                match asked {
                    $(Asked::$variant(question) => Self::$variant(question, Suspended::new(flow, io)),)+
                }
            }
        }
    };
}

questions! {
    /// It waits for an exchange.
    Exchange => Fetch(Result<Response<Bytes>, FetchError>),
    /// It waits for the application.
    Candidate => Admit(Admission),
    /// It waits for the application's check of a session.
    SessionCheck => Check(SessionDecision),
    /// It waits for a stored session.
    LoadSession => Load(Result<Loaded, StoreFailed>),
    /// It waits for a session to be stored.
    BeginSession => Begin(Result<Begun, StoreFailed>),
    /// It waits for a stored session to be replaced.
    ReplaceSession => Replace(Result<Replaced, StoreFailed>),
    /// It waits for sessions to be ended.
    EndSessions => End(Result<u64, StoreFailed>),
    /// It waits for the sessions of a user.
    ListSessions => List(Result<Listed, StoreFailed>),
    /// It waits for time to pass.
    Pause => Pause(()),
    /// It must not be abandoned from here on.
    RunToEnd => RunToEnd(()),
    /// It waits for a request to be counted.
    CountRequest => Count(Result<Counted, StoreFailed>),
}

/// A wait of this length.
pub(crate) struct Pause(pub(crate) Duration);

/// The rest of a flow, which is carried out even if nobody waits for its end.
pub(crate) struct RunToEnd;

/// Whether a session goes on.
pub(crate) struct SessionCheck(pub(crate) Session);

/// One HTTP exchange with a provider.
pub(crate) struct Exchange {
    pub(crate) purpose: Purpose,
    pub(crate) request: Request<Bytes>,
    pub(crate) caching: Caching,
    pub(crate) keep: Keep,
}

/// Whether a cached answer to the same request may be used. The host keeps the cache, and the core sets the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caching {
    /// Always perform the request, and keep no answer.
    Never,
    /// Use a cached answer up to this age. A host without a cache performs the request.
    Reuse {
        /// How old it may be.
        max_age: Duration,
    },
    /// Perform the request, and replace the cached answer, which lacks the key that a token names. Use the cached answer if it
    /// was already replaced a few times within [`Caching::COOL_DOWN`], so that forged tokens cannot make this site flood a
    /// provider.
    Revalidate,
}

impl Caching {
    /// The interval within which [`Caching::Revalidate`] may replace a cached answer only a few times. Forged tokens then cannot
    /// flood the provider, and a key that was rotated recently is still found.
    ///
    /// ```
    /// assert_eq!(aura_proto::Caching::COOL_DOWN.as_secs(), 60);
    /// ```
    pub const COOL_DOWN: Duration = Duration::from_secs(60);
}

/// Which answers may be cached. The host asks before the flow has read the answer.
#[derive(Clone, Debug)]
pub(crate) enum Keep {
    Never,
    /// A configuration that this provider may publish.
    Discovery(Arc<CheckedProvider>),
    /// A set of keys.
    Keys,
}

/// A flow's handle on its slot.
pub(crate) struct Io(Arc<Mutex<Slot>>);

struct Slot {
    now: UnixTime,
    content: Content,
}

enum Content {
    Empty,
    Asked(Asked),
    Given(Given),
}

impl Io {
    /// Returns the time of the request, or of the latest answer. Call it again after each `await`.
    pub(crate) fn now(&self) -> UnixTime {
        self.slot().now
    }

    /// Asks the host. The first poll asks, the second returns the answer.
    ///
    /// # Errors
    /// [`HostError::Unreachable`], if another question is pending, or the answer is missing or of another type.
    pub(crate) fn ask<Q: Question>(
        &self,
        question: Q,
    ) -> impl Future<Output = Result<Q::Answer, HostError>> + use<'_, Q> {
        let mut asked = Some(question.asked());
        poll_fn(move |_| match asked.take() {
            Some(asked) => self.put(asked),
            None => Poll::Ready(self.take_answer().and_then(Q::answer).ok_or(HostError::Unreachable)),
        })
    }

    fn put<T>(&self, asked: Asked) -> Poll<Result<T, HostError>> {
        let mut slot = self.slot();
        match slot.content {
            Content::Empty => {
                slot.content = Content::Asked(asked);
                Poll::Pending
            }
            Content::Asked(_) | Content::Given(_) => Poll::Ready(Err(HostError::Unreachable)),
        }
    }

    fn take_answer(&self) -> Option<Given> {
        let mut slot = self.slot();
        match std::mem::replace(&mut slot.content, Content::Empty) {
            Content::Given(given) => Some(given),
            other @ (Content::Empty | Content::Asked(_)) => {
                slot.content = other;
                None
            }
        }
    }

    fn take_question(&self) -> Option<Asked> {
        match std::mem::replace(&mut self.slot().content, Content::Empty) {
            Content::Asked(asked) => Some(asked),
            Content::Empty | Content::Given(_) => None,
        }
    }

    /// Locks the slot. No flow runs while the lock is held, so a poisoned lock still guards a consistent slot.
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a flow ends in: the answer to a request, or what a guard reads of one.
pub(crate) trait Ending: Sized {
    /// Ends a flow that cannot go on.
    fn ended(error: HostError) -> Self;
}

impl Ending for Reply {
    fn ended(error: HostError) -> Self {
        Respond::refusal(error).into()
    }
}

type Flow<T> = Pin<Box<dyn Future<Output = T> + Send + Sync>>;

/// A flow that waits for the answer to its question.
pub(crate) struct Suspended<Q, T = Reply> {
    flow: Flow<T>,
    io: Io,
    question: PhantomData<fn() -> Q>,
}

/// Starts a flow, and runs it to its first question or its end.
pub(crate) fn start<F>(now: UnixTime, flow: impl FnOnce(Io) -> F) -> Step<F::Output>
where
    F: Future<Output: Ending> + Send + Sync + 'static,
{
    let io = Io(Arc::new(Mutex::new(Slot { now, content: Content::Empty })));
    step(Box::pin(flow(Io(Arc::clone(&io.0)))), io)
}

/// Puts a part of a flow that is rare into a box of its own, so that the flow itself stays small.
pub(crate) fn boxed<F: Future>(part: F) -> Pin<Box<F>> {
    Box::pin(part)
}

impl<Q: Question, T: Ending> Suspended<Q, T> {
    /// Answers the question, and runs the flow to its next question or its end.
    pub(crate) fn resume(self, answer: Q::Answer, now: UnixTime) -> Step<T> {
        *self.io.slot() = Slot { now, content: Content::Given(Q::given(answer)) };
        step(self.flow, self.io)
    }
}

impl<Q, T> Suspended<Q, T> {
    fn new(flow: Flow<T>, io: Io) -> Self {
        Self { flow, io, question: PhantomData }
    }
}

fn step<T: Ending>(mut flow: Flow<T>, io: Io) -> Step<T> {
    match flow.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(end) => Step::Done(end),
        Poll::Pending => match io.take_question() {
            Some(asked) => Step::waiting(asked, flow, io),
            // The flow awaits something that no host can answer.
            None => Step::Done(T::ended(HostError::Unreachable)),
        },
    }
}

#[cfg(test)]
#[path = "io_tests.rs"]
mod tests;
