//! Middleware that limits how often a client may use routes of the application's own.

use crate::say_connection;
use aura_http::Limiter;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// Lets a client pass as often as a limiter's quota says; else the answer is 429, by a page where a browser asks for one. Clients are
/// told apart as at the sign-in: the server needs `into_make_service_with_connect_info::<SocketAddr>()`, or a trusted proxy.
///
/// ```
/// use aura_axum::{Driver, Quota, limit_requests};
/// use axum::Router;
/// use axum::middleware::from_fn_with_state;
/// use axum::routing::get;
/// use std::time::Duration;
///
/// fn app(driver: &Driver) -> Router {
///     let limiter = driver.limiter("search", Quota::new(20, Duration::from_secs(60)));
///     Router::new()
///         .route("/search", get(async || "what was found"))
///         .route_layer(from_fn_with_state(limiter, limit_requests))
/// }
/// ```
pub async fn limit_requests(State(limiter): State<Limiter>, mut request: Request, next: Next) -> Response {
    say_connection(&mut request);
    match limiter.check(&request).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.map(Body::from),
    }
}
