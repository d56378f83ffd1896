//! Invariant 12: a malformed claim is not a missing claim.
//!
//! An optional claim may be absent, but never of another type.

use crate::play::Outcome;
use crate::site::{AUTH, HELD, NOW, SESSION, run};
use aura_proto::{SessionError, UnixTime};
use aura_tests::{SALT, SECRET};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use proptest::prelude::*;
use proptest::sample::select;
use ring::{aead, hkdf, hmac};
use serde_json::{Map, Value, json};

/// Optional claims of a session, each with whether it is text.
const OPTIONAL: [(&str, bool); 12] = [
    ("name", true),
    ("image", true),
    ("email", true),
    ("provider", true),
    ("iss", true),
    ("aud", true),
    ("mexp", false),
    ("began", false),
    ("auth_time", false),
    ("acr", true),
    ("amr", true),
    ("role", true),
];

/// Claims without which there is no session.
const REQUIRED: [&str; 5] = ["sub", "iat", "nbf", "exp", "jti"];

/// A value that is neither text nor a moment, and neither absent nor `null`.
pub(crate) fn malformed() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(true)),
        Just(json!({})),
        Just(json!({ "a": 1 })),
        Just(json!([1])),
        Just(json!([[]])),
        Just(json!([null])),
        (-1e18..-0.5_f64).prop_map(|number| json!(number)),
        (0..i64::MAX).prop_map(|number| json!(-number - 1)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_session_may_lack_what_is_optional_and_have_nothing_malformed(
        (name, is_text) in select(OPTIONAL.to_vec()),
        required in select(REQUIRED.to_vec()),
        value in malformed(),
    ) {
        let mut claims = claims();
        prop_assert!(session(&claims).is_ok());
        claims.remove(name);
        prop_assert!(session(&claims).is_ok(), "{name} is optional");
        claims.insert(name.to_owned(), value.clone());
        // The application's own claims have the type that it gives them.
        prop_assert_eq!(session(&claims).is_ok(), name == "role", "{}: {}", name, value);
        let other = if is_text { json!(7) } else { json!("7") };
        claims.insert(name.to_owned(), other);
        prop_assert_eq!(session(&claims).is_ok(), name == "role", "{}", name);

        let mut claims = self::claims();
        claims.remove(required);
        prop_assert_eq!(session(&claims), Err(SessionError::Invalid), "{} is required", required);
        claims.insert(required.to_owned(), value);
        prop_assert_eq!(session(&claims), Err(SessionError::Invalid), "{}", required);
    }

    #[test]
    fn a_token_answer_may_lack_what_is_optional_and_have_nothing_malformed(
        name in select(vec!["token_type", "expires_in", "refresh_token", "refresh_token_expires_in", "scope", "id_token"]),
        value in malformed(),
    ) {
        let mut answer = json!({ "access_token": "given-access-token-2" });
        let user = json!({ "id": "ada" });
        prop_assert!(signs_in(&answer, &user));
        answer[name] = value;
        prop_assert!(!signs_in(&answer, &user), "{}", answer);
    }

    #[test]
    fn a_profile_may_lack_what_is_shown_alone_and_have_no_malformed_id(
        name in select(vec!["name", "email", "image"]),
        value in malformed(),
    ) {
        let token = json!({ "access_token": "given-access-token-2" });
        let mut user = json!({ "id": "ada" });
        prop_assert!(signs_in(&token, &user));
        user[name] = value.clone();
        prop_assert!(signs_in(&token, &user), "{}", user);
        user["id"] = value;
        let is_id = user["id"].is_i64();
        prop_assert_eq!(signs_in(&token, &user), is_id, "{}", user);
    }
}

fn claims() -> Map<String, Value> {
    let claims = json!({
        "sub": "ada", "name": "Ada", "image": "https://a.test/a", "email": "a@a.test", "provider": "dev", "role": "a",
        "iat": NOW, "nbf": NOW, "exp": NOW + 60, "mexp": NOW + 90, "began": NOW, "jti": "j", "iss": "i", "aud": ["a"],
        "auth_time": NOW, "acr": "a", "amr": ["pwd"],
    });
    claims.as_object().cloned().unwrap_or_default()
}

/// Opens a session of these claims, sealed as the holder of the secret would.
fn session(claims: &Map<String, Value>) -> Result<String, SessionError> {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT.as_bytes()).extract(SECRET.as_bytes());
    let [signing, encryption] = ["aura:signing", "aura:encryption"].map(|label| {
        let mut key = [0; 32];
        prk.expand(&[label.as_bytes()], hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
        key
    });
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let payload = encode(Value::Object(claims.clone()).to_string().as_bytes());
    let signed = format!("{}.{payload}", encode(br#"{"alg":"HS256","typ":"JWT"}"#));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &signing), signed.as_bytes());
    let mut sealed = format!("{signed}.{}", encode(signature.as_ref())).into_bytes();
    let header = encode(br#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#);
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, &encryption).unwrap());
    let nonce = aead::Nonce::assume_unique_for_key([4; 12]);
    let tag = key.seal_in_place_separate_tag(nonce, aead::Aad::from(&header), &mut sealed).unwrap();
    let token = format!("{header}..{}.{}.{}", encode(&[4; 12]), encode(&sealed), encode(tag.as_ref()));
    let headers: HeaderMap =
        HeaderMap::from_iter([(header::COOKIE, format!("{SESSION}={token}").parse().unwrap())]);
    AUTH.session(&headers, UnixTime::from_secs(NOW)).map(|session| session.user().sub().to_owned())
}

/// Tells whether a sign-in with these two answers ends with a session.
fn signs_in(token: &Value, user: &Value) -> bool {
    let attempt = &HELD.attempts[0];
    let request = Request::get(format!("/auth/callback/dev?code=c&state={}", attempt.state))
        .header(header::COOKIE, format!("{}={}", attempt.cookie.0, attempt.cookie.1));
    let answers: [Outcome; 2] =
        [token, user].map(|body| Ok((200, "application/json".to_owned(), body.to_string().into())));
    run(request.body(Bytes::new()).unwrap(), &answers, true, NOW, [8; 32]).response.status() == 302
}
