//! The real axum server and the real client, on loopback.
#![cfg(test)]

use aura_axum::{Driver, HttpClient, Session, require_session, router};
use aura_proto::provider::Provider;
use aura_proto::{
    Auth, Builder, ClientSecret, Connection, Expiration, FetchError, Salt, Scheme, Secret, SessionPolicy,
    UnixTime,
};
use aura_test_idp::{Account, Client, Idp};
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::TokioExecutor;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A client with a cookie jar of its own; over plain http on one host that is a map.
struct Visitor {
    http: Http<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    fn new() -> Self {
        Self { http: Http::builder(TokioExecutor::new()).build_http(), cookies: BTreeMap::new() }
    }

    async fn send(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(url).header(header::COOKIE, cookies.join("; "));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Full::new(body.into())).unwrap();
        let response = self.http.request(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
            if value.is_empty() {
                self.cookies.remove(name);
            }
        }
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
    Auth::builder(Secret::new(aura_tests::SECRET).unwrap(), Salt::new(aura_tests::SALT).unwrap())
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
    let driver = Driver::new(auth, client);
    Router::new()
        .route("/private", get(async |session: Session| session.user.sub.clone()))
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

fn location(response: &Response<Bytes>) -> String {
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

fn text(response: &Response<Bytes>) -> &str {
    str::from_utf8(response.body()).unwrap()
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

/// Signs Ada in, with these fields on each request, and returns the name of the session cookie.
async fn sign_in(visitor: &mut Visitor, site: &str, headers: &[(&str, &str)]) -> String {
    let begun = visitor.send("GET", &format!("{site}/auth/signIn/mock"), headers, "").await;
    let authorize = url::Url::parse(&location(&begun)).unwrap();
    let (_, state) = authorize.query_pairs().find(|(name, _)| name == "state").unwrap();
    let callback = format!("{site}/auth/callback/mock?code=c&state={state}");
    let arrived = visitor.send("GET", &callback, headers, "").await;
    assert_eq!(arrived.status(), 302, "{}", text(&arrived));
    visitor.cookies.keys().find(|name| name.ends_with("session_token")).unwrap().clone()
}

/// Asks the route and both extractors who is signed in; they must agree. Returns the status.
async fn who(visitor: &mut Visitor, site: &str, headers: &[(&str, &str)]) -> u16 {
    // The route clears cookies that it cannot read, so it is asked last.
    let private = visitor.send("GET", &format!("{site}/private"), headers, "").await;
    let public = visitor.send("GET", &format!("{site}/public"), headers, "").await;
    let route = visitor.send("GET", &format!("{site}/auth/session"), headers, "").await;
    assert_eq!(private.status(), route.status(), "{headers:?}");
    assert_eq!(text(&public), route.status().is_success().to_string(), "{headers:?}");
    if route.status() == 401 {
        assert_eq!(text(&private), text(&route), "{headers:?}");
    }
    route.status().as_u16()
}

#[tokio::test]
async fn the_extractors_agree_with_the_route_where_the_host_names_the_site() {
    let site = spawn(app(builder_with_ada().build().unwrap(), ada)).await;
    let mut visitor = Visitor::new();
    let host = [("host", "localhost:3000")];
    assert_eq!(who(&mut visitor, &site, &host).await, 401);
    assert_eq!(sign_in(&mut visitor, &site, &host).await, "aura-auth.session_token");
    assert_eq!(who(&mut visitor, &site, &host).await, 200);
    // What it says of itself is not believed.
    assert_eq!(who(&mut visitor, &site, &[host[0], ("x-forwarded-proto", "https")]).await, 200);
    assert_eq!(who(&mut visitor, &site, &[("host", "evil.test")]).await, 400);
}

#[tokio::test]
async fn the_extractors_agree_with_the_route_behind_a_trusted_proxy() {
    let auth =
        builder_with_ada().trusted_proxy_headers().trusted_origins(["https://app.test", "http://app.test"]);
    let site = spawn(app(auth.build().unwrap(), ada)).await;
    let mut visitor = Visitor::new();
    let (host, https) = (("host", "app.test"), ("x-forwarded-proto", "https"));
    assert_eq!(sign_in(&mut visitor, &site, &[host, https]).await, "__Secure-aura-auth.session_token");
    assert_eq!(who(&mut visitor, &site, &[host, https]).await, 200);
    assert_eq!(who(&mut visitor, &site, &[host, ("x-forwarded-proto", "ht tps")]).await, 400);
    assert_eq!(who(&mut visitor, &site, &[host]).await, 401);
}

#[tokio::test]
async fn the_extractors_agree_with_the_route_where_the_server_ends_tls_itself() {
    let auth = builder_with_ada().trusted_origins(["https://app.test"]).build().unwrap();
    let connection = Connection::new(Scheme::Https);
    let site = spawn(app(auth, ada).layer(Extension(connection))).await;
    let mut visitor = Visitor::new();
    let host = [("host", "app.test")];
    assert_eq!(sign_in(&mut visitor, &site, &host).await, "__Secure-aura-auth.session_token");
    assert_eq!(who(&mut visitor, &site, &host).await, 200);
}

#[tokio::test]
async fn a_session_of_one_configuration_opens_no_page_of_another() {
    let customers = builder_with_ada().build().unwrap();
    let other_secret = Secret::new("another secret of thirty-two bytes and more, 0123456789").unwrap();
    let staff = Auth::builder(other_secret, Salt::new(aura_tests::SALT).unwrap())
        .cookie_prefix("staff")
        .base_path("/staff/auth")
        .build()
        .unwrap();
    let (customers, staff) = (Driver::new(customers, ada), Driver::new(staff, ada));
    let panel = Router::new()
        .route("/staff/panel", get(async |session: Session| session.user.sub.clone()))
        .with_state(staff);
    let app = Router::new()
        .route("/private", get(async |session: Session| session.user.sub.clone()))
        .with_state(customers.clone())
        .merge(panel)
        .layer(require_session(customers.guard()))
        .merge(router(customers));
    let site = spawn(app).await;
    let mut visitor = Visitor::new();
    sign_in(&mut visitor, &site, &[]).await;
    assert_eq!(text(&visitor.get(&format!("{site}/private")).await), "ada");
    assert_eq!(visitor.get(&format!("{site}/staff/panel")).await.status(), 401);
}

#[tokio::test]
async fn a_renewed_session_does_not_undo_the_sign_out_that_a_handler_answers_with() {
    let rolling = SessionPolicy::default().expiration(Expiration::Rolling);
    let ticks = AtomicU64::new(1_790_000_000);
    let driver = Driver::new(builder_with_ada().session(rolling).build().unwrap(), ada)
        .clock(move || UnixTime::from_secs(ticks.fetch_add(1, Ordering::Relaxed)));
    let farewell = async || [(header::SET_COOKIE, "aura-auth.session_token=; Max-Age=0; Path=/")];
    let app = Router::new()
        .route("/leave", get(farewell))
        .route("/stay", get(async || "here"))
        .layer(require_session(driver.guard()))
        .merge(router(driver));
    let site = spawn(app).await;
    let mut visitor = Visitor::new();
    let name = sign_in(&mut visitor, &site, &[]).await;
    let stay = visitor.get(&format!("{site}/stay")).await;
    assert!(stay.headers()[header::SET_COOKIE].to_str().unwrap().starts_with(&format!("{name}=ey")));
    let leave = visitor.get(&format!("{site}/leave")).await;
    assert_eq!(leave.headers().get_all(header::SET_COOKIE).iter().count(), 1);
    assert_eq!(visitor.get(&format!("{site}/stay")).await.status(), 401);
}

#[tokio::test]
async fn a_page_of_other_staff_is_closed_to_those_who_ask_without_requiring_a_session_too() {
    let customers = Driver::new(builder_with_ada().build().unwrap(), ada);
    let other_secret = Secret::new("another secret of thirty-two bytes and more, 0123456789").unwrap();
    let staff = Auth::builder(other_secret, Salt::new(aura_tests::SALT).unwrap()).cookie_prefix("staff");
    let staff = Driver::new(staff.build().unwrap(), ada);
    let lobby = async |session: Option<Session>| session.is_some().to_string();
    let app = Router::new()
        .route("/lobby", get(lobby))
        .with_state(staff)
        .layer(require_session(customers.guard()))
        .merge(router(customers));
    let site = spawn(app).await;
    let mut visitor = Visitor::new();
    sign_in(&mut visitor, &site, &[]).await;
    assert_eq!(text(&visitor.get(&format!("{site}/lobby")).await), "false");
}

#[test]
fn what_a_driver_reads_of_a_request_can_be_awaited_in_a_middleware() {
    fn sent<T: Send>(_: T) {}
    let driver = Driver::new(builder_with_ada().build().unwrap(), ada);
    let request = axum::extract::Request::new(axum::body::Body::empty());
    sent(driver.visit(&request));
    sent(driver.session(&request));
    sent(driver.check_csrf(&request));
    sent(driver.guard().check(&request));
}

#[tokio::test]
async fn extractors_and_layers_obey_the_clock_of_the_driver() {
    let now = Arc::new(AtomicU64::new(1_790_000_000));
    let clock = Arc::clone(&now);
    let driver = Driver::new(builder_with_ada().build().unwrap(), ada)
        .clock(move || UnixTime::from_secs(clock.load(Ordering::Relaxed)));
    let guarded =
        Router::new().route("/guarded", get(async |_: Session| "in")).layer(require_session(driver.guard()));
    let app = Router::new()
        .route("/extracted", get(async |_: Session| "in"))
        .merge(guarded)
        .merge(router(driver.clone()))
        .with_state(driver);
    let site = spawn(app).await;
    let mut visitor = Visitor::new();
    sign_in(&mut visitor, &site, &[]).await;
    for (later, status) in [(0, 200), (14 * 24 * 60 * 60, 200), (15 * 24 * 60 * 60, 401)] {
        now.store(1_790_000_000 + later, Ordering::Relaxed);
        for path in ["/extracted", "/guarded"] {
            let mut asks = Visitor { http: visitor.http.clone(), cookies: visitor.cookies.clone() };
            assert_eq!(asks.get(&format!("{site}{path}")).await.status(), status, "{path} {later}");
        }
    }
}

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
