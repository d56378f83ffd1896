//! Attempts, states and PKCE: the binding of a callback to the browser that began the sign-in.

use crate::{arrive, assert_refused, attempts};
use aura_proto::provider::{Provider, PushedRequests};
use aura_tests::{OpenId, Pair};

#[test]
fn st_01_st_10_a_callback_without_an_attempt_is_refused() {
    let mut attacker = Pair::new();
    let authorize = attacker.begin("dev", "/");
    let callback = attacker.approve("dev", &authorize, "ada");

    let mut victim = Pair::new();
    assert_refused(&mut victim, &callback, 401, "COOKIE_NOT_FOUND", "no_cookie");
    victim.csrf_token();
    assert_refused(&mut victim, &callback, 401, "COOKIE_INVALID_VALUE", "no_attempt");
}

#[test]
fn st_02_the_attackers_callback_does_not_sign_the_victim_in() {
    let mut attacker = Pair::new();
    attacker.app.entropy();
    let authorize = attacker.begin("dev", "/");
    let theirs = attacker.approve("dev", &authorize, "ada");

    let mut victim = Pair::new();
    let authorize = victim.begin("dev", "/");
    let own = victim.approve("dev", &authorize, "grace");
    assert_refused(&mut victim, &theirs, 400, "AUTH_MISMATCHING_STATE", "state_unknown");
    victim.visit(&own);
    assert_eq!(victim.session().json["user"]["sub"], "grace", "the victim's own sign-in goes on");
}

#[test]
fn st_04_a_replay_with_the_cookies_of_the_first_delivery_is_refused() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let mut thief = pair.browser.clone();
    pair.visit(&callback);
    std::mem::swap(&mut pair.browser, &mut thief);
    // The provider gives nothing for a code that was used, and the attempt is gone even so.
    assert_eq!(arrive(&mut pair, &callback).0, 502);
    assert_eq!((pair.session().status.as_u16(), pair.attempts()), (401, 0));
    assert_eq!(arrive(&mut pair, &callback).0, 401);
}

#[test]
fn st_05_a_second_delivery_to_who_is_signed_in_goes_home_without_an_exchange() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/dashboard");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.visit(&callback);
    let fetched = pair.app.fetches.len();
    assert_eq!(pair.visit(&callback).url.path(), "/");
    assert_eq!(pair.app.fetches.len(), fetched);
    assert_eq!(pair.session().json["user"]["sub"], "ada");
}

#[test]
fn st_06_a_wrong_state_ends_no_attempt() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    assert_refused(
        &mut pair,
        "/auth/callback/dev?code=c&state=guess",
        400,
        "AUTH_MISMATCHING_STATE",
        "state_unknown",
    );
    assert_eq!(attempts(&pair), 1);
    assert_eq!((pair.visit(&callback).status.as_u16(), pair.session().status.as_u16()), (200, 200));
}

#[test]
fn st_06_a_state_that_begins_alike_is_another() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let (start, state) = callback.split_once("state=").unwrap();
    let state = format!("{}{}", &state[..8], "A".repeat(35));
    assert_refused(
        &mut pair,
        &format!("{start}state={state}"),
        400,
        "AUTH_MISMATCHING_STATE",
        "state_unknown",
    );
}

#[test]
fn st_07_every_attempt_draws_new_values() {
    let in_the_open = |row: Provider| row.pushed_requests(PushedRequests::Never);
    let mut pair = OpenId::new().provider(in_the_open).pair();
    let mut values = std::collections::BTreeSet::new();
    for _ in 0..60 {
        let url = pair.begin("dev", "/");
        for (name, value) in url.query_pairs() {
            if matches!(name.as_ref(), "state" | "code_challenge" | "nonce") {
                assert_eq!(value.len(), 43);
                values.insert(value.into_owned());
            }
        }
    }
    assert_eq!(values.len(), 180);
}

#[test]
fn st_09_two_tabs_do_not_mix() {
    let mut pair = Pair::new();
    let first = pair.begin("dev", "/first");
    let second = pair.begin("other", "/second");
    assert_eq!(attempts(&pair), 2);
    let second = pair.approve("other", &second, "grace");
    let first = pair.approve("dev", &first, "ada");
    assert_eq!(pair.visit(&second).url.path(), "/second");
    assert_eq!(pair.session().json["user"]["sub"], "grace");
    assert_eq!(pair.visit(&first).url.path(), "/first");
    assert_eq!(pair.session().json["user"]["sub"], "ada");
    assert_eq!(attempts(&pair), 0);
}

#[test]
fn st_09_cancelling_in_one_tab_leaves_the_other_alone() {
    let mut pair = Pair::new();
    let first = pair.begin("dev", "/");
    let second = pair.begin("dev", "/second");
    let cancelled = pair.deny("dev", &first);
    assert_eq!(arrive(&mut pair, &cancelled).0, 403);
    let callback = pair.approve("dev", &second, "ada");
    assert_eq!(pair.visit(&callback).url.path(), "/second");
}

#[test]
fn a_browser_has_five_attempts_at_most_and_the_oldest_go_first() {
    let mut pair = Pair::new();
    let mut urls = Vec::new();
    for _ in 0..7 {
        urls.push(pair.begin("dev", "/"));
        pair.browser.advance(1);
        assert!(attempts(&pair) <= 5);
    }
    assert_eq!(attempts(&pair), 5);
    let oldest = pair.approve("dev", &urls[2], "ada");
    assert_eq!(pair.visit(&oldest).status, 200);
}

#[test]
fn st_11_an_attempt_ends_after_ten_minutes_even_if_the_browser_keeps_its_cookie() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let (name, value) = pair.cookies().remove(0);
    pair.browser.advance(601);
    assert_eq!(attempts(&pair), 0);
    pair.plant(&name, &value);
    assert_refused(&mut pair, &callback, 400, "AUTH_TRANSACTION_EXPIRED", "attempt_expired");
}

#[test]
fn st_03_st_12_ci_05_empty_and_repeated_parameters_are_refused() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let (_, state) = callback.split_once("state=").unwrap();
    for query in [
        format!("code=c&state=bad&state={state}"),
        format!("code=c&state={state}&state=bad"),
        format!("code=c&code=d&state={state}"),
        format!("code=&state={state}"),
        format!("state={state}"),
        format!("error=a&error=b&state={state}"),
    ] {
        assert_refused(
            &mut pair,
            &format!("/auth/callback/dev?{query}"),
            422,
            "UNPROCESSABLE_ENTITY",
            "invalid_parameters",
        );
    }
    for query in ["code=c&state=".to_owned(), format!("code=c&state[]={state}")] {
        let path = format!("/auth/callback/dev?{query}");
        assert_refused(&mut pair, &path, 422, "UNPROCESSABLE_ENTITY", "state_missing");
    }
    assert_eq!(pair.visit(&callback).url.path(), "/");
    assert_eq!(pair.session().status, 200);
}

#[test]
fn st_13_mx_01_an_attempt_at_one_provider_does_not_end_at_another() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada").replace("/callback/dev", "/callback/other");
    assert_refused(&mut pair, &callback, 400, "AUTH_PROVIDER_MISMATCH", "other_provider");
}

#[test]
fn pk_03_pk_04_an_altered_or_foreign_attempt_cookie_is_refused() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let mut stranger = Pair::new();
    for _ in 0..9 {
        stranger.app.entropy();
    }
    stranger.begin("dev", "/");
    let foreign = stranger.cookies().remove(0).1;
    let name = pair.cookies().remove(0).0;
    for (value, reason) in [("garbage".to_owned(), "attempt_unreadable"), (foreign, "state_unknown")] {
        pair.plant(&name, &value);
        assert_refused(&mut pair, &callback, 400, "AUTH_MISMATCHING_STATE", reason);
    }
}

#[test]
fn st_05_an_attempt_is_cleared_however_many_cookies_look_like_one() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let mut cookies: Vec<_> = (0..80).map(|n| format!("__Host-aura-auth.state.{n:08}=x")).collect();
    let own = pair.cookies().remove(0);
    cookies.push(format!("{}={}", own.0, own.1));
    let answer = pair.send(http::Request::get(&callback).header(http::header::COOKIE, cookies.join("; ")));
    let cleared = format!("{}=; Max-Age=0", own.0);
    let set = answer.headers.get_all(http::header::SET_COOKIE).iter();
    assert_eq!(set.filter(|cookie| cookie.to_str().unwrap().starts_with(&cleared)).count(), 1);
}

#[test]
fn or_3_a_target_is_judged_again_when_the_browser_comes_back() {
    let mut before = Pair::at("https://app.test", |builder| builder.trusted_origins(["https://friend.test"]));
    let authorize = before.begin("dev", "https://friend.test/x");
    let callback = before.approve("dev", &authorize, "ada");
    let mut after = Pair::new();
    after.app.providers = before.app.providers;
    after.browser = before.browser;
    assert_eq!(after.visit(&callback).url.as_str(), "https://app.test/");
}
