//! Replay of requests whose sessions a store keeps: its answers run again, and nothing of a row is shown.

use super::shown::readings;
use super::store::{Mood, Store};
use super::{CODE, NOW, SECRET, TOKENS, USER, auth, provider, state_of};
use aura_host::store::MemoryStore;
use aura_proto::provider::TokenRetention;
use aura_proto::store::{Counted, StoreFailed};
use aura_proto::{Action, Ask, Auth, Entropy, FetchError, Limits, SessionPolicy, StoreQuestion, UnixTime};
use aura_replay::{Difference, Recorder, StoreAnswer, Transcript};
use aura_tests::{CookieMap, Outcome, json_answer};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Method, Request, Response};
use std::collections::BTreeSet;
use std::time::Duration;

fn site(secret: &str, policy: SessionPolicy) -> Auth {
    let provider = provider().tokens(TokenRetention::Readable).revocation_endpoint("https://idp.test/revoke");
    auth(secret, |builder| {
        builder
            .base_url("https://app.test")
            .session(policy.editable(["name"]))
            .limits(Limits::default())
            .provider(provider)
    })
}

/// A browser of a site with a store, whose every request is recorded.
struct Visit {
    policy: fn() -> SessionPolicy,
    store: Store,
    cookies: CookieMap,
    answers: Vec<Outcome>,
    counted: Result<Counted, StoreFailed>,
    now: UnixTime,
    drawn: u8,
    private: BTreeSet<String>,
}

impl Visit {
    fn new(policy: fn() -> SessionPolicy) -> Self {
        let words = ["Ada", "Lovelace", "583231", "countess", "an-access-token", "a-refresh-token", CODE];
        Self {
            policy,
            store: Store {
                memory: MemoryStore::default(),
                mood: Mood::Answers,
                rows: std::sync::Mutex::default(),
            },
            cookies: CookieMap::default(),
            answers: Vec::new(),
            counted: Ok(Counted::Allowed),
            now: NOW,
            drawn: 0,
            private: words.map(str::to_owned).into(),
        }
    }

    /// Signs in, and returns the transcript of the callback.
    fn sign_in(&mut self) -> Transcript {
        let (begun, _) = self.send(Method::GET, "/auth/signIn/dev", &[]);
        let state = state_of(&begun);
        self.answers = vec![Ok(json_answer(200, TOKENS)), Ok(json_answer(200, USER))];
        let callback = format!("/auth/callback/dev?code={CODE}&state={state}");
        self.send(Method::GET, &callback, &[]).1
    }

    fn send(
        &mut self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
    ) -> (Response<Bytes>, Transcript) {
        let request = self.cookies.attach(Request::builder().method(method).uri(target));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let body = match headers {
            [] => "",
            [_, ("content-type", "application/json")] => r#"{"user":{"name":"Ada L."}}"#,
            _ => "token_type_hint=session_token",
        };
        let request = request.body(Bytes::from(body)).unwrap();
        self.drawn = self.drawn.wrapping_add(1);
        let auth = site(SECRET, (self.policy)());
        let mut recorder = Recorder::new(&auth, &request, self.now, [self.drawn; 32]);
        let mut action = auth.handle(request, self.now, Entropy::from_os_bytes([self.drawn; 32]));
        let mut answers = std::mem::take(&mut self.answers).into_iter();
        let response = loop {
            recorder.action(&action);
            action = match action.into_fetch() {
                Ok((_, fetch)) => {
                    let outcome = answers.next().unwrap();
                    recorder.outcome(&outcome, self.now);
                    fetch.pending.resume(outcome, self.now)
                }
                Err(Action::AskStore(question)) => self.ask(question, &mut recorder),
                Err(Action::CountRequest(question)) => {
                    recorder.counted(&self.counted, self.now);
                    question.resume(self.counted, self.now)
                }
                Err(Action::Pause(length, rest)) => {
                    self.now = self.now.saturating_add(length);
                    rest.resume(self.now)
                }
                Err(Action::RunToEnd(rest)) => rest.resume(self.now),
                Err(Action::AdmitUser(question)) => {
                    let admission = question.candidate.admit();
                    recorder.admission(&admission, self.now);
                    question.pending.resume(admission, self.now)
                }
                Err(Action::Redirect(redirect)) => break redirect.into_response(),
                Err(Action::Respond(respond)) => break respond.into_response(),
                Err(other) => unreachable!("no check is configured: {other:?}"),
            };
        };
        let transcript = recorder.finish();
        self.private.extend(self.cookies.keep(response.headers()).into_iter().map(|(_, value)| value));
        self.private.remove("");
        self.check(&transcript);
        (response, transcript)
    }

    fn ask(&self, question: StoreQuestion, recorder: &mut Recorder) -> Action {
        fn go_on<Q, T: StoreAnswer>(
            answer: Result<T, StoreFailed>,
            ask: Ask<Q, T, Action>,
            recorder: &mut Recorder,
            now: UnixTime,
        ) -> Action {
            recorder.stored(&answer, now);
            ask.resume(answer, now)
        }
        let (store, now) = (&self.store, self.now);
        match question {
            StoreQuestion::Load(ask) => go_on(store.load(ask.question()), ask, recorder, now),
            StoreQuestion::Begin(ask) => go_on(store.begin(ask.question()), ask, recorder, now),
            StoreQuestion::Replace(ask) => go_on(store.replace(ask.question()), ask, recorder, now),
            StoreQuestion::End(ask) => go_on(store.end(ask.question()), ask, recorder, now),
            StoreQuestion::List(ask) => go_on(store.list(ask.question()), ask, recorder, now),
        }
    }

    /// Checks that a transcript shows nothing of the user, the ticket and the row, and runs again under other keys.
    fn check(&self, transcript: &Transcript) {
        let text = transcript.to_string();
        for reading in readings(&text) {
            for private in &self.private {
                assert!(!reading.contains(private.as_str()), "{private} is shown in {text}");
            }
        }
        for row in self.store.rows.lock().unwrap().iter() {
            for bytes in [&row.key.as_bytes()[..], row.owner.as_bytes(), &row.face[..], &row.body[..]] {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                let numbers = format!("{bytes:?}");
                let numbers: String = numbers.split_whitespace().collect();
                let flat: String = text.split_whitespace().collect();
                for spelling in [hex, URL_SAFE_NO_PAD.encode(bytes), STANDARD.encode(bytes), numbers] {
                    assert!(!flat.contains(&spelling), "{spelling} is shown in {text}");
                }
            }
        }
        assert_eq!(text.parse::<Transcript>().as_ref(), Ok(transcript));
        for secret in [SECRET, "k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee"] {
            assert_eq!(transcript.replay(&site(secret, (self.policy)())), Ok(()), "{text}");
        }
    }

    fn csrf_token(&mut self) -> String {
        let (answer, _) = self.send(Method::GET, "/auth/csrfToken", &[]);
        let token = aura_tests::read_json(&answer)["csrfToken"].as_str().unwrap().to_owned();
        self.private.insert(token.clone());
        token
    }
}

const POLICIES: [fn() -> SessionPolicy; 2] =
    [|| SessionPolicy::default().stored(), || SessionPolicy::default().recheck(Duration::from_secs(60))];

fn last(transcript: &Transcript) -> &str {
    transcript.actions().last().unwrap()
}

#[test]
fn a_stored_session_and_everything_after_it_run_again() {
    for policy in POLICIES {
        let mut visit = Visit::new(policy);
        let transcript = visit.sign_in();
        assert!(last(&transcript).ends_with("OAUTH_CALLBACK_SUCCESS"), "{transcript}");
        assert!(transcript.actions().iter().any(|action| action == "BeginSession"), "{transcript}");
        // It replaces the session of the same browser.
        visit.sign_in();
        visit.now = visit.now.saturating_add(Duration::from_secs(120));
        let (_, transcript) = visit.send(Method::GET, "/auth/session", &[]);
        assert_eq!(transcript.actions()[0], "LoadSession");
        assert!(last(&transcript).starts_with("Respond 200"), "{transcript}");
        let token = visit.csrf_token();
        let json = [("x-csrf-token", token.as_str()), ("content-type", "application/json")];
        let (_, transcript) = visit.send(Method::PATCH, "/auth/session", &json);
        assert!(transcript.actions().iter().any(|action| action == "ReplaceSession"), "{transcript}");
        assert!(last(&transcript).ends_with("SESSION_UPDATED"), "{transcript}");
        let (_, transcript) = visit.send(Method::GET, "/auth/sessions", &[]);
        assert!(transcript.actions().iter().any(|action| action == "ListSessions"), "{transcript}");
        let refreshed =
            r#"{"access_token":"an-access-token-2","refresh_token":"a-refresh-token-2","expires_in":3600}"#;
        visit.now = visit.now.saturating_add(Duration::from_secs(3600));
        visit.answers = vec![Ok(json_answer(200, refreshed))];
        let (_, transcript) = visit.send(Method::GET, "/auth/providers/dev/tokens", &[]);
        assert!(transcript.actions().iter().any(|action| action == "RunToEnd"), "{transcript}");
        assert!(last(&transcript).starts_with("Respond 200"), "{transcript}");
        let token = visit.csrf_token();
        let form = [("x-csrf-token", token.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let (_, transcript) = visit.send(Method::POST, "/auth/signOut", &form);
        assert!(transcript.actions().iter().any(|action| action == "EndSessions"), "{transcript}");
    }
}

#[test]
fn every_failure_of_a_store_runs_again_to_its_reason() {
    type Change = fn(&mut Visit) -> Transcript;
    let cases: [(&str, Change); 9] = [
        ("session_store_unavailable", |visit| {
            visit.store.mood = Mood::Fails;
            visit.sign_in()
        }),
        ("unreachable", |visit| {
            visit.store.mood = Mood::Full;
            visit.sign_in()
        }),
        ("session_store_unavailable", |visit| {
            visit.sign_in();
            visit.store.mood = Mood::Fails;
            visit.send(Method::GET, "/auth/session", &[]).1
        }),
        ("session_store_unavailable", |visit| {
            visit.sign_in();
            let token = visit.csrf_token();
            visit.store.mood = Mood::Overtaken;
            let json = [("x-csrf-token", token.as_str()), ("content-type", "application/json")];
            visit.send(Method::PATCH, "/auth/session", &json).1
        }),
        ("session_ended", |visit| {
            visit.sign_in();
            visit.store.memory = MemoryStore::default();
            visit.send(Method::GET, "/auth/session", &[]).1
        }),
        ("session_ended", |visit| {
            visit.sign_in();
            visit.store.mood = Mood::Revoked;
            visit.send(Method::GET, "/auth/session", &[]).1
        }),
        ("session_invalid", |visit| {
            visit.sign_in();
            visit.store.mood = Mood::Foreign;
            visit.send(Method::GET, "/auth/session", &[]).1
        }),
        ("session_invalid", |visit| {
            visit.sign_in();
            visit.now = visit.now.saturating_add(Duration::from_secs(400 * 24 * 3600));
            visit.send(Method::GET, "/auth/session", &[]).1
        }),
        ("too_many_requests", |visit| {
            visit.counted = Ok(Counted::Refused { retry_after: Duration::from_secs(30) });
            visit.send(Method::GET, "/auth/signIn/dev", &[]).1
        }),
    ];
    for (reason, change) in cases {
        let transcript = change(&mut Visit::new(POLICIES[0]));
        assert!(last(&transcript).contains(&format!("({reason})")), "{reason}: {}", last(&transcript));
    }
}

#[test]
fn a_transcript_with_another_answer_of_the_store_does_not_run_again() {
    let mut visit = Visit::new(POLICIES[0]);
    visit.sign_in();
    visit.store.memory = MemoryStore::default();
    let (_, transcript) = visit.send(Method::GET, "/auth/session", &[]);
    let text = transcript.to_string();
    let altered = text.replace(r#""absent""#, r#""store_failed""#);
    assert_ne!(altered, text);
    let replayed = altered.parse::<Transcript>().unwrap().replay(&site(SECRET, POLICIES[0]()));
    let Err(Difference::Action { recorded, replayed }) = replayed else { panic!("{replayed:?}") };
    assert!(recorded.unwrap().contains("(session_ended)"));
    assert!(replayed.unwrap().contains("(session_store_unavailable)"));
}

#[test]
fn a_limit_that_could_not_be_counted_runs_again() {
    let mut visit = Visit::new(POLICIES[0]);
    visit.counted = Err(StoreFailed);
    let (_, transcript) = visit.send(Method::GET, "/auth/signIn/dev", &[]);
    assert!(last(&transcript).contains("RATE_LIMIT_UNCHECKED"), "{transcript}");
}

#[test]
fn drivers_record_what_their_store_answers() {
    let keep = || {
        let (sender, transcripts) = std::sync::mpsc::channel();
        (move |transcript: Transcript| drop(sender.send(transcript)), transcripts)
    };
    let answer = |request: &Request<Bytes>| match request.uri().path() {
        "/token" => Ok(json_answer(200, TOKENS)),
        _ => Ok::<_, FetchError>(json_answer(200, USER)),
    };
    let callback = |begun: &Response<Bytes>| {
        let state = state_of(begun);
        let mut cookies = CookieMap::default();
        cookies.keep(begun.headers());
        cookies.attach(Request::get(format!("/auth/callback/dev?code={CODE}&state={state}")))
    };
    let (site, begin) = (|| site(SECRET, POLICIES[0]()), || Request::get("/auth/signIn/dev"));

    let (hear, blocking) = keep();
    let client = move |request: Request<Bytes>| answer(&request);
    let driver = aura_blocking::Driver::with_session_store(site(), client, MemoryStore::with_limit(0));
    let driver = driver.on_failed_sign_in(hear);
    let begun = driver.answer(begin().body(std::io::empty()).unwrap());
    assert_eq!(driver.answer(callback(&begun).body(std::io::empty()).unwrap()).status(), 503);

    let (hear, waiting) = keep();
    let client = move |request: Request<Bytes>| std::future::ready(answer(&request));
    let driver = aura_http::Driver::with_session_store(site(), client, MemoryStore::with_limit(0));
    let driver = driver.on_failed_sign_in(hear);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let empty = http_body_util::Full::<Bytes>::default;
    let begun = runtime.block_on(driver.answer(begin().body(empty()).unwrap()));
    let answer = runtime.block_on(driver.answer(callback(&begun).body(empty()).unwrap()));
    assert_eq!(answer.status(), 503);

    for transcripts in [blocking, waiting] {
        let transcript = transcripts.try_recv().unwrap();
        assert!(last(&transcript).contains("(session_store_unavailable)"), "{transcript}");
        assert_eq!(transcript.replay(&site()), Ok(()), "{transcript}");
    }
}
