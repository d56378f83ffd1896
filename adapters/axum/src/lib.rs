//! Sign-in for axum: a [`router`] to merge, a [`Session`] to extract, and a layer that requires one.
//!
//! ```no_run
//! use aura_axum::provider::GITHUB;
//! use aura_axum::{Auth, ClientSecret, Driver, HttpClient, Salt, Secret, Session, router};
//! use axum::Router;
//! use axum::routing::get;
//!
//! fn app() -> Result<Router, Box<dyn std::error::Error>> {
//!     let auth = Auth::builder(Secret::new(&std::env::var("AURA_AUTH_SECRET")?)?, Salt::new(&std::env::var("AURA_AUTH_SALT")?)?)
//!         .base_url("https://example.com")
//!         .provider(GITHUB.with_client("client-id", ClientSecret::new("client-secret")))
//!         .build()?;
//!     let driver = Driver::new(auth, HttpClient::new())?;
//!     Ok(Router::new()
//!         .route("/", get(async |session: Option<Session>| format!("{:?}", session.as_ref().map(|s| s.user().name()))))
//!         .merge(router(driver.clone()))
//!         .with_state(driver))
//! }
//! ```
//!
//! An application with a state of its own says where the driver is in it, by `#[derive(FromRef)]` (axum's feature `macros`) or by
//! hand:
//!
//! ```
//! use aura_axum::{Driver, Session, router};
//! use axum::Router;
//! use axum::extract::{FromRef, State};
//! use axum::routing::get;
//!
//! #[derive(Clone)]
//! struct AppState {
//!     driver: Driver,
//!     greeting: &'static str,
//! }
//!
//! impl FromRef<AppState> for Driver {
//!     fn from_ref(state: &AppState) -> Self {
//!         state.driver.clone()
//!     }
//! }
//!
//! async fn greet(State(state): State<AppState>, session: Session) -> String {
//!     format!("{}, {}", state.greeting, session.user().sub())
//! }
//!
//! fn app(state: AppState) -> Router {
//!     let routes = router(state.driver.clone());
//!     Router::new().route("/greet", get(greet)).merge(routes).with_state(state)
//! }
//! ```
//!
//! The peer's address reaches the core by `into_make_service_with_connect_info::<SocketAddr>()`; a server that ends TLS
//! itself adds an `Extension` of an [`aura_proto::Connection`].
#![forbid(unsafe_code)]

mod claims;
mod extract;
mod form;
mod layer;
mod limit;
mod tokens;

// What an application needs of the core, so that one dependency is enough.
#[doc(no_inline)]
pub use aura_http::application::*;

#[cfg(feature = "client")]
pub use aura_http::HttpClient;
#[cfg(feature = "replay")]
pub use aura_http::replay;
#[cfg(feature = "signing")]
pub use aura_http::signing_key;
pub use aura_http::{Client, Driver, DriverError, Guard, Limiter, env, now, provider, store};
pub use claims::{SessionOf, UpdateClaims, UpdatedSession};
pub use extract::{Csrf, Rejection, Session, WithDriver};
pub use form::{CsrfForm, CsrfToken};
pub use layer::{Guarded, SessionLayer, renew_sessions, require_session};
pub use limit::limit_requests;
pub use tokens::{CurrentTokens, TokensOf};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, OriginalUri, Request};
use axum::response::{IntoResponseParts, Response, ResponseParts};
use axum::routing::any_service;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_service::Service;

/// The routes under the base path, which [`router`] makes: to [`merge`](Router::merge) into the application's router.
///
/// They know their whole paths, so that they are no [`Router`]: to nest them would look for `/auth/auth/session`, and that mistake
/// does not compile. [`nested`] makes a router to nest.
///
/// ```compile_fail,E0308
/// # fn app(driver: aura_axum::Driver) -> axum::Router {
/// axum::Router::new().nest("/auth", aura_axum::router(driver))
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "merge them into the application's router"]
pub struct Routes(Driver);

impl<S: Clone + Send + Sync + 'static> From<Routes> for Router<S> {
    fn from(Routes(driver): Routes) -> Self {
        let base = driver.auth().base_path().to_owned();
        let answer = any_service(Answer(driver));
        Self::new()
            .route(&base, answer.clone())
            .route(&format!("{base}/"), answer.clone())
            // The route of every page view: axum allocates nothing for the parameters of a path that has none.
            .route(&format!("{base}/session"), answer.clone())
            .route(&format!("{base}/{{*route}}"), answer)
    }
}

/// Makes the routes that answer everything under the base path. Merge them; [`nested`] is what to nest. The driver is
/// the state of the application's router, too, or a part of it by [`FromRef`](axum::extract::FromRef): [`Session`] and
/// [`Csrf`] read requests with its clock.
///
/// ```
/// use aura_axum::{Candidate, Driver, DriverError, HttpClient, router};
/// use axum::Router;
///
/// fn app(auth: aura_proto::Auth) -> Result<Router, DriverError> {
///     let driver = Driver::new(auth, HttpClient::new())?.admit(async |candidate: Candidate| candidate.admit());
///     Ok(Router::new().merge(router(driver.clone())).with_state(driver))
/// }
/// ```
pub fn router(driver: Driver) -> Routes {
    Routes(driver)
}

/// Makes a router to nest, at the base path or at a part of it: `nest` takes that off the request's path, and the core
/// needs the whole of it. Whatever else is below that part is not found.
///
/// ```
/// use aura_axum::{Driver, DriverError, HttpClient, nested};
/// use axum::Router;
///
/// fn app(auth: aura_proto::Auth) -> Result<Router, DriverError> {
///     let base_path = auth.base_path().to_owned();
///     Ok(Router::new().nest(&base_path, nested(Driver::new(auth, HttpClient::new())?)))
/// }
/// ```
pub fn nested<S>(driver: Driver) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new().fallback(any_service(Answer(driver)))
}

/// Answers a request by the URL that it was sent to, whatever routers above have taken off that. A service, because the future of a
/// handler keeps the request once more, in a box of 1.6 KiB.
#[derive(Clone, Debug)]
struct Answer(Driver);

impl Service<Request> for Answer {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let driver = self.0.clone();
        let original = request.extensions().get::<OriginalUri>().map(|original| &original.0);
        if let Some(original) = original.filter(|original| *original != request.uri()).cloned() {
            *request.uri_mut() = original;
        }
        say_connection(&mut request);
        let (path, base_path) = (request.uri().path(), driver.auth().base_path());
        if !driver.auth().owns(path) {
            tracing::error!(target: "aura", path, base_path, "the router is nested where base_path does not lead: merge it, or nest aura_axum::nested and set base_path to the whole path");
        }
        Box::pin(async move { Ok(driver.answer(request).await.map(Body::from)) })
    }
}

/// Lets handlers return a value in front of a page, whose headers it adds to.
macro_rules! in_front_of_a_page {
    ($($value:ty),+) => {
        $(impl IntoResponseParts for $value {
            type Error = Infallible;

            fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
                self.0.add_to(response.headers_mut());
                Ok(response)
            }
        })+
    };
}

in_front_of_a_page!(CsrfToken, CurrentTokens, UpdatedSession);

/// Says how a request came, as far as axum knows it.
fn say_connection(request: &mut Request) {
    let said = request.extensions().get::<Connection>().copied();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let unsaid = || peer.map(|peer| Connection::new(Scheme::Http).with_peer(peer.0.ip()));
    if let Some(connection) = said.or_else(unsaid) {
        request.extensions_mut().insert(connection);
    }
}
