//! A world of requests under way: each is kept as what it was given so far, and rebuilt from that.

use super::scene::Scene;
use super::store::{Kept, Store};
use aura_proto::store::{Begun, EndSessions, Listed, Loaded, Replaced, SessionKey, StoreFailed};
use aura_proto::{Action, Entropy, FetchError, StoreQuestion, UnixTime};
use aura_test_idp::State;
use bytes::Bytes;
use http::{Method, Request, Response};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// How far the clock of the second instance is behind, in seconds.
pub(super) const LAG: u64 = 5;

/// What a request asks for. The number is that of its browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// The session.
    Read(usize),
    /// Another name.
    Change(usize),
    /// The provider tokens, which are due.
    Tokens(usize),
    /// The revocation of the provider tokens, which ends them.
    Revoke(usize),
    /// The profile of the user, as the provider has it, by tokens that are due.
    Profile(usize),
    /// The end of the session.
    SignOut(usize),
    /// The end of the user's other sessions.
    EndOthers(usize),
    /// The end of the first browser's session, by the provider.
    Logout,
    /// The end of a sign-in by the third browser.
    SignIn,
    /// The end of every session of the user, by an administrator.
    Disable,
}

impl Kind {
    /// Returns the browser that sends the request, if one does.
    pub(super) fn browser(self) -> Option<usize> {
        match self {
            Self::Read(own)
            | Self::Change(own)
            | Self::Tokens(own)
            | Self::Revoke(own)
            | Self::Profile(own)
            | Self::SignOut(own)
            | Self::EndOthers(own) => Some(own),
            Self::SignIn => Some(2),
            Self::Logout | Self::Disable => None,
        }
    }

    /// Tells whether the request may end the session of a browser.
    pub(super) fn threatens(self, browser: usize) -> bool {
        match self {
            Self::Read(_)
            | Self::Change(_)
            | Self::Tokens(_)
            | Self::Revoke(_)
            | Self::Profile(_)
            | Self::SignIn => false,
            Self::SignOut(own) => own == browser,
            Self::EndOthers(own) => own != browser,
            Self::Logout => browser == 0,
            Self::Disable => true,
        }
    }
}

/// What a request was given at one of its steps.
#[derive(Clone, Debug)]
pub(super) enum Given {
    Loaded(Result<Loaded, StoreFailed>),
    Began(Result<Begun, StoreFailed>),
    Replaced(Result<Replaced, StoreFailed>),
    Ended(Result<u64, StoreFailed>),
    Listed(Result<Listed, StoreFailed>),
    Fetched(Result<Rc<Response<Bytes>>, FetchError>),
    Admitted,
    Went,
}

/// A request under way.
#[derive(Clone)]
pub(super) struct Flight {
    pub(super) kind: Kind,
    pub(super) number: usize,
    pub(super) begun: u64,
    pub(super) given: Vec<(Given, u64)>,
    /// Which sessions the store was asked to end, and did.
    pub(super) ends: BTreeSet<SessionKey>,
    /// The sessions whose end had been answered when it began.
    pub(super) ended_before: BTreeSet<SessionKey>,
    /// Whether a question or an exchange failed.
    pub(super) has_failed: bool,
    /// The copy of the session that the browser had when it began.
    pub(super) copy: Option<String>,
    /// After how many steps of all requests it began to wait for another one.
    pub(super) waits_since: Option<usize>,
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} after {} steps", self.kind, self.given.len())
    }
}

/// Everything that requests share, and the requests under way.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) now: u64,
    pub(super) store: Store,
    pub(super) provider: State,
    pub(super) flights: Vec<Flight>,
    pub(super) begun: usize,
    /// The refresh tokens that were spent.
    pub(super) spent: BTreeSet<String>,
    pub(super) granted: u32,
    /// The tokens that were revoked.
    pub(super) revoked: BTreeSet<String>,
    /// The browsers whose tokens a request is to revoke, and those to which one answered that it has.
    pub(super) revoking: BTreeSet<usize>,
    pub(super) is_revoked: [bool; 2],
    /// The latest access token that each of the first two browsers was granted.
    pub(super) latest: [Option<u32>; 2],
    /// The names that requests gave each of the first two sessions.
    pub(super) names: [BTreeSet<String>; 2],
    /// Whether one of them was answered with 200.
    pub(super) is_changed: [bool; 2],
    /// How many requests are still to begin.
    pub(super) left: usize,
    /// The sessions whose end was answered.
    pub(super) ended: BTreeSet<SessionKey>,
    /// The browsers whose session the store was asked to end, and may have.
    pub(super) threatened: BTreeSet<usize>,
    /// The cookies of the third browser, once it is signed in.
    pub(super) third: Option<String>,
    pub(super) third_key: Option<SessionKey>,
    /// When the end of a session was answered first.
    pub(super) ended_at: BTreeMap<SessionKey, u64>,
    /// The copy of its session that each browser has.
    pub(super) copies: [Option<String>; 3],
    /// How many steps all requests took.
    pub(super) steps: usize,
    pub(super) failures: u8,
    pub(super) jumps: u8,
}

impl World {
    /// Notes that sessions have ended, and that this was answered.
    pub(super) fn end(&mut self, keys: impl IntoIterator<Item = SessionKey>) {
        for key in keys {
            self.ended.insert(key);
            self.ended_at.entry(key).or_insert(self.now);
        }
    }

    /// Returns the address of a browser's session, if it has one.
    pub(super) fn key(&self, scene: &Scene, browser: usize) -> Option<SessionKey> {
        scene.keys.get(browser).copied().or(self.third_key)
    }
}

/// Two worlds are the same if the same may happen in them. How rows are sealed tells nothing, but who wrote them when.
impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.now, self.begun, self.granted, self.latest, self.failures, self.jumps).hash(state);
        (&self.spent, self.is_changed, &self.threatened, self.third.is_some()).hash(state);
        (&self.ended_at, &self.copies).hash(state);
        (&self.revoked, &self.revoking, self.is_revoked).hash(state);
        for (key, Kept { row, by }) in &self.store.rows {
            (key, row.version, row.generation, by).hash(state);
        }
        (&self.store.generations, self.store.unsettled).hash(state);
        for flight in &self.flights {
            (flight.kind, flight.number, flight.begun, flight.has_failed, &flight.copy).hash(state);
            // It may go on, or waits for another step.
            (flight.waits_since == Some(self.steps), &flight.ends, &flight.ended_before).hash(state);
            for (given, at) in &flight.given {
                (format!("{given:?}"), at).hash(state);
            }
        }
    }
}

impl Flight {
    pub(super) fn new(kind: Kind, number: usize, world: &World) -> Self {
        Self {
            kind,
            number,
            begun: world.now,
            given: Vec::new(),
            ends: BTreeSet::new(),
            ended_before: world.ended.clone(),
            has_failed: false,
            copy: kind.browser().and_then(|browser| world.copies[browser].clone()),
            waits_since: None,
        }
    }

    /// The clock of the instance that has the request: every second one is behind.
    fn clock(&self, now: u64) -> UnixTime {
        UnixTime::from_secs(now - LAG * (self.number as u64 % 2))
    }

    /// Rebuilds the request as far as it is.
    pub(super) fn action(&self, scene: &Scene, world: &World) -> Action {
        let entropy = Entropy::from_os_bytes([u8::try_from(self.number).expect("few requests"); 32]);
        let request = request(scene, world, self.kind, self.number, self.copy.as_deref());
        let first = scene.auth.handle(request, self.clock(self.begun), entropy);
        self.given.iter().fold(first, |action, (given, at)| resume(action, given.clone(), self.clock(*at)))
    }
}

fn resume(action: Action, given: Given, now: UnixTime) -> Action {
    match (action, given) {
        (Action::AskStore(StoreQuestion::Load(ask)), Given::Loaded(answer)) => ask.resume(answer, now),
        (Action::AskStore(StoreQuestion::Begin(ask)), Given::Began(answer)) => ask.resume(answer, now),
        (Action::AskStore(StoreQuestion::Replace(ask)), Given::Replaced(answer)) => ask.resume(answer, now),
        (Action::AskStore(StoreQuestion::End(ask)), Given::Ended(answer)) => ask.resume(answer, now),
        (Action::AskStore(StoreQuestion::List(ask)), Given::Listed(answer)) => ask.resume(answer, now),
        (Action::Pause(_, rest) | Action::RunToEnd(rest), Given::Went) => rest.resume(now),
        (Action::AdmitUser(question), Given::Admitted) => {
            let admission = question.candidate.clone().admit();
            question.pending.resume(admission, now)
        }
        (action, Given::Fetched(answer)) => {
            let (_, fetch) = action.into_fetch().unwrap_or_else(|other| panic!("{other:?}"));
            fetch.pending.resume(answer.map(|answer| (*answer).clone()), now)
        }
        (action, _) => panic!("a flow is not the same when it is rebuilt: {action:?}"),
    }
}

/// The name that a request gives.
pub(super) fn name(number: usize) -> String {
    format!("name-{number}")
}

pub(super) fn request(
    scene: &Scene,
    world: &World,
    kind: Kind,
    number: usize,
    copy: Option<&str>,
) -> Request<Bytes> {
    let with_copy = |cookies: &str| match copy {
        Some(copy) => format!("{cookies}; {copy}"),
        None => cookies.to_owned(),
    };
    let get = |path: &str, cookies: &str| {
        Request::get(path).header("cookie", with_copy(cookies)).body(Bytes::new()).expect("a request")
    };
    let unsafe_one = |method: Method, path: &str, browser: usize, body: String| {
        let own = &scene.browsers[browser];
        let request = Request::builder().method(method).uri(path).header("cookie", with_copy(&own.cookies));
        request.header("x-csrf-token", &own.csrf).body(body.into()).expect("a request")
    };
    match kind {
        Kind::Read(2) => get("/auth/session", world.third.as_deref().expect("it is signed in")),
        Kind::Read(browser) => get("/auth/session", &scene.browsers[browser].cookies),
        Kind::Tokens(browser) => get("/auth/providers/dev/tokens", &scene.browsers[browser].cookies),
        Kind::Change(browser) => {
            let body = format!(r#"{{"user":{{"name":"{}"}}}}"#, name(number));
            unsafe_one(Method::PATCH, "/auth/session", browser, body)
        }
        Kind::Revoke(browser) => {
            unsafe_one(Method::POST, "/auth/providers/dev/tokens/revoke", browser, String::new())
        }
        Kind::Profile(browser) => {
            unsafe_one(Method::POST, "/auth/providers/dev/user/refresh", browser, String::new())
        }
        Kind::SignOut(browser) => {
            let path = "/auth/signOut?token_type_hint=session_token&redirect=false";
            unsafe_one(Method::POST, path, browser, String::new())
        }
        Kind::EndOthers(browser) => unsafe_one(Method::DELETE, "/auth/sessions", browser, String::new()),
        Kind::Logout => Request::post("/auth/backchannelLogout/dev")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("logout_token={}", scene.logout).into())
            .expect("a request"),
        Kind::SignIn => get(&scene.callback.1, &scene.callback.0),
        Kind::Disable => panic!("an administrator sends no request"),
    }
}

/// The name that the provider gives.
pub(super) const AT_PROVIDER: &str = "name at the provider";

/// The question of an administrator.
pub(super) fn disable(scene: &Scene, now: u64) -> EndSessions {
    scene.auth.end_sessions("dev", "ada", UnixTime::from_secs(now))
}
