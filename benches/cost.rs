//! Repeated core operations for `cost.sh` to count.
#![forbid(unsafe_code)]
#![expect(clippy::expect_used, reason = "work that is set up wrongly must fail loudly")]

use aura_benches::{NOW, auth, signed_in};
use aura_proto::{Action, Auth, Entropy};
use bytes::Bytes;
use http::{HeaderMap, Request};
use std::hint::black_box;
use std::process::ExitCode;

const USAGE: &str = "cost session|request|get-session|sign-in TIMES";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [work, times] = arguments.as_slice() else { return usage() };
    let Ok(times) = times.parse::<usize>() else { return usage() };
    let auth = auth();
    if work == "sign-in" {
        repeat(times, || drop(black_box(signed_in(&auth))));
        return ExitCode::SUCCESS;
    }
    let headers = signed_in(&auth);
    match work.as_str() {
        "session" => repeat(times, || drop(black_box(auth.session(black_box(&headers), NOW)))),
        "request" => repeat(times, || drop(black_box(request(&headers)))),
        "get-session" => repeat(times, || get_session(&auth, &headers)),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: {USAGE}");
    ExitCode::FAILURE
}

fn repeat(times: usize, work: impl Fn()) {
    (0..times).for_each(|_| work());
}

/// Makes the request of which `get-session` is the answer.
fn request(headers: &HeaderMap) -> Request<Bytes> {
    let mut request = Request::get("/auth/session").body(Bytes::new()).expect("sound");
    request.headers_mut().clone_from(headers);
    request
}

fn get_session(auth: &Auth, headers: &HeaderMap) {
    let action = auth.handle(request(headers), NOW, Entropy::from_os_bytes([3; 32]));
    assert!(matches!(&action, Action::Respond(respond) if respond.status == 200), "{action:?}");
    drop(black_box(action));
}
