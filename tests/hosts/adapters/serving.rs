//! Servers of the scenarios that have pages of their own: any tower service, and any application of actix-web.

use actix_web::{App, HttpServer, web};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::net::TcpListener;
use tower::{Layer, Service};

/// Makes a listener one of the runtime's.
pub(crate) fn awaited(listener: TcpListener) -> tokio::net::TcpListener {
    listener.set_nonblocking(true).unwrap();
    tokio::net::TcpListener::from_std(listener).unwrap()
}

/// What the pages of a scenario answer on tower.
pub(crate) type Page = Response<aura_tower::AnswerBody<Full<Bytes>>>;

/// Serves pages beside the routes of a driver.
pub(crate) fn on_tower<S>(listener: TcpListener, driver: aura_tower::Driver, pages: S)
where
    S: Service<Request<Incoming>, Response = Page, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let listener = awaited(listener);
    let service = aura_tower::sign_in(driver).layer(pages);
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let connection = aura_proto::Connection::new(aura_proto::Scheme::Http).with_peer(peer.ip());
            let service = TowerToHyperService::new(service.clone().on(connection));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

/// Serves pages beside the routes of a driver.
pub(crate) fn on_actix<F>(listener: TcpListener, driver: aura_actix::Driver, pages: F)
where
    F: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    let app = move || App::new().configure(aura_actix::routes(driver.clone())).configure(pages.clone());
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap();
    tokio::spawn(server.run());
}
