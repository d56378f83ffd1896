//! Replay of a recorded request: it gives the same actions under other keys, and shows nothing of the first run.

mod bounds;
mod openid;
mod same;
mod shown;
mod store;
mod stored;

use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{
    Action, Admission, Auth, Builder, Candidate, ClientSecret, Entropy, Fetch, FetchError, Purpose, Salt,
    Secret, SessionPolicy, UnixTime,
};
use aura_replay::{Difference, Recorder, Transcript};
use aura_tests::{CookieMap, Outcome, World, drive, json_answer, location, parameter};
use bytes::Bytes;
use http::{Method, Request, Response, header};
use std::slice;
use url::Url;

const NOW: UnixTime = UnixTime::from_secs(1_795_500_000);
const SECRET: &str = "Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK";
const CLIENT_SECRET: &str = "a-client-secret-that-nobody-knows";
const CODE: &str = "a-code-that-nobody-knows";
const TOKENS: &str =
    r#"{"access_token":"an-access-token-9f2e61","refresh_token":"a-refresh-token-77c05d","expires_in":3600}"#;
const USER: &str = r#"{"id":583231,"name":"Ada Lovelace","email":"ada@lovelace.example","role":"countess"}"#;

/// A configuration of its own.
fn auth(secret: &str, configure: impl FnOnce(Builder) -> Builder) -> Auth {
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    configure(Auth::builder(Secret::new(secret).unwrap(), salt)).build().unwrap()
}

fn provider() -> Provider {
    Provider::oauth("dev", "client")
        .with_name("Dev")
        .authorization_endpoint("https://idp.test/authorize")
        .token_endpoint("https://idp.test/token")
        .userinfo_endpoint("https://idp.test/userinfo")
        .client_secret(ClientSecret::new(CLIENT_SECRET))
}

/// A site whose provider publishes what it is.
fn openid() -> Auth {
    let provider = Provider::openid("dev", "https://id.corp.test", "client")
        .with_name("Work")
        .client_secret(ClientSecret::new(CLIENT_SECRET));
    auth(SECRET, |builder| builder.base_url("https://app.test").provider(provider))
}

/// A site that keeps tokens, and lets pages edit names.
fn site(secret: &str) -> Auth {
    let provider = provider().tokens(TokenRetention::Readable).revocation_endpoint("https://idp.test/revoke");
    let policy = SessionPolicy::default().editable(["name"]);
    auth(secret, |builder| builder.base_url("https://app.test").session(policy).provider(provider))
}

fn first() -> Auth {
    site(SECRET)
}

fn second() -> Auth {
    site("k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee")
}

type Answer = Result<(u16, String), FetchError>;

/// Answers a request, and records it. Where the list of answers ends, the provider is silent.
fn record(
    auth: &Auth,
    request: Request<Bytes>,
    seed: [u8; 32],
    answers: &[Outcome],
    admits: bool,
) -> (Response<Bytes>, Transcript) {
    let mut run = Run { recorder: Recorder::new(auth, &request, NOW, seed), answers: answers.iter(), admits };
    let response = drive(auth.handle(request, NOW, Entropy::from_os_bytes(seed)), NOW, &mut run);
    (response, run.recorder.finish())
}

/// A request that is recorded.
struct Run<'a> {
    recorder: Recorder,
    answers: slice::Iter<'a, Outcome>,
    admits: bool,
}

impl World for Run<'_> {
    fn fetch(&mut self, _: Purpose, _: &Fetch) -> Outcome {
        let outcome = self.answers.next().cloned().unwrap_or(Err(FetchError::TimedOut));
        self.recorder.outcome(&outcome, NOW);
        outcome
    }

    fn admit(&mut self, candidate: Candidate) -> Admission {
        let admission = if self.admits { candidate.admit() } else { Admission::Refuse };
        self.recorder.admission(&admission, NOW);
        admission
    }

    fn see(&mut self, action: &Action) {
        self.recorder.action(action);
    }
}

/// The state of a sign-in that has begun.
fn state_of(begun: &Response<Bytes>) -> String {
    parameter(&Url::parse(&location(begun)).unwrap(), "state").unwrap()
}

/// Begins a sign-in, and returns the callback that its browser is sent to, with more to its query.
fn callback(auth: &Auth, beginning: &[Outcome], more: &str) -> Request<Bytes> {
    let request = Request::get("/auth/signIn/dev").body(Bytes::new()).unwrap();
    let (response, _) = record(auth, request, [1; 32], beginning, true);
    let state = state_of(&response);
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    let request = Request::get(format!("/auth/callback/dev?code={CODE}&state={state}{more}"));
    request.header(header::COOKIE, cookie).body(Bytes::new()).unwrap()
}

/// Signs in as far as the answers go, the first of them to the beginning where it asks for one.
fn sign_in(auth: &Auth, beginning: &[Outcome], answers: &[Outcome], admits: bool) -> Transcript {
    let (_, transcript) = record(auth, callback(auth, beginning, ""), [2; 32], answers, admits);
    assert_eq!(transcript.replay(auth), Ok(()), "{transcript}");
    transcript
}

/// A browser of the first site, whose every request is recorded.
struct Visit {
    auth: Auth,
    cookies: CookieMap,
    answers: Vec<Answer>,
    admits: bool,
    seed: u8,
    /// Everything that the browser and the provider sent that a transcript must not show.
    private: Vec<String>,
}

impl Visit {
    fn new() -> Self {
        let private =
            ["Ada", "Lovelace", "lovelace", "583231", "countess", "an-access-token", "a-refresh-token"];
        let private =
            private.into_iter().chain([CLIENT_SECRET, CODE, "9f2e61", "77c05d"]).map(str::to_owned).collect();
        let answers = vec![Ok((200, TOKENS.to_owned())), Ok((200, USER.to_owned()))];
        Self { auth: first(), cookies: CookieMap::default(), answers, admits: true, seed: 0, private }
    }

    fn send(
        &mut self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (Response<Bytes>, Transcript) {
        let request = Request::builder().method(method).uri(target).header("user-agent", "Browser of Ada");
        let request = self.cookies.attach(request);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        self.seed = self.seed.wrapping_add(1);
        let answers = self.answers.iter().cloned();
        let answers: Vec<_> =
            answers.map(|answer| answer.map(|(status, body)| json_answer(status, body))).collect();
        let (response, transcript) = record(&self.auth, request, [self.seed; 32], &answers, self.admits);
        self.private.extend(self.cookies.keep(response.headers()).into_iter().map(|(_, value)| value));
        (response, transcript)
    }

    fn begin(&mut self) -> String {
        let (response, transcript) =
            self.send(Method::GET, "/auth/signIn/dev?redirectTo=/private/page%3Fx%3D1", &[], "");
        self.check(&transcript);
        assert!(
            transcript.actions()[0].starts_with("Redirect 302 to https://idp.test/authorize"),
            "{transcript}"
        );
        let state = state_of(&response);
        self.private.extend([state.clone(), state[..8].to_owned(), "private/page".to_owned()]);
        state
    }

    fn call_back(&mut self, query: &str) -> Transcript {
        let (_, transcript) = self.send(Method::GET, &format!("/auth/callback/dev?{query}"), &[], "");
        self.check(&transcript);
        transcript
    }

    /// Checks that a transcript shows nothing, survives as text, and runs again under either site's keys.
    fn check(&self, transcript: &Transcript) {
        let text = transcript.to_string();
        for private in &self.private {
            assert!(!text.contains(private.as_str()), "{private} is shown in {text}");
        }
        assert_eq!(text.parse::<Transcript>().as_ref(), Ok(transcript));
        for auth in [first(), second()] {
            assert_eq!(transcript.replay(&auth), Ok(()), "{text}");
        }
    }
}

#[test]
fn a_sign_in_and_everything_after_it_run_again() {
    let mut visit = Visit::new();
    let state = visit.begin();
    let transcript = visit.call_back(&format!("code={CODE}&state={state}"));
    assert_eq!(transcript.actions().len(), 4, "{transcript}");
    assert!(
        transcript.actions()[3].ends_with("OAUTH_USERINFO_SUCCESS, OAUTH_CALLBACK_SUCCESS"),
        "{transcript}"
    );
    let (response, transcript) = visit.send(Method::GET, "/auth/csrfToken", &[], "");
    visit.check(&transcript);
    let csrf: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    let csrf = csrf["csrfToken"].as_str().unwrap().to_owned();
    let form = format!("csrfToken={csrf}&token_type_hint=session_token");
    for (method, target, headers, body, ends) in [
        (Method::GET, "/auth/session", [("accept", "*/*"); 2], "", "Respond 200"),
        (Method::GET, "/auth/providers/dev/tokens", [("accept", "*/*"); 2], "", "Respond 200"),
        (
            Method::PATCH,
            "/auth/session",
            [("x-csrf-token", csrf.as_str()), ("content-type", "application/json")],
            r#"{"user":{"name":"Ada L."}}"#,
            "SESSION_UPDATED",
        ),
        (
            Method::POST,
            "/auth/signOut",
            [("content-type", "application/x-www-form-urlencoded"), ("accept", "*/*")],
            form.as_str(),
            "SIGN_OUT_SUCCESS",
        ),
    ] {
        let (_, transcript) = visit.send(method, target, &headers, body);
        visit.check(&transcript);
        assert!(transcript.actions().last().unwrap().ends_with(ends), "{transcript}");
    }
}

#[test]
fn a_long_session_in_chunks_runs_again() {
    let mut visit = Visit::new();
    let long = format!(r#"{{"id":583231,"name":"{}"}}"#, "Ada".repeat(1500));
    visit.answers = vec![Ok((200, TOKENS.to_owned())), Ok((200, long))];
    let state = visit.begin();
    visit.call_back(&format!("code={CODE}&state={state}"));
    assert!(visit.cookies.contains_key("__Host-aura-auth.session_token.1"));
    let (_, transcript) = visit.send(Method::GET, "/auth/session", &[], "");
    visit.check(&transcript);
    assert_eq!(transcript.actions(), ["Respond 200"]);
}

#[test]
fn every_failure_runs_again_to_its_reason() {
    type Change = fn(&mut Visit, String) -> Transcript;
    let changes: [(&str, Change); 12] = [
        ("no_cookie", |visit, state| {
            visit.cookies.clear();
            visit.call_back(&format!("code={CODE}&state={state}"))
        }),
        ("state_unknown", |visit, state| visit.call_back(&format!("code={CODE}&state={state}x"))),
        ("attempt_unreadable", |visit, state| {
            visit.cookies.values_mut().for_each(|value| value.insert(9, 'A'));
            visit.call_back(&format!("code={CODE}&state={state}"))
        }),
        ("access_denied", |visit, state| {
            visit.call_back(&format!("error=access_denied&error_description=Ada&state={state}"))
        }),
        ("authorization_failed", |visit, state| visit.call_back(&format!("error=countess&state={state}"))),
        ("invalid_parameters", |visit, state| {
            visit.call_back(&format!("code={CODE}&code={CODE}&state={state}"))
        }),
        ("token_unreachable", |visit, state| {
            visit.answers = vec![Err(FetchError::TimedOut)];
            visit.call_back(&format!("code={CODE}&state={state}"))
        }),
        ("token_invalid_grant", |visit, state| {
            visit.answers =
                vec![Ok((400, r#"{"error":"invalid_grant","error_description":"Ada"}"#.to_owned()))];
            visit.call_back(&format!("code={CODE}&state={state}"))
        }),
        ("token_not_json", |visit, state| {
            visit.answers = vec![Ok((200, "<p>Ada</p>".to_owned()))];
            visit.call_back(&format!("code={CODE}&state={state}"))
        }),
        ("token_malformed", |visit, state| {
            visit.answers = vec![Ok((200, r#"{"access_token":"Ada","access_token":"Lovelace"}"#.to_owned()))];
            visit.call_back(&format!("code={CODE}&state={state}"))
        }),
        ("userinfo_malformed", |visit, state| {
            visit.answers[1] = Ok((200, r#"{"id":[583231],"email":["ada@lovelace.example"]}"#.to_owned()));
            visit.call_back(&format!("code={CODE}&state={state}"))
        }),
        ("not_admitted", |visit, state| {
            visit.admits = false;
            visit.call_back(&format!("code={CODE}&state={state}"))
        }),
    ];
    for (reason, change) in changes {
        let mut visit = Visit::new();
        let state = visit.begin();
        let transcript = change(&mut visit, state);
        let last = transcript.actions().last().unwrap();
        assert!(last.contains(&format!("({reason})")), "{reason}: {last}");
    }
}

/// What a reported failure becomes: a file, and one line.
#[test]
fn a_recorded_failure_is_a_test_of_one_line() {
    assert_eq!(
        include_str!("userinfo_malformed.json").parse::<Transcript>().unwrap().replay(&second()),
        Ok(())
    );
}

#[test]
fn a_transcript_that_was_changed_or_is_none_says_so() {
    let text = include_str!("userinfo_malformed.json");
    for (from, to) in [
        ("userinfo_malformed", "token_malformed"),
        ("\"status\": 200", "\"status\": 500"),
        ("dev?code", "dev?x"),
    ] {
        let changed: Transcript = text.replace(from, to).parse().unwrap();
        assert!(matches!(changed.replay(&second()), Err(Difference::Action { .. })), "{to}");
    }
    for other in ["", "{}", &text.replace("\"version\": 1", "\"version\": 2")] {
        assert_eq!(other.parse::<Transcript>(), Err(Difference::NotATranscript));
    }
}
