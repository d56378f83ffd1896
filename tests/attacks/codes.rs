//! Attacks on PKCE and on codes: stolen, malformed, or delivered in another way.

use crate::{arrive, assert_refused, attempts};
use aura_test_idp::browser::Browser;
use aura_tests::Pair;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use http::Method;
use std::collections::BTreeSet;
use url::Url;

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(other, _)| other == name).unwrap().1.into_owned()
}

/// Every verifier that was sent to a token endpoint, in order.
fn verifiers(pair: &Pair) -> Vec<&str> {
    let transcript = pair.app.transcript.as_str();
    let sent = transcript.split("code_verifier=").skip(1);
    sent.map(|rest| rest.split(['&', '\n']).next().unwrap()).collect()
}

#[test]
fn pk_01_pk_02_the_challenge_is_s256_of_a_verifier_that_travels_in_one_body_alone() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let challenge = parameter(&authorize, "code_challenge");
    assert_eq!(parameter(&authorize, "code_challenge_method"), "S256");
    assert_eq!(BASE64URL.decode(&challenge).unwrap().len(), 32);
    let callback = pair.approve("dev", &authorize, "ada");
    assert_eq!(pair.visit(&callback).status, 200);

    let sent = verifiers(&pair);
    let [verifier] = sent[..] else { unreachable!("sent once: {sent:?}") };
    assert!((43..=128).contains(&verifier.len()));
    assert!(verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    assert_eq!(BASE64URL.encode(digest), challenge);
    let urls = pair.browser.history.iter().map(|exchange| exchange.url.to_string());
    for text in urls.chain(pair.app.fetches.iter().cloned()).chain([authorize.to_string()]) {
        assert!(!text.contains("code_verifier") && !text.contains(verifier), "{text}");
    }
}

#[test]
fn pk_06_no_two_sign_ins_share_a_verifier_and_none_is_its_state() {
    let mut pair = Pair::new();
    let mut public = BTreeSet::new();
    for _ in 0..20 {
        let authorize = pair.begin("dev", "/");
        public.extend([parameter(&authorize, "state"), parameter(&authorize, "code_challenge")]);
        let callback = pair.approve("dev", &authorize, "ada");
        assert_eq!(pair.visit(&callback).status, 200);
    }
    let verifiers: BTreeSet<_> = verifiers(&pair).into_iter().collect();
    assert_eq!((verifiers.len(), public.len()), (20, 40));
    assert!(verifiers.iter().all(|verifier| !public.contains(*verifier)));
}

#[test]
fn ck_08_an_attempts_cookie_shows_neither_verifier_nor_state_nor_target() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/a-private-page");
    let (_, value) = pair.cookies().remove(0);
    let callback = pair.approve("dev", &authorize, "ada");
    pair.visit(&callback);
    let mut readable = value.clone().into_bytes();
    readable.extend(value.split('.').filter_map(|part| BASE64URL.decode(part).ok()).flatten());
    let readable = String::from_utf8_lossy(&readable).into_owned();
    assert!(readable.len() > value.len(), "a part decodes");
    let state = parameter(&authorize, "state");
    for secret in [verifiers(&pair)[0], &state, "a-private-page", "code_verifier"] {
        assert!(!readable.contains(secret), "{secret}");
    }
}

#[test]
fn ci_01_a_stolen_code_does_not_end_the_attackers_own_attempt() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let stolen = pair.approve("dev", &authorize, "ada");
    let stolen = parameter(&pair.url(&stolen), "code");
    pair.browser = Browser::new(pair.browser.now);
    let own = parameter(&pair.begin("dev", "/"), "state");
    let (status, _, reason) = arrive(&mut pair, &format!("/auth/callback/dev?code={stolen}&state={own}"));
    assert_eq!((status, reason.as_str()), (502, "token_invalid_grant"));
    assert_eq!((attempts(&pair), pair.session().status.as_u16()), (0, 401));
}

#[test]
fn ci_05_a_code_of_12_kb_is_refused_before_the_exchange() {
    let mut pair = Pair::new();
    let state = parameter(&pair.begin("dev", "/"), "state");
    let callback = format!("/auth/callback/dev?code={}&state={state}", "c".repeat(12_000));
    assert_refused(&mut pair, &callback, 422, "UNPROCESSABLE_ENTITY", "invalid_parameters");
}

#[test]
fn ci_06_a_code_that_is_posted_or_stands_in_the_fragment_is_not_taken() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let (path, query) = callback.split_once('?').unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for target in [path, &callback] {
        let answer = pair.fetch(Method::POST, target, &form, query);
        assert_eq!((answer.status.as_u16(), &answer.headers["allow"]), (405, &"GET".parse().unwrap()));
    }
    let fragment = format!("{path}#{query}");
    assert_refused(&mut pair, &fragment, 422, "UNPROCESSABLE_ENTITY", "invalid_parameters");
    assert_eq!(pair.visit(&callback).url.path(), "/", "the attempt has survived");
    assert_eq!(pair.session().status, 200);
}

#[test]
fn mx_02_every_provider_has_a_redirect_uri_of_its_own() {
    let mut pair = Pair::new();
    let uris = ["dev", "other"].map(|provider| parameter(&pair.begin(provider, "/"), "redirect_uri"));
    assert_eq!(uris, ["https://app.test/auth/callback/dev", "https://app.test/auth/callback/other"]);
}
