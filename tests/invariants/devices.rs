//! The site of stored sessions: three browsers of two users, and a model of who is signed in.
#![expect(clippy::wildcard_enum_match_arm, reason = "every other reading fails the test")]

use crate::failing::{Around, Failure, Report, Store, Unwell};
use crate::play::Kind;
use crate::site::{CODE, CSRF, NOW, SESSION, policy, with_policy};
use aura_host::store::{BlockingSessionStore, answer_blocking};
use aura_proto::{Auth, Entropy, Expiration, Reading, SessionPolicy, UnixTime};
use aura_tests::{CookieMap, SECRET, drive, location, parameter, read_json, set_cookies};
use bytes::Bytes;
use http::{Method, Request, Response, header};
use proptest::prelude::*;
use std::time::Duration;
use url::Url;

/// How long a session is not looked up again, where the policy has such a time.
pub(crate) const INTERVAL: u64 = 60;
/// How many sets of cookies are kept at most, of those that replays bring.
const MOST: usize = 60;
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
    /// The page asks for the provider's tokens, which are refreshed where that is due.
    Tokens(usize),
    SignOut(usize),
    EndOthers(usize),
    EndAll(usize),
    /// The administrator ends all sessions of the browser's user.
    Disable(usize),
}

impl Step {
    fn browser(self) -> usize {
        let (Self::SignIn(browser)
        | Self::Read(browser)
        | Self::Rename(browser)
        | Self::List(browser)
        | Self::Profile(browser)
        | Self::Tokens(browser)
        | Self::SignOut(browser)
        | Self::EndOthers(browser)
        | Self::EndAll(browser)
        | Self::Disable(browser)) = self;
        browser
    }

    /// The method, the path and the body of a request that needs a session.
    fn request(self) -> Option<(Method, &'static str, &'static str)> {
        Some(match self {
            Self::SignIn(_) | Self::Disable(_) => return None,
            Self::Read(_) => (Method::GET, "/auth/session", ""),
            Self::Rename(_) => (Method::PATCH, "/auth/session", r#"{"user":{"name":"Another"}}"#),
            Self::List(_) => (Method::GET, "/auth/sessions", ""),
            Self::Profile(_) => (Method::POST, "/auth/providers/dev/user/refresh", ""),
            Self::Tokens(_) => (Method::GET, "/auth/providers/dev/tokens", ""),
            Self::SignOut(_) => {
                (Method::POST, "/auth/signOut?token_type_hint=session_token&redirect=false", "")
            }
            Self::EndOthers(_) => (Method::DELETE, "/auth/sessions", ""),
            Self::EndAll(_) => (Method::DELETE, "/auth/sessions?current=true", ""),
        })
    }
}

pub(crate) fn step() -> BoxedStrategy<Step> {
    let browser = 0..USERS.len();
    prop_oneof![
        4 => browser.clone().prop_map(Step::SignIn),
        3 => browser.clone().prop_map(Step::Read),
        1 => browser.clone().prop_map(Step::Rename),
        1 => browser.clone().prop_map(Step::List),
        1 => browser.clone().prop_map(Step::Profile),
        2 => browser.clone().prop_map(Step::Tokens),
        2 => browser.clone().prop_map(Step::SignOut),
        2 => browser.clone().prop_map(Step::EndOthers),
        1 => browser.clone().prop_map(Step::EndAll),
        1 => browser.prop_map(Step::Disable),
    ]
    .boxed()
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
    /// The kind of exchange in which the provider fails, and how.
    pub(crate) unwell: Option<(Kind, Unwell)>,
    /// What happened in the last step.
    pub(crate) report: Report,
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
            unwell: None,
            report: Report::default(),
            seed: 0,
        }
    }

    /// Carries a step out while the store fails as it is told to, keeps what the answer sets, and follows it in the model. `None`
    /// where the browser has no session that the step needs.
    pub(crate) fn take(&mut self, step: Step, failure: Option<Failure>) -> Option<Response<Bytes>> {
        let browser = step.browser();
        if let Step::Disable(_) = step {
            return Some(self.disable(step, failure));
        }
        let answer = match step.request() {
            Some(_) if !self.is_live(browser) => return None,
            Some((method, path, body)) => {
                let cookies = self.browsers[browser].clone();
                self.send(USERS[browser], &cookies, method, path, body, failure)
            }
            None => self.sign_in(browser, failure),
        };
        self.browsers[browser].keep(answer.headers());
        if !answer.status().is_server_error() {
            self.follow(step);
        }
        if let Some(session) = self.current[browser] {
            self.kept.push((self.browsers[browser].clone(), session));
        }
        Some(answer)
    }

    /// Begins a sign-in, and returns the answer to its callback.
    fn sign_in(&mut self, browser: usize, failure: Option<Failure>) -> Response<Bytes> {
        let (user, cookies) = (USERS[browser], self.browsers[browser].clone());
        let begun = self.send(user, &cookies, Method::GET, "/auth/signIn/dev", "", None);
        self.browsers[browser].keep(begun.headers());
        let state = parameter(&Url::parse(&location(&begun)).unwrap(), "state").unwrap();
        let callback = format!("/auth/callback/dev?code={CODE}&state={state}");
        let cookies = self.browsers[browser].clone();
        self.send(user, &cookies, Method::GET, &callback, "", failure)
    }

    fn disable(&mut self, step: Step, failure: Option<Failure>) -> Response<Bytes> {
        let question = self.auth.end_sessions("dev", USERS[step.browser()], self.time());
        self.store.begin_request(failure);
        let ended = BlockingSessionStore::end(&self.store, question);
        self.report = self.store.end_request();
        if ended.is_ok() {
            self.follow(step);
        }
        let status = if ended.is_ok() { 200 } else { 503 };
        Response::builder().status(status).body(Bytes::new()).unwrap()
    }

    /// Tells whether a step is to end a session.
    pub(crate) fn ends(&self, step: Step, session: usize) -> bool {
        let browser = step.browser();
        let is_current = self.current[browser] == Some(session);
        let is_of_user = self.sessions[session].user == USERS[browser];
        match step {
            Step::SignIn(_) | Step::SignOut(_) => is_current,
            Step::EndOthers(_) => is_of_user && !is_current,
            Step::EndAll(_) | Step::Disable(_) => is_of_user,
            Step::Read(_) | Step::Rename(_) | Step::List(_) | Step::Profile(_) | Step::Tokens(_) => false,
        }
    }

    /// Follows a step that succeeded in the model.
    fn follow(&mut self, step: Step) {
        for session in 0..self.sessions.len() {
            if self.sessions[session].ended.is_none() && self.ends(step, session) {
                self.sessions[session].ended = Some(self.now);
            }
        }
        if let Step::SignIn(browser) = step {
            self.current[browser] = Some(self.sessions.len());
            self.sessions.push(Known { user: USERS[browser], ended: None });
        }
    }

    fn is_live(&self, browser: usize) -> bool {
        self.current[browser].is_some_and(|session| self.sessions[session].ended.is_none())
    }

    /// Sends a step's request with cookies that a browser had, and keeps what the answer makes of them as another copy: the status,
    /// and the user. `None` where the step needs no session.
    pub(crate) fn replay(&mut self, step: Step, at: usize) -> Option<(u16, Option<String>)> {
        let (method, path, body) = step.request()?;
        let (cookies, session) = self.kept[at].clone();
        let answer = self.send(self.sessions[session].user, &cookies, method, path, body, None);
        let mut copy = cookies.clone();
        copy.keep(answer.headers());
        if copy != cookies && copy.contains_key(SESSION) && self.kept.len() < MOST {
            self.kept.push((copy, session));
        }
        let user = read_json(&answer)["user"]["sub"].as_str().map(str::to_owned);
        Some((answer.status().as_u16(), user))
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
        user: &'static str,
        cookies: &CookieMap,
        method: Method,
        path: &str,
        body: &'static str,
        failure: Option<Failure>,
    ) -> Response<Bytes> {
        let changes = ![Method::GET, Method::HEAD].contains(&method);
        let mut cookies = cookies.clone();
        if changes && !cookies.contains_key(CSRF) {
            let issued = self.send(user, &cookies, Method::GET, "/auth/csrfToken", "", None);
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
        self.store.begin_request(failure);
        let mut world = Around { store: &self.store, user, unwell: self.unwell };
        let answer = drive(action, now, &mut world);
        self.report = self.store.end_request();
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
