//! Layers over services: one requires a session, one renews it.

use crate::check::{Check, CheckLayer};
use aura_http::{Driver, Guard, SubtreeGuard};

/// Requires a session for every request to a service, and renews it by its policy. The service finds the
/// [`Session`](crate::Session) among the request's extensions. A guard with a rule ([`Guard::when`]) lets some sessions through alone.
///
/// A program without a session is answered with 401, and a browser that asks for a page is redirected to the sign-in. Put the layer
/// below that of [`sign_in`](crate::sign_in), and where it sees the whole path: it lets the routes of the sign-in through, and a router
/// that strips a prefix may make another path look like one of them.
///
/// ```
/// use aura_tower::{Driver, Session, require_session};
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
/// let account = service_fn(async |request: Request<()>| {
///     let session = request.extensions().get::<Session>();
///     Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(format!("{session:?}"))))
/// });
/// let account = require_session(driver.guard().sign_in_page("/sign-in")).layer(account);
///
/// let by_a_program = Request::get("/account").body(())?;
/// assert_eq!(runtime.block_on(account.clone().oneshot(by_a_program))?.status(), 401);
/// let by_a_person = Request::get("/account").header("accept", "text/html").body(())?;
/// let redirect = runtime.block_on(account.oneshot(by_a_person))?;
/// assert_eq!(redirect.headers()["location"], "/sign-in?redirectTo=%2Faccount");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn require_session(guard: Guard) -> CheckLayer {
    CheckLayer(Check::Session(SubtreeGuard::requiring(guard)))
}

/// Renews the sessions of signed-in visitors by their policy, and lets everybody through: the service finds a
/// [`Session`](crate::Session) among the extensions of a request that has one, but for the configured sign-in page and error page. A visitor without a session is not
/// answered otherwise, and no cookie is cleared.
///
/// ```
/// # use bytes::Bytes;
/// # use http::{Request, Response};
/// # use http_body_util::Full;
/// # use tower::{Layer, ServiceExt, service_fn};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(aura_proto::FetchError::Unreachable);
/// # let driver = aura_tower::Driver::new(auth, client)?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// use aura_tower::{Session, renew_sessions};
///
/// let home = service_fn(async |request: Request<()>| {
///     let greeting = if request.extensions().get::<Session>().is_some() { "Welcome back" } else { "Welcome" };
///     Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::from(greeting)))
/// });
/// let answer = renew_sessions(&driver).layer(home).oneshot(Request::get("/").body(())?);
/// assert_eq!(runtime.block_on(answer)?.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn renew_sessions(driver: &Driver) -> CheckLayer {
    CheckLayer(Check::Session(SubtreeGuard::renewing(driver)))
}
