//! Limits of the application's own routes, by the same idea of a client's address as those of the sign-in.

use crate::host::Host;
use crate::store::{BlockingCountStore, count_blocking};
use aura_proto::store::{CountRequest, Counted, StoreFailed};
use aura_proto::{Event, Quota, Reader, RequestError, RequestHead, Respond, Throttled};
use bytes::Bytes;
use http::Response;
use std::sync::Arc;

/// Lets a client pass as often as a quota says. Cheap to clone. Limiters of one name count together, and those of different names
/// apart.
///
/// Clients are told apart by [`Auth::client_address`](aura_proto::Auth::client_address); those of unknown addresses share one count, at
/// ten times the quota. A store that cannot answer lets requests pass, with the event `RATE_LIMIT_UNCHECKED`.
///
/// ```
/// use aura_proto::{Connection, Quota, Scheme};
/// use std::time::Duration;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let host = aura_host::Host::new(auth);
/// let limiter = host.limiter("search", Quota::new(1, Duration::from_secs(60)));
/// let mut request = http::Request::get("/search").body(())?;
/// request.extensions_mut().insert(Connection::new(Scheme::Https).with_peer("192.0.2.1".parse()?));
/// assert!(limiter.check(&request).is_ok());
/// let refusal = limiter.check(&request).err().ok_or("a refusal")?;
/// assert_eq!((refusal.status().as_u16(), refusal.headers().contains_key("retry-after")), (429, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Limiter {
    host: Host,
    rule: Arc<str>,
    quota: Quota,
}

impl Host {
    /// Counts in a store, where the configuration has limits: for servers that block. By default they are counted in memory.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let host = aura_host::Host::new(auth).count_store(aura_host::store::MemoryCounts::with_limit(1_000));
    /// # let _ = host;
    /// # }
    /// ```
    #[must_use]
    pub fn count_store(mut self, store: impl BlockingCountStore) -> Self {
        self.inner().counts = Arc::new(store);
        self
    }

    /// Counts a request in the store of [`count_store`](Self::count_store), on the calling thread.
    ///
    /// # Errors
    /// [`StoreFailed`], where the store cannot answer.
    pub fn count(&self, question: &CountRequest) -> Result<Counted, StoreFailed> {
        count_blocking(self.counts(), question, || self.now())
    }

    /// Makes a limiter of one or more of the application's own routes, with the host's clock, events and counts.
    pub fn limiter(&self, rule: &str, quota: Quota) -> Limiter {
        Limiter { host: self.clone(), rule: rule.into(), quota }
    }
}

impl Limiter {
    /// Counts a request on the calling thread.
    ///
    /// # Errors
    /// The answer: 429, by a page where a browser asks for one.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn check<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<(), Response<Bytes>> {
        let request = request.into();
        let question = self.question(request);
        self.end(request.reader(), question, self.host.count(&question))
    }

    /// Makes the question that counts a request, for hosts that await the answer.
    pub fn question<'a>(&self, request: impl Into<RequestHead<'a>>) -> CountRequest {
        self.host.auth().count_request(&self.rule, self.quota, request)
    }

    /// Lets a request pass, if it may, for a reader of the refusal.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn end(
        &self,
        reader: Reader,
        question: CountRequest,
        counted: Result<Counted, StoreFailed>,
    ) -> Result<(), Response<Bytes>> {
        match counted {
            Ok(Counted::Allowed) => Ok(()),
            Ok(Counted::Refused { retry_after }) => {
                let throttled = Throttled::new(question.quota, retry_after, self.host.now());
                let refusal = Respond::refusal_to(reader, RequestError::TooManyRequests(throttled));
                Err(self.host.answer(refusal))
            }
            Err(StoreFailed) => {
                self.host.report(&[Event::LimitUnchecked { rule: self.rule.as_ref().to_owned() }]);
                Ok(())
            }
        }
    }
}
