//! A small site with sign-in on tower, served by hyper over HTTP/1.1 and HTTP/2: a public page, a private one, and an API.
#![forbid(unsafe_code)]

use aura_examples::{DevProvider, site};
use aura_tower::{
    AnswerBody, Connection, Driver, RequestError, Respond, Scheme, Session, SessionError, require_session,
    sign_in,
};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tower::{Layer, Service, ServiceExt, service_fn};

/// Longest request body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long a request's head may take to arrive, a connection of HTTP/1.1 may be idle, and one of HTTP/2 may be silent.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long nothing is accepted after a failure.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves the site, with the embedded provider where there is one, until it is dropped.
///
/// ```no_run
/// # async fn start(listener: tokio::net::TcpListener, driver: aura_tower::Driver) {
/// aura_example_tower::serve(listener, driver, None).await;
/// # }
/// ```
pub async fn serve(listener: TcpListener, driver: Driver, dev: Option<DevProvider>) {
    let service = sign_in(driver.clone()).layer(app(driver, dev));
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Too many open files, most often. Some are closed in a while.
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let service = service.clone().on(Connection::new(Scheme::Http).with_peer(peer.ip()));
        tokio::spawn(async move {
            let mut server = auto::Builder::new(TokioExecutor::new());
            server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
            server.http2().timer(TokioTimer::new()).keep_alive_interval(HEADER_TIMEOUT);
            // A broken connection affects only its peer.
            let _ = server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
        });
    }
}

/// Routes to the private pages, which a layer guards, and to the public ones.
fn app(
    driver: Driver,
    dev: Option<DevProvider>,
) -> impl Service<
    Request<Incoming>,
    Response = Response<AnswerBody<Full<Bytes>>>,
    Error = Infallible,
    Future: Send + 'static,
> + Clone
+ Send
+ 'static {
    let guard = driver.guard().sign_in_with(site::PROVIDER);
    let pages = Arc::new(Pages { driver, dev });
    let of_private = Arc::clone(&pages);
    let private = service_fn(move |request| {
        let pages = Arc::clone(&of_private);
        async move { Ok(pages.private(request).await.map(Full::new)) }
    });
    let private = require_session(guard).layer(private);
    service_fn(move |request: Request<Incoming>| {
        let (pages, private) = (Arc::clone(&pages), private.clone());
        async move {
            match request.uri().path() {
                "/account" | "/note" => private.oneshot(request).await,
                _ => Ok(pages.public(request).await.map(|page| AnswerBody::Left(Full::new(page)))),
            }
        }
    })
}

struct Pages {
    driver: Driver,
    dev: Option<DevProvider>,
}

impl Pages {
    async fn public(&self, request: Request<Incoming>) -> Response<Bytes> {
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::GET, "/") => {
                let session = self.driver.session(&request).await;
                site::home(self.driver.auth(), session.as_ref().ok())
            }
            (&Method::POST, "/api/greeting") => {
                self.greet(&request).await.unwrap_or_else(Respond::into_response)
            }
            _ => match self.dev.as_ref().filter(|dev| dev.owns(path)) {
                Some(dev) => provide(dev, request).await,
                None => site::file(path),
            },
        }
    }

    async fn greet(&self, request: &Request<Incoming>) -> Result<Response<Bytes>, Respond> {
        let session = self.driver.session(request).await.map_err(Respond::refusal)?;
        self.driver.check_csrf(request).await.map_err(Respond::refusal)?;
        Ok(site::greeting(&session))
    }

    async fn private(&self, request: Request<Incoming>) -> Response<Bytes> {
        let Some(session) = request.extensions().get::<Session>().cloned() else {
            return Respond::refusal(SessionError::Missing).into_response();
        };
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/account") => site::account(&session),
            (&Method::GET, "/note") => self.note_forms(&request).await.unwrap_or_else(|refusal| refusal),
            (&Method::POST, "/note") => {
                self.note(&session, request).await.unwrap_or_else(Respond::into_response)
            }
            (_, path) => site::file(path),
        }
    }

    async fn note_forms(&self, request: &Request<Incoming>) -> Result<Response<Bytes>, Response<Bytes>> {
        let token = self.driver.form_token(request).await?;
        let forms = site::note_forms(token.as_str());
        Ok(token.finish(forms))
    }

    async fn note(&self, session: &Session, request: Request<Incoming>) -> Result<Response<Bytes>, Respond> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|_| Respond::refusal(RequestError::BodyTooLarge))?.to_bytes();
        let note: site::Note = self.driver.read_form(&head, &body).await.map_err(Respond::refusal)?;
        Ok(site::noted(session, &note))
    }
}

/// Lets the embedded provider answer.
async fn provide(dev: &DevProvider, request: Request<Incoming>) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => dev.answer(Request::from_parts(head, body.to_bytes())),
        Err(_) => site::too_long(),
    }
}
