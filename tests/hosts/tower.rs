//! The layers of tower: bodies of any type, services that have to be ready, and where a request arrived.

use super::refresh::{LIFE, Site, get, sign_in};
use aura_proto::{Builder, Connection, Scheme, Session, SessionPolicy};
use aura_tower::{AnswerBody, Driver, Quota, limit_requests, renew_sessions, require_session};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer, Service, ServiceExt, service_fn};

/// A body as a gRPC server has one: frames of data and trailers, and no `From<Bytes>`.
struct Grpc(VecDeque<Frame<Bytes>>);

impl Grpc {
    fn reply(message: &'static str) -> Self {
        let trailers =
            HeaderMap::from_iter([(header::HeaderName::from_static("grpc-status"), "0".parse().unwrap())]);
        Self([Frame::data(message.into()), Frame::trailers(trailers)].into())
    }
}

impl Body for Grpc {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// Says hello to the user of a call.
#[derive(Default)]
struct Greeter {
    /// Whether this very value was polled ready, as a call needs it.
    is_ready: bool,
}

impl Clone for Greeter {
    /// A clone was not polled ready.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request<Grpc>> for Greeter {
    type Response = Response<Grpc>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Grpc>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Grpc>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "a service is called when it was polled ready");
        let is_known =
            request.extensions().get::<Session>().is_some_and(|session| session.user().sub() == "ada");
        let answer = Response::builder().header(header::CONTENT_TYPE, "application/grpc");
        ready(Ok(answer.body(Grpc::reply(if is_known { "Hello, Ada" } else { "Hello" })).unwrap()))
    }
}

/// Makes the greeter ready once, so that a layer that calls a clone of it is noticed.
async fn readied<S: Service<Request<Grpc>, Error = Infallible>>(mut service: S) -> S {
    service.ready().await.unwrap();
    service
}

fn call(cookies: &str) -> Request<Grpc> {
    Request::post("/greeter.Greeter/Hello")
        .header(header::CONTENT_TYPE, "application/grpc")
        .header(header::COOKIE, cookies)
        .body(Grpc(VecDeque::new()))
        .unwrap()
}

/// Reads a body to its end: its data, and its trailers.
async fn read<B: Body<Data = Bytes, Error: std::fmt::Debug>>(
    answer: Response<B>,
) -> (Bytes, Option<HeaderMap>) {
    let body = answer.into_body().collect().await.unwrap();
    let trailers = body.trailers().cloned();
    (body.to_bytes(), trailers)
}

#[tokio::test]
async fn a_body_with_trailers_passes_every_layer_and_the_service_knows_the_user() {
    let site = Site::new();
    let driver = site.driver(SessionPolicy::default());
    let cookies = sign_in(&driver).await.header();
    let limiter = driver.limiter("calls", Quota::new(2, Duration::from_secs(60)));
    let greeter = require_session(driver.guard()).layer(limit_requests(limiter).layer(Greeter::default()));
    let service = aura_tower::sign_in(driver.clone()).layer(renew_sessions(&driver).layer(greeter));
    let mut service = readied(service).await;
    let answer = service.call(call(&cookies)).await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/grpc");
    let (data, trailers) = read(answer).await;
    assert_eq!((data, trailers.unwrap()["grpc-status"].to_str().unwrap()), ("Hello, Ada".into(), "0"));
}

#[tokio::test]
async fn a_call_without_a_session_is_401_and_does_not_reach_the_service() {
    let driver = Site::new().driver(SessionPolicy::default());
    let unreachable = service_fn(async |_: Request<Grpc>| -> Result<Response<Grpc>, Infallible> {
        panic!("the guard lets it through")
    });
    let service = require_session(driver.guard().sign_in_with("dev")).layer(unreachable);
    let answer = service.oneshot(call("")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(matches!(answer.body(), AnswerBody::Left(_)), "the answer is the layer's own");
    let (data, _) = read(answer).await;
    assert!(
        data.starts_with(b"{") && String::from_utf8_lossy(&data).contains("SESSION_NOT_FOUND"),
        "{data:?}"
    );
}

#[tokio::test]
async fn the_layer_that_renews_lets_calls_without_a_session_through() {
    let site = Site::new();
    let driver = site.driver(SessionPolicy::default());
    let service = renew_sessions(&driver).layer(Greeter::default());
    let mut service = readied(service).await;
    let answer = service.call(call("")).await.unwrap();
    assert_eq!(answer.headers().len(), 1, "{:?}", answer.headers());
    assert_eq!(read(answer).await.0, "Hello");
}

#[tokio::test]
async fn a_layer_that_finds_no_session_leaves_none_of_another_driver() {
    let (customers, staff) = (Site::new(), Site::new());
    let (customers, staff) =
        (customers.driver(SessionPolicy::default()), staff.driver(SessionPolicy::default().issuer("staff")));
    let cookies = sign_in(&customers).await.header();
    let service = renew_sessions(&customers).layer(renew_sessions(&staff).layer(Greeter::default()));
    let mut service = readied(service).await;
    assert_eq!(read(service.call(call(&cookies)).await.unwrap()).await.0, "Hello", "staff know nobody");
    let service = renew_sessions(&staff).layer(renew_sessions(&customers).layer(Greeter::default()));
    let mut service = readied(service).await;
    assert_eq!(read(service.call(call(&cookies)).await.unwrap()).await.0, "Hello, Ada");
}

#[tokio::test]
async fn a_renewed_session_reaches_the_browser_with_the_services_answer() {
    let site = Site::new();
    let rolling = SessionPolicy::default().expiration(aura_proto::Expiration::Rolling);
    let driver = site.driver(rolling);
    let cookies = sign_in(&driver).await.header();
    site.advance(LIFE);
    for layer in [require_session(driver.guard()), renew_sessions(&driver)] {
        let mut service = readied(layer.layer(Greeter::default())).await;
        let answer = service.call(call(&cookies)).await.unwrap();
        assert_eq!(answer.headers().get_all(header::SET_COOKIE).iter().count(), 1);
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    }
}

#[tokio::test]
async fn a_guard_over_the_sign_in_itself_lets_people_sign_in_and_nothing_else() {
    let driver = Site::new().driver(SessionPolicy::default());
    let inner = service_fn(async |_: Request<Full<Bytes>>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("in")))
    });
    let service = require_session(driver.guard()).layer(aura_tower::sign_in(driver.clone()).layer(inner));
    for (path, status) in [("/auth/signIn/dev", 302), ("/auth/devices", 401), ("/account", 401), ("/", 401)] {
        let answer = service.clone().oneshot(get(path, &aura_tests::CookieMap::default())).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[tokio::test]
async fn hh_05_a_server_says_where_a_request_arrived_by_the_service_or_by_a_layer_further_out() {
    let auth = |configure: fn(Builder) -> Builder| {
        let row = aura_proto::provider::Provider::oauth("dev", "site")
            .authorization_endpoint("https://provider.test/authorize")
            .token_endpoint("https://provider.test/token")
            .userinfo_endpoint("https://provider.test/userinfo");
        configure(aura_tests::bare_builder(aura_tests::SECRET).provider(row)).build().unwrap()
    };
    let nobody = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(aura_proto::FetchError::Unreachable);
    let driver = Driver::new(auth(|builder| builder.trusted_origins(["https://app.test"])), nobody).unwrap();
    let pages = service_fn(async |request: Request<Full<Bytes>>| {
        assert!(request.extensions().get::<Connection>().is_some());
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let service = aura_tower::sign_in(driver).layer(pages);
    let secure = Connection::new(Scheme::Https);
    // Over HTTP/1.1 the field names the host, over HTTP/2 the target (RFC 9113 section 8.3.1).
    for request in [
        || Request::get("/auth/signIn/dev").header(header::HOST, "app.test"),
        || Request::get("https://app.test/auth/signIn/dev").version(http::Version::HTTP_2),
    ] {
        let by_the_service = service.clone().on(secure).oneshot(request().body(Full::default()).unwrap());
        let by_a_layer = service.clone().oneshot(request().extension(secure).body(Full::default()).unwrap());
        for begun in [by_the_service.await.unwrap(), by_a_layer.await.unwrap()] {
            let location = aura_tests::location(&begun.map(|_| Bytes::new()));
            assert!(
                location.contains("redirect_uri=https%3A%2F%2Fapp.test%2Fauth%2Fcallback%2Fdev"),
                "{location}"
            );
        }
        let unsaid = service.clone().oneshot(request().body(Full::default()).unwrap()).await.unwrap();
        assert_eq!(unsaid.status(), StatusCode::BAD_REQUEST, "http://app.test is not trusted");
    }
    let page = Request::get("/").body(Full::default()).unwrap();
    assert_eq!(service.on(secure).oneshot(page).await.unwrap().status(), StatusCode::OK);
}
