//! The layer that requires a session for a whole subtree of routes.

use crate::extract::Reading;
use aura_http::Guard;
use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use axum::http::StatusCode;
use axum::response::Response;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Requires a session for every route of a router, and renews it by its policy. Handlers below take it as a
/// [`Session`](crate::Session) without reading the cookie again.
///
/// ```
/// use aura_axum::{Driver, Session, require_session};
/// use axum::Router;
/// use axum::routing::get;
///
/// fn app(driver: Driver) -> Router<Driver> {
///     Router::new()
///         .route("/account", get(async |session: Session| session.user().sub().to_owned()))
///         .layer(require_session(driver.guard().sign_in_page("/sign-in")))
/// }
/// ```
pub fn require_session(guard: Guard) -> RequireSession {
    RequireSession(guard)
}

/// The layer that [`require_session`] makes.
#[derive(Clone, Debug)]
pub struct RequireSession(Guard);

/// The service that [`RequireSession`] makes of another.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S> Layer<S> for RequireSession {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { guard: self.0.clone(), inner }
    }
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let original =
            request.extensions().get::<OriginalUri>().map_or(request.uri(), |original| &original.0);
        // The routes of the sign-in itself stand below it by mistake: refused, nobody could ever sign in.
        let path = original.path();
        let is_ours = self.guard.auth().is_route(path);
        if is_ours {
            tracing::error!(target: "aura", path, "require_session stands over the router's own routes: merge the router after the layer");
        }
        let check = self.guard.check_at(&request, original);
        let auth = self.guard.auth().clone();
        // The service that was polled ready is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let visit = match check.await {
                Ok(visit) => visit,
                Err(refusal) if is_ours && refusal.status() == StatusCode::UNAUTHORIZED => {
                    return inner.call(request).await;
                }
                Err(refusal) => return Ok(refusal.map(Body::from)),
            };
            let reading = Reading::new(&auth, request.headers(), Ok(visit.session().clone()));
            request.extensions_mut().insert(reading);
            Ok(visit.finish(inner.call(request).await?))
        })
    }
}
