//! Signature verification by a public JWK (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::Value;

use crate::digest::s256;

/// A public key and what identifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerificationKey {
    material: Material,
    thumbprint: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl VerificationKey {
    /// Reads the public members; whatever else there is, is not looked at.
    pub(crate) fn parse(jwk: &Value) -> Option<Self> {
        let member = |name| jwk.get(name).and_then(Value::as_str);
        let bytes = |name| URL_SAFE_NO_PAD.decode(member(name)?).ok();
        let point = || Some([vec![4], bytes("x")?, bytes("y")?].concat());
        let material = match (member("kty")?, member("crv")) {
            ("RSA", _) => Material::Rsa { n: bytes("n")?, e: bytes("e")? },
            ("EC", Some("P-256")) => Material::P256(point()?),
            ("EC", Some("P-384")) => Material::P384(point()?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes("x")?),
            _ => return None,
        };
        Some(Self { thumbprint: thumbprint(jwk, &material), material })
    }

    /// Identifies the key (RFC 7638 section 3).
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Checks a signature by the algorithm that its header names, if the key is of that kind.
    pub(crate) fn verifies(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
        let unparsed = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        };
        match &self.material {
            Material::Rsa { n, e } => rsa_parameters(alg).is_some_and(|parameters| {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
            }),
            Material::P256(key) => alg == "ES256" && unparsed(&ECDSA_P256_SHA256_FIXED, key),
            Material::P384(key) => alg == "ES384" && unparsed(&ECDSA_P384_SHA384_FIXED, key),
            Material::Ed25519(key) => matches!(alg, "EdDSA" | "Ed25519") && unparsed(&ED25519, key),
        }
    }
}

fn rsa_parameters(alg: &str) -> Option<&'static RsaParameters> {
    match alg {
        "RS256" => Some(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => Some(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => Some(&RSA_PKCS1_2048_8192_SHA512),
        "PS256" => Some(&RSA_PSS_2048_8192_SHA256),
        _ => None,
    }
}

/// The digest of the required members alone, in lexicographic order (RFC 7638 section 3.2).
fn thumbprint(jwk: &Value, material: &Material) -> String {
    let names: &[&str] = match material {
        Material::Rsa { .. } => &["e", "kty", "n"],
        Material::P256(_) | Material::P384(_) => &["crv", "kty", "x", "y"],
        Material::Ed25519(_) => &["crv", "kty", "x"],
    };
    let members = names.iter().filter_map(|name| Some(((*name).to_owned(), jwk.get(name)?.clone())));
    s256(&Value::Object(members.collect()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    #[test]
    fn the_thumbprint_is_the_one_of_rfc_8037_appendix_a_3() {
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "any",
        });
        let key = VerificationKey::parse(&jwk).unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn an_unknown_kind_of_key_is_none() {
        for jwk in [
            json!({}),
            json!({ "kty": "oct", "k": "AAAA" }),
            json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }),
            json!({ "kty": "RSA", "n": "AA" }),
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "=" }),
        ] {
            assert_eq!(VerificationKey::parse(&jwk), None, "{jwk}");
        }
    }
}
