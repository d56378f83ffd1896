//! Judgement of whole tokens by Wycheproof's vectors (see `tests/vectors/README.md`).
//!
//! Every token is read twice. By parser, decoder, and algorithms alone, each verdict is Wycheproof's. By the public
//! readers, every token is refused, because none of Wycheproof's is typed: a named difference.

use crate::header::Header;
use crate::{
    CompactJws, ContentKey, KeyError, MacAlgorithm, MacKey, Refused, SigningAlgorithm, VerificationKey,
    base64url,
};
use ring::hmac;
use serde_json::Value;
use std::collections::BTreeMap;

/// What became of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// Valid, and accepted.
    Passed,
    /// Invalid, and refused.
    Refused,
    /// Valid, and refused, because the algorithm is not implemented.
    NotApplicable(&'static str),
    /// Valid to Wycheproof, and refused: we are stricter, on purpose.
    Stricter(&'static str),
    /// Invalid to Wycheproof, and accepted: a weakness that is none of this reader's to find.
    Laxer(&'static str),
}

const NO_ES512: &str = "ring has no P-521";
const NO_SYMMETRIC_JWK: &str = "keys of secrets come from the secret, never from a JWK";
const ODD_BASE64: &str = "a character outside of base64url is refused, not skipped (RFC 7515 section 2)";
const OTHER_ALGORITHM: &str = "a key that names its algorithm serves no other (RFC 8725 section 3.1)";
const ROCA: &str = "whether a modulus was made by a faulty chip is not looked at";
const SAME_AS_VALID: &str =
    "the padding that it was to have is missing: the text is that of test 357, which is valid";
const NO_KEY_MANAGEMENT: &str = "dir with A256GCM is the only way to encrypt";

const TEST_357: &str =
    "eyJraWQiOiJoczI1Ni1rZXkiLCJhbGciOiJIUzI1NiJ9.VGVzdA.c1LROH7eNQwUT8KMVEO52VC3WZ9e_AnDWbZ7aMmowV8";

struct Case<'a> {
    group: &'a Value,
    test: &'a Value,
}

impl Case<'_> {
    fn is_valid(&self) -> bool {
        self.test["r"] == "valid"
    }

    fn token(&self, name: &str) -> String {
        let token = &self.test[name];
        token.as_str().map_or_else(|| token.to_string(), str::to_owned)
    }
}

/// Counts the verdicts on all tests of a file, prints them, and returns them.
fn judge(name: &str, file: &str, verdict: impl Fn(&Case<'_>) -> Verdict) -> BTreeMap<Verdict, usize> {
    let file: Value = serde_json::from_str(file).unwrap();
    let mut counts = BTreeMap::new();
    for group in file["groups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let count: &mut usize = counts.entry(verdict(&Case { group, test })).or_default();
            *count = count.saturating_add(1);
        }
    }
    assert_eq!(counts.values().sum::<usize>(), file["count"]);
    for (verdict, count) in &counts {
        println!("{name}: {count} {verdict:?}");
    }
    counts
}

/// Compares our reading of a token with Wycheproof's. Where they differ, one of the named differences must explain it.
fn compare(case: &Case<'_>, accepted: bool, difference: Option<Verdict>) -> Verdict {
    match (case.is_valid(), accepted, difference) {
        (true, true, None) => Verdict::Passed,
        (false, false, None) => Verdict::Refused,
        (true, false, Some(verdict @ (Verdict::NotApplicable(_) | Verdict::Stricter(_))))
        | (false, true, Some(verdict @ Verdict::Laxer(_))) => verdict,
        (valid, accepted, difference) => {
            panic!("valid {valid}, accepted {accepted}, {difference:?}: {} {}", case.group["g"], case.test)
        }
    }
}

/// Reads a JWS by a secret, as [`MacKey::verify_jwt`] does but for type and key id.
fn verify_hmac(key: &hmac::Key, algorithm: &str, token: &str) -> Result<Vec<u8>, Refused> {
    let jws = CompactJws::split(token)?;
    hmac::verify(key, jws.signed.as_bytes(), &jws.signature).map_err(|_| Refused)?;
    let header = Header::parse_of_any_type(jws.header)?;
    if header.is("alg", algorithm) { base64url::decode(jws.payload) } else { Err(Refused) }
}

/// Reads a JWS by key pairs, as [`VerificationKey::verify_jwt`] does but for its type.
fn verify(keys: &[VerificationKey], token: &str) -> Result<Vec<u8>, Refused> {
    let typed = keys.iter().find_map(|key| key.verify_jwt(token).ok());
    assert_eq!(typed, None, "no token of Wycheproof is typed");
    let jws = CompactJws::split(token)?;
    let header = Header::parse_of_any_type(jws.header)?;
    keys.iter().find_map(|key| key.verify_under(&header, &jws).ok()).ok_or(Refused)
}

/// Reads a JWK for the algorithm that it names.
fn key(jwk: &Value, algorithm: &str) -> Result<VerificationKey, KeyError> {
    let algorithm: SigningAlgorithm = algorithm.parse().map_err(|_| KeyError::Malformed)?;
    VerificationKey::from_jwk(algorithm, &jwk.to_string())
}

fn judge_signature(case: &Case<'_>) -> Verdict {
    let (jwk, token) = (&case.group["key"], case.token("jws"));
    let algorithm = jwk["alg"].as_str().unwrap_or_default();
    let accepted = match jwk["k"].as_str() {
        Some(k) => {
            let secret = base64url::decode(k).unwrap();
            let typed = MacKey::new(MacAlgorithm::Hs256, &secret).verify_jwt(&token);
            assert_eq!(typed, Err(Refused), "no token of Wycheproof is typed");
            verify_hmac(&hmac::Key::new(hmac::HMAC_SHA256, &secret), algorithm, &token).is_ok()
        }
        None => key(jwk, algorithm).is_ok_and(|key| verify(&[key], &token).is_ok()),
    };
    let id = case.test["id"].as_u64().unwrap();
    let difference = match (case.group["g"].as_str().unwrap(), algorithm) {
        ("rfc7520" | "rfc7520WithKeyOps", "ES512") => Some(Verdict::NotApplicable(NO_ES512)),
        ("rfc7520" | "rfc7520WithKeyOps", "PS256") => Some(Verdict::Stricter(OTHER_ALGORITHM)),
        ("base64", _) if [372, 373].contains(&id) => Some(Verdict::Stricter(ODD_BASE64)),
        ("base64", _) if case.test["jws"] == TEST_357 => (id != 357).then_some(Verdict::Laxer(SAME_AS_VALID)),
        ("jws_rsa_roca_key", _) => Some(Verdict::Laxer(ROCA)),
        (_, _) => None,
    };
    compare(case, accepted, difference)
}

#[test]
fn jo_30_31_signed_tokens_are_judged_as_wycheproof_judges_them() {
    let counts =
        judge("wycheproof_jws", include_str!("../../../tests/vectors/wycheproof_jws.json"), judge_signature);
    let expected = BTreeMap::from([
        (Verdict::Passed, 40),
        (Verdict::Refused, 353),
        (Verdict::NotApplicable(NO_ES512), 2),
        (Verdict::Stricter(ODD_BASE64), 2),
        (Verdict::Stricter(OTHER_ALGORITHM), 2),
        (Verdict::Laxer(SAME_AS_VALID), 2),
    ]);
    assert_eq!(counts, expected);
}

#[test]
fn jo_27_30_31_key_sets_are_judged_as_wycheproof_judges_them() {
    let file = include_str!("../../../tests/vectors/wycheproof_jwk.json");
    let counts = judge("wycheproof_jwk", file, |case| {
        let jwks = case.group["key"]["keys"].as_array().unwrap();
        let keys = jwks.iter().filter_map(|jwk| key(jwk, jwk["alg"].as_str().unwrap()).ok());
        let keys: Vec<_> = keys.collect();
        let symmetric = jwks.iter().all(|jwk| jwk["kty"] == "oct");
        assert!(!symmetric || keys.is_empty(), "no symmetric key is read from a JWK");
        let difference = match case.group["g"].as_str().unwrap() {
            "jws_rsa_roca_key" => Some(Verdict::Laxer(ROCA)),
            _ if symmetric && case.is_valid() => Some(Verdict::Stricter(NO_SYMMETRIC_JWK)),
            _ => None,
        };
        compare(case, verify(&keys, &case.token("jws")).is_ok(), difference)
    });
    let expected = BTreeMap::from([
        (Verdict::Passed, 1),
        (Verdict::Refused, 20),
        (Verdict::Stricter(NO_SYMMETRIC_JWK), 4),
        (Verdict::Laxer(ROCA), 1),
    ]);
    assert_eq!(counts, expected);
}

/// Opens an encrypted token with the key of its group, where that has the length of ours, else with any key.
fn judge_encryption(case: &Case<'_>) -> Verdict {
    let key = case.group["key"]["k"].as_str().map(|k| base64url::decode(k).unwrap());
    let key = key.and_then(|key| key.try_into().ok()).unwrap_or([1; 32]);
    let accepted = ContentKey::new(&key).unwrap().decrypt(case.token("jwe")).is_ok();
    compare(case, accepted, case.is_valid().then_some(Verdict::NotApplicable(NO_KEY_MANAGEMENT)))
}

#[test]
fn jo_21_22_30_31_no_encrypted_token_of_another_algorithm_opens() {
    let counts =
        judge("wycheproof_jwe", include_str!("../../../tests/vectors/wycheproof_jwe.json"), judge_encryption);
    let expected = BTreeMap::from([(Verdict::Refused, 74), (Verdict::NotApplicable(NO_KEY_MANAGEMENT), 65)]);
    assert_eq!(counts, expected);
}

#[test]
fn jo_30_31_the_rest_of_wycheproofs_tokens_is_judged_alike() {
    let file = include_str!("../../../tests/vectors/wycheproof_jwcrypto_extra.json");
    let counts = judge("wycheproof_jwcrypto_extra", file, |case| {
        if case.test["jwe"].is_null() { judge_signature(case) } else { judge_encryption(case) }
    });
    assert_eq!(counts, BTreeMap::from([(Verdict::Refused, 5), (Verdict::Laxer(ROCA), 1)]));
}
