//! Refreshes of provider tokens by drivers, with a provider that takes each refresh token once.

#![expect(clippy::arithmetic_side_effects, reason = "the numbers of a test are small")]

mod handlers;
mod races;
mod refused;

use aura_http::Driver;
use aura_http::store::SessionStore;
use aura_proto::provider::{Provider as Row, TokenRetention};
use aura_proto::{Auth, ClientSecret, FetchError, ProviderTokensError, SessionPolicy, UnixTime};
use aura_tests::{CookieMap, SECRET, bare_builder, json_answer, location, parameter, read_json};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

const TOKENS: &str = "/auth/providers/dev/tokens";
/// How long an access token lives, in seconds. It is due in the second half.
pub(super) const LIFE: u64 = 60;

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
    /// It grants no refresh token.
    GrantsOnce,
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

    /// Has the refresh token spent by somebody else.
    fn spend_elsewhere(&self) {
        self.0.next.fetch_add(1, SeqCst);
    }

    /// Forgets every grant.
    fn begin_again(&self) {
        self.0.next.store(1, SeqCst);
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
                // As a provider would: the answer is not there at once.
                tokio::time::sleep(Duration::from_millis(5)).await;
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
        let mood = *self.0.mood.borrow();
        let Some((_, rest)) = form.split_once("refresh_token=rt-") else {
            let once = || json_answer(200, format!(r#"{{"access_token":"at-1","expires_in":{LIFE}}}"#));
            return Ok(if mood == Mood::GrantsOnce { once() } else { granted(1) });
        };
        self.0.asked.fetch_add(1, SeqCst);
        if mood == Mood::Fails {
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

fn auth(policy: SessionPolicy) -> Auth {
    let row = Row::oauth("dev", "site")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo")
        .scope("profile")
        .client_secret(ClientSecret::new("site-secret"))
        .tokens(TokenRetention::Readable);
    bare_builder(SECRET).base_url("https://app.test").session(policy).provider(row).build().unwrap()
}

/// A site on several instances, whose clock a test sets.
pub(super) struct Site {
    provider: Provider,
    clock: Arc<AtomicU64>,
}

impl Site {
    pub(super) fn new() -> Self {
        Self { provider: Provider::new(), clock: Arc::new(AtomicU64::new(1_795_500_000)) }
    }

    pub(super) fn clock(&self) -> impl Fn() -> UnixTime + Send + Sync + use<> {
        let clock = Arc::clone(&self.clock);
        move || UnixTime::from_secs(clock.load(SeqCst))
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.clock.fetch_add(seconds, SeqCst);
    }

    pub(super) fn driver(&self, policy: SessionPolicy) -> Driver {
        Driver::new(auth(policy), self.provider.client()).unwrap().clock(self.clock())
    }

    pub(super) fn stored_driver(&self, policy: SessionPolicy, store: impl SessionStore) -> Driver {
        Driver::with_session_store(auth(policy), self.provider.client(), store).clock(self.clock())
    }
}

pub(super) fn get(path: &str, cookies: &CookieMap) -> Request<Full<Bytes>> {
    cookies.attach(Request::get(path)).body(Full::default()).unwrap()
}

pub(super) async fn sign_in(driver: &Driver) -> CookieMap {
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
    let tokens = driver.provider_tokens("dev", &get("/", cookies)).await.map_err(|none| none.error)?;
    Ok(tokens.access_token.expose().to_owned())
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
