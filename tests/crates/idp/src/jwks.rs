//! Published key set: the signing key among keys that are unusable (RFC 7517 section 5).

use serde_json::{Value, json};

use crate::behaviour::PublishedKeys;
use crate::idp::Idp;
use crate::keys::Role;
use crate::lie::Lie;
use crate::response::{self, Response};
use crate::state::State;

/// How many keys come before the good one where there are too many.
const TOO_MANY: usize = 10_000;

/// Answers `GET jwks`.
pub(crate) fn answer(idp: &Idp, state: &State) -> Response {
    if idp.tells(Lie::JwksNotJson) {
        return response::html_instead();
    }
    response::success(&json!({ "keys": keys(idp, state) }))
}

fn keys(idp: &Idp, state: &State) -> Vec<Value> {
    if idp.tells(Lie::JwksEmpty) {
        return Vec::new();
    }
    let behaviour = idp.current_behaviour();
    let key = |role| state.key(behaviour.signing_algorithm, role);
    let mut keys = unusable().to_vec();
    if idp.tells(Lie::JwksTenThousandKeys) {
        keys.extend((0..TOO_MANY).map(filler));
    }
    let publishes_two =
        behaviour.published_keys == PublishedKeys::Two || idp.tells(Lie::IdTokenWithoutKidAmongSeveral);
    if publishes_two {
        keys.push(key(Role::Second).jwk());
    }
    keys.push(bent(idp, key(Role::Signing).jwk()));
    keys
}

fn bent(idp: &Idp, mut jwk: Value) -> Value {
    let Some(members) = jwk.as_object_mut() else {
        return jwk;
    };
    if idp.tells(Lie::JwksWrongUse) {
        members.insert("use".to_owned(), json!("enc"));
    }
    if idp.tells(Lie::JwksWithPrivateKey) {
        // The member itself makes a key private, so any value of the right form is sufficient.
        let value = members.get("n").or_else(|| members.get("x")).cloned().unwrap_or_default();
        members.insert("d".to_owned(), value);
    }
    jwk
}

/// The key that the OpenID Foundation's conformance suite publishes next to every good key: a key of a kind from the
/// future, one of an unknown kind, two for unknown algorithms and one on an unknown curve.
fn unusable() -> [Value; 5] {
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    [
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": X, "kid": "unusable-akp", "use": "sig" }),
        json!({ "kty": "UNKNOWN", "material": X, "kid": "unusable-kty", "use": "sig" }),
        json!({ "kty": "RSA", "alg": "XS256", "n": X, "e": "AQAB", "kid": "unusable-alg-rsa", "use": "sig" }),
        json!({ "kty": "EC", "alg": "XS256", "crv": "P-256", "x": X, "y": X, "kid": "unusable-alg-ec", "use": "sig" }),
        json!({ "kty": "EC", "alg": "ES256", "crv": "P-1024", "x": X, "y": X, "kid": "unusable-crv", "use": "sig" }),
    ]
}

fn filler(number: usize) -> Value {
    json!({ "kty": "UNKNOWN", "kid": format!("filler-{number}"), "use": "sig" })
}
