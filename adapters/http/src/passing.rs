//! A driver in front of a service: it answers what is its own, and passes the rest on.

use crate::driver::Driver;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{Either, Full};
use std::pin::Pin;

/// The body of an answer: the driver's, or the inner service's. An `Either` requires no conversion from bytes of the inner body, and
/// passes its frames on unchanged.
pub type AnswerBody<B> = Either<Full<Bytes>, B>;

/// What a service behind a driver answers.
pub type Answering<A, E> = Pin<Box<dyn Future<Output = Result<Response<AnswerBody<A>>, E>> + Send>>;

impl Driver {
    /// Answers a request of the routes, and passes every other one on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
    /// # let driver = aura_http::Driver::new(auth, client)?;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use std::convert::Infallible;
    ///
    /// let page = async |_: Request<Full<bytes::Bytes>>| Ok::<_, Infallible>(Response::new("a page"));
    /// for (path, status) in [("/", 200), ("/auth/session", 401)] {
    ///     let request = Request::get(path).body(Full::default())?;
    ///     assert_eq!(driver.answer_or(request, page).await?.status(), status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn answer_or<B, A, E, F>(
        &self,
        request: Request<B>,
        inner: impl FnOnce(Request<B>) -> F,
    ) -> Answering<A, E>
    where
        B: Body<Data: Send, Error: Send> + Send + 'static,
        F: Future<Output = Result<Response<A>, E>> + Send + 'static,
    {
        if self.auth().owns(request.uri().path()) {
            let driver = self.clone();
            return Box::pin(async move { Ok(own(driver.answer(request).await)) });
        }
        let answer = inner(request);
        Box::pin(async move { Ok(answer.await?.map(Either::Right)) })
    }
}

/// Gives an answer of the driver the body of a service behind it.
///
/// ```
/// let answer = aura_http::own::<()>(http::Response::new("{}".into()));
/// assert!(matches!(answer.into_body(), aura_http::AnswerBody::Left(_)));
/// ```
pub fn own<A>(answer: Response<Bytes>) -> Response<AnswerBody<A>> {
    answer.map(|body| Either::Left(Full::new(body)))
}
