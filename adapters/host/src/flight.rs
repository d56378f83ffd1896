//! Concurrent requests for one answer of a provider, merged: the first asks, and the others wait for its answer.

use crate::cache::Store;
use crate::threads::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use crate::threads::thread::{self, Thread};
use aura_proto::{Caching, FetchError, UnixTime};
use bytes::Bytes;
use http::{Method, Request, Response};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// The outcome of an exchange with a provider.
pub type Outcome = Result<Response<Bytes>, FetchError>;

/// The cached answers of providers, and the exchanges under way. Clones share both.
///
/// It needs neither clock nor runtime, so that asynchronous and blocking hosts share it:
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
    /// By URL. An entry lives as long as its lead or a waiter.
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
    /// The exchange is under way.
    Led,
    /// The lead was dropped: the next waiter takes over.
    Abandoned,
    Landed(Outcome),
}

/// How to get an answer.
#[derive(Debug)]
#[must_use = "a lead that is dropped leaves the exchange to somebody who waits"]
#[expect(clippy::exhaustive_enums, reason = "a host must carry out every one")]
pub enum Turn {
    /// Nothing: this is the outcome.
    Answered(Outcome),
    /// Perform the exchange, then tell the others.
    Lead(Lead),
    /// Wait for the exchange under way.
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
    /// Absent if the answer may not be shared.
    shared: Option<(FetchCache, Arc<Flight>)>,
    /// Whether it waited for another exchange before.
    has_waited: bool,
}

/// Waits for the outcome of an exchange under way, or for the duty to perform it. A future that needs no runtime.
#[must_use = "await it, or block on it"]
pub struct Wait {
    cache: FetchCache,
    flight: Arc<Flight>,
    id: u64,
}

impl FetchCache {
    /// Returns how to get the answer to a request. Only answers to `GET` are cached.
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
            return Turn::Lead(Lead { shared: None, has_waited: false });
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
        Turn::Lead(Lead { shared: Some((self.clone(), flight)), has_waited: false })
    }
}

impl Flight {
    /// Numbers those who wait.
    fn number(&self) -> u64 {
        let mut status = lock(&self.status);
        status.next = status.next.wrapping_add(1);
        status.next
    }

    /// Enters another stage, and wakes every waiter.
    fn enter(&self, stage: Stage) {
        let mut status = lock(&self.status);
        status.stage = stage;
        let waiting = mem::take(&mut status.waiting);
        drop(status);
        waiting.into_values().for_each(Waker::wake);
    }
}

impl Lead {
    /// Passes the outcome to every waiter, and caches an answer that may be kept, or for seconds a failure. A time-out after a wait
    /// passes the exchange on instead: too little time was left for it, which reveals nothing about the provider.
    pub fn finish(mut self, outcome: &Outcome, keeps: bool, now: UnixTime) {
        if self.has_waited && matches!(outcome, Err(FetchError::TimedOut)) {
            return;
        }
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
                let shared = Some((self.cache.clone(), Arc::clone(&self.flight)));
                Poll::Ready(Turn::Lead(Lead { shared, has_waited: true }))
            }
            Stage::Landed(outcome) => Poll::Ready(Turn::Answered(outcome.clone())),
        }
    }
}

impl Wait {
    /// Blocks the thread for at most this time; returns `None` if that was not enough.
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
