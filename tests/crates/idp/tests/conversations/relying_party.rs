//! A relying party's handling of tokens: parsing, and signature checks by the published keys.

use aura_test_idp::{Behaviour, Lie};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

use crate::common::{CALLBACK, CHALLENGE, Conversation, authorize_url, json, parameter};

/// The usual authorization request of OpenID Connect, to be changed by a test.
pub(crate) const OPENID: [(&str, &str); 8] = [
    ("response_type", "code"),
    ("client_id", "app"),
    ("redirect_uri", CALLBACK),
    ("scope", "openid profile email"),
    ("state", "af0ifjsldkj"),
    ("nonce", "n-0S6_WzA2Mj"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

impl Conversation {
    /// Signs ada in and gives the token endpoint's answer.
    pub(crate) fn sign_in(&mut self, request: &[(&str, &str)]) -> Value {
        let code = self.code_for(&url(request));
        json(&self.redeem(&code))
    }

    pub(crate) fn code_for(&mut self, url: &str) -> String {
        let entropy = self.fresh_entropy();
        let location = self.idp.approve(&mut self.state, url, "ada", self.now, entropy).unwrap();
        parameter(&location, "code").unwrap()
    }
}

/// A conversation with a provider that tells a lie.
pub(crate) fn lying(lie: Lie) -> Conversation {
    let mut conversation = Conversation::new();
    conversation.idp.set_behaviour(Behaviour::default().lie(lie));
    conversation
}

pub(crate) fn url(request: &[(&str, &str)]) -> String {
    authorize_url(request)
}

pub(crate) fn header(jwt: &str) -> Value {
    part(jwt, 0)
}

pub(crate) fn claims(jwt: &str) -> Value {
    part(jwt, 1)
}

fn part(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Tells whether the published key that the header names has signed.
pub(crate) fn is_signed(conversation: &mut Conversation, jwt: &str) -> bool {
    let url = conversation.idp.jwks_uri();
    let set = json(&conversation.get(&url));
    let header = header(jwt);
    let keys = set["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"] && key["alg"] == header["alg"]);
    key.is_some_and(|key| verifies(key, header["alg"].as_str().unwrap(), jwt))
}

/// Tells whether an RSA key in PEM has signed.
pub(crate) fn is_signed_by_pem(pem: &str, jwt: &str) -> bool {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let spki = STANDARD.decode(base64).unwrap();
    let (input, signature) = signed_parts(jwt);
    // An SPKI of a 2048-bit RSA key is 24 bytes of algorithm and lengths, then the RSAPublicKey.
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki[24..]).verify(&input, &signature).is_ok()
}

/// Tells whether a key has signed, by the algorithm that it is for.
pub(crate) fn is_signed_by(key: &Value, jwt: &str) -> bool {
    verifies(key, key["alg"].as_str().unwrap(), jwt)
}

fn verifies(key: &Value, alg: &str, jwt: &str) -> bool {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let point = || [vec![4], bytes("x"), bytes("y")].concat();
    let (input, signature) = signed_parts(jwt);
    let rsa = |parameters: &RsaParameters| {
        RsaPublicKeyComponents { n: bytes("n"), e: bytes("e") }.verify(parameters, &input, &signature).is_ok()
    };
    match alg {
        "RS256" => rsa(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&RSA_PSS_2048_8192_SHA256),
        "ES256" => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point()).verify(&input, &signature).is_ok()
        }
        "ES384" => {
            UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point()).verify(&input, &signature).is_ok()
        }
        "EdDSA" => UnparsedPublicKey::new(&ED25519, bytes("x")).verify(&input, &signature).is_ok(),
        other => panic!("{other} is not one of the provider's algorithms"),
    }
}

fn signed_parts(jwt: &str) -> (Vec<u8>, Vec<u8>) {
    let (input, signature) = jwt.rsplit_once('.').unwrap();
    (input.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}
