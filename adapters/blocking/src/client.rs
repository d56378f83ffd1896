//! The client that performs the exchanges with providers.

use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response, Uri};
use std::time::Duration;

/// Performs exchanges with providers. Implemented by `UreqClient`, and by every function from a request to its outcome.
///
/// An implementation must not follow redirects, and must give up in time: nobody can stop it from outside.
///
/// ```
/// use aura_blocking::Client;
/// use aura_proto::FetchError;
/// use bytes::Bytes;
/// use http::{Request, Response};
///
/// fn a_client() -> impl Client {
///     |_request: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable)
/// }
/// # let _ = a_client();
/// ```
pub trait Client: Send + Sync + 'static {
    /// Performs one exchange within a time, and reads at most `max_response` bytes of the answer's body.
    ///
    /// # Errors
    /// [`FetchError`] says why there is no answer. A status that is not a success is an answer.
    fn call(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
        max_response: usize,
    ) -> Result<Response<Bytes>, FetchError>;

    /// Tells whether requests to a URI go through a proxy; `None` where that is not known. The log of an exchange that brings no
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
