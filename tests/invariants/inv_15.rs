//! Invariant 15: where tokens are stored, one refresh token is spent once, and what it brought is not lost.
//!
//! Any requests of one session may be under way at two instances that share a store, and take their steps in any order. The provider
//! may fail, and a request may be dropped where it may be: before its refresh token is spent.
#![expect(clippy::wildcard_enum_match_arm, reason = "every other action fails the test")]

use crate::site::{CODE, NOW, policy, with_policy};
use aura_host::store::{MemoryStore, answer_blocking};
use aura_proto::{Action, Auth, Entropy, Expiration, FetchError, UnixTime};
use aura_tests::{CookieMap, SECRET, json_answer, location, parameter, read_json};
use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// How long an access token lives, in seconds.
const LIFE: u64 = 60;

/// How long a lease lasts, in seconds: a request that was dropped may keep others from a refresh as long.
const LEASE: u64 = 30;

/// What happens next.
#[derive(Clone, Debug)]
enum Event {
    /// A request begins, for the tokens or for the profile, at one of the instances.
    Begin { asked: Asked, instance: Index },
    /// A request that is under way takes its next step. If that is an exchange, the provider may fail.
    Step { of: Index, fails: bool },
    /// A request is dropped.
    Drop(Index),
    /// Time passes. Nothing is under way any more then.
    Later(u64),
}

fn events() -> BoxedStrategy<Vec<Event>> {
    let asked = prop_oneof![7 => Just(Asked::Tokens), 3 => Just(Asked::Profile)];
    let event = prop_oneof![
        4 => (asked, any::<Index>()).prop_map(|(asked, instance)| Event::Begin { asked, instance }),
        24 => (any::<Index>(), prop::bool::weighted(0.2)).prop_map(|(of, fails)| Event::Step { of, fails }),
        1 => any::<Index>().prop_map(Event::Drop),
        1 => (LIFE / 2..2 * LIFE).prop_map(Event::Later),
    ];
    prop::collection::vec(event, 1..120).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_refresh_token_is_spent_twice_and_no_tokens_are_lost(events in events()) {
        carry_out(events)?;
    }
}

/// Requests that never wait for each other would hold anything.
#[test]
fn requests_refresh_wait_and_fail() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeMap::<&str, usize>::new();
    for _ in 0..200 {
        let events = events().new_tree(&mut runner).unwrap().current();
        for what in carry_out(events).unwrap() {
            *reached.entry(what).or_default() += 1;
        }
    }
    for what in ["tokens", "profile", "spent", "paused", "dropped", "failed", "busy"] {
        assert!(reached.get(what).is_some_and(|count| *count >= 20), "{what}: {reached:?}");
    }
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Tokens,
    Profile,
}

/// A request that is under way.
struct UnderWay {
    action: Action,
    seen: Seen,
    /// How long it has paused.
    paused: Duration,
    /// Whether its refresh token is spent and what that brought is not yet in the store, as far as is known.
    has_spent: bool,
}

/// What the answer to a request depends on.
#[derive(Clone, Copy)]
struct Seen {
    asked: Asked,
    /// Whether an exchange of its own failed.
    has_failed: bool,
    /// Whether another request was under way, or had been dropped a short while before, when it last asked the store.
    had_others: bool,
}

struct Race {
    instances: [Auth; 2],
    store: MemoryStore,
    cookies: CookieMap,
    now: u64,
    seed: u64,
    /// The refresh token that the provider takes next.
    next: u32,
    under_way: Vec<UnderWay>,
    /// When a request was last dropped.
    dropped: Option<UnixTime>,
    reached: Vec<&'static str>,
}

fn granted(number: u32) -> Response<Bytes> {
    let tokens =
        format!(r#"{{"access_token":"at-{number}","refresh_token":"rt-{number}","expires_in":{LIFE}}}"#);
    json_answer(200, tokens)
}

fn carry_out(events: Vec<Event>) -> Result<Vec<&'static str>, TestCaseError> {
    let mut race = Race::begin();
    for event in events {
        match event {
            Event::Begin { asked, instance } if race.under_way.len() < 6 => {
                race.request(asked, instance.index(2));
            }
            Event::Begin { .. } => {}
            Event::Step { .. } | Event::Drop(_) if race.under_way.is_empty() => {}
            Event::Step { of, fails } => {
                race.step(of.index(race.under_way.len()), fails)?;
            }
            Event::Drop(of) => {
                let of = of.index(race.under_way.len());
                if !race.under_way[of].has_spent {
                    let dropped = race.under_way.swap_remove(of);
                    race.dropped = race.dropped.max(Some(race.time().saturating_add(dropped.paused)));
                    race.reached.push("dropped");
                }
            }
            Event::Later(seconds) => {
                race.finish()?;
                race.now += seconds;
            }
        }
    }
    race.finish()?;
    // A lease of a request that was dropped has lapsed by then, and the tokens are due.
    race.now += 2 * LIFE;
    let spent = race.next;
    race.request(Asked::Tokens, 0);
    prop_assert_eq!(race.finish()?, Some(spent + 1), "the latest tokens");
    prop_assert_eq!(race.next, spent + 1, "how many refresh tokens were spent");
    Ok(race.reached)
}

impl Race {
    /// Signs in.
    fn begin() -> Self {
        let site =
            || with_policy(SECRET, policy(Expiration::Fixed).max_age(Duration::from_secs(14_400)).stored());
        let mut race = Self {
            instances: [site(), site()],
            store: MemoryStore::default(),
            cookies: CookieMap::default(),
            now: NOW,
            seed: 0,
            next: 1,
            under_way: Vec::new(),
            dropped: None,
            reached: Vec::new(),
        };
        let Action::Redirect(begun) = race.send("/auth/signIn/dev", 0) else { panic!("no sign-in") };
        let begun = begun.into_response();
        race.cookies.keep(begun.headers());
        let state = parameter(&Url::parse(&location(&begun)).unwrap(), "state").unwrap();
        let mut action = race.send(&format!("/auth/callback/dev?code={CODE}&state={state}"), 0);
        let now = UnixTime::from_secs(race.now);
        let finished = loop {
            action = match action {
                Action::FetchToken(fetch) => fetch.pending.resume(Ok(granted(1)), now),
                Action::FetchUserInfo(fetch) => {
                    fetch.pending.resume(Ok(json_answer(200, r#"{"id":"ada"}"#)), now)
                }
                Action::AdmitUser(question) => question.pending.resume(question.candidate.admit(), now),
                Action::AskStore(question) => answer_blocking(Some(&race.store), question, || now),
                Action::Redirect(redirect) => break redirect.into_response(),
                other => panic!("{other:?}"),
            };
        };
        race.cookies.keep(finished.headers());
        race
    }

    fn send(&mut self, path: &str, instance: usize) -> Action {
        self.seed += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        let request = if path.ends_with("/refresh") { Request::post(path) } else { Request::get(path) };
        let request = self.cookies.attach(request).header("sec-fetch-site", "same-origin");
        let token = self.cookies.get(crate::site::CSRF).cloned().unwrap_or_default();
        let request = request.header("x-csrf-token", token).body(Bytes::new()).unwrap();
        self.instances[instance].handle(request, UnixTime::from_secs(self.now), Entropy::from_os_bytes(seed))
    }

    fn request(&mut self, asked: Asked, instance: usize) {
        let path = match asked {
            Asked::Tokens => "/auth/providers/dev/tokens",
            Asked::Profile => "/auth/providers/dev/user/refresh",
        };
        let action = self.send(path, instance);
        let seen = Seen { asked, has_failed: false, had_others: false };
        self.under_way.push(UnderWay { action, seen, paused: Duration::ZERO, has_spent: false });
    }

    fn time(&self) -> UnixTime {
        UnixTime::from_secs(self.now)
    }

    /// Lets all requests come to their ends, in turn, and returns the number of the tokens that the last one answers with.
    fn finish(&mut self) -> Result<Option<u32>, TestCaseError> {
        let (mut turn, mut last) = (0, None);
        while !self.under_way.is_empty() {
            turn = (turn + 1) % self.under_way.len();
            last = self.step(turn, false)?;
        }
        Ok(last)
    }

    /// Lets a request take its next step, and returns the number of the tokens that it answers with.
    fn step(&mut self, of: usize, fails: bool) -> Result<Option<u32>, TestCaseError> {
        let mut request = self.under_way.swap_remove(of);
        // Requests pause beside each other.
        let at = self.time().saturating_add(request.paused);
        request.action = match request.action {
            Action::AskStore(question) => {
                let is_leased = |dropped: UnixTime| at < dropped.saturating_add(Duration::from_secs(LEASE));
                request.seen.had_others = !self.under_way.is_empty() || self.dropped.is_some_and(is_leased);
                answer_blocking(Some(&self.store), question, || at)
            }
            Action::RunToEnd(rest) => rest.resume(at),
            Action::Pause(length, rest) => {
                self.reached.push("paused");
                request.paused += length;
                rest.resume(at.saturating_add(length))
            }
            Action::FetchToken(fetch) if fails => {
                self.reached.push("failed");
                request.seen.has_failed = true;
                fetch.pending.resume(Err(FetchError::Unreachable), at)
            }
            Action::FetchToken(fetch) => {
                let form = String::from_utf8_lossy(fetch.request.body()).into_owned();
                let expected = format!("refresh_token=rt-{}&", self.next);
                prop_assert!(format!("{form}&").contains(&expected), "not the latest refresh token: {form}");
                (self.next, request.has_spent) = (self.next + 1, true);
                self.reached.push("spent");
                fetch.pending.resume(Ok(granted(self.next)), at)
            }
            Action::FetchUserInfo(fetch) => {
                let outcome = Ok(json_answer(200, r#"{"id":"ada"}"#));
                request.seen.has_failed |= fails;
                fetch.pending.resume(if fails { Err(FetchError::Unreachable) } else { outcome }, at)
            }
            Action::AdmitUser(question) => question.pending.resume(question.candidate.admit(), at),
            Action::Respond(respond) => return self.answered(request.seen, &respond.into_response()),
            other => panic!("{other:?}"),
        };
        self.under_way.push(request);
        Ok(None)
    }

    /// An access token of an answer is one that the provider has granted; a failure is the provider's, or there is no time to wait.
    fn answered(&mut self, seen: Seen, answer: &Response<Bytes>) -> Result<Option<u32>, TestCaseError> {
        let (json, Seen { asked, has_failed, had_others }) = (read_json(answer), seen);
        match (answer.status().as_u16(), json["tokens"]["accessToken"].as_str(), asked) {
            (200, Some(token), Asked::Tokens) => {
                self.reached.push("tokens");
                let number: u32 = token.strip_prefix("at-").unwrap().parse().unwrap();
                prop_assert!(number + 1 >= self.next, "{token} is older than the tokens before");
                return Ok(Some(number));
            }
            (200, None, Asked::Profile) => {
                prop_assert_eq!(&json["session"]["user"]["sub"], "ada", "{}", json);
                self.reached.push("profile");
            }
            (502, _, _) => prop_assert!(has_failed, "no exchange failed: {json}"),
            (503, _, _) => {
                prop_assert_eq!(&json["reason"], "tokens_busy", "{}", json);
                prop_assert!(had_others, "no other request had the lease: {json}");
                self.reached.push("busy");
            }
            (other, _, _) => prop_assert!(false, "{asked:?}: {other}: {json}"),
        }
        Ok(None)
    }
}
