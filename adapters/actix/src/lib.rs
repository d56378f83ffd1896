//! Sign-in for actix-web: [`routes`] to configure, a [`Session`] to extract, and middleware that requires one.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use aura_actix::provider::GITHUB;
//! use aura_actix::{Auth, ClientSecret, Driver, HttpClient, Salt, Secret, Session, require_session, routes};
//!
//! async fn home(session: Option<Session>) -> String {
//!     format!("{:?}", session.as_ref().map(|session| session.user().name()))
//! }
//!
//! async fn account(session: Session) -> String {
//!     format!("Hello, {}", session.user().sub())
//! }
//!
//! async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//!     let auth = Auth::builder(Secret::new(&std::env::var("AURA_AUTH_SECRET")?)?, Salt::new(&std::env::var("AURA_AUTH_SALT")?)?)
//!         .base_url("https://example.com")
//!         .provider(GITHUB.with_client("client-id", ClientSecret::new("client-secret")))
//!         .build()?;
//!     let driver = Driver::new(auth, HttpClient::new())?;
//!     let app = move || {
//!         let account = web::resource("/account").get(account).wrap(require_session(driver.guard()));
//!         App::new().configure(routes(driver.clone())).route("/", web::get().to(home)).service(account)
//!     };
//!     Ok(HttpServer::new(app).h1_allow_half_closed(false).bind(("127.0.0.1", 3000))?.run().await?)
//! }
//! ```
//!
//! The driver's tasks run on the worker that has the request. The peer's address, and whether actix-web ended TLS, reach the core by
//! themselves. With `h1_allow_half_closed(false)`, actix-web drops its work for a client that has gone away. A refresh of tokens goes on.
//!
//! A worker that stops cuts such a refresh off. A server that ends waits for them first:
//!
//! ```
//! async fn end(server: actix_web::dev::ServerHandle, driver: aura_actix::Driver) {
//!     server.pause().await;
//!     driver.finish_refreshes().await;
//!     server.stop(true).await;
//! }
//! ```
//!
//! [`SessionOf`] reads the application's own claims as a type, [`UpdateClaims`] changes them, and [`TokensOf`] makes the tokens of a
//! provider ready. Every function of the driver takes a request's [`head`], and [`finish`] adds to an answer what the driver
//! returned. This handler calls a provider's API as the signed-in user, as `TokensOf` does:
//!
//! ```
//! use actix_web::{HttpRequest, HttpResponse, web};
//! use aura_actix::{Driver, Refused, finish, head};
//!
//! async fn repositories(request: HttpRequest, driver: web::Data<Driver>) -> Result<HttpResponse, Refused> {
//!     let head = head(&request);
//!     let tokens = driver.provider_tokens("github", &head).await.map_err(|none| Refused::of(&head, none))?;
//!     let page = format!("curl -H 'Authorization: Bearer {}' ..", tokens.access_token.expose());
//!     Ok(finish(HttpResponse::Ok().body(page), |fields| tokens.add_to(fields)))
//! }
//! ```
#![forbid(unsafe_code)]

mod asked;
mod convert;
mod extract;
mod form;
mod wrap;

// What an application needs of the core, so that one dependency is enough.
#[doc(no_inline)]
pub use aura_http::application::*;

pub use asked::{TokensOf, UpdateClaims};
#[cfg(feature = "client")]
pub use aura_http::HttpClient;
#[cfg(feature = "replay")]
pub use aura_http::replay;
#[cfg(feature = "signing")]
pub use aura_http::signing_key;
pub use aura_http::{Client, Driver, DriverError, Guard, Limiter, env, now, provider, store};
pub use convert::{answer, finish, head};
pub use extract::{Csrf, Refused, Session, SessionOf};
pub use form::{CsrfForm, CsrfToken};
pub use wrap::{Wrap, Wrapped, limit_requests, renew_sessions, require_session};

use actix_web::{HttpRequest, web};
use futures_util::TryStreamExt;
use http_body::Frame;
use http_body_util::StreamBody;

/// Makes the routes that answer everything under the base path, and the `web::Data<Driver>` that the extractors take. Configure the
/// application with them, not a scope: they know their whole paths. An application with two drivers adds the second one's
/// `web::Data<Driver>` to a scope of its own.
///
/// ```
/// use actix_web::{App, test};
/// use aura_actix::routes;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
/// # let driver = aura_actix::Driver::new(auth, client)?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
///
/// # tokio::task::LocalSet::new().block_on(&runtime, async {
/// let app = test::init_service(App::new().configure(routes(driver))).await;
/// let request = test::TestRequest::get().uri("/auth/session").to_request();
/// assert_eq!(test::call_service(&app, request).await.status(), 401);
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn routes(driver: Driver) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let base = driver.auth().base_path().to_owned();
        config.app_data(web::Data::new(driver.clone()));
        let answer = move |request: HttpRequest, body: web::Payload| {
            let body = StreamBody::new(body.map_ok(Frame::data));
            let (driver, request) = (driver.clone(), head(&request).map(|()| body));
            async move { answer(driver.answer(request).await) }
        };
        config.service(web::scope(&base).default_service(web::to(answer)));
    }
}
