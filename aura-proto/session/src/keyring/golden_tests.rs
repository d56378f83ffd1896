//! Comparison with what the reference recorded: the same claims, ids and IVs give the same tokens, byte for byte.

use super::{Age, Keys};
use crate::config::SessionTokenFormat;
use crate::entropy::derive;
use crate::secret::{Salt, Secret};
use aura_jose::{Refused, SigningAlgorithm, SigningKey, base64url};
use ring::hkdf;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/golden/jose.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn cases<'a>(golden: &'a Value, name: &str) -> &'a [Value] {
    golden[name].as_array().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads what a case was configured with.
fn tokens(case: &Value) -> SessionTokenFormat {
    let mut tokens = match text(&case["mode"]) {
        "sealed" => SessionTokenFormat::sealed(),
        "signed" => SessionTokenFormat::signed(),
        "encrypted" => SessionTokenFormat::encrypted(),
        mode => panic!("{mode}"),
    };
    if let Some(name) = case["session_config"]["jwt"]["signingAlgorithm"].as_str() {
        tokens = tokens.signing_algorithm(name.parse().unwrap());
    }
    tokens
}

fn keys(golden: &Value, tokens: SessionTokenFormat) -> Keys {
    let secret = Secret::new(text(&golden["secret"])).unwrap();
    let salt = Salt::new(text(&golden["salt"])).unwrap();
    Keys::derive_for(&tokens.check().unwrap(), &secret, &salt).unwrap()
}

#[test]
fn jo_31_derived_keys_are_the_recorded_ones() {
    let golden = golden();
    let prk = |secret: &str, salt: &str| {
        hkdf::Salt::new(hkdf::HKDF_SHA256, salt.as_bytes()).extract(secret.as_bytes())
    };
    let own = prk(text(&golden["secret"]), text(&golden["salt"]));
    for name in ["signing", "encryption"] {
        let key = &golden["derived_keys"][name];
        assert_eq!(hex(&derive::<32>(&own, &[text(&key["info"]).as_bytes()])), text(&key["hex"]));
    }
    for case in cases(&golden, "hkdf") {
        let (prk, info) = (prk(text(&case["secret"]), text(&case["salt"])), text(&case["info"]).as_bytes());
        let derived = match case["length"].as_u64().unwrap() {
            16 => hex(&derive::<16>(&prk, &[info])),
            32 => hex(&derive::<32>(&prk, &[info])),
            length => panic!("{length}"),
        };
        assert_eq!(derived, text(&case["result"]), "{case}");
    }
}

#[test]
fn recorded_claims_give_the_recorded_token_byte_for_byte() {
    let golden = golden();
    let mut minted = [0; 3];
    let all = ["session_tokens", "config_variants", "provider_tokens"].map(|name| cases(&golden, name));
    for case in all.into_iter().flatten().filter(|case| case["token"].is_string()) {
        let id = text(&case["id"]);
        let keys = keys(&golden, tokens(case));
        let (token, claims) = (text(&case["token"]), text(&case["claims_json"]).as_bytes());
        if case["session_config"]["jwt"]["keyAlgorithm"] == "A256KW" {
            // A documented difference: the cryptography library has no key wrap.
            assert_eq!(keys.read_session(token.as_bytes()), Err(Refused), "{id}");
            continue;
        }
        let iv = || {
            let iv = base64url::decode(token.split('.').nth(2).unwrap()).unwrap();
            assert_eq!(hex(&iv), text(&case["jwe"]["iv_hex"]), "{id}");
            iv.try_into().unwrap()
        };
        assert_eq!(keys.protect(claims, iv).as_deref(), Ok(token), "{id}");
        assert_eq!(keys.read_session(token.as_bytes()), Ok((claims.to_vec(), Age::Newest)), "{id}");
        let mode = ["sealed", "signed", "encrypted"].iter().position(|mode| case["mode"] == *mode).unwrap();
        minted[mode] += 1;
    }
    assert_eq!(minted, [9, 8, 7]);
}

#[test]
fn a_recorded_key_pair_of_ed25519_gives_the_recorded_token() {
    let golden = golden();
    let case = cases(&golden, "asymmetric").iter().find(|case| case["id"] == "signed EdDSA").unwrap();
    let key = SigningKey::from_pem(SigningAlgorithm::EdDsa, text(&case["keys_pem"]["privateKey"])).unwrap();
    let keys = keys(&golden, SessionTokenFormat::signed().signing_key(key));
    let token = text(&case["result"]["token"]);
    let (claims, _) = keys.read_session(token.as_bytes()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&claims).unwrap(), case["result"]["decoded"]);
    assert_eq!(keys.protect(&claims, || [0; 12]).as_deref(), Ok(token));
}
