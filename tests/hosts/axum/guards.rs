//! Extractors and the layer that requires a session: they agree with the route `GET /session`.

use super::{Visitor, ada, app, builder_with_ada, location, spawn, text};
use aura_axum::{Driver, Session, require_session, router};
use aura_proto::{Builder, Connection, Cookies, Expiration, Scheme, SessionPolicy, UnixTime};
use axum::routing::get;
use axum::{Extension, Router};
use http::header;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Signs Ada in, with these fields on each request, and returns the name of the session cookie.
pub(super) async fn sign_in(visitor: &mut Visitor, site: &str, headers: &[(&str, &str)]) -> String {
    let begun = visitor.send("GET", &format!("{site}/auth/signIn/mock"), headers, "").await;
    let authorize = url::Url::parse(&location(&begun)).unwrap();
    let (_, state) = authorize.query_pairs().find(|(name, _)| name == "state").unwrap();
    let callback = format!("{site}/auth/callback/mock?code=c&state={state}");
    let arrived = visitor.send("GET", &callback, headers, "").await;
    assert_eq!(arrived.status(), 302, "{}", text(&arrived));
    visitor.cookies.keys().find(|name| name.ends_with("session_token")).unwrap().clone()
}

/// Requests the session from the route and both extractors, which must agree. Returns the status.
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
    // A forwarded header of an untrusted sender is ignored.
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
    assert_eq!(sign_in(&mut visitor, &site, &[host, https]).await, "__Host-aura-auth.session_token");
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
    assert_eq!(sign_in(&mut visitor, &site, &host).await, "__Host-aura-auth.session_token");
    assert_eq!(who(&mut visitor, &site, &host).await, 200);
}

/// Another configuration beside that of the customers.
fn staff() -> Builder {
    aura_tests::bare_builder("another secret of thirty-two bytes and more, 0123456789")
        .cookies(Cookies::default().prefix("staff"))
}

#[tokio::test]
async fn au_01_a_session_of_one_configuration_opens_no_page_of_another() {
    let customers = builder_with_ada().build().unwrap();
    let staff = staff().base_path("/staff/auth").build().unwrap();
    let (customers, staff) = (Driver::new(customers, ada).unwrap(), Driver::new(staff, ada).unwrap());
    let panel = Router::new()
        .route("/staff/panel", get(async |session: Session| session.user().sub().to_owned()))
        .with_state(staff);
    let app = Router::new()
        .route("/private", get(async |session: Session| session.user().sub().to_owned()))
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
async fn au_06_a_renewed_session_does_not_undo_the_sign_out_that_a_handler_answers_with() {
    let rolling = SessionPolicy::default().expiration(Expiration::Rolling);
    let ticks = AtomicU64::new(1_790_000_000);
    let driver = Driver::new(builder_with_ada().session(rolling).build().unwrap(), ada)
        .unwrap()
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
    let customers = Driver::new(builder_with_ada().build().unwrap(), ada).unwrap();
    let staff = Driver::new(staff().build().unwrap(), ada).unwrap();
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
    let driver = Driver::new(builder_with_ada().build().unwrap(), ada).unwrap();
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
        .unwrap()
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

#[tokio::test]
async fn the_token_of_a_request_is_opened_once_for_all_its_extractors() {
    let readings = Arc::new(AtomicU64::new(0));
    let read = Arc::clone(&readings);
    // The session's time is read whenever its token is opened.
    let driver = Driver::new(builder_with_ada().build().unwrap(), ada).unwrap().clock(move || {
        read.fetch_add(1, Ordering::Relaxed);
        UnixTime::from_secs(1_790_000_000)
    });
    let page = async |first: Session, _: Option<Session>, last: Session| (first == last).to_string();
    let app = Router::new()
        .route("/guarded", get(page))
        .layer(require_session(driver.guard()))
        .route("/open", get(page))
        .merge(router(driver.clone()))
        .with_state(driver);
    let site = spawn(app).await;
    let mut visitor = Visitor::new();
    assert_eq!(visitor.get(&format!("{site}/open")).await.status(), 401);
    sign_in(&mut visitor, &site, &[]).await;
    for page in ["open", "guarded"] {
        readings.store(0, Ordering::Relaxed);
        assert_eq!(text(&visitor.get(&format!("{site}/{page}")).await), "true");
        assert_eq!(readings.load(Ordering::Relaxed), 1, "{page}");
    }
}
