//! Applications as servers in memory: any `tower` service.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::marker::PhantomData;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, Full};
use tokio::runtime::{Builder, Runtime};
use tower_service::Service;

use super::web::Site;

/// An application behind the model browser: a `tower` service of requests with the body `B`, on a runtime of its own.
///
/// The browser waits for each answer, so use it in a test without a runtime (`#[test]`). A service that fails answers 500
/// with its error.
///
/// ```
/// use aura_test_idp::browser::{Application, Browser, Web};
/// use axum::{Router, routing::get};
/// use url::Url;
///
/// let router = Router::new().route("/", get(async || "hello"));
/// let mut application = Application::new(router)?;
/// let mut web = Web::default().with("https://app.test", &mut application);
/// let page = Browser::new(0).open(&mut web, &Url::parse("https://app.test/")?);
/// assert_eq!(page.text(), "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Application<S, B = Full<Bytes>> {
    service: S,
    runtime: Runtime,
    body: PhantomData<fn() -> B>,
}

impl<S> Application<S> {
    /// Takes a service whose requests have bodies of known length, as those of axum's routers may have.
    ///
    /// # Errors
    /// If the machine has no runtime to give.
    pub fn new(service: S) -> io::Result<Self> {
        Self::with_body(service)
    }
}

impl<S, B> Application<S, B> {
    /// Takes a service whose requests have other bodies that bytes become.
    ///
    /// # Errors
    /// If the machine has no runtime to give.
    pub fn with_body(service: S) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { service, runtime, body: PhantomData })
    }
}

impl<S, B, R> Site for Application<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: fmt::Debug,
    B: From<Bytes>,
    R: Body,
    R::Error: fmt::Debug,
{
    fn answer(&mut self, request: Request<Bytes>, _now: u64) -> Response<Bytes> {
        let Self { service, runtime, .. } = self;
        let answered = runtime.block_on(async {
            let failed = |error: S::Error| format!("{error:?}");
            poll_fn(|context| service.poll_ready(context)).await.map_err(failed)?;
            let (head, body) = service.call(request.map(B::from)).await.map_err(failed)?.into_parts();
            let body = body.collect().await.map_err(|error| format!("{error:?}"))?;
            Ok(Response::from_parts(head, body.to_bytes()))
        });
        answered.unwrap_or_else(|error: String| {
            let mut response = Response::new(Bytes::from(error));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }
}

impl<S: fmt::Debug, B> fmt::Debug for Application<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application").field("service", &self.service).finish_non_exhaustive()
    }
}
