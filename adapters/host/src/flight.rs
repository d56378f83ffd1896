//! Concurrent requests for one answer of a provider, merged: the first asks, and the others wait for its answer.

use crate::cache::Store;
use aura_proto::{Caching, FetchError, UnixTime};
use bytes::Bytes;
use http::{Method, Request, Response};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// What an exchange with a provider brought.
pub type Outcome = Result<Response<Bytes>, FetchError>;

/// The answers of providers that serve again, and the exchanges under way that bring more. Clones share both.
///
/// It knows neither clock nor runtime, so that hosts that await and hosts that block share it:
/// ```
/// use aura_host::{FetchCache, Turn};
/// use aura_proto::{Caching, UnixTime};
/// use std::time::Duration;
///
/// let cache = FetchCache::default();
/// let (caching, now) = (Caching::Reuse { max_age: Duration::from_secs(60) }, UnixTime::from_secs(1_790_000_000));
/// let request = http::Request::get("https://provider.test/jwks").body(bytes::Bytes::new())?;
///
/// let Turn::Lead(lead) = cache.ask(&request, caching, now) else { unreachable!() };
/// assert!(matches!(cache.ask(&request, caching, now), Turn::Wait(_)));
/// lead.finish(&Ok(http::Response::new("{}".into())), true, now);
/// assert!(matches!(cache.ask(&request, caching, now), Turn::Answered(Ok(_))));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct FetchCache(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    store: Store,
    /// By URL. They live as long as somebody leads or waits.
    flights: HashMap<String, Weak<Flight>>,
}

/// An exchange under way that many wait for.
struct Flight {
    url: String,
    status: Mutex<Status>,
}

struct Status {
    stage: Stage,
    waiting: BTreeMap<u64, Waker>,
    next: u64,
}

enum Stage {
    /// Somebody performs the exchange.
    Led,
    /// Whoever performed it went away: the next one that looks takes over.
    Abandoned,
    Landed(Outcome),
}

/// What is to be done for an answer.
#[derive(Debug)]
#[must_use = "a lead that is dropped leaves the exchange to somebody who waits"]
#[expect(clippy::exhaustive_enums, reason = "a host must carry out every one")]
pub enum Turn {
    /// Nothing: this is what the exchange brought.
    Answered(Outcome),
    /// Perform the exchange, then tell the others.
    Lead(Lead),
    /// Wait for somebody who performs it.
    Wait(Wait),
}

/// The duty to perform an exchange. Dropping it passes it on.
///
/// ```
/// # use aura_host::{FetchCache, Turn};
/// # use std::time::Duration;
/// # let now = aura_proto::UnixTime::from_secs(1_790_000_000);
/// # let caching = aura_proto::Caching::Reuse { max_age: Duration::from_secs(60) };
/// # let request = http::Request::get("https://provider.test/jwks").body(bytes::Bytes::new())?;
/// let cache = FetchCache::default();
/// let Turn::Lead(lead) = cache.ask(&request, caching, now) else { unreachable!() };
/// let Turn::Wait(wait) = cache.ask(&request, caching, now) else { unreachable!() };
/// drop(lead);
/// assert!(matches!(wait.block(Duration::ZERO), Some(Turn::Lead(_))));
/// # Ok::<(), http::Error>(())
/// ```
#[must_use = "perform the exchange, then call finish with what came back"]
pub struct Lead {
    /// Absent where nobody else may use the answer.
    shared: Option<(FetchCache, Arc<Flight>)>,
}

/// Waits for what somebody else's exchange brings, or for the duty to perform it. A future that needs no runtime.
#[must_use = "await it, or block on it"]
pub struct Wait {
    cache: FetchCache,
    flight: Arc<Flight>,
    id: u64,
}

impl FetchCache {
    /// Says what is to be done for the answer to a request. Answers serve again only where they are asked for by `GET`.
    ///
    /// ```
    /// use aura_host::{FetchCache, Turn};
    /// let request = http::Request::post("https://provider.test/token").body(bytes::Bytes::new())?;
    /// let now = aura_proto::UnixTime::from_secs(1_790_000_000);
    /// let turn = FetchCache::default().ask(&request, aura_proto::Caching::Never, now);
    /// assert!(matches!(turn, Turn::Lead(_)));
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn ask(&self, request: &Request<Bytes>, caching: Caching, now: UnixTime) -> Turn {
        let is_shared = match caching {
            Caching::Reuse { .. } | Caching::Revalidate => request.method() == Method::GET,
            Caching::Never | _ => false,
        };
        if !is_shared {
            return Turn::Lead(Lead { shared: None });
        }
        let url = request.uri().to_string();
        let mut state = lock(&self.0);
        if let Some(outcome) = state.store.get(&url, caching, now) {
            return Turn::Answered(outcome);
        }
        state.flights.retain(|_, flight| flight.strong_count() > 0);
        if let Some(flight) = state.flights.get(&url).and_then(Weak::upgrade) {
            let id = flight.number();
            return Turn::Wait(Wait { cache: self.clone(), flight, id });
        }
        if caching == Caching::Revalidate {
            state.store.reread(&url, now);
        }
        let status = Status { stage: Stage::Led, waiting: BTreeMap::new(), next: 0 };
        let flight = Arc::new(Flight { url: url.clone(), status: Mutex::new(status) });
        state.flights.insert(url, Arc::downgrade(&flight));
        Turn::Lead(Lead { shared: Some((self.clone(), flight)) })
    }
}

impl Flight {
    /// Numbers those who wait.
    fn number(&self) -> u64 {
        let mut status = lock(&self.status);
        status.next = status.next.wrapping_add(1);
        status.next
    }

    /// Goes on to another stage, and wakes everybody to see it.
    fn enter(&self, stage: Stage) {
        let mut status = lock(&self.status);
        status.stage = stage;
        let waiting = mem::take(&mut status.waiting);
        drop(status);
        waiting.into_values().for_each(Waker::wake);
    }
}

impl Lead {
    /// Tells everybody who waits what the exchange brought, and keeps an answer that serves again, or for seconds a failure.
    pub fn finish(mut self, outcome: &Outcome, keeps: bool, now: UnixTime) {
        let Some((cache, flight)) = self.shared.take() else { return };
        let mut state = lock(&cache.0);
        state.store.put(&flight.url, outcome, keeps, now);
        state.flights.remove(&flight.url);
        drop(state);
        flight.enter(Stage::Landed(outcome.clone()));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if let Some((_, flight)) = self.shared.take() {
            flight.enter(Stage::Abandoned);
        }
    }
}

impl Future for Wait {
    type Output = Turn;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Turn> {
        let mut status = lock(&self.flight.status);
        match &status.stage {
            Stage::Led => {
                status.waiting.insert(self.id, context.waker().clone());
                Poll::Pending
            }
            Stage::Abandoned => {
                status.stage = Stage::Led;
                Poll::Ready(Turn::Lead(Lead { shared: Some((self.cache.clone(), Arc::clone(&self.flight))) }))
            }
            Stage::Landed(outcome) => Poll::Ready(Turn::Answered(outcome.clone())),
        }
    }
}

impl Wait {
    /// Blocks the thread for a while at most; nothing is returned where that was not enough.
    ///
    /// ```
    /// # use aura_host::{FetchCache, Turn};
    /// # use std::time::Duration;
    /// # let now = aura_proto::UnixTime::from_secs(1_790_000_000);
    /// # let caching = aura_proto::Caching::Reuse { max_age: Duration::from_secs(60) };
    /// # let request = http::Request::get("https://provider.test/jwks").body(bytes::Bytes::new())?;
    /// let cache = FetchCache::default();
    /// let Turn::Lead(lead) = cache.ask(&request, caching, now) else { unreachable!() };
    /// let Turn::Wait(wait) = cache.ask(&request, caching, now) else { unreachable!() };
    /// lead.finish(&Err(aura_proto::FetchError::TimedOut), false, now);
    /// assert!(matches!(wait.block(Duration::ZERO), Some(Turn::Answered(Err(_)))));
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn block(mut self, at_most: Duration) -> Option<Turn> {
        let waker = Waker::from(Arc::new(Parked(thread::current())));
        let mut context = Context::from_waker(&waker);
        let start = Instant::now();
        loop {
            if let Poll::Ready(turn) = Pin::new(&mut self).poll(&mut context) {
                return Some(turn);
            }
            let left = at_most.saturating_sub(start.elapsed());
            if left.is_zero() {
                return None;
            }
            thread::park_timeout(left);
        }
    }
}

/// A thread that waits.
struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let forgotten = lock(&self.flight.status).waiting.remove(&self.id);
        drop(forgotten);
    }
}

/// Nothing panics while it holds a lock but the allocator.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for FetchCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FetchCache(..)")
    }
}

impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lead(..)")
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wait(..)")
    }
}
