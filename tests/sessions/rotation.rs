//! Rotation of the secret: each visit moves a browser's cookies to the newest secret, and no user is signed out.

use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{
    Auth, Builder, Entropy, Event, Secret, SessionError, SessionTokenFormat, SigningAlgorithm, SigningKey,
    TokenError, UnixTime,
};
use aura_tests::{Answer, Fault, Pair, SECRET, builder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method, Request, header};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

const ORIGIN: &str = "https://app.test";
const MODES: [fn() -> SessionTokenFormat; 6] = [
    SessionTokenFormat::sealed,
    SessionTokenFormat::signed,
    SessionTokenFormat::encrypted,
    || SessionTokenFormat::sealed().key_ids(),
    || SessionTokenFormat::signed().key_ids(),
    || SessionTokenFormat::encrypted().key_ids(),
];

/// The secret of a number; 0 is the one that every pair begins with.
fn secret(number: u8) -> String {
    if number == 0 { SECRET.to_owned() } else { format!("{number}{}", &SECRET[1..]) }
}

fn keep(provider: Provider) -> Provider {
    provider.tokens(TokenRetention::Readable)
}

/// Makes the site under a secret, with the earlier ones given listed.
fn site(tokens: SessionTokenFormat, newest: u8, earlier: impl IntoIterator<Item = u8>) -> Auth {
    let listed = |builder: Builder, number| builder.previous_secret(Secret::new(&secret(number)).unwrap());
    let builder = builder(&secret(newest), ORIGIN, keep).session_token_format(tokens);
    earlier.into_iter().fold(builder, listed).build().unwrap()
}

/// Signs in under the first secret, with tokens of the provider.
fn signed_in(tokens: SessionTokenFormat) -> Pair {
    let mut pair = Pair::with(ORIGIN, keep, |builder| builder.session_token_format(tokens));
    pair.app.token_fault = Some(Fault::json(200, r#"{"access_token":"a","token_type":"Bearer"}"#));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada","name":"Ada"}"#));
    pair.sign_in("dev", "ada");
    pair
}

fn set_cookies(answer: &Answer) -> Vec<String> {
    let names = answer.headers.get_all(header::SET_COOKIE).iter();
    names.map(|cookie| cookie.to_str().unwrap().split('=').next().unwrap().to_owned()).collect()
}

fn access_token(pair: &mut Pair) -> Option<String> {
    let headers = HeaderMap::from_iter([(header::COOKIE, pair.cookie_header().parse().unwrap())]);
    let now = UnixTime::from_secs(pair.browser.now);
    let tokens = pair.app.auth.provider_tokens("dev", &headers, now).ok()?;
    Some(tokens.access_token.expose().to_owned())
}

#[test]
fn ck_15_a_secret_rotated_three_times_keeps_every_session_and_one_visit_lets_the_earlier_ones_go() {
    for mode in MODES {
        for age in 1..=3 {
            let mut pair = signed_in(mode());
            let expires = pair.session().json["expires"].clone();
            pair.browser.advance(60);
            pair.app.auth = site(mode(), age, 0..age);
            let answer = pair.session();
            assert_eq!((answer.status.as_u16(), &answer.json["expires"]), (200, &expires), "not a renewal");
            let kinds = ["__Host-aura-auth.session_token", "__Host-aura-auth.access_token.dev"];
            assert_eq!(set_cookies(&answer), kinds, "the session and its provider tokens move");
            pair.app.auth = site(mode(), age, []);
            let answer = pair.session();
            assert_eq!((answer.status.as_u16(), &answer.json["expires"]), (200, &expires));
            assert_eq!(access_token(&mut pair).as_deref(), Some("a"));
        }
    }
}

#[test]
fn ck_15_without_a_visit_a_session_ends_with_its_secret() {
    for mode in MODES {
        let mut pair = signed_in(mode());
        pair.app.auth = site(mode(), 2, [1]);
        assert_eq!(pair.session().status, 401);
    }
}

#[test]
fn a_session_under_the_newest_secret_gets_no_cookie_however_many_are_listed() {
    for mode in MODES {
        let mut pair = signed_in(mode());
        for earlier in [vec![], vec![1, 2, 3]] {
            pair.app.auth = site(mode(), 0, earlier);
            assert_eq!(set_cookies(&pair.session()), [""; 0]);
        }
        pair.app.auth = site(mode(), 1, [0]);
        assert_eq!(set_cookies(&pair.session()).len(), 2);
        assert_eq!(set_cookies(&pair.session()), [""; 0], "the second visit finds nothing to do");
        assert!(!pair.app.events.iter().any(|event| matches!(event, Event::SessionRenewed { .. })));
    }
}

#[test]
fn sealing_anew_changes_no_claim() {
    let mut pair = signed_in(SessionTokenFormat::signed());
    let claims = |pair: &Pair| pair.session_token().split('.').nth(1).unwrap().to_owned();
    let (token, before) = (pair.session_token(), claims(&pair));
    pair.browser.advance(60);
    pair.app.auth = site(SessionTokenFormat::signed(), 1, [0]);
    pair.session();
    assert_eq!(claims(&pair), before);
    assert_ne!(pair.session_token(), token);
}

#[test]
fn so_02_a_csrf_token_moves_with_a_visit_and_pages_that_hold_the_earlier_one_still_act() {
    let mut pair = signed_in(SessionTokenFormat::sealed());
    let held = pair.csrf_token();
    assert_eq!(pair.csrf_token(), held);
    pair.app.auth = site(SessionTokenFormat::sealed(), 1, [0]);
    pair.session();
    let moved = pair.csrf_token();
    assert_ne!(moved, held);
    assert_eq!(pair.csrf_token(), moved);
    let act = |pair: &mut Pair, token: &str| {
        let headers = [("x-csrf-token", token)];
        pair.fetch(Method::PATCH, "/auth/session", &headers, "{}").status.as_u16()
    };
    assert_eq!([act(&mut pair, &held), act(&mut pair, &moved)], [200, 200]);
    pair.app.auth = site(SessionTokenFormat::sealed(), 1, []);
    assert_eq!([act(&mut pair, &held), act(&mut pair, &moved)], [403, 200]);
    assert_eq!(pair.csrf_token(), moved);
}

#[test]
fn an_attempt_that_began_before_a_rotation_ends_after_it() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    pair.app.auth = site(SessionTokenFormat::sealed(), 1, [0]);
    let callback = pair.approve("dev", &authorize, "ada");
    pair.visit(&callback);
    assert_eq!(pair.session().status, 200);
    assert_eq!(set_cookies(&pair.session()), [""; 0]);
}

#[test]
fn provider_tokens_move_on_their_own_where_no_secret_signs_the_session() {
    let tokens = || SessionTokenFormat::signed().signing_key(key_pair(1));
    let mut pair = signed_in(tokens());
    pair.app.auth = site(tokens(), 1, [0]);
    assert_eq!(set_cookies(&pair.session()), ["__Host-aura-auth.access_token.dev"]);
    pair.app.auth = site(tokens(), 1, []);
    assert_eq!(set_cookies(&pair.session()), [""; 0]);
    assert_eq!(access_token(&mut pair).as_deref(), Some("a"));
}

#[test]
fn au_03_tokens_that_a_request_may_refresh_are_sealed_anew_by_that_and_by_no_visit() {
    let granted = |number: u32, refresh: &str| {
        Fault::json(200, &format!(r#"{{"access_token":"at-{number}","expires_in":3600{refresh}}}"#))
    };
    let refresh_token = r#","refresh_token":"rt""#;
    // Of an access token of an hour the refresh is due in the last half at the earliest, and an answer may be a minute late.
    for (refresh, age, moves) in [
        (refresh_token, 60, true),
        (refresh_token, 1739, true),
        (refresh_token, 1740, false),
        (refresh_token, 3500, false),
        (refresh_token, 9000, false),
        ("", 3500, true),
        ("", 9000, true),
    ] {
        let mut pair = Pair::with(ORIGIN, keep, |builder| builder);
        pair.app.token_fault = Some(granted(1, refresh));
        pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
        pair.sign_in("dev", "ada");
        pair.browser.advance(age);
        pair.app.auth = site(SessionTokenFormat::sealed(), 1, [0]);

        // A visit is under way while another request refreshes the tokens, and its answer comes last.
        let before = pair.cookie_header();
        let visit = pair.send(Request::get("/auth/session").header(header::COOKIE, before));
        assert_eq!(
            set_cookies(&visit).iter().any(|name| name.contains("access_token")),
            moves,
            "{refresh} {age}"
        );
        pair.app.token_fault = Some(granted(2, ""));
        let is_due = !refresh.is_empty() && age >= 3300;
        let answer = pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "");
        assert_eq!(answer.status, 200, "{}", answer.json);
        let url = pair.url("/");
        for field in visit.headers.get_all(header::SET_COOKIE) {
            pair.browser.jar.plant(&url, field.as_bytes(), pair.browser.now).unwrap();
        }
        assert_eq!(access_token(&mut pair).as_deref(), Some(if is_due { "at-2" } else { "at-1" }), "{age}");
        // The earlier secret is gone.
        pair.app.auth = site(SessionTokenFormat::sealed(), 1, []);
        assert_eq!(access_token(&mut pair).is_some(), moves || is_due, "{refresh} {age}");
    }
}

#[test]
fn ck_15_a_session_of_an_earlier_key_pair_is_signed_by_the_newest_one_at_the_next_visit() {
    for mode in [SessionTokenFormat::signed, SessionTokenFormat::sealed] {
        let mut pair = signed_in(mode().signing_key(key_pair(1)));
        let earlier = key_pair(1).verification_key().clone();
        pair.app.auth = site(mode().signing_key(key_pair(2)).previous_key(earlier), 0, []);
        assert_eq!(set_cookies(&pair.session()), ["__Host-aura-auth.session_token"]);
        assert_eq!(set_cookies(&pair.session()), [""; 0]);
        pair.app.auth = site(mode().signing_key(key_pair(2)), 0, []);
        assert_eq!(pair.session().status, 200);
    }
}

#[test]
fn key_ids_are_written_where_they_are_asked_for_and_read_by_every_site_of_the_secret() {
    let header = |token: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
    };
    for (plain, named) in MODES[..3].iter().zip(&MODES[3..]) {
        let [without, with] = [plain, named].map(|mode| signed_in(mode()).session_token());
        let (mut expected, named_header) = (header(&without), header(&with));
        assert_eq!(expected.get("kid"), None, "the contract's own header");
        expected["kid"] = named_header["kid"].clone();
        assert_eq!(named_header, expected);
        assert_eq!(named_header["kid"].as_str().unwrap().len(), 8);
        for mode in [plain, named] {
            for token in [&without, &with] {
                assert_eq!(open(&site(mode(), 0, []), token), Ok("ada".to_owned()));
                assert_eq!(open(&site(mode(), 1, [2, 0]), token), Ok("ada".to_owned()));
            }
        }
    }
}

#[test]
fn ck_15_jo_28_whatever_names_an_unknown_key_is_refused() {
    for mode in &MODES[3..] {
        let token = signed_in(mode()).session_token();
        assert_eq!(open(&site(mode(), 1, [2]), &token), Err(SessionError::Invalid));
    }
    let (old, new) = (site(SessionTokenFormat::sealed(), 0, []), site(SessionTokenFormat::sealed(), 1, [2]));
    let (now, entropy) = (UnixTime::from_secs(1_795_500_000), || Entropy::from_os_bytes([9; 32]));
    let claims = json!({ "order": 4711 });
    let signed = old.jose().sign(&claims, now, entropy()).unwrap();
    let encrypted = old.jose().encrypt(&claims, now, entropy()).unwrap();
    let sealed = old.jose().encode(&claims, now, entropy()).unwrap();
    assert!(old.jose().verify::<Value>(&signed, now).is_ok());
    assert_eq!(new.jose().verify::<Value>(&signed, now), Err(TokenError::Invalid));
    assert_eq!(new.jose().decrypt::<Value>(&encrypted, now), Err(TokenError::Invalid));
    assert_eq!(new.jose().decode::<Value>(&sealed, now), Err(TokenError::Invalid));
    let listed = site(SessionTokenFormat::sealed(), 1, [2, 0]);
    assert!(listed.jose().verify::<Value>(&signed, now).is_ok());
    assert!(listed.jose().decrypt::<Value>(&encrypted, now).is_ok());
    assert!(listed.jose().decode::<Value>(&sealed, now).is_ok());
}

#[test]
fn ck_15_what_only_this_library_reads_names_its_key_under_one_spelling() {
    let mut pair = signed_in(SessionTokenFormat::sealed());
    pair.begin("dev", "/");
    let value = |pair: &Pair, part: &str| {
        pair.cookies().into_iter().find(|(name, _)| name.contains(part)).expect("a cookie of that name")
    };
    let [(_, attempt), (name, tokens)] = ["state", "access_token"].map(|part| value(&pair, part));
    let kid = |text: &str| text.split_once('.').unwrap().0.to_owned();
    assert_eq!(kid(&attempt), kid(&tokens));
    let sealed = tokens.split_once('.').unwrap().1.to_owned();
    for altered in [sealed.clone(), format!(".{sealed}"), format!("AAAAAAAA.{sealed}"), format!("{tokens}.")]
    {
        pair.plant(&name, &altered);
        assert_eq!(access_token(&mut pair), None, "{altered}");
    }
    pair.plant(&name, &tokens);
    assert_eq!(access_token(&mut pair).as_deref(), Some("a"));
}

#[test]
fn a_head_request_moves_a_session_as_its_get_does() {
    let mut pair = signed_in(SessionTokenFormat::sealed());
    pair.app.auth = site(SessionTokenFormat::sealed(), 1, [0]);
    let cookies = pair.cookie_header();
    let answer = pair.send(Request::head("/auth/session").header(header::COOKIE, cookies));
    assert_eq!(set_cookies(&answer).len(), 2);
}

fn open(auth: &Auth, token: &str) -> Result<String, SessionError> {
    let field = format!("__Host-aura-auth.session_token={token}");
    let headers = HeaderMap::from_iter([(header::COOKIE, field.parse().unwrap())]);
    auth.session(&headers, UnixTime::from_secs(1_795_500_060)).map(|session| session.user().sub().to_owned())
}

fn key_pair(number: u8) -> SigningKey {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap();
    let [d, x] = [&[number; 32], pair.public_key().as_ref()].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"key-{number}","d":"{d}","x":"{x}"}}"#);
    SigningKey::from_jwk(SigningAlgorithm::EdDsa, &jwk).unwrap()
}
