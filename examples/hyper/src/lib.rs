//! A small site with sign-in on hyper, over HTTP/1.1 and HTTP/2: a public page, a private one, and an API.
#![forbid(unsafe_code)]

use aura_examples::{DevProvider, site};
use aura_hyper::{Driver, Guard, SignIn};
use aura_proto::{Connection, RequestError, Respond, Scheme};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Longest request body that the embedded provider reads, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long a request's head may take to arrive, a connection of HTTP/1.1 may be idle, and one of HTTP/2 may be silent.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long nothing is accepted after a failure.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves the site, with the embedded provider where there is one, until it is dropped.
///
/// ```no_run
/// # async fn start(listener: tokio::net::TcpListener, driver: aura_hyper::Driver) {
/// aura_example_hyper::serve(listener, driver, None).await;
/// # }
/// ```
pub async fn serve(listener: TcpListener, driver: Driver, dev: Option<DevProvider>) {
    let guard = driver.guard().sign_in_with(site::PROVIDER);
    let site = Arc::new(Site { driver: driver.clone(), guard, dev });
    let pages = service_fn(move |request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(site.answer(request).await.map(Full::new)) }
    });
    let service = SignIn::new(driver, pages);
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
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

struct Site {
    driver: Driver,
    guard: Guard,
    dev: Option<DevProvider>,
}

impl Site {
    async fn answer(&self, request: Request<Incoming>) -> Response<Bytes> {
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::GET, "/") => {
                let session = self.driver.session(&request).await;
                site::home(self.driver.auth(), session.as_ref().ok())
            }
            (&Method::GET, "/account") => match self.guard.check(&request).await {
                Ok(visit) => {
                    let page = site::account(visit.session());
                    visit.finish(page)
                }
                Err(refusal) => refusal,
            },
            (&Method::GET, "/note") => self.note_forms(&request).await.unwrap_or_else(|refusal| refusal),
            (&Method::POST, "/note") => self.note(request).await.unwrap_or_else(Respond::into_response),
            (&Method::POST, "/api/greeting") => {
                self.greet(&request).await.unwrap_or_else(Respond::into_response)
            }
            _ => match self.dev.as_ref().filter(|dev| dev.owns(path)) {
                Some(dev) => provide(dev, request).await,
                None => site::file(path),
            },
        }
    }

    async fn note_forms(&self, request: &Request<Incoming>) -> Result<Response<Bytes>, Response<Bytes>> {
        let visit = self.guard.check(request).await?;
        let token = self.driver.form_token(request).await?;
        let forms = site::note_forms(token.as_str());
        Ok(visit.finish(token.finish(forms)))
    }

    async fn note(&self, request: Request<Incoming>) -> Result<Response<Bytes>, Respond> {
        let session = self.driver.session(&request).await.map_err(Respond::refusal)?;
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|_| Respond::refusal(RequestError::BodyTooLarge))?.to_bytes();
        let note: site::Note = self.driver.read_form(&head, &body).await.map_err(Respond::refusal)?;
        Ok(site::noted(&session, &note))
    }

    async fn greet(&self, request: &Request<Incoming>) -> Result<Response<Bytes>, Respond> {
        let session = self.driver.session(request).await.map_err(Respond::refusal)?;
        self.driver.check_csrf(request).await.map_err(Respond::refusal)?;
        Ok(site::greeting(&session))
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
