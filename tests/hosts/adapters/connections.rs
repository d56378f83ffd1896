//! Connections to the core: HTTP/2, the peer's address, and routers that strip a path prefix.

use aura_axum::{Csrf, Driver, Session, nested, require_session, router};
use aura_hyper::SignIn;
use aura_proto::provider::Provider;
use aura_proto::{Auth, Builder, ClientSecret, Connection, FetchError, Scheme};
use aura_tests::{location, text};
use axum::Router;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use warp::Filter;

async fn nobody(_: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
    Err(FetchError::Unreachable)
}

fn auth(configure: impl FnOnce(Builder) -> Builder) -> Auth {
    let row = Provider::oauth("dev", "site")
        .with_name("Dev")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo")
        .client_secret(ClientSecret::new("site-secret"));
    let builder = aura_tests::bare_builder(aura_tests::SECRET);
    configure(builder.provider(row)).build().unwrap()
}

async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn serve(app: Router) -> SocketAddr {
    let (listener, address) = bind().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn ask(address: SocketAddr, request: http::request::Builder, path: &str) -> Response<Bytes> {
    let request = request.uri(format!("http://{address}{path}")).body(Empty::<Bytes>::new()).unwrap();
    let http = Http::builder(TokioExecutor::new()).build_http();
    let (head, body) = http.request(request).await.unwrap().into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

/// Asks over HTTP/2, whose requests name their host in the target alone.
async fn ask_over_http2(address: SocketAddr, path: &str) -> Response<Bytes> {
    let request = Request::get(format!("http://{address}{path}")).version(http::Version::HTTP_2);
    let http = Http::builder(TokioExecutor::new()).http2_only(true).build_http();
    let answer = http.request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_2);
    let (head, body) = answer.into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

fn returns_to(answer: &Response<Bytes>, origin: &str) -> bool {
    let authorize = url::Url::parse(&location(answer)).unwrap();
    let mut pairs = authorize.query_pairs();
    pairs.any(|(name, value)| name == "redirect_uri" && value.starts_with(origin))
}

/// The application's answer.
async fn page(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(b"a page"))))
}

#[tokio::test]
async fn http_2_names_the_host_in_its_target_on_hyper_and_on_warp() {
    let (listener, hyper) = bind().await;
    let driver = Driver::new(auth(|builder| builder), nobody).unwrap();
    let service = SignIn::new(driver.clone(), service_fn(page));
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let server = auto::Builder::new(TokioExecutor::new());
        server.serve_connection(TokioIo::new(stream), service).await.unwrap();
    });
    let (listener, warp) = bind().await;
    tokio::spawn(warp::serve(aura_warp::routes(driver)).incoming(listener).run());
    for address in [hyper, warp] {
        let begun = ask_over_http2(address, "/auth/signIn/dev").await;
        assert_eq!(begun.status(), 302, "{}", text(&begun));
        assert!(returns_to(&begun, &format!("http://{address}/auth/callback/dev")), "{}", location(&begun));
    }
}

#[tokio::test]
async fn hh_05_a_server_that_ends_tls_says_so_in_one_value() {
    let auth = auth(|builder| builder.trusted_origins(["https://app.test"]));
    let driver = Driver::new(auth, nobody).unwrap();
    let secure = Connection::new(Scheme::Https);
    let axum = serve(Router::new().merge(router(driver.clone())).layer(axum::Extension(secure))).await;

    let (listener, hyper) = bind().await;
    let service = SignIn::new(driver, service_fn(page)).on(secure);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let server = auto::Builder::new(TokioExecutor::new());
        server.serve_connection(TokioIo::new(stream), service).await.unwrap();
    });
    for address in [axum, hyper] {
        let request = Request::get("/").header(header::HOST, "app.test");
        let begun = ask(address, request, "/auth/signIn/dev").await;
        assert!(returns_to(&begun, "https://app.test/"), "{}", text(&begun));
        assert!(begun.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("__Host-"));
    }
}

#[tokio::test]
async fn a_router_to_nest_answers_at_the_base_path_or_above_it() {
    for (base_path, at) in [("/auth", "/auth"), ("/app/auth", "/app"), ("/app/auth", "/app/auth")] {
        let auth = auth(|builder| builder.base_path(base_path));
        let site = serve(Router::new().nest(at, nested(Driver::new(auth, nobody).unwrap()))).await;
        let session = ask(site, Request::get("/"), &format!("{base_path}/session")).await;
        assert_eq!(
            (session.status().as_u16(), session.headers().contains_key("pragma")),
            (401, true),
            "{at}"
        );
        let begun = ask(site, Request::get("/"), &format!("{base_path}/signIn/dev")).await;
        assert!(returns_to(&begun, &format!("http://{site}{base_path}/callback/dev")), "{}", text(&begun));
        for path in [base_path.to_owned(), format!("{base_path}/"), format!("{base_path}/none")] {
            assert_eq!(ask(site, Request::get("/"), &path).await.status(), 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_router_that_is_nested_where_its_base_path_does_not_lead_answers_nothing() {
    let driver = Driver::new(auth(|builder| builder), nobody).unwrap();
    let site = serve(Router::new().nest("/app", Router::new().merge(router(driver)))).await;
    for path in ["/app/auth/signIn/dev", "/app/auth/session", "/auth/session"] {
        assert_eq!(ask(site, Request::get("/"), path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_guard_below_a_nested_router_sends_people_back_to_the_whole_path() {
    let auth = auth(|builder| builder);
    let driver = Driver::new(auth.clone(), nobody).unwrap();
    let guard = driver.guard().sign_in_page("/sign-in?theme=dark");
    let private = Router::new()
        .route("/page", get(async |_: Session| "private"))
        .route("/change", post(async |_: Csrf| "changed"))
        .layer(require_session(guard));
    let site =
        serve(Router::new().nest("/app", private).merge(router(driver.clone())).with_state(driver)).await;
    let sent = ask(site, Request::get("/").header(header::ACCEPT, "text/html"), "/app/page?tab=2").await;
    assert_eq!(location(&sent), "/sign-in?theme=dark&redirectTo=%2Fapp%2Fpage%3Ftab%3D2");
    assert_eq!(sent.headers()["cache-control"], "no-store");
    // What is not a page to look at is refused, whoever asks.
    let sent = ask(site, Request::post("/").header(header::ACCEPT, "text/html"), "/app/change").await;
    assert_eq!(sent.status(), 401);
    let unknown = ask(site, Request::get("/").header(header::HOST, "evil.test"), "/app/page").await;
    assert_eq!(unknown.status(), 400);
}

#[tokio::test]
async fn warp_refuses_what_no_filter_of_ours_lets_through_and_passes_the_rest_on() {
    let driver = Driver::new(auth(|builder| builder), nobody).unwrap();
    let private = warp::path!("private").and(aura_warp::session(&driver)).map(|_| "private");
    let change = warp::path!("change").and(warp::post()).and(aura_warp::csrf(&driver)).map(|| "changed");
    let app = private.or(change).recover(aura_warp::recover);
    let (listener, site) = bind().await;
    tokio::spawn(warp::serve(app).incoming(listener).run());
    assert_eq!(ask(site, Request::get("/"), "/private").await.status(), 401);
    assert_eq!(ask(site, Request::post("/"), "/change").await.status(), 403);
    let person = ask(site, Request::get("/").header(header::ACCEPT, "text/html"), "/private").await;
    assert_eq!(person.status(), 401);
    assert_eq!(person.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(ask(site, Request::get("/"), "/nowhere").await.status(), 404);
    assert_eq!(ask(site, Request::get("/"), "/change").await.status(), 405);
}

/// Sends these bytes, and returns the status of the answer.
async fn raw(site: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(site).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn hh_05_a_host_that_is_malformed_named_twice_or_contradicted_is_none_of_ours_on_any_host() {
    for (base_url, expected) in [(None, "400"), (Some("https://app.test"), "302")] {
        let auth = auth(|builder| base_url.into_iter().fold(builder, Builder::base_url));
        let driver = Driver::new(auth.clone(), nobody).unwrap();
        let axum = serve(Router::new().merge(router(driver.clone()))).await;
        let (listener, warp) = bind().await;
        tokio::spawn(warp::serve(aura_warp::routes(driver)).incoming(listener).run());
        let blocking = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let tiny = blocking.local_addr().unwrap();
        let driver =
            aura_blocking::Driver::new(auth, |_: Request<Bytes>| Err(FetchError::Unreachable)).unwrap();
        std::thread::spawn(move || aura_example_blocking::serve(blocking, &driver, None));
        for fields in
            ["host: evil.test", "host: localhost/x", "host: localhost\r\nhost: evil.test", "host: loc alhost"]
        {
            for (name, site) in [("axum", axum), ("warp", warp), ("blocking", tiny)] {
                let request =
                    format!("GET /auth/signIn/dev HTTP/1.1\r\n{fields}\r\nconnection: close\r\n\r\n");
                assert_eq!(raw(site, &request).await, expected, "{name} {fields}");
            }
        }
        let contradicted =
            "GET http://evil.test/auth/signIn/dev HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        for (name, site) in [("axum", axum), ("warp", warp), ("blocking", tiny)] {
            assert_eq!(raw(site, contradicted).await, expected, "{name}");
        }
    }
}
