//! The layer that limits how often a client may use a service.

use crate::check::{Check, CheckLayer};
use aura_http::Limiter;

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
/// # let driver = Driver::new(auth, client)?;
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
pub fn limit_requests(limiter: Limiter) -> CheckLayer {
    CheckLayer(Check::Limit(limiter))
}
