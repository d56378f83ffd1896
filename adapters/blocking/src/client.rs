//! The client that performs the exchanges with providers.

use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response, Uri};
use std::time::Duration;

/// Performs exchanges with providers. Implemented by `UreqClient`, and by every function from a request to its outcome.
///
/// An implementation must not follow redirects, and must have a deadline: the driver cannot stop it.
///
/// ```
/// use aura_blocking::{Client, Driver};
/// use aura_proto::FetchError;
/// use bytes::Bytes;
/// use http::{Request, Response};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let work = aura_proto::provider::Provider::openid("work", "https://id.example.com", "client-id");
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(work).build()?;
///
/// fn offline() -> impl Client {
///     |_request: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable)
/// }
/// let driver = Driver::new(auth, offline())?;
/// let sign_in = Request::get("/auth/signIn/work").body(std::io::empty())?;
/// assert_eq!(driver.answer(sign_in).status(), 504);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Client: Send + Sync + 'static {
    /// Performs one exchange within a time, and reads at most `max_response` bytes of the answer's body.
    ///
    /// # Errors
    /// [`FetchError`], if there is no answer. A status that is not a success is an answer.
    fn call(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
        max_response: usize,
    ) -> Result<Response<Bytes>, FetchError>;

    /// Tells whether requests to a URI go through a proxy; `None` if that is unknown. The log of an exchange without an
    /// answer has it.
    fn is_proxied(&self, _uri: &Uri) -> Option<bool> {
        None
    }
}

impl<F> Client for F
where
    F: Fn(Request<Bytes>) -> Result<Response<Bytes>, FetchError> + Send + Sync + 'static,
{
    fn call(
        &self,
        request: Request<Bytes>,
        _timeout: Duration,
        _max_response: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        self(request)
    }
}
