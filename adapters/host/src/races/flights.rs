//! Requests for one answer of a provider: one exchange at a time, an answer for everybody, and nobody who waits for ever.

use super::explore::{fails, holds, holds_always};
use crate::threads::sync::Mutex;
use crate::threads::thread::{self, Thread};
use crate::{FetchCache, Outcome, Turn, Wait};
use aura_proto::{Caching, FetchError, UnixTime};
use bytes::Bytes;
use http::{Request, Response};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;

const HOUR: Caching = Caching::Reuse { max_age: Duration::from_secs(3600) };
const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);
/// Never waited for: the scheduler has no time.
const LONG: Duration = Duration::from_secs(3600);

/// What merges requests for one answer.
trait Merging: Default + Send + Sync + 'static {
    /// Returns the answer, by an exchange or without one. Who performs it may give up, and then gets none.
    fn fetch(&self, exchange: &dyn Fn() -> Option<Outcome>) -> Option<Outcome>;
}

/// The exchanges of a story. The numbers are no steps of it: the scheduler does not know them.
#[derive(Default)]
struct Exchanges {
    under_way: AtomicUsize,
    begun: AtomicUsize,
}

impl Exchanges {
    fn perform(&self, outcome: Option<Outcome>) -> Option<Outcome> {
        assert_eq!(self.under_way.fetch_add(1, SeqCst), 0, "two exchanges at once");
        self.begun.fetch_add(1, SeqCst);
        thread::yield_now();
        self.under_way.fetch_sub(1, SeqCst);
        outcome
    }

    /// How many exchanges began.
    fn count(&self) -> usize {
        self.begun.load(SeqCst)
    }
}

fn request() -> Request<Bytes> {
    Request::get("https://provider.test/jwks").body(Bytes::new()).unwrap()
}

fn keys() -> Outcome {
    Ok(Response::new("{\"keys\":[]}".into()))
}

fn failure() -> Outcome {
    Err(FetchError::TimedOut)
}

fn is_same(one: &Outcome, other: &Outcome) -> bool {
    let of = |outcome: &Outcome| outcome.as_ref().map(|answer| answer.body().clone()).map_err(|error| *error);
    of(one) == of(other)
}

/// Runs something on several threads at once.
fn at_once<T: Send>(threads: usize, what: impl Fn(usize) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let what = &what;
        let doing: Vec<_> = (0..threads).map(|number| scope.spawn(move || what(number))).collect();
        doing.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// Everybody gets the outcome of the one exchange.
fn one_exchange<M: Merging>(threads: usize, make: impl Fn() -> M, outcome: fn() -> Outcome) {
    let (merging, exchanges) = (make(), Exchanges::default());
    let answers = at_once(threads, |_| merging.fetch(&|| exchanges.perform(Some(outcome()))));
    assert!(
        answers.iter().flatten().filter(|answer| is_same(answer, &outcome())).count() == threads,
        "an answer"
    );
    assert_eq!(exchanges.count(), 1, "how many exchanges there were");
}

/// Whoever performs the exchange first gives up. The others get an answer by a second one.
fn one_gives_up<M: Merging>(threads: usize, make: impl Fn() -> M) {
    let (merging, exchanges) = (make(), Exchanges::default());
    let perform = || {
        let is_first = exchanges.count() == 0;
        exchanges.perform((!is_first).then(keys))
    };
    let answers = at_once(threads, |_| merging.fetch(&perform));
    assert_eq!(answers.iter().flatten().count(), threads - 1, "how many got an answer");
    assert_eq!(exchanges.count(), 2, "how many exchanges there were");
}

/// Threads that block. A thread that is parked may wake at any time, so that there is no last schedule.
#[derive(Default)]
struct Blocking(FetchCache);

/// Threads each of which awaits a future.
#[derive(Default)]
struct Awaiting(FetchCache);

impl Merging for Blocking {
    fn fetch(&self, exchange: &dyn Fn() -> Option<Outcome>) -> Option<Outcome> {
        fetch(&self.0, exchange, |wait| wait.block(LONG).unwrap())
    }
}

impl Merging for Awaiting {
    fn fetch(&self, exchange: &dyn Fn() -> Option<Outcome>) -> Option<Outcome> {
        fetch(&self.0, exchange, shuttle::future::block_on)
    }
}

fn fetch(
    cache: &FetchCache,
    exchange: &dyn Fn() -> Option<Outcome>,
    await_turn: fn(Wait) -> Turn,
) -> Option<Outcome> {
    let mut turn = cache.ask(&request(), HOUR, NOW);
    loop {
        match turn {
            Turn::Answered(outcome) => return Some(outcome),
            // Dropping the lead passes it on.
            Turn::Lead(lead) => {
                let outcome = exchange()?;
                lead.finish(&outcome, outcome.is_ok(), NOW);
                return Some(outcome);
            }
            Turn::Wait(wait) => turn = await_turn(wait),
        }
    }
}

/// A mistake of what merges requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// An exchange is looked for, and noted, under two locks.
    NotesApart,
    /// The exchange is forgotten before its answer is kept.
    ForgetsBeforeItKeeps,
    /// Who waits is noted after the lock under which the answer was missing.
    WaitsUnseen,
    /// Who gives up wakes nobody.
    LeavesSilently,
}

/// One answer, requests for which are merged.
#[derive(Default)]
struct Plain {
    mistake: Option<Mistake>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<Outcome>,
    is_led: bool,
    waiting: Vec<Thread>,
}

impl Plain {
    fn with(mistake: Option<Mistake>) -> Self {
        Self { mistake, ..Self::default() }
    }
}

impl Merging for Plain {
    fn fetch(&self, exchange: &dyn Fn() -> Option<Outcome>) -> Option<Outcome> {
        let makes = |mistake| self.mistake == Some(mistake);
        let lock = || self.state.lock().unwrap();
        loop {
            let mut state = lock();
            if let Some(answer) = &state.answer {
                return Some(answer.clone());
            }
            if state.is_led {
                if makes(Mistake::WaitsUnseen) {
                    drop(state);
                    state = lock();
                }
                state.waiting.push(thread::current());
                drop(state);
                thread::park();
                continue;
            }
            if makes(Mistake::NotesApart) {
                drop(state);
                state = lock();
            }
            state.is_led = true;
            drop(state);
            let answer = exchange();
            let mut state = lock();
            state.is_led = false;
            if makes(Mistake::ForgetsBeforeItKeeps) {
                drop(state);
                state = lock();
            }
            state.answer.clone_from(&answer);
            let waiting = mem::take(&mut state.waiting);
            drop(state);
            if answer.is_some() || !makes(Mistake::LeavesSilently) {
                waiting.iter().for_each(Thread::unpark);
            }
            return answer;
        }
    }
}

#[test]
fn requests_at_once_make_one_exchange_and_all_get_its_answer() {
    holds_always("two that await", || one_exchange(2, Awaiting::default, keys));
    holds("five that await", || one_exchange(5, Awaiting::default, keys));
    holds("two that block", || one_exchange(2, Blocking::default, keys));
    holds("five that block", || one_exchange(5, Blocking::default, keys));
    holds("plain", || one_exchange(2, || Plain::with(None), keys));
    for (mistake, words) in [
        (Mistake::NotesApart, "how many exchanges there were"),
        (Mistake::ForgetsBeforeItKeeps, "how many exchanges there were"),
        (Mistake::WaitsUnseen, "deadlock"),
    ] {
        fails(&format!("{mistake:?}"), words, move || one_exchange(2, || Plain::with(Some(mistake)), keys));
    }
}

#[test]
fn requests_at_once_get_the_failure_of_one_exchange() {
    holds("two that await", || one_exchange(2, Awaiting::default, failure));
    holds("four that block", || one_exchange(4, Blocking::default, failure));
}

#[test]
fn a_leader_that_gives_up_leaves_nobody_waiting() {
    holds_always("two that await", || one_gives_up(2, Awaiting::default));
    holds("four that await", || one_gives_up(4, Awaiting::default));
    holds("four that block", || one_gives_up(4, Blocking::default));
    holds("plain", || one_gives_up(2, || Plain::with(None)));
    fails("leaves silently", "deadlock", || one_gives_up(2, || Plain::with(Some(Mistake::LeavesSilently))));
}

/// A client that hangs up drops the future that waits, at any time.
#[test]
fn a_request_that_is_dropped_leaves_no_other_waiting() {
    let story = |others: usize| {
        let (cache, exchanges) = (FetchCache::default(), Arc::new(Exchanges::default()));
        let fetch = || {
            let (cache, exchanges) = (cache.clone(), Arc::clone(&exchanges));
            async move {
                let mut turn = cache.ask(&request(), HOUR, NOW);
                loop {
                    match turn {
                        Turn::Answered(outcome) => return outcome,
                        Turn::Lead(lead) => {
                            exchanges.perform(None);
                            // The lead is dropped where the task is aborted here.
                            shuttle::future::yield_now().await;
                            lead.finish(&keys(), true, NOW);
                            return keys();
                        }
                        Turn::Wait(wait) => turn = wait.await,
                    }
                }
            }
        };
        let dropped = shuttle::future::spawn(fetch());
        let others: Vec<_> = (0..others).map(|_| shuttle::future::spawn(fetch())).collect();
        dropped.abort();
        for other in others {
            assert!(shuttle::future::block_on(other).unwrap().is_ok(), "an answer");
        }
        // Two requests make no more than two of themselves.
        assert!((1..=2).contains(&exchanges.count()), "how many exchanges there were");
    };
    holds("one other", move || story(1));
    holds("two others", move || story(2));
    holds("three others", move || story(3));
}

/// Waits, and tells so once it does.
struct Told<'a>(Wait, &'a AtomicUsize);

impl Future for Told<'_> {
    type Output = Turn;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Turn> {
        let turn = Pin::new(&mut self.0).poll(context);
        self.1.fetch_add(1, SeqCst);
        turn
    }
}

/// The client that is to take over hangs up after it was woken, before it runs.
#[test]
fn a_lead_that_a_dropped_request_was_to_take_over_passes_to_the_next() {
    let story = || {
        let cache = FetchCache::default();
        let Turn::Lead(lead) = cache.ask(&request(), HOUR, NOW) else { panic!("nobody asked before") };
        let polls = Arc::new(AtomicUsize::new(0));
        let wait = |wait: Wait| {
            let polls = Arc::clone(&polls);
            shuttle::future::spawn(async move {
                match Told(wait, &polls).await {
                    Turn::Lead(lead) => lead.finish(&keys(), true, NOW),
                    Turn::Answered(outcome) => assert!(outcome.is_ok()),
                    Turn::Wait(_) => panic!("it waits again"),
                }
            })
        };
        let mut waiting = [(); 2].map(|()| {
            let Turn::Wait(waiting) = cache.ask(&request(), HOUR, NOW) else {
                panic!("the exchange is under way")
            };
            Some(wait(waiting))
        });
        drop(lead);
        let [first, second] = &mut waiting;
        first.take().unwrap().abort();
        shuttle::future::block_on(second.take().unwrap()).unwrap();
        assert!(matches!(cache.ask(&request(), HOUR, NOW), Turn::Answered(Ok(_))), "an answer");
    };
    holds("one is dropped", story);
}

#[test]
fn an_answer_is_read_again_twice_a_minute_at_most_by_one_at_a_time() {
    let story = |threads| {
        let cache = FetchCache::default();
        let Turn::Lead(lead) = cache.ask(&request(), HOUR, NOW) else { panic!("nobody asked before") };
        lead.finish(&keys(), true, NOW);
        let exchanges = Exchanges::default();
        let answers = at_once(threads, |_| {
            let mut turn = cache.ask(&request(), Caching::Revalidate, NOW);
            loop {
                match turn {
                    Turn::Answered(outcome) => return outcome.is_ok(),
                    Turn::Lead(lead) => {
                        exchanges.perform(None);
                        lead.finish(&keys(), true, NOW);
                        return true;
                    }
                    Turn::Wait(wait) => turn = shuttle::future::block_on(wait),
                }
            }
        });
        assert_eq!(answers, vec![true; threads], "an answer");
        // Two requests make no more than two of themselves.
        assert!((1..=2).contains(&exchanges.count()), "how many exchanges there were");
    };
    holds_always("two requests", move || story(2));
    holds("four requests", move || story(4));
}
