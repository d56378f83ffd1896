//! Refreshes of stored tokens on several drivers at once: a refresh token is spent once, and no refresh is dropped.

use super::{LIFE, Mood, Site, TOKENS, auth, get, runtime, sign_in, token};
use aura_http::Driver;
use aura_http::store::{MemoryStore, SessionStore};
use aura_proto::{ProviderTokensError, SessionPolicy};
use aura_store::SqliteStore;
use aura_tests::{CookieMap, read_json};
use http::Request;
use std::future::{Future, poll_fn};
use std::path::PathBuf;
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;

fn driver(site: &Site, store: impl SessionStore) -> Driver {
    site.stored_driver(SessionPolicy::default().stored(), store)
}

/// Sends requests to both drivers at once, and returns the tokens that they get.
async fn at_once(drivers: &[Driver; 2], cookies: &CookieMap, requests: usize) -> Vec<String> {
    let barrier = Arc::new(tokio::sync::Barrier::new(requests));
    let tasks: Vec<_> = (0..requests)
        .map(|number| {
            let (driver, cookies) = (drivers[number % 2].clone(), cookies.clone());
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                token(&driver, &cookies, number % 4 < 2).await.unwrap()
            })
        })
        .collect();
    let mut tokens = Vec::new();
    for task in tasks {
        tokens.push(task.await.unwrap());
    }
    tokens
}

/// A file of SQLite, which is removed with its folder.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("aura-refresh-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = Self(folder);
        file.open().create_schema().unwrap();
        file
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(self.0.join("sessions.sqlite")).unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Refreshes again and again, where the token has ended and where it serves.
async fn race(site: &Site, drivers: [Driver; 2], rounds: u64, requests: usize) {
    let cookies = sign_in(&drivers[0]).await;
    for round in 1..=rounds {
        let has_ended = round % 2 == 1;
        site.advance(if has_ended { LIFE } else { LIFE / 2 });
        let tokens = at_once(&drivers, &cookies, requests).await;
        let (earlier, new) = (format!("at-{round}"), format!("at-{}", round + 1));
        assert!(tokens.contains(&new));
        assert!(tokens.iter().all(|token| *token == new || (*token == earlier && !has_ended)), "{tokens:?}");
        assert_eq!(site.provider.refreshes(), (usize::try_from(round).unwrap(), 0));
    }
}

#[test]
fn rf_02_a_thousand_requests_at_once_spend_one_refresh_token() {
    runtime().block_on(async {
        let (site, store) = (Site::new(), MemoryStore::default());
        race(&site, [driver(&site, store.clone()), driver(&site, store)], 2, 1000).await;
    });
}

#[test]
fn rf_02_a_thousand_requests_at_once_on_two_instances_and_one_file_spend_one_refresh_token() {
    runtime().block_on(async {
        let (site, file) = (Site::new(), File::new("thousand"));
        race(&site, [driver(&site, file.open()), driver(&site, file.open())], 2, 1000).await;
    });
}

#[test]
fn many_races_for_a_lease_have_one_winner_each() {
    runtime().block_on(async {
        let (site, store) = (Site::new(), MemoryStore::default());
        race(&site, [driver(&site, store.clone()), driver(&site, store)], 100, 8).await;
        let (site, file) = (Site::new(), File::new("many"));
        race(&site, [driver(&site, file.open()), driver(&site, file.open())], 30, 8).await;
    });
}

#[test]
fn threads_of_blocking_drivers_spend_one_refresh_token() {
    let (site, file) = (Site::new(), File::new("threads"));
    let cookies = runtime().block_on(sign_in(&driver(&site, file.open())));
    let blocking = || {
        let auth = auth(SessionPolicy::default().stored());
        let client = site.provider.blocking_client();
        aura_blocking::Driver::with_session_store(auth, client, file.open()).clock(site.clock())
    };
    let drivers = [blocking(), blocking()];
    for round in 1..=10 {
        site.advance(LIFE);
        let barrier = Barrier::new(16);
        thread::scope(|scope| {
            for number in 0..16 {
                let (driver, cookies, barrier) = (&drivers[number % 2], &cookies, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let request = cookies.attach(Request::get(TOKENS));
                    let expected = format!("at-{}", round + 1);
                    if number % 4 < 2 {
                        let answer = read_json(&driver.answer(request.body(std::io::empty()).unwrap()));
                        assert_eq!(answer["tokens"]["accessToken"], expected, "{answer}");
                    } else {
                        let tokens = driver.provider_tokens("dev", &request.body(()).unwrap()).unwrap();
                        assert_eq!(tokens.access_token.expose(), expected);
                    }
                });
            }
        });
        assert_eq!(site.provider.refreshes(), (round, 0));
    }
}

#[test]
fn a_refresh_runs_to_its_end_though_the_browser_hangs_up() {
    for by_route in [true, false] {
        runtime().block_on(async {
            let (site, store) = (Site::new(), MemoryStore::default());
            let driver = driver(&site, store);
            let cookies = sign_in(&driver).await;
            site.advance(LIFE);
            site.provider.becomes(Mood::Slow);
            let (other, sent) = (driver.clone(), cookies.clone());
            let hung_up = tokio::spawn(async move { token(&other, &sent, by_route).await });
            site.provider.is_asked(1).await;
            hung_up.abort();
            assert!(hung_up.await.unwrap_err().is_cancelled());
            site.provider.becomes(Mood::Answers);
            assert_eq!(token(&driver, &cookies, by_route).await.unwrap(), "at-2");
            assert_eq!(site.provider.refreshes(), (1, 0));
        });
    }
}

#[test]
fn a_server_that_shuts_down_waits_for_the_refreshes_that_outlive_their_requests() {
    runtime().block_on(async {
        let (site, store) = (Site::new(), MemoryStore::default());
        let driver = driver(&site, store);
        // There is none.
        driver.finish_refreshes().await;
        let cookies = sign_in(&driver).await;
        site.advance(LIFE);
        site.provider.becomes(Mood::Slow);
        let (other, sent) = (driver.clone(), cookies.clone());
        let hung_up = tokio::spawn(async move { token(&other, &sent, true).await });
        site.provider.is_asked(1).await;
        hung_up.abort();
        let mut finished = std::pin::pin!(driver.finish_refreshes());
        let goes_on = poll_fn(|cx| Poll::Ready(finished.as_mut().poll(cx).is_pending())).await;
        assert!(goes_on, "the server waits");
        site.provider.becomes(Mood::Answers);
        finished.await;
        let request = get(TOKENS, &cookies);
        let answer = read_json(&driver.answer(request).await);
        assert_eq!((&answer["tokens"]["accessToken"], site.provider.refreshes()), (&"at-2".into(), (1, 0)));
    });
}

#[test]
fn a_lease_that_a_killed_process_left_behind_lapses() {
    let (site, file) = (Site::new(), File::new("killed"));
    let killed = runtime();
    let doomed = driver(&site, file.open());
    let cookies = killed.block_on(sign_in(&doomed));
    site.advance(LIFE);
    site.provider.becomes(Mood::Slow);
    let sent = cookies.clone();
    killed.spawn(async move { token(&doomed, &sent, true).await });
    killed.block_on(site.provider.is_asked(1));
    // It waits until every task is dropped where it stands.
    drop(killed);
    site.provider.becomes(Mood::Answers);
    site.advance(30);
    runtime().block_on(async {
        // The provider has spent the token for the process that is gone: the grant is over, and the user signs in again.
        let driver = driver(&site, file.open());
        let error = token(&driver, &cookies, false).await.unwrap_err();
        assert_eq!(error, ProviderTokensError::Refused);
        assert!(error.needs_sign_in());
        assert_eq!(site.provider.refreshes(), (2, 1));
        let missing = token(&driver, &cookies, false).await.unwrap_err();
        assert_eq!(missing, ProviderTokensError::Missing);
    });
}

#[test]
fn a_provider_that_fails_is_asked_later_and_nobody_loses_the_tokens() {
    runtime().block_on(async {
        let (site, store) = (Site::new(), MemoryStore::default());
        let driver = driver(&site, store);
        let cookies = sign_in(&driver).await;
        site.provider.becomes(Mood::Fails);
        site.advance(LIFE - 1);
        assert_eq!(token(&driver, &cookies, false).await.unwrap(), "at-1");
        site.advance(1);
        let error = token(&driver, &cookies, false).await.unwrap_err();
        assert!(matches!(error, ProviderTokensError::Provider(_)) && !error.needs_sign_in());
        site.provider.becomes(Mood::Answers);
        assert_eq!(token(&driver, &cookies, false).await.unwrap(), "at-2");
    });
}
