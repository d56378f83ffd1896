//! Tests of key pairs in the environment, with the recorded ones.

use super::*;
use serde_json::Value;

/// A pair of the recorded data: its public half and its private one.
fn pem(id: &str) -> [String; 2] {
    let golden: Value = serde_json::from_str(include_str!("../../../../tests/golden/jose.json")).unwrap();
    let cases = golden["asymmetric"].as_array().unwrap();
    let case = cases.iter().find(|case| case["id"] == id).unwrap();
    ["publicKey", "privateKey"].map(|half| case["keys_pem"][half].as_str().unwrap().to_owned())
}

fn read(variables: &[(&str, &str)]) -> Result<Option<Signature>, EnvError> {
    let lookup =
        |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
    signature(&lookup, &read_key)
}

/// The algorithm that the environment asks for; `None` where it leaves that to the configuration.
fn algorithm(variables: &[(&str, &str)]) -> Option<&'static str> {
    Some(match read(variables).unwrap()? {
        Signature::Key(key) => key.verification_key().algorithm().name(),
        Signature::Hash(algorithm) => algorithm.name(),
    })
}

fn pair<'a>(public: &'a str, private: &'a str, algorithm: &'a str) -> [(&'a str, &'a str); 3] {
    [("SIGNING_PUBLIC_KEY", public), ("AUTH_SIGNING_PRIVATE_KEY", private), ("SIGNING_ALG", algorithm)]
}

fn name(name: &str) -> String {
    name.to_owned()
}

#[test]
fn a_key_pair_beside_a_secret_signs_sessions() {
    let [public, private] = pem("signed EdDSA");
    let on_one_line = private.replace('\n', "\\n");
    for private in [&private, &on_one_line] {
        for prefix in PREFIXES {
            let names = ["SIGNING_PUBLIC_KEY", "SIGNING_PRIVATE_KEY", "SIGNING_ALG"];
            let [of_public, of_private, of_algorithm] = names.map(|name| format!("{prefix}{name}"));
            let variables =
                [(&*of_public, &*public), (&*of_private, &**private), (&*of_algorithm, " EdDSA ")];
            assert_eq!(algorithm(&variables), Some("EdDSA"));
        }
        let one = [("AURA_PUBLIC_KEY", &*public), ("AURA_PRIVATE_KEY", &**private), ("AUTH_ALG", "EdDSA")];
        assert_eq!(algorithm(&one), Some("EdDSA"));
    }
}

#[test]
fn without_a_pair_the_algorithm_is_the_hash_of_the_secrets_key() {
    assert_eq!(algorithm(&[]), None);
    for hash in ["HS256", "HS384", "HS512"] {
        for key in ["SIGNING_ALG", "SIGNING_ALGORITHM", "AURA_AUTH_ALGORITHM", "AURA_ALG"] {
            assert_eq!(algorithm(&[(key, hash)]), Some(hash), "{key}");
        }
    }
    let [all, one] = ["HS384", "HS512"];
    assert_eq!(algorithm(&[("SIGNING_ALG", all), ("SIGNING_ALGORITHM", one)]), Some(all));
    assert_eq!(algorithm(&[("SIGNING_ALGORITHM", all), ("AURA_ALGORITHM", one)]), Some(all));
    assert_eq!(algorithm(&[("AURA_ALGORITHM", all), ("AURA_ALG", one)]), Some(all));
    assert_eq!(algorithm(&[("AURA_SIGNING_ALG", ""), ("SIGNING_ALG", one)]), None, "defined, and empty");
    assert_eq!(algorithm(&[("ENCRYPTION_ALG", "dir")]), None);
}

#[test]
fn bare_names_that_are_anybodys_are_not_looked_at() {
    let bare =
        [("PRIVATE_KEY", "of something else"), ("PUBLIC_KEY", "-"), ("ALG", "lzma"), ("ALGORITHM", "x")];
    assert_eq!(algorithm(&bare), None);
}

#[test]
fn ck_17_each_mistake_names_its_variable_and_the_remedy_and_quotes_no_key() {
    let [public, private] = pem("signed EdDSA");
    let [rsa_public, rsa_private] = pem("signed RS256");
    let refused = |error| EnvError::Key { variable: name("AUTH_SIGNING_PRIVATE_KEY"), error };
    let algorithm = |key: &str, value: &str| EnvError::Algorithm { variable: name(key), value: name(value) };
    let half = |variable: &str, present: &str| EnvError::HalfKeyPair {
        variable: name(variable),
        present: name(present),
    };
    let (rs256, eddsa) = (SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa);
    for (variables, expected) in [
        (&pair(&rsa_public, &rsa_private, "")[..], refused(KeyError::CannotSign { algorithm: rs256 })),
        (&pair(&rsa_public, &private, "EdDSA"), refused(KeyError::Unsuitable { algorithm: eddsa })),
        (&pair(&public, "-----BEGIN", "EdDSA"), refused(KeyError::Malformed)),
        (
            &pair(&public, &private, "HS256"),
            refused(KeyError::Unsupported { algorithm: SigningAlgorithm::Hs256 }),
        ),
        (&pair(&public, &private, "none"), algorithm("SIGNING_ALG", "none")),
        (
            &[("AUTH_SIGNING_PRIVATE_KEY", &*private)],
            half("AURA_AUTH_SIGNING_PUBLIC_KEY", "AUTH_SIGNING_PRIVATE_KEY"),
        ),
        (&[("SIGNING_PUBLIC_KEY", &*public)], half("AURA_AUTH_SIGNING_PRIVATE_KEY", "SIGNING_PUBLIC_KEY")),
        (&[("AURA_PRIVATE_KEY", &*private)], half("AURA_AUTH_PUBLIC_KEY", "AURA_PRIVATE_KEY")),
        (&[("SIGNING_ALG", "EdDSA")], half("AURA_AUTH_SIGNING_PRIVATE_KEY", "SIGNING_ALG")),
        (&[("AURA_ALG", "hs256")], algorithm("AURA_ALG", "hs256")),
        (&[("ENCRYPTION_ALGORITHM", "RSA-OAEP-256")], algorithm("ENCRYPTION_ALGORITHM", "RSA-OAEP-256")),
        (
            &[("AURA_ENCRYPTION_PUBLIC_KEY", &*rsa_public)],
            EnvError::EncryptionKey { variable: name("AURA_ENCRYPTION_PUBLIC_KEY") },
        ),
        (
            &[("ENCRYPTION_PRIVATE_KEY", &*rsa_private), ("ENCRYPTION_PUBLIC_KEY", &*rsa_public)],
            EnvError::EncryptionKey { variable: name("ENCRYPTION_PRIVATE_KEY") },
        ),
    ] {
        let error = read(variables).unwrap_err();
        assert_eq!(error, expected);
        let sentence = error.to_string();
        assert!(sentence.starts_with(error.variable()) && sentence.contains("; "), "{sentence}");
        assert!(!sentence.contains("BEGIN"), "{sentence}");
    }
}

#[test]
fn the_reader_that_a_host_gives_is_asked_and_nobody_else() {
    let lookup = |name: &str| match name {
        "SIGNING_PUBLIC_KEY" => Some("public".to_owned()),
        "SIGNING_PRIVATE_KEY" => Some("private".to_owned()),
        _ => None,
    };
    let reader = |algorithm, public: &str, private: &str| {
        assert_eq!((algorithm, public, private), (SigningAlgorithm::Rs256, "public", "private"));
        Err(KeyError::Weak { algorithm })
    };
    let asked = signature(&lookup, &reader).unwrap_err();
    let error = KeyError::Weak { algorithm: SigningAlgorithm::Rs256 };
    assert_eq!(asked, EnvError::Key { variable: name("SIGNING_PRIVATE_KEY"), error });
}
