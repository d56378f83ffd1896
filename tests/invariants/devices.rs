//! The site of stored sessions: three browsers of two users, a store that fails when a step says so, and a model of who is signed in.
#![expect(clippy::wildcard_enum_match_arm, reason = "every other action fails the test")]

use crate::play::{Kind, fetched};
use crate::site::{CODE, CSRF, NOW, SESSION, json, policy, with_policy};
use aura_host::store::{BlockingSessionStore, MemoryStore, StoreError, answer_blocking};
use aura_proto::store::{
    BeginSession, Begun, EndSessions, ListSessions, Listed, LoadSession, Loaded, ReplaceSession, Replaced,
};
use aura_proto::{Auth, Entropy, Expiration, Fetch, FetchError, Reading, SessionPolicy, UnixTime};
use aura_tests::{CookieMap, Outcome, SECRET, World, drive, location, read_json, set_cookies};
use bytes::Bytes;
use http::{Method, Request, Response, header};
use proptest::prelude::*;
use std::sync::Mutex;
use std::time::Duration;

/// How long a session is not looked up again, where the policy has such a time.
pub(crate) const INTERVAL: u64 = 60;
/// Who uses each browser.
const USERS: [&str; 3] = ["ada", "ada", "grace"];

/// What somebody does. The number is that of a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    SignIn(usize),
    Read(usize),
    Rename(usize),
    List(usize),
    /// The page reads the profile at the provider again.
    Profile(usize),
    SignOut(usize),
    EndOthers(usize),
    EndAll(usize),
    /// The administrator ends all sessions of the browser's user.
    Disable(usize),
}

/// A question to the store that fails: which of a request's, and whether the store carries it out all the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) at: usize,
    pub(crate) is_carried_out: bool,
}

pub(crate) fn step() -> BoxedStrategy<Step> {
    let browser = 0..USERS.len();
    prop_oneof![
        4 => browser.clone().prop_map(Step::SignIn),
        3 => browser.clone().prop_map(Step::Read),
        1 => browser.clone().prop_map(Step::Rename),
        1 => browser.clone().prop_map(Step::List),
        1 => browser.clone().prop_map(Step::Profile),
        2 => browser.clone().prop_map(Step::SignOut),
        2 => browser.clone().prop_map(Step::EndOthers),
        1 => browser.clone().prop_map(Step::EndAll),
        1 => browser.prop_map(Step::Disable),
    ]
    .boxed()
}

/// A store in memory, one of whose answers may be a failure.
#[derive(Debug, Default)]
struct Store {
    rows: MemoryStore,
    /// How many questions of a request it still answers, and the failure then.
    failure: Mutex<Option<Failure>>,
}

impl Store {
    /// Answers a question, or fails.
    fn ask<T>(&self, carry_out: impl FnOnce(&MemoryStore) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut failure = self.failure.lock().unwrap();
        match failure.as_mut() {
            Some(later) if later.at > 0 => later.at -= 1,
            None => {}
            Some(_) => {
                if failure.take().is_some_and(|failure| failure.is_carried_out) {
                    carry_out(&self.rows)?;
                }
                return Err("the store fails".into());
            }
        }
        carry_out(&self.rows)
    }
}

impl BlockingSessionStore for Store {
    fn load(&self, question: LoadSession) -> Result<Loaded, StoreError> {
        self.ask(|rows| BlockingSessionStore::load(rows, question))
    }

    fn begin(&self, question: BeginSession) -> Result<Begun, StoreError> {
        self.ask(|rows| BlockingSessionStore::begin(rows, question))
    }

    fn replace(&self, question: ReplaceSession) -> Result<Replaced, StoreError> {
        self.ask(|rows| BlockingSessionStore::replace(rows, question))
    }

    fn end(&self, question: EndSessions) -> Result<u64, StoreError> {
        self.ask(|rows| BlockingSessionStore::end(rows, question))
    }

    fn list(&self, question: ListSessions) -> Result<Listed, StoreError> {
        self.ask(|rows| BlockingSessionStore::list(rows, question))
    }

    fn sweep(&self, now: UnixTime, limit: u32) -> Result<u64, StoreError> {
        BlockingSessionStore::sweep(&self.rows, now, limit)
    }
}

/// The world around a request: the store, and a provider that knows one user.
struct Around<'a> {
    store: &'a Store,
    user: &'static str,
    provider_fails: bool,
}

impl World for Around<'_> {
    fn fetch(&mut self, purpose: Kind, _fetch: &Fetch) -> Outcome {
        if self.provider_fails {
            return Err(FetchError::Unreachable);
        }
        fetched(json(&match purpose {
            Kind::Token => r#"{"access_token":"given-access-token"}"#.to_owned(),
            _ => format!(r#"{{"id":"{}","name":"A name"}}"#, self.user),
        }))
    }

    fn store(&mut self) -> Option<&dyn BlockingSessionStore> {
        Some(self.store)
    }
}

/// A session, as the model knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    user: &'static str,
    /// When it was ended.
    pub(crate) ended: Option<u64>,
}

/// The site and its browsers.
pub(crate) struct Devices {
    auth: Auth,
    store: Store,
    browsers: [CookieMap; USERS.len()],
    /// The session of each browser.
    current: [Option<usize>; USERS.len()],
    pub(crate) sessions: Vec<Known>,
    /// Every set of cookies that a browser ever had, with the session that it began with.
    pub(crate) kept: Vec<(CookieMap, usize)>,
    pub(crate) now: u64,
    pub(crate) provider_fails: bool,
    seed: u8,
}

impl Devices {
    /// A site that looks sessions up at each use, or once in an [`INTERVAL`].
    pub(crate) fn new(rechecks: bool) -> Self {
        let stored = policy(Expiration::Rolling).max_age(Duration::from_secs(30 * 24 * 3600));
        let stored = stored.max_duration(Duration::from_secs(60 * 24 * 3600));
        let interval = Duration::from_secs(INTERVAL);
        let stored: SessionPolicy = if rechecks { stored.recheck(interval) } else { stored.stored() };
        Self {
            auth: with_policy(SECRET, stored),
            store: Store::default(),
            browsers: Default::default(),
            current: [None; USERS.len()],
            sessions: Vec::new(),
            kept: Vec::new(),
            now: NOW,
            provider_fails: false,
            seed: 0,
        }
    }

    /// Carries a step out while the store fails as it is told to, keeps what the answer sets, and follows it in the model. `None`
    /// where the browser has no session that the step needs.
    pub(crate) fn take(&mut self, step: Step, failure: Option<Failure>) -> Option<Response<Bytes>> {
        let (Step::SignIn(browser)
        | Step::Read(browser)
        | Step::Rename(browser)
        | Step::List(browser)
        | Step::Profile(browser)
        | Step::SignOut(browser)
        | Step::EndOthers(browser)
        | Step::EndAll(browser)
        | Step::Disable(browser)) = step;
        let cookies = self.browsers[browser].clone();
        let (method, path, body) = match step {
            Step::SignIn(_) => {
                let begun = self.send(browser, &cookies, Method::GET, "/auth/signIn/dev", "", None);
                self.browsers[browser].keep(begun.headers());
                let url = url::Url::parse(&location(&begun)).unwrap();
                let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
                (Method::GET, format!("/auth/callback/dev?code={CODE}&state={state}"), "")
            }
            Step::Disable(_) => {
                let question = self.auth.end_sessions("dev", USERS[browser], self.time());
                *self.store.failure.lock().unwrap() = failure;
                let ended = BlockingSessionStore::end(&self.store, question);
                *self.store.failure.lock().unwrap() = None;
                self.follow(step, browser, ended.is_ok());
                let status = if ended.is_ok() { 200 } else { 503 };
                return Response::builder().status(status).body(Bytes::new()).ok();
            }
            Step::Read(_) => (Method::GET, "/auth/session".to_owned(), ""),
            Step::Rename(_) => (Method::PATCH, "/auth/session".to_owned(), r#"{"user":{"name":"Another"}}"#),
            Step::List(_) => (Method::GET, "/auth/sessions".to_owned(), ""),
            Step::Profile(_) => (Method::POST, "/auth/providers/dev/user/refresh".to_owned(), ""),
            Step::SignOut(_) => {
                (Method::POST, "/auth/signOut?token_type_hint=session_token&redirect=false".to_owned(), "")
            }
            Step::EndOthers(_) => (Method::DELETE, "/auth/sessions".to_owned(), ""),
            Step::EndAll(_) => (Method::DELETE, "/auth/sessions?current=true".to_owned(), ""),
        };
        if !matches!(step, Step::SignIn(_)) && !self.is_live(browser) {
            return None;
        }
        let cookies = self.browsers[browser].clone();
        let answer = self.send(browser, &cookies, method, &path, body, failure);
        self.browsers[browser].keep(answer.headers());
        let succeeded = !answer.status().is_server_error();
        self.follow(step, browser, succeeded);
        if let Some(session) = self.current[browser] {
            self.kept.push((self.browsers[browser].clone(), session));
        }
        Some(answer)
    }

    /// Follows a step that succeeded in the model.
    fn follow(&mut self, step: Step, browser: usize, succeeded: bool) {
        let (now, current) = (self.now, self.current[browser]);
        let user = USERS[browser];
        let ends = |session: usize, known: &Known| match step {
            Step::SignIn(_) | Step::SignOut(_) => Some(session) == current,
            Step::EndOthers(_) => known.user == user && Some(session) != current,
            Step::EndAll(_) | Step::Disable(_) => known.user == user,
            Step::Read(_) | Step::Rename(_) | Step::List(_) | Step::Profile(_) => false,
        };
        if !succeeded {
            return;
        }
        for (session, known) in self.sessions.iter_mut().enumerate() {
            if known.ended.is_none() && ends(session, known) {
                known.ended = Some(now);
            }
        }
        if matches!(step, Step::SignIn(_)) {
            self.current[browser] = Some(self.sessions.len());
            self.sessions.push(Known { user, ended: None });
        }
    }

    fn is_live(&self, browser: usize) -> bool {
        self.current[browser].is_some_and(|session| self.sessions[session].ended.is_none())
    }

    /// Asks who is signed in with cookies that a browser had, and changes nothing of it: the status, and the user.
    pub(crate) fn replay(&mut self, cookies: &CookieMap) -> (u16, Option<String>) {
        let answer = self.send(0, cookies, Method::GET, "/auth/session", "", None);
        let user = read_json(&answer)["user"]["sub"].as_str().map(str::to_owned);
        (answer.status().as_u16(), user)
    }

    /// Tells whether a guard that is certain lets such a request in.
    pub(crate) fn is_certain(&mut self, cookies: &CookieMap) -> bool {
        let request = cookies.attach(Request::get("/")).body(()).unwrap();
        let (now, entropy) = (self.time(), self.entropy());
        let mut reading = self.auth.begin_certain_visit(&request, now, entropy);
        loop {
            reading = match reading {
                Reading::Done(visited) => return visited.is_ok(),
                Reading::Store(question) => answer_blocking(Some(&self.store), question, || now),
                other => panic!("{other:?}"),
            };
        }
    }

    /// The user of a session.
    pub(crate) fn user(&self, session: usize) -> &'static str {
        self.sessions[session].user
    }

    fn send(
        &mut self,
        browser: usize,
        cookies: &CookieMap,
        method: Method,
        path: &str,
        body: &'static str,
        failure: Option<Failure>,
    ) -> Response<Bytes> {
        let changes = ![Method::GET, Method::HEAD].contains(&method);
        let mut cookies = cookies.clone();
        if changes && !cookies.contains_key(CSRF) {
            let issued = self.send(browser, &cookies, Method::GET, "/auth/csrfToken", "", None);
            cookies.keep(issued.headers());
        }
        let request = cookies.attach(Request::builder().method(method).uri(path));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let request = match cookies.get(CSRF).filter(|_| changes) {
            Some(token) => request.header("x-csrf-token", token),
            None => request,
        };
        let (now, entropy) = (self.time(), self.entropy());
        let action =
            self.auth.handle(request.body(Bytes::from_static(body.as_bytes())).unwrap(), now, entropy);
        *self.store.failure.lock().unwrap() = failure;
        let provider_fails = self.provider_fails;
        let mut world = Around { store: &self.store, user: USERS[browser], provider_fails };
        let answer = drive(action, now, &mut world);
        *self.store.failure.lock().unwrap() = None;
        answer
    }

    fn time(&self) -> UnixTime {
        UnixTime::from_secs(self.now)
    }

    fn entropy(&mut self) -> Entropy {
        self.seed = self.seed.wrapping_add(1);
        let mut bytes = [0; 32];
        bytes[0] = self.seed;
        bytes[1..9].copy_from_slice(&self.now.to_be_bytes());
        Entropy::from_os_bytes(bytes)
    }
}

/// Tells whether an answer clears the session's cookie or its copy.
pub(crate) fn clears_session(answer: &Response<Bytes>) -> bool {
    set_cookies(answer.headers()).iter().any(|(name, value)| name.starts_with(SESSION) && value.is_empty())
}
