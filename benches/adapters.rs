//! Requests to the adapters' services, without a socket.

use crate::scenarios::{Work, requests, standard};
use crate::{NOW, USER, auth, builder, callback, cookie_header, cookies};
use aura_axum::store::MemoryStore;
use aura_axum::{Session, SessionPolicy, require_session};
use aura_proto::FetchError;
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::service::{Service as _, service_fn};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::runtime::Builder;
use tower_service::Service as _;

/// The headers of the core's answers.
const HEADERS: [(HeaderName, HeaderValue); 9] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
    (header::EXPIRES, HeaderValue::from_static("0")),
    (header::VARY, HeaderValue::from_static("Cookie")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; frame-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
];

/// Does what waits for nothing.
fn done<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("waits for something"),
    }
}

fn driver() -> aura_axum::Driver {
    let nobody = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
    aura_axum::Driver::new(auth(), nobody).expect("no store is needed").clock(|| NOW)
}

/// Asks an axum service for the page at a path, which must be found.
fn axum(app: Router, path: &'static str) -> Work {
    axum_with(app, path, &standard())
}

fn axum_with(mut app: Router, path: &'static str, headers: &HeaderMap) -> Work {
    let mut requests = requests(path, headers, Body::empty);
    Box::new(move || {
        let Ok(response) = done(app.call(requests.pop().expect("enough")));
        assert_eq!(response.status(), 200, "{path}");
        drop(black_box(response));
    })
}

pub(crate) fn axum_hello(_: usize) -> Work {
    let hello = async || (axum::response::AppendHeaders(HEADERS), r#"{"hello":"world"}"#);
    axum(Router::new().route("/", get(hello)), "/")
}

pub(crate) fn axum_get_session(_: usize) -> Work {
    axum(Router::new().merge(aura_axum::router(driver())), "/auth/session")
}

/// The same with a session that is kept in memory, and looked up at each use.
pub(crate) fn axum_get_ticket(_: usize) -> Work {
    stored_axum(SessionPolicy::default().stored())
}

/// The same with a copy of the session, which is fresh.
pub(crate) fn axum_get_snapshot(_: usize) -> Work {
    stored_axum(SessionPolicy::default().recheck(Duration::from_secs(60)))
}

fn stored_axum(policy: SessionPolicy) -> Work {
    let auth = builder().base_url("https://app.test").session(policy).build().expect("sound");
    let provider = async |request: Request<Bytes>| {
        let body = match request.uri().path() {
            "/login/oauth/access_token" => r#"{"access_token":"a"}"#,
            _ => USER,
        };
        Ok::<_, FetchError>(Response::new(Bytes::from_static(body.as_bytes())))
    };
    let driver = aura_axum::Driver::with_session_store(auth, provider, MemoryStore::default()).clock(|| NOW);
    let callback = callback(driver.auth()).map(Full::new);
    // What a store is asked has a time limit, which is the runtime's.
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let cookies = {
        let _inside = runtime.enter();
        cookies(done(driver.answer(callback)).headers())
    };
    let headers = cookie_header(&format!("theme=dark; {cookies}"));
    let mut work = axum_with(Router::new().merge(aura_axum::router(driver)), "/auth/session", &headers);
    Box::new(move || {
        let _inside = runtime.enter();
        work();
    })
}

pub(crate) fn axum_extractor(_: usize) -> Work {
    let page = get(async |session: Session| session.user().sub().to_owned());
    axum(Router::new().route("/", page).with_state(driver()), "/")
}

pub(crate) fn axum_extractors(_: usize) -> Work {
    let page = get(async |_: Session, _: Option<Session>, session: Session| session.user().sub().to_owned());
    axum(Router::new().route("/", page).with_state(driver()), "/")
}

pub(crate) fn axum_layer(_: usize) -> Work {
    let page = get(async |session: Session| session.user().sub().to_owned());
    let driver = driver();
    let guard = require_session(driver.guard());
    axum(Router::new().route("/", page).layer(guard).with_state(driver), "/")
}

pub(crate) fn hyper_get_session(_: usize) -> Work {
    let pages = service_fn(async |_: Request<Full<Bytes>>| {
        Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let service = aura_hyper::SignIn::new(driver(), pages);
    let mut requests = requests("/auth/session", &standard(), Full::<Bytes>::default);
    Box::new(move || {
        let Ok(response) = done(service.call(requests.pop().expect("enough")));
        assert_eq!(response.status(), 200);
        drop(black_box(response));
    })
}

pub(crate) fn warp_get_session(_: usize) -> Work {
    let mut service = warp::service(aura_warp::routes(driver()));
    let mut requests = requests("/auth/session", &standard(), Full::<Bytes>::default);
    Box::new(move || {
        let Ok(response) = done(service.call(requests.pop().expect("enough")));
        assert_eq!(response.status(), 200);
        drop(black_box(response));
    })
}

pub(crate) fn blocking_get_session(_: usize) -> Work {
    let nobody = |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
    let driver = aura_blocking::Driver::new(auth(), nobody).expect("no store is needed").clock(|| NOW);
    let mut requests = requests("/auth/session", &standard(), std::io::empty);
    Box::new(move || {
        let response = driver.answer(requests.pop().expect("enough"));
        assert_eq!(response.status(), 200);
        drop(black_box(response));
    })
}
