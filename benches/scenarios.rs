//! The pieces of work whose cost is counted.
//!
//! What a piece of work consumes is made before it is counted, [`MOST`] times over. So the difference between many and few
//! repetitions is the work alone.

use crate::{NOW, adapters, auth, builder, cookie_header, signed_in, signed_in_with};
use aura_proto::{Action, Auth, ClientSecret, Entropy, Salt, Secret};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use ring::{aead, hmac};
use std::hint::black_box;

/// How often a prepared piece of work can be done.
pub const MOST: usize = 110;
/// The same for one that takes milliseconds.
const MOST_BUILDS: usize = 20;

/// A piece of work that is ready to be done.
pub type Work = Box<dyn FnMut()>;

/// A piece of work, and what it needs.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// Its name, which the commands take.
    pub name: &'static str,
    /// What is done.
    pub description: &'static str,
    /// The number that grows from row to row, where the scenario is one of several.
    pub size: usize,
    /// How often it can be done.
    pub most: usize,
    prepare: fn(usize) -> Work,
}

impl Scenario {
    /// Prepares the work.
    ///
    /// ```
    /// let scenario = aura_benches::scenarios::find("session").unwrap();
    /// let mut work = scenario.prepare();
    /// work();
    /// ```
    #[must_use]
    pub fn prepare(&self) -> Work {
        (self.prepare)(self.size)
    }
}

/// Finds a scenario by its name.
///
/// ```
/// assert!(aura_benches::scenarios::find("nothing").is_none());
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}

const fn one(name: &'static str, description: &'static str, prepare: fn(usize) -> Work) -> Scenario {
    Scenario { name, description, size: 0, most: MOST, prepare }
}

const fn grown(
    name: &'static str,
    size: usize,
    description: &'static str,
    prepare: fn(usize) -> Work,
) -> Scenario {
    Scenario { name, description, size, most: MOST, prepare }
}

/// Everything that is counted. The standard request has a `Cookie` field of three cookies: another one's, a sealed
/// session of 721 characters, and a CSRF token.
pub const SCENARIOS: &[Scenario] = &[
    one("crypto", "the cryptography alone: AES-256-GCM open, HMAC-SHA-256 verify", crypto),
    one("session", "`Auth::session`", |_| read_live(auth(), standard())),
    one("get-session", "`GET /auth/session`, up to the response with its headers", get_session),
    one("visit", "`Auth::visit`, and `Visit::finish` of a page", visit),
    one("no-cookie", "`Auth::session`, no session cookie", |_| read_refused(auth(), cookie_header(OTHERS))),
    one("not-base64url", "`Auth::session`, a character outside the alphabet in the ciphertext", |_| {
        read_refused(auth(), altered('*'))
    }),
    one("forged", "`Auth::session`, another character in the ciphertext", |_| {
        read_refused(auth(), altered('A'))
    }),
    one("sign-in-redirect", "`GET /auth/signIn/github`, up to the response", |_| redirect(auth())),
    one(
        "csrf-token",
        "`GET /auth/csrfToken` of a signed-in user who has one, up to the response",
        csrf_token,
    ),
    one("new-csrf-token", "`GET /auth/csrfToken` of a visitor who has none", new_csrf_token),
    one(
        "sign-in",
        "redirect, callback and three answers up to the session, with the browser's work",
        sign_in,
    ),
    grown("claims-0", 0, "`Auth::session`, 0 bytes of claims", claims),
    grown("claims-1000", 1000, "`Auth::session`, 1,000 bytes of claims of 40 bytes", claims),
    grown("claims-2000", 2000, "`Auth::session`, 2,000 bytes of claims", claims),
    grown("claims-3800", 3800, "`Auth::session`, 3,800 bytes of claims", claims),
    grown("cookies-10", 10, "`Auth::session`, 10 further cookies", cookies),
    grown("cookies-20", 20, "`Auth::session`, 20 further cookies", cookies),
    grown("cookies-40", 40, "`Auth::session`, 40 further cookies", cookies),
    grown("keys-2", 2, "`Auth::session`, 2 keys, the oldest one's, no `kid`", keys),
    grown("keys-4", 4, "`Auth::session`, 4 keys, the oldest one's, no `kid`", keys),
    grown("keys-8", 8, "`Auth::session`, 8 keys, the oldest one's, no `kid`", keys),
    Scenario { most: MOST_BUILDS, ..one("build-1000", "`Builder::build` with 1,000 providers", build) },
    one("redirect-1000", "`GET /auth/signIn/github` among 1,000 providers", |_| redirect(many_providers())),
    one("axum-hello", "axum: a page with the same headers and no session", adapters::axum_hello),
    one("axum-get-session", "axum: `GET /auth/session`", adapters::axum_get_session),
    one(
        "axum-get-ticket",
        "axum: `GET /auth/session` of a session in memory, looked up",
        adapters::axum_get_ticket,
    ),
    one("axum-get-snapshot", "axum: the same by its fresh copy (`recheck`)", adapters::axum_get_snapshot),
    one("axum-extractor", "axum: a page that takes one `Session`", adapters::axum_extractor),
    one("axum-extractors", "axum: a page that takes three", adapters::axum_extractors),
    one("axum-layer", "axum: a page that takes one below `require_session`", adapters::axum_layer),
    one("hyper-get-session", "hyper: `GET /auth/session`", adapters::hyper_get_session),
    one("warp-get-session", "warp: `GET /auth/session`", adapters::warp_get_session),
    one("blocking-get-session", "blocking: `GET /auth/session`", adapters::blocking_get_session),
];

const OTHERS: &str = "theme=dark";

/// Makes the headers of the standard request.
pub(crate) fn standard() -> HeaderMap {
    with_others(&signed_in(&auth()))
}

fn with_others(headers: &HeaderMap) -> HeaderMap {
    cookie_header(&format!("{OTHERS}; {}", text(headers)))
}

fn text(headers: &HeaderMap) -> &str {
    headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).expect("cookies")
}

/// Returns what is before the token of the standard session, the token, and what is behind it.
fn token(cookies: &str) -> (&str, &str, &str) {
    let start = cookies.find("session_token=").expect("a session") + "session_token=".len();
    let (before, rest) = cookies.split_at(start);
    let (token, behind) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    (before, token, behind)
}

/// Makes the standard request with another character in the ciphertext of its token.
fn altered(character: char) -> HeaderMap {
    let headers = standard();
    let (before, token, behind) = token(text(&headers));
    let (kept, tag) = token.rsplit_once('.').expect("five parts");
    let kept = kept.get(..kept.len() - 1).expect("ASCII");
    cookie_header(&format!("{before}{kept}{character}.{tag}{behind}"))
}

/// Makes one request for each repetition.
pub(crate) fn requests<B>(path: &str, headers: &HeaderMap, body: impl Fn() -> B) -> Vec<Request<B>> {
    let request = |_| {
        let mut request = Request::get(path).body(body()).expect("sound");
        request.headers_mut().clone_from(headers);
        request
    };
    (0..MOST).map(request).collect()
}

fn read_refused(auth: Auth, headers: HeaderMap) -> Work {
    auth.session(&headers, NOW).expect_err("no session");
    read(auth, headers)
}

fn read(auth: Auth, headers: HeaderMap) -> Work {
    Box::new(move || drop(black_box(auth.session(black_box(&headers), NOW))))
}

fn read_live(auth: Auth, headers: HeaderMap) -> Work {
    auth.session(&headers, NOW).expect("signed in");
    read(auth, headers)
}

fn claims(bytes: usize) -> Work {
    let auth = auth();
    let headers = with_others(&signed_in_with(&auth, bytes, NOW));
    read_live(auth, headers)
}

fn cookies(further: usize) -> Work {
    let more: String = (0..further).map(|number| format!("cookie_{number:02}=a-value-of-it; ")).collect();
    let headers = cookie_header(&format!("{more}{}", text(&standard())));
    read_live(auth(), headers)
}

/// A session under the oldest of several keys.
fn keys(number: usize) -> Work {
    let salt = || Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").expect("strong");
    let secret = |number| Secret::new(&format!("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3a{number}")).expect("strong");
    let earlier = (2..number)
        .map(secret)
        .chain(["Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK"].map(|oldest| Secret::new(oldest).expect("strong")));
    let begun = Auth::builder(secret(1), salt()).base_url("https://app.test");
    let auth = earlier.fold(begun, |builder, secret| builder.previous_secret(secret)).build().expect("sound");
    read_live(auth, standard())
}

/// Does a prepared request, and renders its answer.
fn answer(auth: Auth, path: &str, headers: &HeaderMap, status: u16) -> Work {
    let mut requests = requests(path, headers, Bytes::new);
    Box::new(move || {
        let request = requests.pop().expect("enough");
        let action = auth.handle(request, NOW, Entropy::from_os_bytes([3; 32]));
        let response = match action {
            Action::Respond(respond) => respond.into_response(),
            Action::Redirect(redirect) => redirect.into_response(),
            _ => panic!("{action:?}"),
        };
        assert_eq!(response.status(), status);
        drop(black_box(response));
    })
}

fn get_session(_: usize) -> Work {
    answer(auth(), "/auth/session", &standard(), 200)
}

fn csrf_token(_: usize) -> Work {
    answer(auth(), "/auth/csrfToken", &standard(), 200)
}

fn new_csrf_token(_: usize) -> Work {
    answer(auth(), "/auth/csrfToken", &HeaderMap::new(), 200)
}

fn redirect(auth: Auth) -> Work {
    answer(auth, "/auth/signIn/github", &HeaderMap::new(), 302)
}

fn visit(_: usize) -> Work {
    let (auth, headers) = (auth(), standard());
    Box::new(move || {
        let visit = auth.visit(&headers, NOW, Entropy::from_os_bytes([3; 32])).expect("signed in");
        drop(black_box(visit.finish(Response::new("a page"))));
    })
}

fn sign_in(_: usize) -> Work {
    let auth = auth();
    Box::new(move || drop(black_box(signed_in(&auth))))
}

fn many_builder() -> aura_proto::Builder {
    let provider = |number| {
        let id = format!("provider{number:03}");
        let provider = aura_proto::provider::Provider::oauth(id, "client");
        provider
            .authorization_endpoint("https://provider.test/authorize")
            .token_endpoint("https://provider.test/token")
            .userinfo_endpoint("https://provider.test/userinfo")
            .client_secret(ClientSecret::new("secret"))
    };
    (0..999).map(provider).fold(builder().base_url("https://app.test"), aura_proto::Builder::provider)
}

fn many_providers() -> Auth {
    many_builder().build().expect("sound")
}

fn build(_: usize) -> Work {
    let mut builders: Vec<_> = (0..MOST_BUILDS).map(|_| many_builder()).collect();
    Box::new(move || drop(black_box(builders.pop().expect("enough").build().expect("sound"))))
}

/// The ciphertext and the signed text have the lengths of the standard session's.
fn crypto(_: usize) -> Work {
    let ciphertext = token(text(&standard())).1.rsplit('.').nth(1).expect("five parts").len() * 3 / 4;
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, &[1; 32]).expect("32 bytes");
    let key = aead::LessSafeKey::new(key);
    let nonce = || aead::Nonce::assume_unique_for_key([0; 12]);
    let mut sealed = vec![b'x'; ciphertext];
    key.seal_in_place_append_tag(nonce(), aead::Aad::empty(), &mut sealed).expect("sealed");
    let signing = hmac::Key::new(hmac::HMAC_SHA256, &[2; 32]);
    let text = vec![b'x'; ciphertext - 44];
    let tag = hmac::sign(&signing, &text);
    let mut buffers = vec![sealed; MOST];
    Box::new(move || {
        let mut buffer = buffers.pop().expect("enough");
        key.open_in_place(nonce(), aead::Aad::empty(), black_box(&mut buffer)).expect("sealed by it");
        hmac::verify(&signing, black_box(&text), tag.as_ref()).expect("signed by it");
    })
}
