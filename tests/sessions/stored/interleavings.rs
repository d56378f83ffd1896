//! Refreshes of stored tokens in any order of their steps, and in their longest form.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other action fails the test")]
#![expect(clippy::arithmetic_side_effects, reason = "the numbers of a test are small")]

use super::refresh::{answered, begin, granted, now, paused, signed_in, store, token};
use super::{HOUR, policy, reason, rows};
use aura_host::store::answer_blocking;
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Action, Fetch, FetchError};
use aura_test_idp::{Behaviour, DpopNonce};
use aura_tests::{Answer, OpenId, Pair, json_answer};
use bytes::Bytes;
use http::Response;

/// How long the access tokens of a race live, in seconds.
const LIFE: u64 = 60;

/// Numbers of a seed (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }
}

/// A site with a provider that takes each refresh token once, and the requests under way.
struct Race {
    pair: Pair,
    numbers: Numbers,
    /// The refresh token that the provider takes next.
    next: u32,
    under_way: Vec<UnderWay>,
    answers: Vec<Answer>,
}

struct UnderWay {
    action: Action,
    /// Whether new tokens are on their way into the row.
    has_spent: bool,
}

impl Race {
    fn new(seed: u64) -> Self {
        let numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        Self { pair: signed_in(LIFE), numbers, next: 1, under_way: Vec::new(), answers: Vec::new() }
    }

    /// Lets one request that is chosen by chance take one step.
    fn step(&mut self) {
        let chosen = self.numbers.below(self.under_way.len());
        let UnderWay { action, mut has_spent } = self.under_way.swap_remove(chosen);
        let at = now(&self.pair);
        let action = match action {
            Action::AskStore(question) => answer_blocking(store(&self.pair), question, || at),
            Action::RunToEnd(rest) | Action::Pause(_, rest) => rest.resume(at),
            Action::FetchToken(fetch) => {
                let fails = self.numbers.below(4) == 0;
                has_spent = !fails;
                let outcome = if fails { Err(FetchError::Unreachable) } else { Ok(self.spend(&fetch)) };
                fetch.pending.resume(outcome, at)
            }
            other => {
                self.answers.push(answered(other).0);
                return;
            }
        };
        self.under_way.push(UnderWay { action, has_spent });
    }

    fn spend(&mut self, fetch: &Fetch) -> Response<Bytes> {
        let form = String::from_utf8_lossy(fetch.request.body()).into_owned();
        let expected = format!("refresh_token=rt-{}&", self.next);
        assert!(format!("{form}&").contains(&expected), "a refresh token is spent twice: {form}");
        self.next += 1;
        json_answer(200, granted(self.next, LIFE))
    }

    /// Drops a request, as a process that is killed does. One whose refresh token is spent would lose the grant.
    fn kill(&mut self) {
        let chosen = self.numbers.below(self.under_way.len());
        if !self.under_way[chosen].has_spent {
            drop(self.under_way.swap_remove(chosen));
        }
    }

    /// Runs a few requests at once to their ends.
    fn round(&mut self) {
        for _ in 0..2 + self.numbers.below(6) {
            let action = begin(&mut self.pair);
            self.under_way.push(UnderWay { action, has_spent: false });
        }
        while !self.under_way.is_empty() {
            self.step();
            if !self.under_way.is_empty() && self.numbers.below(40) == 0 {
                self.kill();
            }
        }
    }
}

#[test]
fn rf_02_in_any_order_of_steps_no_refresh_token_is_spent_twice_and_no_tokens_are_lost() {
    for seed in 1..=300 {
        let mut race = Race::new(seed);
        for _ in 0..4 {
            let has_ended = race.numbers.below(2) == 0;
            // A lease of the round before has lapsed by then.
            race.pair.browser.advance(if has_ended { LIFE } else { LIFE / 2 });
            let before = race.next;
            race.round();
            let served: Vec<_> = (before..=race.next).map(|number| format!("at-{number}")).collect();
            for answer in race.answers.drain(..) {
                match answer.status.as_u16() {
                    200 => assert!(served.iter().any(|served| served == token(&answer)), "{}", answer.json),
                    // The provider failed, or a request that was killed left its lease behind.
                    502 => assert_eq!(reason(&answer), "token_unreachable"),
                    503 => assert_eq!(reason(&answer), "tokens_busy"),
                    other => panic!("{seed}: {other} {}", answer.json),
                }
            }
        }
        // What the last refresh brought is there.
        race.pair.browser.advance(LIFE);
        let before = race.next;
        let action = begin(&mut race.pair);
        race.under_way.push(UnderWay { action, has_spent: false });
        while race.next == before && !race.under_way.is_empty() {
            race.step();
            if race.under_way.is_empty() {
                let action = begin(&mut race.pair);
                race.under_way.push(UnderWay { action, has_spent: false });
            }
        }
        while !race.under_way.is_empty() {
            race.step();
        }
        let last = race.answers.last().unwrap();
        assert_eq!(token(last), format!("at-{}", race.next), "{seed}");
    }
}

#[test]
fn in_any_order_of_steps_a_sign_out_stays_and_leaves_no_row() {
    for seed in 1..=100 {
        let mut race = Race::new(seed);
        race.pair.browser.advance(LIFE);
        let (cookies, csrf) = (race.pair.cookie_header(), race.pair.csrf_token());
        for _ in 0..5 {
            let action = begin(&mut race.pair);
            race.under_way.push(UnderWay { action, has_spent: false });
        }
        for _ in 0..race.numbers.below(30) {
            if !race.under_way.is_empty() {
                race.step();
            }
        }
        let before = race.answers.len();
        assert_eq!(race.pair.sign_out(&csrf).status, 202);
        while !race.under_way.is_empty() {
            race.step();
            assert_eq!(rows::rows(&race.pair), [], "{seed}");
        }
        for answer in &race.answers[before..] {
            // One that had read the row before goes on without a store, or is told that the session has ended.
            assert!([200, 401, 502].contains(&answer.status.as_u16()), "{seed}: {}", answer.json);
        }
        assert_eq!(super::session_of(&mut race.pair, &cookies).status, 401, "{seed}");
    }
}

#[test]
fn the_longest_refresh_that_there_is_ends_within_its_lease() {
    let readable = |provider: Provider| {
        provider.dpop().tokens(TokenRetention::Readable).scope("openid profile email offline_access")
    };
    let configure = |builder: aura_proto::Builder| builder.session(policy().max_age(HOUR * 4));
    let behaviour = Behaviour::default().dpop_nonce(DpopNonce::Required);
    let mut pair = OpenId::new()
        .behaviour(behaviour)
        .public()
        .client(aura_test_idp::Client::public)
        .provider(readable)
        .configure(configure)
        .pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    pair.browser.advance(3590);
    let mut exchanges = Vec::new();
    let mut action = begin(&mut pair);
    let (answer, events) = loop {
        action = match action {
            Action::AskStore(question) => answer_blocking(store(&pair), question, || now(&pair)),
            Action::RunToEnd(rest) => rest.resume(now(&pair)),
            Action::FetchDiscovery(fetch) => provided(&mut pair, *fetch, None),
            Action::FetchToken(fetch) => {
                // The provider wants its nonce first.
                exchanges.push("token");
                pair.browser.advance(fetch.timeout.as_secs());
                provided(&mut pair, *fetch, None)
            }
            Action::FetchJwks(fetch) => {
                let first = !exchanges.contains(&"keys");
                exchanges.push("keys");
                pair.browser.advance(fetch.timeout.as_secs());
                if !first {
                    // The access token has ended, and the lease has not: another request waits.
                    let other = begin(&mut pair);
                    drop(paused(up_to_pause(&mut pair, other)));
                }
                provided(&mut pair, *fetch, first.then(|| json_answer(200, r#"{"keys":[]}"#)))
            }
            other => break answered(other),
        };
    };
    assert_eq!(answer.status, 200, "{} {events:?}", answer.json);
    assert_eq!(exchanges, ["token", "token", "keys", "keys"]);
}

fn up_to_pause(pair: &mut Pair, mut action: Action) -> Action {
    loop {
        action = match action {
            Action::AskStore(question) => answer_blocking(store(pair), question, || now(pair)),
            Action::RunToEnd(rest) => rest.resume(now(pair)),
            Action::FetchDiscovery(fetch) => provided(pair, *fetch, None),
            other => return other,
        };
    }
}

/// Resumes with an answer, or else with the provider's.
fn provided(pair: &mut Pair, fetch: Fetch, answer: Option<Response<Bytes>>) -> Action {
    let (at, entropy) = (pair.browser.now, pair.app.entropy());
    let provider = pair.app.provider("dev");
    let answer = answer
        .unwrap_or_else(|| provider.idp.handle(&mut provider.state, fetch.request.clone(), at, entropy));
    fetch.pending.resume(Ok(answer), now(pair))
}

#[test]
fn a_race_finds_a_refresh_token_that_is_spent_twice() {
    let mut race = Race::new(1);
    race.pair.browser.advance(LIFE);
    let action = begin(&mut race.pair);
    let Action::FetchToken(fetch) = up_to_pause(&mut race.pair, action) else { panic!("it is due") };
    race.spend(&fetch);
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| race.spend(&fetch)));
    assert!(again.is_err());
}
