//! Invariant 6: a session's `exp` never exceeds its beginning plus the maximum duration.
//!
//! This holds however often it is renewed, updated or read, and for every expiration strategy.

use crate::play::{Host, Kind, Run, fetched};
use crate::site::{
    CSRF, Held, Jar, MAX_AGE, MAX_DURATION, NOW, cookie_header, hold_plain, json, keep, policy, with_policy,
};
use aura_proto::{Auth, Expiration, UnixTime};
use aura_tests::SECRET;
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The last moment of every session.
const LATEST: u64 = NOW + MAX_DURATION;

const EXPIRATIONS: [Expiration; 4] = [
    Expiration::Fixed,
    Expiration::Absolute,
    Expiration::Rolling,
    Expiration::Sliding { threshold_percent: 25 },
];

/// A site for each, and what a browser holds there.
static SITES: LazyLock<[(Auth, Held); 4]> = LazyLock::new(|| {
    EXPIRATIONS.map(|expiration| {
        let auth = with_policy(SECRET, policy(expiration));
        let held = hold_plain(&auth);
        (auth, held)
    })
});

/// Action of a page on a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Read,
    /// It changes the name, to one of two.
    Update(bool),
    /// It wants the session to end so many seconds later.
    End(u64),
    ReadProfile,
}

type Steps = Vec<(Step, u64)>;

fn steps() -> BoxedStrategy<(usize, Steps)> {
    let step = prop_oneof![
        3 => Just(Step::Read),
        2 => any::<bool>().prop_map(Step::Update),
        1 => select(vec![1, 600, MAX_AGE, 3 * MAX_AGE, 2 * MAX_DURATION]).prop_map(Step::End),
        2 => Just(Step::ReadProfile),
    ];
    let later = prop_oneof![4 => 0..1800_u64, 1 => 1800..3700_u64];
    (0..EXPIRATIONS.len(), prop::collection::vec((step, later), 0..14)).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_sequence_of_renewals_outlives_the_maximum_duration((site, steps) in steps()) {
        carry_out(site, &steps)?;
    }
}

/// Steps that all fail would hold anything.
#[test]
fn sessions_of_every_policy_are_renewed_reach_their_last_moment_and_end() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeMap::<(usize, &str), usize>::new();
    for _ in 0..600 {
        let (site, steps) = steps().new_tree(&mut runner).unwrap().current();
        for what in carry_out(site, &steps).unwrap() {
            *reached.entry((site, what)).or_default() += 1;
        }
    }
    let count = |site, what| reached.get(&(site, what)).copied().unwrap_or_default();
    for (site, expiration) in EXPIRATIONS.iter().enumerate() {
        for what in ["read", "updated", "ended by the page", "profile", "over"] {
            assert!(count(site, what) >= 10, "{what} under {expiration:?}: {reached:?}");
        }
        // A session that is never renewed ends before that.
        let is_renewed = site >= 2;
        assert_eq!(count(site, "at its last moment") >= 10, is_renewed, "{reached:?}");
    }
}

/// Carries the steps out beside a model of the session, and tells what was reached.
fn carry_out(site: usize, steps: &Steps) -> Result<Vec<&'static str>, TestCaseError> {
    let (auth, held) = &SITES[site];
    let mut jar = held.session.clone();
    jar.insert(CSRF.to_owned(), held.csrf[0].clone());
    let (mut now, mut end, mut reached) = (NOW, NOW + MAX_AGE, Vec::new());
    for (step, later) in steps {
        now += later;
        let run = take(auth, &held.csrf[0], &jar, *step, now);
        keep(&mut jar, run.response.headers());
        let headers: HeaderMap =
            HeaderMap::from_iter([(header::COOKIE, cookie_header(&jar).parse().unwrap())]);
        let session = auth.session(&headers, UnixTime::from_secs(now));
        if now >= end {
            prop_assert_eq!(run.response.status(), 401, "{:?}", step);
            prop_assert!(session.is_err(), "a session that ended is back");
            reached.push("over");
            // Nothing brings it back.
            end = 0;
            continue;
        }
        prop_assert_eq!(run.response.status(), 200, "{:?}", step);
        end = ends(EXPIRATIONS[site], *step, end, now);
        let session = session.unwrap();
        prop_assert!(session.expires_at().as_secs() <= LATEST);
        prop_assert_eq!(session.expires_at().as_secs(), end, "{:?}", step);
        prop_assert_eq!(session.latest(), Some(UnixTime::from_secs(LATEST)));
        reached.push(match step {
            Step::Read => "read",
            Step::Update(_) => "updated",
            Step::End(_) => "ended by the page",
            Step::ReadProfile => "profile",
        });
        if end == LATEST {
            reached.push("at its last moment");
        }
    }
    Ok(reached)
}

/// When a session ends after a step.
fn ends(expiration: Expiration, step: Step, end: u64, now: u64) -> u64 {
    let moved = (now + MAX_AGE).min(LATEST);
    let is_due = match (expiration, step) {
        (Expiration::Rolling, _) => true,
        (Expiration::Sliding { threshold_percent }, Step::Read) => {
            (end - now) * 100 < MAX_AGE * u64::from(threshold_percent)
        }
        (Expiration::Sliding { .. }, _) => true,
        (_, _) => false,
    };
    let end = if is_due { moved } else { end };
    match step {
        Step::End(later) => end.min(now + later),
        Step::Read | Step::Update(_) | Step::ReadProfile => end,
    }
}

fn take(auth: &Auth, csrf: &str, jar: &Jar, step: Step, now: u64) -> Run {
    let (request, body) = match step {
        Step::Read => (Request::get("/auth/session"), String::new()),
        Step::Update(first) => {
            let name = if first { "Ada L." } else { "A. Lovelace" };
            (Request::patch("/auth/session"), format!(r#"{{"user":{{"name":"{name}"}}}}"#))
        }
        Step::End(later) => {
            (Request::patch("/auth/session"), format!(r#"{{"expires":{}}}"#, (now + later) * 1000))
        }
        Step::ReadProfile => (Request::post("/auth/providers/dev/user/refresh"), String::new()),
    };
    let request = request.header(header::COOKIE, cookie_header(jar)).header("x-csrf-token", csrf);
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Bytes::from(body)).unwrap();
    Host::at(auth, now, [6; 32]).answer(request, &mut |kind, _| {
        fetched(match kind {
            Kind::Token => json(r#"{"access_token":"given-access-token-2","expires_in":60}"#),
            Kind::UserInfo => json(r#"{"id":"ada","name":"Ada"}"#),
            Kind::Discovery | Kind::Jwks | Kind::PushedRequest | Kind::Revocation | _ => json("{}"),
        })
    })
}
