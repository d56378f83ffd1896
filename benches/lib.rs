//! Benchmarks of `aura-proto`: `cargo bench -p aura-benches`. They share a site and a signed-in browser.
#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm,
    reason = "a benchmark that is set up wrongly must fail loudly"
)]

pub mod adapters;
pub mod scenarios;

use aura_proto::{Action, Auth, Builder, ClientSecret, Entropy, Salt, Secret, UnixTime};
use aura_providers::GITHUB;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use std::collections::BTreeMap;

/// When everything happens, where nothing else is said.
pub const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

/// What GitHub says of the user.
pub const USER: &str = r#"{"id":583231,"name":"Ada Lovelace","email":"ada@example.test","avatar_url":"https://img.example.test/583231?v=4"}"#;

/// Begins the configuration of a site where people sign in by GitHub.
///
/// # Panics
/// Never: secret and salt are strong.
///
/// ```
/// assert!(aura_benches::builder().base_url("https://app.test").build().is_ok());
/// ```
pub fn builder() -> Builder {
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").expect("strong");
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").expect("strong");
    Auth::builder(secret, salt).provider(GITHUB.with_client("id", ClientSecret::new("secret")))
}

/// Makes the site `https://app.test`.
///
/// # Panics
/// Never: the configuration is sound.
///
/// ```
/// assert!(aura_benches::auth().owns("/auth/session"));
/// ```
#[must_use]
pub fn auth() -> Auth {
    builder().base_url("https://app.test").build().expect("sound")
}

/// Begins a sign-in, and returns the callback that its browser is sent to.
///
/// # Panics
/// Where the site is not that of [`auth`].
///
/// ```
/// let callback = aura_benches::callback(&aura_benches::auth());
/// assert!(callback.uri().path().starts_with("/auth/callback/"));
/// ```
#[must_use]
pub fn callback(auth: &Auth) -> Request<Bytes> {
    callback_at(auth, NOW)
}

/// Does the same at this time.
///
/// # Panics
/// Where the site is not that of [`auth`].
///
/// ```
/// let callback = aura_benches::callback_at(&aura_benches::auth(), aura_benches::NOW);
/// assert!(callback.headers().contains_key("cookie"));
/// ```
#[must_use]
pub fn callback_at(auth: &Auth, now: UnixTime) -> Request<Bytes> {
    let request = Request::get("/auth/signIn/github").body(Bytes::new()).expect("a request");
    let Action::Redirect(redirect) = auth.handle(request, now, Entropy::from_os_bytes([1; 32])) else {
        panic!("not sent to the provider")
    };
    let location = redirect.location.as_str();
    let state = location.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let callback = format!("/auth/callback/github?code=c&state={state}");
    let cookie = redirect.cookies.first().expect("an attempt").to_header_value();
    Request::get(callback).header(header::COOKIE, cookie).body(Bytes::new()).expect("a request")
}

/// Signs in, and returns the request headers that the browser sends from then on.
///
/// # Panics
/// Where the site is not that of [`auth`].
///
/// ```
/// let auth = aura_benches::auth();
/// assert!(auth.session(&aura_benches::signed_in(&auth), aura_benches::NOW).is_ok());
/// ```
#[must_use]
pub fn signed_in(auth: &Auth) -> HeaderMap {
    signed_in_with(auth, 0, NOW)
}

/// Signs in at this time where the application adds claims of this many bytes, 40 bytes each.
///
/// # Panics
/// Where the site is not that of [`auth`].
///
/// ```
/// let auth = aura_benches::auth();
/// let headers = aura_benches::signed_in_with(&auth, 400, aura_benches::NOW);
/// assert_eq!(auth.session(&headers, aura_benches::NOW).unwrap().claims().len(), 10);
/// ```
#[must_use]
pub fn signed_in_with(auth: &Auth, claims: usize, now: UnixTime) -> HeaderMap {
    let claim = |number| (format!("claim{number:03}"), "c".repeat(27));
    let claims: BTreeMap<_, _> = (0..claims.div_euclid(40)).map(claim).collect();
    let mut action = auth.handle(callback_at(auth, now), now, Entropy::from_os_bytes([2; 32]));
    let json = |body: &'static str| Response::new(Bytes::from_static(body.as_bytes()));
    loop {
        action = match action {
            Action::FetchToken(fetch) => fetch.pending.resume(Ok(json(r#"{"access_token":"a"}"#)), now),
            Action::FetchUserInfo(fetch) => fetch.pending.resume(Ok(json(USER)), now),
            Action::AdmitUser(question) => {
                let admission = question.candidate.admit();
                let admission = if claims.is_empty() { admission } else { admission.claims(&claims) };
                question.pending.resume(admission, now)
            }
            Action::CheckSession(question) => question.pending.resume(true, now),
            Action::AskStore(_) | Action::Pause(..) | Action::RunToEnd(_) => {
                panic!("{action:?} is one of stored sessions")
            }
            Action::CountRequest(question) => panic!("{question:?} is one of limits"),
            Action::Redirect(redirect) => {
                return cookie_header(&cookies(redirect.into_response().headers()));
            }
            Action::FetchDiscovery(_)
            | Action::FetchJwks(_)
            | Action::FetchPushedRequest(_)
            | Action::FetchRevocation(_)
            | Action::Respond(_) => panic!("{action:?}"),
        };
    }
}

/// Returns the cookies that an answer sets, and not those that it clears, as a browser sends them.
fn cookies(answer: &HeaderMap) -> String {
    let set = answer.get_all(header::SET_COOKIE).iter();
    let pairs = set.map(|cookie| cookie.to_str().expect("ASCII").split(';').next().unwrap_or_default());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// Makes the headers of a request with these cookies.
///
/// # Panics
/// Where they are no header value.
///
/// ```
/// assert_eq!(aura_benches::cookie_header("theme=dark")["cookie"], "theme=dark");
/// ```
#[must_use]
pub fn cookie_header(cookies: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::COOKIE, cookies.parse().expect("a header"))])
}
