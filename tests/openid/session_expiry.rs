//! The end of a session at the provider, as its ID token states it (`session_expiry`, OpenID IPSIE SL1).

use crate::assert_ended;
use crate::forge::{arrive, claims, pair as forged};
use crate::step_up::{HEADER, HOUR, at, pair, rolling, session};
use aura_host::store::answer_blocking;
use aura_proto::provider::TokenRetention;
use aura_proto::{Entropy, NoTokens, Reading, ReadyTokens, SessionPolicy, Visit};
use aura_test_idp::Behaviour;
use aura_tests::forge::{jwk, sign};
use aura_tests::{OpenId, Pair};
use http::{HeaderMap, Method, Request, Response, header};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn the_end_of_the_session_at_the_provider_caps_the_session_across_renewals() {
    for policy in [rolling(), rolling().stored(), rolling().max_duration(HOUR * 24)] {
        let mut pair = pair(policy, Behaviour::default().session_lifetime(5000));
        let ends = at(pair.browser.now + 5000);
        pair.sign_in("dev", "ada");
        for _ in 0..4 {
            assert_eq!(pair.session().status, 200);
            assert!(session(&pair).expires_at() <= ends);
            pair.browser.advance(1200);
        }
        assert_eq!(pair.session().status, 200);
        assert_eq!(session(&pair).expires_at(), ends);
        pair.browser.advance(199);
        assert_eq!(pair.session().status, 200);
        pair.browser.advance(1);
        assert_eq!(pair.session().status, 401);
    }
    // A later end lengthens nothing.
    let mut pair = pair(SessionPolicy::default().max_age(HOUR), Behaviour::default().session_lifetime(9999));
    pair.sign_in("dev", "ada");
    assert_eq!(session(&pair).expires_at(), at(pair.browser.now + 3600));
}

#[test]
fn a_session_that_has_ended_at_the_provider_begins_none_here() {
    for (end, reason) in [
        (json!(1), None),
        (json!(0), Some("id_token_session_expiry")),
        (json!(-1), Some("id_token_session_expiry")),
        (json!("soon"), Some("id_token_claim_type")),
        (Value::Null, Some("id_token_claim_type")),
    ] {
        let mut pair = forged();
        let (mut claims, callback) = claims(&mut pair, "/auth/signIn/dev");
        let at = |by: i64| json!(pair.browser.now.saturating_add_signed(by));
        claims["session_expiry"] = end.as_i64().map_or(end.clone(), at);
        let page = arrive(&mut pair, &callback, &sign(HEADER, &claims.to_string()), &json!([jwk("a")]));
        match reason {
            Some(reason) => assert_ended(&mut pair, &page, 401, reason),
            None => assert_eq!(session(&pair).expires_at().as_secs(), pair.browser.now + 1, "{end}"),
        }
    }
}

/// A site that keeps the tokens of its provider, whose session ends so many seconds after the sign-in. The refresh is due.
fn refreshing(policy: SessionPolicy, lifetime: Option<u64>) -> Pair {
    let behaviour = lifetime.map_or_else(Behaviour::default, of_lifetime);
    let keeping = |row: aura_proto::provider::Provider| {
        row.tokens(TokenRetention::Readable).scope("openid profile email offline_access")
    };
    let pair = OpenId::new().behaviour(behaviour).provider(keeping);
    let mut pair = pair.configure(move |builder| builder.session(policy)).pair();
    pair.sign_in("dev", "ada");
    pair.browser.advance(3500);
    pair
}

fn of_lifetime(seconds: u64) -> Behaviour {
    Behaviour::default().session_lifetime(seconds)
}

fn policies() -> [SessionPolicy; 4] {
    let rolling = rolling().max_age(Duration::from_secs(4 * 3600));
    let recheck = rolling.clone().recheck(Duration::from_secs(60));
    [rolling.clone(), rolling.clone().max_duration(Duration::from_secs(86_400)), rolling.stored(), recheck]
}

/// Asks for the tokens as a page does.
fn by_page(pair: &mut Pair) {
    let answer = pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.json);
}

/// Asks for the profile as a page does.
fn by_profile(pair: &mut Pair) {
    let csrf = pair.csrf_token();
    let answer = pair.fetch(Method::POST, "/auth/providers/dev/user/refresh", &[("x-csrf-token", &csrf)], "");
    assert_eq!(answer.status, 200, "{}", answer.json);
}

/// Asks for the tokens as a handler behind a guard does, whose page the guard finishes last.
fn by_handler(pair: &mut Pair) {
    let visit = visit(pair);
    let page = ready(pair).unwrap().finish(Response::new(()));
    let page = visit.finish(page);
    let url = pair.url("/");
    for cookie in page.headers().get_all(header::SET_COOKIE) {
        pair.browser.jar.plant(&url, cookie.as_bytes(), pair.browser.now).unwrap();
    }
}

fn visit(pair: &mut Pair) -> Visit {
    let request = Request::get("/").header("cookie", pair.cookie_header()).body(()).unwrap();
    let (now, entropy) = (at(pair.browser.now), Entropy::from_os_bytes(pair.app.entropy()));
    let mut reading = pair.app.auth.begin_visit(&request, now, entropy);
    loop {
        reading = match reading {
            Reading::Done(visited) => return visited.unwrap(),
            Reading::Store(question) => {
                answer_blocking(pair.app.store.as_ref().map(|it| it as _), question, || now)
            }
            Reading::Check(_) | Reading::Fetch(..) | Reading::Pause(..) | Reading::RunToEnd(_) => {
                unreachable!()
            }
        };
    }
}

fn ready(pair: &mut Pair) -> Result<ReadyTokens, NoTokens> {
    let cookies = pair.cookie_header().parse().unwrap();
    let headers = HeaderMap::from_iter([(header::COOKIE, cookies)]);
    let (secs, entropy) = (pair.browser.now, Entropy::from_os_bytes(pair.app.entropy()));
    let mut reading = pair.app.auth.begin_provider_tokens("dev", &headers, at(secs), entropy);
    loop {
        reading = match reading {
            Reading::Done(ready) => return ready,
            Reading::Store(question) => {
                answer_blocking(pair.app.store.as_ref().map(|it| it as _), question, || at(secs))
            }
            Reading::Fetch(_, fetch) => {
                let entropy = pair.app.entropy();
                let provider = pair.app.provider("dev");
                let answer = provider.idp.handle(&mut provider.state, fetch.request.clone(), secs, entropy);
                fetch.pending.resume(Ok(answer), at(secs))
            }
            Reading::RunToEnd(rest) => rest.resume(at(secs)),
            Reading::Check(_) | Reading::Pause(..) => unreachable!(),
        };
    }
}

type Way = (&'static str, fn(&mut Pair));

/// Ways to a refresh.
const WAYS: [Way; 3] = [("page", by_page), ("profile", by_profile), ("handler", by_handler)];

#[test]
fn an_earlier_end_in_a_refreshed_id_token_ends_the_session_earlier() {
    for ((way, refresh), policy) in WAYS.into_iter().flat_map(|way| policies().map(|policy| (way, policy))) {
        let of = format!("{way} {policy:?}");
        let mut pair = refreshing(policy, None);
        let ends = at(pair.browser.now + 1500);
        pair.set_behaviour("dev", of_lifetime(5000));
        refresh(&mut pair);
        // A copy of the session may be a minute old.
        pair.browser.advance(60);
        assert!(session(&pair).expires_at() <= ends, "{of}");
        pair.browser.advance(940);
        assert_eq!(pair.session().status, 200, "{of}");
        assert_eq!(session(&pair).expires_at(), ends, "{of}");
        pair.browser.advance(499);
        assert_eq!(pair.session().status, 200, "{of}");
        pair.browser.advance(1);
        assert_eq!(pair.session().status, 401, "{of}");
    }
}

#[test]
fn a_later_end_in_a_refreshed_id_token_lengthens_nothing() {
    for ((way, refresh), policy) in WAYS.into_iter().flat_map(|way| policies().map(|policy| (way, policy))) {
        let of = format!("{way} {policy:?}");
        let mut pair = refreshing(policy, Some(5000));
        pair.set_behaviour("dev", of_lifetime(9000));
        refresh(&mut pair);
        pair.browser.advance(1499);
        assert_eq!(pair.session().status, 200, "{of}");
        pair.browser.advance(1);
        assert_eq!(pair.session().status, 401, "{of}");
    }
}

#[test]
fn a_session_that_has_ended_at_the_provider_by_the_refresh_ends_with_it() {
    for ((way, refresh), policy) in WAYS.into_iter().flat_map(|way| policies().map(|policy| (way, policy))) {
        let of = format!("{way} {policy:?}");
        let recheck = u64::from(policy.recheck_interval().is_some()) * 60;
        let mut pair = refreshing(policy, None);
        pair.set_behaviour("dev", of_lifetime(3500));
        refresh(&mut pair);
        pair.browser.advance(recheck);
        assert_eq!(pair.session().status, 401, "{of}");
    }
}
