//! Growth of request time with the length of the input.
//!
//! Four times the length may take four times as long, and no more than eight. Quadratic growth would take sixteen times
//! as long.
#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "a benchmark that is set up wrongly must fail loudly"
)]
#![expect(clippy::print_stdout, reason = "what was measured is what it is for")]

use aura_benches::{NOW, auth, builder, callback, signed_in};
use aura_proto::{Action, Auth, Entropy};
use aura_replay::Recorder;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const SHORT: usize = 16 * 1024;
const LONG: usize = 4 * SHORT;
/// The largest ratio of times for four times the length, including the effects of caches and interrupts.
const ALLOWED: u32 = 8;
/// The shortest time that the clock measures reliably.
const LEAST: Duration = Duration::from_micros(20);
const ROUNDS: usize = 40;

const UNITS: [&str; 16] = [
    ",",
    ";",
    "=",
    "\"",
    "\\",
    " ",
    "a=b;",
    "a=b,",
    "for=\"\\\"\",",
    "\t,",
    "/",
    "%",
    "?",
    "#",
    "&",
    "__Host-aura-auth.session_token=a.b.c.d.e; ",
];
const FIELDS: [&str; 8] = [
    "forwarded",
    "x-forwarded-host",
    "cookie",
    "accept",
    "referer",
    "origin",
    "x-csrf-token",
    "sec-fetch-site",
];
const QUERIES: [&str; 4] = [
    "/auth/signIn/github?redirectTo=/",
    "/auth/signIn/github?x=",
    "/auth/callback/github?state=s&code=",
    "/auth/session?",
];

fn repeated(unit: &str, length: usize) -> String {
    unit.repeat(length / unit.len())
}

/// The shortest of many times that something takes, which is the least disturbed one.
fn fastest<T>(prepare: impl Fn() -> T, run: impl Fn(T)) -> Duration {
    let once = |_| {
        let prepared = prepare();
        let start = Instant::now();
        run(prepared);
        start.elapsed()
    };
    (0..ROUNDS).map(once).min().unwrap_or_default()
}

/// Compares two lengths of one kind of input; returns whether the time grows in proportion.
fn compare<T>(what: &str, make: impl Fn(usize) -> T, run: impl Fn(T)) -> bool {
    let [short, long] = [SHORT, LONG].map(|length| fastest(|| make(length), &run));
    let linear = long <= short.max(LEAST) * ALLOWED;
    let verdict = if linear { "" } else { "  GROWS TOO FAST" };
    println!("{what:<90} {short:>12.1?} {long:>12.1?}{verdict}");
    linear
}

fn handle(auth: &Auth, request: Request<Bytes>) {
    drop(black_box(auth.handle(request, NOW, Entropy::from_os_bytes([7; 32]))));
}

fn fields(auth: &Auth, headers: &HeaderMap) -> bool {
    let mut linear = true;
    for name in FIELDS {
        for unit in UNITS {
            let make = |length| {
                let value = HeaderValue::from_str(&repeated(unit, length)).expect("no control");
                let mut request = Request::post("/auth/signOut?token_type_hint=session_token")
                    .body(Bytes::new())
                    .expect("sound");
                *request.headers_mut() = headers.clone();
                request.headers_mut().append(name, value);
                request
            };
            linear &= compare(&format!("{name}: {unit:?}.."), make, |request| handle(auth, request));
        }
    }
    linear
}

fn queries(auth: &Auth, headers: &HeaderMap) -> bool {
    let mut linear = true;
    for path in QUERIES {
        for unit in ["%", "&", "a=b&", "/", "%2F", "+", "state=s&", ";"] {
            let make = |length: usize| {
                // A URI of `http` has 64 KiB at most.
                let uri = format!("{path}{}", repeated(unit, length - 1024));
                let mut request = Request::get(uri).body(Bytes::new()).expect("a URI");
                *request.headers_mut() = headers.clone();
                request
            };
            linear &= compare(&format!("{path}{unit}.."), make, |request| handle(auth, request));
        }
    }
    linear
}

/// A provider's answer in place of a token.
fn answers(auth: &Auth) -> bool {
    let callback = callback(auth);
    let mut linear = true;
    for (begin, unit, end) in [
        ("", "[", ""),
        ("{\"access_token\":\"", "a", "\"}"),
        ("{\"access_token\":\"a\",\"scope\":\"", "a ", "\"}"),
        ("{\"access_token\":\"a\",\"scope\":[\"a\"", ",\"a\"", "]}"),
        ("{\"access_token\":\"a\"", ",\"a\":1", "}"),
        ("access_token=a", "&a=b", ""),
    ] {
        let make = |length: usize| {
            let action = auth.handle(callback.clone(), NOW, Entropy::from_os_bytes([2; 32]));
            let Action::FetchToken(fetch) = action else { return None };
            Some((
                fetch.pending,
                Response::new(Bytes::from(format!("{begin}{}{end}", repeated(unit, length)))),
            ))
        };
        linear &= compare(&format!("token answer: {begin}{unit}.."), make, |prepared| {
            let (pending, response) = prepared.expect("the token was asked for");
            drop(black_box(pending.resume(Ok(response), NOW)));
        });
    }
    linear
}

/// A request that is recorded, and shown.
fn records(auth: &Auth) -> bool {
    let mut linear = true;
    for unit in ["a", "a ", "%41", "%2541", "\\u0041", "7", "a=b; ", "__Host-aura-auth.session_token.1=a; "] {
        let make = |length: usize| {
            // 16 KiB are kept at most.
            let cookies = repeated(unit, length / 5);
            let request = Request::get("/auth/signIn/nobody").header(header::COOKIE, cookies);
            request.body(Bytes::new()).expect("sound")
        };
        linear &= compare(&format!("record: {unit:?}.."), make, |request| {
            let mut recorder = Recorder::new(auth, &request, NOW, [7; 32]);
            recorder.action(&auth.handle(request, NOW, Entropy::from_os_bytes([7; 32])));
            drop(black_box(recorder.finish()));
        });
    }
    linear
}

fn main() -> ExitCode {
    let auth = auth();
    let headers = signed_in(&auth);
    let proxied =
        builder().trusted_proxy_headers().trusted_origins(["https://app.test"]).build().expect("sound");
    let mut behind = headers.clone();
    behind.insert(header::HOST, HeaderValue::from_static("app.test"));
    println!("{:<90} {SHORT:>12} {LONG:>12}", "bytes of");
    let linear = [fields(&proxied, &behind), queries(&auth, &headers), answers(&auth), records(&auth)];
    if linear == [true; 4] { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
