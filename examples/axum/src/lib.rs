//! A small site with sign-in on axum: a public page, a private one, and an API.
#![forbid(unsafe_code)]

use aura_axum::{Csrf, CsrfForm, CsrfToken, Driver, Session, require_session, router};
use aura_examples::{DevProvider, site};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use bytes::Bytes;
use http::Uri;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Longest request body that the embedded provider reads, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Serves the site, with the embedded provider where there is one, until the listener fails.
///
/// # Errors
/// Those of the listener.
///
/// ```no_run
/// # async fn start(listener: tokio::net::TcpListener, driver: aura_axum::Driver) {
/// aura_example_axum::serve(listener, driver, None).await.expect("a socket");
/// # }
/// ```
pub async fn serve(listener: TcpListener, driver: Driver, dev: Option<DevProvider>) -> io::Result<()> {
    let app = app(driver, dev).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await
}

fn app(driver: Driver, dev: Option<DevProvider>) -> Router {
    let private = Router::new()
        .route("/account", get(async |session: Session| page(site::account(&session))))
        .route("/note", get(note_forms).post(note))
        .route_layer(require_session(driver.guard().sign_in_with(site::PROVIDER)));
    let mut app = Router::new()
        .route("/", get(home))
        .route("/api/greeting", post(async |session: Session, _: Csrf| page(site::greeting(&session))))
        .fallback(async |url: Uri| page(site::file(url.path())))
        .merge(private)
        .merge(router(driver.clone()));
    if let Some(dev) = dev {
        app = app.route("/dev/{*endpoint}", any(async move |request: Request| answer(&dev, request).await));
    }
    app.with_state(driver)
}

async fn home(State(driver): State<Driver>, session: Option<Session>) -> Response {
    page(site::home(driver.auth(), session.as_deref()))
}

async fn note_forms(token: CsrfToken) -> impl IntoResponse {
    let forms = page(site::note_forms(token.as_str()));
    (token, forms)
}

async fn note(session: Session, CsrfForm(note): CsrfForm<site::Note>) -> Response {
    page(site::noted(&session, &note))
}

/// Lets the embedded provider answer.
async fn answer(dev: &DevProvider, request: Request) -> Response {
    let (head, body) = request.into_parts();
    page(match to_bytes(body, MAX_BODY).await {
        Ok(body) => dev.answer(Request::from_parts(head, body)),
        Err(_) => site::too_long(),
    })
}

fn page(response: http::Response<Bytes>) -> Response {
    response.map(Body::from)
}
