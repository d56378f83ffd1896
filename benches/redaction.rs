//! The redaction of the largest requests that are recorded: of different words, each as short as that allows.
#![expect(clippy::expect_used, reason = "a benchmark that is set up wrongly must fail loudly")]

use aura_benches::{NOW, auth, callback};
use aura_proto::{Auth, Entropy};
use aura_replay::Recorder;
use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{HeaderValue, Request, header};
use std::hint::black_box;

/// The longest requests that are kept, without an attempt and with one, less what else is in them.
const STRAY: usize = 16 * 1024 - 256;
const WITH_ATTEMPT: usize = 32 * 1024 - 2048;

/// Words of three letters with a separator, of which no two are equal.
fn words(length: usize) -> String {
    let letter = |number: usize| char::from_digit((number % 36) as u32, 36).expect("below 36");
    (0..length / 4).flat_map(|n| [letter(n / 1296), letter(n / 36), letter(n), ' ']).collect()
}

/// Begins a record of a request that failed.
fn recorder(auth: &Auth, request: Request<Bytes>) -> Recorder {
    let mut recorder = Recorder::new(auth, &request, NOW, [7; 32]);
    recorder.action(&auth.handle(request, NOW, Entropy::from_os_bytes([7; 32])));
    recorder
}

fn redaction(criterion: &mut Criterion) {
    let auth = auth();
    let stray = || {
        let words = words(STRAY);
        let request = Request::get("/auth/callback/github").header(header::REFERER, words);
        request.body(Bytes::new()).expect("sound")
    };
    let with_attempt = || {
        let mut request = callback(&auth);
        let words = HeaderValue::from_str(&words(WITH_ATTEMPT)).expect("no control");
        *request.uri_mut() = "/auth/callback/github?error=x".parse().expect("a URI");
        request.headers_mut().insert(header::REFERER, words);
        request
    };
    let requests: [(&str, &dyn Fn() -> Request<Bytes>); 2] =
        [("redaction/16 KiB", &stray), ("redaction/32 KiB with an attempt", &with_attempt)];
    for (name, request) in requests {
        let shown = recorder(&auth, request()).finish().to_string();
        assert!(shown.len() > request().headers()[header::REFERER].len(), "it is shown: {shown}");
        criterion.bench_function(name, |bencher| {
            let finish = |recorder: Recorder| black_box(recorder.finish());
            bencher.iter_batched(|| recorder(&auth, request()), finish, BatchSize::LargeInput);
        });
    }
}

criterion_group!(benches, redaction);
criterion_main!(benches);
