//! Scenarios of a site whose routes are limited, which every host passes with the same answers, and servers that count together.

use super::serving;
use super::site::{Host, Site, auth_of};
use super::visitor::{Answer, Visitor};
use aura_http::store::{
    BlockingCountStore, CountKey, CountStore, MemoryCounts, StoreError, StoreFuture, SwapCount,
};
use aura_proto::provider::TokenRetention;
use aura_proto::{Connection, FetchError, LimitRule, Limits, Quota, Scheme, SessionPolicy, UnixTime};
use aura_store::SqliteStore;
use aura_tests::{location, read_json, text};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tower::{Layer, service_fn};
use warp::Filter;

const SIGN_IN: &str = "/auth/signIn/dev";
/// How many sign-ins the default lets one address begin at once.
const BURST: usize = 120;

/// A store of counts that can be made to fail. Clones are the same store.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    memory: MemoryCounts,
    is_down: Arc<AtomicBool>,
}

impl Counts {
    fn fail(&self, is_down: bool) {
        self.is_down.store(is_down, SeqCst);
    }

    fn up(&self) -> Result<&MemoryCounts, StoreError> {
        if self.is_down.load(SeqCst) { Err("no connection".into()) } else { Ok(&self.memory) }
    }
}

impl BlockingCountStore for Counts {
    fn get_count(&self, key: CountKey) -> Result<Option<u64>, StoreError> {
        BlockingCountStore::get_count(self.up()?, key)
    }

    fn swap_count(&self, swap: SwapCount) -> Result<bool, StoreError> {
        BlockingCountStore::swap_count(self.up()?, swap)
    }
}

impl CountStore for Counts {
    fn get_count(&self, key: CountKey) -> StoreFuture<'_, Option<u64>> {
        // As a server would: the answer is not there at once.
        Box::pin(async move {
            tokio::task::yield_now().await;
            CountStore::get_count(self.up()?, key).await
        })
    }

    fn swap_count(&self, swap: SwapCount) -> StoreFuture<'_, bool> {
        Box::pin(async move { CountStore::swap_count(self.up()?, swap).await })
    }
}

pub(crate) async fn too_many_requests_are_refused_until_their_time(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    // The sign-in that comes back below is the last one that is allowed.
    for _ in 1..BURST {
        assert_eq!(visitor.get(SIGN_IN).await.status(), 302);
    }
    visitor.cookies.clear();
    let callback = visitor.begin("/account").await;
    site.events();
    site.failures();
    let refused = visitor.get(SIGN_IN).await;
    assert_eq!((refused.status().as_u16(), &read_json(&refused)["retryAfter"]), (429, &2000.into()));
    assert_eq!(refused.headers()["retry-after"], "2");
    assert_eq!(refused.headers()["x-ratelimit-limit"], "120");
    assert_eq!(site.events(), ["RATE_LIMIT_EXCEEDED"]);
    assert!(site.failures().is_empty(), "what is refused so is not recorded");
    let page = visitor.send("GET", SIGN_IN, &[("accept", "text/html")], "").await;
    assert_eq!(page.status(), 302);
    assert!(location(&page).starts_with("/failed?error=RATE_LIMIT_EXCEEDED&reason=too_many_requests"));

    // Failed callbacks are counted by themselves, and refuse without an end of the sign-in under way.
    let forged = "/auth/callback/dev?code=c&state=forged";
    for _ in 0..60 {
        assert_eq!(visitor.get(forged).await.status(), 400);
    }
    let cookies = visitor.cookies.clone();
    let refused = visitor.get(&format!("{callback}&code=c")).await;
    assert_eq!(refused.status(), 429);
    assert!(visitor.cookies.keys().eq(cookies.keys()));
    site.advance(Duration::from_secs(2));
    assert_eq!(visitor.get(SIGN_IN).await.status(), 302);
    let arrived = visitor.get(&format!("{callback}&code=c")).await;
    assert_eq!((arrived.status().as_u16(), location(&arrived).as_str()), (302, "/account"));
    assert!(text(&visitor.get("/").await).contains("You are signed in as"));
    visitor.answers
}

pub(crate) async fn a_store_of_counts_that_fails_lets_requests_pass(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    let counts = site.counts.as_ref().unwrap();
    counts.fail(true);
    for _ in 0..=BURST {
        assert_eq!(visitor.get(SIGN_IN).await.status(), 302);
        visitor.cookies.clear();
    }
    let events = site.events();
    assert_eq!(events.iter().filter(|name| **name == "RATE_LIMIT_UNCHECKED").count(), BURST + 1);
    counts.fail(false);
    visitor.sign_in().await;
    assert!(!site.events().contains(&"RATE_LIMIT_UNCHECKED"));
    visitor.answers
}

pub(crate) async fn sign_ins_at_once_are_counted_exactly(site: &Site) -> Vec<Answer> {
    let mut visitor = Visitor::new(site);
    for _ in 0..BURST - 5 {
        assert_eq!(visitor.get(SIGN_IN).await.status(), 302);
        visitor.cookies.clear();
    }
    let at_once = (0..8).map(|_| {
        let mut visitor = Visitor::new(site);
        tokio::spawn(async move { visitor.get(SIGN_IN).await.status().as_u16() })
    });
    let mut statuses = Vec::new();
    for status in at_once.collect::<Vec<_>>() {
        statuses.push(status.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 302, 302, 302, 302, 429, 429, 429]);
    visitor.answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rl_01_two_servers_that_share_a_file_count_together_exactly() {
    let folder = std::env::temp_dir().join(format!("aura-limits-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let limits = Limits::none().with(LimitRule::SignIn, Quota::new(5, Duration::from_secs(3600)));
    let auth = auth_of("https://app.test", SessionPolicy::default(), TokenRetention::Dropped, limits);
    let drivers = [(); 2].map(|()| {
        let store = SqliteStore::open(folder.join("counts.sqlite")).unwrap();
        store.create_schema().unwrap();
        let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
        let now = || UnixTime::from_secs(1_795_500_000);
        aura_http::Driver::new(auth.clone(), client).unwrap().count_store(store).clock(now)
    });
    for client in 0..20_u8 {
        let connection = Connection::new(Scheme::Https).with_peer([192, 0, 2, client].into());
        let answers = (0..8).map(|at| {
            let driver = drivers[at % 2].clone();
            let request = Request::get(SIGN_IN).extension(connection).body(Empty::<Bytes>::new()).unwrap();
            tokio::spawn(async move { driver.answer(request).await.status().as_u16() })
        });
        let mut allowed = 0;
        for answer in answers.collect::<Vec<_>>() {
            allowed += usize::from(answer.await.unwrap() == 302);
        }
        assert_eq!(allowed, 5);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// What a limited page shows.
const FOUND: &str = "what was found";

/// The application's own page, limited to two requests a minute, on one host.
async fn search_on(host: Host) -> String {
    let auth = auth_of("https://app.test", SessionPolicy::default(), TokenRetention::Dropped, Limits::none());
    let quota = Quota::new(2, Duration::from_secs(60));
    let std_listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let origin = format!("http://{}", std_listener.local_addr().unwrap());
    if host == Host::Blocking {
        let client = |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
        let limiter = aura_blocking::Driver::new(auth, client).unwrap().limiter("search", quota);
        std::thread::spawn(move || {
            aura_example_blocking::serve_with(std_listener, move |request| {
                limiter.check(&request).map_or_else(|refusal| refusal, |()| Response::new(FOUND.into()))
            })
        });
        return origin;
    }
    let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
    let driver = aura_http::Driver::new(auth, client).unwrap();
    let limiter = driver.limiter("search", quota);
    if host == Host::Actix {
        serving::on_actix(std_listener, driver, move |config| {
            let search = actix_web::web::resource("/search").get(async || FOUND);
            config.service(search.wrap(aura_actix::limit_requests(limiter.clone())));
        });
        return origin;
    }
    if host == Host::Tower {
        let search = service_fn(async |_| Ok(Response::new(Full::from(FOUND))));
        serving::on_tower(std_listener, driver, aura_tower::limit_requests(limiter).layer(search));
        return origin;
    }
    std_listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(std_listener).unwrap();
    if host == Host::Warp {
        let app = warp::path!("search").and(aura_warp::limit(limiter)).map(|| FOUND);
        tokio::spawn(warp::serve(app.recover(aura_warp::recover)).incoming(listener).run());
    } else {
        let app = axum::Router::new()
            .route("/search", axum::routing::get(async || FOUND))
            .route_layer(axum::middleware::from_fn_with_state(limiter, aura_axum::limit_requests))
            .into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
    }
    origin
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rl_01_routes_of_the_applications_own_are_limited_by_client() {
    for host in [Host::Axum, Host::Warp, Host::Tower, Host::Actix, Host::Blocking] {
        let mut visitor = Visitor::at(&search_on(host).await);
        for _ in 0..2 {
            assert_eq!(text(&visitor.get("/search").await), FOUND, "{host:?}");
        }
        let refused = visitor.get("/search").await;
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["x-ratelimit-limit"]),
            (429, &"2".parse().unwrap())
        );
        assert_eq!(read_json(&refused)["reason"], "too_many_requests", "{host:?}");
        let page = visitor.send("GET", "/search", &[("accept", "text/html")], "").await;
        assert!(page.status() == 429 && text(&page).contains("Too many requests."), "{host:?}");
    }
}

#[tokio::test]
async fn rl_01_a_limiter_of_an_asynchronous_host_counts_in_its_drivers_store() {
    let counts = Counts::default();
    let auth = auth_of("https://app.test", SessionPolicy::default(), TokenRetention::Dropped, Limits::none());
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
    let driver = aura_http::Driver::new(auth, client)
        .unwrap()
        .count_store(counts.clone())
        .on_event(move |event| heard.lock().unwrap().push(event.name()));
    let connection = Connection::new(Scheme::Https).with_peer([192, 0, 2, 1].into());
    let request = Request::get("/search").extension(connection).body(()).unwrap();
    let (search, export) = (driver.limiter("search", quota()), driver.limiter("export", quota()));
    assert!(search.check(&request).await.is_ok());
    assert_eq!(search.clone().check(&request).await.unwrap_err().status(), 429);
    assert_eq!(driver.limiter("search", quota()).check(&request).await.unwrap_err().status(), 429);
    assert!(export.check(&request).await.is_ok(), "another name counts apart");
    counts.fail(true);
    assert!(search.check(&request).await.is_ok());
    let heard = events.lock().unwrap().clone();
    assert_eq!(heard, ["RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED", "RATE_LIMIT_UNCHECKED"]);
}

fn quota() -> Quota {
    Quota::new(1, Duration::from_secs(3600))
}
