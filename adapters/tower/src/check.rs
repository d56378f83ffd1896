//! The layer that checks a request before a service has it.

use aura_http::{AnswerBody, Answering, Limiter, SubtreeGuard, own};
use aura_proto::{Session, Visit};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Either;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// What a request has to pass.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    Session(SubtreeGuard),
    Limit(Limiter),
}

impl Check {
    /// Returns the visit of a request, or its refusal. A service finds the session of the visit in the request's extensions.
    async fn of(&self, head: &mut Request<()>) -> Result<Option<Visit>, Response<Bytes>> {
        let guard = match self {
            Self::Session(guard) => guard,
            Self::Limit(limiter) => return limiter.check(&*head).await.map(|()| None),
        };
        let visit = guard.check_at(head, head.uri()).await?;
        // A layer further out may have read the session of another driver, or of cookies that are gone.
        head.extensions_mut().remove::<Session>();
        if let Some(visit) = &visit {
            head.extensions_mut().insert(visit.session().clone());
            guard.guard().note_passed(head.extensions_mut());
        }
        Ok(visit)
    }
}

/// The layer that [`require_session`](crate::require_session), [`renew_sessions`](crate::renew_sessions) and
/// [`limit_requests`](crate::limit_requests) make.
#[derive(Clone, Debug)]
pub struct CheckLayer(pub(crate) Check);

/// The service that [`CheckLayer`] makes of another.
#[derive(Clone, Debug)]
pub struct Checked<S> {
    check: Check,
    inner: S,
}

impl<S> Layer<S> for CheckLayer {
    type Service = Checked<S>;

    fn layer(&self, inner: S) -> Checked<S> {
        Checked { check: self.0.clone(), inner }
    }
}

impl<S, B, A> Service<Request<B>> for Checked<S>
where
    S: Service<Request<B>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<AnswerBody<A>>;
    type Error = S::Error;
    type Future = Answering<A, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let check = self.check.clone();
        // The service that was polled ready is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let mut head = Request::from_parts(head, ());
            let visit = match check.of(&mut head).await {
                Ok(visit) => visit,
                Err(refusal) => return Ok(own(refusal)),
            };
            let answer = inner.call(head.map(|()| body)).await?;
            let answer = match visit {
                Some(visit) => visit.finish(answer),
                None => answer,
            };
            Ok(answer.map(Either::Right))
        })
    }
}
