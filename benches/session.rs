//! How long does it take to find out who is signed in, beside the cryptography that it cannot do without?
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a benchmark that is set up wrongly must fail loudly"
)]

use aura_proto::provider::GITHUB;
use aura_proto::{Action, Auth, ClientSecret, Entropy, Salt, Secret, UnixTime};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{HeaderMap, Request, Response, header};
use ring::{aead, hmac};
use std::hint::black_box;

const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

fn auth() -> Auth {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").expect("strong");
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").expect("strong");
    let github = GITHUB.with_client("id", ClientSecret::new("secret"));
    Auth::builder(secret, salt).base_url("https://app.test").provider(github).build().expect("sound")
}

/// Signs in, and returns the request headers that the browser sends from then on.
fn signed_in(auth: &Auth) -> HeaderMap {
    let request = Request::get("/auth/signIn/github").body(Bytes::new()).expect("a request");
    let Action::Redirect(redirect) = auth.handle(request, NOW, Entropy::from_os_bytes([1; 32])) else {
        panic!("not sent to the provider")
    };
    let location = redirect.location.as_str();
    let state = location.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let callback = format!("/auth/callback/github?code=c&state={state}");
    let cookie = redirect.cookies.first().expect("an attempt").to_header_value();
    let request =
        Request::get(callback).header(header::COOKIE, cookie).body(Bytes::new()).expect("a request");
    let mut action = auth.handle(request, NOW, Entropy::from_os_bytes([2; 32]));
    let json = |body: &'static str| Response::new(Bytes::from_static(body.as_bytes()));
    loop {
        action = match action {
            Action::FetchToken(fetch) => fetch.pending.resume(Ok(json(r#"{"access_token":"a"}"#)), NOW),
            Action::FetchUserInfo(fetch) => {
                let user = r#"{"id":583231,"name":"Ada Lovelace","email":"ada@example.test","avatar_url":"https://img.example.test/583231?v=4"}"#;
                fetch.pending.resume(Ok(json(user)), NOW)
            }
            Action::AdmitUser(question) => question.admit(NOW),
            Action::Redirect(redirect) => {
                let cookies = redirect.cookies.iter().filter(|cookie| !cookie.clears());
                let value = |cookie: &aura_proto::SetCookie| {
                    let value = cookie.to_header_value();
                    value.to_str().expect("ASCII").split(';').next().unwrap_or_default().to_owned()
                };
                let cookies: Vec<_> = cookies.map(value).collect();
                return HeaderMap::from_iter([(
                    header::COOKIE,
                    cookies.join("; ").parse().expect("a header"),
                )]);
            }
            Action::FetchDiscovery(_)
            | Action::FetchJwks(_)
            | Action::FetchPushedRequest(_)
            | Action::FetchRevocation(_)
            | Action::Respond(_) => panic!("{action:?}"),
        };
    }
}

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
