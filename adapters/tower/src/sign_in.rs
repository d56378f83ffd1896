//! The layer that answers the routes of the sign-in.

use aura_http::{AnswerBody, Answering, Driver};
use aura_proto::Connection;
use http::{Request, Response};
use http_body::Body;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Answers everything under the base path, and passes the rest on to the inner service. Put it where requests have their whole path.
///
/// ```
/// use aura_tower::{Driver, sign_in};
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use std::convert::Infallible;
/// use tower::{Layer, ServiceExt, service_fn};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(aura_proto::FetchError::Unreachable);
/// # let driver = Driver::new(auth, client)?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
///
/// let pages = service_fn(async |_: Request<Full<Bytes>>| Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("a page"))));
/// let service = sign_in(driver).layer(pages);
/// let get = |path: &str| Request::get(path).body(Full::<Bytes>::default());
/// assert_eq!(runtime.block_on(service.clone().oneshot(get("/")?))?.status(), 200);
/// assert_eq!(runtime.block_on(service.oneshot(get("/auth/session")?))?.status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign_in(driver: Driver) -> SignInLayer {
    SignInLayer(driver)
}

/// The layer that [`sign_in`] makes.
#[derive(Clone, Debug)]
pub struct SignInLayer(Driver);

/// The service that [`SignInLayer`] makes of another. Cheap to clone where that is.
#[derive(Clone, Debug)]
pub struct SignIn<S> {
    driver: Driver,
    inner: S,
    connection: Option<Connection>,
}

impl<S> SignIn<S> {
    /// Sets the [`Connection`] of the requests: the core and the inner service find it among their extensions.
    #[must_use]
    pub fn on(mut self, connection: Connection) -> Self {
        self.connection = Some(connection);
        self
    }
}

impl<S> Layer<S> for SignInLayer {
    type Service = SignIn<S>;

    fn layer(&self, inner: S) -> SignIn<S> {
        SignIn { driver: self.0.clone(), inner, connection: None }
    }
}

impl<S, B, A> Service<Request<B>> for SignIn<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = Response<AnswerBody<A>>;
    type Error = S::Error;
    type Future = Answering<A, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if let Some(connection) = self.connection {
            request.extensions_mut().insert(connection);
        }
        self.driver.answer_or(request, |request| self.inner.call(request))
    }
}
