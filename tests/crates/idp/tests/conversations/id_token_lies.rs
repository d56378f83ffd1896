//! Effects of the lies in ID tokens.

use aura_test_idp::{Behaviour, Lie, Place, RS256_PUBLIC_KEY_PEM};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use crate::common::{BASE, Conversation, json};
use crate::relying_party::{OPENID, claims, header, is_signed, is_signed_by, lying};

const HOUR: u64 = 3600;

#[test]
fn each_lie_about_a_claim_is_told_under_a_good_signature() {
    let now = Conversation::new().now;
    let told = [
        (Lie::IdTokenOtherIss, "iss", json!("https://other-idp.example")),
        (Lie::IdTokenOtherTenantIss, "iss", json!(format!("{BASE}/other-tenant"))),
        (Lie::IdTokenWithoutIss, "iss", Value::Null),
        (Lie::IdTokenWithoutSub, "sub", Value::Null),
        (Lie::IdTokenEmptySub, "sub", json!("")),
        (Lie::IdTokenOtherAud, "aud", json!("another-client")),
        (Lie::IdTokenWithoutAud, "aud", Value::Null),
        (Lie::IdTokenSeveralAudWithoutAzp, "aud", json!(["app", "another-client"])),
        (Lie::IdTokenSeveralAudWithoutAzp, "azp", Value::Null),
        (Lie::IdTokenOtherAzp, "azp", json!("another-client")),
        (Lie::IdTokenOtherNonce, "nonce", json!("another-nonce")),
        (Lie::IdTokenWithoutNonce, "nonce", Value::Null),
        (Lie::IdTokenWithoutAtHash, "at_hash", Value::Null),
        (Lie::IdTokenOldAuthTime, "auth_time", json!(now - 24 * HOUR)),
        (Lie::IdTokenWithoutAuthTime, "auth_time", Value::Null),
        (Lie::IdTokenOtherAcr, "acr", json!("another-acr")),
        (Lie::IdTokenExpired, "exp", json!(now - HOUR)),
        (Lie::IdTokenWithoutExp, "exp", Value::Null),
        (Lie::IdTokenIssuedInTheFuture, "iat", json!(now + HOUR)),
        (Lie::IdTokenWithoutIat, "iat", Value::Null),
        (Lie::IdTokenNotYetValid, "nbf", json!(now + HOUR)),
        (Lie::IdTokenSubNumber, "sub", json!(42)),
        (Lie::IdTokenIssArray, "iss", json!([BASE])),
        (Lie::IdTokenAudObject, "aud", json!({ "app": true })),
        (Lie::IdTokenAudEmptyArray, "aud", json!([])),
        (Lie::IdTokenExpString, "exp", json!((now + 600).to_string())),
        (Lie::IdTokenIatString, "iat", json!(now.to_string())),
        (Lie::IdTokenNonceArray, "nonce", json!(["n-0S6_WzA2Mj"])),
    ];
    for (lie, name, value) in told {
        let (mut conversation, id_token) = sign_in(lie);
        let claims = claims(&id_token);
        assert_eq!(claims.get(name).cloned().unwrap_or_default(), value, "{lie:?}");
        assert_eq!(claims.get(name).is_none(), value.is_null(), "{lie:?}");
        assert!(is_signed(&mut conversation, &id_token), "{lie:?}");
    }
}

#[test]
fn another_at_hash_is_well_formed_and_does_not_fit() {
    let honest = claims(&honest_id_token())["at_hash"].clone();
    let lied = claims(&sign_in(Lie::IdTokenOtherAtHash).1)["at_hash"].clone();
    assert_eq!(lied.as_str().unwrap().len(), honest.as_str().unwrap().len());
    assert_ne!(lied, honest);
}

#[test]
fn a_claim_that_occurs_twice_has_two_values() {
    let (mut conversation, id_token) = sign_in(Lie::IdTokenDuplicateClaims);
    let payload = id_token.split('.').nth(1).unwrap();
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert!(payload.contains(r#""sub":"ada""#) && payload.contains(r#""sub":"mallory""#));
    assert!(is_signed(&mut conversation, &id_token));
}

#[test]
fn alg_none_has_no_signature_and_honest_claims() {
    let (_, id_token) = sign_in(Lie::IdTokenAlgNone);
    assert_eq!(header(&id_token)["alg"], "none");
    assert!(id_token.ends_with('.'));
    assert_eq!(claims(&id_token), claims(&honest_id_token()));
}

#[test]
fn another_alg_is_signed_by_the_published_key_where_that_can_be() {
    let (mut conversation, id_token) = sign_in(Lie::IdTokenOtherAlg);
    assert_eq!(header(&id_token)["alg"], "PS256");
    let url = conversation.idp.jwks_uri();
    let keys = json(&conversation.get(&url));
    let mut key = keys["keys"][5].clone();
    assert_eq!((&key["kid"], &key["alg"]), (&header(&id_token)["kid"], &json!("RS256")));
    key["alg"] = json!("PS256");
    assert!(is_signed_by(&key, &id_token));
}

#[test]
fn hs256_is_keyed_with_the_text_of_the_public_key() {
    let (_, id_token) = sign_in(Lie::IdTokenHs256WithPublicKey);
    assert_eq!(header(&id_token)["alg"], "HS256");
    let (input, tag) = id_token.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, RS256_PUBLIC_KEY_PEM.as_bytes());
    assert!(hmac::verify(&key, input.as_bytes(), &URL_SAFE_NO_PAD.decode(tag).unwrap()).is_ok());
}

#[test]
fn a_bad_signature_fits_no_published_key() {
    let (mut conversation, id_token) = sign_in(Lie::IdTokenBadSignature);
    assert_eq!(header(&id_token), header(&honest_id_token()));
    assert!(!is_signed(&mut conversation, &id_token));
}

#[test]
fn an_unknown_kid_is_not_published() {
    let (mut conversation, id_token) = sign_in(Lie::IdTokenUnknownKid);
    let url = conversation.idp.jwks_uri();
    let keys = json(&conversation.get(&url));
    let kid = &header(&id_token)["kid"];
    assert!(kid.is_string());
    assert!(keys["keys"].as_array().unwrap().iter().all(|key| key["kid"] != *kid));
}

#[test]
fn without_a_kid_one_of_the_published_keys_fits() {
    for (lie, candidates) in [(Lie::IdTokenWithoutKid, 1), (Lie::IdTokenWithoutKidAmongSeveral, 2)] {
        let (mut conversation, id_token) = sign_in(lie);
        assert_eq!(header(&id_token).get("kid"), None, "{lie:?}");
        let url = conversation.idp.jwks_uri();
        let keys = json(&conversation.get(&url));
        let rs256 = keys["keys"].as_array().unwrap().iter().filter(|key| key["alg"] == "RS256");
        let fits: Vec<_> = rs256.map(|key| is_signed_by(key, &id_token)).collect();
        assert_eq!(fits.len(), candidates, "{lie:?}");
        assert_eq!(fits.iter().filter(|fits| **fits).count(), 1, "{lie:?}");
    }
}

#[test]
fn an_embedded_key_fits_and_is_not_published() {
    let (mut conversation, id_token) = sign_in(Lie::IdTokenEmbeddedJwk);
    assert!(is_signed_by(&header(&id_token)["jwk"], &id_token));
    assert!(!is_signed(&mut conversation, &id_token));
    assert_eq!(claims(&id_token)["sub"], "mallory");
}

#[test]
fn a_critical_header_is_signed_too() {
    let (mut conversation, id_token) = sign_in(Lie::IdTokenCritHeader);
    assert_eq!(header(&id_token)["crit"], json!(["https://extension.example"]));
    assert!(is_signed(&mut conversation, &id_token));
}

#[test]
fn what_is_no_jws_does_not_look_like_one() {
    assert_eq!(sign_in(Lie::IdTokenNotAJwt).1, "not-a-jwt");
    let encrypted = sign_in(Lie::IdTokenEncryptedLooking).1;
    assert_eq!(encrypted.split('.').count(), 5);
    assert_eq!(header(&encrypted)["enc"], "A256GCM");
    let mut conversation = lying(Lie::IdTokenMissing);
    assert_eq!(conversation.sign_in(&OPENID).get("id_token"), None);
}

#[test]
fn a_key_rotated_just_before_signing_is_published_afterwards() {
    let mut conversation = lying(Lie::KeyRotatedJustBeforeSigning);
    let url = conversation.idp.jwks_uri();
    let before = json(&conversation.get(&url));
    let id_token = conversation.sign_in(&OPENID)["id_token"].as_str().unwrap().to_owned();
    let kid = &header(&id_token)["kid"];
    assert!(before["keys"].as_array().unwrap().iter().all(|key| key["kid"] != *kid));
    assert!(is_signed(&mut conversation, &id_token));
}

#[test]
fn several_lies_are_told_at_once() {
    let mut conversation = Conversation::new();
    let behaviour = Behaviour::default().lie(Lie::IdTokenOtherAud).lie(Lie::IdTokenOtherIss);
    conversation.idp.set_behaviour(behaviour);
    let claims = claims(conversation.sign_in(&OPENID)["id_token"].as_str().unwrap());
    assert_eq!(claims["aud"], "another-client");
    assert_eq!(claims["iss"], "https://other-idp.example");
}

#[test]
fn every_lie_about_id_tokens_makes_another_token_answer() {
    let honest = Conversation::new().sign_in(&OPENID);
    for lie in Lie::ALL.iter().filter(|lie| lie.place() == Place::IdToken) {
        assert_ne!(lying(*lie).sign_in(&OPENID), honest, "{lie:?}");
    }
}

fn honest_id_token() -> String {
    Conversation::new().sign_in(&OPENID)["id_token"].as_str().unwrap().to_owned()
}

fn sign_in(lie: Lie) -> (Conversation, String) {
    let mut conversation = lying(lie);
    let id_token = conversation.sign_in(&OPENID)["id_token"].as_str().unwrap().to_owned();
    (conversation, id_token)
}
