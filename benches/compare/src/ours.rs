//! The adapters, each with nothing beside the routes.

use crate::page::session;
use aura_axum::{Driver, HttpClient, Session, router};
use aura_blocking::UreqClient;
use aura_proto::{Connection, Scheme};
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::process::ExitCode;
use tokio::net::TcpListener;

fn driver() -> Driver {
    Driver::new(aura_benches::auth(), HttpClient::new()).expect("no store is needed")
}

pub(crate) fn axum() -> Router {
    Router::new().merge(router(driver()))
}

/// A page of the application, at the same path, that takes the session.
pub(crate) fn axum_page() -> Router {
    let page = async |user: Session| {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let user = user.user();
        let user = crate::page::User {
            sub: user.sub().to_owned(),
            name: text(user.name()),
            email: text(user.email()),
            image: text(user.image()),
        };
        session(Some(&user), "2026-10-06T13:33:20.000Z")
    };
    Router::new().route("/auth/session", get(page)).with_state(driver())
}

pub(crate) async fn hyper(listener: TcpListener) {
    let pages = service_fn(async |_: Request<Incoming>| {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("a page"))))
    });
    let service = aura_hyper::SignIn::new(driver(), pages);
    loop {
        let (stream, peer) = listener.accept().await.expect("a socket");
        let service = service.clone().on(Connection::new(Scheme::Http).with_peer(peer.ip()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

pub(crate) async fn warp(listener: TcpListener) {
    warp::serve(aura_warp::routes(driver())).incoming(listener).run().await;
}

/// The example on `tiny_http`, a thread for each request.
pub(crate) fn blocking(port: u16) -> ExitCode {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    let driver = aura_blocking::Driver::new(aura_benches::auth(), UreqClient::new()).expect("no store is needed");
    aura_example_blocking::serve(listener, &driver, None).expect("a socket");
    ExitCode::SUCCESS
}

/// The `Cookie` field of a browser that is signed in at a site of ours.
pub(crate) fn cookie() -> String {
    let auth = aura_benches::auth();
    let headers = aura_benches::signed_in_with(&auth, 0, aura_axum::now());
    format!("theme=dark; {}", headers["cookie"].to_str().expect("ASCII"))
}
