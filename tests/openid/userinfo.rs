//! Sources of claims, and provider tokens that are kept and renewed.

use crate::{asked, assert_ended, callback, failures};
use aura_proto::provider::{ClaimsSource, IdTokenKey, Provider, PushedRequests, TokenRetention};
use aura_test_idp::{Behaviour, DpopNonce, LogoutSubject, UserinfoFormat};
use aura_tests::forge::encode;
use aura_tests::{Answer, Fault, OpenId, Pair};
use http::Method;
use ring::hmac;

const TOKENS: &str = "/auth/providers/dev/tokens";
const REFRESH: &str = "/auth/providers/dev/user/refresh";

fn kept(row: Provider) -> Provider {
    row.tokens(TokenRetention::Readable).scope("openid profile email offline_access")
}

fn signed() -> Behaviour {
    Behaviour::default().userinfo_format(UserinfoFormat::SignedJwt)
}

fn refresh_user(pair: &mut Pair) -> Answer {
    let csrf_token = pair.csrf_token();
    pair.fetch(Method::POST, REFRESH, &[("x-csrf-token", &csrf_token)], "")
}

#[test]
fn the_id_token_alone_describes_the_user_where_that_is_configured() {
    let mut pair = OpenId::new().provider(|row| row.claims_source(ClaimsSource::IdToken)).pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    assert_eq!(asked(&pair), ["openid-configuration", "par", "token", "jwks"]);
    assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace");
}

#[test]
fn signed_userinfo_is_verified_by_the_keys_that_verified_the_id_token() {
    let mut pair = OpenId::new().behaviour(signed()).pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    assert_eq!(asked(&pair), ["openid-configuration", "par", "token", "jwks", "userinfo"]);
    assert_eq!(pair.session().json["user"]["email"], "ada@example.test");
}

#[test]
fn mx_05_userinfo_that_is_signed_for_somebody_else_or_something_else_is_refused() {
    let mut pair = Pair::openid();
    pair.sign_in("dev", "ada");
    let granted = pair.app.answers.iter().filter_map(|answer| serde_json::from_slice(answer.body()).ok());
    let id_token = granted
        .filter_map(|answer: serde_json::Value| answer["id_token"].as_str().map(str::to_owned))
        .last()
        .unwrap();
    let (now, entropy) = (pair.browser.now, pair.app.entropy());
    let idp = pair.app.provider("dev");
    let logout = idp.idp.logout_token(&idp.state, "dev-client", LogoutSubject::Sub("ada"), now, entropy);
    let other = pair.app.provider("other");
    let theirs = other.idp.logout_token(&other.state, "dev-client", LogoutSubject::Sub("ada"), now, entropy);
    for answer in ["", "x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.", &id_token, &logout, &theirs] {
        let mut pair = Pair::openid();
        let callback = callback(&mut pair);
        pair.app.userinfo_fault = Some(Fault::answered(200, "application/jwt", answer));
        pair.app.events.clear();
        let page = pair.visit(&callback);
        assert_ended(&mut pair, &page, 502, "userinfo_untrusted_signature");
    }
}

#[test]
fn rf_01_renewed_tokens_take_the_place_of_the_earlier_ones_and_the_session_stays() {
    let mut pair = OpenId::new().provider(kept).pair();
    pair.sign_in("dev", "ada");
    let before = pair.fetch(Method::GET, TOKENS, &[], "").json;
    pair.browser.advance(3590);
    pair.app.fetches.clear();
    let after = pair.fetch(Method::GET, TOKENS, &[], "").json;
    assert_eq!(asked(&pair), ["token"], "keys and configuration are kept still");
    for name in ["access_token", "refresh_token", "accessToken", "refreshToken"] {
        let (before, after) = (&before["tokens"][name], &after["tokens"][name]);
        assert!(before.is_null() && after.is_null() || before != after, "{name}: {before} {after}");
    }
    assert_eq!((&before["success"], &after["success"]), (&true.into(), &true.into()));
    assert_eq!(pair.session().json["user"]["sub"], "ada");
}

#[test]
fn rf_03_sf_03_tokens_of_one_provider_and_user_are_nobody_elses() {
    let mut pair = OpenId::new().provider(kept).pair();
    pair.sign_in("dev", "ada");
    let of_dev: Vec<_> =
        pair.cookies().into_iter().filter(|(name, _)| name.contains("access_token")).collect();
    assert!(!of_dev.is_empty());
    for (name, value) in &of_dev {
        pair.plant(&name.replace(".dev", ".other"), value);
    }
    let answer = pair.fetch(Method::GET, "/auth/providers/other/tokens", &[], "");
    assert_eq!((answer.status.as_u16(), &answer.json["reason"]), (401, &"tokens_invalid".into()));

    pair.sign_in("dev", "grace");
    let now = pair.cookies();
    assert!(of_dev.iter().all(|cookie| !now.contains(cookie)), "nothing of ada is left");
    for (name, value) in &of_dev {
        pair.plant(name, value);
    }
    let answer = pair.fetch(Method::GET, TOKENS, &[], "");
    assert_eq!((answer.status.as_u16(), &answer.json["reason"]), (401, &"tokens_invalid".into()));
}

#[test]
fn a_user_is_read_again_within_eight_exchanges_whatever_the_provider_wants() {
    for (behaviour, shape) in [
        (Behaviour::default(), kept as fn(Provider) -> Provider),
        (signed(), kept),
        (signed().dpop_nonce(DpopNonce::Required), |row: Provider| kept(row).dpop()),
    ] {
        // A host that keeps nothing, and one whose keys are of yesterday.
        let happens: [fn(&mut Pair); 2] =
            [|pair| pair.app.cache.clear(), |pair| pair.app.provider("dev").state.rotate_key()];
        for happen in happens {
            let mut pair = OpenId::new().behaviour(behaviour).provider(shape).pair();
            pair.sign_in("dev", "ada");
            let dev = pair.app.provider("dev");
            let renamed = aura_test_idp::Account::new("ada", "Countess", "ada@example.test");
            dev.idp = dev.idp.clone().account(renamed);
            pair.browser.advance(3590);
            happen(&mut pair);
            pair.app.longest_flow = 0;
            let answer = refresh_user(&mut pair);
            assert_eq!((answer.status.as_u16(), failures(&pair)), (200, vec![]), "{}", answer.json);
            assert_eq!(pair.session().json["user"]["name"], "Countess");
            assert!(pair.app.longest_flow <= 8, "{}", pair.app.longest_flow);
        }
    }
}

#[test]
fn ds_01_keys_that_a_flow_has_read_are_not_read_again_by_it() {
    let mut pair = OpenId::new().behaviour(signed()).provider(kept).pair();
    pair.sign_in("dev", "ada");
    pair.browser.advance(3590);
    let before = pair.app.transcript.as_str().matches("FetchJwks").count();
    assert_eq!(refresh_user(&mut pair).status, 200);
    assert_eq!(pair.app.transcript.as_str().matches("FetchJwks").count(), before + 1);
}

#[test]
fn a_key_that_was_rotated_is_followed_where_userinfo_is_what_it_signs() {
    let mut pair = OpenId::new().behaviour(signed()).provider(kept).pair();
    pair.sign_in("dev", "ada");
    pair.app.provider("dev").state.rotate_key();
    pair.browser.advance(61);
    pair.app.fetches.clear();
    let answer = refresh_user(&mut pair);
    assert_eq!((answer.status.as_u16(), asked(&pair)), (200, vec!["userinfo", "jwks"]), "{}", answer.json);
}

#[test]
fn a_provider_that_describes_another_user_later_changes_no_session() {
    let mut pair = OpenId::new().provider(kept).pair();
    pair.sign_in("dev", "ada");
    for (fault, reason) in [
        (Fault::json(200, r#"{"sub":"grace","name":"Grace"}"#), "userinfo_other_subject"),
        (Fault::json(200, r#"{"name":"Grace"}"#), "userinfo_without_id"),
        (Fault::answered(200, "application/jwt", "x"), "userinfo_untrusted_signature"),
    ] {
        pair.app.userinfo_fault = Some(fault);
        pair.app.events.clear();
        let answer = refresh_user(&mut pair);
        assert!(answer.status.is_server_error(), "{}", answer.json);
        assert_eq!((answer.json["reason"].as_str(), failures(&pair)), (Some(reason), vec![reason]));
        assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace");
    }
}

#[test]
fn a_token_that_is_signed_by_the_secret_signs_in_and_by_another_does_not() {
    let by_secret =
        |row: Provider| row.id_token_key(IdTokenKey::ClientSecret).pushed_requests(PushedRequests::Never);
    for (secret, ends) in [
        ("dev-client-secret", None),
        ("another-secret", Some("id_token_signature")),
        ("", Some("id_token_signature")),
        (aura_test_idp::RS256_PUBLIC_KEY_PEM, Some("id_token_signature")),
    ] {
        let mut pair = OpenId::new().provider(by_secret).pair();
        let (claims, callback) = crate::forge::claims(&mut pair, "/auth/signIn/dev");
        let text = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(claims.to_string()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes());
        let token = format!("{text}.{}", encode(tag));
        let page = crate::forge::arrive(&mut pair, &callback, &token, &serde_json::json!([]));
        match ends {
            None => assert_eq!((page.status.as_u16(), asked(&pair)), (200, vec!["token", "userinfo"])),
            Some(reason) => assert_ended(&mut pair, &page, 401, reason),
        }
    }
}

#[test]
fn where_the_secret_signs_no_published_key_counts() {
    let by_secret = |row: Provider| row.id_token_key(IdTokenKey::ClientSecret);
    let mut pair = OpenId::new().provider(by_secret).pair();
    let path = callback(&mut pair);
    pair.app.events.clear();
    let page = pair.visit(&path);
    assert_ended(&mut pair, &page, 401, "id_token_algorithm");
}
