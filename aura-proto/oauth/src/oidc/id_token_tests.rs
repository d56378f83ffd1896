//! Each step of the validation has the token that fails it, and no other.

use super::id_token::{IdTokenClaims, MaxAge, Occasion, Parties, SignedBy, validate};
use super::issuer::Issuer;
use crate::refused::IdTokenRefused;
use crate::secret::{AccessToken, Nonce};
use aura_jose::JwkSet;
use aura_jose::{SigningAlgorithm, SigningKey, base64url};
use aura_types::UnixTime;
use ring::digest;
use serde_json::{Map, Value, json};

const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const NOW: u64 = 1_790_000_000;
const ISSUER: &str = "https://a.test";

fn claims() -> Map<String, Value> {
    let claims = json!({
        "iss": ISSUER, "sub": "ada", "aud": "client", "exp": NOW + 300, "iat": NOW, "nonce": "n-1",
    });
    claims.as_object().cloned().unwrap()
}

fn sign(header: &Value, payload: &str) -> String {
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "d": D, "x": X }).to_string();
    let key = SigningKey::from_jwk(SigningAlgorithm::EdDsa, &jwk).unwrap();
    let text = format!("{}.{}", base64url::encode(header.to_string()), base64url::encode(payload));
    format!("{text}.{}", base64url::encode(key.sign(text.as_bytes()).unwrap()))
}

fn check(token: &str, max_age: MaxAge) -> Result<IdTokenClaims, IdTokenRefused> {
    let set = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": X }] }).to_string();
    let keys = JwkSet::parse(set.as_bytes()).unwrap();
    let issuer = Issuer::Exactly(ISSUER.to_owned());
    let parties = Parties {
        trusted_audiences: &[],
        issuer: &issuer,
        published: ISSUER,
        client_id: "client",
        permitted: &[SigningAlgorithm::EdDsa],
    };
    let (nonce, access_token) = (Nonce::new("n-1"), AccessToken::new("at-1"));
    let occasion =
        Occasion::SignIn { nonce: &nonce, max_age, acr_values: "", access_token: Some(&access_token) };
    validate(token, parties, SignedBy::Published(&keys), occasion, UnixTime::from_secs(NOW))
}

#[expect(clippy::needless_pass_by_value, reason = "a literal reads best without a reference")]
fn with(members: Value) -> Result<IdTokenClaims, IdTokenRefused> {
    let mut claims = claims();
    for (name, value) in members.as_object().unwrap() {
        match value.as_str() {
            Some("absent") => claims.remove(name),
            _ => claims.insert(name.clone(), value.clone()),
        };
    }
    check(&sign(&json!({ "alg": "EdDSA" }), &Value::Object(claims).to_string()), MaxAge::Any)
}

#[test]
fn a_sound_token_says_who_signed_in() {
    let said = with(json!({ "email": "ada@a.test", "email_verified": false })).unwrap();
    assert_eq!((said.issuer.as_str(), said.subject.as_str()), (ISSUER, "ada"));
    assert_eq!(said.claims["email_verified"], json!(false));
}

#[test]
fn each_step_has_the_token_that_fails_it() {
    use IdTokenRefused as E;
    for (members, error) in [
        (json!({ "iss": "https://b.test" }), E::Issuer),
        (json!({ "iss": "https://a.test/" }), E::Issuer),
        (json!({ "iss": "absent" }), E::Issuer),
        (json!({ "aud": "other" }), E::Audience),
        (json!({ "aud": ["other", "another"], "azp": "client" }), E::Audience),
        (json!({ "aud": [] }), E::Audience),
        (json!({ "aud": "absent" }), E::Audience),
        (json!({ "aud": ["client", "other"] }), E::UntrustedAudience),
        (json!({ "aud": ["client", "other"], "azp": "other" }), E::AuthorizedParty),
        (json!({ "azp": "other" }), E::AuthorizedParty),
        (json!({ "exp": NOW - 60 }), E::Expired),
        (json!({ "exp": 0 }), E::Expired),
        (json!({ "exp": "absent" }), E::Expired),
        (json!({ "iat": NOW + 61 }), E::IssuedAt),
        (json!({ "iat": "absent" }), E::IssuedAt),
        (json!({ "nbf": NOW + 61 }), E::NotYetValid),
        (json!({ "nonce": "n-2" }), E::Nonce),
        (json!({ "nonce": "" }), E::Nonce),
        (json!({ "nonce": "absent" }), E::Nonce),
        (json!({ "at_hash": "AAAA" }), E::AccessTokenHash),
        (json!({ "at_hash": "" }), E::AccessTokenHash),
        (json!({ "sub": "absent" }), E::Subject),
        (json!({ "sub": "" }), E::Subject),
        (json!({ "sub": "a".repeat(256) }), E::Subject),
    ] {
        assert_eq!(with(members.clone()), Err(error), "{members}");
    }
}

#[test]
fn a_malformed_claim_is_not_a_missing_claim() {
    for members in [
        json!({ "iss": 7 }),
        json!({ "sub": 7 }),
        json!({ "aud": {} }),
        json!({ "aud": [7] }),
        json!({ "aud": null }),
        json!({ "azp": ["client"] }),
        json!({ "exp": "1790000300" }),
        json!({ "exp": null }),
        json!({ "exp": -1 }),
        json!({ "exp": 1e300 }),
        json!({ "iat": true }),
        json!({ "nbf": "0" }),
        json!({ "nonce": 1 }),
        json!({ "at_hash": [] }),
        json!({ "auth_time": "0" }),
        json!({ "tid": 1 }),
    ] {
        assert_eq!(with(members.clone()), Err(IdTokenRefused::ClaimType), "{members}");
    }
}

#[test]
fn what_the_standard_allows_passes() {
    // The left half of SHA-512 of `at-1`, as EdDSA has it.
    let digest = digest::digest(&digest::SHA512, b"at-1");
    let half = base64url::encode(&digest.as_ref()[..32]);
    for members in [
        json!({ "aud": ["client"] }),
        json!({ "aud": ["other", "client"], "azp": "client" }),
        json!({ "azp": "client" }),
        json!({ "exp": NOW - 59 }),
        json!({ "exp": 1_790_000_300.5 }),
        json!({ "iat": NOW + 60 }),
        json!({ "nbf": NOW + 60 }),
        json!({ "at_hash": half }),
        json!({ "sub": "a".repeat(255) }),
        json!({ "acr": "whatever", "amr": ["pwd"] }),
    ] {
        assert!(with(members.clone()).is_ok(), "{members}");
    }
}

#[test]
fn an_authentication_must_be_as_recent_as_was_asked_for() {
    let at = |auth_time: Value, max_age| {
        let mut claims = claims();
        claims.insert("auth_time".to_owned(), auth_time);
        check(&sign(&json!({ "alg": "EdDSA" }), &Value::Object(claims).to_string()), max_age).map(drop)
    };
    let old = Err(IdTokenRefused::AuthenticationTime);
    assert_eq!(at(json!(NOW - 100), MaxAge::Seconds(40)), Ok(()));
    assert_eq!(at(json!(NOW - 101), MaxAge::Seconds(40)), old);
    assert_eq!(at(json!(NOW + 61), MaxAge::Seconds(40)), old);
    assert_eq!(at(Value::Null, MaxAge::Seconds(40)), Err(IdTokenRefused::ClaimType));
    assert_eq!(at(json!(NOW - 1_000_000), MaxAge::Any), Ok(()));
    assert_eq!(
        check(&sign(&json!({ "alg": "EdDSA" }), &Value::Object(claims()).to_string()), MaxAge::Seconds(0))
            .map(drop),
        old
    );
}

#[test]
fn jo_16_a_claim_that_is_there_twice_is_refused() {
    let twice = Value::Object(claims()).to_string().replacen('{', r#"{"sub":"eve","#, 1);
    assert_eq!(check(&sign(&json!({ "alg": "EdDSA" }), &twice), MaxAge::Any), Err(IdTokenRefused::Malformed));
}
