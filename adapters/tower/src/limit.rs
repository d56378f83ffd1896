//! The layer that limits how often a client may use a service.

use crate::{AnswerBody, Answering, own};
use aura_http::Limiter;
use http::{Request, Response};
use http_body_util::Either;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Lets a client pass as often as a limiter's quota says; else the answer is 429, by a page where a browser asks for one. Clients are
/// told apart as at the sign-in, by the [`Connection`](aura_proto::Connection) of the request or a trusted proxy.
///
/// ```
/// # use aura_tower::{Driver, Quota, limit_requests};
/// # use bytes::Bytes;
/// # use http::{Request, Response};
/// # use http_body_util::Full;
/// # use std::time::Duration;
/// # use tower::{Layer, ServiceExt, service_fn};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(aura_proto::FetchError::Unreachable);
/// # let driver = Driver::new(auth, client);
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// use aura_tower::{Connection, Scheme};
///
/// let pages = service_fn(async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::from("found"))));
/// let limiter = driver.limiter("search", Quota::new(1, Duration::from_secs(60)));
/// let search = limit_requests(limiter).layer(pages);
/// for status in [200, 429] {
///     let mut request = Request::get("/search").body(())?;
///     request.extensions_mut().insert(Connection::new(Scheme::Https).with_peer("192.0.2.1".parse()?));
///     assert_eq!(runtime.block_on(search.clone().oneshot(request))?.status(), status);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn limit_requests(limiter: Limiter) -> LimitLayer {
    LimitLayer(limiter)
}

/// The layer that [`limit_requests`] makes.
#[derive(Clone, Debug)]
pub struct LimitLayer(Limiter);

/// The service that [`LimitLayer`] makes of another.
#[derive(Clone, Debug)]
pub struct Limited<S> {
    limiter: Limiter,
    inner: S,
}

impl<S> Layer<S> for LimitLayer {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Limited<S> {
        Limited { limiter: self.0.clone(), inner }
    }
}

impl<S, B, A> Service<Request<B>> for Limited<S>
where
    S: Service<Request<B>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<AnswerBody<A>>;
    type Error = S::Error;
    type Future = Answering<A, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let limiter = self.limiter.clone();
        // The service that was polled ready is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            match limiter.check(&head).await {
                Ok(()) => Ok(inner.call(Request::from_parts(head, body)).await?.map(Either::Right)),
                Err(refusal) => Ok(own(refusal)),
            }
        })
    }
}
