//! Time of a request's session where a store keeps it, beside that of a sealed cookie. A request is answered by the same driver.
//!
//! `cargo bench -p aura-benches --features stores --bench lookup`
#![expect(clippy::expect_used, reason = "a benchmark that is set up wrongly must fail loudly")]

#[path = "soak/site.rs"]
#[allow(dead_code, reason = "the soak test serves the site, too")]
mod site;
#[path = "soak/store.rs"]
#[allow(dead_code, reason = "the soak test stops a server, too")]
mod store;

use aura_http::{Driver, now};
use aura_proto::{SessionPolicy, UnixTime};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, Response, header};
use http_body_util::Empty;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::runtime::Builder;

const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

/// How long a session lives: longer than the requests of one a second take.
const YEARS: Duration = Duration::from_secs(9 * 365 * 24 * 60 * 60);
/// How long a session is not looked up again, and requests of one a second.
const INTERVAL: Duration = Duration::from_secs(60);

fn all(criterion: &mut Criterion) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    for name in ["cookie", "memory", "sqlite", "postgres", "redis"] {
        let _inside = runtime.enter();
        let policy = SessionPolicy::default();
        let (driver, kept) = if name == "cookie" {
            (site::driver(ADDRESS, policy).expect("a driver"), None)
        } else {
            let made = runtime.block_on(store::driver(ADDRESS, policy.stored(), name));
            let (driver, kept) = made.expect("a store");
            (driver, Some(kept))
        };
        let cookies = runtime.block_on(sign_in(&driver));
        let read = async || {
            let answer = driver.answer(request("/auth/session", &cookies)).await;
            assert_eq!(answer.status(), 200, "the session is there");
            answer
        };
        criterion.bench_function(name, |bencher| bencher.iter(|| runtime.block_on(read())));
        drop(kept);
    }
    for name in ["memory", "sqlite", "redis", "postgres"] {
        let _inside = runtime.enter();
        let policy = SessionPolicy::default().max_age(YEARS).recheck(INTERVAL);
        let (driver, kept) = runtime.block_on(store::driver(ADDRESS, policy, name)).expect("a store");
        let clock = Arc::new(AtomicU64::new(now().as_secs()));
        let time = Arc::clone(&clock);
        let driver = driver.clock(move || UnixTime::from_secs(time.load(Relaxed)));
        let mut sent = runtime.block_on(sign_in(&driver));
        criterion.bench_function(&format!("recheck {name}"), |bencher| {
            bencher.iter(|| {
                clock.fetch_add(1, Relaxed);
                let answer = runtime.block_on(driver.answer(request("/auth/session", &sent)));
                assert_eq!(answer.status(), 200, "the session is there");
                let set = cookies(&answer);
                if !set.is_empty() {
                    sent = merged(&sent, &set);
                }
            });
        });
        drop(kept);
    }
}

/// Signs in, and returns the header with the browser's cookies.
async fn sign_in(driver: &Driver) -> String {
    let begun = driver.answer(request("/auth/signIn/dev", "")).await;
    let callback = site::callback(&begun).expect("a state");
    let finished = driver.answer(request(&callback, &cookies(&begun))).await;
    assert_eq!(finished.status(), 302, "the sign-in ends");
    cookies(&finished)
}

fn request(path: &str, cookies: &str) -> Request<Empty<Bytes>> {
    let request =
        Request::get(path).header(header::HOST, ADDRESS.to_string()).header(header::COOKIE, cookies);
    request.body(Empty::new()).expect("a request")
}

/// Returns the cookies that an answer sets, and not those that it clears.
fn cookies(answer: &Response<Bytes>) -> String {
    let values = answer.headers().get_all(header::SET_COOKIE).iter();
    let pairs = values.filter_map(|value| value.to_str().ok()?.split(';').next());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// Puts the cookies that were set into the place of those of the same names.
fn merged(sent: &str, set: &str) -> String {
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let names: Vec<String> = set.split("; ").map(name).collect();
    let kept = sent.split("; ").filter(|pair| !names.contains(&name(pair)));
    kept.chain(set.split("; ")).collect::<Vec<_>>().join("; ")
}

criterion_group!(benches, all);
criterion_main!(benches);
