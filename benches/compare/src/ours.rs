//! The adapters, each with nothing beside the routes.

use crate::page::session;
use aura_axum::store::MemoryStore;
use aura_axum::{Driver, HttpClient, Session, SessionPolicy, router};
use aura_blocking::UreqClient;
use aura_proto::{Connection, FetchError, Scheme};
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderValue, Request, Response};
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

/// The routes with a session that is kept in memory, as those of the peers are, and looked up at each use. It begins at `/login`.
pub(crate) async fn axum_ticket() -> Router {
    let policy = SessionPolicy::default().stored();
    let auth = aura_benches::builder().base_url("https://app.test").session(policy).build().expect("sound");
    let github = async |request: Request<Bytes>| {
        let is_token = request.uri().path() == "/login/oauth/access_token";
        let body = if is_token { r#"{"access_token":"a"}"# } else { aura_benches::USER };
        Ok::<_, FetchError>(Response::new(Bytes::from_static(body.as_bytes())))
    };
    let driver = Driver::with_session_store(auth, github, MemoryStore::default());
    let callback = aura_benches::callback_at(driver.auth(), aura_axum::now()).map(Full::new);
    let signed_in = driver.answer(callback).await;
    let mut cookies = signed_in.headers().get_all(SET_COOKIE).iter();
    let is_ticket =
        |cookie: &&HeaderValue| cookie.to_str().is_ok_and(|text| text.contains(".session_token="));
    let ticket = cookies.find(is_ticket).cloned().expect("a session");
    let login = get(async move || [(SET_COOKIE, ticket)]);
    Router::new().merge(router(driver)).route("/login", login)
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
    let driver =
        aura_blocking::Driver::new(aura_benches::auth(), UreqClient::new()).expect("no store is needed");
    aura_example_blocking::serve(listener, &driver, None).expect("a socket");
    ExitCode::SUCCESS
}

/// The `Cookie` field of a browser that is signed in at a site of ours.
pub(crate) fn cookie() -> String {
    let auth = aura_benches::auth();
    let headers = aura_benches::signed_in_with(&auth, 0, aura_axum::now());
    format!("theme=dark; {}", headers["cookie"].to_str().expect("ASCII"))
}
