//! Timing of comparisons: whether the time reveals where a guess is wrong.
//!
//! Compares two classes of guesses: wrong at the first character, and wrong at the last one. Welch's t stays below 4.5
//! (dudect's threshold) in at least one of three runs.
#![expect(
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a benchmark that is set up wrongly must fail loudly, and statistics are of real numbers"
)]
#![expect(clippy::print_stdout, reason = "what was measured is what it is for")]

use aura_benches::{NOW, auth, signed_in};
use aura_proto::{Action, Auth, ClientSecret, Entropy};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, header};
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{Ordering, fence};
use std::time::Instant;

const SAMPLES: u32 = 100_000;
const RUNS: usize = 3;
const THRESHOLD: f64 = 4.5;

/// Changes one character of a text in Base64.
fn altered(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'Q' { b'g' } else { b'Q' };
    String::from_utf8(bytes).expect("ASCII")
}

/// The two classes of guesses at a text: wrong at its beginning, and wrong at its end.
fn guesses(text: &str, from: usize) -> [String; 2] {
    // The last character of Base64 may hold bits that must be zero; the one before holds none.
    [altered(text, from), altered(text, text.len() - 2)]
}

fn welch(classes: &[Vec<f64>; 2]) -> f64 {
    let of = |values: &[f64]| {
        let count = f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX));
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let ((first, of_first), (second, of_second)) = (of(&classes[0]), of(&classes[1]));
    (first - second) / (of_first + of_second).sqrt()
}

/// Measures both classes in a pseudo-random order, and leaves out the slowest tenth, which other processes cause. The
/// checked value is built again each time, so that neither class has a fixed place in memory.
fn measure<T>(guesses: &[String; 2], prepare: impl Fn(&str) -> T, check: impl Fn(&T)) -> f64 {
    let mut classes = [Vec::new(), Vec::new()];
    let mut order = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..SAMPLES {
        order ^= order << 13;
        order ^= order >> 7;
        order ^= order << 17;
        let class = usize::from(order & 1 == 1);
        let prepared = prepare(black_box(&guesses[class]));
        // The copy is complete.
        fence(Ordering::SeqCst);
        let start = Instant::now();
        check(black_box(&prepared));
        classes[class].push(start.elapsed().as_secs_f64());
    }
    let mut all: Vec<f64> = classes.iter().flatten().copied().collect();
    all.sort_by(f64::total_cmp);
    let slowest = all[all.len() * 9 / 10];
    welch(&classes.map(|class| class.into_iter().filter(|time| *time <= slowest).collect()))
}

/// Returns whether the classes cannot be told apart.
fn alike<T>(what: &str, guesses: &[String; 2], prepare: impl Fn(&str) -> T, check: impl Fn(&T)) -> bool {
    let found: Vec<f64> = (0..RUNS).map(|_| measure(guesses, &prepare, &check)).collect();
    let alike = found.iter().any(|t| t.abs() < THRESHOLD);
    println!("{what:<40} t = {found:8.2?}{}", if alike { "" } else { "  CAN BE TOLD APART" });
    alike
}

fn cookies(field: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(field).expect("ASCII"))])
}

fn session_token(auth: &Auth, headers: &HeaderMap) -> bool {
    let field = headers[header::COOKIE].to_str().expect("ASCII");
    let is_session = |pair: &&str| pair.contains("session_token=");
    let pair = field.split("; ").find(is_session).expect("a session");
    let tag = pair.rfind('.').expect("five parts") + 1;
    let guesses = guesses(pair, tag);
    assert!(guesses.iter().all(|guess| auth.session(&cookies(guess), NOW).is_err()), "wrong guesses");
    alike("the tag of a session", &guesses, cookies, |headers| drop(black_box(auth.session(headers, NOW))))
}

fn csrf_token(auth: &Auth, headers: &HeaderMap) -> bool {
    let mut request = Request::get("/auth/csrfToken").body(Bytes::new()).expect("sound");
    *request.headers_mut() = headers.clone();
    let action = auth.handle(request, NOW, Entropy::from_os_bytes([3; 32]));
    let Action::Respond(answer) = action else { return false };
    let cookie = answer.cookies.first().expect("a CSRF cookie").to_header_value();
    let pair = cookie.to_str().expect("ASCII").split(';').next().unwrap_or_default();
    let (_, token) = pair.split_once('=').expect("a pair");
    let field = format!("{}; {pair}", headers[header::COOKIE].to_str().expect("ASCII"));
    let request = |token: &str| {
        let mut request = Request::post("/change").body(Bytes::new()).expect("sound");
        request.headers_mut().insert(header::COOKIE, field.parse().expect("ASCII"));
        request.headers_mut().insert("x-csrf-token", HeaderValue::from_str(token).expect("ASCII"));
        request
    };
    assert!(auth.check_csrf(&request(token), NOW).is_ok(), "the right token");
    let signature = token.rfind('.').expect("three parts") + 1;
    let guesses = guesses(token, signature);
    assert!(guesses.iter().all(|guess| auth.check_csrf(&request(guess), NOW).is_err()), "wrong guesses");
    let check = |request: &Request<Bytes>| drop(black_box(auth.check_csrf(request, NOW)));
    alike("the signature of a CSRF token", &guesses, request, check)
}

fn secret() -> bool {
    let text = "Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK".repeat(32);
    let right = ClientSecret::new(text.as_str());
    let guesses = guesses(&text, 0);
    alike(
        "a secret of 1 KiB",
        &guesses,
        |guess| ClientSecret::new(guess),
        |guess| {
            assert!(black_box(*guess != right), "a wrong guess");
        },
    )
}

/// Control that must be detected: a comparison that stops at the first difference.
fn control() -> bool {
    let right = "a".repeat(1024);
    let equal =
        |guess: &String| right.bytes().zip(guess.bytes()).take_while(|(right, guess)| right == guess).count();
    !alike("a comparison that stops (to be found)", &guesses(&right, 0), str::to_owned, |guess| {
        black_box(equal(guess));
    })
}

fn main() -> ExitCode {
    let auth = auth();
    let headers = signed_in(&auth);
    let held = [session_token(&auth, &headers), csrf_token(&auth, &headers), secret(), control()];
    if held == [true; 4] { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
