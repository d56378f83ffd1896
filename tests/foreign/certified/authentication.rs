//! Client authentication at the provider, by every method that both sides support.

use super::scene::on_every_host;
use aura_http::signing_key;
use aura_proto::provider::Provider;
use aura_proto::{SigningAlgorithm, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
    RsaPublicKeyComponents as PublicKeyComponents,
};
use serde_json::{Value, json};

/// Signs in with this method, which the provider insists on.
fn sign_in_by(method: &str, metadata: &Value, configure: impl Fn(Provider) -> Provider) {
    let mut whole = json!({ "token_endpoint_auth_method": method });
    whole.as_object_mut().unwrap().extend(metadata.as_object().cloned().unwrap_or_default());
    on_every_host(&whole, configure, |scene| scene.sign_in());
}

#[test]
fn a_client_signs_in_with_its_secret_by_http_basic() {
    sign_in_by("client_secret_basic", &Value::Null, |row| row);
    sign_in_by("client_secret_basic", &Value::Null, Provider::client_secret_basic);
}

#[test]
fn a_client_signs_in_with_its_secret_in_the_form() {
    sign_in_by("client_secret_post", &Value::Null, Provider::client_secret_post);
}

#[test]
fn a_client_signs_in_with_a_token_that_its_secret_signs() {
    sign_in_by("client_secret_jwt", &Value::Null, Provider::client_secret_jwt);
}

#[test]
fn a_client_without_a_secret_signs_in_by_pkce_alone() {
    sign_in_by("none", &Value::Null, |row| row);
}

#[test]
fn a_client_signs_in_with_a_token_of_its_private_key() {
    for (algorithm, name, key) in [
        (SigningAlgorithm::EdDsa, "EdDSA", ed25519()),
        (SigningAlgorithm::Es256, "ES256", p256()),
        (SigningAlgorithm::Rs256, "RS256", rsa()),
        (SigningAlgorithm::Ps256, "PS256", rsa()),
    ] {
        let signing = json!({ "token_endpoint_auth_signing_alg": name, "jwks": { "keys": [key.jwk] } });
        let private: SigningKey = signing_key(algorithm, key.public, &key.private).unwrap();
        sign_in_by("private_key_jwt", &signing, |row| row.private_key_jwt(private.clone()));
    }
}

/// A key of the client: its private half as PEM, its public half as PEM and as the provider gets it (RFC 7517).
struct ClientKey {
    private: String,
    public: &'static str,
    jwk: Value,
}

fn ed25519() -> ClientKey {
    let der = include_bytes!("../../crates/idp/keys/ed25519-0.pk8");
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).unwrap();
    ClientKey {
        private: pem(der),
        public: include_str!("../../crates/idp/keys/ed25519-0.pub.pem"),
        jwk: json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref()) }),
    }
}

fn p256() -> ClientKey {
    let der = include_bytes!("../../crates/idp/keys/p256-0.pk8");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new()).unwrap();
    // An uncompressed point: a byte that says so, then the coordinates (SEC 1 section 2.3.3).
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    ClientKey {
        private: pem(der),
        public: include_str!("../../crates/idp/keys/p256-0.pub.pem"),
        jwk: json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) }),
    }
}

fn rsa() -> ClientKey {
    let der = include_bytes!("../../crates/idp/keys/rsa-0.pk8");
    let pair = RsaKeyPair::from_pkcs8(der).unwrap();
    let PublicKeyComponents::<Vec<u8>> { n, e } = pair.public().into();
    ClientKey {
        private: pem(der),
        public: include_str!("../../crates/idp/keys/rsa-0.pub.pem"),
        jwk: json!({ "kty": "RSA", "n": base64url(&n), "e": base64url(&e) }),
    }
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Writes a key as PEM: lines of 64 characters (RFC 7468 section 2).
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap());
    let lines = lines.collect::<Vec<_>>().join("\n");
    format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n")
}
