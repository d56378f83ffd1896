//! Scenarios of a site whose routes are limited, which every host passes with the same answers, and servers that count together.

use super::site::{Site, auth_of};
use super::visitor::{Answer, Visitor};
use aura_http::store::{
    BlockingCountStore, CountKey, CountStore, MemoryCounts, StoreError, StoreFuture, SwapCount,
};
use aura_proto::{Connection, FetchError, LimitRule, Limits, Quota, Scheme, SessionPolicy, UnixTime};
use aura_store::SqliteStore;
use aura_tests::{location, read_json, text};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

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
    let auth = auth_of("https://app.test", SessionPolicy::default(), limits);
    let drivers = [(); 2].map(|()| {
        let store = SqliteStore::open(folder.join("counts.sqlite")).unwrap();
        store.create_schema().unwrap();
        let client = async |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
        let now = || UnixTime::from_secs(1_795_500_000);
        aura_http::Driver::new(auth.clone(), client).count_store(store).clock(now)
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
