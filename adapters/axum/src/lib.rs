//! Sign-in for axum: a [`router`] to merge, and a [`Session`] to extract.
//!
//! ```no_run
//! use aura_axum::{HttpClient, Session, router};
//! use aura_proto::{Auth, ClientSecret, Salt, Secret, provider::GITHUB};
//! use axum::Router;
//! use axum::routing::get;
//!
//! fn app() -> Result<Router, Box<dyn std::error::Error>> {
//!     let auth = Auth::builder(Secret::new(&std::env::var("AURA_AUTH_SECRET")?)?, Salt::new(&std::env::var("AURA_AUTH_SALT")?)?)
//!         .base_url("https://example.com")
//!         .provider(GITHUB.with_client("client-id", ClientSecret::new("client-secret")))
//!         .build()?;
//!     Ok(Router::new()
//!         .route("/", get(async |session: Option<Session>| format!("{:?}", session.map(|s| s.user.name.clone()))))
//!         .merge(router(auth.clone(), HttpClient::new()))
//!         .with_state(auth))
//! }
//! ```
#![forbid(unsafe_code)]

mod extract;

pub use aura_http::{Client, Driver, HttpClient, signing_key};
pub use extract::{Session, SignedOut};

use aura_proto::Auth;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::any;

/// Makes the router that answers everything under the base path. Merge it; `nest` would hide the base path from it.
///
/// ```
/// # fn app(auth: aura_proto::Auth) -> axum::Router {
/// axum::Router::new().merge(aura_axum::router(auth, aura_axum::HttpClient::new()))
/// # }
/// ```
pub fn router<S>(auth: Auth, client: impl Client) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router_of(Driver::new(auth, client))
}

/// Makes the same router of a [`Driver`] that was set up further, such as with the application's admission of users.
///
/// ```
/// # fn app(auth: aura_proto::Auth) -> axum::Router {
/// use aura_axum::{Driver, HttpClient, router_of};
/// use aura_proto::Candidate;
///
/// let driver = Driver::new(auth, HttpClient::new()).admit(async |candidate: Candidate| candidate.admit());
/// axum::Router::new().merge(router_of(driver))
/// # }
/// ```
pub fn router_of<S>(driver: Driver<impl Client>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let base = driver.auth().base_path().to_owned();
    let answer = any(move |request: Request| {
        let driver = driver.clone();
        async move { driver.answer(request).await.map(Body::from) }
    });
    Router::new()
        .route(&base, answer.clone())
        .route(&format!("{base}/"), answer.clone())
        .route(&format!("{base}/{{*route}}"), answer)
}
