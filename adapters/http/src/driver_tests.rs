//! Many sign-ins that need one answer of a provider: with a clock that moves only when nothing else does.

use super::*;
use aura_host::store::MemoryStore;
use aura_proto::{Caching, Salt, Secret, SessionPolicy, UnixTime};
use http::StatusCode;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::task::JoinSet;

const DISCOVERY: &str = "https://provider.test/.well-known/openid-configuration";
const JWKS: &str = "https://provider.test/jwks";

const TERMS: Terms = Terms {
    timeout: Duration::from_secs(5),
    max_response: 1024,
    caching: Caching::Reuse { max_age: Duration::from_secs(3600) },
};

fn auth(policy: SessionPolicy) -> Auth {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    Auth::builder(secret, salt).base_url("https://app.test").session(policy).build().unwrap()
}

fn driver(client: impl Client) -> Driver {
    Driver::new(auth(SessionPolicy::default()), client).unwrap().clock(|| UnixTime::from_secs(1_790_000_000))
}

fn get(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

/// Makes a client that counts, and whose exchanges take a second and end with a status.
fn counting(status: StatusCode) -> (impl Client, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let client = move |_: Request<Bytes>| {
        count.fetch_add(1, SeqCst);
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Response::builder().status(status).body("{}".into()).unwrap())
        }
    };
    (client, asked)
}

fn is_success(answer: &Response<Bytes>) -> bool {
    answer.status().is_success()
}

#[test]
fn a_policy_that_keeps_sessions_in_a_store_makes_no_driver_without_one() {
    let plain = SessionPolicy::default();
    for policy in
        [plain.clone().stored(), plain.stored_at_most(3), SessionPolicy::default().recheck(TERMS.timeout)]
    {
        let client = || async |_: Request<Bytes>| Err::<Response<Bytes>, _>(FetchError::Unreachable);
        let made = Driver::new(auth(policy.clone()), client());
        assert_eq!(made.err(), Some(DriverError::NoSessionStore));
        let driver = Driver::with_session_store(auth(policy), client(), MemoryStore::default());
        assert!(driver.0.store.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn ds_08_a_hundred_first_sign_ins_read_discovery_and_keys_once() {
    let (client, asked) = counting(StatusCode::OK);
    let driver = driver(client);
    let mut sign_ins = JoinSet::new();
    for _ in 0..100 {
        let driver = driver.clone();
        sign_ins.spawn(async move {
            let discovery = driver.outcome(get(DISCOVERY), TERMS, is_success).await;
            let keys = driver.outcome(get(JWKS), TERMS, is_success).await;
            discovery.is_ok() && keys.is_ok()
        });
    }
    assert!(sign_ins.join_all().await.into_iter().all(|works| works));
    assert_eq!(asked.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn ds_08_au_09_a_failure_is_shared_by_those_who_wait_and_cools_down() {
    let (client, asked) = counting(StatusCode::SERVICE_UNAVAILABLE);
    let driver = driver(client);
    for _ in 1..=2 {
        let (first, second) = tokio::join!(
            driver.outcome(get(DISCOVERY), TERMS, is_success),
            driver.outcome(get(DISCOVERY), TERMS, is_success),
        );
        assert_eq!(first.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(second.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(asked.load(SeqCst), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_who_waits_takes_over_when_the_first_client_is_gone() {
    let (client, asked) = counting(StatusCode::OK);
    let driver = driver(client);
    let first = {
        let driver = driver.clone();
        tokio::spawn(async move { driver.outcome(get(DISCOVERY), TERMS, is_success).await })
    };
    tokio::task::yield_now().await;
    assert_eq!(asked.load(SeqCst), 1);
    let second = driver.outcome(get(DISCOVERY), TERMS, is_success);
    let (second, ()) = tokio::join!(second, async { first.abort() });
    assert!(second.is_ok());
    assert_eq!(asked.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn ds_05_whoever_waits_for_a_silent_provider_has_a_deadline_too() {
    let driver = driver(|_: Request<Bytes>| std::future::pending::<Outcome>());
    let start = Instant::now();
    let late = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        driver.outcome(get(DISCOVERY), TERMS, is_success).await
    };
    let (first, late) = tokio::join!(driver.outcome(get(DISCOVERY), TERMS, is_success), late);
    assert_eq!((first.unwrap_err(), late.unwrap_err()), (FetchError::TimedOut, FetchError::TimedOut));
    // The one who came later is told what the first one found.
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn ds_07_more_exchanges_than_allowed_fail_at_once_and_make_room_when_they_end() {
    let (client, asked) = counting(StatusCode::OK);
    // One provider gets half of them.
    let driver = driver(client).max_exchanges(4);
    let never = Terms { caching: Caching::Never, ..TERMS };
    let start = Instant::now();
    let ask = async || {
        let outcome = driver.outcome(get(DISCOVERY), never, is_success).await;
        (outcome.map(|answer| answer.status()), start.elapsed().as_secs())
    };
    let three = tokio::join!(ask(), ask(), ask());
    assert_eq!(three, ((Ok(StatusCode::OK), 1), (Ok(StatusCode::OK), 1), (Err(FetchError::Unreachable), 0)));
    assert_eq!((ask().await, asked.load(SeqCst)), ((Ok(StatusCode::OK), 2), 3));
}

#[tokio::test]
async fn the_application_hears_of_every_event() {
    let (client, _) = counting(StatusCode::OK);
    let (heard, sink) = std::sync::mpsc::channel();
    let driver = driver(client).on_event(move |event| heard.send(event.name()).unwrap());
    let request = Request::get("/auth/none").body(http_body_util::Empty::<Bytes>::new()).unwrap();
    assert_eq!(driver.answer(request).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(sink.try_iter().count(), 1);
}
