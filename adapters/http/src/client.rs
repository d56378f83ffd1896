//! The client that performs the exchanges with providers.

use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response, Uri};
use std::pin::Pin;

/// Performs exchanges with providers. Implemented by [`HttpClient`](crate::HttpClient), and by every function from a
/// request to a future of its outcome.
///
/// An implementation must not follow redirects. The driver sets the deadline, and the core checks the answer's length
/// again, so a client without these limits is safe, if wasteful.
///
/// ```
/// use aura_http::{Client, Driver};
/// use aura_proto::FetchError;
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let work = aura_proto::provider::Provider::openid("work", "https://id.example.com", "client-id");
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(work).build()?;
///
/// fn offline() -> impl Client {
///     async |_request: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable)
/// }
/// let driver = Driver::new(auth, offline())?;
/// let sign_in = Request::get("/auth/signIn/work").body(Full::<Bytes>::default())?;
/// assert_eq!(driver.answer(sign_in).await.status(), 504);
/// # Ok(()) }
/// ```
pub trait Client: Send + Sync + 'static {
    /// Performs one exchange and reads at most `max_response` bytes of the answer's body.
    ///
    /// # Errors
    /// [`FetchError`], if there is no answer. A status that is not a success is an answer.
    fn call(
        &self,
        request: Request<Bytes>,
        max_response: usize,
    ) -> impl Future<Output = Result<Response<Bytes>, FetchError>> + Send;

    /// Tells whether requests to a URI go through a proxy; `None` if that is unknown. The log of an exchange without an
    /// answer has it.
    fn is_proxied(&self, _uri: &Uri) -> Option<bool> {
        None
    }
}

impl<F, Answer> Client for F
where
    F: Fn(Request<Bytes>) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<Response<Bytes>, FetchError>> + Send,
{
    async fn call(
        &self,
        request: Request<Bytes>,
        _max_response: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        self(request).await
    }
}

/// A [`Client`] whose type is erased, so that a driver has no type parameter.
pub(crate) trait ErasedClient: Send + Sync + 'static {
    fn call_erased(&self, request: Request<Bytes>, max_response: usize) -> Call<'_>;
    fn is_proxied_erased(&self, uri: &Uri) -> Option<bool>;
}

/// An exchange under way.
pub(crate) type Call<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, FetchError>> + Send + 'a>>;

impl<C: Client> ErasedClient for C {
    fn call_erased(&self, request: Request<Bytes>, max_response: usize) -> Call<'_> {
        Box::pin(self.call(request, max_response))
    }

    fn is_proxied_erased(&self, uri: &Uri) -> Option<bool> {
        self.is_proxied(uri)
    }
}
