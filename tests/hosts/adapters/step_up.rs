//! Guards that require a recent or a strong authentication, over every host.

use super::serving::{self, awaited};
use super::site::Host;
use super::visitor::Visitor;
use aura_proto::provider::Provider;
use aura_proto::{Auth, ClientSecret, FetchError, UnixTime, Visit};
use aura_test_idp::{Account, Behaviour, Client, Idp, Lie, State};
use aura_tests::{location, read_json, text};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Either, Full};
use std::convert::Infallible;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use warp::Filter;

const PERSON: [(&str, &str); 2] = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];
const PATHS: [&str; 3] = ["/wallet", "/vault", "/both"];
const BEGIN: u64 = 1_795_500_000;

/// Makes the guard of a path.
macro_rules! guard {
    ($driver:expr, $path:expr) => {
        match $path {
            "/wallet" => $driver.guard().fresh(Duration::from_secs(300)),
            _ => $driver.guard().acr(["gold", "silver"]),
        }
    };
}

/// Makes the guard behind that of a path.
macro_rules! inner_guard {
    ($driver:expr, $path:expr) => {
        match $path {
            "/both" => $driver.guard().acr(["bronze"]),
            _ => $driver.guard(),
        }
    };
}

/// An OpenID Provider `dev`, a provider `plain` that is none, and the clock of all.
struct World {
    idps: [(Idp, State); 2],
    now: u64,
    drawn: u64,
}

/// A world that hosts and tests share.
#[derive(Clone)]
struct Shared(Arc<Mutex<World>>);

impl Shared {
    fn new(origin: &str) -> Self {
        let idp = |id: &str, issuer: &str| {
            let client = Client::new("site", aura_test_idp::ClientSecret::new("site-secret"));
            let client = client.with_redirect_uri(&format!("{origin}/auth/callback/{id}")).unwrap();
            (Idp::new(issuer).unwrap().client(client).accounts(Account::made_up()), State::default())
        };
        let idps = [idp("dev", "https://idp.test"), idp("plain", "https://plain.test")];
        Self(Arc::new(Mutex::new(World { idps, now: BEGIN, drawn: 0 })))
    }

    fn ask<T>(&self, url: &str, ask: impl FnOnce(&Idp, &mut State, u64, [u8; 32]) -> T) -> T {
        let World { idps, now, drawn } = &mut *self.0.lock().unwrap();
        let (idp, state) = &mut idps[usize::from(url.starts_with("https://plain.test"))];
        *drawn = drawn.wrapping_add(1);
        let mut entropy = [7; 32];
        entropy[..8].copy_from_slice(&drawn.to_be_bytes());
        ask(idp, state, *now, entropy)
    }

    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let url = request.uri().to_string();
        Ok(self.ask(&url, |idp, state, now, entropy| idp.handle(state, request, now, entropy)))
    }

    fn approve(&self, authorize: &str) -> String {
        self.ask(authorize, |idp, state, now, entropy| idp.approve(state, authorize, "ada", now, entropy))
            .unwrap()
    }

    fn behave(&self, behaviour: Behaviour) {
        self.0.lock().unwrap().idps[0].0.set_behaviour(behaviour);
    }

    fn advance(&self, seconds: u64) {
        let mut world = self.0.lock().unwrap();
        world.now = world.now.saturating_add(seconds);
    }

    fn clock(&self) -> impl Fn() -> UnixTime + Send + Sync + 'static {
        let world = Arc::clone(&self.0);
        move || UnixTime::from_secs(world.lock().unwrap().now)
    }
}

fn auth(origin: &str) -> Auth {
    let secret = || ClientSecret::new("site-secret");
    let plain = Provider::oauth("plain", "site")
        .authorization_endpoint("https://plain.test/authorize")
        .token_endpoint("https://plain.test/token")
        .userinfo_endpoint("https://plain.test/userinfo")
        .scope("profile")
        .client_secret(secret());
    let dev = Provider::openid("dev", "https://idp.test", "site").client_secret(secret());
    aura_tests::bare_builder(aura_tests::SECRET)
        .base_url(origin)
        .provider(dev)
        .provider(plain)
        .build()
        .unwrap()
}

/// Serves the guarded pages by one host; returns where.
fn serve(host: Host) -> (String, Shared) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let world = Shared::new(&origin);
    let (auth, asked) = (auth(&origin), world.clone());
    if host == Host::Blocking {
        let driver =
            aura_blocking::Driver::new(auth, move |request: Request<Bytes>| asked.answer(request)).unwrap();
        let driver = driver.clock(world.clock());
        thread::spawn(move || {
            aura_example_blocking::serve_with(listener, move |request| answer(&driver, request))
        });
        return (origin, world);
    }
    let client = move |request: Request<Bytes>| std::future::ready(asked.answer(request));
    let driver = aura_http::Driver::new(auth, client).unwrap().clock(world.clock());
    match host {
        Host::Tower => on_tower(listener, driver),
        Host::Actix => on_actix(listener, driver),
        Host::Axum => drop(tokio::spawn(axum::serve(awaited(listener), on_axum(&driver)).into_future())),
        Host::Hyper => drop(tokio::spawn(on_hyper(awaited(listener), driver))),
        Host::Warp => drop(tokio::spawn(warp::serve(on_warp(&driver)).incoming(awaited(listener)).run())),
        Host::Blocking => unreachable!("it is served above"),
    }
    (origin, world)
}

fn answer(driver: &aura_blocking::Driver, mut request: Request<&mut dyn Read>) -> Response<Bytes> {
    if driver.auth().owns(request.uri().path()) {
        return driver.answer(request);
    }
    let path = request.uri().path().to_owned();
    let outer = guard!(driver, path.as_str());
    let visit = match outer.check(&request) {
        Ok(visit) => visit,
        Err(refusal) => return refusal,
    };
    outer.note_passed(request.extensions_mut());
    match inner_guard!(driver, path.as_str()).check(&request) {
        Ok(inner) => visit.finish(inner.finish(Response::new("in".into()))),
        Err(refusal) => refusal,
    }
}

fn on_axum(driver: &aura_axum::Driver) -> axum::Router {
    use aura_axum::{require_session, router};
    let mut app = axum::Router::new();
    for path in PATHS {
        let page = axum::Router::new().route(path, axum::routing::get(async || "in"));
        let page = page.layer(require_session(inner_guard!(driver, path)));
        app = app.merge(page.layer(require_session(guard!(driver, path))));
    }
    app.merge(router(driver.clone())).with_state(driver.clone())
}

async fn on_hyper(listener: tokio::net::TcpListener, driver: aura_hyper::Driver) {
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    let site = driver.clone();
    let pages = service_fn(move |mut request: Request<hyper::body::Incoming>| {
        let path = request.uri().path();
        let (outer, inner) = (guard!(site, path), inner_guard!(site, path));
        async move {
            let mut checked = outer.check(&request).await;
            if checked.is_ok() {
                outer.note_passed(request.extensions_mut());
                checked = inner.check(&request).await;
            }
            let answer = match checked {
                Ok(visit) => visit.finish(Response::new(Bytes::from("in"))),
                Err(refusal) => refusal,
            };
            Ok::<_, Infallible>(answer.map(Full::new))
        }
    });
    let service = aura_hyper::SignIn::new(driver, pages);
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone()));
    }
}

fn on_warp(driver: &aura_warp::Driver) -> warp::filters::BoxedFilter<(Response<Bytes>,)> {
    use aura_warp::{guard, recover, routes};
    let mut pages = routes(driver.clone()).boxed();
    for path in PATHS {
        let page = warp::path(path.trim_start_matches('/')).and(guard(guard!(driver, path)));
        let page = page.map(|visit: Visit| visit.finish(Response::new(Bytes::from("in"))));
        pages = pages.or(page).unify().boxed();
    }
    pages.recover(recover).unify().boxed()
}

fn on_tower(listener: TcpListener, driver: aura_tower::Driver) {
    use aura_tower::require_session;
    use tower::{Layer, ServiceExt, service_fn};
    let site = driver.clone();
    let pages = service_fn(move |request: Request<hyper::body::Incoming>| {
        let path = request.uri().path();
        let (outer, inner) = (guard!(site, path), inner_guard!(site, path));
        let page = service_fn(async |_| Ok(Response::new(Full::from("in"))));
        let page = require_session(inner).layer(page).map_response(|answer| answer.map(Either::into_inner));
        require_session(outer).layer(page).oneshot(request)
    });
    serving::on_tower(listener, driver, pages);
}

fn on_actix(listener: TcpListener, driver: aura_actix::Driver) {
    use actix_web::web;
    let site = driver.clone();
    let pages = move |config: &mut web::ServiceConfig| {
        for path in PATHS {
            let page = web::resource(path).get(async || "in");
            let page = page.wrap(aura_actix::require_session(inner_guard!(site, path)));
            config.service(page.wrap(aura_actix::require_session(guard!(site, path))));
        }
    };
    serving::on_actix(listener, driver, pages);
}

/// Follows a link to a sign-in, approves it, and returns where the callback sends the browser.
async fn sign_in(visitor: &mut Visitor, world: &Shared, origin: &str, path: &str) -> String {
    let begun = visitor.send("GET", path, &PERSON, "").await;
    let back = world.approve(&location(&begun));
    location(&visitor.send("GET", back.strip_prefix(origin).unwrap(), &PERSON, "").await)
}

/// Asserts what a program and a person get at a page.
async fn assert_refused(visitor: &mut Visitor, path: &str, reason: (u16, &str), way: Option<&str>) {
    let answer = visitor.get(path).await;
    let found = (answer.status().as_u16(), read_json(&answer)["reason"].clone());
    assert_eq!(found, (reason.0, reason.1.into()), "{path}");
    let page = visitor.send("GET", path, &PERSON, "").await;
    match way {
        Some(way) => assert_eq!((page.status().as_u16(), location(&page).as_str()), (302, way), "{path}"),
        None => {
            assert!(page.status() == reason.0 && text(&page).contains("INSUFFICIENT_USER_AUTHENTICATION"))
        }
    }
}

async fn let_in(visitor: &mut Visitor, path: &str) -> bool {
    text(&visitor.send("GET", path, &PERSON, "").await) == "in"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_steps_up_and_sends_nobody_round_on_any_host() {
    const WALLET: &str = "/auth/signIn/dev?maxAge=240&redirectTo=%2Fwallet";
    const VAULT: &str = "/auth/signIn/dev?acrValues=gold+silver&redirectTo=%2Fvault";
    for host in Host::ALL {
        let (origin, world) = serve(host);
        let mut visitor = Visitor::at(&origin);
        let (to_wallet, too_old, too_weak) =
            ("/auth/signIn?redirectTo=%2Fwallet", (401, "authentication_too_old"), (401, "acr_not_met"));
        assert_refused(&mut visitor, "/wallet", (401, "session_missing"), Some(to_wallet)).await;

        // Whoever is signed in at the provider for long is sent there again, and comes back to the page.
        let honest = Behaviour::default().authentication_age(1000);
        world.behave(honest);
        let link = "/auth/signIn/dev?redirectTo=/wallet";
        assert_eq!(sign_in(&mut visitor, &world, &origin, link).await, "/wallet", "{host:?}");
        assert_refused(&mut visitor, "/wallet", too_old, Some(WALLET)).await;
        assert_refused(&mut visitor, "/vault", too_weak, Some(VAULT)).await;
        assert_eq!(sign_in(&mut visitor, &world, &origin, WALLET).await, "/wallet");
        assert!(let_in(&mut visitor, "/wallet").await && !let_in(&mut visitor, "/vault").await, "{host:?}");
        assert_eq!(sign_in(&mut visitor, &world, &origin, VAULT).await, "/vault");
        assert!(let_in(&mut visitor, "/vault").await, "{host:?}");
        // Two guards of other classes. A filter of warp's cannot tell another one what it requires.
        if host != Host::Warp {
            assert_refused(&mut visitor, "/both", (403, "acr_conflict"), None).await;
        }
        sign_in(&mut visitor, &world, &origin, WALLET).await;
        world.advance(300);
        assert!(let_in(&mut visitor, "/wallet").await, "{host:?}");
        world.advance(1);
        assert_refused(&mut visitor, "/wallet", too_old, Some(WALLET)).await;

        // A provider that does less than it is asked for: the sign-in ends on a page.
        for (lie, way, reason) in [
            (Lie::IdTokenOldAuthTime, WALLET, "id_token_authentication_time"),
            (Lie::IdTokenWithoutAuthTime, WALLET, "id_token_authentication_time"),
            (Lie::IdTokenOtherAcr, VAULT, "id_token_acr"),
        ] {
            world.behave(honest.lie(lie));
            let error = sign_in(&mut visitor, &world, &origin, way).await;
            assert!(error.starts_with("/auth/error?") && error.contains(reason), "{host:?} {error}");
            assert_eq!(visitor.send("GET", &error, &PERSON, "").await.status(), 200);
        }

        // A provider that can state nothing: nobody is sent anywhere.
        sign_in(&mut visitor, &world, &origin, "/auth/signIn/plain?redirectTo=/wallet").await;
        for path in PATHS {
            assert_refused(&mut visitor, path, (403, "step_up_unsupported"), None).await;
        }
    }
}
