//! Routes, extractors and middleware of actix-web, in memory and over a socket.

use super::adapters::serving::on_actix;
use super::refresh::{LIFE, Site, sign_in};
use actix_service::{IntoServiceFactory, ServiceFactory};
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{AppConfig, Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, Error, HttpRequest, HttpResponse, web};
use aura_actix::{
    Candidate, Csrf, Driver, Refused, Session, SessionOf, TokensOf, UpdateClaims, finish, head,
    renew_sessions, require_session, routes,
};
use aura_proto::provider::Provider;
use aura_proto::{Auth, Builder, Expiration, FetchError, SessionPolicy};
use aura_tests::{CookieMap, SECRET, bare_builder};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn at(path: &str, cookies: &CookieMap) -> TestRequest {
    TestRequest::get().uri(path).insert_header(("cookie", cookies.header()))
}

/// Asks an application in memory: status, fields and body.
async fn ask<S, R, B>(app: &S, request: R) -> (u16, HeaderMap, String)
where
    S: Service<R, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let answer = call_service(app, request).await;
    let (status, fields) = (answer.status().as_u16(), answer.headers().clone());
    let body = to_bytes(answer.into_body()).await.unwrap_or_default();
    (status, fields, String::from_utf8_lossy(&body).into_owned())
}

fn cookies_of(fields: &HeaderMap) -> Vec<&str> {
    fields.get_all(header::SET_COOKIE).map(|field| field.to_str().unwrap()).collect()
}

fn rolling() -> SessionPolicy {
    SessionPolicy::default().expiration(Expiration::Rolling)
}

async fn who(session: Option<Session>) -> String {
    session.map_or_else(|| "nobody".to_owned(), |session| session.user().sub().to_owned())
}

/// A configuration beside that of the customers.
fn staff() -> Driver {
    let nobody = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
    let builder = bare_builder("another secret of thirty-two bytes and more, 0123456789");
    Driver::new(builder.base_url("https://app.test").base_path("/staff/auth").build().unwrap(), nobody)
        .unwrap()
}

#[tokio::test]
async fn au_01_a_session_of_one_configuration_opens_no_page_of_another() {
    let customers = Site::new().driver(SessionPolicy::default());
    let cookies = sign_in(&customers).await;
    let panel = web::scope("/staff")
        .app_data(web::Data::new(staff()))
        .route("/panel", web::get().to(async |session: Session| session.user().sub().to_owned()))
        .route("/lobby", web::get().to(who))
        .wrap(require_session(customers.guard()));
    let app = App::new().configure(routes(staff())).configure(routes(customers)).service(panel);
    let app = init_service(app.route("/home", web::get().to(who))).await;
    assert_eq!(ask(&app, at("/home", &cookies).to_request()).await.2, "ada");
    assert_eq!(ask(&app, at("/staff/panel", &cookies).to_request()).await.0, 401);
    assert_eq!(ask(&app, at("/staff/lobby", &cookies).to_request()).await.2, "nobody");
    // Both drivers answer their routes.
    for path in ["/auth/csrfToken", "/staff/auth/csrfToken"] {
        assert_eq!(ask(&app, at(path, &cookies).to_request()).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn a_handler_reads_no_session_whose_cookie_a_middleware_took_away() {
    async fn ban(
        mut request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        assert!(request.extract::<Option<Session>>().await?.is_some());
        request.headers_mut().remove(header::COOKIE);
        next.call(request).await
    }
    let driver = Site::new().driver(SessionPolicy::default());
    let cookies = sign_in(&driver).await;
    // The outer middleware has read the session.
    let banned = web::resource("/banned").get(who).wrap(from_fn(ban)).wrap(renew_sessions(&driver));
    let app = App::new().configure(routes(driver)).route("/free", web::get().to(who));
    let app = init_service(app.service(banned)).await;
    assert_eq!(ask(&app, at("/free", &cookies).to_request()).await.2, "ada");
    assert_eq!(ask(&app, at("/banned", &cookies).to_request()).await.2, "nobody");
}

#[tokio::test]
async fn the_application_is_asked_once_by_the_middleware_and_the_extractors_below_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let driver = Site::new().driver(SessionPolicy::default()).check_session(move |_| {
        let counter = Arc::clone(&counter);
        async move {
            tokio::task::yield_now().await;
            counter.fetch_add(1, SeqCst);
            true
        }
    });
    let cookies = sign_in(&driver).await;
    let page = async |_: Session, session: Option<Session>| who(session).await;
    let guarded = web::resource("/guarded").get(page).wrap(require_session(driver.guard()));
    let renewed = web::resource("/renewed").get(page).wrap(renew_sessions(&driver));
    let app = init_service(App::new().configure(routes(driver)).service(guarded).service(renewed)).await;
    for path in ["/guarded", "/renewed"] {
        asked.store(0, SeqCst);
        assert_eq!(ask(&app, at(path, &cookies).to_request()).await.2, "ada");
        assert_eq!(asked.load(SeqCst), 1, "{path}");
    }
}

#[tokio::test]
async fn au_06_a_renewed_session_does_not_undo_the_sign_out_that_a_handler_answers_with() {
    const CLEARED: &str = "__Host-aura-auth.session_token=; Max-Age=0; Path=/; Secure";
    let site = Site::new();
    let driver = site.driver(rolling());
    let cookies = sign_in(&driver).await;
    site.advance(LIFE);
    let leave = async || HttpResponse::Ok().append_header(("set-cookie", CLEARED)).finish();
    let stay = async || HttpResponse::Ok().append_header(("set-cookie", "theme=dark")).finish();
    let app = App::new()
        .configure(routes(driver.clone()))
        .route("/leave", web::get().to(leave))
        .route("/stay", web::get().to(stay))
        .wrap(renew_sessions(&driver));
    let app = init_service(app).await;
    let (_, fields, _) = ask(&app, at("/leave", &cookies).to_request()).await;
    assert_eq!(cookies_of(&fields), [CLEARED]);
    let (_, fields, _) = ask(&app, at("/stay", &cookies).to_request()).await;
    let set = cookies_of(&fields);
    assert_eq!((set.len(), set[0]), (2, "theme=dark"));
    assert!(set[1].starts_with("__Host-aura-auth.session_token=ey"), "{set:?}");
}

#[tokio::test]
async fn a_handler_takes_tokens_of_a_provider_and_keeps_them() {
    async fn page(request: HttpRequest, driver: web::Data<Driver>) -> Result<HttpResponse, Refused> {
        let head = head(&request);
        let tokens = driver.provider_tokens("dev", &head).await;
        let tokens = tokens.map_err(|none| Refused::of(&head, none))?;
        let page = tokens.access_token.expose().to_owned();
        Ok(finish(HttpResponse::Ok().body(page), |fields| tokens.add_to(fields)))
    }
    async fn extracted(tokens: TokensOf) -> Result<HttpResponse, Refused> {
        let tokens = tokens.provider("dev").await?;
        let page = tokens.access_token.expose().to_owned();
        Ok(finish(HttpResponse::Ok().body(page), |fields| tokens.add_to(fields)))
    }
    for path in ["/", "/extracted"] {
        let site = Site::new();
        let driver = site.driver(SessionPolicy::default());
        let cookies = sign_in(&driver).await;
        site.advance(LIFE);
        let app = App::new().configure(routes(driver)).route("/", web::get().to(page));
        let app = init_service(app.route("/extracted", web::get().to(extracted))).await;
        let (status, fields, body) = ask(&app, at(path, &cookies).to_request()).await;
        assert_eq!((status, body.as_str()), (200, "at-2"));
        assert!(cookies_of(&fields)[0].starts_with("__Host-aura-auth.access_token.dev="));
        let (status, _, body) = ask(&app, at(path, &CookieMap::default()).to_request()).await;
        assert!(status == 401 && body.contains("session_missing"), "{body}");
    }
}

#[derive(serde::Deserialize)]
struct Claims {
    role: String,
}

/// A driver whose users get these claims, and a session of one.
async fn with_claims(site: &Site, policy: SessionPolicy, claims: Value) -> (Driver, CookieMap) {
    let admit = move |candidate: Candidate| std::future::ready(candidate.admit_with(&claims));
    let driver = site.driver(policy).admit(admit);
    let cookies = sign_in(&driver).await;
    (driver, cookies)
}

#[tokio::test]
async fn a_handler_takes_the_claims_as_a_type_and_other_claims_are_403() {
    async fn role(SessionOf { session, claims }: SessionOf<Claims>) -> String {
        format!("{} {}", session.user().sub(), claims.role)
    }
    let maybe = async |session: Option<SessionOf<Claims>>| session.is_some().to_string();
    for (claims, status) in [
        (json!({ "role": "editor" }), 200),
        (json!({ "role": "editor", "more": 1 }), 200),
        (json!({}), 403),
        (json!({ "role": 7 }), 403),
        (json!({ "Role": "editor" }), 403),
    ] {
        let (driver, cookies) = with_claims(&Site::new(), SessionPolicy::default(), claims.clone()).await;
        let app = App::new().configure(routes(driver)).route("/role", web::get().to(role));
        let app = init_service(app.route("/maybe", web::get().to(maybe))).await;
        let (found, _, body) = ask(&app, at("/role", &cookies).to_request()).await;
        let expected = if status == 200 { "ada editor" } else { "claims_mismatch" };
        assert!(found == status && body.contains(expected), "{claims} {body}");
        let (_, _, body) = ask(&app, at("/maybe", &cookies).to_request()).await;
        assert_eq!(body, (status == 200).to_string(), "{claims}");
        assert_eq!(ask(&app, at("/role", &CookieMap::default()).to_request()).await.0, 401);
    }
}

#[tokio::test]
async fn a_handler_changes_the_claims_and_the_renewal_around_it_does_not_undo_that() {
    async fn promote(update: UpdateClaims) -> Result<HttpResponse, Refused> {
        let visit = update.with(&json!({ "role": "editor", "old": null })).await?;
        let role = visit.session().claims()["role"].to_string();
        Ok(finish(HttpResponse::Ok().body(role), |fields| visit.add_to(fields)))
    }
    let refused =
        async |update: UpdateClaims| update.with(&json!({ "sub": "root" })).await.map(|_| "changed");
    let claims = async |session: Session| format!("{:?}", session.claims().keys().collect::<Vec<_>>());
    let site = Site::new();
    let (driver, mut cookies) = with_claims(&site, rolling(), json!({ "role": "reader", "old": 1 })).await;
    site.advance(LIFE);
    let app = App::new()
        .configure(routes(driver.clone()))
        .route("/promote", web::post().to(promote))
        .route("/refused", web::post().to(refused))
        .route("/claims", web::get().to(claims))
        .wrap(require_session(driver.guard()));
    let app = init_service(app).await;
    let post =
        |path, cookies: &CookieMap| at(path, cookies).method(actix_web::http::Method::POST).to_request();
    let (status, _, body) = ask(&app, post("/refused", &cookies)).await;
    assert!(status == 500 && body.contains("claims_unwritable"), "{body}");
    let (status, fields, body) = ask(&app, post("/promote", &cookies)).await;
    assert_eq!((status, body.as_str()), (200, "\"editor\""));
    let set = cookies_of(&fields);
    assert_eq!(set.len(), 1, "{set:?}");
    let (name, rest) = set[0].split_once('=').unwrap();
    cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
    let (_, _, body) = ask(&app, at("/claims", &cookies).to_request()).await;
    assert_eq!(body, r#"["role"]"#);
    assert_eq!(ask(&app, post("/promote", &CookieMap::default())).await.0, 401);
}

#[tokio::test]
async fn an_application_without_the_driver_refuses_and_lets_nobody_in() {
    let cookies = sign_in(&Site::new().driver(SessionPolicy::default())).await;
    let page = async |_: Session| "in";
    let app = App::new().route("/page", web::get().to(page)).route("/home", web::get().to(who));
    let app = init_service(app.route("/change", web::get().to(async |_: Csrf| "changed"))).await;
    for path in ["/page", "/change"] {
        assert_eq!(ask(&app, at(path, &cookies).to_request()).await.0, 500, "{path}");
    }
    assert_eq!(ask(&app, at("/home", &cookies).to_request()).await.2, "nobody");
}

#[tokio::test]
async fn a_guard_lets_no_path_through_but_those_of_routes_however_they_are_written() {
    let driver = Site::new().driver(SessionPolicy::default());
    let app = App::new().configure(routes(driver.clone())).default_service(web::to(async || "secret"));
    let app = init_service(app.wrap(require_session(driver.guard()))).await;
    let nobody = CookieMap::default();
    assert_eq!(ask(&app, at("/auth/signIn/dev", &nobody).to_request()).await.0, 302);
    for path in [
        "/auth/devices",
        "/auth/x",
        "/auth/../admin",
        "/auth/..%2fadmin",
        "/auth/signIn/..%2f..%2fadmin",
        "/auth/signIn/..",
        "/%61uth/session",
        "/%61dmin",
        "//auth/session",
        "/auth%2fsession",
        "/admin",
    ] {
        let (status, _, body) = ask(&app, at(path, &nobody).to_request()).await;
        assert!([401, 404, 422].contains(&status), "{path}: {status}");
        assert!(!body.contains("secret"), "{path}: {body}");
    }
}

/// A site that its requests name.
fn auth(configure: impl FnOnce(Builder) -> Builder) -> Auth {
    let row = Provider::oauth("dev", "site")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo");
    configure(bare_builder(SECRET).provider(row)).build().unwrap()
}

async fn nobody(_: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
    Err(FetchError::Unreachable)
}

#[tokio::test]
async fn hh_05_a_server_of_actix_that_ends_tls_says_so_by_itself() {
    for (is_secure, expected) in [(true, 302), (false, 400)] {
        let auth = auth(|builder| builder.trusted_origins(["https://app.test"]));
        let app = App::new().configure(routes(Driver::new(auth, nobody).unwrap())).into_factory();
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 443));
        let app = app.new_service(AppConfig::__priv_test_new(is_secure, "app.test".to_owned(), here));
        let request = at("/auth/signIn/dev", &CookieMap::default()).insert_header(("host", "app.test"));
        let (status, fields, _) = ask(&app.await.unwrap(), request.to_request()).await;
        assert_eq!(status, expected);
        assert!(cookies_of(&fields).iter().all(|cookie| cookie.starts_with("__Host-")));
    }
}

#[tokio::test]
async fn mo_05_hh_05_bytes_that_name_no_host_of_ours_are_refused() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let site = listener.local_addr().unwrap();
    on_actix(listener, Driver::new(auth(|builder| builder), nobody).unwrap(), |_| ());
    let post = "POST /auth/signOut?token_type_hint=session_token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n";
    let get = "GET /auth/signIn/dev HTTP/1.1\r\nconnection: close\r\n";
    for request in [
        "GET /auth/signIn/dev HTTP/1.0\r\n\r\n".to_owned(),
        format!("{get}\r\n"),
        format!("{get}host:\r\n\r\n"),
        format!("{get}host: evil.test\r\n\r\n"),
        format!("{get}host: localhost/x\r\n\r\n"),
        format!("{get}host: localhost\r\nhost: evil.test\r\n\r\n"),
        format!("{get}host: localhost\r\n evil.test\r\n\r\n"),
        "GET http://evil.test/auth/signIn/dev HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
            .to_owned(),
        format!("{post}content-length: 1\r\ncontent-length: 2\r\n\r\nxx"),
        format!("{post}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n"),
        format!("{post}transfer-encoding: gzip\r\n\r\n"),
    ] {
        let answer = raw(site, &request).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(status.starts_with('4'), "{request:?}: {answer}");
        assert!(!answer.contains("evil"), "{answer}");
    }
    let begun = raw(site, &format!("{get}host: localhost\r\n\r\n")).await;
    assert!(begun.starts_with("HTTP/1.1 302"), "{begun}");
}

/// Sends these bytes, and returns the answer as it comes until the server hangs up.
async fn raw(site: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(site).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server may reset a connection whose data it refused to read. The answer before that counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
