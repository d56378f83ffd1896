//! Tokens signed by key pairs: valid ones, and forgeries.

use super::{JWS, NOW, auth, claims, derive, encode, session, sign, signed_by_secret};
use aura_http::env::Environment;
use aura_proto::{
    SessionError, SessionTokenFormat, SigningAlgorithm, SigningKey, TokenError, VerificationKey,
};
use aura_tests::{Pair, SECRET};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::Value;

#[test]
fn ck_15_jo_28_a_key_pair_rotated_three_times_keeps_every_session_and_unknown_keys_open_none() {
    let earlier = [1, 2, 3].map(|number| key_pair(number).verification_key().clone());
    let tokens = earlier
        .into_iter()
        .fold(SessionTokenFormat::signed().signing_key(key_pair(4)), SessionTokenFormat::previous_key);
    let auth = auth(tokens);
    let of = |number: u8, kid: &str| {
        sign_with_pair(number, &format!(r#"{{"alg":"EdDSA","typ":"JWT"{kid}}}"#), &claims())
    };
    for number in 1..=4 {
        let named = of(number, &format!(r#","kid":"key-{number}""#));
        assert_eq!(session(&auth, &named).as_deref(), Ok("ada"), "{number}");
        assert_eq!(session(&auth, &of(number, "")).as_deref(), Ok("ada"), "a token without an id tries each");
    }
    for kid in [
        r#","kid":"key-9""#,
        r#","kid":"KEY-1""#,
        r#","kid":"key-1 ""#,
        r#","kid":"key-2""#,
        r#","kid":"../key-1""#,
        r#","kid":"' or 1=1 --""#,
        r#","kid":"""#,
        r#","kid":null"#,
        r#","kid":1"#,
    ] {
        assert_eq!(session(&auth, &of(1, kid)), Err(SessionError::Invalid), "{kid}");
    }
    assert_eq!(session(&auth, &of(9, "")), Err(SessionError::Invalid));
    assert_eq!(session(&auth, &of(9, r#","kid":"key-1""#)), Err(SessionError::Invalid));
    let named = sign(&derive(SECRET, "aura:signing"), r#"{"alg":"HS256","typ":"JWT","kid":"a"}"#, &claims());
    assert_eq!(session(&signed_by_secret(), &named), Err(SessionError::Invalid), "no secret has this id");
}

#[test]
fn ed25519_sessions_round_trip_and_name_their_key() {
    for mode in [SessionTokenFormat::signed, SessionTokenFormat::sealed] {
        let mut pair = Pair::at("https://app.test", |builder| {
            builder.session_token_format(mode().signing_key(key_pair(4)))
        });
        pair.sign_in("dev", "ada");
        assert_eq!(pair.session().json["user"]["sub"], "ada");
        let token = pair.session_token();
        assert_eq!(session(&signed_by_secret(), &token), Err(SessionError::Invalid));
        if token.split('.').count() == 3 {
            let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            assert_eq!(header, br#"{"alg":"EdDSA","typ":"JWT","kid":"key-4"}"#);
        }
    }
}

#[test]
fn ck_16_a_session_token_passes_for_no_token_of_a_partner() {
    let earlier = key_pair(3).verification_key().clone();
    let site = |mode: fn() -> SessionTokenFormat| {
        auth(mode().signing_key(key_pair(4)).previous_key(earlier.clone()))
    };
    let token = |number| sign_with_pair(number, r#"{"alg":"EdDSA","typ":"JWT"}"#, &claims());
    assert_eq!(session(&site(SessionTokenFormat::signed), &token(4)).as_deref(), Ok("ada"));
    for mode in [SessionTokenFormat::signed, SessionTokenFormat::sealed] {
        for number in [3, 4] {
            let key = key_pair(number).verification_key().clone();
            for key in [key.clone(), key.with_kid("by another name")] {
                let verified = site(mode).jose().verify_with::<Value>(&key, &token(number), NOW);
                assert_eq!(verified, Err(TokenError::SessionKey), "{number}");
            }
        }
        let partner = site(mode).jose().verify_with::<Value>(key_pair(5).verification_key(), &token(5), NOW);
        assert_eq!(partner.unwrap()["sub"], "ada");
    }
}

#[test]
fn jo_01_02_03_04_a_public_key_is_no_secret_and_no_algorithm_is_the_tokens_choice() {
    let (_, x) = halves(4);
    let key = key_pair(4);
    let auth = auth(SessionTokenFormat::signed().signing_key(key.clone()));
    let raw = URL_SAFE_NO_PAD.decode(&x).unwrap();
    let der = [&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..], &raw].concat();
    let pem = |end: &str| {
        let body = STANDARD.encode(&der);
        format!("-----BEGIN PUBLIC KEY-----{end}{body}{end}-----END PUBLIC KEY-----")
    };
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    assert!(VerificationKey::from_pem(SigningAlgorithm::EdDsa, &pem("\n")).is_ok());
    let (unix, dos) = (pem("\n"), pem("\r\n"));
    let ended = format!("{unix}\n");
    let secrets: [&[u8]; 8] =
        [&raw, &der, unix.as_bytes(), dos.as_bytes(), ended.as_bytes(), jwk.as_bytes(), x.as_bytes(), b""];
    for secret in secrets {
        for header in [JWS, r#"{"alg":"EdDSA","typ":"JWT"}"#, r#"{"alg":"HS256","typ":"JWT","kid":"key-4"}"#]
        {
            let token = sign(secret, header, &claims());
            assert_eq!(session(&auth, &token), Err(SessionError::Invalid));
            let partner = signed_by_secret();
            let verified = partner.jose().verify_with::<Value>(key.verification_key(), &token, NOW);
            assert_eq!(verified, Err(TokenError::Invalid));
        }
    }
    for alg in [
        r#""none""#,
        r#""None""#,
        r#""NONE""#,
        r#""nOnE""#,
        r#""none ""#,
        r#""""#,
        r#""eddsa""#,
        r#""EdDSA ""#,
        r#""Ed25519""#,
        r#"["EdDSA"]"#,
        r#"{"EdDSA":1}"#,
        "null",
        "0",
    ] {
        let header = format!(r#"{{"alg":{alg},"typ":"JWT"}}"#);
        let token = sign_with_pair(4, &header, &claims());
        let (signed, _) = token.rsplit_once('.').unwrap();
        for token in [token.clone(), format!("{signed}.")] {
            assert_eq!(session(&auth, &token), Err(SessionError::Invalid), "{alg}");
        }
    }
}

#[test]
fn jo_08_malleable_and_empty_ed25519_signatures_are_refused() {
    let key = key_pair(4);
    let token = sign_with_pair(4, r#"{"alg":"EdDSA","typ":"JWT"}"#, &claims());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    let mut raised = signature.clone();
    for (byte, addend) in raised[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + addend + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    let mut small = signature.clone();
    small[..32].copy_from_slice(&[0; 32]);
    let forged = [
        raised,
        small,
        vec![0; 64],
        vec![0xff; 64],
        signature[..63].to_vec(),
        [&signature[..], &[0]].concat(),
    ];
    let verify = |signature: &[u8]| {
        let token = format!("{signed}.{}", encode(signature));
        auth(SessionTokenFormat::signed()).jose().verify_with::<Value>(key.verification_key(), &token, NOW)
    };
    assert!(verify(&signature).is_ok());
    for signature in forged {
        assert_eq!(verify(&signature), Err(TokenError::Invalid));
    }
}

#[test]
fn jo_05_07_sibling_algorithms_and_odd_ecdsa_signatures_are_refused() {
    let golden: Value = serde_json::from_str(include_str!("../../golden/jose.json")).unwrap();
    let case = |id: &str| {
        let cases = golden["asymmetric"].as_array().unwrap();
        let case = cases.iter().find(|case| case["id"] == id).unwrap();
        [&case["keys_pem"]["publicKey"], &case["result"]["token"]]
            .map(|text| text.as_str().unwrap().to_owned())
    };
    let verify = |algorithm, pem: &str, token: &str| {
        let key = VerificationKey::from_pem(algorithm, pem).unwrap();
        auth(SessionTokenFormat::signed()).jose().verify_with::<Value>(&key, token, NOW).map(drop)
    };
    let [rsa, token] = case("signed RS256");
    assert_eq!(verify(SigningAlgorithm::Rs256, &rsa, &token), Ok(()));
    for sibling in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert_eq!(verify(sibling.parse().unwrap(), &rsa, &token), Err(TokenError::Invalid));
        let header = encode(format!(r#"{{"alg":"{sibling}","typ":"JWT"}}"#));
        let renamed = format!("{header}.{}", token.split_once('.').unwrap().1);
        assert_eq!(verify(sibling.parse().unwrap(), &rsa, &renamed), Err(TokenError::Invalid));
    }
    let [ec, token] = case("signed ES256");
    assert_eq!(verify(SigningAlgorithm::Es256, &ec, &token), Ok(()));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let (r, s) = signature.split_at(32);
    let zero = [0; 32];
    let order = URL_SAFE_NO_PAD.decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE").unwrap();
    let der = [&[0x30, 0x46, 2, 0x21, 0], r, &[2, 0x21, 0], s].concat();
    for forged in [
        [&zero[..], s].concat(),
        [r, &zero].concat(),
        [zero, zero].concat(),
        [&order[..], s].concat(),
        [r, &order].concat(),
        [&order[..], &order].concat(),
        [s, r].concat(),
        [&[0], r, &[0], s].concat(),
        [r, s, &zero].concat(),
        vec![0xff; 64],
        r.to_vec(),
        der,
        Vec::new(),
    ] {
        let token = format!("{signed}.{}", encode(&forged));
        assert_eq!(verify(SigningAlgorithm::Es256, &ec, &token), Err(TokenError::Invalid), "{forged:?}");
    }
}

/// Makes a key pair of a number.
fn key_pair(number: u8) -> SigningKey {
    let (d, x) = halves(number);
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"key-{number}","d":"{d}","x":"{x}"}}"#);
    SigningKey::from_jwk(SigningAlgorithm::EdDsa, &jwk).unwrap()
}

fn halves(number: u8) -> (String, String) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap();
    (encode([number; 32]), encode(pair.public_key()))
}

fn sign_with_pair(number: u8, header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let pair = Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap();
    let signature = encode(pair.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

#[test]
fn an_environment_without_keys_leaves_what_signs_alone() {
    let mut pair = Pair::at("https://app.test", |builder| {
        let tokens = SessionTokenFormat::signed().signing_algorithm(SigningAlgorithm::Hs512);
        Environment::new(&|_| None).complete(builder.session_token_format(tokens)).unwrap()
    });
    pair.sign_in("dev", "ada");
    let token = pair.session_token();
    let (header, _) = token.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header["alg"], "HS512");
}
