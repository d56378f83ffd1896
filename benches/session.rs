//! Time to read a session, compared with the cryptography that reading it requires.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a benchmark that is set up wrongly must fail loudly"
)]

use aura_benches::{NOW, auth, signed_in};
use criterion::{Criterion, criterion_group, criterion_main};
use http::header;
use ring::{aead, hmac};
use std::hint::black_box;

fn session(criterion: &mut Criterion) {
    let auth = auth();
    let headers = signed_in(&auth);
    auth.session(&headers, NOW).expect("signed in");
    criterion.bench_function("session", |bencher| {
        bencher.iter(|| auth.session(black_box(&headers), black_box(NOW)));
    });

    // The floor: AES-256-GCM over the same ciphertext and HMAC-SHA-256 over the same signed text.
    let cookie = headers[header::COOKIE].to_str().expect("ASCII");
    let token =
        cookie.split("session_token=").nth(1).and_then(|rest| rest.split(';').next()).expect("a token");
    let ciphertext = token.split('.').nth(3).expect("a ciphertext").len() * 3 / 4;
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, &[1; 32]).expect("32 bytes");
    let key = aead::LessSafeKey::new(key);
    let nonce = || aead::Nonce::assume_unique_for_key([0; 12]);
    let mut sealed = vec![b'x'; ciphertext];
    key.seal_in_place_append_tag(nonce(), aead::Aad::empty(), &mut sealed).expect("sealed");
    let signing = hmac::Key::new(hmac::HMAC_SHA256, &[2; 32]);
    let text = vec![b'x'; ciphertext];
    let tag = hmac::sign(&signing, &text);
    criterion.bench_function("the cryptography alone", |bencher| {
        bencher.iter(|| {
            let mut buffer = sealed.clone();
            let opened = key.open_in_place(nonce(), aead::Aad::empty(), black_box(&mut buffer)).is_ok();
            opened && hmac::verify(&signing, black_box(&text), tag.as_ref()).is_ok()
        });
    });
}

criterion_group!(benches, session);
criterion_main!(benches);
