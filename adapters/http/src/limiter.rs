//! Limits: the driver's store of counts, and the limiter of the application's own routes.

use crate::driver::Driver;
use aura_host::store::{self, CountStore};
use aura_proto::store::{CountRequest, Counted, StoreFailed};
use aura_proto::{Quota, RequestHead};
use bytes::Bytes;
use http::Response;
use std::sync::Arc;

/// Lets a client pass as often as a quota says; see [`aura_host::Limiter`]. Cheap to clone.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use aura_proto::{Connection, Quota, Scheme};
/// use std::time::Duration;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
/// # let driver = aura_http::Driver::new(auth, client)?;
/// let limiter = driver.limiter("search", Quota::new(1, Duration::from_secs(60)));
/// let mut request = http::Request::get("/search").body(())?;
/// request.extensions_mut().insert(Connection::new(Scheme::Https).with_peer("192.0.2.1".parse()?));
/// assert!(limiter.check(&request).await.is_ok());
/// let refusal = limiter.check(&request).await.err().ok_or("a refusal")?;
/// assert_eq!(refusal.status(), 429);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Limiter {
    limiter: aura_host::Limiter,
    driver: Driver,
}

impl Driver {
    /// Counts in a store, where the configuration has [limits](aura_proto::Builder::limits), so that servers that share it count
    /// together. By default each process counts in its memory.
    ///
    /// ```
    /// # use aura_http::{Driver, HttpClient};
    /// use aura_host::store::MemoryCounts;
    ///
    /// # fn driver(auth: aura_proto::Auth) -> Result<(), aura_http::DriverError> {
    /// let driver = Driver::new(auth, HttpClient::new())?.count_store(MemoryCounts::with_limit(1_000_000));
    /// # let _ = driver;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn count_store(mut self, store: impl CountStore) -> Self {
        Arc::make_mut(&mut self.0).counts = Some(Arc::new(store));
        self
    }

    /// Makes a limiter of one or more of the application's own routes, with the driver's clock, events and counts.
    pub fn limiter(&self, rule: &str, quota: Quota) -> Limiter {
        Limiter { limiter: self.host().limiter(rule, quota), driver: self.clone() }
    }

    /// Counts a request.
    pub(crate) async fn count(&self, question: &CountRequest) -> Result<Counted, StoreFailed> {
        match &self.0.counts {
            Some(counts) => store::count(&**counts, question, || self.now()).await,
            None => self.host().count(question),
        }
    }
}

impl Limiter {
    /// Counts a request.
    ///
    /// # Errors
    /// The answer: 429, by a page where a browser asks for one.
    pub fn check<'a, R: Into<RequestHead<'a>>>(
        &self,
        request: R,
    ) -> impl Future<Output = Result<(), Response<Bytes>>> + Send + use<'_, R> {
        let request = request.into();
        let (question, reader) = (self.limiter.question(request), request.reader());
        async move { self.limiter.end(reader, question, self.driver.count(&question).await) }
    }
}
