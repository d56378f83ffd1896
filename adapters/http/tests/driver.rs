//! The driver over clients and bodies that are slow, endless or broken; with a clock that moves only when nothing else does.
#![cfg(test)]

use aura_http::{Client, Driver};
use aura_proto::provider::Provider;
use aura_proto::{Auth, ClientSecret, FetchError, Salt, Secret};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use http_body_util::{Empty, Full};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

const KIB: usize = 1024;

fn auth() -> Auth {
    let row = Provider::oauth("mock", "site")
        .with_name("Mock")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo")
        .scope("profile")
        .client_secret(ClientSecret::new("site-secret"));
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    Auth::builder(secret, salt).base_url("https://app.test").provider(row).build().unwrap()
}

fn get(path: &str) -> Request<Empty<Bytes>> {
    Request::get(path).body(Empty::new()).unwrap()
}

/// Begins a sign-in; returns the callback with which the provider sends the browser back.
async fn begin(driver: &Driver) -> Request<Empty<Bytes>> {
    let begun = driver.answer(get("/auth/signIn/mock")).await;
    let authorize = begun.headers()[header::LOCATION].to_str().unwrap();
    let (_, rest) = authorize.split_once("state=").unwrap();
    let state = rest.split('&').next().unwrap();
    let cookie = begun.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    let mut callback = get(&format!("/auth/callback/mock?code=c&state={state}"));
    callback.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
    callback
}

/// A provider that knows Ada.
async fn provider(request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
    let answer = match request.uri().path() {
        "/token" => json!({ "access_token": "t", "token_type": "Bearer" }),
        _ => json!({ "sub": "ada", "name": "Ada Lovelace" }),
    };
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    Ok(response.body(answer.to_string().into()).unwrap())
}

/// How many exchanges are under way.
#[derive(Clone, Debug, Default)]
struct Exchanges(Arc<AtomicUsize>);

impl Exchanges {
    /// Counts one until it is dropped.
    fn begin(&self) -> impl Send + use<> {
        struct Under(Exchanges);
        impl Drop for Under {
            fn drop(&mut self) {
                self.0.0.fetch_sub(1, SeqCst);
            }
        }
        self.0.fetch_add(1, SeqCst);
        Under(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Makes a client whose exchanges never end.
    fn hang(&self) -> impl Client + use<> {
        let exchanges = self.clone();
        move |_: Request<Bytes>| {
            let under = exchanges.begin();
            async move {
                let _under = under;
                std::future::pending().await
            }
        }
    }
}

/// A body that yields chunks of 64 KiB without end, each after a while, and counts its bytes.
struct Endless {
    every: Duration,
    sleep: Pin<Box<tokio::time::Sleep>>,
    sent: Arc<AtomicUsize>,
}

impl Endless {
    fn new(every: Duration) -> (Self, Arc<AtomicUsize>) {
        let sent = Arc::new(AtomicUsize::new(0));
        (Self { every, sleep: Box::pin(tokio::time::sleep(every)), sent: Arc::clone(&sent) }, sent)
    }
}

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.every.is_zero() {
            std::task::ready!(self.sleep.as_mut().poll(context));
            self.sleep = Box::pin(tokio::time::sleep(self.every));
        }
        self.sent.fetch_add(64 * KIB, SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b'x'; 64 * KIB])))))
    }
}

fn post<B>(path: &str, body: B) -> Request<B> {
    Request::post(path).body(body).unwrap()
}

fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn reason(response: &Response<Bytes>) -> Value {
    json_of(response)["reason"].clone()
}

#[tokio::test]
async fn a_function_is_a_client() {
    let driver = Driver::new(auth(), provider).unwrap();
    let arrived = driver.answer(begin(&driver).await).await;
    assert_eq!(
        (arrived.status(), &arrived.headers()[header::LOCATION]),
        (StatusCode::FOUND, &"/".parse().unwrap())
    );

    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let driver = Driver::new(auth(), move |request| {
        count.fetch_add(1, SeqCst);
        provider(request)
    })
    .unwrap();
    // Two drivers share one client.
    assert_eq!(driver.clone().answer(begin(&driver).await).await.status(), StatusCode::FOUND);
    assert_eq!(asked.load(SeqCst), 2);
}

#[tokio::test]
async fn what_a_client_says_of_an_exchange_is_the_reason_of_the_answer() {
    for (error, expected) in [
        (FetchError::Unreachable, "token_unreachable"),
        (FetchError::Untrusted, "token_unreachable"),
        (FetchError::TooLarge, "token_too_large"),
        (FetchError::TimedOut, "token_unreachable"),
    ] {
        let driver = Driver::new(auth(), move |_: Request<Bytes>| std::future::ready(Err(error))).unwrap();
        let answer = driver.answer(begin(&driver).await).await;
        assert_eq!((answer.status(), reason(&answer)), (StatusCode::BAD_GATEWAY, expected.into()));
    }
}

#[tokio::test]
async fn ds_04_a_client_without_a_limit_is_checked_again() {
    let driver =
        Driver::new(auth(), async |_: Request<Bytes>| Ok(Response::new(vec![b' '; 1024 * KIB + 1].into())))
            .unwrap();
    let answer = driver.answer(begin(&driver).await).await;
    assert_eq!(reason(&answer), "token_too_large");
}

#[tokio::test(start_paused = true)]
async fn ds_05_a_silent_provider_ends_the_sign_in_after_five_seconds() {
    let exchanges = Exchanges::default();
    let driver = Driver::new(auth(), exchanges.hang()).unwrap();
    let callback = begin(&driver).await;
    let start = Instant::now();
    let answer = driver.answer(callback).await;
    assert_eq!(start.elapsed(), Duration::from_secs(5));
    assert_eq!((answer.status(), reason(&answer)), (StatusCode::BAD_GATEWAY, "token_unreachable".into()));
    assert_eq!(exchanges.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_exchange_has_a_deadline_of_its_own() {
    let driver = Driver::new(auth(), async |request: Request<Bytes>| {
        let is_token = request.uri().path() == "/token";
        tokio::time::sleep(Duration::from_secs(if is_token { 4 } else { 6 })).await;
        provider(request).await
    })
    .unwrap();
    let callback = begin(&driver).await;
    let start = Instant::now();
    assert_eq!(reason(&driver.answer(callback).await), "userinfo_unreachable");
    assert_eq!(start.elapsed(), Duration::from_secs(9));
}

#[tokio::test]
async fn dropping_an_answer_drops_the_exchange_under_way() {
    let exchanges = Exchanges::default();
    let driver = Driver::new(auth(), exchanges.hang()).unwrap();
    let callback = begin(&driver).await;
    {
        let mut answer = std::pin::pin!(driver.answer(callback));
        let waiting = std::future::poll_fn(|context| Poll::Ready(answer.as_mut().poll(context).is_pending()));
        assert!(waiting.await);
        assert_eq!(exchanges.count(), 1);
    }
    assert_eq!(exchanges.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn ds_07_two_hundred_sign_ins_at_a_silent_provider_hold_up_nobody() {
    let exchanges = Exchanges::default();
    let driver = Driver::new(auth(), exchanges.hang()).unwrap();
    let mut sign_ins = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (driver, callback) = (driver.clone(), begin(&driver).await);
        sign_ins.spawn(async move { driver.answer(callback).await });
    }
    while exchanges.count() < 200 {
        tokio::task::yield_now().await;
    }

    // The driver starts no tasks of its own, and other routes take no time at all.
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 200);
    let start = Instant::now();
    for (path, status) in [
        ("/auth/session", StatusCode::UNAUTHORIZED),
        ("/auth/csrfToken", StatusCode::OK),
        ("/auth/signIn/mock", StatusCode::FOUND),
    ] {
        assert_eq!(driver.answer(get(path)).await.status(), status, "{path}");
    }
    assert_eq!((start.elapsed(), exchanges.count()), (Duration::ZERO, 200));

    let answers = sign_ins.join_all().await;
    assert!(answers.iter().all(|answer| reason(answer) == "token_unreachable"));
    assert_eq!((start.elapsed(), answers.len(), exchanges.count()), (Duration::from_secs(5), 200, 0));
}

#[tokio::test]
async fn a_body_of_64_kib_is_read_and_one_byte_more_is_refused_in_the_words_of_its_route() {
    let driver = Driver::new(auth(), provider).unwrap();
    let send = async |path: &str, method: Method, length: usize| {
        let mut request = post(path, Full::new(Bytes::from(vec![b'x'; length])));
        *request.method_mut() = method;
        driver.answer(request).await
    };
    let sign_out = "/auth/signOut?token_type_hint=session_token";
    let members = [
        (sign_out, Method::POST, json!({ "success": false, "redirect": false, "redirectURL": null })),
        ("/auth/session", Method::PATCH, json!({ "success": false, "session": null })),
    ];
    for (path, method, members) in members {
        let read = send(path, method.clone(), 64 * KIB).await;
        assert_ne!(reason(&read), "body_too_large", "{path}");
        let refused = send(path, method, 64 * KIB + 1).await;
        assert_eq!(
            (refused.status(), reason(&refused)),
            (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large".into())
        );
        let body = json_of(&refused);
        for (name, value) in members.as_object().unwrap() {
            assert_eq!(&body[name], value, "{path} {name}");
        }
    }
}

#[tokio::test]
async fn a_body_without_end_is_received_up_to_8_mib() {
    let driver = Driver::new(auth(), provider).unwrap();
    let (body, sent) = Endless::new(Duration::ZERO);
    let answer = driver.answer(post("/auth/signOut", body)).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(sent.load(SeqCst), (8 * 1024 + 64) * KIB);
}

#[tokio::test(start_paused = true)]
async fn a_body_has_ten_seconds_in_all_to_arrive() {
    let driver = Driver::new(auth(), provider).unwrap();
    // It never begins; it comes piece by piece.
    for (every, received) in [(3600, 0), (4, 2 * 64 * KIB), (9, 64 * KIB)] {
        let (body, sent) = Endless::new(Duration::from_secs(every));
        let start = Instant::now();
        let answer = driver.answer(post("/auth/signOut", body)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(10));
        assert_eq!(
            (answer.status(), reason(&answer)),
            (StatusCode::REQUEST_TIMEOUT, "body_timed_out".into())
        );
        assert_eq!((json_of(&answer)["redirectURL"].clone(), sent.load(SeqCst)), (Value::Null, received));
    }
}

#[tokio::test(start_paused = true)]
async fn a_get_or_head_does_not_wait_for_its_body() {
    let driver = Driver::new(auth(), provider).unwrap();
    for method in [Method::GET, Method::HEAD] {
        let (body, sent) = Endless::new(Duration::from_secs(1));
        let mut request = post("/auth/session", body);
        *request.method_mut() = method;
        let start = Instant::now();
        assert_eq!(driver.answer(request).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!((start.elapsed(), sent.load(SeqCst)), (Duration::ZERO, 0));
    }
}
