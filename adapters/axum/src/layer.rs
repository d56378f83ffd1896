//! Layers over a subtree of routes: one requires a session, one renews it.

use aura_http::{Driver, Guard, KeptSession, SubtreeGuard};
use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use axum::response::Response;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Requires a session for every route that a router has by then, and renews it by its policy. Handlers below take it as a
/// [`Session`](crate::Session) without reading the cookie again. A guard with a rule ([`Guard::when`]) lets some sessions through
/// alone.
///
/// Put it on after the routes, and by `route_layer`: axum refuses that on a router without routes, where `layer` guards nothing. Routes
/// that are added later are open to everybody. Merge the [`router`](crate::router) of the sign-in after it.
///
/// ```
/// use aura_axum::{Driver, Session, require_session};
/// use axum::Router;
/// use axum::routing::get;
///
/// fn app(driver: Driver) -> Router<Driver> {
///     let admin = driver.guard().when(|session| session.claim_contains("groups", "admin"));
///     Router::new()
///         .route("/account", get(async |session: Session| session.user().sub().to_owned()))
///         .route_layer(require_session(driver.guard().sign_in_page("/sign-in")))
///         .merge(Router::new().route("/admin", get(async || "for administrators")).route_layer(require_session(admin)))
/// }
/// ```
pub fn require_session(guard: Guard) -> SessionLayer {
    SessionLayer(SubtreeGuard::requiring(guard))
}

/// Renews the sessions of signed-in visitors by their policy, and lets everybody through: for routes that take an
/// [`Option<Session>`](crate::Session), and for those that an extractor guards. A visitor without a session is not answered
/// otherwise, and no cookie is cleared. The router's own routes may stand below it.
///
/// ```
/// # fn app(driver: aura_axum::Driver) -> axum::Router {
/// use aura_axum::{Session, renew_sessions, router};
/// use axum::routing::get;
///
/// axum::Router::new()
///     .route("/", get(async |session: Option<Session>| session.is_some().to_string()))
///     .merge(router(driver.clone()))
///     .layer(renew_sessions(&driver))
///     .with_state(driver)
/// # }
/// ```
pub fn renew_sessions(driver: &Driver) -> SessionLayer {
    SessionLayer(SubtreeGuard::renewing(driver))
}

/// The layer that [`require_session`] and [`renew_sessions`] make.
#[derive(Clone, Debug)]
pub struct SessionLayer(SubtreeGuard);

/// The service that [`SessionLayer`] makes of another.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    guard: SubtreeGuard,
    inner: S,
}

impl<S> Layer<S> for SessionLayer {
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
        let check = self.guard.check_at(&request, original);
        let guard = self.guard.guard().clone();
        // The service that was polled ready is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let visit = match check.await {
                Ok(Some(visit)) => visit,
                Ok(None) => return inner.call(request).await,
                Err(refusal) => return Ok(refusal.map(Body::from)),
            };
            let kept = KeptSession::new(guard.auth(), request.headers(), Ok(visit.session().clone()));
            request.extensions_mut().insert(kept);
            guard.note_passed(request.extensions_mut());
            Ok(visit.finish(inner.call(request).await?))
        })
    }
}
