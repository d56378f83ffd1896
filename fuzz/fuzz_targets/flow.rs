//! Invariant: any request ends within eight fetches, without a panic, with an answer that is never cached.
//!
//! This holds for any input of a browser and a provider. A session cookie is set only after userinfo named a user.
#![no_main]

use aura_fuzz::auth;
use aura_fuzz::story::{answer, carry_out, cookie, get, parameter, request};
use aura_proto::{Auth, FetchError};
use http::header;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static AUTH: LazyLock<Auth> = LazyLock::new(auth);
static BEGUN: LazyLock<Begun> = LazyLock::new(begin);

/// Earlier cookies of a browser.
struct Begun {
    state: String,
    attempt: String,
    csrf: String,
}

// The input is a request, then one provider answer a line. It may hold `$STATE`, `$ATTEMPT` and `$CSRF`, which stand for
// those of a sign-in that was begun before, so that the fuzzer gets past the checks that it cannot guess its way through.
fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let text = text.replace("$STATE", &BEGUN.state).replace("$ATTEMPT", &BEGUN.attempt);
    let text = text.replace("$CSRF", &BEGUN.csrf);
    let mut lines = text.split('\n');
    let Some(request) = request(&mut lines) else { return };
    let ended = carry_out(&AUTH, request, 2, || answer(lines.next()));
    assert_eq!(ended.response.headers()[header::CACHE_CONTROL], "no-store");
    assert!(!ended.sets_session() || (ended.named && ended.response.status() == 302));
});

fn begin() -> Begun {
    let send = |path: &str| carry_out(&AUTH, get(path), 1, || Err(FetchError::TimedOut)).response;
    let sign_in = send("/auth/signIn/github");
    let csrf = cookie(&send("/auth/csrfToken"), "");
    let csrf = csrf.split_once('=').map(|(_, token)| token.to_owned()).unwrap_or_default();
    Begun { state: parameter(&sign_in, "state"), attempt: cookie(&sign_in, ""), csrf }
}
