//! The axum server and the default client on loopback.

mod guards;
mod misconfigured;
mod roles;

use aura_axum::{Driver, HttpClient, Session, router};
use aura_proto::provider::Provider;
use aura_proto::{Auth, Builder, ClientSecret, FetchError};
use aura_test_idp::{Account, Client, Idp};
use aura_tests::{CookieMap, location, text};
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::TokioExecutor;
use std::net::Ipv4Addr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A client with a cookie jar of its own; over plain http on one host that is a map.
struct Visitor {
    http: Http<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
    cookies: CookieMap,
}

impl Visitor {
    fn new() -> Self {
        Self { http: Http::builder(TokioExecutor::new()).build_http(), cookies: CookieMap::default() }
    }

    async fn send(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let request =
            Request::builder().method(method).uri(url).header(header::COOKIE, self.cookies.header());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Full::new(body.into())).unwrap();
        let response = self.http.request(request).await.unwrap();
        self.cookies.keep(response.headers());
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }

    async fn get(&mut self, url: &str) -> Response<Bytes> {
        self.send("GET", url, &[], "").await
    }
}

async fn bind() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    (listener, origin)
}

fn builder() -> Builder {
    aura_tests::bare_builder(aura_tests::SECRET)
}

fn provider_row(provider_url: &str) -> Provider {
    Provider::oauth("mock", "site")
        .with_name("Mock")
        .authorization_endpoint(format!("{provider_url}/authorize"))
        .token_endpoint(format!("{provider_url}/token"))
        .userinfo_endpoint(format!("{provider_url}/userinfo"))
        .scope("profile")
        .client_secret(ClientSecret::new("site-secret"))
}

/// Makes a site with a page for the signed-in and one for everybody.
fn app(auth: Auth, client: impl aura_axum::Client) -> Router {
    let driver = Driver::new(auth, client).unwrap();
    Router::new()
        .route("/private", get(async |session: Session| session.user().sub().to_owned()))
        .route("/public", get(async |session: Option<Session>| session.is_some().to_string()))
        .merge(router(driver.clone()))
        .with_state(driver)
}

/// Serves a provider and a site that signs in with it; returns their origins.
async fn serve() -> (String, String) {
    let ((site, site_url), (provider, provider_url)) = (bind().await, bind().await);
    let client = Client::new("site", aura_test_idp::ClientSecret::new("site-secret"))
        .with_redirect_uri(&format!("{site_url}/auth/callback/mock"))
        .unwrap();
    let idp = Idp::new(&provider_url).unwrap().client(client).accounts(Account::made_up());
    tokio::spawn(aura_test_idp::serve(provider, idp));

    let auth = builder().base_url(&site_url).provider(provider_row(&provider_url)).build().unwrap();
    let app = app(auth, HttpClient::new());
    tokio::spawn(async move { axum::serve(site, app).await });
    (site_url, provider_url)
}

async fn ada(request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
    let answer = match request.uri().path() {
        "/token" => r#"{"access_token":"t","token_type":"Bearer"}"#,
        _ => r#"{"sub":"ada","name":"Ada"}"#,
    };
    Ok(Response::builder().header(header::CONTENT_TYPE, "application/json").body(answer.into()).unwrap())
}

fn builder_with_ada() -> Builder {
    builder().provider(provider_row("https://provider.test"))
}

async fn spawn(app: Router) -> String {
    let (listener, origin) = bind().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    origin
}

#[tokio::test]
async fn a_user_signs_in_over_sockets_and_the_extractors_know_them() {
    let (site, provider) = serve().await;
    let mut visitor = Visitor::new();
    let refused = visitor.get(&format!("{site}/private")).await;
    assert_eq!(refused.status(), 401);
    assert!(text(&refused).contains("SESSION_NOT_FOUND"), "{}", text(&refused));
    assert_eq!(text(&visitor.get(&format!("{site}/public")).await), "false");

    let authorize = location(&visitor.get(&format!("{site}/auth/signIn/mock?redirectTo=/private")).await);
    let (_, query) = authorize.split_once('?').unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let decision = format!("{provider}/authorize/decision");
    let decided = visitor.send("POST", &decision, &form, format!("{query}&account=ada")).await;
    let arrived = visitor.get(&location(&decided)).await;
    assert_eq!((arrived.status().as_u16(), location(&arrived).as_str()), (302, "/private"));

    assert_eq!(text(&visitor.get(&format!("{site}/private")).await), "ada");
    assert_eq!(text(&visitor.get(&format!("{site}/public")).await), "true");

    let token: serde_json::Value =
        serde_json::from_slice(visitor.get(&format!("{site}/auth/csrfToken")).await.body()).unwrap();
    let url = format!("{site}/auth/signOut?token_type_hint=session_token");
    let csrf_token = [("x-csrf-token", token["csrfToken"].as_str().unwrap())];
    let answer = visitor.send("POST", &url, &csrf_token, "").await;
    assert_eq!(answer.status(), 202);
    assert_eq!(visitor.get(&format!("{site}/private")).await.status(), 401);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_with_a_code() {
    let (site, _) = serve().await;
    let url = format!("{site}/auth/signOut?token_type_hint=session_token");
    let answer = Visitor::new().send("POST", &url, &[], vec![b'x'; 64 * 1024 + 1]).await;
    assert_eq!(answer.status(), 413);
    assert!(text(&answer).contains("UNPROCESSABLE_BODY_ENTITY"));
}

#[tokio::test]
async fn everything_under_the_base_path_is_answered_by_the_core() {
    let (site, _) = serve().await;
    for (path, status) in
        [("/auth", 404), ("/auth/", 404), ("/auth/none", 404), ("/auth/signIn/%ff", 422), ("/authors", 404)]
    {
        let answer = Visitor::new().get(&format!("{site}{path}")).await;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers().contains_key("x-frame-options"), path != "/authors", "{path}");
    }
}

/// A provider that knows Ada, without a socket.
/// Sends these bytes, and returns the answer as it comes until the server hangs up.
async fn raw(site: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(site.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_head_is_answered_as_its_get_without_the_body() {
    let site = spawn(app(builder_with_ada().build().unwrap(), ada)).await;
    let ask = async |method: &str| {
        let head = "HTTP/1.1\r\nhost: localhost\r\nconnection: close";
        let answer = raw(&site, &format!("{method} /auth/session {head}\r\n\r\n")).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let of_time = |line: &&str| !line.starts_with("date: ");
        let mut head: Vec<_> = head.lines().filter(of_time).map(str::to_owned).collect();
        // Fields of different names have no order (RFC 9110 section 5.3).
        head.sort();
        (head, body.to_owned())
    };
    let ((get, body), (head, nothing)) = (ask("GET").await, ask("HEAD").await);
    assert!(get.contains(&"HTTP/1.1 401 Unauthorized".to_owned()), "{get:?}");
    assert!(get.contains(&format!("content-length: {}", body.len())), "{get:?}");
    assert_eq!((head, nothing.as_str()), (get, ""));
}

#[tokio::test]
async fn mo_05_hh_05_what_names_no_host_of_ours_is_refused() {
    let site = spawn(app(builder_with_ada().build().unwrap(), ada)).await;
    let post = "POST /auth/signOut?token_type_hint=session_token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n";
    let begin = "/auth/signIn/mock";
    for request in [
        format!("GET {begin} HTTP/1.0\r\n\r\n"),
        format!("GET {begin} HTTP/1.1\r\nconnection: close\r\n\r\n"),
        format!("GET {begin} HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n"),
        format!("GET http://evil.test{begin} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"),
        format!("GET {begin} HTTP/1.1\r\nhost: localhost\r\nhost: evil.test\r\nconnection: close\r\n\r\n"),
        format!("GET {begin} HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\nconnection: close\r\n\r\n"),
        format!("GET {begin} HTTP/1.1\r\nhost: localhost\r\n evil.test\r\nconnection: close\r\n\r\n"),
        format!("{post}content-length: 1\r\ncontent-length: 2\r\n\r\nxx"),
        format!("{post}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n"),
        format!("{post}transfer-encoding: gzip\r\n\r\n"),
    ] {
        let answer = raw(&site, &request).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(status.starts_with('4'), "{request:?}: {answer}");
        assert!(!answer.contains("evil"), "{answer}");
    }
}

#[tokio::test]
async fn hh_05_a_base_url_is_where_sign_ins_return_to_whatever_the_target_says() {
    let auth = builder_with_ada().base_url("https://app.test").build().unwrap();
    let site = spawn(app(auth, ada)).await;
    for request in [
        "GET http://evil.test/auth/signIn/mock HTTP/1.1\r\nhost: evil.test\r\nconnection: close\r\n\r\n",
        "GET /auth/signIn/mock HTTP/1.1\r\nhost: evil.test\r\nhost: app.test\r\nconnection: close\r\n\r\n",
        "GET /auth/signIn/mock HTTP/1.0\r\n\r\n",
    ] {
        let answer = raw(&site, request).await;
        assert!(answer.contains("redirect_uri=https%3A%2F%2Fapp.test%2Fauth%2Fcallback%2Fmock"), "{answer}");
        assert!(!answer.contains("evil"), "{answer}");
    }
}
