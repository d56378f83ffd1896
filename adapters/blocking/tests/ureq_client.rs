//! The default client against servers that misbehave, on loopback.
#![cfg(test)]

use aura_blocking::{Client, UreqClient};
use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response, header};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// Long enough for every exchange of a test; it is never waited for in full.
const LONG: Duration = Duration::from_secs(60);
const MAX_RESPONSE: usize = 1024;

/// Listens where `http://<the second>` leads.
fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    (listener, authority)
}

/// Reads one request of these tests, as far as its sender sends it.
fn read_request(stream: &mut impl Read) -> String {
    let mut received = String::new();
    while !received.contains("\r\n\r\n") || (received.starts_with("POST") && !received.ends_with("code=c")) {
        let mut buffer = [0; 1024];
        let Ok(length @ 1..) = stream.read(&mut buffer) else { break };
        received.push_str(str::from_utf8(&buffer[..length]).unwrap());
    }
    received
}

/// Lets the client ask a server that answers with these bytes; returns the outcome, and what the server received.
fn exchange(
    request: impl Fn(&str) -> Request<Bytes>,
    answer: &[u8],
) -> (Result<Response<Bytes>, FetchError>, String) {
    let (listener, authority) = listen();
    thread::scope(|scope| {
        let server = scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let received = read_request(&mut stream);
            // A client that has read enough hangs up.
            let _ = stream.write_all(answer);
            received
        });
        let outcome = UreqClient::new().call(request(&authority), LONG, MAX_RESPONSE);
        (outcome, server.join().unwrap())
    })
}

fn get(authority: &str) -> Request<Bytes> {
    let request =
        Request::get(format!("http://{authority}/userinfo")).header(header::ACCEPT, "application/json");
    request
        .header(header::USER_AGENT, "aura")
        .header(header::AUTHORIZATION, "Bearer t")
        .body(Bytes::new())
        .unwrap()
}

fn post(authority: &str) -> Request<Bytes> {
    let request = Request::post(format!("http://{authority}/token"));
    request.header(header::AUTHORIZATION, "Basic c2l0ZTpzZWNyZXQ=").body("code=c".into()).unwrap()
}

fn with_body(length: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    answer.extend(std::iter::repeat_n(b'x', length));
    answer
}

#[test]
fn a_redirect_is_an_answer_and_its_target_gets_no_request() {
    let (target, target_authority) = listen();
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"] {
        let location = format!("http://{target_authority}/stolen");
        let answer = format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        for request in [get, post] {
            let (outcome, _) = exchange(request, answer.as_bytes());
            assert_eq!(outcome.unwrap().status().as_str(), &status[..3]);
        }
    }
    target.set_nonblocking(true).unwrap();
    assert!(target.accept().is_err(), "somebody followed");
}

#[test]
fn a_request_arrives_as_the_core_wrote_it_and_every_status_is_an_answer() {
    let refused = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}";
    let (outcome, received) = exchange(post, refused);
    assert_eq!(
        (outcome.as_ref().unwrap().status().as_u16(), outcome.unwrap().body().as_ref()),
        (401, &b"{}"[..])
    );
    assert!(
        received.starts_with("POST /token HTTP/1.1\r\n") && received.ends_with("\r\n\r\ncode=c"),
        "{received}"
    );
    let received = exchange(get, refused).1.to_lowercase();
    for line in ["accept: application/json", "user-agent: aura", "authorization: bearer t"] {
        assert_eq!(received.lines().filter(|received| *received == line).count(), 1, "{received}");
    }
    // DS-06: compression is not asked for.
    assert!(!received.contains("accept-encoding"), "{received}");
}

#[test]
fn fr_10_what_is_asked_for_is_said_once_and_an_encoded_answer_arrives_as_it_is() {
    // `{}` by gzip.
    const GZIPPED: [u8; 22] =
        [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 174, 5, 0, 67, 191, 166, 163, 2, 0, 0, 0];
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n".to_vec();
    answer.extend(GZIPPED);
    let plain = |authority: &str| {
        let mut request = get(authority);
        let identity = header::HeaderValue::from_static("identity");
        request.headers_mut().insert(header::ACCEPT_ENCODING, identity);
        request
    };
    let (outcome, received) = exchange(plain, &answer);
    let outcome = outcome.unwrap();
    assert_eq!(
        (outcome.body().as_ref(), &outcome.headers()["content-encoding"]),
        (&GZIPPED[..], &"gzip".parse().unwrap())
    );
    let received = received.to_lowercase();
    let asked: Vec<_> = received.lines().filter(|line| line.starts_with("accept-encoding")).collect();
    assert_eq!(asked, ["accept-encoding: identity"]);
}

#[test]
fn ds_04_an_answer_of_the_greatest_length_arrives_and_one_byte_more_does_not() {
    let length = |answer: &[u8]| exchange(get, answer).0.map(|answer| answer.body().len());
    assert_eq!(length(&with_body(MAX_RESPONSE)), Ok(MAX_RESPONSE));
    assert_eq!(length(&with_body(MAX_RESPONSE + 1)), Err(FetchError::TooLarge));
    let mut endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..100 {
        endless.extend_from_slice(b"64\r\n");
        endless.extend_from_slice(&[b'x'; 100]);
        endless.extend_from_slice(b"\r\n");
    }
    assert_eq!(length(&endless), Err(FetchError::TooLarge));
}

#[test]
fn ds_05_a_provider_that_falls_silent_at_any_point_costs_no_more_than_its_time() {
    for said in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"] {
        let (listener, authority) = listen();
        let outcome = thread::scope(|scope| {
            let (done, wait) = std::sync::mpsc::channel::<()>();
            scope.spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                read_request(&mut stream);
                stream.write_all(said.as_bytes()).unwrap();
                // Until the client has given up.
                let _ = wait.recv();
            });
            let outcome = UreqClient::new().call(get(&authority), Duration::from_millis(100), MAX_RESPONSE);
            drop(done);
            outcome
        });
        assert_eq!(outcome.unwrap_err(), FetchError::TimedOut, "{said:?}");
    }
}

#[test]
fn a_provider_that_is_not_there_or_breaks_off_is_unreachable() {
    let (listener, authority) = listen();
    drop(listener);
    let outcome = UreqClient::new().call(get(&authority), LONG, MAX_RESPONSE);
    assert_eq!(outcome.unwrap_err(), FetchError::Unreachable);
    for answer in ["", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        assert_eq!(exchange(get, answer.as_bytes()).0.unwrap_err(), FetchError::Unreachable, "{answer:?}");
    }
}

#[test]
fn fr_10_no_encoding_is_asked_for_and_none_is_undone() {
    // `gzip` of `{}`.
    const GZIPPED: [u8; 22] =
        [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 174, 5, 0, 67, 191, 166, 163, 2, 0, 0, 0];
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n".to_vec();
    answer.extend(GZIPPED);
    let (outcome, received) = exchange(get, &answer);
    let arrived = outcome.unwrap();
    assert_eq!(
        (arrived.body().as_ref(), &arrived.headers()["content-encoding"]),
        (&GZIPPED[..], &"gzip".parse().unwrap())
    );
    assert!(!received.to_ascii_lowercase().contains("accept-encoding"), "{received}");
    let asking = |authority: &str| {
        let mut request = get(authority);
        request.headers_mut().insert(header::ACCEPT_ENCODING, "identity".parse().unwrap());
        request
    };
    let (_, received) = exchange(asking, &answer);
    let asked: Vec<_> =
        received.lines().filter(|line| line.to_ascii_lowercase().starts_with("accept-encoding")).collect();
    assert_eq!(asked.len(), 1, "{received}");
    assert!(asked[0].ends_with("identity"), "as the core wrote it: {received}");
}

/// What is logged through `log`, the facade that `ureq` uses.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LOGGED.lock().unwrap().push_str(&format!("{} {}\n", record.level(), record.args()));
    }

    fn flush(&self) {}
}

#[test]
fn au_14_no_path_of_a_request_is_logged_below_the_level_trace() {
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Debug);
    let in_the_path = |authority: &str| {
        let url = format!("http://{authority}/oauth/v1/access-tokens/s3cret-token");
        Request::get(url).body(Bytes::new()).unwrap()
    };
    let redirect = b"HTTP/1.1 302 Found\r\nlocation: /s3cret-target\r\ncontent-length: 0\r\n\r\n";
    exchange(in_the_path, redirect).0.unwrap();
    let logged = LOGGED.lock().unwrap().clone();
    assert!(!logged.contains("s3cret"), "{logged}");
}
