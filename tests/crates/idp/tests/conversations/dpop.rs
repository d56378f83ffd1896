//! Tokens that are bound to a key (RFC 9449).

use aura_test_idp::{Behaviour, DpopNonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::common::{BASE, Conversation, REDEMPTION, encode, json};
use crate::relying_party::{OPENID, url};
use crate::signer::Signer;

#[test]
fn a_proof_binds_the_token_and_userinfo_wants_another() {
    for signer in [Signer::ed_dsa(), Signer::es256()] {
        let mut conversation = Conversation::new();
        let token = bound(&mut conversation, &signer);
        let proof = proof(&signer, &userinfo_claims(&conversation, &token));
        assert_eq!(json(&userinfo(&mut conversation, &token, &[&proof]))["sub"], "ada");
    }
}

#[test]
fn a_bound_token_is_no_bearer_token_and_the_other_way_round() {
    let (mut conversation, signer) = (Conversation::new(), Signer::ed_dsa());
    let token = bound(&mut conversation, &signer);
    assert_eq!(conversation.userinfo(&token).status(), 401);

    let bearer = conversation.sign_in(&OPENID)["access_token"].as_str().unwrap().to_owned();
    let proof = proof(&signer, &userinfo_claims(&conversation, &bearer));
    assert_eq!(userinfo(&mut conversation, &bearer, &[&proof]).status(), 401);
}

#[test]
fn every_part_of_a_proof_counts() {
    let now = Conversation::new().now;
    let claims = token_claims(&Conversation::new());
    let refused = [
        ("htm", json!("GET")),
        ("htu", json!("https://evil.example/token")),
        ("htu", Value::Null),
        ("iat", json!(now - 61)),
        ("iat", json!(now + 61)),
        ("iat", json!("now")),
        ("jti", json!("")),
        ("jti", Value::Null),
    ];
    for (name, value) in refused {
        let mut claims = claims.clone();
        claims[name] = value.clone();
        assert_eq!(
            error(&redeem(&[&proof(&Signer::ed_dsa(), &claims)])),
            "invalid_dpop_proof",
            "{name} {value}"
        );
    }
    let mut with_query = claims.clone();
    with_query["htu"] = json!(format!("{BASE}/token?a=b#c"));
    assert_eq!(redeem(&[&proof(&Signer::ed_dsa(), &with_query)]).status(), 200);
}

#[test]
fn a_proof_is_signed_by_the_key_it_shows_and_typed() {
    let signer = Signer::ed_dsa();
    let claims = token_claims(&Conversation::new());
    let (jwk, mut private) = (signer.jwk(), signer.jwk());
    private["d"] = private["x"].clone();
    for header in [
        json!({ "typ": "dpop+jwt", "jwk": Signer::es256().jwk() }),
        json!({ "typ": "dpop+jwt", "jwk": private }),
        json!({ "typ": "dpop+jwt" }),
        json!({ "typ": "JWT", "jwk": jwk }),
        json!({ "jwk": jwk }),
    ] {
        assert_eq!(error(&redeem(&[&signer.jwt(&header, &claims)])), "invalid_dpop_proof", "{header}");
    }
    assert_eq!(error(&redeem(&["not-a-jwt"])), "invalid_dpop_proof");
    let (first, mut other) = (proof(&signer, &claims), claims);
    other["jti"] = json!("another");
    assert_eq!(error(&redeem(&[&first, &proof(&signer, &other)])), "invalid_dpop_proof");
}

#[test]
fn a_proof_is_good_once() {
    let (mut conversation, signer) = (Conversation::new(), Signer::es256());
    let token = bound(&mut conversation, &signer);
    let proof = proof(&signer, &userinfo_claims(&conversation, &token));
    assert_eq!(userinfo(&mut conversation, &token, &[&proof]).status(), 200);
    let again = userinfo(&mut conversation, &token, &[&proof]);
    assert_eq!((again.status().as_u16(), error(&again).as_str()), (401, "invalid_dpop_proof"));
}

#[test]
fn the_resource_wants_the_same_key_and_the_hash_of_the_token() {
    let signer = Signer::ed_dsa();
    let mut conversation = Conversation::new();
    let token = bound(&mut conversation, &signer);
    let claims = userinfo_claims(&conversation, &token);
    let mut other_hash = claims.clone();
    other_hash["ath"] = json!("another");
    let mut no_hash = claims.clone();
    no_hash["ath"] = Value::Null;
    other_hash["jti"] = json!("second");
    no_hash["jti"] = json!("third");
    let proofs = [proof(&Signer::es256(), &claims), proof(&signer, &other_hash), proof(&signer, &no_hash)];
    for proof in proofs {
        let response = userinfo(&mut conversation, &token, &[&proof]);
        assert_eq!((response.status().as_u16(), error(&response).as_str()), (401, "invalid_dpop_proof"));
    }
    assert_eq!(userinfo(&mut conversation, &token, &[]).status(), 401);
}

#[test]
fn where_a_nonce_is_required_the_first_answer_brings_one_and_the_code_stays_good() {
    let (mut conversation, signer) = (Conversation::new(), Signer::ed_dsa());
    conversation.idp.set_behaviour(Behaviour::default().dpop_nonce(DpopNonce::Required));
    let code = conversation.code_for(&url(&OPENID));
    let mut claims = token_claims(&conversation);

    let challenge = redeem_code(&mut conversation, &code, &[&proof(&signer, &claims)]);
    assert_eq!((challenge.status().as_u16(), error(&challenge).as_str()), (400, "use_dpop_nonce"));
    let nonce = challenge.headers()["dpop-nonce"].to_str().unwrap().to_owned();

    claims["nonce"] = json!("guess");
    let guess = redeem_code(&mut conversation, &code, &[&proof(&signer, &claims)]);
    assert_eq!(error(&guess), "use_dpop_nonce");

    claims["nonce"] = json!(nonce);
    let token = json(&redeem_code(&mut conversation, &code, &[&proof(&signer, &claims)]));
    let token = token["access_token"].as_str().unwrap();

    let mut claims = userinfo_claims(&conversation, token);
    let challenge = userinfo(&mut conversation, token, &[&proof(&signer, &claims)]);
    assert_eq!((challenge.status().as_u16(), error(&challenge).as_str()), (401, "use_dpop_nonce"));
    assert!(challenge.headers()["www-authenticate"].to_str().unwrap().starts_with("DPoP "));
    claims["nonce"] = json!(challenge.headers()["dpop-nonce"].to_str().unwrap());
    assert_eq!(userinfo(&mut conversation, token, &[&proof(&signer, &claims)]).status(), 200);

    conversation.now += 300;
    claims["iat"] = json!(conversation.now);
    claims["jti"] = json!("later");
    let stale = userinfo(&mut conversation, token, &[&proof(&signer, &claims)]);
    assert_eq!(error(&stale), "use_dpop_nonce");
}

fn bound(conversation: &mut Conversation, signer: &Signer) -> String {
    let code = conversation.code_for(&url(&OPENID));
    let proof = proof(signer, &token_claims(conversation));
    let answer = json(&redeem_code(conversation, &code, &[&proof]));
    assert_eq!(answer["token_type"], "DPoP");
    answer["access_token"].as_str().unwrap().to_owned()
}

fn proof(signer: &Signer, claims: &Value) -> String {
    signer.jwt(&json!({ "typ": "dpop+jwt", "jwk": signer.jwk() }), claims)
}

fn token_claims(conversation: &Conversation) -> Value {
    let htu = conversation.idp.token_endpoint();
    json!({ "htm": "POST", "htu": htu, "iat": conversation.now, "jti": "for-token" })
}

fn userinfo_claims(conversation: &Conversation, token: &str) -> Value {
    let hash = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    json!({
        "htm": "GET",
        "htu": conversation.idp.userinfo_endpoint(),
        "iat": conversation.now,
        "jti": "for-userinfo",
        "ath": URL_SAFE_NO_PAD.encode(hash),
    })
}

fn redeem(proofs: &[&str]) -> Response<Bytes> {
    let mut conversation = Conversation::new();
    let code = conversation.code_for(&url(&OPENID));
    redeem_code(&mut conversation, &code, proofs)
}

fn redeem_code(conversation: &mut Conversation, code: &str, proofs: &[&str]) -> Response<Bytes> {
    let form = encode(&[&REDEMPTION[..], &[("code", code)]].concat());
    let request = Request::post(conversation.idp.token_endpoint())
        .header("content-type", "application/x-www-form-urlencoded");
    let request = proofs.iter().fold(request, |request, proof| request.header("dpop", *proof));
    conversation.send(request.body(form.into()).unwrap())
}

fn userinfo(conversation: &mut Conversation, token: &str, proofs: &[&str]) -> Response<Bytes> {
    let request =
        Request::get(conversation.idp.userinfo_endpoint()).header("authorization", format!("DPoP {token}"));
    let request = proofs.iter().fold(request, |request, proof| request.header("dpop", *proof));
    conversation.send(request.body(Bytes::new()).unwrap())
}

fn error(response: &Response<Bytes>) -> String {
    json(response)["error"].as_str().unwrap_or_default().to_owned()
}
