//! The answer to a request: its body, its first step, and the future of the rest.

use crate::driver::Driver;
use aura_host::{Received, Step};
use aura_proto::RequestError;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::Either;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::timeout;
use tracing::Instrument;

/// How long a request body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// An answer that waits for something.
type Waiting<'a> = Pin<Box<dyn Future<Output = Response<Bytes>> + Send + 'a>>;

impl Driver {
    /// Answers a request under the base path. Dropping the future drops the exchange under way, and with it the sign-in.
    pub fn answer<B: Body>(&self, request: Request<B>) -> impl Future<Output = Response<Bytes>> {
        // Written out, because an async block keeps the request twice, and frameworks move it. What is rare has a box of its own.
        let (mut request, mut rest) = (Some(request), None);
        poll_fn(move |context| {
            if let Some(request) = request.take() {
                rest = Some(match *request.method() {
                    Method::GET | Method::HEAD => match self.begin(request.map(|_| Ok(Bytes::new()))) {
                        Ok(response) => return Poll::Ready(response),
                        Err(waiting) => Either::Left(waiting),
                    },
                    _ => Either::Right(Box::pin(self.receive(request))),
                });
            }
            rest.as_mut().map_or(Poll::Pending, |rest| rest.poll_unpin(context))
        })
    }

    /// Answers a request whose body is to be received.
    async fn receive<B: Body>(&self, request: Request<B>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let body = receive(body).await;
        match self.begin(Request::from_parts(head, body)) {
            Ok(response) => response,
            Err(waiting) => waiting.await,
        }
    }

    /// Begins to answer a request, and answers it where nothing has to be waited for.
    fn begin(&self, request: Request<Result<Bytes, RequestError>>) -> Result<Response<Bytes>, Waiting<'_>> {
        let span = self.host().span(request.uri().path());
        let (head, body) = request.into_parts();
        let (step, recording) = span.in_scope(|| {
            let (action, mut recording) = match body {
                Ok(body) => self.host().begin(Request::from_parts(head, body)),
                Err(error) => self.host().refuse(head.uri.path(), error),
            };
            (self.host().step(action, &mut recording), recording)
        });
        match step {
            Step::Answer(response) => Ok(response),
            step @ (Step::Fetch(_)
            | Step::Admit(_)
            | Step::Check(_)
            | Step::Store(_)
            | Step::Count(_)
            | Step::Pause(..)
            | Step::RunToEnd(_)) => {
                let rest = self.carry_out(step, recording);
                Err(if span.is_disabled() { Box::pin(rest) } else { Box::pin(rest.instrument(span)) })
            }
        }
    }
}

/// Reads a request's body within its time.
async fn receive<B: Body>(body: B) -> Result<Bytes, RequestError> {
    timeout(BODY_TIMEOUT, read(body)).await.unwrap_or(Err(RequestError::BodyTimedOut))
}

async fn read<B: Body>(body: B) -> Result<Bytes, RequestError> {
    let mut body = std::pin::pin!(body);
    let mut received = Received::default();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| RequestError::MalformedBody)?.into_data() else { continue };
        if received.push(data).is_break() {
            break;
        }
    }
    received.finish()
}
