//! Middleware of an application, a scope or a resource: it requires a session, renews it, or limits requests.

use crate::convert::{add_to, answer, head};
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, HttpMessage};
use aura_http::{Driver, Guard, KeptSession, Limiter, SubtreeGuard};
use aura_proto::Visit;
use bytes::Bytes;
use http::Response;
use std::rc::Rc;

/// Requires a session for every route of an application, a scope or a resource, and renews it by its policy. Handlers below take it
/// as a [`Session`](crate::Session) without reading the cookie again. A guard with a rule ([`Guard::when`]) lets some sessions
/// through alone.
///
/// ```
/// use actix_web::{App, test, web};
/// use aura_actix::{Session, require_session, routes};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
/// # let driver = aura_actix::Driver::new(auth, client)?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
///
/// # tokio::task::LocalSet::new().block_on(&runtime, async {
/// let admin = driver.guard().sign_in_page("/sign-in").when(|session| session.claim_contains("groups", "admin"));
/// let admin = web::scope("/admin")
///     .route("/users", web::get().to(async |session: Session| session.user().sub().to_owned()))
///     .wrap(require_session(admin));
/// let app = test::init_service(App::new().configure(routes(driver)).service(admin)).await;
///
/// let by_a_program = test::TestRequest::get().uri("/admin/users");
/// assert_eq!(test::call_service(&app, by_a_program.to_request()).await.status(), 401);
/// let by_a_person = test::TestRequest::get().uri("/admin/users").insert_header(("accept", "text/html"));
/// let redirect = test::call_service(&app, by_a_person.to_request()).await;
/// assert_eq!(redirect.headers().get("location").unwrap(), "/sign-in?redirectTo=%2Fadmin%2Fusers");
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn require_session<S: Wrapped<B>, B: MessageBody + 'static>(guard: Guard) -> impl Wrap<S, B> {
    guarded(SubtreeGuard::requiring(guard))
}

/// Renews the sessions of signed-in visitors by their policy, and lets everybody through: for routes that take an
/// [`Option<Session>`](crate::Session), and for those that an extractor guards. A visitor without a session is not answered
/// otherwise, and no cookie is cleared. The routes of the sign-in may stand below it.
///
/// ```
/// use actix_web::{App, web};
/// use aura_actix::{Driver, Session, renew_sessions, routes};
///
/// # fn app(driver: Driver) {
/// let home = web::get().to(async |session: Option<Session>| session.is_some().to_string());
/// let app = App::new().configure(routes(driver.clone())).route("/", home).wrap(renew_sessions(&driver));
/// # let _ = app;
/// # }
/// ```
pub fn renew_sessions<S: Wrapped<B>, B: MessageBody + 'static>(
    driver: &Driver,
) -> impl Wrap<S, B> + use<S, B> {
    guarded(SubtreeGuard::renewing(driver))
}

/// Lets a client pass as often as a limiter's quota says; else the answer is 429, by a page where a browser asks for one. Clients are
/// told apart as at the sign-in: by the peer's address, or a trusted proxy.
///
/// ```
/// use actix_web::web;
/// use aura_actix::{Driver, Quota, limit_requests};
/// use std::time::Duration;
///
/// # fn app(driver: &Driver) {
/// let limiter = driver.limiter("search", Quota::new(20, Duration::from_secs(60)));
/// let search = web::resource("/search").get(async || "what was found").wrap(limit_requests(limiter));
/// # let _ = actix_web::App::new().service(search);
/// # }
/// ```
pub fn limit_requests<S: Wrapped<B>, B: MessageBody + 'static>(limiter: Limiter) -> impl Wrap<S, B> {
    wrap(async move |request: &ServiceRequest| limiter.check(&head(request.request())).await.map(|()| None))
}

/// What the guards that a request has passed keep of it.
struct Passed(http::Extensions);

fn guarded<S: Wrapped<B>, B: MessageBody + 'static>(guard: SubtreeGuard) -> impl Wrap<S, B> {
    wrap(async move |request: &ServiceRequest| {
        let mut head = head(request.request());
        if let Some(Passed(outer)) = request.extensions().get::<Passed>() {
            head.extensions_mut().extend(outer.clone());
        }
        let visit = guard.check_at(&head, head.uri()).await?;
        if let Some(visit) = &visit {
            guard.guard().note_passed(head.extensions_mut());
            request.extensions_mut().insert(Passed(head.extensions().clone()));
            let session = Ok(visit.session().clone());
            let kept = KeptSession::new(guard.guard().auth(), head.headers(), session);
            request.extensions_mut().insert(kept);
        }
        Ok(visit)
    })
}

/// Makes middleware of a check, whose visit finishes the answer.
fn wrap<S: Wrapped<B>, B: MessageBody + 'static>(
    check: impl AsyncFn(&ServiceRequest) -> Result<Option<Visit>, Response<Bytes>> + 'static,
) -> impl Wrap<S, B> {
    let check = Rc::new(check);
    from_fn(move |request: ServiceRequest, next: Next<B>| {
        let check = Rc::clone(&check);
        async move {
            let visit = match check(&request).await {
                Ok(visit) => visit,
                Err(refusal) => return Ok(request.into_response(answer(refusal)).map_into_right_body()),
            };
            let mut answer = next.call(request).await?;
            if let Some(visit) = visit {
                add_to(answer.headers_mut(), |fields| visit.add_to(fields));
            }
            Ok(answer.map_into_left_body())
        }
    })
}

/// A service that middleware wraps: those of every application, scope and resource.
pub trait Wrapped<B>:
    Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static
{
}

impl<T, B> Wrapped<B> for T where
    T: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static
{
}

/// Middleware, as `wrap` of an application, a scope and a resource takes it.
pub trait Wrap<S, B>:
    Transform<S, ServiceRequest, Response = ServiceResponse<EitherBody<B>>, Error = Error, InitError = ()>
    + 'static
{
}

impl<T, S, B> Wrap<S, B> for T where
    T: Transform<S, ServiceRequest, Response = ServiceResponse<EitherBody<B>>, Error = Error, InitError = ()>
        + 'static
{
}
