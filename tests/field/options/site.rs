//! A site with one provider, `work`, whose every answer a test may replace.

use aura_proto::provider::{Provider, PushedRequests};
use aura_proto::{Auth, Builder, Entropy, Event, Fetch, Purpose, UnixTime};
use aura_tests::forge::{jwk, sign};
use aura_tests::{CookieMap, Outcome, SECRET, World, drive, json_answer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Method, Request, Response, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::layer::SubscriberExt;
use url::form_urlencoded;

/// The issuer of the provider, where a test names no other.
pub(crate) const ISSUER: &str = "https://id.test";

/// The site, its visitor's cookies, and the provider.
pub(crate) struct Site {
    auth: Auth,
    now: u64,
    draws: u8,
    jar: CookieMap,
    /// What the provider publishes.
    pub(crate) document: Value,
    /// The answers that replace the provider's own, each as often as it is asked for.
    pub(crate) replaced: Vec<(Purpose, Outcome)>,
    /// What the provider was asked.
    pub(crate) asked: Vec<(Purpose, Request<Bytes>)>,
    pub(crate) events: Vec<Event>,
    /// Claims that replace those of the provider's ID tokens.
    pub(crate) claims: Value,
    /// Whether access tokens are bound to a key.
    pub(crate) bound: bool,
    /// The nonces that servers want in DPoP proofs.
    pub(crate) nonces: Vec<(Purpose, &'static str)>,
    /// The server that is content with no nonce.
    pub(crate) insatiable: Option<Purpose>,
    nonce: String,
}

/// How a request ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) json: Value,
}

impl End {
    pub(crate) fn reason(&self) -> &str {
        self.json["reason"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.json["message"].as_str().unwrap_or_default()
    }
}

/// An OpenID Provider without pushed requests.
pub(crate) fn work(issuer: &str) -> Provider {
    Provider::openid("work", issuer, "client").pushed_requests(PushedRequests::Never)
}

/// What an honest provider publishes.
pub(crate) fn document(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": "https://id.test/authorize",
        "token_endpoint": "https://id.test/token",
        "userinfo_endpoint": "https://id.test/userinfo",
        "jwks_uri": "https://id.test/jwks",
        "end_session_endpoint": "https://id.test/logout",
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    })
}

pub(crate) fn answered(status: u16, body: &str) -> Outcome {
    Ok(json_answer(status, body.to_owned()))
}

pub(crate) fn builder() -> Builder {
    aura_tests::bare_builder(SECRET).base_url("https://app.test")
}

impl Site {
    pub(crate) fn new(provider: Provider) -> Self {
        Self::of(builder().provider(provider).build().unwrap())
    }

    pub(crate) fn of(auth: Auth) -> Self {
        Self {
            auth,
            now: 1_795_500_000,
            draws: 0,
            jar: CookieMap::default(),
            document: document(ISSUER),
            replaced: Vec::new(),
            asked: Vec::new(),
            events: Vec::new(),
            claims: json!({}),
            bound: false,
            nonces: Vec::new(),
            insatiable: None,
            nonce: String::new(),
        }
    }

    pub(crate) fn publishing(self, document: Value) -> Self {
        Self { document, ..self }
    }

    pub(crate) fn answering(mut self, purpose: Purpose, outcome: Outcome) -> Self {
        self.replaced.push((purpose, outcome));
        self
    }

    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        self.now = self.now.saturating_add(seconds);
    }

    pub(crate) fn csrf_token(&mut self) -> String {
        let json = self.request(Method::GET, "/auth/csrfToken", &[], "").json;
        json["csrfToken"].as_str().unwrap().to_owned()
    }

    /// Signs in as far as it goes.
    pub(crate) fn sign_in(&mut self) -> End {
        let begun = self.request(Method::GET, "/auth/signIn/work", &[], "");
        let Some(location) = begun.location.clone().filter(|_| begun.status == 302) else { return begun };
        let (_, query) = location.split_once('?').unwrap();
        let mut sent = query.to_owned();
        for (purpose, request) in &self.asked {
            if *purpose == Purpose::PushedRequest && sent.contains("request_uri=") {
                sent = String::from_utf8(request.body().to_vec()).unwrap();
            }
        }
        self.nonce = field(&sent, "nonce").unwrap_or_default();
        let state = field(&sent, "state").unwrap();
        self.request(Method::GET, &format!("/auth/callback/work?code=c&state={state}"), &[], "")
    }

    /// Returns the body of the one request of a purpose, as a form.
    pub(crate) fn form(&self, purpose: Purpose) -> BTreeMap<String, String> {
        let (_, request) = self.asked.iter().find(|(asked, _)| *asked == purpose).expect("a request");
        form_urlencoded::parse(request.body()).into_owned().collect()
    }

    pub(crate) fn count(&self, purpose: Purpose) -> usize {
        self.asked.iter().filter(|(asked, _)| *asked == purpose).count()
    }

    /// Sends a request of the visitor, and carries out what the core decides.
    pub(crate) fn request(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> End {
        let request = Request::builder().method(method).uri(path).header("host", "app.test");
        let request = headers
            .iter()
            .fold(self.jar.attach(request), |request, (name, value)| request.header(*name, *value));
        let request = request.body(Bytes::from_static(body.as_bytes())).unwrap();
        self.draws = self.draws.wrapping_add(1);
        let now = UnixTime::from_secs(self.now);
        let action = self.auth.handle(request, now, Entropy::from_os_bytes([self.draws; 32]));
        let response = drive(action, now, self);
        self.jar.keep(response.headers());
        let location =
            response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let json = serde_json::from_slice(response.body()).unwrap_or_default();
        End { status: response.status().as_u16(), location, json }
    }

    /// Asks for a nonce, as a server does that finds none of its own in a proof.
    fn want_nonce(&self, purpose: Purpose, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let (_, wanted) = self.nonces.iter().find(|(wanting, _)| *wanting == purpose)?;
        let proof = request.headers()["dpop"].to_str().unwrap().split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(proof).unwrap()).unwrap();
        if claims["nonce"] == *wanted && self.insatiable != Some(purpose) {
            return None;
        }
        let status = if purpose == Purpose::Token { 400 } else { 401 };
        let mut answer = answered(status, r#"{"error":"use_dpop_nonce"}"#).unwrap();
        answer.headers_mut().insert("dpop-nonce", wanted.parse().unwrap());
        answer.headers_mut().insert("www-authenticate", r#"DPoP error="use_dpop_nonce""#.parse().unwrap());
        Some(answer)
    }

    fn answer(&self, purpose: Purpose, request: &Request<Bytes>) -> Outcome {
        if let Some(answer) = self.want_nonce(purpose, request) {
            return Ok(answer);
        }
        if let Some((_, outcome)) = self.replaced.iter().find(|(replaced, _)| *replaced == purpose) {
            return outcome.clone();
        }
        let mut claims = json!({
            "iss": self.document["issuer"], "aud": "client", "sub": "ada", "iat": self.now, "exp": self.now.saturating_add(600),
            "nonce": self.nonce, "name": "Ada",
        });
        let replaced = self.claims.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(replaced);
        let body = match purpose {
            Purpose::Discovery => self.document.clone(),
            Purpose::Jwks => json!({ "keys": [jwk("a")] }),
            Purpose::PushedRequest => json!({ "request_uri": "urn:x:1", "expires_in": 60 }),
            Purpose::Token => json!({
                "access_token": "at",
                "token_type": if self.bound || !self.nonces.is_empty() { "DPoP" } else { "Bearer" },
                "id_token": sign(r#"{"alg":"EdDSA"}"#, &claims.to_string()),
            }),
            Purpose::UserInfo => json!({ "sub": "ada", "id": "ada", "name": "Ada" }),
            Purpose::Revocation | _ => json!({}),
        };
        answered(200, &body.to_string())
    }
}

impl World for Site {
    fn fetch(&mut self, purpose: Purpose, fetch: &Fetch) -> Outcome {
        let outcome = self.answer(purpose, &fetch.request);
        self.asked.push((purpose, fetch.request.clone()));
        outcome
    }

    fn log(&mut self, events: &[Event]) {
        self.events.extend_from_slice(events);
    }
}

pub(crate) fn field(form: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(form.as_bytes()).find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// Begins a sign-in where every request to the provider ends in one way, and returns what is logged.
pub(crate) fn logged(provider: Provider, outcome: Outcome) -> String {
    logged_by(provider, move |_: Request<Bytes>| outcome.clone())
}

/// Begins a sign-in with a client, and returns what is logged.
pub(crate) fn logged_by(provider: Provider, client: impl aura_blocking::Client) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let auth = builder().provider(provider).build().unwrap();
    let driver = aura_blocking::Driver::new(auth, client).unwrap();
    let request =
        Request::get("/auth/signIn/work").header("host", "app.test").body(std::io::empty()).unwrap();
    driver.answer(request);
    drop(guard);
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// Lines of a log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
