//! Whole visits with planted secrets: a successful sign-in with everything after it, and every failure.

use super::planted::{Kind, Part, Place, Secrets};
use super::{Seen, search};
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{
    Action, Admission, Auth, Candidate, ClientSecret, Entropy, Event, Fetch, FetchError, Purpose, Salt,
    Secret, UnixTime,
};
use aura_tests::{CookieMap, Outcome, Pair, World, drive};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::form_urlencoded;

const NOW: UnixTime = UnixTime::from_secs(1_795_500_000);
const SECRET: &str = "Planted-Deployment-Secret-k7Qp2VxZr9TfLm4WbYc8HdNs6GjU";
const PREVIOUS: &str = "Planted-Previous-Secret-Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe";
const SALT: &str = "Planted-Deployment-Salt-q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS";
const CLIENT_SECRET: &str = "planted-client-secret-8f31+/=";
const CODE: &str = "planted-code-51c2a97e4d/+ x";
const ACCESS: &str = "planted-access-token-7d02b3/+=~";
const REFRESH: &str = "planted-refresh-token-19ffc0/+=~";
const ID: &str = "planted.id-token.a0c44e91d2";
const WORDS: &str = "planted-words-of-the-provider-e2b7";

/// A provider's answer.
type Answer = Result<(u16, &'static str, String), FetchError>;

/// A site, its browser, and everything that came out.
struct Visit {
    auth: Auth,
    cookies: CookieMap,
    secrets: Secrets,
    seen: Seen,
    seed: u8,
    token: Answer,
    userinfo: Answer,
    revocation: Answer,
    admission: fn(aura_proto::Candidate) -> Admission,
}

impl Visit {
    fn new() -> Self {
        let provider = Provider::oauth("dev", "client")
            .with_name("Dev")
            .authorization_endpoint("https://idp.test/authorize")
            .token_endpoint("https://idp.test/token")
            .userinfo_endpoint("https://idp.test/userinfo")
            .client_secret(ClientSecret::new(CLIENT_SECRET));
        let provider =
            provider.tokens(TokenRetention::Readable).revocation_endpoint("https://idp.test/revoke");
        let auth = Auth::builder(Secret::new(SECRET).unwrap(), Salt::new(SALT).unwrap());
        let auth = auth.previous_secret(Secret::new(PREVIOUS).unwrap()).base_url("https://app.test");
        let mut secrets = Secrets::default();
        for secret in [SECRET, PREVIOUS, SALT] {
            secrets.add(Kind::Deployment, secret);
        }
        for (kind, secret) in [
            (Kind::ClientSecret, CLIENT_SECRET),
            (Kind::Code, CODE),
            (Kind::AccessToken, ACCESS),
            (Kind::RefreshToken, REFRESH),
            (Kind::IdToken, ID),
            (Kind::ProvidersWords, WORDS),
        ] {
            secrets.add(kind, secret);
        }
        let auth = auth.provider(provider).build().unwrap();
        let seen = vec![(Place::Debug, format!("{auth:?} {auth:#?}"))];
        let granted = json!({ "access_token": ACCESS, "refresh_token": REFRESH, "id_token": ID, "expires_in": 60, "note": WORDS });
        let user = json!({ "id": "ada", "name": "Ada", "note": WORDS });
        Self {
            auth,
            cookies: CookieMap::default(),
            secrets,
            seen,
            seed: 0,
            token: Ok((200, "application/json", granted.to_string())),
            userinfo: Ok((200, "application/json", user.to_string())),
            revocation: Ok((200, "application/json", String::new())),
            admission: aura_proto::Candidate::admit,
        }
    }

    /// Sends a request with the browser's cookies, carries the actions out, and keeps everything that comes out.
    fn send(&mut self, method: Method, target: &str, csrf: Option<&str>) -> Response<Bytes> {
        let mut request = self.cookies.attach(Request::builder().method(method).uri(target));
        if let Some(token) = csrf {
            request = request.header("x-csrf-token", token);
        }
        self.seed = self.seed.wrapping_add(1);
        let entropy = Entropy::from_os_bytes([self.seed; 32]);
        self.seen.push((Place::Debug, format!("{entropy:?}")));
        let answer = |part| match target {
            _ if target.starts_with("/auth/signIn") => Place::SignIn(part),
            "/auth/csrfToken" => Place::CsrfToken(part),
            _ if target.ends_with("/tokens") => Place::SessionTokenFormat(part),
            _ => Place::Answer(part),
        };
        let action = self.auth.handle(request.body(Bytes::new()).unwrap(), NOW, entropy);
        let response = drive(action, NOW, self);
        self.see_answer(response, answer)
    }

    fn see_fetch(&mut self, fetch: &Fetch, place: fn(Part) -> Place) {
        let request = &fetch.request;
        self.see_headers(request.headers(), place);
        self.seen.push((place(Part::Url), request.uri().to_string()));
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        let fields: BTreeMap<_, _> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        if let Some(verifier) = fields.get("code_verifier") {
            self.secrets.add(Kind::CodeVerifier, verifier);
        }
        // The values read from the form equal the planted ones, so the search below finds them.
        self.seen.push((place(Part::Body), format!("{body} {fields:?}")));
    }

    fn see_headers(&mut self, headers: &HeaderMap, place: impl Fn(Part) -> Place) {
        // `Location` is no secret as a whole, and the one header that shows itself.
        let mut others = headers.clone();
        others.remove(header::LOCATION);
        self.seen.push((Place::Debug, format!("{others:?}")));
        for (name, value) in headers {
            let part = match *name {
                header::AUTHORIZATION => Part::Authorization,
                header::LOCATION => Part::Location,
                header::SET_COOKIE => Part::SetCookie,
                _ => Part::OtherHeader,
            };
            self.seen.push((place(part), format!("{name}: {}", value.as_bytes().escape_ascii())));
        }
    }

    fn see_events(&mut self, events: &[Event]) {
        for event in events {
            let mut shown = format!("{event:?} {event:#?} {}", event.name());
            if let Event::SignInFailed { error, .. }
            | Event::RefreshFailed { error, .. }
            | Event::ProviderRequestFailed { error, .. }
            | Event::RequestRefused { error } = event
            {
                shown.push_str(&format!(
                    " {error:?} {error} {} {} {}",
                    error.code(),
                    error.reason(),
                    error.message()
                ));
            }
            self.seen.push((Place::Event, shown));
        }
    }

    fn see_answer(&mut self, response: Response<Bytes>, place: impl Fn(Part) -> Place) -> Response<Bytes> {
        self.see_headers(response.headers(), &place);
        let body = String::from_utf8(response.body().to_vec()).unwrap();
        self.seen.push((place(Part::Body), body));
        for (name, value) in self.cookies.keep(response.headers()) {
            let kind = if name.ends_with("csrf_token") { Kind::CsrfToken } else { Kind::Sealed };
            self.secrets.add(kind, &value);
        }
        response
    }

    /// Begins a sign-in, and returns the state.
    fn begin(&mut self) -> String {
        let response = self.send(Method::GET, "/auth/signIn/dev", None);
        let location = response.headers()[header::LOCATION].to_str().unwrap();
        let query = location.split_once('?').unwrap().1;
        let pairs: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        self.secrets.add(Kind::State, &pairs["state"]);
        pairs["state"].clone()
    }

    fn call_back(&mut self, parameters: &[(&str, &str)]) -> Response<Bytes> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.send(Method::GET, &format!("/auth/callback/dev?{query}"), None)
    }

    /// Signs in, and returns the status of the callback's answer.
    fn sign_in(&mut self) -> u16 {
        let state = self.begin();
        self.call_back(&[("code", CODE), ("state", &state)]).status().as_u16()
    }

    fn csrf_token(&mut self) -> String {
        let response = self.send(Method::GET, "/auth/csrfToken", None);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        body["csrfToken"].as_str().unwrap().to_owned()
    }
}

impl World for Visit {
    fn fetch(&mut self, purpose: Purpose, fetch: &Fetch) -> Outcome {
        let (place, outcome): (fn(Part) -> Place, _) = match purpose {
            Purpose::Token => (Place::FetchToken, &self.token),
            Purpose::UserInfo => (Place::FetchUserInfo, &self.userinfo),
            Purpose::Revocation => (Place::FetchRevocation, &self.revocation),
            Purpose::Discovery | Purpose::Jwks | Purpose::PushedRequest | _ => {
                unreachable!("an OAuth 2.0 provider: {purpose:?}")
            }
        };
        let outcome = outcome.clone().map(|(status, content_type, body)| {
            let mut response = aura_tests::answer(status, content_type, body);
            response.headers_mut().insert("x-words", WORDS.parse().unwrap());
            response
        });
        self.see_fetch(fetch, place);
        outcome
    }

    fn admit(&mut self, candidate: Candidate) -> Admission {
        (self.admission)(candidate)
    }

    fn see(&mut self, action: &Action) {
        if let Action::AdmitUser(question) = action {
            let shown = format!("{question:?}");
            let names = ["PendingAdmission(ExpectAdmission)", "Candidate { provider: \"dev\""];
            assert!(names.iter().all(|name| shown.contains(name)), "{shown}");
        }
        self.seen.push((Place::Debug, format!("{action:?} {action:#?}")));
    }

    fn log(&mut self, events: &[Event]) {
        self.see_events(events);
    }
}

#[test]
fn se_01_se_03_se_07_a_whole_visit_shows_each_secret_only_where_the_protocol_wants_it() {
    let mut visit = Visit::new();
    assert_eq!(visit.sign_in(), 302);
    for path in ["/auth/session", "/auth/providers/dev", "/auth/providers/dev/tokens"] {
        assert_eq!(visit.send(Method::GET, path, None).status(), 200, "{path}");
    }
    let headers = HeaderMap::from_iter([(header::COOKIE, visit.cookies.header().parse().unwrap())]);
    let (session, tokens) =
        (visit.auth.session(&headers, NOW), visit.auth.provider_tokens("dev", &headers, NOW));
    assert!(session.is_ok() && tokens.is_ok());
    visit.seen.push((Place::Debug, format!("{session:?} {tokens:?} {tokens:#?}")));
    let csrf = visit.csrf_token();
    for (method, path, status) in [
        (Method::POST, "/auth/providers/dev/user/refresh", 200),
        (Method::POST, "/auth/providers/dev/tokens/revoke", 200),
        (Method::POST, "/auth/signOut?token_type_hint=session_token&redirect=false", 202),
    ] {
        assert_eq!(visit.send(method, path, Some(&csrf)).status(), status, "{path}");
    }
    assert!(search(&visit.secrets, &visit.seen) > 10, "secrets are where they belong");
    for kind in [Kind::State, Kind::CodeVerifier, Kind::CsrfToken, Kind::Sealed] {
        assert!(visit.secrets.count(kind) > 0, "{kind:?}");
    }
}

#[test]
fn se_01_se_07_no_failure_at_the_provider_shows_a_secret() {
    let json = "application/json";
    let echo = format!(r#"{{"error":"invalid_grant","error_description":"{CODE} {CLIENT_SECRET} {WORDS}"}}"#);
    let answers: [Answer; 14] = [
        Err(FetchError::TimedOut),
        Err(FetchError::Unreachable),
        Err(FetchError::Untrusted),
        Err(FetchError::TooLarge),
        Ok((400, json, echo.clone())),
        Ok((200, json, echo)),
        Ok((500, "text/html", format!("<p>{WORDS} {ACCESS}"))),
        Ok((200, "text/html", format!("<p>{WORDS} {ACCESS}"))),
        Ok((200, json, format!("{{ {ACCESS}"))),
        Ok((200, json, format!(r#"["{ACCESS}"]"#))),
        Ok((200, json, format!(r#"{{"access_token":"{ACCESS}","access_token":"{ACCESS}"}}"#))),
        Ok((200, json, format!(r#"{{"access_token":"{ACCESS} {WORDS}","id":["{WORDS}"]}}"#))),
        Ok((200, json, format!(r#"{{"access_token":7,"id_token":"{ID}","id":{{"a":"{WORDS}"}}}}"#))),
        Ok((302, json, format!(r#"{{"access_token":"{ACCESS}","id":"1"}}"#))),
    ];
    for answer in answers {
        let mut visit = Visit::new();
        visit.token = answer.clone();
        assert_eq!(visit.sign_in(), 502, "{answer:?}");
        search(&visit.secrets, &visit.seen);

        let mut visit = Visit::new();
        visit.userinfo = answer.clone();
        assert_eq!(visit.sign_in(), 502, "{answer:?}");
        assert!(search(&visit.secrets, &visit.seen) > 2);

        // The same where the user is signed in already, and a page asks.
        let mut visit = Visit::new();
        assert_eq!(visit.sign_in(), 302);
        let csrf = visit.csrf_token();
        (visit.token, visit.userinfo, visit.revocation) = (answer.clone(), answer.clone(), answer);
        visit.send(Method::GET, "/auth/providers/dev/tokens", None);
        visit.send(Method::POST, "/auth/providers/dev/user/refresh", Some(&csrf));
        visit.send(Method::POST, "/auth/providers/dev/tokens/revoke", Some(&csrf));
        search(&visit.secrets, &visit.seen);
    }
}

#[test]
fn se_01_se_07_no_failure_of_the_browser_or_the_application_shows_a_secret() {
    let mut visit = Visit::new();
    visit.admission = |_| Admission::Refuse;
    assert_eq!(visit.sign_in(), 403);
    search(&visit.secrets, &visit.seen);

    type Change = fn(&mut Visit, &str) -> Response<Bytes>;
    let changes: [(u16, Change); 9] = [
        (400, |visit, state| visit.call_back(&[("code", CODE), ("state", &format!("{state}x"))])),
        (422, |visit, state| visit.call_back(&[("code", CODE), ("code", CODE), ("state", state)])),
        (422, |visit, state| visit.call_back(&[("state", state), ("words", WORDS)])),
        (403, |visit, state| {
            visit.call_back(&[("error", "access_denied"), ("error_description", WORDS), ("state", state)])
        }),
        (502, |visit, state| visit.call_back(&[("error", WORDS), ("error_uri", WORDS), ("state", state)])),
        (401, |visit, state| {
            visit.cookies.clear();
            visit.call_back(&[("code", CODE), ("state", state)])
        }),
        (400, |visit, state| {
            visit.cookies.values_mut().for_each(|value| value.push('A'));
            visit.call_back(&[("code", CODE), ("state", state)])
        }),
        (404, |visit, state| visit.send(Method::GET, &format!("/auth/{state}/{}", "x".repeat(40)), None)),
        (403, |visit, state| {
            visit.send(Method::POST, "/auth/signOut?token_type_hint=session_token", Some(state))
        }),
    ];
    for (number, (status, change)) in changes.into_iter().enumerate() {
        let mut visit = Visit::new();
        let state = visit.begin();
        assert_eq!(change(&mut visit, &state).status(), status, "{number}");
        search(&visit.secrets, &visit.seen);
    }
}

#[test]
fn what_the_browser_sent_does_not_stay_in_memory_while_a_provider_answers() {
    let pair = Pair::openid();
    let body = Bytes::from(b"logout_token=a.b.c".to_vec());
    let request = Request::post("/auth/backchannelLogout/dev").body(body.clone()).unwrap();
    assert!(!body.is_unique());
    let suspended = pair.app.auth.handle(request, NOW, Entropy::from_os_bytes([7; 32]));
    assert!(matches!(suspended, Action::FetchDiscovery(_)), "{suspended:?}");
    assert!(body.is_unique());
}
