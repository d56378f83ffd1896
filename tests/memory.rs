//! Memory that answers of providers take: the peak while one is read, and what is left afterwards.
//!
//! The allocator counts for the whole process, so that this target has one test.
#![cfg(test)]

use aura_proto::provider::{ClaimsSource, Provider, PushedRequests};
use aura_proto::{Admission, Auth, Candidate, ClientSecret, Entropy, Fetch, Purpose, UnixTime};
use aura_tests::forge::{jwk, sign};
use aura_tests::{Outcome, SECRET, World, answer, drive};
use bytes::Bytes;
use http::{Request, Response, header};
use peak_alloc::PeakAlloc;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MIB: usize = 1024 * 1024;
const NOW: UnixTime = UnixTime::from_secs(1_795_500_000);
const LONGEST: usize = 256 * 1024;
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const PURPOSES: [Purpose; 5] =
    [Purpose::Discovery, Purpose::Jwks, Purpose::PushedRequest, Purpose::Token, Purpose::UserInfo];
const HEADER: &str = r#"{"alg":"EdDSA","kid":"a"}"#;

/// Media type and body of an answer.
type Body = (&'static str, Bytes);

/// A text of this beginning, many repetitions and this end, as long as an answer may be.
fn filled(beginning: &str, repeated: &str, end: &str) -> Bytes {
    let room = LONGEST.saturating_sub(beginning.len()).saturating_sub(end.len());
    format!("{beginning}{}{end}", repeated.repeat(room.div_euclid(repeated.len()))).into()
}

/// Bodies that take much memory for their length.
fn bodies() -> Vec<Body> {
    let deep = "]".repeat(100);
    let names = (0..18_000).map(|number| format!(r#""{number}":{{}},"#)).collect::<String>();
    let most = r#"{"":0},"#.repeat(4_900);
    vec![
        (JSON, format!(r#"{{"sub":"ada","id":"1","a":[{most}0]}}"#).into()),
        (JSON, filled(r#"{"keys":["#, r#"{"":0},"#, "0]}")),
        (JSON, filled(r#"{"keys":["#, r#"{"kty":"EC","key_ops":[[],{},""],"x":{"":0}},"#, "0]}")),
        (JSON, filled(r#"{"keys":["#, r#"{"kty":"RSA","d":{"":{"":0}},"kid":""},"#, "0]}")),
        (JSON, filled(r#"{"sub":"ada","a":["#, r#"{"":0},"#, "0]}")),
        (JSON, filled(r#"{"sub":"ada","id":"1","a":["#, "[[]],", "0]}")),
        (JSON, filled(r#"{"sub":"ada","id":"1","a":[""#, r#"",""#, r#""]}"#)),
        (JSON, filled(r#"{"sub":"ada","id":"1","more":""#, "\\u00e9", r#""}"#)),
        (JSON, format!(r#"{{"sub":"ada",{names}"id":1}}"#).into()),
        (JSON, filled(&"[".repeat(100), "0,", &format!("0{deep}"))),
        (JSON, filled("", "[", "")),
        (FORM, filled("access_token=a", "&a", "")),
        (FORM, filled("access_token=a", "&a=%41", "")),
        ("text/plain", filled(r#"{"access_token":"a","scope":["a"#, r#"","a"#, r#""]}"#)),
        ("application/jwt", filled("", "a.", "a")),
    ]
}

/// A site with OpenID Providers that are used in different ways, and an OAuth provider.
fn auth() -> Auth {
    let secret = || ClientSecret::new("secret");
    let openid = |id: &str| {
        let provider = Provider::openid(id, "https://idp.test", "client").client_secret(secret());
        provider.pushed_requests(PushedRequests::Never)
    };
    let oauth = Provider::oauth("oauth", "client")
        .client_secret(secret())
        .authorization_endpoint("https://idp.test/authorize")
        .token_endpoint("https://idp.test/token")
        .userinfo_endpoint("https://idp.test/userinfo");
    aura_tests::bare_builder(SECRET)
        .base_url("https://app.test")
        .provider(openid("openid"))
        .provider(openid("pushing").pushed_requests(PushedRequests::Offered))
        .provider(openid("token").claims_source(ClaimsSource::IdToken))
        .provider(oauth)
        .build()
        .unwrap()
}

/// What an honest provider answers.
fn honest(purpose: Purpose, nonce: &str) -> Body {
    let document = json!({
        "issuer": "https://idp.test", "authorization_endpoint": "https://idp.test/authorize",
        "token_endpoint": "https://idp.test/token", "userinfo_endpoint": "https://idp.test/userinfo",
        "jwks_uri": "https://idp.test/jwks", "pushed_authorization_request_endpoint": "https://idp.test/par",
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    let now = NOW.as_secs();
    let claims = json!({
        "iss": "https://idp.test", "aud": "client", "sub": "ada", "iat": now, "exp": now.saturating_add(600), "nonce": nonce,
    });
    let body = match purpose {
        Purpose::Discovery => document,
        Purpose::Jwks => json!({ "keys": [jwk("a")] }),
        Purpose::PushedRequest => json!({ "request_uri": "urn:1", "expires_in": 60 }),
        Purpose::UserInfo => json!({ "sub": "ada", "id": "ada" }),
        Purpose::Token | Purpose::Revocation | _ => {
            json!({ "access_token": "at", "token_type": "Bearer", "id_token": sign(HEADER, &claims.to_string()) })
        }
    };
    (JSON, body.to_string().into())
}

/// A provider that answers one exchange in a way of its own.
struct Visit<'a> {
    auth: &'a Auth,
    odd: (Purpose, &'a Body),
    nonce: String,
    /// How much is in use while the application decides.
    held: usize,
}

impl Visit<'_> {
    /// Signs in as far as it goes.
    fn sign_in(&mut self, provider: &str) {
        let begun = self.request(Request::get(format!("/auth/signIn/{provider}")));
        let text =
            |name| begun.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
        let (Some(cookie), Some(location)) = (text(header::SET_COOKIE), text(header::LOCATION)) else {
            return;
        };
        // Where the request was pushed, no URL shows its state.
        let Some(state) = after(location, "state=") else { return };
        self.nonce = after(location, "nonce=").unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let callback = Request::get(format!("/auth/callback/{provider}?code=c&state={state}"));
        self.request(callback.header(header::COOKIE, cookie));
    }

    fn request(&mut self, request: http::request::Builder) -> Response<Bytes> {
        let request = request.body(Bytes::new()).unwrap();
        self.answer(request)
    }

    fn answer(&mut self, request: Request<Bytes>) -> Response<Bytes> {
        drive(self.auth.handle(request, NOW, Entropy::from_os_bytes([7; 32])), NOW, self)
    }
}

impl World for Visit<'_> {
    fn fetch(&mut self, purpose: Purpose, _: &Fetch) -> Outcome {
        let own = honest(purpose, &self.nonce);
        let (media_type, body) = if self.odd.0 == purpose { self.odd.1 } else { &own };
        Ok(answer(200, media_type, body.clone()))
    }

    fn admit(&mut self, candidate: Candidate) -> Admission {
        self.held = self.held.max(ALLOCATOR.current_usage());
        candidate.admit()
    }
}

fn after(url: &str, name: &str) -> Option<String> {
    let (_, rest) = url.split_once(name)?;
    rest.split('&').next().map(str::to_owned)
}

#[test]
fn au_02_no_answer_takes_more_than_forty_mib_and_nothing_is_left() {
    let auth = auth();
    let bogus = format!("logout_token={}", sign(r#"{"alg":"EdDSA","kid":"nobody"}"#, "{}"));
    let (mut highest, mut most_held) = (0, 0);
    for body in &bodies() {
        for purpose in PURPOSES {
            for provider in ["openid", "pushing", "token", "oauth", ""] {
                let before = ALLOCATOR.current_usage();
                ALLOCATOR.reset_peak_usage();
                let mut visit =
                    Visit { auth: &auth, odd: (purpose, body), nonce: String::new(), held: before };
                if provider.is_empty() {
                    let request = Request::post("/auth/backchannelLogout/openid");
                    let request = request.header(header::CONTENT_TYPE, FORM);
                    visit.answer(request.body(Bytes::from(bogus.clone())).unwrap());
                } else {
                    visit.sign_in(provider);
                }
                let held = visit.held - before;
                drop(visit);
                let (peak, after) = (ALLOCATOR.peak_usage() - before, ALLOCATOR.current_usage());
                assert!(peak < 40 * MIB, "{purpose:?} {provider} {}: {peak}", body.0);
                assert!(held < 10 * MIB, "{purpose:?} {provider} {}: {held}", body.0);
                assert!(after.saturating_sub(before) < MIB, "{purpose:?} {provider}: {after} after {before}");
                (highest, most_held) = (highest.max(peak), most_held.max(held));
            }
        }
    }
    assert!(highest > MIB && most_held > MIB, "something was read: {highest}, {most_held}");
}
