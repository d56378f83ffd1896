//! A provider without a socket: the client of a driver, and a server of the model browser.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aura_proto::FetchError;
use bytes::Bytes;
use http::Request;

use crate::idp::Idp;
use crate::provider::{self, Provider};
use crate::response::Response;
use crate::state::State;
use crate::wire::Delay;

/// A provider in memory, which an application asks as its client: no socket is opened, and no other server is reached.
/// Clones are the same provider.
///
/// It is an [`aura_http::Client`], and with the feature `browser` a [`Site`](crate::browser::Site). A blocking application
/// takes a function, such as `move |request| Ok(provider.answer(request))`.
///
/// ```
/// use aura_http::Client;
/// use aura_test_idp::{Idp, InMemory};
/// use bytes::Bytes;
/// use http::Request;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = InMemory::new(Idp::new("https://idp.test")?);
/// let request = |url: &str| Request::get(url).body(Bytes::new());
/// assert_eq!(provider.call(request("https://idp.test/jwks")?, 65_536).await?.status(), 200);
/// assert!(provider.call(request("https://elsewhere.test/jwks")?, 65_536).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct InMemory(Arc<Mutex<Provider>>);

impl InMemory {
    /// Starts a provider that remembers nothing.
    #[must_use]
    pub fn new(idp: Idp) -> Self {
        Self(Arc::new(Mutex::new(Provider { idp, state: State::default() })))
    }

    /// Locks the provider, to press a button, to rotate a key, to change a lie.
    #[must_use = "the lock ends with what is returned"]
    pub fn lock(&self) -> MutexGuard<'_, Provider> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request by the machine's clock. A clock before 1970 counts as 1970.
    ///
    /// ```
    /// use aura_test_idp::{Idp, InMemory};
    /// use bytes::Bytes;
    ///
    /// let provider = InMemory::new(Idp::new("https://idp.test")?);
    /// let request = http::Request::get("https://idp.test/nowhere").body(Bytes::new())?;
    /// assert_eq!(provider.answer(request).status(), 404);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "send the response"]
    pub fn answer(&self, request: Request<Bytes>) -> Response {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        provider::answer(&self.0, request, now)
    }
}

impl aura_http::Client for InMemory {
    async fn call(&self, request: Request<Bytes>, _max_response: usize) -> Result<Response, FetchError> {
        let origin = self.lock().idp.origin().to_owned();
        let url = request.uri().to_string();
        if !url.strip_prefix(&origin).is_some_and(|rest| rest.starts_with('/')) {
            return Err(FetchError::Unreachable);
        }
        let response = self.answer(request);
        if let Some(Delay(duration)) = response.extensions().get() {
            tokio::time::sleep(*duration).await;
        }
        Ok(response)
    }
}

#[cfg(feature = "browser")]
impl crate::browser::Site for InMemory {
    fn answer(&mut self, request: Request<Bytes>, now: u64) -> Response {
        provider::answer(&self.0, request, now)
    }
}
