//! Sessions of every size, one after another in one browser.

use aura_proto::{CookieOverride, Cookies, SameSite};
use aura_tests::{Fault, Pair};
use http::Method;
use proptest::prelude::*;
use serde_json::json;
use url::Url;

const NAME: &str = "__Host-aura-auth.session_token";
/// Five cookies, whose names count too: what is left is the longest session token.
const LONGEST_TOKEN: usize = 5 * 4096 - (5 * NAME.len() + 4 * ".1".len());

/// Signs in as somebody whose name has this many characters, and returns the status of the last page.
fn sign_in(pair: &mut Pair, id: usize, length: usize) -> u16 {
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let user = json!({ "id": id.to_string(), "name": "n".repeat(length) });
    pair.app.userinfo_fault = Some(Fault::json(200, &user.to_string()));
    pair.visit(&callback).status.as_u16()
}

/// Lists name and length of the session's cookies, in the order of their chunks.
fn session_cookies(pair: &Pair) -> Vec<(String, usize)> {
    let cookies = pair.cookies().into_iter().filter(|(name, _)| name.starts_with(NAME));
    let mut cookies: Vec<_> = cookies.map(|(name, value)| (name, value.len())).collect();
    cookies.sort();
    cookies
}

fn token_length(pair: &Pair) -> usize {
    session_cookies(pair).iter().map(|(_, length)| length).sum()
}

/// Asserts that the browser holds the chunks of one session and nothing beside them.
fn assert_no_stale_chunk(pair: &Pair) {
    let cookies = session_cookies(pair);
    let names: Vec<_> = cookies.iter().map(|(name, _)| name.as_str()).collect();
    let expected: Vec<_> = (0..cookies.len())
        .map(|index| if index == 0 { NAME.to_owned() } else { format!("{NAME}.{index}") })
        .collect();
    assert_eq!(names, expected);
    let sizes: Vec<_> = cookies.iter().map(|(name, length)| name.len().saturating_add(*length)).collect();
    let (last, others) = sizes.split_last().expect("a session cookie");
    assert!(*last <= 4096 && others.iter().all(|size| *size == 4096), "{sizes:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ck_13_any_sequence_of_session_sizes_round_trips(
        lengths in prop::collection::vec(prop_oneof![1_usize..=11_000, 1_700_usize..=2_300], 1..6),
    ) {
        let mut pair = Pair::new();
        for (id, length) in (1..).zip(lengths) {
            prop_assert_eq!(sign_in(&mut pair, id, length), 200);
            assert_no_stale_chunk(&pair);
            let session = pair.session();
            prop_assert_eq!(session.status, 200);
            prop_assert_eq!(session.json["user"]["name"].as_str().map(str::len), Some(length));
            prop_assert_eq!(&session.json["user"]["sub"], &json!(id.to_string()));
        }
        let token = pair.csrf_token();
        prop_assert_eq!(pair.sign_out(&token).status, 202);
        prop_assert_eq!(pair.cookies(), []);
    }
}

#[test]
fn ck_13_every_size_up_to_five_full_cookies_signs_in_and_the_next_one_fails_whole() {
    let mut pair = Pair::new();
    let (mut fits, mut fails) = (0_usize, 20_000);
    while fails - fits > 1 {
        let length = fits.midpoint(fails);
        if sign_in(&mut pair, 1, length) == 200 { fits = length } else { fails = length }
    }
    assert_eq!(sign_in(&mut pair, 1, fits), 200);
    assert_no_stale_chunk(&pair);
    let longest = token_length(&pair);
    assert!(longest <= LONGEST_TOKEN && longest > LONGEST_TOKEN - 4, "{longest} of {LONGEST_TOKEN}");

    let before = pair.cookies();
    assert_eq!(sign_in(&mut pair, 2, fails), 502);
    assert_eq!(pair.cookies(), before, "the session that was there stays, whole");
    assert_eq!(pair.session().json["user"]["sub"], "1");
}

#[test]
fn ck_13_an_id_too_long_for_one_csrf_cookie_gives_no_half_of_a_sign_in() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let user = json!({ "id": "i".repeat(3_500) });
    pair.app.userinfo_fault = Some(Fault::json(200, &user.to_string()));
    let page = pair.visit(&callback);
    let kept: Vec<_> = pair.cookies().into_iter().map(|(name, _)| name).collect();
    let whole = kept.iter().any(|name| name == NAME) && kept.iter().any(|name| name.ends_with(".csrf_token"));
    match page.status.as_u16() {
        502 => assert!(kept.is_empty(), "{kept:?}"),
        status => assert!(status == 200 && whole, "{status} {kept:?}"),
    }
}

#[test]
fn a_session_that_is_refused_is_cleared_with_its_chunks() {
    let mut pair = Pair::new();
    sign_in(&mut pair, 1, 9_000);
    assert_eq!(session_cookies(&pair).len(), 5);
    pair.browser.advance(15 * 24 * 3600 - 1);
    assert_eq!(pair.session().status, 200);
    pair.plant(NAME, "broken");
    assert_eq!(pair.session().status, 401);
    assert_eq!(session_cookies(&pair), []);
}

#[test]
fn so_12_sign_out_leaves_no_chunk_and_no_provider_token() {
    let mut pair = Pair::new();
    sign_in(&mut pair, 1, 9_000);
    for name in ["access_token.dev", "access_token.dev.1", "access_token.other", "session_token.9"] {
        pair.plant(&format!("__Host-aura-auth.{name}"), "x");
    }
    pair.begin("other", "/");
    let token = pair.csrf_token();
    let path = "/auth/signOut?token_type_hint=session_token";
    assert_eq!(pair.fetch(Method::POST, path, &[("x-csrf-token", &token)], "").status, 202);
    assert_eq!(pair.cookies(), []);
}

#[test]
fn chunks_that_same_site_kept_from_the_callback_are_ignored_and_cleared_later() {
    let strict = Cookies::default().session(CookieOverride::default().same_site(SameSite::Strict));
    let mut pair = Pair::at("https://app.test", |builder| builder.cookies(strict));
    for (id, length) in [(1, 9_000), (2, 10), (3, 6_000), (4, 2_000)] {
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        let user = json!({ "id": id.to_string(), "name": "n".repeat(length) });
        pair.app.userinfo_fault = Some(Fault::json(200, &user.to_string()));
        pair.browser.stand_at(&Url::parse("https://idp.test/").unwrap());
        pair.visit(&callback);
        let session = pair.session();
        assert_eq!(session.json["user"]["sub"], id.to_string());
        assert_eq!(session_cookies(&pair).len(), 5, "what the first session left behind is still there");
    }
    let token = pair.csrf_token();
    assert_eq!(pair.sign_out(&token).status, 202);
    assert_eq!(pair.cookies(), []);
}
