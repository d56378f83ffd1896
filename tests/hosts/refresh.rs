//! Refreshes of stored tokens on several drivers at once: a refresh token is spent once, and no refresh is dropped.

use aura_http::Driver;
use aura_http::store::{MemoryStore, SessionStore};
use aura_proto::provider::{Provider as Row, TokenRetention};
use aura_proto::{Auth, ClientSecret, FetchError, ProviderTokensError, SessionPolicy, UnixTime};
use aura_store::SqliteStore;
use aura_tests::{CookieMap, SECRET, bare_builder, json_answer, location, parameter, read_json};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

const TOKENS: &str = "/auth/providers/dev/tokens";
/// How long an access token lives, in seconds. It is due in the second half.
const LIFE: u64 = 60;

/// A provider that takes each refresh token once, and refuses one that comes again. Clones are the same one.
#[derive(Clone)]
struct Provider(Arc<State>);

struct State {
    /// The refresh token that it takes next.
    next: AtomicU64,
    asked: AtomicUsize,
    refused: AtomicUsize,
    mood: watch::Sender<Mood>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Answers,
    /// It has spent the refresh token, and answers when its mood changes.
    Slow,
    Fails,
}

impl Provider {
    fn new() -> Self {
        let (mood, _) = watch::channel(Mood::Answers);
        let (asked, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self(Arc::new(State { next: AtomicU64::new(1), asked, refused, mood }))
    }

    fn becomes(&self, mood: Mood) {
        self.0.mood.send_replace(mood);
    }

    /// How often it was asked to refresh tokens, and how often it refused a refresh token that was spent.
    fn refreshes(&self) -> (usize, usize) {
        (self.0.asked.load(SeqCst), self.0.refused.load(SeqCst))
    }

    /// Waits until it was asked so often.
    async fn is_asked(&self, times: usize) {
        while self.0.asked.load(SeqCst) < times {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn client(&self) -> impl aura_http::Client + use<> {
        let provider = self.clone();
        move |request: Request<Bytes>| {
            let provider = provider.clone();
            async move {
                let answer = provider.answer(&request);
                provider.0.mood.subscribe().wait_for(|mood| *mood != Mood::Slow).await.unwrap();
                answer
            }
        }
    }

    fn blocking_client(&self) -> impl aura_blocking::Client + use<> {
        let provider = self.clone();
        move |request: Request<Bytes>| provider.answer(&request)
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        if request.uri().path() != "/token" {
            return Ok(json_answer(200, r#"{"sub":"ada"}"#));
        }
        let form = String::from_utf8_lossy(request.body()).into_owned();
        let Some((_, rest)) = form.split_once("refresh_token=rt-") else { return Ok(granted(1)) };
        self.0.asked.fetch_add(1, SeqCst);
        if *self.0.mood.borrow() == Mood::Fails {
            return Err(FetchError::Unreachable);
        }
        let spent: u64 = rest.split('&').next().unwrap().parse().unwrap();
        if self.0.next.compare_exchange(spent, spent + 1, SeqCst, SeqCst).is_err() {
            self.0.refused.fetch_add(1, SeqCst);
            return Ok(json_answer(400, r#"{"error":"invalid_grant"}"#));
        }
        Ok(granted(spent + 1))
    }
}

fn granted(number: u64) -> Response<Bytes> {
    let tokens =
        format!(r#"{{"access_token":"at-{number}","refresh_token":"rt-{number}","expires_in":{LIFE}}}"#);
    json_answer(200, tokens)
}

fn auth() -> Auth {
    let row = Row::oauth("dev", "site")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo")
        .scope("profile")
        .client_secret(ClientSecret::new("site-secret"))
        .tokens(TokenRetention::Readable);
    let policy = SessionPolicy::default().stored();
    bare_builder(SECRET).base_url("https://app.test").session(policy).provider(row).build().unwrap()
}

/// A site on several instances, whose clock a test sets.
struct Site {
    provider: Provider,
    clock: Arc<AtomicU64>,
}

impl Site {
    fn new() -> Self {
        Self { provider: Provider::new(), clock: Arc::new(AtomicU64::new(1_795_500_000)) }
    }

    fn clock(&self) -> impl Fn() -> UnixTime + Send + Sync + use<> {
        let clock = Arc::clone(&self.clock);
        move || UnixTime::from_secs(clock.load(SeqCst))
    }

    fn advance(&self, seconds: u64) {
        self.clock.fetch_add(seconds, SeqCst);
    }

    fn driver(&self, store: impl SessionStore) -> Driver {
        Driver::new(auth(), self.provider.client()).clock(self.clock()).session_store(store)
    }
}

fn get(path: &str, cookies: &CookieMap) -> Request<Full<Bytes>> {
    cookies.attach(Request::get(path)).body(Full::default()).unwrap()
}

async fn sign_in(driver: &Driver) -> CookieMap {
    let mut cookies = CookieMap::default();
    let begun = driver.answer(get("/auth/signIn/dev", &cookies)).await;
    cookies.keep(begun.headers());
    let state = parameter(&location(&begun).parse().unwrap(), "state").unwrap();
    let callback = format!("/auth/callback/dev?code=c&state={state}");
    let arrived = driver.answer(get(&callback, &cookies)).await;
    assert_eq!(arrived.status(), 302);
    cookies.keep(arrived.headers());
    cookies
}

/// Reads the access token, by the route or as a handler does.
async fn token(driver: &Driver, cookies: &CookieMap, by_route: bool) -> Result<String, ProviderTokensError> {
    if by_route {
        let answer = read_json(&driver.answer(get(TOKENS, cookies)).await);
        return Ok(answer["tokens"]["accessToken"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned());
    }
    let tokens = driver.provider_tokens("dev", &get("/", cookies)).await?;
    Ok(tokens.access_token.expose().to_owned())
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

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
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
fn a_thousand_requests_at_once_spend_one_refresh_token() {
    runtime().block_on(async {
        let (site, store) = (Site::new(), MemoryStore::default());
        race(&site, [site.driver(store.clone()), site.driver(store)], 2, 1000).await;
    });
}

#[test]
fn a_thousand_requests_at_once_on_two_instances_and_one_file_spend_one_refresh_token() {
    runtime().block_on(async {
        let (site, file) = (Site::new(), File::new("thousand"));
        race(&site, [site.driver(file.open()), site.driver(file.open())], 2, 1000).await;
    });
}

#[test]
fn many_races_for_a_lease_have_one_winner_each() {
    runtime().block_on(async {
        let (site, store) = (Site::new(), MemoryStore::default());
        race(&site, [site.driver(store.clone()), site.driver(store)], 100, 8).await;
        let (site, file) = (Site::new(), File::new("many"));
        race(&site, [site.driver(file.open()), site.driver(file.open())], 30, 8).await;
    });
}

#[test]
fn threads_of_blocking_drivers_spend_one_refresh_token() {
    let (site, file) = (Site::new(), File::new("threads"));
    let cookies = runtime().block_on(sign_in(&site.driver(file.open())));
    let driver = || {
        let driver = aura_blocking::Driver::new(auth(), site.provider.blocking_client());
        driver.clock(site.clock()).session_store(file.open())
    };
    let drivers = [driver(), driver()];
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
            let driver = site.driver(store);
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
fn a_lease_that_a_killed_process_left_behind_lapses() {
    let (site, file) = (Site::new(), File::new("killed"));
    let killed = runtime();
    let driver = site.driver(file.open());
    let cookies = killed.block_on(sign_in(&driver));
    site.advance(LIFE);
    site.provider.becomes(Mood::Slow);
    let sent = cookies.clone();
    killed.spawn(async move { token(&driver, &sent, true).await });
    killed.block_on(site.provider.is_asked(1));
    killed.shutdown_background();
    site.provider.becomes(Mood::Answers);
    site.advance(30);
    runtime().block_on(async {
        // The provider has spent the token for the process that is gone: the grant is over, and the user signs in again.
        let driver = site.driver(file.open());
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
        let driver = site.driver(store);
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
