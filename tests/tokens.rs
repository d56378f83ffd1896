//! Session tokens are the reference's: recorded ones open here, and ours open with the recorded keys.
#![cfg(test)]

use aura_proto::{Auth, Salt, Secret, Session, SessionError, UnixTime};
use aura_tests::Pair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header;
use ring::{aead, hmac};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/jose.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn recorded_auth(golden: &Value) -> Auth {
    let secret = Secret::new(text(&golden["secret"])).unwrap();
    let salt = Salt::new(text(&golden["salt"])).unwrap();
    Auth::builder(secret, salt).base_url("http://localhost:3000").build().unwrap()
}

fn open(auth: &Auth, token: &str, now_ms: u64) -> Result<Session, SessionError> {
    let headers = [(header::COOKIE, format!("aura-auth.session_token={token}").parse().unwrap())];
    auth.session(&headers.into_iter().collect(), UnixTime::from_secs(now_ms / 1000))
}

#[test]
fn every_recorded_sealed_session_opens_here_with_the_same_user() {
    let golden = golden();
    let auth = recorded_auth(&golden);
    let mut opened = 0;
    let default = &golden["session_tokens"][0];
    let cases = ["session_tokens", "config_variants"].map(|name| golden[name].as_array().unwrap());
    let sealed = cases.into_iter().flatten().filter(|case| case["mode"] == "sealed");
    // Other algorithms are another configuration, whose tokens are refused under this one.
    for case in sealed
        .filter(|case| ["jwe", "jws"].iter().all(|part| case[part]["header"] == default[part]["header"]))
    {
        let (id, minted) = (text(&case["id"]), case["minted_at_ms"][1].as_u64().unwrap());
        let claims: Value = serde_json::from_str(text(&case["jws"]["payload_json"])).unwrap();
        let session =
            open(&auth, text(&case["token"]), minted).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(session.user.sub, text(&claims["sub"]), "{id}");
        assert_eq!(session.user.name.as_deref(), claims["name"].as_str(), "{id}");
        assert_eq!(session.user.email.as_deref(), claims["email"].as_str(), "{id}");
        assert_eq!(session.user.image.as_deref(), claims["image"].as_str(), "{id}");
        assert_eq!(session.expires_at.as_secs(), claims["exp"].as_u64().unwrap(), "{id}");
        assert_eq!(session.issued_at.as_secs(), claims["iat"].as_u64().unwrap(), "{id}");
        assert_eq!(session.provider, None, "{id}");
        opened += 1;
    }
    assert_eq!(opened, 7);
}

#[test]
fn every_recorded_verdict_on_a_sealed_token_is_ours() {
    let golden = golden();
    let auth = recorded_auth(&golden);
    let mut judged = 0;
    for case in
        golden["verification_cases"].as_array().unwrap().iter().filter(|case| case["mode"] == "sealed")
    {
        let session = open(&auth, text(&case["token"]), case["checked_at_ms"].as_u64().unwrap());
        assert_eq!(session.is_ok(), case["accepted"].as_bool().unwrap(), "{}: {session:?}", case["label"]);
        judged += 1;
    }
    assert_eq!(judged, 11);
}

#[test]
fn tokens_of_the_other_modes_are_no_sealed_sessions() {
    let golden = golden();
    let auth = recorded_auth(&golden);
    for case in golden["session_tokens"].as_array().unwrap().iter().filter(|case| case["mode"] != "sealed") {
        if let Some(token) = case["token"].as_str() {
            let minted = case["minted_at_ms"][1].as_u64().unwrap();
            assert_eq!(open(&auth, token, minted), Err(SessionError::Invalid), "{}", case["id"]);
        }
    }
}

#[test]
fn our_session_opens_with_the_recorded_keys_and_says_the_same() {
    let golden = golden();
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.session_token();

    let parts: Vec<&str> = token.split('.').collect();
    let [header, encrypted_key, iv, ciphertext, tag] = parts.as_slice() else { panic!("{token}") };
    let recorded =
        golden["session_tokens"].as_array().unwrap().iter().find(|case| case["mode"] == "sealed").unwrap();
    assert_eq!(decode(header), text(&recorded["jwe"]["header_json"]).as_bytes());
    assert_eq!(*encrypted_key, "");
    let key =
        aead::UnboundKey::new(&aead::AES_256_GCM, &hex(text(&golden["derived_keys"]["encryption"]["hex"])));
    let nonce = aead::Nonce::try_assume_unique_for_key(&decode(iv)).unwrap();
    let mut sealed = [decode(ciphertext), decode(tag)].concat();
    let jws = aead::LessSafeKey::new(key.unwrap())
        .open_in_place(nonce, aead::Aad::from(header), &mut sealed)
        .unwrap();

    let jws = str::from_utf8(jws).unwrap();
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &hex(text(&golden["derived_keys"]["signing"]["hex"])));
    hmac::verify(&key, signed.as_bytes(), &decode(signature)).unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    assert_eq!(decode(header), text(&recorded["jws"]["header_json"]).as_bytes());

    let payload = String::from_utf8(decode(payload)).unwrap();
    let now = pair.browser.now;
    let expected = [
        "\"sub\":\"ada\",\"name\":\"Ada Lovelace\",\"image\":",
        "\"email\":\"ada@example.test\",\"provider\":\"dev\"",
    ];
    assert!(expected.iter().all(|part| payload.contains(part)), "{payload}");
    let times = format!("\"iat\":{now},\"nbf\":{now},\"exp\":{},\"jti\":\"", now + 15 * 24 * 3600);
    assert!(payload.contains(&times), "{payload}");
}

#[test]
fn ck_15_a_session_of_an_earlier_secret_opens_while_that_secret_is_listed() {
    let mut pair = Pair::at("http://localhost:3000", |builder| builder);
    pair.sign_in("dev", "ada");
    let token = pair.session_token();
    let rotated = |previous: &[&str]| {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let builder =
            Auth::builder(secret, Salt::new(aura_tests::SALT).unwrap()).base_url("http://localhost:3000");
        let listed =
            |builder: aura_proto::Builder, old: &&str| builder.previous_secret(Secret::new(old).unwrap());
        previous.iter().fold(builder, listed).build().unwrap()
    };
    let now_ms = pair.browser.now * 1000;
    let other = "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d";
    assert!(open(&rotated(&[other, aura_tests::SECRET]), &token, now_ms).is_ok());
    assert_eq!(open(&rotated(&[other]), &token, now_ms), Err(SessionError::Invalid));
}

fn decode(text: impl AsRef<[u8]>) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
