//! Bodies that end early, providers that are asked by many threads, and an application that decides on the spot.

use super::*;
use aura_host::store::MemoryStore;
use aura_proto::provider::Provider;
use aura_proto::{Caching, ClientSecret, Salt, Secret, SessionPolicy};
use http::{StatusCode, header};
use std::io::{self, ErrorKind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

const TERMS: Terms = Terms {
    timeout: Duration::from_secs(60),
    max_response: 1024,
    caching: Caching::Reuse { max_age: Duration::from_secs(3600) },
};

fn auth() -> Auth {
    auth_with(SessionPolicy::default())
}

fn auth_with(policy: SessionPolicy) -> Auth {
    let row = Provider::oauth("mock", "site")
        .with_name("Mock")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo")
        .scope("profile")
        .client_secret(ClientSecret::new("site-secret"));
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    Auth::builder(secret, salt).base_url("https://app.test").session(policy).provider(row).build().unwrap()
}

/// A provider that knows Ada.
#[expect(clippy::needless_pass_by_value, reason = "a client is given its request")]
fn provider(request: Request<Bytes>) -> Outcome {
    let answer = match request.uri().path() {
        "/token" => r#"{"access_token":"t","token_type":"Bearer"}"#,
        _ => r#"{"sub":"ada","name":"Ada"}"#,
    };
    Ok(Response::builder().header(header::CONTENT_TYPE, "application/json").body(answer.into()).unwrap())
}

fn get(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

/// Begins a sign-in; returns the callback with which the provider sends the browser back.
fn begin(driver: &Driver) -> Request<io::Empty> {
    let begun = driver.answer(Request::get("/auth/signIn/mock").body(io::empty()).unwrap());
    let authorize = begun.headers()[header::LOCATION].to_str().unwrap();
    let state = authorize.split_once("state=").unwrap().1.split('&').next().unwrap();
    let cookie = begun.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    let callback = Request::get(format!("/auth/callback/mock?code=c&state={state}"));
    callback.header(header::COOKIE, cookie).body(io::empty()).unwrap()
}

#[test]
fn a_policy_that_keeps_sessions_in_a_store_makes_no_driver_without_one() {
    let plain = SessionPolicy::default();
    for policy in
        [plain.clone().stored(), plain.stored_at_most(3), SessionPolicy::default().recheck(TERMS.timeout)]
    {
        let made = Driver::new(auth_with(policy.clone()), provider);
        assert_eq!(made.err(), Some(DriverError::NoSessionStore));
        let driver = Driver::with_session_store(auth_with(policy), provider, MemoryStore::default());
        assert_eq!(driver.end_sessions("mock", "ada"), Ok(0));
    }
}

#[test]
fn ds_08_threads_that_want_one_answer_make_one_exchange() {
    let (asked, together) = (Arc::new(AtomicUsize::new(0)), Barrier::new(16));
    let count = Arc::clone(&asked);
    let driver = Driver::new(auth(), move |request| {
        count.fetch_add(1, SeqCst);
        provider(request)
    })
    .unwrap();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                together.wait();
                let outcome = driver.outcome(get("https://provider.test/jwks"), TERMS, |_| true);
                assert!(outcome.is_ok());
            });
        }
    });
    assert_eq!(asked.load(SeqCst), 1);
}

#[test]
fn ds_07_more_exchanges_than_allowed_fail_and_leave_their_threads_to_others() {
    let driver = Driver::new(auth(), provider).unwrap().max_exchanges(0);
    let answer = driver.answer(begin(&driver));
    let body: &[u8] = answer.body();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(str::from_utf8(body).unwrap().contains("token_unreachable"));
}

#[test]
fn the_application_decides_for_all_requests_or_for_one() {
    let driver = Driver::new(auth(), provider).unwrap().admit(|_| Admission::Refuse);
    assert_eq!(driver.answer(begin(&driver)).status(), StatusCode::FORBIDDEN);
    let mut seen = Vec::new();
    let answer = driver.answer_with(begin(&driver), |candidate| {
        seen.push(candidate.user.sub().to_owned());
        candidate.admit()
    });
    assert_eq!((answer.status(), seen), (StatusCode::FOUND, vec!["ada".to_owned()]));
}

/// A body that yields some bytes, then an error.
struct Broken(&'static [u8], ErrorKind);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(self.1.into()),
            length => Ok(length),
        }
    }
}

#[test]
fn a_body_that_breaks_off_or_takes_too_long_is_refused_for_what_it_is() {
    let driver = Driver::new(auth(), provider).unwrap();
    for (error, status) in [
        (ErrorKind::ConnectionReset, StatusCode::BAD_REQUEST),
        (ErrorKind::WouldBlock, StatusCode::REQUEST_TIMEOUT),
        (ErrorKind::TimedOut, StatusCode::REQUEST_TIMEOUT),
    ] {
        let request = Request::post("/auth/signOut").body(Broken(b"csrfToken=", error)).unwrap();
        assert_eq!(driver.answer(request).status(), status, "{error:?}");
    }
    // Nobody waits for the body of a method that has none.
    let request = Request::get("/auth/session").body(Broken(b"", ErrorKind::ConnectionReset)).unwrap();
    assert_eq!(driver.answer(request).status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_body_without_end_is_received_up_to_8_mib() {
    let driver = Driver::new(auth(), provider).unwrap();
    let mut received = 0;
    struct Counted<'a>(&'a mut usize);
    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            *self.0 += buffer.len();
            Ok(buffer.len())
        }
    }
    let request = Request::post("/auth/signOut").body(Counted(&mut received)).unwrap();
    assert_eq!(driver.answer(request).status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(received, 8 * 1024 * 1024 + 8 * 1024);
}
